"""Data files to a rule set. Whatever is wrong with them stops the load with file, line and reason."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path as FilePath

from rules import examples
from rules.checks import check_answers
from rules.conditions import UNANSWERED, Condition, ConditionError, Name, Vocabulary
from rules.engine import IN_PLAY, CompiledLevel, CompiledRule, Content, Contradiction, RuleSet
from rules.facts import FACTS, Fact, opioid_facts
from rules.model import AnswerError, Answers, Field, OpioidTable, Rule, RuleError, State, Threshold
from rules.parse import RuleParser, parse_fields, parse_opioids, parse_sources
from rules.path import FieldReader, Gate, Path
from rules.thresholds import Overlay, overlaid, parse_overlay, parse_thresholds
from rules.wording import parse_languages
from rules.yamlfile import Section, read

_RULE_FOLDERS = ("article", "safety")
_CEL_NAMES = {"one": "text", "any": "codes", "integer": "whole", "scale": "whole"}
_STATES = frozenset(state.value for state in State)


def load(
    folder: FilePath | None = None, switched_off: frozenset[str] = frozenset(), overlay: FilePath | None = None
) -> RuleSet:
    """The rule set in a folder (this package's own without one), with parts of the questionnaire switched off.

    `overlay` is a clinic's file of thresholds and parts to switch off. Raises RuleError for anything wrong in the
    files, ValueError for a part that no field belongs to.
    """
    return _Loader(folder or FilePath(__file__).parent).load(switched_off, overlay)


class _Loader:
    def __init__(self, root: FilePath) -> None:
        self._root = root
        self._files: dict[str, Section] = {}

    def load(self, switched_off: frozenset[str], overlay_path: FilePath | None) -> RuleSet:
        sources, evidence = parse_sources(self._read("sources.yaml"))
        self._fields_file = self._read("fields.yaml")
        fields = parse_fields(self._fields_file)
        thresholds = parse_thresholds(self._read("thresholds.yaml"), sources)
        opioids = self._opioids(fields, sources)
        parts = {field.part for field in fields.values() if field.part}
        if unknown := switched_off - parts:
            raise ValueError(f"no part of the questionnaire is called {', '.join(sorted(unknown))}")
        overlay = self._overlay(overlay_path, thresholds, parts)
        thresholds = overlaid(thresholds, overlay.thresholds)
        switched_off |= overlay.switched_off
        facts = (*FACTS, *opioid_facts(opioids.drugs))
        self._prepare(fields, thresholds, facts)
        base = self._base_person(fields, opioids)
        version, languages = self._about()
        rules = self._rules(RuleParser(fields, opioids, sources, evidence, base, languages))
        contradictions = self._pairs(fields)
        version += "+clinic" if overlay_path else ""
        content = Content(
            fields, thresholds, opioids, sources, evidence, base, version, self._hash(), switched_off, languages
        )
        readers = {field.id: FieldReader(field, opioids) for field in fields.values()}
        constants = {threshold.id: threshold.value for threshold in thresholds.values()}
        path = Path(readers, self._gates(), constants, switched_off)
        ruleset = RuleSet(content, path, facts, rules, contradictions)
        self._check_examples(ruleset)
        return ruleset

    def _check_examples(self, ruleset: RuleSet) -> None:
        for rule in ruleset.compiled.values():
            if lacking := examples.missing(ruleset, rule):
                raise self._files[rule.rule.file].error(lacking, "examples")

    def _read(self, name: str) -> Section:
        section = read(self._root / name, self._root)
        self._files[section.file] = section
        return section

    def _overlay(self, path: FilePath | None, thresholds: Mapping[str, Threshold], parts: Collection[str]) -> Overlay:
        if path is None:
            return Overlay({}, frozenset())
        section = read(path, path.parent)
        self._files["overlay"] = section
        return parse_overlay(section, thresholds, parts)

    def _opioids(self, fields: Mapping[str, Field], sources: Mapping[str, object]) -> OpioidTable:
        file = self._read("opioids.yaml")
        table = parse_opioids(file, sources)
        for field in fields.values():
            if field.kind == "rows" and field.codes != tuple(table.drugs):
                raise file.error(f"drugs must be the codes of {field.id} in fields.yaml, in their order", "drugs")
        return table

    def _prepare(
        self, fields: Mapping[str, Field], thresholds: Mapping[str, Threshold], facts: tuple[Fact, ...]
    ) -> None:
        """Lay out the names that conditions may read, and the fields behind each."""
        self._fields = fields
        self._facts = facts
        names: dict[str, Name] = {}
        behind: dict[str, frozenset[str]] = {}
        for field in fields.values():
            if field.kind in _CEL_NAMES:
                names[field.id] = Name(_CEL_NAMES[field.kind], _literals(field))
            names[f"{field.id}_state"] = Name("text", _STATES)
            behind |= {field.id: frozenset({field.id}), f"{field.id}_state": frozenset({field.id})}
        for threshold in thresholds.values():
            self._check_new(threshold.id, behind)
            names[threshold.id] = Name("whole" if type(threshold.value) is int else "number")
            behind[threshold.id] = frozenset()
        for fact in facts:
            self._check_new(fact.id, behind)
            for name in fact.reads:
                if name not in behind:
                    raise RuleError("fields.yaml", 1, f"{name} is missing: the fact {fact.id} needs it")
            names[fact.id] = Name(fact.type)
            behind[fact.id] = frozenset().union(*(behind[name] for name in fact.reads))
        self._behind = behind
        self._vocabulary = Vocabulary(names)

    def _check_new(self, name: str, behind: Mapping[str, object]) -> None:
        if name in behind:
            raise RuleError("thresholds.yaml", 1, f"{name} names two things")

    def _compile(self, section: Section, key: str) -> Condition:
        try:
            return self._vocabulary.compile(section.take(key, str))
        except ConditionError as error:
            raise RuleError(section.file, section.line_in(key, error.line), f"{key}: {error}") from error

    def _gates(self) -> dict[str, Gate]:
        gates: dict[str, Gate] = {}
        earlier: set[str] = set()
        for section in self._fields_file.sections("fields"):
            field = section.take("id", str)
            if "asked_when" in section:
                condition = self._compile(section, "asked_when")
                for name in condition.names:
                    if not self._behind[name] <= earlier:
                        raise section.error(f"asked_when: {name} rests on a later field", "asked_when")
                gates[field] = Gate(condition, self._facts_for(condition))
            earlier.add(field)
        return gates

    def _facts_for(self, condition: Condition) -> tuple[Fact, ...]:
        """The facts that a condition needs, each after those it reads itself."""
        needed = set(condition.names)
        for fact in reversed(self._facts):
            if fact.id in needed:
                needed.update(fact.reads)
        return tuple(fact for fact in self._facts if fact.id in needed)

    def _base_person(self, fields: Mapping[str, Field], opioids: OpioidTable) -> Answers:
        file = self._read("base_person.yaml")
        file.allow(["answers"])
        answers = file.section("answers").plain()
        try:
            check_answers(answers, fields, opioids)
        except AnswerError as error:
            raise file.section("answers").error(str(error), error.field) from error
        return answers

    def _rules(self, parser: RuleParser) -> tuple[CompiledRule, ...]:
        rules: dict[str, CompiledRule] = {}
        paths = [path for folder in _RULE_FOLDERS for path in sorted((self._root / folder).glob("*.yaml"))]
        for path in paths:
            file = self._read(path.relative_to(self._root).as_posix())
            rule = parser.parse(file)
            if rule.id in rules:
                raise file.error(f"{rule.id} is there twice, here and in {rules[rule.id].rule.file}", "id")
            rules[rule.id] = self._compiled(rule, file)
        if not rules:
            raise RuleError(f"{_RULE_FOLDERS[0]}/", 1, "no rules are here")
        return tuple(rules[rule_id] for rule_id in sorted(rules))

    def _compiled(self, rule: Rule, file: Section) -> CompiledRule:
        levels = []
        for level, section in zip(rule.levels, file.sections("levels"), strict=True):
            condition = self._compile(section, "when")
            names = {*condition.names, *((IN_PLAY,) if level.in_play_only else ())}
            behind = frozenset().union(*(self._behind[name] for name in names))
            reads = tuple(field for field in self._fields if field in behind)
            codes = {code for field in reads for code in self._fields[field].codes}
            if not level.because_also <= codes:
                raise section.error("because_also must be codes of fields that are read", "because_also")
            levels.append(CompiledLevel(replace(level, reads=reads), condition))
        return CompiledRule(replace(rule, levels=tuple(compiled.level for compiled in levels)), tuple(levels))

    def _pairs(self, fields: Mapping[str, Field]) -> tuple[Contradiction, ...]:
        file = self._read("contradictions.yaml")
        file.allow(["contradictions"])
        pairs = []
        for section in file.sections("contradictions"):
            section.allow(["fields", "when"])
            named = section.texts("fields")
            if len(named) != 2 or not set(named) <= set(fields):
                raise section.error("fields must be two field ids", "fields")
            pairs.append(Contradiction((named[0], named[1]), self._compile(section, "when")))
        return tuple(pairs)

    def _about(self) -> tuple[str, tuple[str, ...]]:
        """The set's version and languages."""
        file = self._read("ruleset.yaml")
        file.allow(["version"], ["languages"])
        return file.take("version", str), parse_languages(file)

    def _hash(self) -> str:
        """SHA-256 over the content of every file that was read, without comments, layout and order of keys."""
        content = {name: section.plain() for name, section in self._files.items()}
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
        return hashlib.sha256(canonical.encode()).hexdigest()


def _literals(field: Field) -> frozenset[str] | None:
    """The quoted words that a condition may compare a field with. A list left blank is [], not a word."""
    if not field.codes:
        return None
    return frozenset({str(code) for code in field.codes} | ({UNANSWERED} if field.kind == "one" else set()))
