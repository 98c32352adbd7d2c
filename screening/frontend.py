"""How pages are put together: where templates come from, and addresses of the built style sheet, scripts and mark."""

from __future__ import annotations

import hashlib
import re
from collections.abc import MutableMapping
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request, url_for
from flask.templating import Environment
from jinja2 import ChainableUndefined, ChoiceLoader, FileSystemLoader, PackageLoader

from rules.model import Tier
from screening.compiled_templates import FOLDER, CompiledTemplates
from screening.config import ROOT, Settings
from screening.sessions import on_tablet

BUILD = ROOT / "screening" / "static" / "build"
"""Made by `npm run build`. The style sheet's pictures lie beside it, so its addresses need no /assets folder."""

ONE_YEAR = 365 * 24 * 3600

NAMED_BY_VERSION = re.compile(r"-\d+\.\d+\.\d+\.")
"""A file of a library, which a script of ours asks for by its name."""


class Pages(Environment):
    """Templates that share one dictionary of globals. The library gives each template a chain of two, and compares
    chains whenever a macro imports another: a fifth of the time that a page of many small macros takes."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


def init_frontend(app: Flask, settings: Settings) -> None:
    """Sets the template loader, the static folder and the template globals."""
    app.static_folder = str(BUILD)
    app.jinja_loader = ChoiceLoader([FileSystemLoader(ROOT / "templates"), PackageLoader("nhsuk_frontend_jinja")])
    compiled = CompiledTemplates(settings.instance / FOLDER, settings.secret_key)
    compiled.forget_other_editions()
    app.jinja_env.bytecode_cache = compiled
    # Flask escapes by the name of a template: the design system's end in .jinja, and show what people typed.
    app.jinja_env.autoescape = True
    app.jinja_env.undefined = ChainableUndefined
    app.jinja_env.globals.update(asset=asset, autofill=autofill, on_tablet=on_tablet, Tier=Tier)
    app.add_template_filter(tel)
    # The design system indents each part of a part again, which takes as long as another fifth of the page.
    app.add_template_filter(as_it_is, "indent")
    app.after_request(_keep_versioned_assets)


def asset(name: str) -> str:
    """The address of a built file, with a mark of its content, so that browsers may keep it for a year."""
    return url_for("static", filename=name, v=_content_mark(BUILD / name))


def autofill(token: str | None) -> str | None:
    """What a browser may fill in by itself: nothing where many people's details go through one browser."""
    return "off" if on_tablet() or request.path.startswith("/staff") else token


def tel(number: str) -> str:
    """The address that calls a telephone number, however it is written."""
    return "tel:" + "".join(mark for mark in number if mark.isdigit() or mark in "+*#")


def as_it_is(markup: str, *_width: object) -> str:
    return markup


@cache
def _content_mark(path: Path) -> str:
    if not path.is_file():
        raise FileNotFoundError(f"{path.name} is not built. Run `make run`, or `npm ci` and `npm run build`.")
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _keep_versioned_assets(response: Response) -> Response:
    marked = "v" in request.args or NAMED_BY_VERSION.search(request.path)
    if request.endpoint == "static" and marked and response.status_code in (200, 304):
        response.cache_control.no_cache = None
        response.cache_control.public = True
        response.cache_control.max_age = ONE_YEAR
        response.cache_control.immutable = True
    return response
