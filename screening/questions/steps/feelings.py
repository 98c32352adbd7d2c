"""Step 5: what the pain feels like. Our own question on nerve-type features, no named tool."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from screening.questions.choices import NONE, NOT_SURE
from screening.questions.spec import Choice, Page, Question, Step

FEELINGS = Page(
    id="feelings",
    title=_l("What your pain feels like"),
    questions=(
        Question(
            id="nerve_feelings",
            text=_l("Do you have any of these feelings where it hurts?"),
            short=_l("Nerve-type features"),
            hint=_l("Tick all that apply."),
            choices=(
                Choice("burning", _l("It burns")),
                Choice("electric", _l("Jolts, like an electric shock")),
                Choice("tingling", _l("It tingles, like pins and needles")),
                Choice("numb", _l("The skin is numb")),
                Choice("touch_hurts", _l("A light touch hurts"), _l("Such as clothes or a bed sheet")),
                NOT_SURE,
                NONE,
            ),
        ),
    ),
)

STEP = Step(number=5, id="feelings", title=_l("What it feels like"), pages=(FEELINGS,))
