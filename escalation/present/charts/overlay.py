"""Several runs in one picture: a line for each, in a colour and dashes of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

import altair as alt
import numpy as np
import numpy.typing as npt
from altair.typing import ChartType

from escalation.present.charts.forecast import COLOURS, CURVES
from escalation.present.charts.theme import LINES, Row, moment, time_axis, wrapped
from escalation.present.charts.time import known_through_time, tension_table, time_tables
from escalation.present.flywheel import hundredths, window
from escalation.present.format import capital, day, listed, number, percent, plural
from escalation.present.outcomes import act_of, chance, dated_acts, when_table
from escalation.present.page import Frame, Picture, Table
from escalation.study.calendar import stretch_name
from escalation.study.paths import Paths, bands_of
from escalation.study.summary import Summary
from escalation.study.view import RunView

Runs = Mapping[str, RunView]
"""Runs by their names, the first being the one that the others are compared with."""
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [1, 3])
ACTS = 6
"""Acts that have a panel at most."""
LABELS = alt.Header(labelExpr=LINES, labelLimit=0, labelFontSize=11)


Values = Sequence[float] | npt.NDArray[np.float64]


class Curve(NamedTuple):
    """A line of one run: in which panel, at which dates, which values, and a band around them if any."""

    panel: str
    run: str
    dates: Sequence[date]
    values: Values
    band: tuple[Values, Values] | None = None


def tension_over(runs: Runs) -> Picture:
    """Return the tension of several runs: their medians, and the middle half of each."""
    ends = {name: bands_of(run.paths.tension) for name, run in runs.items()}
    curves = [
        Curve("", name, runs[name].paths.dates, of["middle"], (of["low_50"], of["high_50"]))
        for name, of in ends.items()
    ]
    last = [f"{number(of['middle'][-1])} in {name}" for name, of in ends.items()]
    return Picture(
        "tension", f"Tension at the end, in the median replication: {listed(last)}.",
        "Tension: all grievances of all actors, added up. Lines: the medians; bands: the middle half of the"
        f" replications of each. {_origin(runs)}",
        lambda frame: _one_panel(curves, list(runs), frame, "tension"),
        [_called(tension_table(runs[name].paths, of), name) for name, of in ends.items()],
    )  # fmt: skip


def acts_over(runs: Runs) -> Picture | None:
    """Return the hostile acts of each actor by month, in several runs; None where nobody acts."""
    paths = {name: run.paths for name, run in runs.items()}
    totals = {
        actor: [float(of.by_stretch[actor].sum()) if actor in of.actors else 0.0 for of in paths.values()]
        for of in paths.values()
        for actor in of.actors
    }
    acting = sorted((actor for actor in totals if any(totals[actor])), key=lambda actor: -max(totals[actor]))
    if not acting:
        return None
    labels = {actor: label for of in paths.values() for actor, label in of.actors.items()}
    curves = [
        Curve(labels[actor], name, *zip(*_by_middle(of, actor), strict=True))
        for actor in acting
        for name, of in paths.items()
        if actor in of.by_stretch
    ]
    said = [f"{labels[actor]} {listed([number(of) for of in totals[actor]])}" for actor in acting[:3]]
    stretch = next(iter(paths.values())).stretch
    return Picture(
        "acts", f"Hostile acts by the end, on average in {listed(list(paths))}: {'; '.join(said)}.",
        f"Hostile acts in each {stretch}, excluding words and threats: the mean over the replications; the"
        f" same scale for all. One of which less than half is simulated is not drawn. {_origin(runs)}",
        lambda frame: _panels(curves, list(paths), frame, f"acts in a {stretch}"),
        [_acts_table(name, of, acting) for name, of in paths.items()],
    )  # fmt: skip


def when_over(runs: Runs) -> Picture | None:
    """Return by when each notable act has come in several runs; None where none ever came.

    Drawn are the acts that a question asks about, then those whose chances differ most.
    """
    summaries = {name: run.summary for name, run in runs.items()}
    names = dict.fromkeys(of.name for summary in summaries.values() for of in dated_acts(summary))
    chances = {name: [_chance(summary, name) for summary in summaries.values()] for name in names}
    asked = {name for summary in summaries.values() for name in summary.answer}
    order = sorted(names, key=lambda name: (name not in asked, min(chances[name]) - max(chances[name])))
    shown = [name for name in order if any(chances[name])][: ACTS if len(order) > CURVES else CURVES]
    if not shown:
        return None
    labels = {
        of.name: act_of(summary, of) for summary in reversed(summaries.values()) for of in summary.outcomes
        if of.name in shown
    }  # fmt: skip
    curves = [
        Curve(labels[name], run, summary.dates, summary.figures[name].by_when or [0.0] * len(summary.dates))
        for name in shown
        for run, summary in summaries.items()
        if name in summary.figures
    ]
    ends = zip(chances[shown[0]], summaries.items(), strict=True)
    last = listed(
        [f"{percent(of)} of futures of {run} by {day(summary.dates[-1])}" for of, (run, summary) in ends]
    )
    left = len(order) - len(shown)
    return Picture(
        "when", f"By when: {labels[shown[0]]}: {last}.",
        "The share of futures in which an act has come by a date: acts that are asked about, then those whose"
        " chances differ most.",
        lambda frame: _panels(curves, list(summaries), frame, "share of futures", shares=True),
        [_called(when_table(summary, dated_acts(summary), columns=6), run)
         for run, summary in summaries.items()],
        on_page=f"{plural(left, 'further act')} in the tables alone." if left else "",
    )  # fmt: skip


def answers_over(runs: Runs) -> Picture | None:
    """Return the answers per act through time of several runs; None where they are not known of all."""
    flywheels = {name: run.summary.flywheel for name, run in runs.items()}
    readings = {name: known_through_time(flywheel) for name, flywheel in flywheels.items() if flywheel}
    if len(readings) < len(runs) or not all(known for known, _ in readings.values()):
        return None
    if len({course for _, course in readings.values()}) > 1:
        return None
    curves = []
    for name, (known, _) in readings.items():
        start = runs[name].header.start
        dates = [start + timedelta(days=int(span.first + span.last) // 2) for span, _ in known]
        ends = [[getattr(of.R, end) or of.R.value or 0.0 for _, of in known] for end in ("low", "high")]
        curves.append(Curve("", name, dates, [of.R.value or 0.0 for _, of in known], (ends[0], ends[1])))
    first = next(iter(flywheels.values()))
    course = next(iter(readings.values()))[1]
    whole = [f"{hundredths(of.counted.R.value or 0.0)} in {name}" for name, of in flywheels.items() if of]
    assert first
    return Picture(
        "flywheel-time", f"Answers per hostile act, over the whole time: {listed(whole)}.",
        f"{course.meaning} Bands: 95% intervals. Above 1 the spiral feeds itself. Acts of the last"
        f" {window(first)} are not followed.",
        lambda frame: _one_panel(curves, list(runs), frame, "answers per act"),
        [_called(table, name) for name, flywheel in flywheels.items() if flywheel
         for table in time_tables(flywheel, runs[name].header.start)],
    )  # fmt: skip


def _chance(summary: Summary, name: str) -> float:
    return chance(summary.figures[name]) if name in summary.figures else 0.0


def _origin(runs: Runs) -> str:
    count = max(run.paths.replications for run in runs.values())
    return f"From {count:,} replications of each at most, played again."


def _by_middle(paths: Paths, actor: str) -> Iterator[tuple[date, float]]:
    """Yield an actor's mean acts in each stretch with its middle, but for stretches cut to less than half."""
    longest = max(end - first for first, end in paths.spans)
    for (first, end), mean in zip(paths.spans, paths.by_stretch[actor], strict=True):
        if 2 * (end - first) >= longest:
            yield first + (end - first) / 2, float(mean)


# ---- drawings


def _rows(curves: Sequence[Curve]) -> list[Row]:
    return [
        {"panel": curve.panel, "run": curve.run, "date": moment(at), "value": round(float(value), 4)}
        | ({"low": round(float(curve.band[0][n]), 4), "high": round(float(curve.band[1][n]), 4)}
           if curve.band else {})
        for curve in curves
        for n, (at, value) in enumerate(zip(curve.dates, curve.values, strict=True))
    ]  # fmt: skip


def _layers(
    curves: Sequence[Curve], names: Sequence[str], frame: Frame, width: int, title: str, shares: bool = False
) -> list[ChartType]:
    """Return a line for each run, above its band if it has one."""
    dates = [at for curve in curves for at in curve.dates]
    legend = alt.Legend(
        title=None, orient="top", direction="vertical" if frame.narrow else "horizontal", labelLimit=0,
        symbolType="stroke", symbolSize=400, symbolStrokeWidth=2, symbolOpacity=1,
    )  # fmt: skip
    shown = list(names)
    colour = alt.Color("run:N", scale=alt.Scale(domain=shown, range=list(COLOURS)), legend=legend)
    dash = alt.StrokeDash("run:N", scale=alt.Scale(domain=shown, range=list(DASHES)), legend=legend)
    axis = alt.Axis(
        title=title, tickCount=5, domain=False, ticks=False, format="%" if shares else alt.Undefined
    )
    scale = alt.Scale(domain=[0, 1]) if shares else alt.Scale(zero=True, nice=True)
    x = alt.X("date:T", axis=time_axis(min(dates), max(dates), frame, width))
    y = alt.Y("value:Q", axis=axis, scale=scale)
    line = alt.Chart().mark_line(strokeWidth=1.9, interpolate="step-after" if shares else "linear")
    area = alt.Chart().mark_area(opacity=0.16)
    area = area.encode(x=x, y=alt.Y("low:Q", axis=axis), y2="high:Q", color=colour)
    bands = [area] if any(curve.band for curve in curves) else []
    return [*bands, line.encode(x=x, y=y, color=colour, strokeDash=dash)]


def _one_panel(curves: Sequence[Curve], names: Sequence[str], frame: Frame, title: str) -> ChartType:
    width = frame.width - 60
    layers = _layers(curves, names, frame, width, title)
    return alt.layer(*layers, data=alt.InlineData(values=_rows(curves))).properties(
        width=width, height=180 if frame.narrow else 220
    )


def _panels(
    curves: Sequence[Curve], names: Sequence[str], frame: Frame, title: str, shares: bool = False
) -> ChartType:
    """Return a small picture for each panel, all of one scale."""
    letters = frame.panel // 6
    rows = [row | {"panel": wrapped(row["panel"], letters)} for row in _rows(curves)]
    panels = list(dict.fromkeys(row["panel"] for row in rows))
    width = frame.width - 60 if len(panels) == 1 else frame.panel - 12
    return (
        alt.layer(
            *_layers(curves, names, frame._replace(width=width), width, title, shares),
            data=alt.InlineData(values=rows),
        )
        .properties(width=width, height=90 if frame.narrow else 110)
        .facet(
            facet=alt.Facet("panel:N", sort=panels, title=None, header=LABELS), columns=frame.columns
        )
        .resolve_axis(x="independent")
    )  # fmt: skip


# ---- tables


def _called(table: Table, run: str) -> Table:
    return replace(table, title=f"{run}: {table.title}")


def _acts_table(name: str, paths: Paths, acting: Sequence[str]) -> Table:
    shown = [actor for actor in acting if actor in paths.actors]
    rows = [
        (stretch_name(*span), *(number(round(float(paths.by_stretch[actor][n]), 2)) for actor in shown))
        for n, span in enumerate(paths.spans)
    ]
    headings = (capital(paths.stretch), *(paths.actors[actor] for actor in shown))
    return Table(f"{name}: Hostile acts, mean", headings, rows, frozenset(range(1, len(headings))))
