"""A what-if as rows of a CSV file: the counts first, then each case that changes or was asked differently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rules import Tier
from screening.export.files import csv_text
from screening.what_if import Listed, Report

HEAD = ("part", "subject", "before", "after", "count", "rules", "asked_differently")

Row = tuple[str, ...]


def count_rows(report: Report) -> Iterator[Row]:
    """The head, the totals, each move from tier to tier, and the rules that cause the changes."""
    yield HEAD
    totals = {
        "cases": report.cases,
        "rise": report.rise,
        "fall": report.fall,
        "asked differently": report.asked_differently,
    }
    for subject, count in totals.items():
        yield ("total", subject, "", "", str(count), "", "")
    for before in Tier:
        for after in Tier:
            if count := report.tiers[before, after]:
                yield ("tier", "", before.name, after.name, str(count), "", "")
    for rule, count in report.causes():
        yield ("rule", rule, "", "", str(count), rule, "")


def case_row(case: Listed) -> Row:
    differently = "yes" if case.asked_differently else "no"
    return ("case", case.reference, case.before.name, case.after.name, "1", " ".join(case.rules), differently)


def lines(rows: Iterable[Row]) -> Iterator[str]:
    """Each row as a line of the file, without its end."""
    for row in rows:
        yield csv_text([row]).rstrip("\r\n")
