"""The patient's pages. The session holds draft_id while the form is open, receipt once it was sent, and no more."""

from __future__ import annotations

from screening.views.patient import coming_back, emergency, finish, gone, invited, languages, pages, start
from screening.views.patient.blueprint import bp

__all__ = ["bp", "coming_back", "emergency", "finish", "gone", "invited", "languages", "pages", "start"]
