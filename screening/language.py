"""Which language a request speaks. English today; a second one is a translation, not a change of code."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import Babel, get_locale

LANGUAGES = ("en",)


def init_language(app: Flask) -> None:
    Babel(app, default_locale="en", locale_selector=lambda: "en")

    @app.context_processor
    def page_language() -> dict[str, Any]:
        locale = get_locale()
        return {"page_language": str(locale), "page_direction": locale.text_direction if locale else "ltr"}
