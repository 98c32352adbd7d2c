"""Which language a person reads in, and a clinic's word that a translation is good."""

from __future__ import annotations

from screening.actions.open_draft import assess_so_far, lock_open
from screening.actions.telling import tell_again
from screening.actions.unit import Actor, unit_of_work
from screening.models import Draft, TranslationApproval, db
from screening.translation import current_sha256


class WordsChanged(Exception):
    """The words are not those that were read: another version of the program or of the rules came in between."""


def change_language(*, draft_id: int, language: str, by: Actor) -> Draft:
    """The person reads on in another language, in which they are told once more what they were told. Raises Missing."""
    with unit_of_work(by) as unit:
        draft = lock_open(unit, draft_id)
        if draft.language != language:
            before, draft.language = draft.language, language
            draft.last_activity_at = unit.now
            tell_again(unit, draft, assess_so_far(draft))
            unit.audit("draft.language_changed", draft, before=before, language=language)
        return draft


def approve_translation(*, language: str, sha256: str, by: Actor) -> TranslationApproval:
    """The clinic approves a language's words. `sha256` is of those that were read. Raises WordsChanged."""
    with unit_of_work(by) as unit:
        if sha256 != current_sha256(language):
            raise WordsChanged
        approval = TranslationApproval(
            language=language, sha256=sha256, user_id=by.user_id, approved_name=by.name, approved_at=unit.now
        )
        db.session.add(approval)
        unit.audit("translation.approved", approval, language=language, sha256=sha256)
        return approval
