"""The practice manager's board: each panel a chart, and the table of the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from rules.model import Tier
from screening import charts
from screening.charts import Bars
from screening.clinic import Clinic
from screening.queries import board as queries
from screening.queries.board import Middle, Span, Status
from screening.questions import PAGES
from screening.rulebook import ruleset
from screening.staff_pages import span as written_span

WEEKS = (4, 12, 52)
"""How many weeks the board can look back, this one included. The second is shown first."""
NONE = "–"
ANSWERED = "All answered, not sent"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

COLORS = {
    Tier.EMERGENCY: "#8c1116",
    Tier.URGENT: "#d9822b",
    Tier.PRIORITY: "#e8c468",
    Tier.CONSULT: "#0b5a5c",
    Tier.ROUTINE: "#8fbcb7",
    Tier.INFO: "#d3dedc",
}
STATUSES = {
    Status.REVIEWED: ("Reviewed", "#0b5a5c"),
    Status.PRINTED: ("Printed, not reviewed", "#8fbcb7"),
    Status.SUBMITTED: ("Submitted, not printed", "#d9822b"),
}


@dataclass(frozen=True)
class Column:
    heading: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Panel:
    """`names` are the rows of the table; each column has a cell for each of them."""

    title: str
    about: str
    rows_are: str
    names: tuple[str, ...]
    columns: tuple[Column, ...]
    chart: Callable[[], bytes]

    def rows(self) -> Iterable[tuple[str, tuple[str, ...]]]:
        return [(name, tuple(column.cells[row] for column in self.columns)) for row, name in enumerate(self.names)]


def by_tier(span: Span, clinic: Clinic) -> Panel:
    counts = queries.cases_by_tier(span)
    parts = [
        Bars(tier.staff_name, tuple(counts[week, tier] for week in range(span.weeks)), COLORS[tier])
        for tier in reversed(Tier)
    ]
    return _weekly_counts("Screenings a week, by tier", "The tier is the one that the case has now.", span, parts)


def by_status(span: Span, clinic: Clinic) -> Panel:
    counts = queries.cases_by_status(span)
    parts = [
        Bars(name, tuple(counts[week, status] for week in range(span.weeks)), color)
        for status, (name, color) in STATUSES.items()
    ]
    about = "By the week in which they were sent, and how far they have come by now. Most routine cases need no review."
    return _weekly_counts("Screenings a week, by status", about, span, parts)


def waits(span: Span, clinic: Clinic) -> Panel:
    title, middles, undecided = "Wait for a decision, by tier", queries.waits(span), queries.undecided(span)
    tiers = [tier for tier in reversed(Tier) if tier.flagged]
    names = tuple(tier.staff_name for tier in tiers)
    targets = [clinic.review_minutes.get(tier.name) for tier in tiers]
    hours = Bars("Median", tuple(middles[tier].length / HOUR if tier in middles else None for tier in tiers))
    return Panel(
        title,
        "Median from sending to the decision that counts, of the cases sent in these weeks that have one.",
        "Tier",
        names,
        (
            Column("Median wait", tuple(_length(middles.get(tier)) for tier in tiers)),
            Column("Target", tuple(written_span(n * MINUTE) if n else NONE for n in targets)),
            Column("Decided", tuple(str(middles[tier].of) if tier in middles else "0" for tier in tiers)),
            Column("Not decided yet", _numbers(undecided[tier] for tier in tiers)),
        ),
        partial(charts.lying_bars, title, names, hours, lambda value: written_span(value * HOUR)),
    )


def finished(span: Span, clinic: Clinic) -> Panel:
    title, forms = "Forms begun, and finished", queries.forms(span)
    begun, sent = ([counts[week] for week in range(span.weeks)] for counts in (forms.begun, forms.finished))
    parts = [
        Bars("Finished", tuple(sent), COLORS[Tier.CONSULT]),
        Bars("Not finished", tuple(all_ - done for all_, done in zip(begun, sent, strict=True)), COLORS[Tier.URGENT]),
    ]
    share = _share(sum(sent), sum(begun))
    return Panel(
        title,
        f"Finished: {share} of {sum(begun):,}. By the week in which they were begun; without forms that staff key in.",
        "Week of",
        _weeks(span),
        (
            Column("Begun", _numbers(begun)),
            Column("Finished", _numbers(sent)),
            Column("Share", tuple(_share(done, all_) for all_, done in zip(begun, sent, strict=True))),
        ),
        partial(charts.upright_bars, title, _short_weeks(span), parts, _whole),
    )


def stops(span: Span, clinic: Clinic) -> Panel:
    title, counts = "Where people stop", queries.stops(span, timedelta(minutes=clinic.left_form_minutes))
    order = {page: place for place, page in enumerate(PAGES)}
    pages = sorted(counts, key=lambda page: (page is None, order.get(page or "", len(order)), page or ""))
    names = tuple(_page_title(page) for page in pages)
    bars = Bars("Forms left", tuple(counts[page] for page in pages))
    about = (
        f"The page that is open in forms of these weeks that were not sent and not touched for "
        f"{clinic.left_form_minutes} minutes, in the order of the form. People may still come back to them."
    )
    return Panel(
        title,
        about,
        "Page",
        names,
        (
            Column("Forms left", _numbers(counts[page] for page in pages)),
            Column("Share", tuple(_share(counts[page], counts.total()) for page in pages)),
        ),
        partial(charts.lying_bars, title, names, bars, _whole),
    )


def times(span: Span, clinic: Clinic) -> Panel:
    title, middles = "Time to finish a form", queries.times_to_finish(span)
    weeks = range(span.weeks)
    minutes = Bars("Median", tuple(middles[week].length / MINUTE if week in middles else None for week in weeks))
    return Panel(
        title,
        "Median from beginning to sending, in minutes, pauses included; without forms that staff key in.",
        "Week of",
        _weeks(span),
        (
            Column("Median", tuple(_length(middles.get(week)) for week in weeks)),
            Column("Forms", tuple(str(middles[week].of) if week in middles else "0" for week in weeks)),
        ),
        partial(charts.upright_bars, title, _short_weeks(span), [minutes], lambda value: f"{value:,.0f} min"),
    )


def rules_fired(span: Span, clinic: Clinic) -> Panel:
    title, counts, cases = "How often each rule fired", queries.rules_fired(span), queries.cases_sent(span)
    titles = {rule.id: rule.title for rule in ruleset().rules.values()}
    fired = sorted(titles.keys() | counts.keys(), key=lambda rule: (-counts[rule], rule))
    return Panel(
        title,
        f"In {cases:,} cases sent in these weeks. One case may have many.",
        "Rule",
        tuple(f"{rule} {titles.get(rule, '(not in force now)')}" for rule in fired),
        (
            Column("Cases", _numbers(counts[rule] for rule in fired)),
            Column("Share", tuple(_share(counts[rule], cases) for rule in fired)),
        ),
        partial(charts.lying_bars, title, fired, Bars("Cases", tuple(counts[rule] for rule in fired)), _whole),
    )


PANELS: Mapping[str, Callable[[Span, Clinic], Panel]] = {
    "tiers": by_tier,
    "status": by_status,
    "waits": waits,
    "finished": finished,
    "stops": stops,
    "times": times,
    "rules": rules_fired,
}
"""By what stands in the address, in the order shown."""


def _weekly_counts(title: str, about: str, span: Span, parts: list[Bars]) -> Panel:
    totals = [sum(part.values[week] or 0 for part in parts) for week in range(span.weeks)]
    return Panel(
        title,
        f"{sum(totals):,.0f} in all. {about}",
        "Week of",
        _weeks(span),
        (
            *(Column(part.name, _numbers(value or 0 for value in part.values)) for part in parts),
            Column("All", _numbers(totals)),
        ),
        partial(charts.upright_bars, title, _short_weeks(span), parts, _whole),
    )


def _weeks(span: Span) -> tuple[str, ...]:
    return tuple(f"{day.day} {day:%b %Y}" for day in span.mondays[:-1])


def _short_weeks(span: Span) -> tuple[str, ...]:
    return tuple(f"{day.day} {day:%b}" for day in span.mondays[:-1])


def _page_title(page: str | None) -> str:
    if page is None:
        return ANSWERED
    return str(PAGES[page].title) if page in PAGES else page


def _length(middle: Middle | None) -> str:
    return written_span(middle.length) if middle else NONE


def _numbers(values: Iterable[float]) -> tuple[str, ...]:
    return tuple(_whole(value) for value in values)


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else NONE
