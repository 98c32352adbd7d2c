"""The forms that ask who a person is. What they give is identity, never an answer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from wtforms import Field, ValidationError

from screening.forms.fields import Problem
from screening.identity import age_on
from screening.text import clean_line, read_number

DATE_PARTS = ("month", "day", "year")
PAPER_AGE_MAX = timedelta(days=366)
"""How long ago a paper form may have been filled in."""
_PHONE = re.compile(r"(\+?[\d\s().\-/]+)((?:x|ext\.?)\s*\d{1,6})?", re.IGNORECASE)
_PHONE_DIGITS = range(7, 16)


class IdentityField(Field):  # type: ignore[misc]
    """A field about the person. `control` names the macro in components/question.html that draws it."""

    control = ""

    def __init__(self, label: str, hint: str | None = None, **kwargs: Any) -> None:
        super().__init__(label=label, **kwargs)
        self.hint = hint

    def problems(self) -> list[Problem]:
        return [{"text": str(error), "href": f"#{self.id}"} for error in self.errors]


class LineField(IdentityField):
    """A line of text. `missing` is the message if it may not be blank."""

    control = "line"

    def __init__(
        self,
        label: str,
        hint: str | None = None,
        *,
        longest: int,
        missing: str | None = None,
        inputtype: str = "text",
        autocomplete: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, hint, default="", **kwargs)
        self.longest = longest
        self.missing = missing
        self.inputtype = inputtype
        self.autocomplete = autocomplete

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = clean_line(" ".join(valuelist))

    def pre_validate(self, form: Any) -> None:
        if self.missing and not self.data:
            raise ValidationError(self.missing)
        if len(self.data) > self.longest:
            raise ValidationError(_("Use %(limit)s characters or fewer", limit=self.longest))


class PhoneField(LineField):
    """A telephone number as people write them."""

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if self.data and not _is_phone(self.data):
            raise ValidationError(_("Enter a phone number, such as 555-010-0123"))


class EmailField(LineField):
    """An e-mail address, or nothing."""

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if not self.data:
            return
        try:
            self.data = validate_email(self.data, check_deliverability=False).normalized
        except EmailNotValidError as error:
            raise ValidationError(_("Enter an email address, such as name@example.com, or leave it blank")) from error


class TickField(IdentityField):
    """One box. `missing` is the message if it must be ticked."""

    control = "tick"

    def __init__(self, label: str, hint: str | None = None, *, missing: str | None = None, **kwargs: Any) -> None:
        super().__init__(label, hint, default=False, **kwargs)
        self.missing = missing

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = "yes" in valuelist

    def pre_validate(self, form: Any) -> None:
        if self.missing and not self.data:
            raise ValidationError(self.missing)


class PickField(IdentityField):
    """One of a few (code, words); the first one if nothing was chosen yet."""

    control = "pick"

    def __init__(self, label: str, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(label, default=choices[0][0], **kwargs)
        self.choices = choices

    def items(self) -> list[dict[str, Any]]:
        return [{"value": code, "text": words, "checked": code == self.data} for code, words in self.choices]

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = valuelist[0] if valuelist else None

    def pre_validate(self, form: Any) -> None:
        if self.data not in dict(self.choices):
            raise ValidationError(f"Choose one answer to “{self.label.text}”")


class DayField(IdentityField):
    """A day of the last 12 months, in three parts. `data` is an ISO date; None where it may be blank, and is."""

    control = "date"

    def __init__(
        self, label: str, hint: str | None = None, *, today: date, allow_blank: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(label, hint, **kwargs)
        self.today = today
        self.allow_blank = allow_blank
        self.typed = dict.fromkeys(DATE_PARTS, "")

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.process_errors: list[str] = []
        self.data = data if isinstance(data, str) else None
        if self.data:
            day = date.fromisoformat(self.data)
            self.typed = {"month": str(day.month), "day": str(day.day), "year": str(day.year)}
        if formdata is not None:
            self.typed = {part: clean_line(" ".join(formdata.getlist(self.name_of(part)))) for part in DATE_PARTS}

    def name_of(self, part: str) -> str:
        return f"{self.name}-{part}"

    def part_autocomplete(self, part: str) -> str:
        return "off"

    def pre_validate(self, form: Any) -> None:
        self.data = None
        if not any(self.typed.values()):
            if self.allow_blank:
                return
            raise ValidationError(self.missing())
        day = self._typed_date()
        if day is None:
            raise ValidationError(_("Enter a real date: a month, a day and a year of 4 digits, such as 3 27 1975"))
        self.check(day)
        self.data = day.isoformat()

    def missing(self) -> str:
        return "Enter the date"

    def check(self, day: date) -> None:
        """Raises ValidationError with what is wrong with a date that is real."""
        if not self.today - PAPER_AGE_MAX <= day <= self.today:
            raise ValidationError("Check the date: it must be a day of the last 12 months")

    def problems(self) -> list[Problem]:
        return [{"text": str(error), "href": f"#{self.name_of(DATE_PARTS[0])}"} for error in self.errors]

    def _typed_date(self) -> date | None:
        numbers = {part: read_number(text) for part, text in self.typed.items()}
        month, day, year = (number if isinstance(number, int) else 0 for number in numbers.values())
        try:
            return date(year, month, day) if year >= 1000 else None
        except ValueError:
            return None


class BirthDateField(DayField):
    """A date of birth: the day gives an age."""

    def part_autocomplete(self, part: str) -> str:
        return f"bday-{part}"

    def missing(self) -> str:
        return str(_("Enter your date of birth"))

    def check(self, day: date) -> None:
        if day > self.today:
            raise ValidationError(_("The date of birth must be in the past"))
        if age_on(day.isoformat(), self.today) is None:
            raise ValidationError(_("Check the year of birth"))


def _is_phone(text: str) -> bool:
    found = _PHONE.fullmatch(unicodedata.normalize("NFKC", text))
    return found is not None and sum(sign.isdecimal() for sign in found[1]) in _PHONE_DIGITS
