"""The forms that ask who a person is. What they give is identity, never an answer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from wtforms import Field, ValidationError

from screening.forms.fields import Problem
from screening.identity import age_on
from screening.text import clean_line, read_number

DATE_PARTS = ("month", "day", "year")
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


class BirthDateField(IdentityField):
    """A date of birth in three parts. `data` is an ISO date; `today` bounds the age."""

    control = "date"

    def __init__(self, label: str, hint: str | None = None, *, today: date, **kwargs: Any) -> None:
        super().__init__(label, hint, **kwargs)
        self.today = today
        self.typed = dict.fromkeys(DATE_PARTS, "")

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.process_errors: list[str] = []
        self.data = data if isinstance(data, str) else None
        if self.data:
            born = date.fromisoformat(self.data)
            self.typed = {"month": str(born.month), "day": str(born.day), "year": str(born.year)}
        if formdata is not None:
            self.typed = {part: clean_line(" ".join(formdata.getlist(self.name_of(part)))) for part in DATE_PARTS}

    def name_of(self, part: str) -> str:
        return f"{self.name}-{part}"

    def pre_validate(self, form: Any) -> None:
        self.data = None
        if not any(self.typed.values()):
            raise ValidationError(_("Enter your date of birth"))
        born = self._typed_date()
        if born is None:
            raise ValidationError(_("Enter a real date: a month, a day and a year of 4 digits, such as 3 27 1975"))
        if born > self.today:
            raise ValidationError(_("The date of birth must be in the past"))
        if age_on(born.isoformat(), self.today) is None:
            raise ValidationError(_("Check the year of birth"))
        self.data = born.isoformat()

    def problems(self) -> list[Problem]:
        return [{"text": str(error), "href": f"#{self.name_of(DATE_PARTS[0])}"} for error in self.errors]

    def _typed_date(self) -> date | None:
        numbers = {part: read_number(text) for part, text in self.typed.items()}
        month, day, year = (number if isinstance(number, int) else 0 for number in numbers.values())
        try:
            return date(year, month, day) if year >= 1000 else None
        except ValueError:
            return None


def _is_phone(text: str) -> bool:
    found = _PHONE.fullmatch(unicodedata.normalize("NFKC", text))
    return found is not None and sum(sign.isdecimal() for sign in found[1]) in _PHONE_DIGITS
