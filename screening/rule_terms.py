"""What the derived facts of rules/facts.py say, in plain English."""

from __future__ import annotations

from collections.abc import Mapping

TRUTHS: Mapping[str, tuple[str, str]] = {
    "has_pain": ("Has pain somewhere, or did not say where", "Has no pain"),
    "leg": ("Pain in a buttock, thigh, calf or foot", "No pain in a buttock, thigh, calf or foot"),
    "in_scope": ("Pain in the back or a leg", "No pain in the back or a leg"),
    "chronic": (
        "Pain for 3 months or longer, or how long is not sure or not answered",
        "Pain for less than 3 months",
    ),
    "six_weeks": ("Pain for 6 weeks or longer, or how long is not sure or not answered", "Pain for less than 6 weeks"),
    "changed": ("The pain is new or different in the last 4 weeks", "The pain is not known to be new or different"),
    "high_impact": (
        "Pain limits life or work on most days or every day, or how often is not sure or not answered",
        "Pain limits life or work on some days or never",
    ),
    "alcohol_positive": (
        "AUDIT-C, adapted wording (a blank item counts 4), is {audit_c_male} or more in men, "
        "{audit_c_other} or more in everyone else",
        "AUDIT-C, adapted wording (a blank item counts 4), is below {audit_c_male} in men, "
        "below {audit_c_other} in everyone else",
    ),
    "mme_known": ("The opioid dose a day is known", "The opioid dose a day is not known"),
    "opioid_special": (
        "Takes methadone, a fentanyl patch or buprenorphine",
        "Takes none of methadone, a fentanyl patch and buprenorphine",
    ),
    "ces_any": (
        "Any of the four signs (bladder, bowel, saddle numbness, both legs weak) is not “No”",
        "All of the four signs (bladder, bowel, saddle numbness, both legs weak) are “No”",
    ),
    "neuro_new": (
        "Any of the four signs, or unsteady walking, or weakness of one leg is new or got worse",
        "None of the four signs, unsteady walking and weakness of one leg is known to be new or worse",
    ),
    "neuro_any": (
        "Any of the four signs, or unsteady walking, or weakness of one leg is not “No”",
        "The four signs, unsteady walking and weakness of one leg are all “No”",
    ),
    "fragile": (
        "Aged {fragile_age} or more, or age not known, or “Weak bones, or long steroid use” is not “No”",
        "Below {fragile_age}, with “Weak bones, or long steroid use” “No”",
    ),
    "in_play": (
        "Ketamine is a question: thinks about it or may, or had it or may have had it",
        "Ketamine is not a question: does not think about it and never had it",
    ),
    "age_known": ("The age is known", "The age is not known"),
}
"""What a derived fact says when it holds and when it does not. Thresholds stand in braces."""

SUMS: Mapping[str, str] = {
    "peg_sum": "PEG, adapted wording, summed (0–30, a blank item counts 10)",
    "nerve_count": "Nerve-type features (not sure or not answered counts 2)",
    "inadequate": "Treatments of the seven that helped some or less (not sure and not answered count)",
    "failed": "Treatments of the seven that failed (no help, side effects; not sure and not answered count)",
    "phq2": "PHQ-2, adapted wording (0–6, a blank item counts 3)",
    "gad2": "GAD-2, adapted wording (0–6, a blank item counts 3)",
    "audit_c": "AUDIT-C, adapted wording (0–12, a blank item counts 4)",
    "mme": "Opioid dose a day, for risk screening only",
    "ces_count": "How many of the four signs (bladder, bowel, saddle numbness, both legs weak) are not “No”",
}
"""What a derived number is of."""
