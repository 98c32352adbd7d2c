"""Conditions in plain words: nothing of the notation is left, and nothing of the condition is lost."""

from __future__ import annotations

import re

import pytest

import rules
from rules.conditions import ConditionError
from screening.rule_words import in_words, label, number_text, short

RULES = rules.load()
LEVELS = [(rule.id, level.tier.name, level.when) for rule in RULES.rules.values() for level in rule.levels]
NOTATION = re.compile(r"&&|\|\||==|!=|[<>]=?|[\[\]\"]|\b\w+_\w+\b|\bin_play\b|\bsize\b|\bexists\b|!")


def said(condition: str) -> str:
    return "\n".join(in_words(RULES, condition).lines())


@pytest.mark.parametrize(("rule", "tier", "when"), LEVELS, ids=[f"{rule}-{tier}" for rule, tier, _ in LEVELS])
def test_every_condition_is_in_words_with_each_of_its_numbers_and_answers(rule: str, tier: str, when: str) -> None:
    words = said(when)
    assert not NOTATION.search(words), words
    for threshold in RULES.thresholds.values():
        if re.search(rf"\b{threshold.id}\b", when):
            assert f"{number_text(threshold)} or more" in words or f"below {number_text(threshold)}" in words
            assert threshold.unit in words
    fields = [field for field in RULES.fields.values() if re.search(rf"\b{field.id}\b", when)]
    for code in re.findall(r'"(\w+)"', when):
        assert (
            any(label(field.id, code) in words for field in fields if code in (*map(str, field.codes), "unanswered"))
            or code == "not_asked"
        )
    assert len(in_words(RULES, when).lines()) == comparisons(when)


def comparisons(when: str) -> int:
    """How many things a condition compares: as many as it has parts between its ands and ors."""
    inside_lists = re.sub(r"\.exists\([^)]*\)", "", when)
    return len(re.split(r"&&|\|\|", inside_lists))


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ('cancer_history != "no"', f"{short('cancer_history')}: anything but “No”"),
        ('hx_heart in ["stable", "unanswered"]', f"{short('hx_heart')}: {label('hx_heart', 'stable')} or not answered"),
        ("bp_systolic >= bp_severe_systolic", f"{short('bp_systolic')}: 180† or more (mmHg)"),
        ("mme >= mme_high", "Opioid dose a day, for risk screening only: 50 or more (mg morphine equivalent a day)"),
        (
            "peg_sum < peg_moderate",
            "PEG, adapted wording, summed (0–30, a blank item counts 10): below 12† (points of 30)",
        ),
        ("!mme_known", "The opioid dose a day is not known"),
        ('infection_risk == ["none"]', f"{short('infection_risk')}: “None of these” alone"),
        ("size(rf_acute) == 0", f"{short('rf_acute')}: not answered"),
        ('audit1_state == "not_asked"', f"{short('audit1')}: not asked"),
        ("true", "Always"),
    ],
)
def test_one_comparison_is_one_line(condition: str, words: str) -> None:
    assert said(condition) == words


def test_and_binds_before_or_and_brackets_before_both() -> None:
    words = in_words(RULES, "has_pain && chronic || leg && (changed || fragile)")
    assert words.join == "any"
    assert [part.join for part in words.parts] == ["all", "all"]
    assert [part.join for part in words.parts[1].parts] == ["one", "any"]


def test_brackets_that_change_nothing_leave_one_list() -> None:
    words = in_words(RULES, "has_pain && (chronic && leg)")
    assert (words.join, len(words.parts)) == ("all", 3)
    assert all(part.join == "one" for part in words.parts)


@pytest.mark.parametrize(
    "condition",
    ["peg_sum + 1 >= peg_moderate", "has_pain ? leg : chronic", "unheard_of", "has_pain && ", "(leg", "has_pain leg",
     'rf_acute.all(sign, sign != "none")', "peg_sum >= audit_c", '!(has_pain || leg)', 'meds_list.size() == 0'],
)  # fmt: skip
def test_what_cannot_be_put_in_words_is_refused_rather_than_guessed(condition: str) -> None:
    with pytest.raises(ConditionError):
        in_words(RULES, condition)
