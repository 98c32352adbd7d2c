"""Mail goes to a server that shows who it is, or it stays and is tried again."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from screening.mail import connected


@pytest.fixture
def anybodys_certificate(tmp_path: Path) -> Path:
    """For "localhost", signed by itself: such as anyone on the way can make."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(1)
    )
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    path = tmp_path / "server.pem"
    pem = serialization.Encoding.PEM
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(key.private_bytes(pem, *plain) + certificate.public_bytes(pem))
    return path


def test_a_mail_server_with_anybodys_certificate_gets_nothing(anybodys_certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(anybodys_certificate)
    with closing(socket.create_server(("localhost", 0))) as listening:

        def answer() -> None:
            taken, _address = listening.accept()
            with suppress(OSError), context.wrap_socket(taken, server_side=True) as served:
                served.sendall(b"220 here\r\n")
                while served.recv(1000):
                    served.sendall(b"250 yes\r\n")

        server = threading.Thread(target=answer)
        server.start()
        try:
            port = listening.getsockname()[1]
            with pytest.raises(ssl.SSLCertVerificationError), connected(f"smtps://robin:secret@localhost:{port}"):
                pass
        finally:
            server.join(30)
