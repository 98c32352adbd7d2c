"""flask rules what-if: what a candidate rule set would change in all past cases. Nothing is changed by it."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import click
from flask.cli import with_appcontext

import rules
from rules import Tier
from screening.actions.what_if import all_cores, pair_of
from screening.export.files import csv_text
from screening.queries import past_cases
from screening.rule_files import load_content, read_content
from screening.rulebook import content_in_force, ruleset
from screening.what_if import Report, compare
from screening.what_if_rows import case_row, count_rows, lines


class BrokenCandidate(click.ClickException):
    """The candidate does not load: file, line and reason on standard error, exit status 2."""

    exit_code = 2


@click.command("what-if")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--overlay", type=click.Path(path_type=Path), help="A file of the clinic's own thresholds.")
@click.option("--csv", "as_csv", is_flag=True, help="One row for each count and each case.")
@click.option("--processes", type=click.IntRange(min=1), default=all_cores, help="As many as there are cores.")
@with_appcontext
def what_if(folder: Path, overlay: Path | None, as_csv: bool, processes: int) -> None:
    """Assess all past cases with the rule set in FOLDER beside the one in force. Nothing changes."""
    try:
        content = read_content(folder, overlay)
        candidate = load_content(content)
    except rules.RuleError as fault:
        raise BrokenCandidate(str(fault)) from fault
    pair = pair_of(content_in_force(), content)
    # The cases wait in a file, since the counts come first and no one knows how many there are.
    with TemporaryFile("w+", encoding="utf-8", newline="") as kept:
        with click.progressbar(length=past_cases.count(), label="Assessing past cases", file=sys.stderr) as bar:
            report = compare(
                pair,
                past_cases.batches(),
                processes=processes,
                listed=lambda case: kept.writelines([csv_text([case_row(case)])]),
                progress=bar.update,
            )
        kept.seek(0)
        printed = _csv_lines(report, kept) if as_csv else _text_lines(report, candidate, kept)
        for line in printed:
            click.echo(line)


def _csv_lines(report: Report, kept: IO[str]) -> Iterator[str]:
    yield from lines(count_rows(report))
    yield from (line.rstrip("\r\n") for line in kept)


def _text_lines(report: Report, candidate: rules.RuleSet, kept: IO[str]) -> Iterator[str]:
    now = ruleset()
    yield f"In force   {now.version}  {now.sha256[:12]}"
    yield f"Candidate  {candidate.version}  {candidate.sha256[:12]}"
    yield ""
    yield f"{report.cases} cases: {report.rise} rise, {report.fall} fall, {report.asked_differently} asked differently."
    yield ""
    yield from _table(report)
    if report.rules:
        yield ""
        yield "Rules that cause the changes"
        yield from (f"  {rule}  {count:>8}" for rule, count in report.causes())
    yield from _cases(kept)


def _table(report: Report) -> Iterator[str]:
    """Tier by tier: a row for each tier now, a column for each tier with the candidate."""
    yield "Now \\ then" + "".join(f"{tier.name:>11}" for tier in Tier)
    for before in Tier:
        yield f"{before.name:<10}" + "".join(f"{report.tiers[before, after]:>11}" for after in Tier)


def _cases(kept: IO[str]) -> Iterator[str]:
    reader: Iterator[list[str]] = csv.reader(kept)
    for position, row in enumerate(reader):
        if position == 0:
            yield ""
            yield "Cases"
        yield _case_text(*row[1:])


def _case_text(reference: str, before: str, after: str, _count: str, causes: str, differently: str) -> str:
    parts: list[Any] = [f"{before} -> {after}" if before != after else before, causes]
    if differently == "yes":
        parts.append("asked differently")
    return f"  {reference}  " + "  ".join(part for part in parts if part)
