"""Step 8: other illnesses, in plain words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from screening.questions.choices import DONT_KNOW, NO, NO_YES, NOT_SURE, YES
from screening.questions.spec import Choice, Page, Question, Step

MMHG = _l("mmHg")

BLOOD_PRESSURE = Page(
    id="blood-pressure",
    title=_l("Blood pressure"),
    questions=(
        Question(
            id="hx_bp",
            text=_l("Do you have high blood pressure?"),
            short=_l("High blood pressure"),
            choices=(
                NO,
                Choice("controlled", _l("Yes, and it is under control")),
                Choice("not_controlled", _l("Yes, and it is often too high")),
                NOT_SURE,
            ),
        ),
        Question(
            id="bp_systolic",
            text=_l("What was the top number of your last blood pressure?"),
            short=_l("Blood pressure, top number"),
            hint=_l("The top number is the bigger one, such as 120. You may leave this blank."),
            unit=MMHG,
            dont_know=DONT_KNOW,
        ),
        Question(
            id="bp_diastolic",
            text=_l("What was the bottom number of your last blood pressure?"),
            short=_l("Blood pressure, bottom number"),
            hint=_l("The bottom number is the smaller one, such as 80. You may leave this blank."),
            unit=MMHG,
            dont_know=DONT_KNOW,
        ),
    ),
)

HEART_BRAIN = Page(
    id="heart-brain",
    title=_l("Heart, brain, eyes and breathing"),
    questions=(
        Question(
            id="hx_heart",
            text=_l("Do you have a heart problem?"),
            short=_l("Heart problem"),
            choices=(
                NO,
                Choice("stable", _l("Yes, one that is stable")),
                Choice(
                    "unstable",
                    _l("Yes: angina, heart failure, a new heart attack, or a wild heartbeat"),
                    _l(
                        "Angina is chest pain from the heart. A heart attack is new if it was in the last 6 months. "
                        "A wild heartbeat is one that is not under control."
                    ),
                ),
                NOT_SURE,
            ),
        ),
        Question(
            id="hx_brain",
            text=_l("Did you ever have a stroke or a brain problem?"),
            short=_l("Stroke or brain problem"),
            hint=_l(
                "Such as a stroke, an aneurysm (a weak blood vessel), high pressure in the head, a growth in the "
                "brain, or a recent head injury."
            ),
            choices=NO_YES,
        ),
        Question(
            id="hx_eye",
            text=_l("Do you have high eye pressure, or did you have eye surgery lately?"),
            short=_l("Glaucoma, eye pressure or eye surgery"),
            hint=_l("High eye pressure is also called glaucoma."),
            choices=NO_YES,
        ),
        Question(
            id="hx_airway",
            text=_l("Do you have sleep apnea, or use oxygen at home?"),
            short=_l("Sleep apnea or home oxygen"),
            hint=_l("With sleep apnea, your breath stops at times while you sleep."),
            choices=NO_YES,
        ),
    ),
)

BLADDER_ALLERGY = Page(
    id="bladder-allergy",
    title=_l("Porphyria, bladder and allergy"),
    questions=(
        Question(
            id="hx_porphyria",
            text=_l("Were you ever told that you have porphyria?"),
            short=_l("Porphyria"),
            hint=_l("It is a rare illness of the blood that runs in families."),
            choices=(Choice("no", _l("No, I was never told I have this")), YES, NOT_SURE),
        ),
        Question(
            id="bladder_sx",
            text=_l("Do you have trouble with your bladder?"),
            short=_l("Bladder trouble"),
            hint=_l("Such as pain when you pee, blood in your pee, or a need to go very often."),
            choices=NO_YES,
        ),
        Question(
            id="ketamine_allergy",
            text=_l("Are you allergic to ketamine?"),
            short=_l("Allergy to ketamine"),
            choices=(Choice("no", _l("No, not that I know of")), YES, NOT_SURE),
        ),
    ),
)

LIVER_SEIZURES = Page(
    id="liver-seizures",
    title=_l("Liver, seizures and thyroid"),
    questions=(
        Question(
            id="hx_liver",
            text=_l("Do you have a liver problem?"),
            short=_l("Liver problem"),
            choices=(
                NO,
                Choice("mild", _l("Yes, a mild one"), _l("Such as a fatty liver")),
                Choice("severe", _l("Yes, a bad one"), _l("Such as cirrhosis or liver failure")),
                NOT_SURE,
            ),
        ),
        Question(
            id="hx_seizure",
            text=_l("Do you have seizures?"),
            short=_l("Seizures"),
            hint=_l("Having them often is called epilepsy."),
            choices=(
                NO,
                Choice("controlled", _l("Yes, and they are under control")),
                Choice("uncontrolled", _l("Yes, and they are not under control")),
                NOT_SURE,
            ),
        ),
        Question(
            id="hx_thyroid",
            text=_l("Do you have a thyroid problem?"),
            short=_l("Thyroid problem"),
            hint=_l("The thyroid is a gland in your neck."),
            choices=(
                NO,
                Choice("treated", _l("Yes, and it is under control")),
                Choice("overactive", _l("Yes, it is overactive (works too hard)")),
                NOT_SURE,
            ),
        ),
    ),
)

STEP = Step(
    number=8,
    id="health",
    title=_l("Your health"),
    pages=(BLOOD_PRESSURE, HEART_BRAIN, BLADDER_ALLERGY, LIVER_SEIZURES),
)
