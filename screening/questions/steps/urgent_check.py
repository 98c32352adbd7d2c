"""Step 1: signs that need help today or at once. Each question names the feeling that it asks about."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from screening.questions.choices import NO, NO_YES, NONE, NOT_SURE, PREFER_NOT
from screening.questions.spec import Choice, Page, Question, Step

NEW_OR_WORSE = Choice("new_or_worse_2w", _l("Yes, it began or got worse in the last 2 weeks"))
LONGER = Choice("longer_stable", _l("Yes, for longer, and it is not changing"))
NEW_OR_WORSENING = Choice("new_or_worse_2w", _l("Yes, it began in the last 2 weeks, or it is getting worse"))

SIGN = (NO, NEW_OR_WORSE, LONGER, NOT_SURE)
WORSENING_SIGN = (NO, NEW_OR_WORSENING, LONGER, NOT_SURE)

WHO = Page(
    id="who",
    title=_l("Who is answering"),
    questions=(
        Question(
            id="completed_by",
            text=_l("Who is filling this in?"),
            short=_l("Filled in by"),
            hint=_l("If you help someone else, answer for them. “You” is always the person with the pain."),
            choices=(
                Choice("self", _l("I am, for myself")),
                Choice("carer", _l("I am helping a relative or a friend")),
                Choice("staff", _l("I work at the clinic")),
            ),
        ),
    ),
)

WITH_PATIENT = Page(
    id="with-patient",
    title=_l("Where you are"),
    questions=(
        Question(
            id="with_patient",
            text=_l("Are you with the person now?"),
            short=_l("Helper is with the person"),
            hint=_l("Some answers may mean that they need help fast."),
            choices=(Choice("yes", _l("Yes")), Choice("no", _l("No"))),
        ),
    ),
)

BLADDER_BOWEL = Page(
    id="bladder-bowel",
    title=_l("Your bladder and bowels"),
    intro=_l(
        "Nerves in the back also help you pee and poop. If they are pressed on, you may need help fast. "
        "That is why we ask about private things first."
    ),
    questions=(
        Question(
            id="rf_bladder",
            text=_l("Is it hard to start to pee, or do you pee without feeling it pass?"),
            short=_l("Hard to start to pee, or cannot feel it pass"),
            choices=SIGN,
        ),
        Question(
            id="rf_bowel",
            text=_l("Do you leak poop or pee, or no longer feel when you are full?"),
            short=_l("Leaking, or cannot feel when full"),
            hint=_l("Full means that your bowel or bladder needs to empty."),
            choices=SIGN,
        ),
        Question(
            id="rf_saddle",
            text=_l("Do you feel numb when you wipe or when you sit?"),
            short=_l("Numb when wiping or sitting"),
            hint=_l("The numb place may be your bottom, your genitals or your inner thighs."),
            choices=SIGN,
        ),
    ),
)

LEGS = Page(
    id="legs",
    title=_l("Both of your legs"),
    questions=(
        Question(
            id="rf_legs_pain",
            text=_l("Do you have pain down both legs?"),
            short=_l("Pain down both legs"),
            choices=SIGN,
        ),
        Question(
            id="rf_legs_weak",
            text=_l("Are both of your legs weak or numb?"),
            short=_l("Both legs weak or numb"),
            choices=WORSENING_SIGN,
        ),
    ),
)

WALKING = Page(
    id="walking",
    title=_l("Walking, sex and strength"),
    questions=(
        Question(
            id="rf_gait",
            text=_l("Do you have unsteady walking, clumsy hands or a numb chest or belly?"),
            short=_l("Unsteady walking, clumsy hands or numb trunk"),
            hint=_l("Hands are clumsy when it is hard to close a button or hold a key."),
            choices=WORSENING_SIGN,
        ),
        Question(
            id="rf_sexual",
            text=_l("Do you feel less in your genitals, or has sex changed for you?"),
            short=_l("Less feeling in the genitals, or sex has changed"),
            hint=_l("For example, it is hard to get an erection or to climax. You do not have to say."),
            choices=(*SIGN, PREFER_NOT),
        ),
        Question(
            id="rf_leg_weakness",
            text=_l("Is one leg or foot weak? You may not lift the foot well, or the leg may give way."),
            short=_l("One leg or foot weak"),
            choices=(
                NO,
                Choice("new_or_worse", _l("Yes, and it is new or getting worse")),
                Choice("severe_stable", _l("Yes, very weak, and it is not changing")),
                Choice("mild_stable", _l("Yes, a little weak, and it is not changing")),
                NOT_SURE,
            ),
        ),
    ),
)

RIGHT_NOW = Page(
    id="right-now",
    title=_l("How you are right now"),
    questions=(
        Question(
            id="rf_acute",
            text=_l("Do you have any of these now, or did you in the last 24 hours?"),
            short=_l("Now or in the last 24 hours"),
            hint=_l("Tick only what is not usual for you. Tick all that apply."),
            choices=(
                Choice("chest_pain", _l("Chest pain or a tight chest")),
                Choice("breathless", _l("Short of breath")),
                Choice("stroke_signs", _l("A drooping face, a weak arm, or slurred speech")),
                Choice(
                    "sudden_tearing_pain",
                    _l("A sudden, very bad pain that feels like tearing"),
                    _l("In your chest, belly or back"),
                ),
                Choice("collapse", _l("You passed out or fell down in a faint")),
                Choice("very_drowsy", _l("So sleepy that it is hard to stay awake")),
                Choice("cold_pale_leg", _l("A leg or foot that is cold and pale")),
                Choice("hot_swollen_calf", _l("A lower leg that is hot and swollen")),
                NOT_SURE,
                NONE,
            ),
        ),
    ),
)

INFECTION = Page(
    id="infection",
    title=_l("Fever, weight and infections"),
    questions=(
        Question(
            id="rf_systemic",
            text=_l("Do you have any of these?"),
            short=_l("Night pain, weight loss or fever"),
            hint=_l("Tick all that apply."),
            choices=(
                Choice("fever_chills", _l("Fever or shaking chills")),
                Choice("weight_loss", _l("You lose weight without trying")),
                Choice("night_pain", _l("Pain at night that keeps you awake")),
                NOT_SURE,
                NONE,
            ),
        ),
        Question(
            id="infection_risk",
            text=_l("Do any of these fit you?"),
            short=_l("Risks for infection"),
            hint=_l("They can make an infection in the back more likely. Tick all that apply."),
            choices=(
                Choice("diabetes", _l("Diabetes (high blood sugar)")),
                Choice(
                    "immunosuppressed",
                    _l("A weak immune system"),
                    _l("From HIV, cancer treatment, a transplant, or medicines such as prednisone or methotrexate"),
                ),
                Choice("dialysis_or_line", _l("Kidney dialysis, or a line or port left in a vein")),
                Choice("injects_drugs", _l("You inject drugs"), _l("Not counting medicine such as insulin")),
                Choice("recent_infection", _l("A recent infection"), _l("Such as in your skin, lungs or urine")),
                Choice("tb", _l("Tuberculosis (TB), now or in the past")),
                Choice("recent_spinal_procedure", _l("A shot or surgery in your spine in the last 3 months")),
                NOT_SURE,
                NONE,
            ),
        ),
    ),
)

CANCER_BONES = Page(
    id="cancer-bones",
    title=_l("Cancer, injuries and bones"),
    questions=(
        Question(
            id="cancer_history",
            text=_l("Do you have cancer, or did you have it in the past?"),
            short=_l("Cancer"),
            hint=_l("Count skin cancer only if it was melanoma."),
            choices=(NO, Choice("past", _l("Yes, in the past")), Choice("current", _l("Yes, now")), NOT_SURE),
        ),
        Question(
            id="rf_trauma",
            text=_l("Did you get hurt in the last 6 weeks, or since your pain changed?"),
            short=_l("Injury in the last 6 weeks, or since the pain changed"),
            hint=_l("Such as a fall, a blow or a crash."),
            choices=(
                NO,
                Choice("minor", _l("Yes, something small"), _l("Such as a trip, or a fall while standing")),
                Choice("major", _l("Yes, something big"), _l("Such as a car crash, or a fall from a height")),
                NOT_SURE,
            ),
        ),
        Question(
            id="bone_risk",
            text=_l("Do you have weak bones, or did you take steroid pills for a long time?"),
            short=_l("Weak bones, or long steroid use"),
            hint=_l("Weak bones are also called osteoporosis. A common steroid pill is prednisone."),
            choices=NO_YES,
        ),
    ),
)

STEP = Step(
    number=1,
    id="urgent_check",
    title=_l("Urgent check"),
    pages=(WHO, WITH_PATIENT, BLADDER_BOWEL, LEGS, WALKING, RIGHT_NOW, INFECTION, CANCER_BONES),
)
