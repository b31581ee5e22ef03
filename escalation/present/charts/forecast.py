"""Forecasts beside what came: by when each act has come, a backtest through time, and a calibration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import altair as alt
from altair.typing import ChartType

from escalation.present.backtest import histograms_table
from escalation.present.calibrate import checks_table, numbers_table, parameter_label
from escalation.present.charts.theme import (
    EASING,
    GRID,
    HOSTILE,
    INK,
    MAIN,
    MUTED,
    apart,
    chart_of,
    moment,
    short,
    time_axis,
    wrapped,
)
from escalation.present.format import actor_label, capital, day, number, percent, plural, value
from escalation.present.outcomes import act_of, chance, dated_acts, when_table
from escalation.present.page import Frame, Picture, Table
from escalation.study.backtest.pooling import MODEL
from escalation.study.backtest.result import Backtest, Forecast, Histogram
from escalation.study.calibrate.result import CalibratedParameter, Calibration, PredictiveCheck
from escalation.study.summary import OutcomePart, Summary

COLOURS = (MAIN, HOSTILE, EASING, INK, MUTED)
"""Those of the curves, one after another; each has its own dashes too."""

E = TypeVar("E", Forecast, PredictiveCheck)
HEIGHT = 110
CURVES, TALL, LETTERS = 5, 260, 44
"""Acts that are drawn at most, and the height of their plot, letters in a line of a name."""


def when_picture(summary: Summary) -> Picture | None:
    """Return by when each notable act has come, in which share of futures; None where none ever came.

    Drawn are the acts that the question asks about, then those that are likeliest to be open.
    """
    came = dated_acts(summary)
    if not came:
        return None
    order = sorted(came, key=lambda of: (of.name not in summary.answer, abs(chance(of) - 0.5)))
    shown = sorted(order[:CURVES], key=lambda of: -chance(of))
    first = order[0]
    said = f"{act_of(summary, first)}: {percent(chance(first))} of futures by {day(summary.dates[-1])}"
    half = f", half of these by {value(first.median, summary.scenario.start)}" if first.median else ""
    caption = (
        f"Of {plural(summary.replications.finished, 'future')}, the share in which an act has come by a date."
    )
    left = len(came) - len(shown)
    return Picture(
        "when", f"By when: {said}{half}.", caption, lambda frame: _curves(summary, shown, frame),
        [when_table(summary, came, columns=6)],
        on_page=f"{plural(left, 'further act')} in the table alone." if left else "",
    )  # fmt: skip


def _curves(summary: Summary, shown: Sequence[OutcomePart], frame: Frame) -> ChartType:
    dates = [moment(date) for date in summary.dates]
    rows = [
        {"date": at, "share": share, "act": act_of(summary, of)}
        for of in shown
        for at, share in zip(dates, of.by_when or (), strict=True)
    ]
    width = frame.width - (60 if frame.narrow else 280)
    ends = [(of.by_when or (0.0,))[-1] for of in shown]
    names = [wrapped(act_of(summary, of), LETTERS) for of in shown]
    places = apart([-TALL * end for end in ends], 13.0 * max(text.count("\n") + 1 for text in names))
    last = max(0.0, *(height for height in places)) if places else 0.0
    labels = [{"y": TALL + height - last, "text": text} for height, text in zip(places, names, strict=True)]
    axis = alt.Axis(title=None, format="%", tickCount=5, domain=False, ticks=False)
    lines = (
        chart_of(rows)
        .mark_line(interpolate="step-after", strokeWidth=1.8)
        .encode(
            x=alt.X("date:T", axis=time_axis(summary.dates[0], summary.dates[-1], frame, width)),
            y=alt.Y("share:Q", axis=axis, scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("act:N", legend=None, sort=[act_of(summary, of) for of in shown],
                            scale=alt.Scale(range=COLOURS)),
            strokeDash=alt.StrokeDash("act:N", legend=None, sort=[act_of(summary, of) for of in shown]),
        )
    )  # fmt: skip
    if frame.narrow:
        return lines.properties(width=width, height=TALL)
    texts = [
        chart_of([row])
        .mark_text(align="left", dx=6, lineBreak="\n", fontSize=10, color=COLOURS[n % len(COLOURS)])
        .encode(x=alt.value(width), y=alt.value(row["y"]), text="text:N")
        for n, row in enumerate(labels)
    ]
    return alt.layer(lines, *texts).properties(width=width, height=TALL)


def forecast_pictures(result: Backtest) -> list[Picture]:
    """Return one picture for each horizon, a panel for each actor, and where the outcomes lay in them all."""
    pictures = [_picture(result, horizon) for horizon in result.horizons]
    return [*pictures, *([] if (table := histograms_table(result)) is None else [_transforms(result, table)])]


def _transforms(result: Backtest, table: Table) -> Picture:
    own = [entry for entry in result.histograms if entry.forecaster == MODEL]
    caption = (
        "Probability integral transforms of counts (not randomised: Czado, Gneiting and Held 2009). Where"
        " forecasts are right all bars reach the line; bars are high at both ends where forecasts are too"
        " narrow, in the middle where they are too wide, on one side where they are too low or too high."
    )
    title = "Where the outcomes lay in the forecasts, from their lowest to their highest tenth"
    return Picture("transforms", title, caption, lambda frame: _histograms(own, frame), (table,))


def _histograms(own: Sequence[Histogram], frame: Frame) -> ChartType:
    """Return a histogram for each horizon, side by side where there is room, with the line of even bars."""
    width = (frame.width - 60) // (1 if frame.narrow else len(own)) - 30
    top = max(max(entry.counts) / sum(entry.counts) for entry in own)
    panels = []
    for entry in own:
        shares = [count / sum(entry.counts) for count in entry.counts]
        rows = [
            {"from": n / 10, "to": (n + 1) / 10, "none": 0, "share": share} for n, share in enumerate(shares)
        ]
        x = alt.Axis(title=f"{entry.horizon} days", tickCount=5, grid=False)
        axis = alt.Axis(title=None, format="%", tickCount=4, grid=True)
        y = alt.Y("share:Q", axis=axis, scale=alt.Scale(domain=[0, top]))
        bars = chart_of(rows).mark_bar(color=MAIN, opacity=0.6)
        even = chart_of([{"even": 1 / len(rows)}]).mark_rule(color=INK)
        panels.append(
            alt.layer(
                bars.encode(x=alt.X("from:Q", axis=x), x2="to:Q", y=y, y2="none:Q"), even.encode(y="even:Q")
            ).properties(width=width, height=HEIGHT)
        )
    join = alt.vconcat if frame.narrow else alt.hconcat
    return join(*panels, spacing=8)


def _picture(result: Backtest, horizon: int) -> Picture:
    forecasts = [forecast for forecast in result.forecasts if forecast.horizon == horizon]
    held = [forecast for forecast in forecasts if forecast.observed is not None]
    inside = sum(forecast.low_95 <= (forecast.observed or 0.0) <= forecast.high_95 for forecast in held)
    title = f"Package days in {horizon} days: {inside} of {len(held)} outcomes lie in the 95% band"
    caption = (
        "Bands hold 50% and 95% of replications from each origin, the line is their median; points are what"
        f" the record {result.record} holds. Origins are the first of a month."
    )
    table = Table(
        f"Forecasts of {horizon} days",
        ("actor", "origin", "median", "95%", "record"),
        [
            (
                actor_label(forecast.actor),
                day(forecast.origin),
                number(forecast.median),
                f"{number(forecast.low_95)}–{number(forecast.high_95)}",
                "" if forecast.observed is None else number(forecast.observed),
            )
            for forecast in forecasts
        ],
        frozenset({2, 3, 4}),
        folded=True,
    )
    return Picture(
        f"forecast-{horizon}",
        title,
        caption,
        lambda frame: _panels(result.actors, forecasts, _forecast_panel, frame),
        (table,),
    )


def _panels(
    actors: Iterable[str],
    entries: Sequence[E],
    draw: Callable[[str, list[E], Frame], ChartType],
    frame: Frame,
) -> ChartType:
    """Return a panel for each actor, one below the other."""
    panels = (draw(actor, [entry for entry in entries if entry.actor == actor], frame) for actor in actors)
    return alt.vconcat(*panels, spacing=8)


def _actor_axis(actor: str) -> alt.Axis:
    return alt.Axis(
        title=actor_label(actor), tickCount=3, titleAngle=0, titleAlign="left", titleX=-60, grid=True
    )


def _forecast_panel(actor: str, forecasts: Sequence[Forecast], frame: Frame) -> ChartType:
    rows = [
        {
            "at": forecast.origin.isoformat(), "median": forecast.median, "low50": forecast.low_50,
            "high50": forecast.high_50, "low95": forecast.low_95, "high95": forecast.high_95,
        }
        for forecast in forecasts
    ]  # fmt: skip
    points = [
        {"at": forecast.origin.isoformat(), "record": forecast.observed}
        for forecast in forecasts
        if forecast.observed is not None
    ]
    x = alt.X("at:T", axis=alt.Axis(title=None, format="%b %Y", grid=False, labelColor=MUTED, tickCount=6))
    axis = _actor_axis(actor)
    bands = chart_of(rows)
    return alt.layer(
        bands.mark_area(color=MAIN, opacity=0.15).encode(x=x, y=alt.Y("low95:Q", axis=axis), y2="high95:Q"),
        bands.mark_area(color=MAIN, opacity=0.3).encode(x=x, y="low50:Q", y2="high50:Q"),
        bands.mark_line(color=MAIN, strokeWidth=1.5).encode(x=x, y="median:Q"),
        chart_of(points).mark_point(color=HOSTILE, filled=True, size=36, opacity=1).encode(x=x, y="record:Q"),
    ).properties(width=frame.width - 130, height=HEIGHT)


# ---- calibration

REACH = 3.0
"""Standard deviations of the prior that are drawn to either side."""
CHECK_HEIGHT = 90


def calibration_pictures(result: Calibration) -> list[Picture]:
    """Return the parameters before and after the records, and for each record what is predicted of it."""
    names = dict.fromkeys(check.record for check in result.checks)
    return [_parameters(result), *(_predicted(result, name) for name in names)]


def _parameters(result: Calibration) -> Picture:
    ranked = sorted(result.parameters, key=lambda parameter: -parameter.contraction)
    learned = sum(parameter.is_learned for parameter in ranked)
    title = f"The records say something about {learned} of {plural(len(ranked), 'parameter')}"
    caption = (
        "In standard deviations of the prior, around its median: wide bars hold 95% of the prior, narrow ones"
        " 95% of the posterior. A parameter whose bars are alike was not learned."
    )
    return Picture("posterior", title, caption, lambda frame: _bars(ranked, frame), (numbers_table(result),))


def _bars(parameters: Sequence[CalibratedParameter], frame: Frame) -> ChartType:
    rows = [
        {
            "n": n, "name": short(capital(parameter_label(parameter.name)), 24 if frame.narrow else 44),
            "mean": parameter.mean, "low": parameter.mean - 1.96 * parameter.deviation,
            "high": parameter.mean + 1.96 * parameter.deviation, "before": -1.96, "after": 1.96,
        }
        for n, parameter in enumerate(parameters)
    ]  # fmt: skip
    chart = chart_of(rows)
    y = alt.Y("n:O", axis=None, scale=alt.Scale(paddingInner=0.3))
    x = alt.Scale(domain=[-REACH, REACH], clamp=True)
    axis = alt.Axis(title="standard deviations of the prior", tickCount=7, domain=False, grid=True)
    return alt.layer(
        chart.mark_rule(color=GRID, strokeWidth=12).encode(
            x=alt.X("before:Q", scale=x, axis=axis), x2="after:Q", y=y
        ),
        chart.mark_rule(color=MAIN, strokeWidth=5).encode(x="low:Q", x2="high:Q", y=y),
        chart.mark_point(color=INK, filled=True, size=30, opacity=1).encode(x="mean:Q", y=y),
        chart.mark_text(align="right", fontSize=10 if frame.narrow else 11).encode(
            x=alt.value(-8), y=y, text="name:N"
        ),
    ).properties(width=frame.width - (130 if frame.narrow else 270), height=24 * max(1, len(rows)))


def _predicted(result: Calibration, record: str) -> Picture:
    checks = [check for check in result.checks if check.record == record]
    inside = sum(check.band_95.low <= check.observed <= check.band_95.high for check in checks)
    share = percent(inside / len(checks))
    title = f"{capital(record)}: {share} of counts lie where the posterior puts 95% of them"
    caption = (
        "Package days in each window: bars hold 50% and 95% of what is predicted from what stood before it,"
        " points are what the record holds."
    )
    table = checks_table(checks, "Predicted and recorded")
    actors = list(dict.fromkeys(check.actor for check in checks))
    return Picture(
        f"predicted-{record}",
        title,
        caption,
        lambda frame: _panels(actors, checks, _check_panel, frame),
        (table,),
    )


def _check_panel(actor: str, checks: Sequence[PredictiveCheck], frame: Frame) -> ChartType:
    rows = [
        {
            "at": f"{check.start:%b %Y}", "low50": check.band_50.low, "high50": check.band_50.high,
            "low95": check.band_95.low, "high95": check.band_95.high, "record": check.observed,
        }
        for check in sorted(checks, key=lambda check: check.start)
    ]  # fmt: skip
    chart = chart_of(rows)
    axis = alt.Axis(title=None, grid=False, labelColor=MUTED, labelAngle=0, labelOverlap=True)
    x = alt.X("at:O", sort=None, axis=axis)
    return alt.layer(
        chart.mark_rule(color=MAIN, opacity=0.25, strokeWidth=10).encode(
            x=x, y=alt.Y("low95:Q", axis=_actor_axis(actor)), y2="high95:Q"
        ),
        chart.mark_rule(color=MAIN, opacity=0.6, strokeWidth=10).encode(x=x, y="low50:Q", y2="high50:Q"),
        chart.mark_point(color=HOSTILE, filled=True, size=36, opacity=1).encode(x=x, y="record:Q"),
    ).properties(width=frame.width - 130, height=CHECK_HEIGHT)
