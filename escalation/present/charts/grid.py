"""Pictures of squares: the ladder by month, who answers whom, and a sweep over two levers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import altair as alt
import numpy as np
from altair.typing import ChartType

from escalation.present.charts.theme import GRID, HOSTILE, INK, MAIN, Row, short
from escalation.present.charts.time import origin
from escalation.present.flywheel import sentence, window
from escalation.present.format import MONTHS, band, capital, listed, number, percent, setting, value
from escalation.present.page import Frame, Picture, Table
from escalation.study.calendar import stretch_name
from escalation.study.flywheel.model import Flywheel
from escalation.study.paths import Paths
from escalation.study.points.levers import Lever, short_names
from escalation.study.points.variants import PointResult
from escalation.study.stats import central, middle
from escalation.study.sweep.sweep import Sweep

# ---- ladder

ROOM = 144
"""Pixels for the names of the rungs."""


def ladder_picture(paths: Paths, rungs: Mapping[int, Sequence[str]]) -> Picture | None:
    """Return the ladder, `rungs` the labels of hostile instruments by rung; None where nobody climbs it."""
    names = [name for n, name in enumerate(paths.actors) if paths.ladder[n].any()]
    if not names:
        return None
    return Picture(
        "ladder", _title(paths, names),
        f"Each square: in what share of the runs the actor does something hostile of that rung in that"
        f" {paths.stretch}, words and threats included. {origin(paths)}",
        lambda frame: _draw(paths, names, rungs, frame),
        [_rungs(rungs), _peaks(paths, names), *(_table_of_ladder(paths, name) for name in names)],
        alone="A rung is named by one of the acts that stand on it.",
        on_page="Where there is room a rung is named by one of its acts; the first table has all.",
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


def _ends_of_ladder(paths: Paths) -> list[date]:
    return [*paths.stretches[1:], paths.end]


def _named(rungs: Mapping[int, Sequence[str]], rung: int, frame: Frame) -> str:
    """Return a rung with the shortest of its labels, or its number alone where there is no room."""
    labels = () if frame.narrow else rungs.get(rung, ())
    return f"{short(min(labels, key=len), 24)}  {rung}" if labels else str(rung)


def _draw(paths: Paths, names: Sequence[str], rungs: Mapping[int, Sequence[str]], frame: Frame) -> ChartType:
    letters = 16 if frame.narrow else 25
    labels = [short(paths.actors[name], letters) for name in names]
    steps = [_named(rungs, rung, frame) for rung in paths.rungs]
    rows = [
        row for name, label in zip(names, labels, strict=True) for row in _rows(paths, name, label, steps)
    ]
    months = [first.isoformat() for first in paths.stretches]
    named = "['{}'][month(toDate(datum.value + 'T00:00:00'))]".format("','".join(MONTHS))
    year = "substring(datum.value, 0, 4)"
    x = alt.X(
        "month:O", sort=months, scale=alt.Scale(domain=months),
        axis=alt.Axis(
            title=None, labelAngle=0, labelOverlap="parity", labelSeparation=4, ticks=False, domain=False,
            labelExpr=f"substring(datum.value, 5, 7) == '01' ? {year} : {named}",
        ),
    )  # fmt: skip
    y = alt.Y(
        "rung:O", scale=alt.Scale(domain=steps[::-1]),
        axis=alt.Axis(title=None, ticks=False, domain=False, labelOverlap=frame.narrow, labelLimit=ROOM),
    )  # fmt: skip
    opacity = alt.Opacity(
        "share:Q", scale=alt.Scale(domain=[0, 1], range=[0.05, 1]),
        legend=alt.Legend(
            title="share of runs", orient="top", direction="horizontal", format=".0%", symbolType="square",
            values=[0.05, 0.25, 0.5, 0.75, 1], symbolFillColor=HOSTILE, symbolStrokeWidth=0,
            symbolSize=140, symbolOpacity=1, titleOrient="left",
        ),
    )  # fmt: skip
    return (
        alt.layer(
            alt.Chart()
            .mark_rect(color=HOSTILE, stroke=GRID, strokeWidth=0.4)
            .encode(x=x, y=y, opacity=opacity),
            data=alt.InlineData(values=rows),
        )
        .properties(
            width=frame.panel if frame.narrow else frame.panel - ROOM // 3,
            height=11 * len(paths.rungs) + 4,
            view=alt.ViewBackground(stroke=GRID),
        )
        .facet(facet=alt.Facet("actor:N", sort=labels, title=None), columns=frame.columns)
        .resolve_axis(x="independent")
    )


def _rows(paths: Paths, name: str, label: str, steps: Sequence[str]) -> list[Row]:
    """Return one row for each square that is not empty."""
    shares = _of(paths, name)
    return [
        {"actor": label, "month": first.isoformat(), "rung": step, "share": round(float(shares[n, m]), 3)}
        for n, step in enumerate(steps)
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
    named = [
        stretch_name(first, end) for first, end in zip(paths.stretches, _ends_of_ladder(paths), strict=True)
    ]
    used = [n for n in range(len(paths.rungs)) if shares[n].any()]
    rows = [
        (stretch, *(percent(float(shares[n, m])) if shares[n, m] > 0 else "" for n in used))
        for m, stretch in enumerate(named)
    ]
    headings = (capital(paths.stretch), *(f"rung {paths.rungs[n]}" for n in used))
    title = f"{paths.actors[name]}: share of runs by rung"
    return Table(title, headings, rows, frozenset(range(1, len(headings))))


# ---- matrix

MOST = 14
"""Rows and columns of the matrix that are drawn."""


def matrix_picture(wheel: Flywheel, reach: float = 0.0) -> Picture | None:
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
        f" square: how many such answers are attributed to one such act within {window(wheel)}; rows in which"
        f" nothing was followed are empty.{rest}"
    )
    return Picture(
        "flywheel",
        sentence(wheel),
        caption,
        lambda frame: _matrix(wheel, shown, reach, frame),
        [_table_of_matrix(wheel), _links_table(wheel)],
    )


def _shown(wheel: Flywheel) -> list[int]:
    """Return the places of the dyads with the most acts, in their own order."""
    return sorted(sorted(range(len(wheel.dyads)), key=lambda n: -wheel.followed[n])[:MOST])


def _matrix(wheel: Flywheel, shown: Sequence[int], reach: float, frame: Frame) -> ChartType:
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


def _table_of_matrix(wheel: Flywheel) -> Table:
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
        (wheel.dyads[d].label, wheel.dyads[e].label, f"{answers:.2f}", _ends_of_matrix(wheel, d, e))
        for answers, d, e in sorted(cells, key=lambda cell: -cell[0])
    ]
    return Table("Answers per act, by link", ("Act", "Answer", "answers", "95%"), rows, frozenset({2, 3}))


def _ends_of_matrix(wheel: Flywheel, d: int, e: int) -> str:
    if wheel.K_ends is None or np.isnan(wheel.K_ends[0][d, e]):
        return ""
    return f"{wheel.K_ends[0][d, e]:.2f}–{wheel.K_ends[1][d, e]:.2f}"


# ---- squares

LETTERS = 34
LARGEST = 15
"""Values of each of two levers up to which their squares show numbers."""


def _known(sweep: Sweep, which: int) -> list[PointResult]:
    return [one for one in sweep.points if one.estimates[which].value is not None]


def squares(sweep: Sweep, which: int, frame: Frame) -> ChartType:
    """Return a measure over the values of two levers."""
    down, across = sweep.levers
    names = [short(name, LETTERS) for name in short_names(sweep.levers)]
    rows = [
        {
            "down": _place(down, one), "across": _place(across, one),
            "value": round(one.estimates[which].value or 0.0, 6),
            "text": value(one.estimates[which]),
        }
        for one in _known(sweep, which)
    ]  # fmt: skip
    columns, lines = (_places(lever) for lever in (across, down))
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X(
            "across:O", sort=columns, axis=alt.Axis(title=names[1], labelAngle=0, ticks=False, domain=False)
        ),
        y=alt.Y(
            "down:O", sort=lines, axis=alt.Axis(title=names[0], ticks=False, domain=False, labelColor=INK)
        ),
    )
    values = [one.estimates[which].value or 0.0 for one in _known(sweep, which)]
    domain = [min(values), max(values)] if max(values) > min(values) else [min(values), min(values) + 1]
    scale = alt.Scale(domain=domain, range=[0.05, 0.75])
    squares = base.mark_rect(color=MAIN, stroke=GRID, strokeWidth=0.5).encode(
        opacity=alt.Opacity("value:Q", scale=scale, legend=None)
    )
    texts = [base.mark_text(fontSize=10).encode(text="text:N")] if len(columns) <= LARGEST else []
    side = max(24.0, min(64.0, (frame.width - 110) / len(columns)))
    return alt.layer(squares, *texts).properties(width=side * len(columns), height=28 * len(lines))


def _places(lever: Lever) -> list[str]:
    return [short(setting(place), LETTERS) for place in lever.values()]


def _place(lever: Lever, one: PointResult) -> str:
    return short(setting(one.point[lever.path]), LETTERS)
