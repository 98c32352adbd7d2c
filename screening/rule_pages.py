"""A rule set as a medical lead reads it: every rule in plain words, by heading of the article and by topic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from rules import Rule, RuleSet
from rules.conditions import ConditionError
from rules.model import Level
from screening.queries.rule_sets import Health
from screening.questions import QUESTIONS
from screening.questions.official import asked, official_questions
from screening.record import answer_text
from screening.rule_words import AGE, Words, in_words, short


@dataclass(frozen=True)
class LevelSheet:
    tier: str
    in_play_only: bool
    project: bool
    words: Words | None
    """None where the condition cannot be put in words; it is then shown as written."""
    when: str
    patient: Mapping[str, str]
    """What the patient is told, by language."""


@dataclass(frozen=True)
class ExampleSheet:
    name: str
    changes: tuple[tuple[str, str], ...]
    """(question in short, answer as worded), changed from the base person."""
    gives: str | None
    """The name of a tier, or None: the rule does not fire."""
    unknown: bool


@dataclass(frozen=True)
class RuleSheet:
    rule: Rule
    levels: tuple[LevelSheet, ...]
    examples: tuple[ExampleSheet, ...]
    evidence: tuple[str, ...]
    official: tuple[str, ...]
    """The questions behind it that are asked in an instrument's own words, as worded."""
    overdue: bool
    health: Health | None


@dataclass(frozen=True)
class Group:
    title: str
    rules: tuple[RuleSheet, ...]


@dataclass(frozen=True)
class Part:
    """A part of the page: the groups under one heading. `id` is its anchor."""

    id: str
    title: str
    about: str
    groups: tuple[Group, ...]

    @property
    def rules(self) -> tuple[RuleSheet, ...]:
        return tuple(sheet for group in self.groups for sheet in group.rules)


def parts(ruleset: RuleSet, health: Mapping[str, Health], today: date) -> tuple[Part, ...]:
    """Every rule: those from the article by its headings, then those on safety by topic."""
    return (
        Part("article", "From the article", "By the headings of the article.", article_groups(ruleset, health, today)),
        Part("safety", "Safety", "By topic, from published guidance.", safety_groups(ruleset, health, today)),
    )


def article_groups(ruleset: RuleSet, health: Mapping[str, Health], today: date) -> tuple[Group, ...]:
    """The rules that come from the article, under its headings."""
    found = [rule for rule in ruleset.rules.values() if rule.heading]
    return _grouped(ruleset, found, lambda rule: rule.heading or "", health, today)


def safety_groups(ruleset: RuleSet, health: Mapping[str, Health], today: date) -> tuple[Group, ...]:
    """The safety rules, by topic."""
    found = [rule for rule in ruleset.rules.values() if not rule.heading]
    return _grouped(ruleset, found, lambda rule: rule.topic, health, today)


def overdue(ruleset: RuleSet, today: date) -> tuple[str, ...]:
    """The ids of the rules whose review is due."""
    return tuple(rule.id for rule in ruleset.rules.values() if rule.review_by < today)


def _grouped(
    ruleset: RuleSet, found: Iterable[Rule], title_of: Any, health: Mapping[str, Health], today: date
) -> tuple[Group, ...]:
    groups: dict[str, list[RuleSheet]] = {}
    for rule in found:
        groups.setdefault(title_of(rule), []).append(_sheet(ruleset, rule, health.get(rule.id), today))
    return tuple(Group(title, tuple(sheets)) for title, sheets in groups.items())


def _sheet(ruleset: RuleSet, rule: Rule, health: Health | None, today: date) -> RuleSheet:
    return RuleSheet(
        rule=rule,
        levels=tuple(_level(ruleset, level) for level in rule.levels),
        examples=tuple(
            ExampleSheet(
                name=example.name,
                changes=tuple(_change(ruleset, field, value) for field, value in example.answers.items()),
                gives=example.tier.name if example.tier is not None else None,
                unknown=example.basis == "unknown",
            )
            for example in rule.examples
        ),
        evidence=tuple(ruleset.evidence[evidence] for evidence in rule.evidence),
        official=_official(ruleset, rule),
        overdue=rule.review_by < today,
        health=health,
    )


def _official(ruleset: RuleSet, rule: Rule) -> tuple[str, ...]:
    reads, official = ruleset.compiled[rule.id].reads, official_questions()
    return tuple(str(official[field].text) for field in ruleset.fields if field in reads and field in official)


def _level(ruleset: RuleSet, level: Level) -> LevelSheet:
    try:
        words = in_words(ruleset, level.when)
    except ConditionError:
        words = None
    return LevelSheet(level.tier.name, level.in_play_only, level.project, words, level.when, level.patient)


def _change(ruleset: RuleSet, field: str, value: Any) -> tuple[str, str]:
    if field == AGE:
        return short(field), "Not answered" if value is None else str(value)
    return short(field), answer_text(ruleset, asked(QUESTIONS[field]), value)
