"""Forecasts: by when each act has come, and a backtest through time with what came."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
from altair.typing import ChartType

from escalation.present.backtest import histograms_table
from escalation.present.charts.theme import (
    EASING,
    HOSTILE,
    INK,
    MAIN,
    MUTED,
    apart,
    moment,
    time_axis,
    wrapped,
)
from escalation.present.format import actor_label, day, number, percent, plural, value
from escalation.present.outcomes import act_of, chance, when_table
from escalation.present.page import Frame, Picture, Table
from escalation.study.backtest.pooling import MODEL
from escalation.study.backtest.result import Backtest, Forecast, Histogram
from escalation.study.summary import OutcomePart, Summary

COLOURS = (MAIN, HOSTILE, EASING, INK, MUTED)
"""Those of the curves, one after another; each has its own dashes too."""

HEIGHT = 110
CURVES, TALL, LETTERS = 5, 260, 44
"""Acts that are drawn at most, and the height of their plot, letters in a line of a name."""


def when_picture(summary: Summary) -> Picture | None:
    """Return by when each notable act has come, in which share of futures; None where none ever came.

    Drawn are the acts that the question asks about, then those that are likeliest to be open.
    """
    came = [of for of in summary.outcomes if of.by_when and of.measure in ("first", "first_concession")]
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
        alt.Chart(alt.InlineData(values=rows))
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
        alt.Chart(alt.InlineData(values=[row]))
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
        bars = alt.Chart(alt.InlineData(values=rows)).mark_bar(color=MAIN, opacity=0.6)
        even = alt.Chart(alt.InlineData(values=[{"even": 1 / len(rows)}])).mark_rule(color=INK)
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
        lambda frame: _panels(result.actors, forecasts, frame),
        (table,),
    )


def _panels(actors: Sequence[str], forecasts: Sequence[Forecast], frame: Frame) -> ChartType:
    return alt.vconcat(
        *(
            _panel(actor, [forecast for forecast in forecasts if forecast.actor == actor], frame)
            for actor in actors
        ),
        spacing=8,
    )


def _panel(actor: str, forecasts: Sequence[Forecast], frame: Frame) -> ChartType:
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
    axis = alt.Axis(
        title=actor_label(actor), tickCount=3, titleAngle=0, titleAlign="left", titleX=-60, grid=True
    )
    bands = alt.Chart(alt.InlineData(values=rows))
    return alt.layer(
        bands.mark_area(color=MAIN, opacity=0.15).encode(x=x, y=alt.Y("low95:Q", axis=axis), y2="high95:Q"),
        bands.mark_area(color=MAIN, opacity=0.3).encode(x=x, y="low50:Q", y2="high50:Q"),
        bands.mark_line(color=MAIN, strokeWidth=1.5).encode(x=x, y="median:Q"),
        alt.Chart(alt.InlineData(values=points))
        .mark_point(color=HOSTILE, filled=True, size=36, opacity=1)
        .encode(x=x, y="record:Q"),
    ).properties(width=frame.width - 130, height=HEIGHT)
