"""A person is back at their form: what was held of it is saved, or shown to them."""

from __future__ import annotations

from werkzeug.wrappers import Response

from screening.actions import drafts, holding
from screening.actions.drafts import Saved
from screening.actions.holding import Held
from screening.actions.unit import PATIENT
from screening.models import Draft
from screening.questions import PAGES
from screening.views.patient.blueprint import BIRTH, see_other, to_check
from screening.views.patient.pages import elsewhere, form_of, resume, save_form
from screening.views.patient.start import birth_form_of


def claim(draft_id: int) -> Response:
    """Save what was held of a form, as if it came just now, and go on from there.

    What is not fit to save, or is older than something that was saved since, is shown to the person first.
    """
    show_emergency = False
    for held in holding.all_held(drafts.load(draft_id)):
        saved = _save(drafts.load(draft_id), held) if held.settled else None
        show_emergency = show_emergency or (saved is not None and saved.show_emergency)
    return see_other("patient.emergency", to=to_check()) if show_emergency else resume(drafts.load(draft_id))


def _save(draft: Draft, held: Held) -> Saved | None:
    if held.page == BIRTH:
        birth = birth_form_of(draft, held.typed)
        return (
            drafts.save_identity(draft_id=draft.id, identity=birth.identity(), page=BIRTH, by=PATIENT)
            if birth.validate()
            else None
        )
    asked = PAGES.get(held.page)
    if asked is None or elsewhere(asked, draft):
        return None
    form = form_of(asked, draft, held.typed)
    return save_form(asked, draft, form) if form.validate() else None
