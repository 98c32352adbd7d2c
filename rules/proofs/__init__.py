"""The properties of a rule set, proved over all answers. docs/rules-proofs.md has the argument."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rules.engine import RuleSet
from rules.loader import load
from rules.proofs.clinical import emergencies, nothing_forbidden_under_18
from rules.proofs.component import TooLargeError
from rules.proofs.levels import always_a_tier, every_level_fires, no_level_masked
from rules.proofs.order import blank_never_lowers, facts_monotone, neutral_band_is_neutral, riskier_never_lowers
from rules.proofs.tables import Bench, Fault, Proof

__all__ = ["PROPERTIES", "Fault", "Property", "Result", "prove", "prove_property", "table"]


@dataclass(frozen=True)
class Property:
    """One property: what it says, and what is enumerated to prove it."""

    id: str
    says: str
    enumerated: str
    proofs: Callable[[Bench], Iterator[Proof]]


PROPERTIES = (
    Property("facts", "each derived fact rises with risk", "facts, over all their answers", facts_monotone),
    Property("fires", "every level can fire", "rules", every_level_fires),
    Property("masked", "no level is masked by a higher one", "rules", no_level_masked),
    Property(
        "riskier", "a riskier answer never lowers the tier", "rules, over all steps in risk", riskier_never_lowers
    ),
    Property("blank", 'unanswered never gives less than "no"', "rules, over all blanks", blank_never_lowers),
    Property("emergency", "each emergency sign alone gives EMERGENCY", "signs, over all other answers", emergencies),
    Property("tier", "no answers are left without a tier", "set of rules", always_a_tier),
    Property("under_18", "forbidden words reach no one under 18", "rules and questions", nothing_forbidden_under_18),
    Property("neutral", "no age threshold in the neutral band", "rules that age reaches", neutral_band_is_neutral),
)


@dataclass(frozen=True)
class Result:
    """What became of one property. `count` is how many rules, facts or signs were proved; `notes` say by what."""

    proved: Property
    count: int
    combinations: int
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]
    seconds: float

    @property
    def shared_note(self) -> str:
        return "; ".join(dict.fromkeys(self.notes))

    @property
    def holds(self) -> bool:
        return not self.faults


def prove(folder: Path | None = None, overlay: Path | None = None, only: str | None = None) -> list[Result]:
    """Every property of the rule set in a folder, or those that one rule, fact, sign or question has.

    Raises RuleError if it does not load.
    """

    def with_off(switched_off: frozenset[str]) -> RuleSet:
        return load(folder, switched_off, overlay)

    bench = Bench(with_off(frozenset()), with_off, only)
    results = [prove_property(wanted, bench) for wanted in PROPERTIES]
    return results if only is None else [result for result in results if result.count]


def prove_property(wanted: Property, bench: Bench) -> Result:
    """One property. What is too large to enumerate counts as not proved."""
    start = time.perf_counter()
    try:
        proofs = list(wanted.proofs(bench))
    except TooLargeError as error:
        proofs = [Proof("", 0, (Fault(wanted.id, f"too large to enumerate: {error}"),))]
    return Result(
        proved=wanted,
        count=len(proofs),
        combinations=sum(proof.combinations for proof in proofs),
        faults=tuple(fault for proof in proofs for fault in proof.faults),
        notes=tuple(proof.note for proof in proofs if proof.note),
        seconds=time.perf_counter() - start,
    )


def table(results: list[Result]) -> str:
    """The results as text, a line each: property, what was enumerated, combinations, result."""
    rows = [("property", "enumerated", "combinations", "result")]
    for result in results:
        notes = f" ({result.shared_note})" if result.shared_note else ""
        verdict = "proved" + notes if result.holds else f"FAILS: {len(result.faults)}"
        rows.append(
            (result.proved.says, f"{result.count} {result.proved.enumerated}", f"{result.combinations:,}", verdict)
        )
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    rows.insert(1, ("-" * widths[0], "-" * widths[1], "-" * widths[2], "-" * len("result")))
    return "\n".join(
        f"{says:<{widths[0]}}  {enumerated:<{widths[1]}}  {count:>{widths[2]}}  {verdict}"
        for says, enumerated, count, verdict in rows
    )
