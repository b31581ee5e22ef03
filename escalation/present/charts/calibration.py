"""A calibration in pictures: prior and posterior of each parameter, and what is predicted of each window."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
from altair.typing import ChartType

from escalation.present.calibrate import checks_table, numbers_table, parameter_label
from escalation.present.charts.theme import GRID, HOSTILE, INK, MAIN, MUTED, short
from escalation.present.format import actor_label, capital, percent, plural
from escalation.present.page import Frame, Picture
from escalation.study.calibrate.result import CalibratedParameter, Calibration, PredictiveCheck

REACH = 3.0
"""Standard deviations of the prior that are drawn to either side."""
HEIGHT = 90


def calibration_pictures(result: Calibration) -> list[Picture]:
    """Return the parameters before and after the records, and for each record what is predicted of it."""
    names = dict.fromkeys(check.record for check in result.checks)
    return [_parameters(result), *(_predicted(result, name) for name in names)]


def _parameters(result: Calibration) -> Picture:
    ranked = sorted(result.parameters, key=lambda one: -one.contraction)
    learned = sum(one.is_learned for one in ranked)
    title = f"The records say something about {learned} of {plural(len(ranked), 'parameter')}"
    caption = (
        "In standard deviations of the prior, around its median: wide bars hold 95% of the prior, narrow ones"
        " 95% of the posterior. A parameter whose bars are alike was not learned."
    )
    return Picture("posterior", title, caption, lambda frame: _bars(ranked, frame), (numbers_table(result),))


def _bars(parameters: Sequence[CalibratedParameter], frame: Frame) -> ChartType:
    rows = [
        {
            "n": n, "name": short(capital(parameter_label(one.name)), 24 if frame.narrow else 44),
            "mean": one.mean, "low": one.mean - 1.96 * one.deviation, "high": one.mean + 1.96 * one.deviation,
            "before": -1.96, "after": 1.96,
        }
        for n, one in enumerate(parameters)
    ]  # fmt: skip
    chart = alt.Chart(alt.InlineData(values=rows))
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
    inside = sum(one.band_95.low <= one.observed <= one.band_95.high for one in checks)
    share = percent(inside / len(checks))
    title = f"{capital(record)}: {share} of counts lie where the posterior puts 95% of them"
    caption = (
        "Package days in each window: bars hold 50% and 95% of what is predicted from what stood before it,"
        " points are what the record holds."
    )
    table = checks_table(checks, "Predicted and recorded")
    return Picture(f"predicted-{record}", title, caption, lambda frame: _panels(checks, frame), (table,))


def _panels(checks: Sequence[PredictiveCheck], frame: Frame) -> ChartType:
    actors = dict.fromkeys(check.actor for check in checks)
    panels = (_panel(actor, [one for one in checks if one.actor == actor], frame) for actor in actors)
    return alt.vconcat(*panels, spacing=8)


def _panel(actor: str, checks: Sequence[PredictiveCheck], frame: Frame) -> ChartType:
    rows = [
        {
            "at": f"{one.start:%b %Y}", "low50": one.band_50.low, "high50": one.band_50.high,
            "low95": one.band_95.low, "high95": one.band_95.high, "record": one.observed,
        }
        for one in sorted(checks, key=lambda check: check.start)
    ]  # fmt: skip
    chart = alt.Chart(alt.InlineData(values=rows))
    axis = alt.Axis(title=None, grid=False, labelColor=MUTED, labelAngle=0, labelOverlap=True)
    x = alt.X("at:O", sort=None, axis=axis)
    counts = alt.Axis(
        title=actor_label(actor), tickCount=3, titleAngle=0, titleAlign="left", titleX=-60, grid=True
    )
    return alt.layer(
        chart.mark_rule(color=MAIN, opacity=0.25, strokeWidth=10).encode(
            x=x, y=alt.Y("low95:Q", axis=counts), y2="high95:Q"
        ),
        chart.mark_rule(color=MAIN, opacity=0.6, strokeWidth=10).encode(x=x, y="low50:Q", y2="high50:Q"),
        chart.mark_point(color=HOSTILE, filled=True, size=36, opacity=1).encode(x=x, y="record:Q"),
    ).properties(width=frame.width - 130, height=HEIGHT)
