"""Times `explain-case` on 10,000 random cases, each with every branch of the questionnaire in play.

Run `python -m bench.explain [cases]`. Fails if it takes a minute or more: a clinic's whole history must be a
coffee's wait.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import rules
from rules.model import Field

CASES = 10_000
SECONDS_MAX = 60
FLASK = Path(sys.executable).with_name("flask")


def random_case(fields: dict[str, Field], chance: random.Random) -> dict[str, Any]:
    """Answers to every choice, scale and number, one in twelve of them left out."""
    answers: dict[str, Any] = {"opioids": [{"drug": "morphine", "dose": chance.randint(5, 60), "per_day": 2}]}
    for field in fields.values():
        if chance.random() > 1 / 12 and field.kind in _VALUES:
            answers[field.id] = _VALUES[field.kind](field, chance)
    if "bp_systolic" in answers and "bp_diastolic" in answers:
        answers["bp_systolic"] = min(260, max(answers["bp_systolic"], answers["bp_diastolic"] + 1))
    return answers


def _some(field: Field, chance: random.Random) -> list[str | int]:
    alone = field.codes[-1] if field.codes[-1] == "none" else field.codes[0]
    items = [code for code in field.codes if code != alone]
    return chance.sample(items, chance.randint(1, len(items))) if chance.random() > 1 / 3 else [alone]


def _number(field: Field, chance: random.Random) -> int:
    assert field.min is not None and field.max is not None
    return chance.randint(field.min, field.max)


_VALUES = {
    "one": lambda field, chance: chance.choice(field.codes),
    "any": _some,
    "integer": _number,
    "scale": lambda field, chance: chance.choice(field.codes) if field.codes else _number(field, chance),
}


def main() -> None:
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else CASES
    fields, chance = dict(rules.load().fields), random.Random(0)  # noqa: S311
    text = "".join(json.dumps(random_case(fields, chance)) + "\n" for _ in range(cases))
    start = time.monotonic()
    done = subprocess.run(  # noqa: S603
        [FLASK, "--app", "wsgi", "explain-case", "-"], input=text.encode(), stdout=subprocess.PIPE, check=True
    )
    seconds = time.monotonic() - start
    assert done.stdout.count(b"\n") == cases
    print(f"{cases} cases in {seconds:.1f} s, {cases / seconds:.0f} a second")
    if seconds * CASES / cases >= SECONDS_MAX:
        sys.exit(f"too slow: {CASES} cases must take less than {SECONDS_MAX} s")


if __name__ == "__main__":
    main()
