"""Step 11: what the person has in mind. Nothing here promises or advises a treatment."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from screening.questions.choices import NO_YES, NOT_SURE
from screening.questions.spec import Choice, Page, Question, Step

KETAMINE = Page(
    id="ketamine",
    title=_l("Ketamine"),
    questions=(
        Question(
            id="considering_ketamine",
            text=_l("Do you think about ketamine as a treatment for your pain?"),
            short=_l("Thinks about ketamine treatment"),
            choices=NO_YES,
        ),
    ),
)

KETAMINE_PLANS = Page(
    id="ketamine-plans",
    title=_l("Your thoughts on ketamine"),
    questions=(
        Question(
            id="ketamine_setting",
            text=_l("Where do you plan to have it?"),
            short=_l("Where ketamine is planned"),
            choices=(
                Choice("clinic", _l("In a clinic or hospital")),
                Choice("home_or_online", _l("At home, or from an online service")),
                Choice("none", _l("I have no plan")),
                NOT_SURE,
            ),
        ),
        Question(
            id="escort",
            text=_l("Could an adult take you home after it?"),
            short=_l("An adult to take the person home"),
            choices=(Choice("yes", _l("Yes")), Choice("no", _l("No")), NOT_SURE),
        ),
        Question(
            id="expectation",
            text=_l("What do you hope that it would do?"),
            short=_l("What the person hopes for"),
            choices=(
                Choice("some_relief", _l("Ease some of the pain")),
                Choice("cure", _l("Cure the pain")),
                NOT_SURE,
            ),
        ),
    ),
)

ANYTHING_ELSE = Page(
    id="anything-else",
    title=_l("Anything else"),
    questions=(
        Question(
            id="anything_else",
            text=_l("Is there anything else you want us to know?"),
            short=_l("Anything else"),
            hint=_l("Staff will read this, but not at once. You may leave it blank."),
        ),
    ),
)

STEP = Step(number=11, id="plans", title=_l("Your plans"), pages=(KETAMINE, KETAMINE_PLANS, ANYTHING_ELSE))
