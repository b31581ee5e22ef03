"""The flywheel: who answers whom how often, and whether the answers fade with time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from escalation.present.charts.figure import Figure, Frame, Row
from escalation.present.charts.parts import moment, short, time_axis
from escalation.present.charts.theme import GRID, INK, MAIN, MUTED
from escalation.present.summary.flywheel import dates
from escalation.present.table import Table
from escalation.study.flywheel.plan import Span
from escalation.study.flywheel.reading import Reading
from escalation.study.flywheel.wheel import Flywheel

if TYPE_CHECKING:
    from altair.typing import ChartType

Readings = Sequence[tuple[Span, Reading]]
"""Stretches of time with what is known of them."""


class Course(NamedTuple):
    """A way to look at the flywheel through time: what it is called, what it means, and its table's title."""

    title: str
    meaning: str
    table: str


MONTHLY = Course(
    "Answers per hostile act",
    "How many hostile answers, by all actors together, the hostile acts of a month get, per act.",
    "Answers per act by month",
)
IN_SPANS = Course("R", "R: further hostile acts that each one calls forth.", "R through time")

MOST = 14
"""Rows and columns of the matrix that are drawn."""


def matrix_figure(wheel: Flywheel, reach: float = 0.0) -> Figure | None:
    """Return the matrix of answers; None where there is no act to answer.

    The darkest square is for `reach` answers, or for the most that there are.
    """
    if not wheel.dyads:
        return None
    shown = _shown(wheel)
    left = len(wheel.dyads) - len(shown)
    rest = f" Left out: the {left} kinds of act that happen most rarely." if left else ""
    caption = (
        "Row: a hostile act by the first on the second. Column: an answer, numbered as the rows are. Each"
        f" square: how many such answers one such act calls forth within {wheel.window}; rows in which"
        f" nothing was followed are empty.{rest}"
    )
    return Figure(
        "flywheel",
        wheel.sentence(),
        caption,
        lambda frame: _matrix(wheel, shown, reach, frame),
        [_table(wheel), _links_table(wheel)],
    )


def matrix_reach(wheel: Flywheel) -> float:
    """Return the most answers that an act calls forth on any dyad."""
    return float(wheel.K.max()) if wheel.dyads else 0.0


def time_reach(wheel: Flywheel) -> float:
    """Return how far the answers per act reach through time."""
    known, _ = _course(wheel)
    ends = [reading.R if reading.high is None else reading.high for _, reading in known]
    return max((end for end in ends if end is not None), default=0.0)


def _course(wheel: Flywheel) -> tuple[Readings, Course]:
    """Return what is known of the flywheel by month, or else in longer stretches."""
    months = _known(wheel.through_time)
    return (months, MONTHLY) if months else (_known(wheel.spans), IN_SPANS)


def time_figure(wheel: Flywheel, start: date, reach: float = 0.0) -> Figure | None:
    """Return the flywheel through time, by month and in longer stretches; None where it is not known.

    The scale goes up to `reach` at least.
    """
    known, name = _course(wheel)
    if not known:
        return None
    (first, one), (last, other) = known[0], known[-1]
    title = f"{name.title}: {one.R:.2f} for those of {dates(first, start)}"
    if len(known) > 1:
        title += f", {other.R:.2f} for those of {dates(last, start)}"
    caption = (
        f"{name.meaning} Line: the estimate for the acts of that time; band: its 95% interval. Above 1 the"
        f" spiral feeds itself. Acts of the last {wheel.window} are not followed."
    )
    top = max(reach, time_reach(wheel))
    return Figure(
        "flywheel-time", f"{title}.", caption, lambda frame: _through_time(known, start, top, frame),
        [_time_table(name.table, found, start)
         for name, found in ((MONTHLY, wheel.through_time), (IN_SPANS, wheel.spans)) if found],
    )  # fmt: skip


def _known(readings: Sequence[tuple[Span, Reading, Reading]]) -> list[tuple[Span, Reading]]:
    return [(span, counted) for span, counted, _ in readings if counted.R is not None]


def _shown(wheel: Flywheel) -> list[int]:
    """Return the places of the dyads with the most acts, in their own order."""
    return sorted(sorted(range(len(wheel.dyads)), key=lambda n: -wheel.followed[n])[:MOST])


def _matrix(wheel: Flywheel, shown: Sequence[int], reach: float, frame: Frame) -> ChartType:
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    letters = 25 if frame.narrow else 42
    names = [f"{n}. {short(wheel.dyads[place].label, letters)}" for n, place in enumerate(shown, 1)]
    matrix = wheel.K[np.ix_(shown, shown)]
    rows: list[Row] = [
        {
            "parent": name, "child": str(m), "answers": round(float(matrix[n, m - 1]), 4),
            "shown": f"{matrix[n, m - 1]:.2f}" if matrix[n, m - 1] >= 0.005 else "",
        }
        for n, name in enumerate(names)
        for m in range(1, len(names) + 1)
    ]  # fmt: skip
    top = max(reach, float(matrix.max())) or 1.0
    side = (frame.width - (132 if frame.narrow else 190)) / max(len(names), 6)
    high = max(18.0, min(side, 26.0))
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("child:O", sort=[str(m) for m in range(1, len(names) + 1)],
                axis=alt.Axis(title=None, orient="top", labelAngle=0, ticks=False, domain=False)),
        y=alt.Y("parent:O", sort=names,
                axis=alt.Axis(title=None, ticks=False, domain=False, labelLimit=220, labelColor=INK)),
    )  # fmt: skip
    squares = base.mark_rect(color=MAIN, stroke=GRID, strokeWidth=0.5).encode(
        opacity=alt.Opacity("answers:Q", scale=alt.Scale(domain=[0, top], range=[0, 0.6]), legend=None)
    )
    grid = base.mark_rect(filled=False, stroke=GRID, strokeWidth=0.5)
    texts = base.mark_text(fontSize=10).encode(text="shown:N")
    layers = [grid, squares] if frame.narrow else [grid, squares, texts]
    return alt.layer(*layers).properties(width=side * len(names), height=high * len(names))


def _through_time(known: Readings, start: date, reach: float, frame: Frame) -> ChartType:
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    rows = [_step(one, start) for one in known]
    top = max(1.15, reach * 1.15)
    first, last = (date.fromisoformat(text[:10]) for text in (rows[0]["first"], rows[-1]["last"]))
    y = alt.Y(
        "R:Q", scale=alt.Scale(domain=[0, top], nice=False),
        axis=alt.Axis(title="answers per act", tickCount=5, domain=False, ticks=False),
    )  # fmt: skip
    x = alt.X("first:T", axis=time_axis(first, last, frame))
    level = alt.Chart(alt.InlineData(values=[{"R": 1, "text": "above 1 it feeds itself"}]))
    chart = alt.Chart(alt.InlineData(values=rows))
    return alt.layer(
        level.mark_rule(color=MUTED, strokeDash=[4, 3]).encode(y=y),
        level.mark_text(color=MUTED, align="left", dx=4, dy=-7).encode(y=y, x=alt.value(0), text="text:N"),
        chart.mark_rect(color=MAIN, opacity=0.25).encode(x=x, x2="last:T", y="low:Q", y2="high:Q"),
        chart.mark_rule(color=MAIN, strokeWidth=2.5).encode(x=x, x2="last:T", y=y),
        chart.mark_text(dy=-9, fontWeight="bold", fontSize=9 if frame.narrow else 11).encode(
            x="middle:T", y="high:Q", text="shown:N"
        ),
    ).properties(width=frame.width - 45, height=180)


def _step(one: tuple[Span, Reading], start: date) -> Row:
    span, reading = one
    R = reading.R or 0.0
    low, high = (R if end is None else end for end in (reading.low, reading.high))
    first, last = (start + timedelta(days=int(day)) for day in (span.first, span.last))
    return {
        "first": moment(first), "last": moment(last), "middle": moment(first + (last - first) / 2),
        "R": round(R, 4), "low": round(low, 4), "high": round(high, 4), "shown": f"{R:.2f}",
    }  # fmt: skip


def _table(wheel: Flywheel) -> Table:
    """Return the whole matrix, numbered as in the picture where all of it is drawn."""
    headings = ("Act", "followed", *(str(n) for n in range(1, len(wheel.dyads) + 1)))
    rows = [
        (
            f"{n}. {dyad.label}", f"{wheel.followed[n - 1]:,.0f}",
            *(f"{value:.2f}" if value >= 0.005 else "" for value in wheel.K[n - 1]),
        )
        for n, dyad in enumerate(wheel.dyads, 1)
    ]  # fmt: skip
    return Table("Answers per act", headings, rows, frozenset(range(1, len(headings))))


def _links_table(wheel: Flywheel) -> Table:
    """Return the answers that are seen at all, the most frequent first, with their 95% intervals."""
    cells = [(float(wheel.K[d, e]), int(d), int(e)) for d, e in np.argwhere(wheel.K >= 0.005)]
    rows = [
        (wheel.dyads[d].label, wheel.dyads[e].label, f"{answers:.2f}", _ends(wheel, d, e))
        for answers, d, e in sorted(cells, key=lambda cell: -cell[0])
    ]
    return Table("Answers per act, by link", ("Act", "Answer", "answers", "95%"), rows, frozenset({2, 3}))


def _ends(wheel: Flywheel, d: int, e: int) -> str:
    if wheel.K_ends is None or np.isnan(wheel.K_ends[0][d, e]):
        return ""
    return f"{wheel.K_ends[0][d, e]:.2f}–{wheel.K_ends[1][d, e]:.2f}"


def _time_table(title: str, readings: Sequence[tuple[Span, Reading, Reading]], start: date) -> Table:
    rows = [
        (
            dates(span, start), f"{reading.acts:,}",
            "" if reading.R is None else f"{reading.R:.2f}",
            "" if reading.low is None else f"{reading.low:.2f}–{reading.high:.2f}",
        )
        for span, reading, _ in readings
    ]  # fmt: skip
    return Table(title, ("Acts of", "acts", "answers", "95%"), rows, frozenset({1, 2, 3}))
