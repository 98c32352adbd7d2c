"""The scores of one person's screenings, side by side and as a chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from screening import charts
from screening.charts import Line
from screening.queries.people import Screening
from screening.scores import INSTRUMENTS, Instrument, Score

NONE = "–"
TITLE = "Scores over time"


@dataclass(frozen=True)
class ScoreHistory:
    """`cells` are those of each screening, by the id of its case, in the order of `headings`."""

    headings: tuple[str, ...]
    cells: dict[int, tuple[str, ...]]
    lines: tuple[Line, ...]

    @property
    def has_chart(self) -> bool:
        """Whether any score was worked out more than once."""
        return any(sum(value is not None for value in line.values) > 1 for line in self.lines)


def score_history(screenings: Sequence[Screening]) -> ScoreHistory:
    """Of those scores that at least one screening has. `screenings` are newest first."""
    known = {(row.case_id, score.id): score for row in screenings for score in row.scores if score.value is not None}
    shown = [one for one in INSTRUMENTS if any(score == one.id for _, score in known)]
    return ScoreHistory(
        headings=tuple(f"{one.name} of {one.maximum}" for one in shown),
        cells={row.case_id: tuple(_cell(one, known.get((row.case_id, one.id))) for one in shown) for row in screenings},
        lines=tuple(
            Line(
                f"{one.name}, {one.about}",
                one.maximum,
                tuple(_value(known.get((row.case_id, one.id))) for row in reversed(screenings)),
            )
            for one in shown
        ),
    )


def score_chart(screenings: Sequence[Screening]) -> bytes:
    """SVG: a line for each score, the oldest screening first."""
    moments = [row.submitted_at for row in reversed(screenings)]
    return charts.lines_over_time(TITLE, moments, score_history(screenings).lines)


def _cell(instrument: Instrument, score: Score | None) -> str:
    return NONE if score is None or score.value is None else f"{score.value:.{instrument.decimals}f}"


def _value(score: Score | None) -> float | None:
    return None if score is None else score.value
