"""What an open question may turn out to be."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rules.causes import least_risky
from rules.model import AnswerValue, Field
from rules.path import NONE, NOT_SURE, UNKNOWN_CODES, FieldReader, Reading

if TYPE_CHECKING:
    from rules.engine import RuleSet

FEW = 11
"""A number with at most so many values is tried at each of them, any other at both sides of every threshold."""


@dataclass(frozen=True)
class Open:
    """One open question. `rungs` are what it may be: up in risk if it is `ordered`; of a list only the lowest and the
    highest. `now` is what it holds, `known` the items that are ticked for certain."""

    field: str
    rungs: tuple[Reading, ...]
    ordered: bool
    now: Reading
    reader: FieldReader
    known: tuple[str, ...] = ()

    @property
    def lowest(self) -> Reading:
        return self.rungs[0]

    @property
    def highest(self) -> Reading:
        return self.rungs[-1]

    @property
    def highs(self) -> tuple[Reading, ...]:
        """What may lift the tier: the riskiest, or where there is no such, everything; and what it holds now."""
        return (*(self.rungs[-1:] if self.ordered else self.rungs), self.now)

    def only(self, words: Collection[str]) -> Reading:
        """The riskiest list with no other items than these and those that are ticked for certain."""
        items = [item for item in self.highest.seen if item in words or item in self.known]
        return self.reader.answered(items or [NONE])

    def below(self, reading: Reading) -> Iterator[Reading]:
        """What is one step less risky."""
        if self.reader.field.kind != "any":
            place = self.rungs.index(reading)
            yield from self.rungs[max(place - 1, 0) : place]
            return
        for item in reading.seen:
            if item not in self.known and item != NONE:
                yield self.reader.answered([other for other in reading.seen if other != item] or [NONE])


class Opener:
    """Knows what the questions of a rule set may be."""

    def __init__(self, ruleset: RuleSet) -> None:
        self._ruleset = ruleset
        self._numbers = {
            field.id: _numbers(field, self._compared_with(field.id))
            for field in ruleset.fields.values()
            if field.min is not None
        }

    def open(self, field_id: str, now: Reading | None = None) -> Open:
        """A question that holds `now`, or that has not been asked."""
        reader = self._ruleset.walker.readers[field_id]
        field = reader.field
        now = now or reader.unanswered
        known = tuple(item for item in now.cleared if item != NONE) if field.kind == "any" else ()
        answers = self._answers(field, known, now)
        rungs = tuple(reader.answered(answer) for answer in answers) or (least_risky(reader),)
        return Open(field_id, rungs, not field.unordered and field.kind != "rows", now, reader, known)

    def _answers(self, field: Field, known: tuple[str, ...], now: Reading) -> Iterable[AnswerValue]:
        if field.kind == "one":
            return [code for code in field.codes if str(code) not in UNKNOWN_CODES | field.unknown]
        if field.kind == "any":
            items = [code for code in field.codes[1:] if code != NOT_SURE]
            between = [[item] for item in items] if field.unordered else []
            return [list(known) or [NONE], *between, items]
        if field.kind == "rows":
            return self._rows(now)
        return self._numbers.get(field.id, [])

    def _rows(self, now: Reading) -> Iterator[AnswerValue]:
        """The complete rows with one more: of a plain drug below and at each threshold, and of a special one."""
        kept = [{"drug": row.drug, "dose": row.dose, "per_day": row.per_day} for row in now.cleared]
        drugs = self._ruleset.opioids.drugs.values()
        plain = next(drug for drug in drugs if drug.factor and drug.per_day_used and not drug.special)
        least = plain.dose_min or 1
        sums = [number for number in self._ruleset.walker.constants.values() if isinstance(number, float)]
        doses = [least, *(number / (plain.factor or 1) for number in sums)]
        for dose in sorted(dose for dose in doses if least <= dose <= plain.dose_max):
            yield [*kept, {"drug": plain.id, "dose": dose, "per_day": 1}]
        for drug in drugs:
            if drug.special:
                yield [*kept, {"drug": drug.id, "dose": drug.dose_min or 1, "per_day": 1}]
                return

    def _compared_with(self, field: str) -> set[int | float]:
        """The thresholds in the conditions and facts that read a number."""
        conditions = [level.condition for rule in self._ruleset.compiled.values() for level in rule.levels]
        gates = [gate.condition for gate in self._ruleset.walker.gates.values()]
        reading = [*(c.names for c in (*conditions, *gates)), *(fact.reads for fact in self._ruleset.derived)]
        numbers: Mapping[str, Any] = self._ruleset.walker.constants
        return {numbers[name] for names in reading if field in names for name in names if name in numbers}


def _numbers(field: Field, thresholds: Iterable[int | float]) -> list[int]:
    """The numbers to try, least risky first."""
    low, high = field.min or 0, field.max or 0
    edges = {int(number) + step for number in thresholds for step in (-1, 0, 1)}
    tried = range(low, high + 1) if high - low < FEW else sorted({low, high, *edges} & set(range(low, high + 1)))
    first = field.neutral[0] if field.neutral else low
    neutral = range(first, field.neutral[1] + 1) if field.neutral else ()
    return [first, *(number for number in tried if number != first and number not in neutral)]
