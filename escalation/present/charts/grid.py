"""Pictures of squares: the ladder by month, who answers whom, and a sweep over two levers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import altair as alt
import numpy as np
from altair.typing import ChartType

from escalation.present.charts.theme import (
    GRID,
    HOSTILE,
    INK,
    LETTER,
    LINES,
    MAIN,
    Row,
    chart_of,
    short,
    wrapped,
)
from escalation.present.charts.time import origin
from escalation.present.flywheel import sentence, window
from escalation.present.format import MONTHS, band, capital, listed, number, percent, setting, value
from escalation.present.page import Frame, Picture, Table
from escalation.present.screen import harmless
from escalation.study.calendar import stretch_name
from escalation.study.flywheel.model import Flywheel
from escalation.study.paths import Paths
from escalation.study.points.levers import Lever, short_names
from escalation.study.points.variants import PointResult
from escalation.study.stats import central, middle
from escalation.study.sweep.sweep import Sweep

# ---- ladder

STEP, LETTERS_OF_RUNG = 12, 48
"""Height of a line of a rung's name in pixels, and letters in it where there is room."""

Named = Callable[[str, int], str]
"""What an actor does on a rung, as printed."""


def ladder_picture(paths: Paths, rungs: Mapping[int, Sequence[str]], named: Named) -> Picture | None:
    """Return the ladder of each actor; None where nobody climbs it.

    `rungs` are the labels of hostile instruments by rung, `named` says what an actor does on one.
    """
    names = [name for n, name in enumerate(paths.actors) if paths.ladder[n].any()]
    if not names:
        return None
    return Picture(
        "ladder", _title(paths, names),
        f"Each square: in what share of the runs the actor does something hostile of that rung in that"
        f" {paths.stretch}, words and threats included. A rung is named by what the actor likeliest does on"
        f" it; those that it never uses are left out. {origin(paths)}",
        lambda frame: _draw(paths, names, named, frame),
        [_rungs(rungs), _peaks(paths, names), *(_table_of_ladder(paths, name) for name in names)],
    )  # fmt: skip


def _title(paths: Paths, names: Sequence[str]) -> str:
    peaks = {name: middle(paths.peaks[name].astype(float), whole=True) for name in names}
    ranked = sorted(names, key=lambda name: -peaks[name])
    said = [f"{paths.actors[name]} {number(peaks[name])}" for name in ranked if peaks[name] >= 0]
    if not said:
        return "In the median run nobody does anything hostile."
    return f"The highest rung that each uses, in the median run: {listed(said)}."


def _of(paths: Paths, name: str) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return the shares of an actor, float64[rungs, stretches]."""
    shares: np.ndarray[tuple[int, int], np.dtype[np.float64]] = paths.ladder[list(paths.actors).index(name)]
    return shares


def _draw(paths: Paths, names: Sequence[str], named: Named, frame: Frame) -> ChartType:
    steps = {name: _steps(paths, name, named, frame) for name in names}
    room = 12 + max(
        0.92 * LETTER * len(line) for rungs in steps.values() for step in rungs for line in step.split("\n")
    )
    columns = 1 if frame.narrow else 2
    width = max(90, (frame.width - 26) // columns - int(room))
    charts = [_ladder_of(paths, name, steps[name], width, frame.narrow) for name in names]
    return alt.concat(*charts, columns=columns, spacing=26).resolve_scale(opacity="shared")


def _steps(paths: Paths, name: str, named: Named, frame: Frame) -> list[str]:
    """Return the names of the rungs that an actor uses, from below, each behind what it does there."""
    letters = LETTERS_OF_RUNG // 2 if frame.narrow else LETTERS_OF_RUNG
    used = np.flatnonzero(_of(paths, name).any(axis=1))
    return [wrapped(f"{named(name, paths.rungs[n])}  {paths.rungs[n]}", letters) for n in used]


def _ladder_of(paths: Paths, name: str, steps: Sequence[str], width: int, narrow: bool) -> ChartType:
    months = [first.isoformat() for first in paths.stretches]
    month = "['{}'][month(toDate(datum.value + 'T00:00:00'))]".format("','".join(MONTHS))
    year = "substring(datum.value, 0, 4)"
    x = alt.X(
        "month:O", sort=months, scale=alt.Scale(domain=months),
        axis=alt.Axis(
            title=None, labelAngle=0, labelOverlap="parity", labelSeparation=4, ticks=False, domain=False,
            labelExpr=f"substring(datum.value, 5, 7) == '01' ? {year} : {month}",
        ),
    )  # fmt: skip
    y = alt.Y(
        "rung:O", scale=alt.Scale(domain=steps[::-1]),
        axis=alt.Axis(title=None, ticks=False, domain=False, labelLimit=0, labelExpr=LINES,
                      labelFontSize=10),
    )  # fmt: skip
    opacity = alt.Opacity(
        "share:Q", scale=alt.Scale(domain=[0, 1], range=[0.05, 1]),
        legend=alt.Legend(
            title="share of runs", orient="top", direction="horizontal", format=".0%", symbolType="square",
            values=[0.05, 0.25, 0.5, 0.75, 1], symbolFillColor=HOSTILE, symbolStrokeWidth=0,
            symbolSize=140, symbolOpacity=1, titleOrient="top" if narrow else "left",
        ),
    )  # fmt: skip
    lines = max(step.count("\n") + 1 for step in steps)
    return (
        chart_of(_rows(paths, name, steps))
        .mark_rect(color=HOSTILE, stroke=GRID, strokeWidth=0.4)
        .encode(x=x, y=y, opacity=opacity)
        .properties(
            width=width, height=(STEP * lines + 2) * len(steps), view=alt.ViewBackground(stroke=GRID),
            title=alt.Title(wrapped(paths.actors[name], 40), fontSize=12, offset=4, frame="group"),
        )
    )  # fmt: skip


def _rows(paths: Paths, name: str, steps: Sequence[str]) -> list[Row]:
    """Return one row for each square that is not empty."""
    shares = _of(paths, name)
    used = np.flatnonzero(shares.any(axis=1))
    return [
        {"month": first.isoformat(), "rung": step, "share": round(float(shares[n, m]), 3)}
        for n, step in zip(used, steps, strict=True)
        for m, first in enumerate(paths.stretches)
        if shares[n, m] > 0
    ]


def _rungs(rungs: Mapping[int, Sequence[str]]) -> Table:
    rows = [(str(rung), "; ".join(rungs[rung])) for rung in sorted(rungs)]
    return Table("What stands on each rung", ("Rung", "Instruments"), rows, frozenset({0}))


def _peaks(paths: Paths, names: Sequence[str]) -> Table:
    rows = [
        (paths.actors[name], number(middle(peaks, whole=True)),
         band(central(peaks, 0.5, whole=True)), band(central(peaks, 0.95, whole=True)))
        for name, peaks in ((name, np.maximum(paths.peaks[name], 0).astype(float)) for name in names)
    ]  # fmt: skip
    return Table("Highest rung used", ("Actor", "median", "50%", "95%"), rows, frozenset({1, 2, 3}))


def _table_of_ladder(paths: Paths, name: str) -> Table:
    shares = _of(paths, name)
    used = [n for n in range(len(paths.rungs)) if shares[n].any()]
    rows = [
        (stretch_name(*span), *(percent(float(shares[n, m])) if shares[n, m] > 0 else "" for n in used))
        for m, span in enumerate(paths.spans)
    ]
    headings = (capital(paths.stretch), *(f"rung {paths.rungs[n]}" for n in used))
    title = f"{paths.actors[name]}: share of runs by rung"
    return Table(title, headings, rows, frozenset(range(1, len(headings))))


# ---- matrix

MOST = 14
"""Rows and columns of the matrix that are drawn."""


def matrix_picture(flywheel: Flywheel, reach: float = 0.0) -> Picture | None:
    """Return the matrix of answers; None where there is no act to answer.

    The darkest square is for `reach` answers, or for the most that there are.
    """
    if not flywheel.dyads:
        return None
    shown = _shown(flywheel)
    left = len(flywheel.dyads) - len(shown)
    rest = f" Left out: the {left} kinds of act that happen most rarely." if left else ""
    caption = (
        "Row: a hostile act by the first on the second. Column: an answer, named alike. Each"
        f" square: how many such answers are attributed to one such act within {window(flywheel)}; rows in"
        f" which nothing was followed are empty.{rest}"
    )
    return Picture(
        "flywheel",
        sentence(flywheel),
        caption,
        lambda frame: _matrix(flywheel, shown, reach, frame),
        [_table_of_matrix(flywheel), _links_table(flywheel)],
    )


def _shown(flywheel: Flywheel) -> list[int]:
    """Return the places of the dyads with the most acts, in their own order."""
    return sorted(sorted(range(len(flywheel.dyads)), key=lambda n: -flywheel.followed[n])[:MOST])


def _matrix(flywheel: Flywheel, shown: Sequence[int], reach: float, frame: Frame) -> ChartType:
    names = [harmless(flywheel.dyads[dyad].label) for dyad in shown]
    matrix = flywheel.K[np.ix_(shown, shown)]
    rows: list[Row] = [
        {
            "parent": name, "child": other, "answers": round(float(matrix[n, m]), 4),
            "shown": f"{matrix[n, m]:.2f}" if matrix[n, m] >= 0.005 else "",
        }
        for n, name in enumerate(names)
        for m, other in enumerate(names)
    ]  # fmt: skip
    top = max(reach, float(matrix.max())) or 1.0
    longest = LETTER * max(map(len, names)) + 12
    angle, beyond = (-90, 0.0) if frame.narrow else (-55, 0.57 * longest)
    side = max(10.0, (frame.width - longest - beyond) / max(len(names), 6))
    high = max(18.0, min(side, 26.0))
    base = chart_of(rows).encode(
        x=alt.X("child:O", sort=names, axis=alt.Axis(
            title=None, orient="top", labelAngle=angle, labelLimit=0, ticks=False, domain=False)),
        y=alt.Y("parent:O", sort=names,
                axis=alt.Axis(title=None, ticks=False, domain=False, labelLimit=0, labelColor=INK)),
    )  # fmt: skip
    squares = base.mark_rect(color=MAIN, stroke=GRID, strokeWidth=0.5).encode(
        opacity=alt.Opacity("answers:Q", scale=alt.Scale(domain=[0, top], range=[0, 0.6]), legend=None)
    )
    grid = base.mark_rect(filled=False, stroke=GRID, strokeWidth=0.5)
    texts = base.mark_text(fontSize=10).encode(text="shown:N")
    layers = [grid, squares] if frame.narrow else [grid, squares, texts]
    return alt.layer(*layers).properties(width=side * len(names), height=high * len(names))


def _table_of_matrix(flywheel: Flywheel) -> Table:
    headings = ("Act", "followed", *(dyad.label for dyad in flywheel.dyads))
    rows = [
        (
            dyad.label, f"{flywheel.followed[n]:,.0f}",
            *(f"{value:.2f}" if value >= 0.005 else "" for value in flywheel.K[n]),
        )
        for n, dyad in enumerate(flywheel.dyads)
    ]  # fmt: skip
    return Table("Answers per act", headings, rows, frozenset(range(1, len(headings))))


def _links_table(flywheel: Flywheel) -> Table:
    """Return the answers that are seen at all, the most frequent first, with their 95% intervals."""
    cells = [(float(flywheel.K[d, e]), int(d), int(e)) for d, e in np.argwhere(flywheel.K >= 0.005)]
    rows = [
        (flywheel.dyads[d].label, flywheel.dyads[e].label, f"{answers:.2f}", _ends_of_matrix(flywheel, d, e))
        for answers, d, e in sorted(cells, key=lambda cell: -cell[0])
    ]
    return Table("Answers per act, by link", ("Act", "Answer", "answers", "95%"), rows, frozenset({2, 3}))


def _ends_of_matrix(flywheel: Flywheel, d: int, e: int) -> str:
    if flywheel.K_ends is None or np.isnan(flywheel.K_ends[0][d, e]):
        return ""
    return f"{flywheel.K_ends[0][d, e]:.2f}–{flywheel.K_ends[1][d, e]:.2f}"


# ---- squares

LETTERS = 34
LARGEST = 15
"""Values of each of two levers up to which their squares show numbers."""


def known_points(sweep: Sweep, which: int) -> list[PointResult]:
    """Return the points at which a measure is known."""
    return [point for point in sweep.points if point.estimates[which].value is not None]


def squares(sweep: Sweep, which: int, frame: Frame) -> ChartType:
    """Return a measure over the values of two levers."""
    down, across = sweep.levers
    names = [short(name, LETTERS) for name in short_names(sweep.levers)]
    rows = [
        {
            "down": _name(down, point), "across": _name(across, point),
            "value": round(point.estimates[which].value or 0.0, 6),
            "text": value(point.estimates[which]),
        }
        for point in known_points(sweep, which)
    ]  # fmt: skip
    columns, lines = (_names(lever) for lever in (across, down))
    base = chart_of(rows).encode(
        x=alt.X(
            "across:O", sort=columns, axis=alt.Axis(title=names[1], labelAngle=0, ticks=False, domain=False)
        ),
        y=alt.Y(
            "down:O", sort=lines, axis=alt.Axis(title=names[0], ticks=False, domain=False, labelColor=INK)
        ),
    )
    values = [point.estimates[which].value or 0.0 for point in known_points(sweep, which)]
    domain = [min(values), max(values)] if max(values) > min(values) else [min(values), min(values) + 1]
    scale = alt.Scale(domain=domain, range=[0.05, 0.75])
    squares = base.mark_rect(color=MAIN, stroke=GRID, strokeWidth=0.5).encode(
        opacity=alt.Opacity("value:Q", scale=scale, legend=None)
    )
    texts = [base.mark_text(fontSize=10).encode(text="text:N")] if len(columns) <= LARGEST else []
    side = max(24.0, min(64.0, (frame.width - 110) / len(columns)))
    return alt.layer(squares, *texts).properties(width=side * len(columns), height=28 * len(lines))


def _names(lever: Lever) -> list[str]:
    return [short(setting(level), LETTERS) for level in lever.values()]


def _name(lever: Lever, point: PointResult) -> str:
    return short(setting(point.point[lever.path]), LETTERS)
