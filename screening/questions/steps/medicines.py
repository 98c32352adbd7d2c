"""Step 7: medicines taken now, with the names that they are sold under."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from screening.questions.choices import DONT_KNOW, NONE, NOT_SURE
from screening.questions.spec import Choice, Page, Part, Question, Step

NOW = Page(
    id="medicines",
    title=_l("Your medicines"),
    questions=(
        Question(
            id="meds_list",
            text=_l("Do you take any of these now?"),
            short=_l("Medicines now"),
            hint=_l("Look at your pill bottles if you can. Tick all that apply."),
            choices=(
                Choice(
                    "opioid",
                    _l("Opioid pain medicine"),
                    _l(
                        "Oxycodone (OxyContin, Percocet), hydrocodone (Vicodin), tramadol (Ultram), morphine, codeine, "
                        "methadone, a fentanyl patch, buprenorphine (Suboxone, Butrans)"
                    ),
                ),
                Choice(
                    "benzo_z",
                    _l("Pills for worry or sleep"),
                    _l(
                        "Diazepam (Valium), alprazolam (Xanax), lorazepam (Ativan), clonazepam (Klonopin), "
                        "zolpidem (Ambien), eszopiclone (Lunesta)"
                    ),
                ),
                Choice(
                    "muscle_relaxant",
                    _l("Muscle relaxers"),
                    _l(
                        "Cyclobenzaprine (Flexeril), baclofen (Lioresal), tizanidine (Zanaflex), carisoprodol (Soma), "
                        "methocarbamol (Robaxin)"
                    ),
                ),
                Choice("gabapentinoid", _l("Gabapentin or pregabalin"), _l("Neurontin, Gralise, Horizant, Lyrica")),
                Choice(
                    "anticoagulant",
                    _l("Blood thinners"),
                    _l(
                        "Warfarin (Coumadin), apixaban (Eliquis), rivaroxaban (Xarelto), dabigatran (Pradaxa), "
                        "heparin or enoxaparin (Lovenox) shots"
                    ),
                ),
                Choice(
                    "thyroid_hormone",
                    _l("Thyroid hormone"),
                    _l("Levothyroxine (Synthroid, Levoxyl), liothyronine (Cytomel), Armour Thyroid"),
                ),
                Choice(
                    "stimulant",
                    _l("Stimulants, such as for ADHD"),
                    _l("Amphetamine (Adderall), methylphenidate (Ritalin, Concerta), lisdexamfetamine (Vyvanse)"),
                ),
                Choice("theophylline", _l("Theophylline, for breathing"), _l("Theo-24, Elixophyllin, aminophylline")),
                Choice("nmda_drug", _l("Memantine or amantadine"), _l("Namenda, Symmetrel, Gocovri")),
                Choice(
                    "maoi",
                    _l("An MAOI, for mood or Parkinson’s"),
                    _l("Phenelzine (Nardil), tranylcypromine (Parnate), selegiline (Emsam), rasagiline (Azilect)"),
                ),
                Choice(
                    "cyp3a4",
                    _l("Some pills for germs, HIV, TB or seizures"),
                    _l(
                        "Clarithromycin (Biaxin), ketoconazole, itraconazole (Sporanox), ritonavir (Norvir, Paxlovid), "
                        "rifampin (Rifadin), carbamazepine (Tegretol), phenytoin (Dilantin), St. John’s wort"
                    ),
                ),
                NOT_SURE,
                NONE,
            ),
        ),
    ),
)

OPIOIDS = Page(
    id="opioids",
    title=_l("Your opioid medicine"),
    questions=(
        Question(
            id="opioids",
            text=_l("Which opioids do you take?"),
            short=_l("Opioids taken"),
            hint=_l(
                "Read the label. If one pill holds two medicines, give the strength of the opioid only. For "
                "hydrocodone 5 mg with Tylenol 325 mg, enter 5. For a fentanyl patch, give micrograms an hour (mcg/h)."
            ),
            choices=(
                Choice("codeine", _l("Codeine"), _l("Tylenol with codeine")),
                Choice("hydrocodone", _l("Hydrocodone"), _l("Vicodin, Norco, Lortab")),
                Choice("hydromorphone", _l("Hydromorphone"), _l("Dilaudid")),
                Choice("methadone", _l("Methadone"), _l("Dolophine")),
                Choice("morphine", _l("Morphine"), _l("MS Contin")),
                Choice("oxycodone", _l("Oxycodone"), _l("OxyContin, Percocet, Roxicodone")),
                Choice("oxymorphone", _l("Oxymorphone"), _l("Opana")),
                Choice("tapentadol", _l("Tapentadol"), _l("Nucynta")),
                Choice("tramadol", _l("Tramadol"), _l("Ultram")),
                Choice("fentanyl_patch", _l("Fentanyl patch"), _l("Duragesic")),
                Choice("buprenorphine", _l("Buprenorphine"), _l("Suboxone, Butrans, Belbuca")),
                Choice("other", _l("Another opioid")),
            ),
            parts=(
                Part("drug", _l("Name"), dont_know=DONT_KNOW),
                Part(
                    "dose",
                    _l("How strong is one dose?"),
                    _l("In mg. For a fentanyl patch, in mcg/h."),
                    _l("I don’t know the dose"),
                ),
                Part(
                    "per_day",
                    _l("How many doses do you take in a day?"),
                    _l("For one every other day, enter 0.5. For a patch, leave this blank."),
                    _l("I don’t know how many"),
                ),
            ),
        ),
    ),
)

OPIOID_USE = Page(
    id="opioid-use",
    title=_l("How opioids work for you"),
    questions=(
        Question(
            id="opioid_months",
            text=_l("How long have you taken opioids?"),
            short=_l("Time on opioids"),
            choices=(
                Choice("lt_3m", _l("Less than 3 months")),
                Choice("gt_3m", _l("3 months or more")),
                NOT_SURE,
            ),
        ),
        Question(
            id="opioid_concerns",
            text=_l("Do any of these happen to you with opioids?"),
            short=_l("Concerns with opioids"),
            hint=_l("They happen to many people. It helps us to know. Tick all that apply."),
            choices=(
                Choice("more_than_planned", _l("I take more than I planned")),
                Choice("run_out", _l("I run out early")),
                Choice("withdrawal", _l("I feel ill when I miss a dose")),
                Choice("cannot_cut_down", _l("I want to take less, but I can’t")),
                NONE,
            ),
        ),
    ),
)

STEP = Step(number=7, id="medicines", title=_l("Medicines"), pages=(NOW, OPIOIDS, OPIOID_USE))
