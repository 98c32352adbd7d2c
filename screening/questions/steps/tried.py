"""Step 6: treatments tried, with the names that medicines are sold under."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from screening.questions.choices import DONT_KNOW, NOT_SURE
from screening.questions.spec import Choice, Page, Question, Step, Words

NO_HELP = Choice("no_help", _l("Yes, but it did not help"))


def _results(side_effects: Words) -> tuple[Choice, ...]:
    return (
        Choice("never", _l("No, never")),
        Choice("helped", _l("Yes, and it helped")),
        Choice("helped_some", _l("Yes, and it helped a little")),
        NO_HELP,
        Choice("stopped_side_effects", side_effects),
        NOT_SURE,
    )


TRIED = _results(_l("I stopped it because of side effects"))
HAD = _results(_l("It did harm, or had bad side effects"))

MEDICINES = Page(
    id="tried-medicines",
    title=_l("Medicines you have tried"),
    questions=(
        Question(
            id="tx_nsaid",
            text=_l("Did you try pain pills such as ibuprofen?"),
            short=_l("Anti-inflammatory medicines"),
            hint=_l(
                "Ibuprofen (Advil, Motrin), naproxen (Aleve), meloxicam (Mobic), celecoxib (Celebrex). Not Tylenol."
            ),
            choices=TRIED,
        ),
        Question(
            id="tx_nerve_med",
            text=_l("Did you try medicine for nerve pain?"),
            short=_l("Nerve pain medicines"),
            hint=_l(
                "Gabapentin (Neurontin), pregabalin (Lyrica), duloxetine (Cymbalta), amitriptyline (Elavil), "
                "nortriptyline (Pamelor)."
            ),
            choices=TRIED,
        ),
        Question(
            id="tx_opioid",
            text=_l("Did you try opioids, which are strong pain medicine?"),
            short=_l("Opioids"),
            hint=_l(
                "Oxycodone (OxyContin, Percocet), hydrocodone (Vicodin, Norco), tramadol (Ultram), morphine, codeine."
            ),
            choices=TRIED,
        ),
    ),
)

THERAPIES = Page(
    id="tried-therapies",
    title=_l("Other help you have tried"),
    questions=(
        Question(
            id="tx_physio",
            text=_l("Did you try physical therapy?"),
            short=_l("Physical therapy"),
            hint=_l("Exercise or hands-on care from a physical therapist."),
            choices=TRIED,
        ),
        Question(
            id="tx_psych",
            text=_l("Did you try talk therapy for your pain?"),
            short=_l("Talk therapy for pain"),
            hint=_l("Such as CBT or a class on how to live with pain."),
            choices=TRIED,
        ),
        Question(
            id="tx_lifestyle",
            text=_l("Did you try new habits for your pain?"),
            short=_l("Activity, weight or sleep habits"),
            hint=_l("Such as moving more, losing weight or better sleep."),
            choices=TRIED,
        ),
    ),
)

PROCEDURES = Page(
    id="tried-procedures",
    title=_l("Shots, surgery and other treatment"),
    questions=(
        Question(
            id="tx_injection",
            text=_l("Did you have shots for your pain?"),
            short=_l("Injections"),
            hint=_l("Such as a steroid shot near the spine (an epidural) or a nerve block."),
            choices=HAD,
        ),
        Question(
            id="tx_surgery",
            text=_l("Did you have surgery for your pain?"),
            short=_l("Surgery"),
            hint=_l("Such as disc surgery or a spinal fusion."),
            choices=HAD,
        ),
        Question(
            id="tx_ketamine",
            text=_l("Were you ever treated with ketamine?"),
            short=_l("Ketamine before"),
            hint=_l("By a drip, a shot, a nose spray or a lozenge. Esketamine (Spravato) counts too."),
            choices=(
                Choice("never", _l("No, never")),
                Choice("helped", _l("Yes, and it helped")),
                Choice("helped_short", _l("Yes, and it helped for a short time")),
                NO_HELP,
                Choice("bad_reaction", _l("Yes, and I had a bad reaction")),
                NOT_SURE,
            ),
        ),
    ),
)

KETAMINE_COURSES = Page(
    id="ketamine-courses",
    title=_l("Ketamine before"),
    questions=(
        Question(
            id="ketamine_courses",
            text=_l("How many courses of ketamine have you had?"),
            short=_l("Ketamine courses"),
            hint=_l("A course is a set of treatments that belong together. You may leave this blank."),
            dont_know=DONT_KNOW,
        ),
    ),
)

STEP = Step(
    number=6,
    id="tried",
    title=_l("What you have tried"),
    pages=(MEDICINES, THERAPIES, PROCEDURES, KETAMINE_COURSES),
)
