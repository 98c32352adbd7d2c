"""`python -m rules`: check and prove a rule set without the rest of the program."""

from rules.cli import rules_group

rules_group(prog_name="python -m rules")
