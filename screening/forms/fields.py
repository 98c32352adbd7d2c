"""The fields of the question forms: one class for each kind of question.

A field keeps what was typed (`typed`, shown again whatever it was) apart from the answer that it makes (`data`, JSON).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import Field, ValidationError

import rules
from screening.bodymap import tap_map
from screening.questions.spec import Choice, Question, Words
from screening.text import clean_line, clean_text, read_number

DONT_KNOW = "dont_know"
"""What a form sends for "I don't know": never an answer itself, it becomes None."""

BLANK = ""
"""What a form sends where staff choose that a question was left blank."""

NONE = "none"
UNTOUCHED = object()
"""The question was never shown: nothing is filled in, not even "I don't know"."""

Problem = dict[str, str]
"""One line of an error summary: its text, and the address of the control."""


class AnswerField(Field):  # type: ignore[misc]
    """A question as a form field. `control` names the macro in components/question.html that draws it.

    `allow_blank` is for what staff key in: a question may have been left blank on paper whatever it is.
    """

    control = ""

    def __init__(
        self,
        question: Question,
        spec: rules.Field,
        opioids: rules.OpioidTable,
        *,
        allow_blank: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(label=str(question.text), default=UNTOUCHED, **kwargs)
        self.question = question
        self.spec = spec
        self.opioids = opioids
        self.keyed = allow_blank
        self.may_be_blank = spec.optional or allow_blank
        self.hint = text_or_none(question.hint)
        self.typed: Any = []
        self.data: Any = None

    def process_data(self, value: Any) -> None:
        """Fill in a stored answer."""
        self.data = None if value is UNTOUCHED else value
        if value is None and self.keyed:
            self.typed = [BLANK]
        elif value is None and self.question.dont_know and not self.spec.optional:
            self.typed = [DONT_KNOW]
        else:
            self.typed = [] if self.data is None else self.show(self.data)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.typed = [clean_line(value) for value in valuelist]

    def pre_validate(self, form: Any) -> None:
        self.data = self.read()

    def show(self, value: Any) -> Any:
        """What to fill in for an answer."""
        return [str(value)]

    def read(self) -> Any:
        """The answer in what was typed. Raises ValidationError with what to enter."""
        raise NotImplementedError

    def problems(self) -> list[Problem]:
        """Each error with the address of its control."""
        return [{"text": str(error), "href": f"#{self.id}"} for error in self.errors]

    def item(self, code: str | int, label: Words, hint: Words | None = None) -> dict[str, Any]:
        value = str(code)
        return {"value": value, "text": str(label), "hint": text_or_none(hint), "checked": value in self.typed}


class OneField(AnswerField):
    """One of the codes."""

    control = "radios"

    def items(self) -> list[dict[str, Any]]:
        return [*(self.item(choice.code, choice.label, choice.hint) for choice in self.question.choices), *self.blank()]

    def blank(self) -> list[dict[str, Any]]:
        """The way back from a radio that was pressed by mistake."""
        return [{"divider": "or"}, self.item(BLANK, "Not answered")] if self.keyed else []

    def read(self) -> Any:
        if self.may_be_blank and not any(self.typed):
            return None
        by_value = {str(code): code for code in self.codes()}
        if len(self.typed) == 1 and self.typed[0] in by_value:
            return by_value[self.typed[0]]
        raise ValidationError(_("Choose one answer to “%(question)s”", question=self.question.text))

    def codes(self) -> Sequence[str | int]:
        return self.spec.codes


class ScaleField(OneField):
    """A number on a scale: numbers in a row, or a list where each number has words."""

    def __init__(self, question: Question, spec: rules.Field, opioids: rules.OpioidTable, **kwargs: Any) -> None:
        super().__init__(question, spec, opioids, **kwargs)
        self.control = "radios" if question.choices else "scale"

    def items(self) -> list[dict[str, Any]]:
        choices = self.question.choices or tuple(Choice(number, str(number)) for number in self.codes())
        shown = [self.item(choice.code, choice.label, choice.hint) for choice in choices]
        return [*shown, self.item(DONT_KNOW, self.question.dont_know or ""), *self.blank()]

    def codes(self) -> Sequence[str | int]:
        return range(self.spec.min or 0, (self.spec.max or 0) + 1)

    def read(self) -> Any:
        return None if self.typed == [DONT_KNOW] else super().read()


class AnyField(AnswerField):
    """Any of the codes; "none" stands alone, "not_sure" may stand beside others. On the body map they can be tapped."""

    def __init__(self, question: Question, spec: rules.Field, opioids: rules.OpioidTable, **kwargs: Any) -> None:
        super().__init__(question, spec, opioids, **kwargs)
        self.control = "body_map" if question.body_map else "checkboxes"

    def figure(self) -> Markup:
        """The body map with what is ticked."""
        return tap_map(self.typed, id_prefix=f"{self.id}-map")

    def items(self) -> list[dict[str, Any]]:
        shown: list[dict[str, Any]] = []
        for choice in self.question.choices:
            item = self.item(choice.code, choice.label, choice.hint)
            if choice.code == NONE:
                shown.append({"divider": _("or")})
                item["behaviour"] = "exclusive"
            shown.append(item)
        return shown

    def show(self, value: Any) -> Any:
        return [str(code) for code in value]

    def read(self) -> Any:
        ticked = set(self.typed) - {""}
        known = [code for code in self.spec.codes if code in ticked]
        if len(known) < len(ticked):
            raise ValidationError(_("Choose from the list for “%(question)s”", question=self.question.text))
        none = self.question.choice(NONE)
        if none and NONE in known and len(known) > 1:
            raise ValidationError(_("Tick “%(none)s” only if you tick nothing else", none=none.label))
        if not known and not self.may_be_blank:
            raise ValidationError(_("Tick at least one box for “%(question)s”", question=self.question.text))
        return known or None


class IntegerField(AnswerField):
    """A whole number, with a box for "I don't know". Both controls have the field's name."""

    control = "number"

    @property
    def text(self) -> str:
        return next((value for value in self.typed if value != DONT_KNOW), "")

    @property
    def unit(self) -> str | None:
        return text_or_none(self.question.unit)

    @property
    def unknown(self) -> dict[str, Any]:
        return self.item(DONT_KNOW, self.question.dont_know or "")

    def read(self) -> Any:
        texts = [value for value in self.typed if value not in ("", DONT_KNOW)]
        if texts and DONT_KNOW in self.typed:
            raise ValidationError(_("Enter a number or tick the box, not both"))
        if not texts and (DONT_KNOW in self.typed or self.may_be_blank):
            return None
        number = read_number(texts[0]) if len(texts) == 1 else None
        low, high = self.spec.min or 0, self.spec.max or 0
        if not isinstance(number, int) or not low <= number <= high:
            raise ValidationError(self._what_to_enter(low, high))
        return number

    def _what_to_enter(self, low: int, high: int) -> str:
        if self.may_be_blank:
            return str(_("Enter a whole number from %(low)s to %(high)s, or leave it blank", low=low, high=high))
        return str(_("Enter a whole number from %(low)s to %(high)s, or tick the box", low=low, high=high))


class TextField(AnswerField):
    """Free text, up to a number of characters."""

    control = "text"

    @property
    def text(self) -> str:
        return str(self.typed[0]) if self.typed else ""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.typed = [clean_text("\n".join(valuelist))]

    def read(self) -> Any:
        if len(self.text) > self.spec.max_length:
            raise ValidationError(
                _(
                    "Write %(limit)s characters or fewer. You have %(count)s.",
                    limit=self.spec.max_length,
                    count=len(self.text),
                )
            )
        if not self.text and not self.may_be_blank:
            raise ValidationError(_("Write an answer to “%(question)s”", question=self.question.text))
        return self.text or None


def text_or_none(words: Words | None) -> str | None:
    """Words in the language of the moment. The design system's macros take plain strings alone."""
    return None if words is None else str(words)
