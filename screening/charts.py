"""Charts as SVG, drawn on the server: no script, nothing fetched."""

from __future__ import annotations

import io
from typing import Any

from rules import Tier
from screening.what_if import Report

INCHES = (9, 4.2)
BAR = 0.38
IN_FORCE, CANDIDATE = "#6b7b7a", "#0b5a5c"
# Text stays text, so that it can be read aloud, and the same report draws the same bytes.
SVG: Any = {"svg.fonttype": "none", "svg.hashsalt": "chart", "font.family": "sans-serif", "font.size": 11}


def tier_chart(report: Report) -> bytes:
    """How many cases each tier has with the set in force and with the candidate, as bars."""
    # Loading it takes half a second, which only this chart is worth.
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(SVG):
        figure = Figure(figsize=INCHES, layout="constrained")
        axes = figure.subplots()
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
        axes.spines[:].set_visible(False)
        axes.tick_params(left=False)
        figure.legend(loc="outside lower center", ncols=2, frameon=False)
        drawn = io.BytesIO()
        figure.savefig(drawn, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return drawn.getvalue()
