"""Charts as SVG, drawn on the server: no script, nothing fetched."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rules import Tier
from screening.what_if import Report

WIDTH = 9
HEIGHT = 4.2
ROW_HEIGHT = 0.34
"""Of one bar that lies, in inches."""
BAR = 0.38
IN_FORCE, CANDIDATE = "#6b7b7a", "#0b5a5c"
LINE_HEIGHT = 1.5
"""Of the part of a chart that one line has to itself, in inches."""
TICKS_MAX = 13
"""How many names of upright bars fit side by side."""
# Text stays text, so that it can be read aloud, and the same report draws the same bytes.
SVG: Any = {"svg.fonttype": "none", "svg.hashsalt": "chart", "font.family": "sans-serif", "font.size": 11}


@dataclass(frozen=True)
class Bars:
    """Bars of one colour: a value for each name, None where there is nothing to draw."""

    name: str
    values: tuple[float | None, ...]
    color: str = CANDIDATE


@dataclass(frozen=True)
class Line:
    """A value for each moment, None where there is none, on a scale from 0 to `maximum`."""

    name: str
    maximum: float
    values: tuple[float | None, ...]


def tier_chart(report: Report) -> bytes:
    """How many cases each tier has with the set in force and with the candidate, as bars."""
    with _drawing("Cases by tier", HEIGHT) as (figure, axes, drawn):
        places = range(len(Tier))
        for offset, count, color, label in (
            (BAR / 2, report.before, IN_FORCE, "In force"),
            (-BAR / 2, report.after, CANDIDATE, "Candidate"),
        ):
            bars = axes.barh(
                [place + offset for place in places], [count(t) for t in Tier], BAR, color=color, label=label
            )
            axes.bar_label(bars, fmt="{:,.0f}", padding=4)
        axes.set_yticks(list(places), [tier.staff_name for tier in Tier])
        axes.margins(x=0.12)
        axes.xaxis.set_visible(False)
        axes.tick_params(left=False)
        figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return drawn.getvalue()


def upright_bars(title: str, names: Sequence[str], series: Sequence[Bars], written: Callable[[float], str]) -> bytes:
    """A bar for each name, of which the series are the parts, the first at the foot."""
    with _drawing(title, HEIGHT) as (figure, axes, drawn):
        places = range(len(names))
        feet = [0.0] * len(names)
        for part in series:
            heights = [value or 0 for value in part.values]
            axes.bar(places, heights, bottom=feet, color=part.color, label=part.name, edgecolor="white", linewidth=0.6)
            feet = [foot + height for foot, height in zip(feet, heights, strict=True)]
        every = -(-len(names) // TICKS_MAX)
        shown = places[::-every][::-1]
        axes.set_xticks(shown, [names[place] for place in shown], rotation=45, ha="right")
        axes.set_ylim(0, max(feet, default=0) * 1.1 or 1)
        axes.yaxis.set_major_locator(_whole_steps())
        axes.yaxis.set_major_formatter(lambda value, _place: written(value))
        axes.grid(axis="y", color="#dcd5c7")
        axes.set_axisbelow(True)
        if len(series) > 1:
            figure.legend(loc="outside lower center", ncols=3, frameon=False)
    return drawn.getvalue()


def lying_bars(title: str, names: Sequence[str], bars: Bars, written: Callable[[float], str]) -> bytes:
    """A bar for each name, from top to bottom, with its value behind it."""
    with _drawing(title, ROW_HEIGHT * (len(names) + 1)) as (_figure, axes, drawn):
        places = range(len(names))
        lengths = [value or 0 for value in bars.values]
        lying = axes.barh(places, lengths, color=bars.color)
        texts = ["" if value is None else written(value) for value in bars.values]
        axes.bar_label(lying, labels=texts, padding=4)
        axes.set_yticks(places, names)
        axes.set_xlim(0, max(lengths, default=0) * 1.2 or 1)
        axes.invert_yaxis()
        axes.xaxis.set_visible(False)
        axes.tick_params(left=False)
    return drawn.getvalue()


def lines_over_time(title: str, moments: Sequence[datetime], lines: Sequence[Line]) -> bytes:
    """A strip for each line, one below the other, with each value at its point. The moments are in order."""
    with _figure(title, LINE_HEIGHT * len(lines) + 0.4) as (figure, drawn):
        strips = figure.subplots(len(lines), sharex=True, squeeze=False)[:, 0]
        for strip, line in zip(strips, lines, strict=True):
            points = [(at, value) for at, value in zip(moments, line.values, strict=True) if value is not None]
            strip.plot(*zip(*points, strict=True), marker="o", color=CANDIDATE, clip_on=False)
            for point in points:
                strip.annotate(f"{point[1]:g}", point, xytext=(0, 7), textcoords="offset points", ha="center")
            strip.set_title(line.name, loc="left", fontsize=11)
            strip.set_ylim(0, line.maximum * 1.25)
            strip.set_yticks([0, line.maximum])
            strip.grid(axis="y", color="#dcd5c7")
            strip.spines[:].set_visible(False)
            strip.tick_params(left=False)
        strips[-1].margins(x=0.06)
        _name_days(strips[-1])
    return drawn.getvalue()


def _name_days(axes: Any) -> None:
    from matplotlib import dates

    made: Any = dates
    places = made.AutoDateLocator(minticks=2, maxticks=8)
    axes.xaxis.set_major_locator(places)
    axes.xaxis.set_major_formatter(made.ConciseDateFormatter(places))


def _whole_steps() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=5, integer=True)


@contextmanager
def _drawing(title: str, height: float) -> Iterator[tuple[Any, Any, io.BytesIO]]:
    """A figure of this height in inches, its axes, and what holds the picture once the block has ended."""
    with _figure(title, height) as (figure, drawn):
        axes = figure.subplots()
        axes.spines[:].set_visible(False)
        yield figure, axes, drawn


@contextmanager
def _figure(title: str, height: float) -> Iterator[tuple[Any, io.BytesIO]]:
    """A figure without axes, and what holds the picture once the block has ended."""
    # Loading it takes half a second, which only a chart is worth.
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    drawn = io.BytesIO()
    with rc_context(SVG):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        yield figure, drawn
        # A ground of its own, for words that are dark whatever the colours of the page.
        figure.savefig(drawn, format="svg", facecolor="white", metadata={"Title": title, "Date": None, "Creator": None})
