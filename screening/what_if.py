"""What a candidate rule set would change in past cases: both sets assess every case, on all cores, in flat memory."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from typing import NamedTuple

from rules import Tier
from screening.crypto import FieldCipher, json_of
from screening.past_cases import Outcome, asks, outcome_on, same_way, way_of
from screening.rule_files import load_content

BATCHES_AHEAD = 3
"""So many batches wait for each process: enough that none is idle, few enough that memory stays flat."""

Files = tuple[tuple[str, str], ...]
"""A rule set's files, by name: Content as a value that can be compared."""


@dataclass(frozen=True)
class Pair:
    """The two sets as their files have them, and what it takes to read cases in a process without the application."""

    in_force: Files
    candidate: Files
    switched_off: frozenset[str]
    questionnaire_sha256: str
    field_keys: tuple[str, ...] = field(repr=False)


class PastCase(NamedTuple):
    """One case as stored. `answers` are encrypted."""

    reference: str
    answers: bytes
    questionnaire_sha256: str


class Listed(NamedTuple):
    """A case to name: its tier changes, or it was asked differently."""

    reference: str
    before: Tier
    after: Tier
    rules: tuple[str, ...]
    """Those that cause the change: that give the new tier where it rises, that gave the old one where it falls."""
    asked_differently: bool


@dataclass
class Report:
    """Counts alone; the cases are handed on one by one as they come."""

    cases: int = 0
    tiers: Counter[tuple[Tier, Tier]] = field(default_factory=Counter)
    """How many cases go from one tier to another, those that stay included."""
    rules: Counter[str] = field(default_factory=Counter)
    """How many changes each rule causes."""
    asked_differently: int = 0

    def add(self, other: Report) -> None:
        self.cases += other.cases
        self.tiers.update(other.tiers)
        self.rules.update(other.rules)
        self.asked_differently += other.asked_differently

    @property
    def rise(self) -> int:
        return sum(count for (before, after), count in self.tiers.items() if after > before)

    @property
    def fall(self) -> int:
        return sum(count for (before, after), count in self.tiers.items() if after < before)

    def causes(self) -> list[tuple[str, int]]:
        """Rules with the changes that they cause, most first."""
        return sorted(self.rules.items(), key=lambda item: (-item[1], item[0]))

    def before(self, tier: Tier) -> int:
        return sum(count for (before, _after), count in self.tiers.items() if before == tier)

    def after(self, tier: Tier) -> int:
        return sum(count for (_before, after), count in self.tiers.items() if after == tier)


Part = tuple[Report, list[Listed]]


def compare(
    pair: Pair,
    batches: Iterable[list[PastCase]],
    *,
    processes: int,
    listed: Callable[[Listed], None],
    progress: Callable[[int], None] = lambda cases: None,
) -> Report:
    """Assess all cases with both sets. `listed` gets each case to name, in order; `progress` how many more are done."""
    report = Report()
    for part, cases in _parts(pair, batches, processes):
        report.add(part)
        for case in cases:
            listed(case)
        progress(part.cases)
    return report


def _parts(pair: Pair, batches: Iterable[list[PastCase]], processes: int) -> Iterator[Part]:
    if processes < 2:
        yield from (compare_batch(pair, batch) for batch in batches)
        return
    # Started afresh rather than forked: a worker with threads and open connections cannot be copied safely.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        waiting: deque[Future[Part]] = deque()
        for batch in batches:
            waiting.append(pool.submit(compare_batch, pair, batch))
            if len(waiting) > processes * BATCHES_AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def compare_batch(pair: Pair, batch: list[PastCase]) -> Part:
    """Some cases, assessed in this process."""
    comparer = _comparer(pair)
    report, listed = Report(), []
    for case in batch:
        found, changed = comparer.compare(case)
        report.cases += 1
        report.tiers[found.before, found.after] += 1
        report.rules.update(found.rules)
        report.asked_differently += found.asked_differently
        if changed or found.asked_differently:
            listed.append(found)
    return report, listed


@cache
def _comparer(pair: Pair) -> _Comparer:
    return _Comparer(pair)


class _Comparer:
    def __init__(self, pair: Pair) -> None:
        self._in_force = load_content(dict(pair.in_force), pair.switched_off)
        self._candidate = load_content(dict(pair.candidate), pair.switched_off)
        self._cipher = FieldCipher(pair.field_keys, "")
        self._questionnaire = pair.questionnaire_sha256
        self._same_fields = asks(self._in_force) == asks(self._candidate)
        self._same_way = same_way(self._in_force, self._candidate)

    def compare(self, case: PastCase) -> tuple[Listed, bool]:
        answers = json_of(self._cipher.decrypt(case.answers))
        now_asked = case.questionnaire_sha256 == self._questionnaire
        way = way_of(self._in_force, answers, checked=now_asked)
        before = outcome_on(self._in_force, way)
        if not self._same_way:
            way = way_of(self._candidate, answers, checked=now_asked and self._same_fields)
        after = outcome_on(self._candidate, way)
        changed = before.tier != after.tier
        causes = _causes(before, after) if changed else ()
        differently = after.asked_differently or not now_asked
        return Listed(case.reference, before.tier, after.tier, causes, differently), changed


def _causes(before: Outcome, after: Outcome) -> tuple[str, ...]:
    higher, lower = (after, before) if after.tier > before.tier else (before, after)
    return tuple(
        rule for rule, tier in higher.rules.items() if tier == higher.tier and lower.rules.get(rule, -1) < tier
    )
