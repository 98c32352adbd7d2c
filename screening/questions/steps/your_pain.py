"""Step 3: where the pain is, how long, and what is known about it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from screening.questions.choices import NO, NOT_SURE
from screening.questions.spec import Choice, Page, Question, Step

WHERE = Page(
    id="pain-where",
    title=_l("Where it hurts"),
    questions=(
        Question(
            id="pain_regions",
            text=_l("Where is your pain?"),
            short=_l("Where the pain is"),
            hint=_l("Tick every place that hurts. Left and right are your own left and right."),
            body_map=True,
            choices=(
                Choice("neck", _l("Neck")),
                Choice("upper_back", _l("Upper back")),
                Choice("low_back", _l("Low back")),
                Choice("buttock_l", _l("Left buttock")),
                Choice("buttock_r", _l("Right buttock")),
                Choice("thigh_l", _l("Left thigh")),
                Choice("thigh_r", _l("Right thigh")),
                Choice("calf_l", _l("Left calf")),
                Choice("calf_r", _l("Right calf")),
                Choice("foot_l", _l("Left foot")),
                Choice("foot_r", _l("Right foot")),
                Choice("other", _l("Some other place")),
                Choice("none", _l("I have no pain")),
            ),
        ),
    ),
)

TIME = Page(
    id="pain-time",
    title=_l("How long it has hurt"),
    questions=(
        Question(
            id="pain_duration",
            text=_l("How long have you had this pain?"),
            short=_l("How long the pain has lasted"),
            choices=(
                Choice("lt_6w", _l("Less than 6 weeks")),
                Choice("6w_3m", _l("6 weeks to 3 months")),
                Choice("3_6m", _l("3 to 6 months")),
                Choice("6_12m", _l("6 to 12 months")),
                Choice("gt_1y", _l("More than 1 year")),
                NOT_SURE,
            ),
        ),
        Question(
            id="pain_changed",
            text=_l("Did your pain change in the last 4 weeks?"),
            short=_l("Pain changed in the last 4 weeks"),
            choices=(
                Choice("same", _l("No, it is the same")),
                Choice("new_or_different", _l("Yes, it is new or different")),
                NOT_SURE,
            ),
        ),
    ),
)

KNOWN = Page(
    id="pain-known",
    title=_l("What you know about your pain"),
    intro=_l("You may leave both of these blank."),
    questions=(
        Question(
            id="told_diagnosis",
            text=_l("Did a doctor tell you what causes your pain?"),
            short=_l("Cause of pain, as told by a doctor"),
            hint=_l("Tick all that apply."),
            choices=(
                Choice("strain", _l("A strained muscle")),
                Choice("disc", _l("A slipped or bulging disc")),
                Choice("stenosis", _l("Spinal stenosis"), _l("Too little room for the nerves")),
                Choice("degenerative", _l("Wear and tear, or arthritis, of the spine")),
                Choice("sciatica", _l("Sciatica, or a pinched nerve")),
                Choice("inflammatory", _l("Swelling from an immune illness"), _l("Such as ankylosing spondylitis")),
                Choice("fracture", _l("A broken bone in the spine")),
                Choice("infection", _l("An infection in the spine")),
                Choice("tumour", _l("A tumor in the spine")),
                NOT_SURE,
                Choice("none", _l("No, or none of these")),
            ),
        ),
        Question(
            id="seen_specialist",
            text=_l("Have you ever seen a pain specialist?"),
            short=_l("Seen a pain specialist"),
            hint=_l("This is a doctor or nurse who treats only pain."),
            choices=(NO, Choice("waiting", _l("I am waiting to see one")), Choice("yes", _l("Yes"))),
        ),
    ),
)

STEP = Step(number=3, id="your_pain", title=_l("Your pain"), pages=(WHERE, TIME, KNOWN))
