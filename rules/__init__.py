"""The clinical rules: what was answered in, how soon and by whom a person should be seen out.

Knows neither the web nor a database. `load()` gives a RuleSet, `RuleSet.assess(answers)` an Assessment.
"""

from rules.engine import RuleSet
from rules.loader import load
from rules.model import (
    AnswerError,
    Answers,
    AnswerValue,
    Assessment,
    Field,
    Finding,
    OnPath,
    Opioid,
    OpioidTable,
    Rule,
    RuleError,
    State,
    Threshold,
    Tier,
)

__all__ = [
    "AnswerError",
    "AnswerValue",
    "Answers",
    "Assessment",
    "Field",
    "Finding",
    "OnPath",
    "Opioid",
    "OpioidTable",
    "Rule",
    "RuleError",
    "RuleSet",
    "State",
    "Threshold",
    "Tier",
    "load",
]
