"""Compiled templates are kept for the next start, and nothing but this edition's own is ever run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest
from flask import Flask
from flask.templating import Environment

from screening import compiled_templates, create_app
from screening.frontend import Pages
from tests.conftest import close
from tests.databases import migrate, settings_for

PAGE = "/"


@contextmanager
def started(folder: Path) -> Iterator[Flask]:
    """The application as a process starts it, on the database in this folder."""
    app = create_app(settings_for(f"sqlite:///{folder}/screening.sqlite3", folder))
    yield app
    with app.app_context():
        close(app)


@pytest.fixture
def served(tmp_path: Path) -> Callable[[], tuple[str, int]]:
    """Starts anew and asks for a page: what it says, and how many templates were compiled for it."""
    migrate(f"sqlite:///{tmp_path}/screening.sqlite3", tmp_path)

    def serve() -> tuple[str, int]:
        with started(tmp_path) as app, patch.object(Pages, "_compile", autospec=True) as compile_one:
            compile_one.side_effect = Environment._compile
            page = app.test_client().get(PAGE)
        assert page.status_code == 200
        return page.text.split("<main", 1)[1].split("csrf_token")[0], compile_one.call_count

    return serve


@pytest.fixture
def kept(tmp_path: Path) -> Callable[[], list[Path]]:
    return lambda: sorted(path for path in (tmp_path / compiled_templates.FOLDER).rglob("*") if path.is_file())


def test_the_next_start_compiles_nothing(served: Callable[[], tuple[str, int]], kept: Callable[[], list[Path]]) -> None:
    page, compiled = served()
    assert compiled == len(kept()) > 5
    assert served() == (page, 0)


def test_code_that_this_application_did_not_compile_for_this_template_is_not_run(
    served: Callable[[], tuple[str, int]], kept: Callable[[], list[Path]]
) -> None:
    page, compiled = served()
    first, second, *_, cut, other = kept()
    first.write_bytes(second.read_bytes())
    cut.write_bytes(cut.read_bytes()[:100])
    other.write_bytes(b"")
    assert served() == (page, 3)
    assert served() == (page, 0)
    assert len(kept()) == compiled


def test_another_edition_has_code_of_its_own(
    served: Callable[[], tuple[str, int]], kept: Callable[[], list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    page, compiled = served()
    before = kept()
    monkeypatch.setattr(compiled_templates, "EDITION", "f" * 64)
    assert served() == (page, compiled)
    assert not any(path.exists() for path in before)


def test_pages_are_served_where_nothing_can_be_kept(
    served: Callable[[], tuple[str, int]], kept: Callable[[], list[Path]], tmp_path: Path
) -> None:
    (tmp_path / compiled_templates.FOLDER).write_text("in the way")
    page, compiled = served()
    assert compiled > 5
    assert served() == (page, compiled)
