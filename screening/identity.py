"""Who a person is, as far as the rules need it: an age on a day, and whether that is a minor's."""

from __future__ import annotations

from datetime import date

from rules import Answers, RuleSet

OLDEST = 120


def age_on(date_of_birth: date | str | None, today: date) -> int | None:
    """Whole years on a day, 0 to OLDEST. None if the date (or ISO text) is missing, no date, or gives no such age."""
    try:
        born = date_of_birth if isinstance(date_of_birth, date) else date.fromisoformat(date_of_birth or "")
    except ValueError:
        return None
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return years if 0 <= years <= OLDEST else None


def under_18(ruleset: RuleSet, answers: Answers) -> bool:
    """Whether the person is known to be a minor."""
    age = answers.get("age_years")
    return age is not None and age < ruleset.thresholds["adult_age"].value
