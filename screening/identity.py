"""Who a person is, as far as the rules need it: an age on a day."""

from __future__ import annotations

from datetime import date

OLDEST = 120


def age_on(date_of_birth: date | str | None, today: date) -> int | None:
    """Whole years on a day, 0 to OLDEST. None if the date (or ISO text) is missing, no date, or gives no such age."""
    try:
        born = date_of_birth if isinstance(date_of_birth, date) else date.fromisoformat(date_of_birth or "")
    except ValueError:
        return None
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return years if 0 <= years <= OLDEST else None
