"""Answers to the path: which fields were asked, what became of each, and what the rules see of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from rules.conditions import UNANSWERED, Condition
from rules.facts import Fact, OpioidRow
from rules.model import Answers, Field, OpioidTable, State

NOT_SURE = "not_sure"
UNKNOWN_CODES = frozenset({NOT_SURE, "prefer_not", "declined"})
NONE = "none"


class Reading(NamedTuple):
    """One field of one person. `seen` is what conditions and facts see of it, `cleared` the same with all that is
    unknown at its least risky value; `notable` says whether it was asked and is not the least risky value."""

    state: State
    seen: Any
    cleared: Any
    cleared_state: State
    notable: bool


class FieldReader:
    """Reads the answers to one field. The readings for not asked and for unanswered are made once."""

    def __init__(self, field: Field, opioids: OpioidTable) -> None:
        self.field = field
        self._opioids = opioids
        self.least = _least(field)
        self.not_asked = Reading(State.NOT_ASKED, self.least, self.least, State.NOT_ASKED, False)
        self.unanswered = self._unanswered()
        kinds: dict[str, Callable[[Any], Reading]] = {
            "one": lru_cache(maxsize=512)(self._one),
            "any": self._any,
            "rows": self._rows,
            "text": self._text,
        }
        self.answered: Callable[[Any], Reading] = kinds.get(field.kind, lru_cache(maxsize=512)(self._number))
        self._any_remembered = lru_cache(maxsize=512)(self._any_of)

    def _unanswered(self) -> Reading:
        blanks = {"one": UNANSWERED, "any": (), "rows": (), "text": None}
        seen: Any = blanks.get(self.field.kind, self.least if self._blank_is_least() else self.field.max)
        stays = self.field.unordered and self.field.kind != "integer"
        cleared, state = (seen, State.UNANSWERED) if stays else (self._cleared_blank(), State.ANSWERED)
        return Reading(State.UNANSWERED, seen, cleared, state, not self.field.unanswered_lowest)

    def _blank_is_least(self) -> bool:
        return self.field.unanswered_lowest or self.field.unordered

    def _cleared_blank(self) -> Any:
        return () if self.field.kind == "rows" else self.least

    def _one(self, value: str | int) -> Reading:
        seen = str(value)
        unknown = seen in UNKNOWN_CODES or seen in self.field.unknown
        cleared = self.least if unknown and not self.field.unordered else seen
        state = State.UNKNOWN if unknown else State.ANSWERED
        cleared_state = state if self.field.unordered else State.ANSWERED
        return Reading(state, seen, cleared, cleared_state, seen != self.least)

    def _any(self, value: list[str]) -> Reading:
        return self._any_remembered(tuple(value))

    def _any_of(self, ticked: tuple[str, ...]) -> Reading:
        # Always in the order of the codes, each once: what was ticked counts, not how it was sent.
        seen = tuple(str(code) for code in self.field.codes if code in ticked)
        sure = tuple(code for code in seen if code != NOT_SURE)
        state = State.ANSWERED if sure == seen else State.UNKNOWN
        return Reading(state, seen, sure or (NONE,), State.ANSWERED, seen != self.least)

    def _number(self, value: int) -> Reading:
        low, high = self.field.neutral or (self.least, self.least)
        return Reading(State.ANSWERED, value, value, State.ANSWERED, not low <= value <= high)

    def _rows(self, value: list[dict[str, Any]]) -> Reading:
        rows = tuple(self._row(row) for row in value)
        complete = tuple(row for row in rows if row.complete)
        state = State.ANSWERED if complete == rows else State.UNKNOWN
        return Reading(state, rows, complete, State.ANSWERED, True)

    def _row(self, row: Mapping[str, Any]) -> OpioidRow:
        drug, dose, per_day = row.get("drug"), row.get("dose"), row.get("per_day")
        needs_times = drug is None or self._opioids.drugs[drug].per_day_used
        complete = drug is not None and dose is not None and (per_day is not None or not needs_times)
        return OpioidRow(drug, dose, per_day, complete)

    def _text(self, value: str) -> Reading:
        return Reading(State.ANSWERED, None, None, State.ANSWERED, True)


def _least(field: Field) -> Any:
    """What conditions see where the field was not asked: its least risky value."""
    if field.kind == "one":
        return str(field.codes[0])
    fixed: dict[str, Any] = {"any": (NONE,), "rows": (), "text": None}
    return fixed.get(field.kind, field.neutral[0] if field.neutral else field.min)


@dataclass(frozen=True)
class Gate:
    """When a field is asked: its condition, and the facts that the condition needs, in order."""

    condition: Condition
    facts: tuple[Fact, ...]

    def opens(self, view: dict[str, Any]) -> bool:
        """Whether the field is asked, by what is seen of the fields before it. Adds the facts it needs to the view."""
        for fact in self.facts:
            view[fact.id] = fact.compute(view)
        return self.condition.holds(view)


class Walk(NamedTuple):
    """One person's way through the questionnaire: a reading for every field, in order."""

    readings: Mapping[str, Reading]
    view: dict[str, Any]
    """What conditions see of the fields as answered; the facts are not in it yet."""
    unsure: tuple[str, ...]
    """The asked fields without an answer that is known."""


class Path:
    """Which fields are asked of whom. `constants` are the thresholds that the gates compare with."""

    def __init__(
        self,
        readers: Mapping[str, FieldReader],
        gates: Mapping[str, Gate],
        constants: Mapping[str, int | float],
        switched_off: frozenset[str],
    ) -> None:
        self._stops = [
            (field, f"{field}_state", reader, reader.answered, gates.get(field), reader.field.part in switched_off)
            for field, reader in readers.items()
        ]
        self.readers = readers
        self.gates = gates
        self.constants = constants

    def walk(self, answers: Answers, reached: Collection[str] | None = None) -> Walk:
        """Follow the path. Fields outside `reached`, if it is given, count as not asked."""
        view: dict[str, Any] = dict(self.constants)
        readings: dict[str, Reading] = {}
        unsure: list[str] = []
        for field, state_name, reader, answered, gate, off in self._stops:
            if off or (reached is not None and field not in reached) or (gate and not gate.opens(view)):
                reading = reader.not_asked
            else:
                value = answers.get(field)
                reading = reader.unanswered if value is None or value == [] else answered(value)
                if reading.state is not State.ANSWERED:
                    unsure.append(field)
            readings[field] = reading
            view[field] = reading.seen
            view[state_name] = reading.state
        return Walk(readings, view, tuple(unsure))
