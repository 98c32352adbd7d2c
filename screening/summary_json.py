"""The record of a print as JSON, which rides along in the PDF: what a person reads, a machine can read too."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Literal

from screening.summary import AnswerSection, Summary

FORMAT = "screening-record/1"


def record_json(summary: Summary, variant: Literal["staff", "patient"]) -> str:
    """All of the pages' facts, and nothing that the pages do not say. The patient's copy has no rules in it."""
    staff = variant == "staff"
    shown = {
        "format": FORMAT,
        "reference": summary.reference,
        "submitted_at": summary.created,
        "clinic": summary.clinic.name,
        "person": asdict(summary.person),
        "demo": summary.demo,
        "questionnaire_version": summary.questionnaire_version,
        "ruleset_version": summary.ruleset_version,
        "language": "en" if staff else summary.language,
        "sections": [_section(section, staff) for section in (summary.sections if staff else summary.seen.sections)],
        **(_for_staff(summary) if staff else {}),
    }
    return json.dumps(shown, ensure_ascii=False)


def _section(section: AnswerSection, staff: bool) -> dict[str, Any]:
    answers = []
    for row in section.answers:
        answer = {"id": row.id, "question": row.question, "answer": row.answer, "unknown": row.unknown}
        answers.append(answer | ({"rules": list(row.rules), "note": row.note} if staff else {}))
    return {"number": section.number, "title": section.title, "answers": answers}


def _for_staff(summary: Summary) -> dict[str, Any]:
    return {
        "ruleset_sha256": summary.ruleset_sha256,
        "rules_approved": summary.rules_approved,
        "tier": summary.tier,
        "out_of_scope": summary.out_of_scope,
        "unanswered": list(summary.unanswered),
        "contradictions": [list(pair) for pair in summary.contradictions],
        "findings": [
            {"rule": finding.rule, "tier": finding.tier, "basis": finding.basis, "title": finding.title}
            for finding in summary.findings
        ],
    }
