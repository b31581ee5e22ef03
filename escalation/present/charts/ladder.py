"""The ladder: how many runs stood on which rung, actor by actor, month by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from escalation.present.charts.fan import origin
from escalation.present.charts.figure import Figure, Frame, Row
from escalation.present.charts.parts import short
from escalation.present.charts.theme import GRID, HOSTILE
from escalation.present.story.phrases import listed
from escalation.present.table import Table
from escalation.present.words import MONTHS, band, capital, number, percent
from escalation.study.calendar import stretch_name
from escalation.study.paths import Paths
from escalation.study.stats import central, middle

if TYPE_CHECKING:
    from altair.typing import ChartType


ROOM = 144
"""Pixels for the names of the rungs."""


def ladder_figure(paths: Paths, rungs: Mapping[int, Sequence[str]]) -> Figure | None:
    """Return the ladder, `rungs` the labels of hostile instruments by rung; None where nobody climbs it."""
    names = [name for n, name in enumerate(paths.actors) if paths.ladder[n].any()]
    if not names:
        return None
    return Figure(
        "ladder", _title(paths, names),
        f"Each square: in what share of the runs the actor does something hostile of that rung in that"
        f" {_stretch(paths)}, words and threats included. {origin(paths)}",
        lambda frame: _draw(paths, names, rungs, frame),
        [_rungs(rungs), _peaks(paths, names), *(_table(paths, name) for name in names)],
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


def _ends(paths: Paths) -> list[date]:
    return [*paths.stretches[1:], paths.end]


def _stretch(paths: Paths) -> str:
    """Return what a stretch is called, by the longest."""
    days = max((end - first).days for first, end in zip(paths.stretches, _ends(paths), strict=True))
    return next(name for limit, name in ((31, "month"), (92, "quarter"), (184, "half-year"), (9999, "year"))
                if days <= limit)  # fmt: skip


def _named(rungs: Mapping[int, Sequence[str]], rung: int, frame: Frame) -> str:
    """Return a rung with the shortest of its labels, or its number alone where there is no room."""
    labels = () if frame.narrow else rungs.get(rung, ())
    return f"{short(min(labels, key=len), 24)}  {rung}" if labels else str(rung)


def _draw(paths: Paths, names: Sequence[str], rungs: Mapping[int, Sequence[str]], frame: Frame) -> ChartType:
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

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


def _table(paths: Paths, name: str) -> Table:
    shares = _of(paths, name)
    named = [stretch_name(first, end) for first, end in zip(paths.stretches, _ends(paths), strict=True)]
    used = [n for n in range(len(paths.rungs)) if shares[n].any()]
    rows = [
        (stretch, *(percent(float(shares[n, m])) if shares[n, m] > 0 else "" for n in used))
        for m, stretch in enumerate(named)
    ]
    headings = (capital(_stretch(paths)), *(f"rung {paths.rungs[n]}" for n in used))
    title = f"{paths.actors[name]}: share of runs by rung"
    return Table(title, headings, rows, frozenset(range(1, len(headings))))
