"""Riskier answers never lower the tier, and a blank never gives less than the least risky answer."""

from __future__ import annotations

import random
from typing import Any

import pytest

import rules
from rules import Field, State

LOADED = rules.load()
# Who fills in the form has no order of risk: a carer is asked whether the person is there, nobody else is.
ORDERED = [
    field
    for field in LOADED.fields.values()
    if not field.unordered and field.kind != "text" and field.id != "completed_by"
]
SEEDS = range(60)
CHANGES_A_SEED = 60
DOSES = (1, 10, 33.3, 100, None)
TIMES = (0.5, 1, 4, 24, None)

CODES_WITHOUT_ORDER = {
    # Never tried is the least risky answer of a treatment, but the article asks to speak of it.
    "A14",
}


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311


def random_answer(field: Field, rng: random.Random) -> Any:
    if rng.random() < 0.1:
        return None
    if field.kind == "one":
        return field.codes[0] if rng.random() < 0.5 else rng.choice(field.codes)
    if field.kind == "any":
        items = [code for code in field.codes if code != "none"]
        return rng.sample(items, rng.randint(1, 3)) if rng.random() < 0.4 else ["none"]
    if field.kind == "rows":
        return [
            {"drug": rng.choice(field.codes), "dose": rng.choice(DOSES), "per_day": rng.choice(TIMES)}
            for _ in range(rng.randint(1, 3))
        ]
    if field.kind == "text":
        return "words"
    assert field.min is not None
    assert field.max is not None
    return field.min if field.optional and rng.random() < 0.3 else rng.randint(field.min, field.max)


def random_person(rng: random.Random) -> dict[str, Any]:
    person = {field.id: random_answer(field, rng) for field in LOADED.fields.values()}
    person["bp_systolic"], person["bp_diastolic"] = rng.choice([(None, None), (120, 80), (150, 95), (185, 125)])
    # Few people have many things wrong: most questions at their least risky answer, so that one can matter.
    for field in rng.sample(ORDERED, rng.randint(30, len(ORDERED))):
        if field.id in LOADED.base_person:
            person[field.id] = LOADED.base_person[field.id]
    return person


def riskier(field: Field, answer: Any, rng: random.Random) -> Any:
    """A riskier answer than this one, or the same where there is none."""
    if field.kind == "one":
        place = -1 if answer is None else field.codes.index(answer)
        return answer if answer is None else rng.choice(field.codes[place:])
    if field.kind == "any":
        if answer is None:
            return None
        ticked = [item for item in answer if item != "none"]
        left = [code for code in field.codes[1:] if code not in ticked]
        return [*ticked, rng.choice(left)] if left else ticked
    if field.kind == "rows" or answer is None:
        return answer
    assert field.max is not None
    return rng.randint(answer, field.max)


def least(field: Field) -> Any:
    return {"one": field.codes[:1], "any": (["none"],)}.get(field.kind, (field.min,))[0]


def is_allowed(answers: dict[str, Any]) -> bool:
    try:
        LOADED.check_answers(answers)
    except rules.AnswerError:
        return False
    return True


@pytest.mark.parametrize("seed", SEEDS)
def test_a_riskier_answer_never_lowers_the_tier(seed: int) -> None:
    rng = seeded(seed)
    person = random_person(rng)
    before = LOADED.assess(person)
    for field in rng.choices(ORDERED, k=CHANGES_A_SEED):
        changed = {**person, field.id: riskier(field, person[field.id], rng)}
        if is_allowed(changed):
            after = LOADED.assess(changed)
            assert after.tier >= before.tier, (field.id, person[field.id], changed[field.id])
            lowered = {
                found.rule
                for found in before.findings
                if (now := after.fired(found.rule)) is None or now.tier < found.tier
            }
            assert lowered <= CODES_WITHOUT_ORDER, (field.id, person[field.id], changed[field.id])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_blank_never_gives_less_than_the_least_risky_answer(seed: int) -> None:
    rng = seeded(1000 + seed)
    person = random_person(rng)
    for field in rng.choices([field for field in ORDERED if field.kind != "rows"], k=CHANGES_A_SEED):
        at_least = {**person, field.id: least(field)}
        if is_allowed(at_least):
            calm = LOADED.assess(at_least)
            blank = LOADED.assess({**person, field.id: None})
            assert blank.tier >= calm.tier, field.id


@pytest.mark.parametrize("field", ORDERED, ids=[field.id for field in ORDERED])
def test_a_blank_alone_is_never_less_than_the_base_person(field: Field) -> None:
    everyone = {**LOADED.base_person, "completed_by": "carer", "with_patient": "yes"}
    assert LOADED.assess({**everyone, field.id: None}).tier >= LOADED.assess(everyone).tier


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_not_reached_never_raises_the_tier(seed: int) -> None:
    rng = seeded(2000 + seed)
    person = random_person(rng)
    reached: list[str] = []
    tier = rules.Tier.INFO
    for field in LOADED.fields:
        reached.append(field)
        path = LOADED.path(person, reached)
        assert all(on_path.state is State.NOT_ASKED for other, on_path in path.items() if other not in reached)
        if rng.random() < 0.1:
            now = LOADED.assess(person, reached).tier
            assert now >= tier, field
            tier = now
