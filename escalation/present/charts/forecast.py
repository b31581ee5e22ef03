"""A backtest through time: forecasts with their bands, and what came."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
from altair.typing import ChartType

from escalation.present.charts.theme import HOSTILE, MAIN, MUTED
from escalation.present.format import actor_label, day, number
from escalation.present.page import Frame, Picture, Table
from escalation.study.backtest.result import Backtest, Forecast

HEIGHT = 110


def forecast_pictures(result: Backtest) -> list[Picture]:
    """Return one picture for each horizon: a panel for each actor."""
    return [_picture(result, horizon) for horizon in result.horizons]


def _picture(result: Backtest, horizon: int) -> Picture:
    forecasts = [forecast for forecast in result.forecasts if forecast.horizon == horizon]
    held = [one for one in forecasts if one.observed is not None]
    inside = sum(one.low_95 <= (one.observed or 0.0) <= one.high_95 for one in held)
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
                actor_label(one.actor),
                day(one.origin),
                number(one.median),
                f"{number(one.low_95)}–{number(one.high_95)}",
                "" if one.observed is None else number(one.observed),
            )
            for one in forecasts
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
        *(_panel(actor, [one for one in forecasts if one.actor == actor], frame) for actor in actors),
        spacing=8,
    )


def _panel(actor: str, forecasts: Sequence[Forecast], frame: Frame) -> ChartType:
    rows = [
        {
            "at": one.origin.isoformat(), "median": one.median, "low50": one.low_50, "high50": one.high_50,
            "low95": one.low_95, "high95": one.high_95,
        }
        for one in forecasts
    ]  # fmt: skip
    points = [
        {"at": one.origin.isoformat(), "record": one.observed}
        for one in forecasts
        if one.observed is not None
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
