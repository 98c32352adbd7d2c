"""Step 4: how pain affects the person. Our own wording of what the PEG scale asks."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from screening.questions.choices import DONT_KNOW, NOT_SURE
from screening.questions.spec import Choice, Page, Question, Step

EFFECT = Page(
    id="pain-effect",
    title=_l("Your pain and your life"),
    questions=(
        Question(
            id="peg_pain",
            text=_l("How strong was your pain most of the time in the past week?"),
            short=_l("Pain in the past week"),
            low_label=_l("No pain"),
            high_label=_l("The worst you can think of"),
            dont_know=DONT_KNOW,
        ),
        Question(
            id="peg_enjoyment",
            text=_l("How much did pain spoil your joy in life in the past week?"),
            short=_l("Pain spoils joy in life"),
            low_label=_l("Not at all"),
            high_label=_l("All of it"),
            dont_know=DONT_KNOW,
        ),
        Question(
            id="peg_activity",
            text=_l("How much did pain get in the way of what you do in the past week?"),
            short=_l("Pain gets in the way of activity"),
            low_label=_l("Not at all"),
            high_label=_l("All of the time"),
            dont_know=DONT_KNOW,
        ),
        Question(
            id="pain_limits",
            text=_l("How often did pain stop you from doing things in the past 3 months?"),
            short=_l("How often pain limits life"),
            hint=_l("At home, at work or with friends."),
            choices=(
                Choice("never", _l("Never")),
                Choice("some_days", _l("On some days")),
                Choice("most_days", _l("On most days")),
                Choice("every_day", _l("Every day")),
                NOT_SURE,
            ),
        ),
    ),
)

STEP = Step(number=4, id="pain_effect", title=_l("How pain affects you"), pages=(EFFECT,))
