"""The rule set in force, loaded and checked once at start."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app

import rules
from screening.clinic import current_clinic
from screening.config import Settings

ALL_PARTS: frozenset[str] = frozenset()


def init_rules(app: Flask, settings: Settings) -> None:
    """Load the rules, with and without the part that a clinic can switch off. Raises rules.RuleError."""
    app.extensions["rulesets"] = {
        switched_off: rules.load(settings.rules_dir, switched_off)
        for switched_off in (ALL_PARTS, frozenset({"audit_c"}))
    }


def ruleset() -> rules.RuleSet:
    """The rules in force, with the parts that this clinic asks."""
    return cast(rules.RuleSet, current_app.extensions["rulesets"][current_clinic().switched_off])
