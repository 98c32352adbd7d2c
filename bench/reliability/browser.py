"""A browser as small as can be: cookies, forms and redirects over real connections, for tests.walk.HttpWalker."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

PATIENCE_SECONDS = 60.0


class Refused(Exception):
    """The answer was an error page. `status` is its number."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


UNREACHED = (OSError, http.client.HTTPException)
"""What a request raises when no whole answer came."""


@dataclass(frozen=True)
class Address:
    path: str
    full_path: str


@dataclass(frozen=True)
class Reply:
    status_code: int
    headers: Mapping[str, str]
    content: bytes
    request: Address

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    @property
    def status(self) -> str:
        return str(self.status_code)

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")


class Browser:
    """One person's browser. A request that gets no answer raises one of UNREACHED."""

    def __init__(self, port: int, patience: float = PATIENCE_SECONDS) -> None:
        self.port = port
        self.patience = patience
        self.cookies: dict[str, str] = {}

    def get(self, address: str, *, follow_redirects: bool = False, **_named: Any) -> Reply:
        reply = self.ask("GET", address)
        while follow_redirects and reply.status_code in (301, 302, 303) and reply.location:
            reply = self.ask("GET", reply.location)
        if follow_redirects and reply.status_code >= 500:
            raise Refused(reply.status_code)
        return reply

    def post(self, address: str, data: Mapping[str, Any]) -> Reply:
        return self.ask("POST", address, urlencode(data, doseq=True).encode())

    def ask(self, method: str, address: str, body: bytes | None = None, **headers: str) -> Reply:
        parts = urlsplit(address)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.patience)
        try:
            connection.request(method, target, body, {**sent, **headers})
            answer = connection.getresponse()
            content = answer.read()
            for cookie in answer.headers.get_all("Set-Cookie") or ():
                name, _, value = cookie.split(";")[0].partition("=")
                self.cookies[name] = value
            return Reply(answer.status, answer.headers, content, Address(parts.path, target))
        finally:
            connection.close()
