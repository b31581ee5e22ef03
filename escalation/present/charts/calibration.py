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
    inside = sum(check.band_95.low <= check.observed <= check.band_95.high for check in checks)
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
    panels = (_panel(actor, [check for check in checks if check.actor == actor], frame) for actor in actors)
    return alt.vconcat(*panels, spacing=8)


def _panel(actor: str, checks: Sequence[PredictiveCheck], frame: Frame) -> ChartType:
    rows = [
        {
            "at": f"{check.start:%b %Y}", "low50": check.band_50.low, "high50": check.band_50.high,
            "low95": check.band_95.low, "high95": check.band_95.high, "record": check.observed,
        }
        for check in sorted(checks, key=lambda check: check.start)
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
