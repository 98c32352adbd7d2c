"""Reads the official wording of instruments from a clinic's folder of FHIR Questionnaires. docs/instruments.md."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from flask import Flask

from screening.config import ConfigError, Settings
from screening.language import LANGUAGES
from screening.questions import QUESTIONS
from screening.questions.instruments import INSTRUMENTS, ITEMS, PANELS, Instrument
from screening.questions.official import EXTENSION, NONE, OfficialWording
from screening.questions.spec import Choice, Question
from screening.text import clean_line

LOINC = "http://loinc.org"
WEIGHTS = {
    "http://hl7.org/fhir/StructureDefinition/ordinalValue",
    "http://hl7.org/fhir/StructureDefinition/itemWeight",
}
"""The extensions that number an answer, in FHIR R4 and R5."""

CHOICE_TYPES = ("choice", "coding")
"""One of a list of answers, in FHIR R4 and R5."""

NOT_HERE = {
    "answerValueSet": "list the answers in answerOption",
    "enableWhen": "this questionnaire alone decides when an item is asked",
    "repeats": "an item has one answer",
}
"""Properties of an item that would be lost, and what to do."""

LONGEST = 500
"""Characters of a question or an answer."""

Node = Mapping[str, Any]


class InstrumentError(ConfigError):
    """A file of the folder cannot be used: which one, where in it, and why."""

    def __init__(self, file: Path, place: str, reason: str) -> None:
        super().__init__(": ".join(part for part in (str(file), place, reason) if part))
        self.file = file
        self.place = place
        self.reason = reason


class _Fault(Exception):
    """(place, reason) within one file."""


@dataclass(frozen=True)
class _Leaf:
    """One item that is a question. `stem`: the words of the groups around it."""

    place: str
    node: Node
    stem: str

    def __post_init__(self) -> None:
        for name, reason in NOT_HERE.items():
            if self.node.get(name):
                raise _Fault(f"{self.place}.{name}", f"cannot be used: {reason}")


def init_instruments(app: Flask, settings: Settings) -> None:
    """Raises InstrumentError if the clinic's folder cannot be used whole."""
    folder = settings.instruments_dir
    app.extensions[EXTENSION] = read_folder(folder) if folder else NONE


def read_folder(folder: Path) -> OfficialWording:
    """Every .json file of a folder. Raises InstrumentError."""
    files = sorted(folder.glob("*.json"))
    if not files:
        raise InstrumentError(folder, "", "INSTRUMENTS_DIR names a folder without any .json file")
    wording: dict[str, dict[str, Question]] = {}
    origin: dict[tuple[str, str], Path] = {}
    for file in files:
        try:
            language, questions = _read(_resource(file))
        except _Fault as fault:
            raise InstrumentError(file, *fault.args) from fault
        for field in questions:
            if other := origin.get((language, field)):
                raise InstrumentError(file, "item", f"{field} in {language} is in {other.name} too")
            origin[language, field] = file
        wording.setdefault(language, {}).update(questions)
    return OfficialWording(wording)


def _resource(file: Path) -> Node:
    try:
        resource = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as fault:
        raise _Fault("file", f"is not readable JSON: {fault}") from fault
    if not isinstance(resource, dict) or resource.get("resourceType") != "Questionnaire":
        raise _Fault("resourceType", "is not Questionnaire")
    return resource


def _read(resource: Node) -> tuple[str, dict[str, Question]]:
    """The language of a Questionnaire, and its questions by field."""
    language = str(resource.get("language", "")).split("-")[0]
    if language not in LANGUAGES:
        raise _Fault("language", f"is {resource.get('language')!r}: use one of {', '.join(LANGUAGES)}")
    pairs = tuple(_matched(resource, "Questionnaire", ""))
    matched = dict(pairs)
    if not matched or len(matched) < len(pairs):
        raise _Fault("item", "asks the same item twice" if matched else "has no question")
    for instrument in INSTRUMENTS:
        missing = [field for field in instrument.fields if field not in matched]
        if missing and len(missing) < len(instrument.items):
            raise _Fault("item", f"{instrument.name} is not whole: the item for {missing[0]} is missing")
    return language, {field: _question(field, leaf) for field, leaf in matched.items()}


def _matched(node: Node, place: str, stem: str) -> Iterator[tuple[str, _Leaf]]:
    """Each question of a Questionnaire or group with the field that it is matched to."""
    panel = next((PANELS[code] for code in _codes(node, place) if code in PANELS), None)
    if panel is None:
        yield from chain.from_iterable(_one(item, at, stem) for item, at in _items(node, place))
        return
    leaves = tuple(chain.from_iterable(_leaves(item, at, stem) for item, at in _items(node, place)))
    if len(leaves) != len(panel.items):
        raise _Fault(f"{place}.item", f"{panel.name} has {len(panel.items)} items, not {len(leaves)}")
    yield from zip(_fields(panel, leaves), leaves, strict=True)


def _one(item: Node, place: str, stem: str) -> Iterator[tuple[str, _Leaf]]:
    if item.get("type") == "group":
        yield from _matched(item, place, _joined(stem, item, place))
    else:
        yield from ((_field(leaf), leaf) for leaf in _leaves(item, place, stem))


def _leaves(item: Node, place: str, stem: str) -> Iterator[_Leaf]:
    """The questions of an item, whatever groups it is made of."""
    if item.get("type") == "group":
        inner = _joined(stem, item, place)
        yield from chain.from_iterable(_leaves(child, at, inner) for child, at in _items(item, place))
    elif item.get("type") in CHOICE_TYPES and "item" not in item:
        yield _Leaf(place, item, stem)
    else:
        raise _Fault(f"{place}.type", "is not group, choice or coding: words for several items are their group's text")


def _fields(panel: Instrument, leaves: tuple[_Leaf, ...]) -> tuple[str, ...]:
    """The field of each question of a whole instrument: by its code, or by its place where we know no codes."""
    if not panel.by_order:
        return tuple(_field(leaf, panel) for leaf in leaves)
    for leaf in leaves:
        if strange := next((code for code in _codes(leaf.node, leaf.place) if code in ITEMS), None):
            raise _Fault(f"{leaf.place}.code", f"{strange} is no item of {panel.name}")
    return panel.fields


def _field(leaf: _Leaf, panel: Instrument | None = None) -> str:
    known = [ITEMS[code] for code in _codes(leaf.node, leaf.place) if code in ITEMS]
    fields = {field for instrument, field in known if panel in (None, instrument)}
    if len(fields) != 1:
        raise _Fault(f"{leaf.place}.code", f"is not one LOINC code of an item that is asked here: {_known(panel)}")
    return fields.pop()


def _known(panel: Instrument | None) -> str:
    return ", ".join(code for code, (instrument, _) in ITEMS.items() if panel in (None, instrument))


def _question(field: str, leaf: _Leaf) -> Question:
    """The question in official words. Our own short name and our own ways not to answer stay, our hints do not."""
    own = QUESTIONS[field]
    instrument = next(instrument for instrument in INSTRUMENTS if field in instrument.fields)
    labels = _labels(leaf, instrument)
    text = _joined(leaf.stem, leaf.node, leaf.place, needed=True)
    official = replace(own, text=text, hint=None, hint_under_18=None, low_label=None, high_label=None)
    if not own.choices and all(label == str(number) for number, label in enumerate(labels[1:-1], 1)):
        return replace(official, low_label=labels[0], high_label=labels[-1])
    beside = tuple(choice for choice in own.choices if not isinstance(choice.code, int))
    return replace(official, choices=(*(Choice(number, label) for number, label in enumerate(labels)), *beside))


def _labels(leaf: _Leaf, instrument: Instrument) -> tuple[str, ...]:
    """The words of the answers 0 to the highest."""
    place = f"{leaf.place}.answerOption"
    options = _nodes(leaf.node.get("answerOption"), place)
    found = [(_weight(option, at), _words(_coding(option), "display", f"{at}.valueCoding")) for option, at in options]
    weights, labels = [weight for weight, _ in found], tuple(label for _, label in found)
    if weights != list(range(instrument.highest + 1)):
        raise _Fault(
            place, f"has the ordinal values {weights}: {instrument.name} has 0 to {instrument.highest} in order"
        )
    if len(set(labels)) < len(labels):
        raise _Fault(place, "has the same words twice")
    return labels


def _weight(option: Node, place: str) -> int:
    extensions = [*_nodes(option.get("extension", []), place), *_nodes(_coding(option).get("extension", []), place)]
    values = [extension.get("valueDecimal") for extension, _ in extensions if extension.get("url") in WEIGHTS]
    if len(values) != 1 or isinstance(values[0], bool) or not isinstance(values[0], int | float) or values[0] % 1:
        raise _Fault(place, "has no whole ordinal value: give one ordinalValue or itemWeight extension")
    return int(values[0])


def _coding(option: Node) -> Node:
    coding = option.get("valueCoding")
    return coding if isinstance(coding, dict) else {}


def _codes(node: Node, place: str) -> list[str]:
    """The LOINC codes of a Questionnaire or an item."""
    codings = _nodes(node.get("code", []), f"{place}.code")
    return [str(coding.get("code")) for coding, _ in codings if coding.get("system") == LOINC]


def _items(node: Node, place: str) -> list[tuple[Node, str]]:
    return _nodes(node.get("item"), f"{place}.item")


def _nodes(value: Any, place: str) -> list[tuple[Node, str]]:
    """The objects of a list, each with its place."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise _Fault(place, "is not a list of objects")
    return [(one, f"{place}[{number}]") for number, one in enumerate(value)]


def _joined(stem: str, node: Node, place: str, needed: bool = False) -> str:
    own = _words(node, "text", place) if needed or "text" in node else ""
    return " ".join(words for words in (stem, own) if words)


def _words(node: Node, name: str, place: str) -> str:
    given = node.get(name)
    words = clean_line(given) if isinstance(given, str) else ""
    if not words or len(words) > LONGEST:
        raise _Fault(f"{place}.{name}", f"is not a text of 1 to {LONGEST} characters")
    return words
