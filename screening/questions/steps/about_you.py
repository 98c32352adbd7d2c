"""Step 2: who the person is. Name and phone are identity, not answers: forms.contact_form asks them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from screening.questions.choices import NO, NOT_SURE, PREFER_NOT
from screening.questions.spec import Choice, Page, Question, Step

CONTACT = Page(
    id="contact",
    title=_l("How to reach you"),
    intro=_l("We use this to find your form and to call you about it."),
    questions=(),
    identity=True,
)

SEX = Page(
    id="sex",
    title=_l("Sex at birth"),
    questions=(
        Question(
            id="sex_at_birth",
            text=_l("What sex were you given at birth?"),
            short=_l("Sex at birth"),
            hint=_l("Some health risks depend on it."),
            choices=(
                Choice("female", _l("Female")),
                Choice("male", _l("Male")),
                Choice("other", _l("Another answer")),
                PREFER_NOT,
            ),
        ),
    ),
)

PREGNANCY = Page(
    id="pregnancy",
    title=_l("Pregnancy"),
    questions=(
        Question(
            id="pregnancy",
            text=_l("Are you pregnant, or did you just have a baby?"),
            short=_l("Pregnancy"),
            hint=_l("If you gave birth in the last 6 weeks, choose that, even if you breastfeed."),
            choices=(
                NO,
                Choice("pregnant", _l("I am pregnant")),
                Choice("maybe", _l("I may be pregnant")),
                Choice("postpartum_6w", _l("I gave birth in the last 6 weeks")),
                Choice("breastfeeding", _l("I breastfeed")),
                NOT_SURE,
            ),
        ),
    ),
)

STEP = Step(number=2, id="about_you", title=_l("About you"), pages=(CONTACT, SEX, PREGNANCY))
