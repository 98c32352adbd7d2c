"""Identity data that staff correct, with a reason: what they were is kept, and another age assesses the case anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from rules import Tier
from screening.actions.assessing import Foreseen, foresee, on_path
from screening.actions.open_draft import allowed
from screening.actions.reassessing import reassess, sources_of
from screening.actions.unit import Actor, Missing, Unit, unit_of_work
from screening.clinic import current_clinic
from screening.identity import age_on
from screening.models import Case, CaseAssessment, IdentityCorrection, Patient, SearchToken, db
from screening.person import changed_parts
from screening.queries.people import corrections_made
from screening.rulebook import hold_in_force
from screening.search import tokens_of


class CorrectedMeanwhile(Exception):
    """Somebody else corrected the identity since it was read."""


@dataclass(frozen=True)
class Reassessed:
    """What another age led to in one case. `reopened`: a decision rested on something that it changed."""

    case_id: int
    before: Tier
    after: Tier
    reopened: bool


@dataclass(frozen=True)
class Corrected:
    parts: tuple[str, ...]
    """Of person.PARTS; none where nothing was changed."""
    reassessed: tuple[Reassessed, ...] = ()


@dataclass(frozen=True)
class _Aged:
    """The answers of a case with another age, and who gave each."""

    answers: dict[str, Any]
    given: dict[str, Any]


def correct_identity(*, patient_id: int, values: Mapping[str, Any], reason: str, seen: int, by: Actor) -> Corrected:
    """Put these parts of an identity in place of what they are. `seen` is how often it was corrected when it was read.

    Raises Missing, or CorrectedMeanwhile.
    """
    foreseen = _foresee(patient_id, values)
    with unit_of_work(by) as unit:
        hold_in_force()
        patient = unit.lock(Patient, patient_id)
        if corrections_made(patient_id) != seen:
            raise CorrectedMeanwhile(patient_id)
        changed = changed_parts(patient.identity, values)
        if not changed:
            return Corrected(())
        correction = _correct(unit, patient, changed, reason, seen)
        cases = [unit.lock(Case, case_id) for case_id in _cases(patient_id)]
        reassessed = tuple(_reassess(unit, case, correction, foreseen) for case in cases if _ages(case, changed))
        tiers = {
            row.case_id: {"before": row.before.name, "after": row.after.name, "reopened": row.reopened}
            for row in reassessed
        }
        detail = {"correction": correction.id, "parts": sorted(changed)}
        unit.audit_each("case.identity_corrected", [(case, {**detail, **tiers.get(case.id, {})}) for case in cases])
        return Corrected(tuple(changed), reassessed)


def _foresee(patient_id: int, values: Mapping[str, Any]) -> dict[int, Foreseen]:
    """The call lists that the cases will have, made before the write as each takes up to a second."""
    patient = db.session.get(Patient, patient_id)
    if patient is None:
        raise Missing(f"Patient {patient_id}")
    changed = changed_parts(patient.identity, values)
    cases = [db.session.get_one(Case, case_id) for case_id in _cases(patient_id)]
    return {case.id: foresee(_aged(case, changed["date_of_birth"]).answers) for case in cases if _ages(case, changed)}


def _correct(unit: Unit, patient: Patient, changed: Mapping[str, Any], reason: str, number: int) -> IdentityCorrection:
    correction = IdentityCorrection(
        patient_id=patient.id,
        number=number,
        before=patient.identity,
        reason=reason,
        corrected_at=unit.now,
        corrected_by_id=unit.by.user_id,
        corrected_name=unit.by.name,
    )
    db.session.add(correction)
    patient.identity = {**patient.identity, **changed}
    wanted = tokens_of(patient.identity)
    kept = [token for token in patient.tokens if (token.kind, token.token) in wanted]
    new = wanted - {(token.kind, token.token) for token in kept}
    patient.tokens = [*kept, *(SearchToken(kind=kind, token=token) for kind, token in sorted(new))]
    db.session.flush()
    return correction


def _cases(patient_id: int) -> list[int]:
    return list(db.session.scalars(select(Case.id).where(Case.patient_id == patient_id).order_by(Case.id)))


def _age(case: Case, born: str | None) -> int | None:
    """On the day on which the case was sent."""
    return age_on(born, current_clinic().today(case.submitted_at))


def _ages(case: Case, changed: Mapping[str, Any]) -> bool:
    """Whether a correction changes the age in this case."""
    return "date_of_birth" in changed and _age(case, changed["date_of_birth"]) != case.answers.get("age_years")


def _reassess(unit: Unit, case: Case, correction: IdentityCorrection, foreseen: Mapping[int, Foreseen]) -> Reassessed:
    before, aged = Tier(case.tier), _aged(case, case.patient.identity["date_of_birth"])
    reopened = reassess(
        unit, case, aged.answers, given=aged.given, foreseen=foreseen.get(case.id), correction_id=correction.id
    )
    return Reassessed(case.id, before, Tier(case.tier), reopened)


def _aged(case: Case, born: str | None) -> _Aged:
    """An answer that another age took off the path comes back with its source when it is asked for again."""
    answers, given = dict(case.answers), dict(sources_of(case))
    earlier = select(CaseAssessment).where(CaseAssessment.case_id == case.id).order_by(CaseAssessment.number.desc())
    for row in db.session.scalars(earlier):
        back = row.answers.keys() - answers.keys()
        answers.update({field: row.answers[field] for field in back})
        given.update({field: source for field, source in (row.given or {}).items() if field in back})
    on_it = on_path(allowed({**answers, "age_years": _age(case, born)}))
    return _Aged(on_it, {field: source for field, source in given.items() if field in on_it})
