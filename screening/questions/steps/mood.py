"""Step 9: mood and safety, kind and plain. Our own wording of what the PHQ-4 and one item of the PHQ-9 ask."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from screening.questions.choices import DONT_KNOW, HOW_OFTEN, NO, NOT_SURE, PREFER_NOT, YES
from screening.questions.spec import Choice, Page, Question, Step

MOOD = Page(
    id="mood",
    title=_l("Your mood"),
    intro=_l("Pain can wear you down. These questions are about the past 2 weeks."),
    crisis_line=True,
    questions=(
        Question(
            id="gad_nervous",
            text=_l("How often did you feel tense or on edge in the past 2 weeks?"),
            short=_l("Tense or on edge"),
            choices=HOW_OFTEN,
            dont_know=DONT_KNOW,
        ),
        Question(
            id="gad_worry",
            text=_l("How often was it hard to stop your worries in the past 2 weeks?"),
            short=_l("Hard to stop worries"),
            choices=HOW_OFTEN,
            dont_know=DONT_KNOW,
        ),
        Question(
            id="phq_interest",
            text=_l("How often did you not enjoy things, or not care about them, in the past 2 weeks?"),
            short=_l("Does not enjoy things"),
            choices=HOW_OFTEN,
            dont_know=DONT_KNOW,
        ),
        Question(
            id="phq_down",
            text=_l("How often did you feel sad or without hope in the past 2 weeks?"),
            short=_l("Sad or without hope"),
            choices=HOW_OFTEN,
            dont_know=DONT_KNOW,
        ),
    ),
)

DARK_THOUGHTS = Page(
    id="dark-thoughts",
    title=_l("Dark thoughts"),
    crisis_line=True,
    questions=(
        Question(
            id="phq9_item9",
            text=_l("How often did you wish you were dead, or think of hurting yourself, in the past 2 weeks?"),
            short=_l("Thoughts of death or self-harm (one item)"),
            hint=_l("Many people in pain have dark thoughts. You can be open here. There is help."),
            choices=(*HOW_OFTEN, Choice("declined", _l("I’d rather not say"))),
        ),
    ),
)

SAFE_NOW = Page(
    id="safe-now",
    title=_l("How you are right now"),
    crisis_line=True,
    questions=(
        Question(
            id="si_now",
            text=_l("Do you think of acting on such thoughts, or feel that you can’t stay safe?"),
            short=_l("Thinks of acting on it, or cannot stay safe"),
            hint=_l("Thank you for going on. We ask so that you can get help fast if you need it."),
            choices=(NO, YES, NOT_SURE, PREFER_NOT),
        ),
    ),
)

PAST_HARM = Page(
    id="past-harm",
    title=_l("In the past"),
    crisis_line=True,
    questions=(
        Question(
            id="suicide_attempt",
            text=_l("Did you ever try to end your life?"),
            short=_l("Suicide attempt"),
            hint=_l("We ask everyone. Your answer helps us to care for you."),
            choices=(
                NO,
                Choice("past", _l("Yes, more than 3 months ago")),
                Choice("last_3_months", _l("Yes, in the last 3 months")),
                NOT_SURE,
                PREFER_NOT,
            ),
        ),
    ),
)

MIND = Page(
    id="mind",
    title=_l("Your mind"),
    crisis_line=True,
    questions=(
        Question(
            id="psychosis_mania",
            text=_l("Do you ever hear or see things that others do not, or have times of wild energy?"),
            short=_l("Psychosis or mania"),
            hint=_l(
                "In such times you may hardly sleep, talk very fast, or feel you can do anything. A doctor may "
                "have called it psychosis, mania or bipolar."
            ),
            choices=(NO, Choice("past", _l("Yes, in the past")), Choice("current", _l("Yes, now")), NOT_SURE),
        ),
    ),
)

STEP = Step(
    number=9,
    id="mood",
    title=_l("Mood and safety"),
    pages=(MOOD, DARK_THOUGHTS, SAFE_NOW, PAST_HARM, MIND),
)
