"""Step 10: alcohol and drugs. Our own wording of what the AUDIT-C asks."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from screening.questions.choices import DONT_KNOW, NO, NOT_SURE, PREFER_NOT
from screening.questions.spec import Choice, Page, Question, Step

ALCOHOL = Page(
    id="alcohol",
    title=_l("Alcohol"),
    questions=(
        Question(
            id="audit1",
            text=_l("How often do you drink alcohol?"),
            short=_l("How often alcohol"),
            hint=_l("Beer, wine, liquor and mixed drinks all count. Some do not mix well with pain medicine."),
            choices=(
                Choice(0, _l("Never")),
                Choice(1, _l("Once a month or less")),
                Choice(2, _l("2 to 4 times a month")),
                Choice(3, _l("2 to 3 times a week")),
                Choice(4, _l("4 or more times a week")),
            ),
            dont_know=DONT_KNOW,
        ),
    ),
)

MORE = Page(
    id="alcohol-drugs",
    title=_l("Alcohol and drugs"),
    questions=(
        Question(
            id="audit2",
            text=_l("How many drinks do you have on a day when you drink?"),
            short=_l("Drinks on a drinking day"),
            hint=_l("One drink is a can of beer, a small glass of wine or one shot of liquor."),
            choices=(
                Choice(0, _l("1 or 2")),
                Choice(1, _l("3 or 4")),
                Choice(2, _l("5 or 6")),
                Choice(3, _l("7 to 9")),
                Choice(4, _l("10 or more")),
            ),
            dont_know=DONT_KNOW,
        ),
        Question(
            id="audit3",
            text=_l("How often do you have 6 or more drinks at one time?"),
            short=_l("6 or more drinks at one time"),
            choices=(
                Choice(0, _l("Never")),
                Choice(1, _l("Less than once a month")),
                Choice(2, _l("Once a month")),
                Choice(3, _l("Once a week")),
                Choice(4, _l("Every day, or almost")),
            ),
            dont_know=DONT_KNOW,
        ),
        Question(
            id="drug_use",
            text=_l("Do you use street drugs, or medicine in a way that was not prescribed?"),
            short=_l("Drug use"),
            hint=_l("Ketamine that is not from a doctor counts. Legal cannabis (weed) does not count."),
            hint_under_18=_l("Legal cannabis (weed) does not count."),
            choices=(
                NO,
                Choice("recovery", _l("Not now, I am in recovery")),
                Choice("current", _l("Yes")),
                NOT_SURE,
                PREFER_NOT,
            ),
        ),
    ),
)

STEP = Step(number=10, id="alcohol_drugs", title=_l("Alcohol and drugs"), pages=(ALCOHOL, MORE))
