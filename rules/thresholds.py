"""The thresholds of a rule set, and the overlay in which a clinic keeps its own values of some."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from rules.model import Threshold
from rules.yamlfile import Section

Number = int | float


@dataclass(frozen=True)
class Overlay:
    """What a clinic changes: thresholds by id, and the parts of the questionnaire that it switches off."""

    thresholds: Mapping[str, Number]
    switched_off: frozenset[str]


def parse_thresholds(file: Section, sources: Collection[str]) -> dict[str, Threshold]:
    """All thresholds by id. Each is a project's own, with the range that a clinic may choose from, or has a source."""
    file.allow(["thresholds"])
    found = {name: _threshold(name, section, sources) for name, section in file.named_sections("thresholds")}
    for name, section in file.named_sections("thresholds"):
        above = found[name].above
        if above is not None and above not in found:
            raise section.error(f"{above} is not a threshold", "above")
        if message := _refusal(found[name], found[name].value, found):
            raise section.error(message, "value")
    return found


def _threshold(name: str, section: Section, sources: Collection[str]) -> Threshold:
    section.allow(["value", "unit"], ["project", "source", "range", "above"])
    value: Number = section.plain()["value"]
    if type(value) not in (int, float):
        raise section.error("value must be a number", "value")
    project = section.take_or("project", bool, False)
    source = section.take_or("source", str, None)
    if source is None and not project:
        raise section.error(f"{name} needs a source, or project: true")
    if source is not None and source not in sources:
        raise section.error(f"{source!r} is not in sources.yaml", "source")
    if project != ("range" in section):
        raise section.error("range goes with project: true, and only with it", "range" if "range" in section else None)
    limits = _range(section, type(value)) if project else None
    above = section.take_or("above", str, None)
    return Threshold(name, value, section.take("unit", str), project, source, limits, above)


def _range(section: Section, kind: type) -> tuple[Number, Number]:
    found: list[Any] = section.take("range", list)
    if [type(number) for number in found] != [kind, kind] or found[0] >= found[1]:
        raise section.error("range must be two numbers like the value, the lower first", "range")
    return found[0], found[1]


def _refusal(threshold: Threshold, value: Number, others: Mapping[str, Threshold]) -> str | None:
    """Why a threshold may not have this value beside the others, or None."""
    if threshold.range and not threshold.range[0] <= value <= threshold.range[1]:
        return f"{threshold.id} must be from {threshold.range[0]} to {threshold.range[1]} {threshold.unit}"
    if threshold.above and value <= others[threshold.above].value:
        return f"{threshold.id} must stay above {threshold.above}, which is {others[threshold.above].value}"
    return None


def parse_overlay(file: Section, thresholds: Mapping[str, Threshold], parts: Collection[str]) -> Overlay:
    """A clinic's overlay. Raises RuleError for all but values that thresholds may have, and parts to switch off."""
    file.allow([], ["thresholds", "switch_off"])
    off = file.texts("switch_off")
    for part in off:
        if part not in parts:
            raise file.error(f"{part!r} cannot be switched off; only {', '.join(sorted(parts))} can", "switch_off")
    if "thresholds" not in file:
        return Overlay({}, frozenset(off))
    section = file.section("thresholds")
    values = {name: _own_value(section, name, thresholds) for name in section.plain()}
    changed = overlaid(thresholds, values)
    for name, threshold in changed.items():
        if message := _refusal(threshold, threshold.value, changed):
            blamed = name if name in values else threshold.above
            raise section.error(message, blamed)
    return Overlay(values, frozenset(off))


def _own_value(section: Section, name: Any, thresholds: Mapping[str, Threshold]) -> Number:
    threshold = thresholds.get(name)
    if threshold is None:
        raise section.error(f"{name!r} is not a threshold", name)
    if not threshold.project:
        raise section.error(f"{name} comes from a source; an overlay changes only the project's own thresholds", name)
    value: Number = section.take(name, type(threshold.value))
    return value


def overlaid(thresholds: Mapping[str, Threshold], values: Mapping[str, Number]) -> dict[str, Threshold]:
    """The thresholds with some values replaced."""
    return {name: replace(threshold, value=values.get(name, threshold.value)) for name, threshold in thresholds.items()}
