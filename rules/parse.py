"""Sections of the data files to the shapes of rules/model.py, with every check that needs one file alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from rules.checks import check_answers
from rules.model import (
    AnswerError,
    Answers,
    Example,
    Field,
    Level,
    Opioid,
    OpioidTable,
    Rule,
    Source,
    Tier,
)
from rules.path import NONE
from rules.wording import parse_patient
from rules.yamlfile import Section

_ID = re.compile(r"[a-z][a-z0-9_]*")
_RULE_ID = re.compile(r"[AS]\d\d")
_KETAMINE = re.compile(r"ketamin|\b(es)?cetamin", re.IGNORECASE)
"""Ketamine as languages in Latin letters write it, and not acetaminophen."""
_NOTHING = "nothing"

# For each kind of field: the keys it must have and the keys it may have, beside those of every field.
_FIELD_KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "one": (("codes",), ("unordered", "unknown")),
    "any": (("codes",), ("unordered",)),
    "integer": (("min", "max"), ("unordered", "neutral", "unanswered")),
    "scale": (("min", "max"), ("unanswered",)),
    "rows": (("codes", "max_rows"), ()),
    "text": (("max_length",), ()),
}


def parse_fields(file: Section) -> dict[str, Field]:
    """All fields by id, in order. `asked_when` stays text here."""
    file.allow(["clinician_steps", "fields"])
    clinician_steps = file.take("clinician_steps", list)
    fields: dict[str, Field] = {}
    for section in file.sections("fields"):
        field = _field(section, clinician_steps)
        if field.id in fields:
            raise section.error(f"{field.id} is there twice", "id")
        fields[field.id] = field
    return fields


def _field(section: Section, clinician_steps: list[Any]) -> Field:
    kind = section.take("kind", str)
    if kind not in _FIELD_KEYS:
        raise section.error(f"kind must be one of {', '.join(_FIELD_KEYS)}", "kind")
    required, optional = _FIELD_KEYS[kind]
    section.allow(["id", "step", "kind", *required], [*optional, "optional", "asked_when", "part"])
    codes = _codes(section, kind)
    low, high = section.take_or("min", int, None), section.take_or("max", int, None)
    if low is not None and high is not None and low >= high:
        raise section.error("min must be below max", "max")
    if section.take_or("unanswered", str, "lowest") != "lowest":
        raise section.error("unanswered can only be lowest", "unanswered")
    unordered = section.take_or("unordered", bool, False)
    return Field(
        id=_id(section),
        step=section.take("step", int),
        kind=kind,  # type: ignore[arg-type]
        codes=codes,
        min=low,
        max=high,
        unordered=unordered,
        unknown=_unknown(section, codes),
        unanswered_lowest="unanswered" in section,
        neutral=_neutral(section, unordered, low, high),
        optional=section.take_or("optional", bool, False),
        asked_when=section.take_or("asked_when", str, None),
        part=section.take_or("part", str, None),
        max_rows=section.take_or("max_rows", int, 0),
        max_length=section.take_or("max_length", int, 0),
        clinician_only=section.take("step", int) in clinician_steps,
    )


def _id(section: Section) -> str:
    found = section.take("id", str)
    if not _ID.fullmatch(found):
        raise section.error("id must be small letters, digits and _", "id")
    return found


def _codes(section: Section, kind: str) -> tuple[str | int, ...]:
    codes: list[Any] = section.take_or("codes", list, [])
    if any(type(code) not in (str, int) for code in codes):
        raise section.error("codes must be words or whole numbers", "codes")
    if "codes" in section and len(codes) < 2:
        raise section.error("codes must be two or more", "codes")
    if len({str(code) for code in codes}) != len(codes):
        raise section.error("codes names something twice", "codes")
    if kind == "any" and codes[0] != NONE:
        raise section.error(f"the first of the codes of a list must be {NONE}", "codes")
    return tuple(codes)


def _unknown(section: Section, codes: tuple[str | int, ...]) -> frozenset[str]:
    unknown = frozenset(section.texts("unknown"))
    if not unknown <= set(codes[1:]):
        raise section.error("unknown must be codes, and not the least risky one", "unknown")
    return unknown


def _neutral(section: Section, unordered: bool, low: int | None, high: int | None) -> tuple[int, int] | None:
    found: list[Any] = section.take_or("neutral", list, [])
    if bool(found) != (unordered and low is not None):
        raise section.error("neutral goes with an unordered number, and only with one", "neutral")
    if not found or low is None or high is None:
        return None
    if [type(number) for number in found] != [int, int] or not low <= found[0] <= found[1] <= high:
        raise section.error("neutral must be two whole numbers within min and max", "neutral")
    return found[0], found[1]


def parse_opioids(file: Section, sources: Collection[str]) -> OpioidTable:
    """The drugs of the opioid rows."""
    file.allow(["source", "per_day", "drugs"])
    if file.take("source", str) not in sources:
        raise file.error(f"{file.take('source', str)!r} is not in sources.yaml", "source")
    per_day = file.section("per_day")
    per_day.allow(["min", "max"])
    drugs = {name: _opioid(name, section) for name, section in file.named_sections("drugs")}
    return OpioidTable(drugs, per_day.take("min", float), per_day.take("max", float))


def _opioid(name: str, section: Section) -> Opioid:
    section.allow(["unit", "dose"], ["factor", "per_day_used", "special"])
    dose = section.section("dose")
    dose.allow(["max"], ["over", "min"])
    if ("over" in dose) == ("min" in dose):
        raise dose.error("a dose starts over a number or at a min")
    return Opioid(
        id=name,
        factor=section.take_or("factor", float, None),
        unit=section.take("unit", str),
        dose_over=dose.take_or("over", float, None),
        dose_min=dose.take_or("min", float, None),
        dose_max=dose.take("max", float),
        per_day_used=section.take_or("per_day_used", bool, True),
        special=section.take_or("special", bool, False),
    )


def parse_sources(file: Section) -> tuple[dict[str, Source], dict[str, str]]:
    """The sources by id, and the texts on evidence by id."""
    file.allow(["sources", "evidence"])
    sources = {name: _source(name, section) for name, section in file.named_sections("sources")}
    evidence = file.section("evidence")
    return sources, {name: evidence.take(name, str) for name in evidence.plain()}


def _source(name: str, section: Section) -> Source:
    section.allow(["title", "year", "place", "verified"], ["note"])
    section.take_or("note", str, None)
    year = None if section.plain()["year"] is None else section.take("year", int)
    return Source(name, section.take("title", str), year, section.take("place", str), section.take("verified", bool))


class RuleParser:
    """Reads rule files against what the other files hold."""

    def __init__(
        self,
        fields: Mapping[str, Field],
        opioids: OpioidTable,
        sources: Mapping[str, Source],
        evidence: Mapping[str, str],
        base_person: Answers,
        languages: tuple[str, ...],
    ) -> None:
        self._fields = fields
        self._opioids = opioids
        self._sources = sources
        self._evidence = evidence
        self._base = base_person
        self._languages = languages

    def parse(self, file: Section) -> Rule:
        """One rule. The conditions of its levels stay text here."""
        file.allow(
            ["id", "title", "version", "owner", "review_by", "topic", "sources", "physician", "levels", "examples"],
            ["heading", "evidence", "hidden_under_18"],
        )
        rule_id = file.take("id", str)
        if not _RULE_ID.fullmatch(rule_id):
            raise file.error("id must be A or S and two digits", "id")
        from_article = rule_id.startswith("A")
        if from_article != ("heading" in file):
            raise file.error("heading names a heading of the article, in A-rules and in no others", "heading")
        levels = self._levels(file)
        hidden = file.take_or("hidden_under_18", bool, from_article)
        self._check_hidden(file, levels, hidden, from_article)
        return Rule(
            id=rule_id,
            title=file.take("title", str),
            version=file.take("version", int),
            owner=file.take("owner", str),
            review_by=file.take("review_by", date),
            heading=file.take_or("heading", str, None),
            topic=file.take("topic", str),
            sources=tuple(self._sources[name] for name in self._known(file, "sources", self._sources)),
            evidence=self._known(file, "evidence", self._evidence),
            levels=levels,
            physician=file.take("physician", str),
            hidden_under_18=hidden,
            examples=tuple(self._example(section) for section in file.sections("examples")),
            file=file.file,
        )

    def _known(self, file: Section, key: str, known: Collection[str]) -> tuple[str, ...]:
        names = file.texts(key)
        if key == "sources" and not names:
            raise file.error("sources must not be empty", key)
        for name in names:
            if name not in known:
                raise file.error(f"{name!r} is not in sources.yaml", key)
        return names

    def _levels(self, file: Section) -> tuple[Level, ...]:
        levels: list[Level] = []
        for section in file.sections("levels"):
            section.allow(["tier", "when", "patient"], ["in_play_only", "project", "because_also"])
            level = Level(
                tier=_tier(section, "tier"),
                when=section.take("when", str),
                in_play_only=section.take_or("in_play_only", bool, False),
                project=section.take_or("project", bool, False),
                patient=parse_patient(section, self._languages),
                because_also=frozenset(section.texts("because_also")),
            )
            if levels and level.tier >= levels[-1].tier:
                raise section.error("levels must go from the highest tier down, one for each tier", "tier")
            levels.append(level)
        return tuple(levels)

    def _check_hidden(self, file: Section, levels: tuple[Level, ...], hidden: bool, from_article: bool) -> None:
        if from_article and not hidden:
            raise file.error("an A-rule has no text for patients under 18", "hidden_under_18")
        for level, section in zip(levels, file.sections("levels"), strict=True):
            if not hidden and any(_KETAMINE.search(text) for text in level.patient.values()):
                raise section.error("a patient text that speaks of ketamine needs hidden_under_18: true", "patient")

    def _example(self, section: Section) -> Example:
        section.allow(["name", "answers", "gives"], ["basis"])
        answers = section.section("answers").plain()
        try:
            check_answers({**self._base, **answers}, self._fields, self._opioids)
        except AnswerError as error:
            raise section.error(str(error), "answers") from error
        gives = section.take("gives", str)
        basis = section.take_or("basis", str, None)
        if basis not in (None, "answers", "unknown"):
            raise section.error("basis must be answers or unknown", "basis")
        return Example(
            name=section.take("name", str),
            answers=answers,
            tier=None if gives == _NOTHING else _tier(section, "gives"),
            basis=basis,  # type: ignore[arg-type]
        )


def _tier(section: Section, key: str) -> Tier:
    name = section.take(key, str)
    if name not in Tier.__members__:
        raise section.error(f"{key} must be one of {', '.join(Tier.__members__)}", key)
    return Tier[name]
