"""What runs the application elsewhere: the files, commands and settings that it names are there."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
from itertools import chain
from pathlib import Path
from typing import Any

import click
import pytest
from compose_spec import PyOptions

from screening import MAX_POST_BYTES
from screening.cli import COMMANDS
from screening.config import IN_FILES, REQUIRED, ROOT

BIN = Path(sys.executable).parent
OPERATIONS = ROOT / "docs" / "operations"
INSTALLED = "/opt/screening/"
"""Where the image and the units have the application."""
MADE_IN_IMAGE = ("/opt/screening/", "/build/")
SETTING = re.compile(r'environ(?:\.get\(|\[)"([A-Z_]+)"|_path\(environ, "([A-Z_]+)"')
COMMAND = re.compile(r"flask --app wsgi ((?:[a-z][a-z-]+)(?: [a-z-]+)?)")
SPOKEN = re.compile(r"`flask ((?:[a-z][a-z-]+)(?: [a-z-]+)?)")


def dockerfile() -> list[list[str]]:
    """The instructions as words, each on one line."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return [line.split() for line in text.splitlines() if line and not line.startswith("#")]


def services() -> dict[str, Any]:
    options = PyOptions()
    options.apply_merge = True
    composed = options.from_yaml((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    composed.validate()
    found: dict[str, Any] = composed.to_dict()["services"]
    return found


def is_command(words: list[str]) -> bool:
    """Whether a program is there, and a command of ours behind it."""
    if words[0] != "flask":
        return words[0] == "python" or (BIN / words[0]).exists()
    return words[1:3] == ["--app", "wsgi"] and words[3] in {command.name for command in COMMANDS}


def test_the_image_is_made_of_what_is_there() -> None:
    linted = subprocess.run([BIN / "hadolint", ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert linted.returncode == 0, linted.stdout
    copied = [words[1:-1] for words in dockerfile() if words[0] == "COPY"]
    sources = [source for words in copied for source in words if not source.startswith("--")]
    ours = [source for source in sources if not source.startswith(MADE_IN_IMAGE)]
    assert "screening" in ours
    assert [source for source in ours if not (ROOT / source).exists()] == []
    let_in = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert [source for source in ours if not any(f"!{top}" in let_in for top in (source, source.split("/")[0]))] == []
    (started,) = [words for words in dockerfile() if words[0] == "CMD"]
    assert is_command(re.findall(r'"([^"]+)"', " ".join(started)))


def test_the_image_has_what_the_application_imports_and_no_tests() -> None:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    kept, tests = re.split(r"(?m)^# ---- Tests.*$", text)
    assert "\nweasyprint==" in kept
    assert "\npytest==" in tests
    assert "sed '/^# ---- Tests/,$d'" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_the_compose_file_is_to_its_specification_and_starts_what_there_is() -> None:
    found = services()
    assert set(found) == {"database", "migrate", "web", "worker", "proxy"}
    assert all(is_command(found[name]["command"]) for name in ("migrate", "worker"))
    for name in ("web", "worker"):
        assert found[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
        given = {setting.removesuffix("_FILE") for setting in found[name]["environment"]}
        assert given >= REQUIRED.keys()
        in_files = {setting for setting in found[name]["environment"] if setting.endswith("_FILE")}
        assert {setting.removesuffix("_FILE") for setting in in_files} == set(IN_FILES)
        # What the proxy says of the client's address is to be believed, and nobody else's word.
        assert found[name]["environment"]["TRUSTED_PROXIES"] == "1"
        assert "ports" not in found[name]
    assert "ports" not in found["database"]
    assert all(":" in service["image"] and not service["image"].endswith(":latest") for service in found.values())
    mounted = [volume.split(":")[0] for volume in found["proxy"]["volumes"]]
    assert (ROOT / mounted[0]).is_file()


@pytest.mark.parametrize("unit", sorted(OPERATIONS.glob("*.service")), ids=lambda unit: str(unit.name))
def test_a_unit_starts_what_there_is_as_nobody_of_importance(unit: Path) -> None:
    parser = configparser.RawConfigParser(strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(unit, encoding="utf-8")
    service = parser["Service"]
    assert (service["User"], service["UMask"], service["NoNewPrivileges"]) == ("screening", "0077", "yes")
    started = service["ExecStart"]
    program = re.search(rf"{INSTALLED}\.venv/bin/([\w-]+)((?: [\w:-]+)*)", started)
    assert program and is_command([program[1], *program[2].split()])


def test_the_proxy_takes_what_the_application_takes_and_keeps_it_in_memory() -> None:
    said = dict(re.findall(r"(?m)^\s*(\w+) (.+);$", (OPERATIONS / "nginx.conf.template").read_text(encoding="utf-8")))
    assert said["client_max_body_size"] == said["client_body_buffer_size"] == f"{MAX_POST_BYTES // 1024}k"
    assert said["proxy_max_temp_file_size"] == "0"
    assert said["access_log"] == "off"
    assert re.fullmatch(r'Strict-Transport-Security "max-age=31536000; includeSubDomains" always', said["add_header"])


@pytest.mark.parametrize(
    "header", ["Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cache-Control"]
)
def test_the_proxy_gives_its_own_answers_the_headers_that_the_application_gives_to_others(header: str) -> None:
    text = (OPERATIONS / "nginx.conf.template").read_text(encoding="utf-8")
    sent = f"upstream_http_{header.lower().replace('-', '_')}"
    own = re.search(rf'map \${sent} (\$\w+) {{\s+"" (.+);\s+}}', text)
    assert own, "nothing where the application said nothing"
    # A server that adds one header of its own inherits none.
    _around, plain, tls = text.split("\nserver {")
    assert "add_header" not in plain
    assert all(f"add_header {header} {own[1]} always;" in part for part in (_around, tls))
    assert 'proxy_set_header X-Forwarded-Proto "";' in tls, "what a client says of TLS counts for nothing"


def test_every_command_and_setting_that_is_written_about_is_there() -> None:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    spoken = {*COMMAND.findall(text), *SPOKEN.findall(text)}
    assert len(spoken) > 10
    assert sorted(words for words in spoken if not _is_ours(words.split())) == []
    source = (ROOT / "screening" / "config.py").read_text(encoding="utf-8")
    read = set(chain.from_iterable(SETTING.findall(source))) - {""}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "TRUSTED_PROXIES" in read
    assert sorted(name for name in (read | REQUIRED.keys()) - {"SCREENING_MODE"} if f"`{name}`" not in readme) == []


def _is_ours(words: list[str]) -> bool:
    commands: dict[str, click.Command] = {str(command.name): command for command in COMMANDS}
    command = commands.get(words[0])
    if isinstance(command, click.Group) and len(words) > 1:
        return words[1] in command.commands
    return command is not None
