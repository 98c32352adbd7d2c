"""Choices that many questions share."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from screening.questions.spec import Choice

DONT_KNOW = _l("I don’t know / rather not say")

NO = Choice("no", _l("No"))
YES = Choice("yes", _l("Yes"))
NOT_SURE = Choice("not_sure", _l("I’m not sure"))
PREFER_NOT = Choice("prefer_not", _l("I’d rather not say"))
NONE = Choice("none", _l("None of these"))

NO_YES = (NO, YES, NOT_SURE)

HOW_OFTEN = (
    Choice(0, _l("Never")),
    Choice(1, _l("On some days")),
    Choice(2, _l("On more than half of the days")),
    Choice(3, _l("Nearly every day")),
)
"""How often within the past two weeks."""

UNITS = {"mg": _l("mg"), "microgram/hour": _l("mcg/h")}
"""The words for the units of the opioid table."""
