"""The rule set at work: answers in, an assessment out. Pure and without a clock."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rules.calls import Calls
from rules.causes import Cause, Causes
from rules.checks import check_answers
from rules.conditions import Condition, View, picker
from rules.facts import Fact, FactValue
from rules.model import (
    ENGLISH,
    Answers,
    Assessment,
    Basis,
    Field,
    Finding,
    Level,
    OnPath,
    OpioidTable,
    Rule,
    Source,
    State,
    Threshold,
    Tier,
)
from rules.path import Path, Reading, Walk

IN_PLAY = "in_play"


@dataclass(frozen=True)
class CompiledLevel:
    level: Level
    condition: Condition

    @property
    def reads_names(self) -> frozenset[str]:
        """The names that decide what the level gives."""
        return frozenset({*self.condition.names, *([IN_PLAY] if self.level.in_play_only else [])})

    def tier_in(self, view: View) -> Tier | None:
        """The tier that this level gives, or None if its condition does not hold."""
        if not self.condition.holds(view):
            return None
        return Tier.INFO if self.level.in_play_only and not view[IN_PLAY] else self.level.tier


class CompiledRule:
    """A rule with its compiled levels. What it gives is remembered by the values that its levels read.

    `names` are what its levels read, `reads` the fields behind those.
    """

    def __init__(self, rule: Rule, levels: tuple[CompiledLevel, ...]) -> None:
        self.rule = rule
        self.levels = levels
        self.names = tuple(sorted(frozenset[str]().union(*(level.reads_names for level in levels))))
        self.reads = frozenset().union(*(level.level.reads for level in levels))
        self._pick = picker(self.names)
        self._remembered = lru_cache(maxsize=4096)(self._decide)

    def outcome(self, view: View) -> tuple[Tier, Level] | None:
        """The highest tier that holds, and the first level that gives it."""
        return self._remembered(self._pick(view))

    def _decide(self, values: tuple[Any, ...]) -> tuple[Tier, Level] | None:
        view = dict(zip(self.names, values, strict=True))
        best: tuple[Tier, Level] | None = None
        for compiled in self.levels:
            tier = compiled.tier_in(view)
            if tier is not None and (best is None or tier > best[0]):
                best = (tier, compiled.level)
            if tier == compiled.level.tier:
                break  # the levels that follow are lower
        return best


@dataclass(frozen=True)
class Contradiction:
    fields: tuple[str, str]
    condition: Condition


@dataclass(frozen=True)
class Content:
    """What a rule set is loaded from: plain data by id, in the order of the files."""

    fields: Mapping[str, Field]
    thresholds: Mapping[str, Threshold]
    opioids: OpioidTable
    sources: Mapping[str, Source]
    evidence: Mapping[str, str]
    base_person: Answers
    version: str
    sha256: str
    switched_off: frozenset[str]
    languages: tuple[str, ...] = (ENGLISH,)


class RuleSet:
    """All fields, facts and rules, ready to assess. Nothing in it ever changes, so threads may share it.

    Every method that takes answers raises AnswerError for answers that the questionnaire does not allow. `reached`
    are the ids already shown to the person; all other fields then count as not asked. Without it all were shown.
    """

    def __init__(
        self,
        content: Content,
        path: Path,
        facts: tuple[Fact, ...],
        rules: tuple[CompiledRule, ...],
        contradictions: tuple[Contradiction, ...],
    ) -> None:
        self.fields = content.fields
        self.thresholds = content.thresholds
        self.opioids = content.opioids
        self.sources = content.sources
        self.evidence = content.evidence
        self.base_person = content.base_person
        self.version = content.version
        self.sha256 = content.sha256
        self.switched_off = content.switched_off
        self.languages = content.languages
        self.rules: Mapping[str, Rule] = {compiled.rule.id: compiled.rule for compiled in rules}
        self.walker = path
        self.derived = facts
        self.compiled: Mapping[str, CompiledRule] = {compiled.rule.id: compiled for compiled in rules}
        self._contradictions = contradictions
        self._causes = Causes(self)
        self._calls = Calls(self)

    def check_answers(self, answers: Answers) -> None:
        """Raises AnswerError unless every answer has a known id and an allowed value. The path plays no part."""
        check_answers(answers, self.fields, self.opioids)

    def path(self, answers: Answers, reached: Collection[str] | None = None) -> dict[str, OnPath]:
        """What became of every field, in the questionnaire's order."""
        readings = self._walk(answers, reached).readings
        given = (State.UNKNOWN, State.ANSWERED)
        return {
            field: OnPath(answers[field] if reading.state in given else None, reading.state)
            for field, reading in readings.items()
        }

    def asked(self, answers: Answers, reached: Collection[str] | None = None) -> tuple[str, ...]:
        """The ids of the fields that these answers have asked, in the questionnaire's order."""
        readings = self._walk(answers, reached).readings
        return tuple(field for field, reading in readings.items() if reading.state is not State.NOT_ASKED)

    def facts(self, answers: Answers, reached: Collection[str] | None = None) -> Mapping[str, FactValue]:
        """The derived facts of the answers as given, by id."""
        view = self._with_facts(self._walk(answers, reached).view)
        return {fact.id: view[fact.id] for fact in self.derived}

    def assess(self, answers: Answers, reached: Collection[str] | None = None) -> Assessment:
        """What the rules say of these answers. Findings come by tier, highest first, then by rule id."""
        walk = self._walk(answers, reached)
        view = self._with_facts(walk.view)
        findings = self._findings(walk, view)
        return Assessment(
            tier=max((finding.tier for finding in findings), default=Tier.INFO),
            findings=findings,
            incomplete=self._incomplete(walk.readings),
            contradictions=tuple(c.fields for c in self._contradictions if _contradicts(c, walk.readings, view)),
            out_of_scope=self._out_of_scope(view),
            version=self.version,
            sha256=self.sha256,
        )

    def patient_text(self, finding: Finding, *, under_18: bool, language: str = ENGLISH) -> str | None:
        """What the patient is told of a finding, in English where the set does not speak the language.

        None where it is hidden under 18, or the level counts only as INFO.
        """
        texts = self.patient_texts(finding, under_18=under_18)
        return texts.get(language, texts[ENGLISH]) if texts else None

    def patient_texts(self, finding: Finding, *, under_18: bool) -> Mapping[str, str]:
        """What the patient is told of a finding, by language; nothing where `patient_text` is None."""
        rule = self.rules[finding.rule]
        level = finding.tier if finding.level is None else finding.level
        if (under_18 and rule.hidden_under_18) or level != finding.tier:
            return {}
        return next(given.patient for given in rule.levels if given.tier == level)

    def smallest_cause(self, answers: Answers, rule_id: str, reached: Collection[str] | None = None) -> tuple[str, ...]:
        """The fewest of the finding's `because` that alone still give it, in their order; () if the rule does not fire.

        The others then count as their least risky value.
        """
        walk = self._walk(answers, reached)
        finding = self._finding(walk, rule_id)
        return self._causes.smallest(finding, walk.readings) if finding else ()

    def clears(self, answers: Answers, rule_id: str, reached: Collection[str] | None = None) -> tuple[str, ...]:
        """The fewest of the finding's `because` that must change to their least risky value to stop it at its tier.

        () if the rule does not fire, or if nothing that the person could answer would stop it.
        """
        walk = self._walk(answers, reached)
        finding = self._finding(walk, rule_id)
        return self._causes.clears(finding, walk.readings) if finding else ()

    def causes(self, answers: Answers, reached: Collection[str] | None = None) -> dict[str, Cause]:
        """The smallest cause of every finding and what clears it, by rule: as smallest_cause and clears give them."""
        walk = self._walk(answers, reached)
        findings = self._findings(walk, self._with_facts(walk.view))
        return {finding.rule: self._causes.both(finding, walk.readings) for finding in findings}

    def call_list(self, answers: Answers, reached: Collection[str] | None = None) -> tuple[str, ...]:
        """The fewest questions to ask so that what is still unknown can no longer change the tier.

        In the questionnaire's order; a question stands for its follow-ups too.
        """
        return self._calls.call_list(self._walk(answers, reached), reached)

    def call_list_for(
        self, answers: Answers, reached: Collection[str] | None = None
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The call list in two: what the front desk may ask, and what only a clinician may ask."""
        calls = self.call_list(answers, reached)
        clinician = tuple(field for field in calls if self.fields[field].clinician_only)
        return tuple(field for field in calls if field not in clinician), clinician

    def _finding(self, walk: Walk, rule_id: str) -> Finding | None:
        view = self._with_facts(walk.view)
        return next((finding for finding in self._findings(walk, view) if finding.rule == rule_id), None)

    def _walk(self, answers: Answers, reached: Collection[str] | None) -> Walk:
        self.check_answers(answers)
        return self.walker.walk(answers, reached)

    def _with_facts(self, view: dict[str, Any]) -> dict[str, Any]:
        for fact in self.derived:
            view[fact.id] = fact.compute(view)
        return view

    def _cleared(self, walk: Walk, view: dict[str, Any]) -> dict[str, Any]:
        """The view with every unknown value at its least risky one."""
        if not walk.unsure:
            return view
        cleared = dict(view)
        for field in walk.unsure:
            reading = walk.readings[field]
            cleared[field] = reading.cleared
            cleared[f"{field}_state"] = reading.cleared_state
        return self._with_facts(cleared)

    def _findings(self, walk: Walk, view: dict[str, Any]) -> tuple[Finding, ...]:
        cleared = self._cleared(walk, view)
        findings = []
        for compiled in self.compiled.values():
            outcome = compiled.outcome(view)
            if outcome is None:
                continue
            tier, level = outcome
            surely = outcome if compiled.reads.isdisjoint(walk.unsure) else compiled.outcome(cleared)
            basis: Basis = "unknown" if surely is None or surely[0] < tier else "answers"
            because = _because(level, walk.readings)
            findings.append(Finding(compiled.rule.id, tier, basis, because, level.tier))
        return tuple(sorted(findings, key=lambda finding: (-finding.tier, finding.rule)))

    def _incomplete(self, readings: Mapping[str, Reading]) -> tuple[str, ...]:
        return tuple(
            field
            for field, reading in readings.items()
            if reading.state is State.UNANSWERED and not self.fields[field].optional
        )

    def _out_of_scope(self, view: View) -> bool:
        too_young = view["age_known"] and view["age_years"] < view["adult_age"]
        regions_elsewhere = view["pain_regions"] and view["has_pain"] and not view["in_scope"]
        return bool(too_young or regions_elsewhere)


def _because(level: Level, readings: Mapping[str, Reading]) -> tuple[str, ...]:
    also = level.because_also
    if not also:
        return tuple([field for field in level.reads if readings[field].notable])
    asked = [field for field in level.reads if readings[field].state is not State.NOT_ASKED]
    return tuple(field for field in asked if readings[field].notable or readings[field].seen in also)


def _contradicts(contradiction: Contradiction, readings: Mapping[str, Reading], view: View) -> bool:
    both_asked = all(readings[field].state is not State.NOT_ASKED for field in contradiction.fields)
    return both_asked and contradiction.condition.holds(view)
