"""The instruments whose items we ask, with their LOINC codes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """A field, and the LOINC code of the item that it asks; "" where we know only the code of the whole."""

    field: str
    code: str = ""


@dataclass(frozen=True)
class Instrument:
    """Answers are numbered 0 to `highest`. `panel` is the LOINC code of the whole, "" if we know none.

    Items without codes are matched by their order within the whole. `verified`: whether all codes were checked.
    """

    name: str
    items: tuple[Item, ...]
    highest: int
    panel: str = ""
    verified: bool = True

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(item.field for item in self.items)

    @property
    def by_order(self) -> bool:
        return not all(item.code for item in self.items)


PEG = Instrument(
    "PEG",
    (Item("peg_pain", "75893-8"), Item("peg_enjoyment", "91145-3"), Item("peg_activity", "91146-1")),
    highest=10,
    panel="91148-7",
    verified=False,
)
PHQ_2 = Instrument("PHQ-2", (Item("phq_interest"), Item("phq_down")), highest=3, panel="55757-9", verified=False)
GAD_2 = Instrument("GAD-2", (Item("gad_nervous", "69725-0"), Item("gad_worry", "68509-9")), highest=3)
PHQ_9_ITEM_9 = Instrument("PHQ-9 item 9", (Item("phq9_item9", "44260-8"),), highest=3, verified=False)
AUDIT_C = Instrument(
    "AUDIT-C", (Item("audit1"), Item("audit2"), Item("audit3")), highest=4, panel="72109-2", verified=False
)

INSTRUMENTS = (PEG, PHQ_2, GAD_2, PHQ_9_ITEM_9, AUDIT_C)

PANELS = {instrument.panel: instrument for instrument in INSTRUMENTS if instrument.panel}
ITEMS = {item.code: (instrument, item.field) for instrument in INSTRUMENTS for item in instrument.items if item.code}
