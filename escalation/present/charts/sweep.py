"""A sweep: an expression along one lever, over two levers, or at points scattered over many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from escalation.present.charts.figure import Figure, Frame, Row
from escalation.present.charts.parts import short
from escalation.present.charts.theme import GRID, INK, MAIN, MUTED
from escalation.present.format import setting, value
from escalation.present.sweep import points_table, sentence
from escalation.scenario.expression import Expression
from escalation.study.points.levers import Lever, short_names
from escalation.study.points.variants import Measure, PointResult
from escalation.study.sweep.sweep import Sweep
from escalation.study.values import Estimate

if TYPE_CHECKING:
    import altair as alt
    from altair.typing import ChartType

HEIGHT = 240
LETTERS = 34
LARGEST = 15
"""Values of each of two levers up to which their squares show numbers."""


def sweep_figures(sweep: Sweep) -> list[Figure]:
    """Return one picture for each expression of which at least two points are known."""
    return [_figure(sweep, which) for which, found in enumerate(sweep.findings) if found]


def _figure(sweep: Sweep, which: int) -> Figure:
    expression, levers = sweep.measures[which].parsed, sweep.levers
    how = f"{len(sweep.points)} points of {sweep.replications:,} replications each, all in the same worlds."
    if sweep.design == "grid" and len(levers) == 2:
        caption = f"Each square: {expression.measured}. {how}"
        return _made(sweep, which, caption, lambda frame: _squares(sweep, which, frame))
    lever = _drawn_along(sweep, which)
    along = short_names(levers)[levers.index(lever)]
    others = " The other levers differ from point to point." if len(levers) > 1 else ""
    what = f"{expression.measured} along {along}, with its 95% interval where it has one."
    return _made(sweep, which, f"{what}{others} {how}", lambda frame: _along(sweep, which, lever, frame))


def _made(sweep: Sweep, which: int, caption: str, draw: Callable[[Frame], ChartType]) -> Figure:
    return Figure(f"sweep-{which + 1}", sentence(sweep, which), caption, draw, [points_table(sweep)])


def _drawn_along(sweep: Sweep, which: int) -> Lever:
    """Return the lever that explains most."""
    found = sweep.findings[which]
    explains = found.explains if found else ()
    return max(zip(explains, sweep.levers, strict=True), key=lambda pair: pair[0])[1]


def _known(sweep: Sweep, which: int) -> list[PointResult]:
    return [one for one in sweep.points if one.estimates[which].value is not None]


def _along(sweep: Sweep, which: int, lever: Lever, frame: Frame) -> ChartType:
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    expression, single = sweep.measures[which].parsed, len(sweep.levers) == 1
    rows = [_row(expression, one, which, lever) for one in _known(sweep, which)]
    name = short(short_names(sweep.levers)[sweep.levers.index(lever)], LETTERS)
    x = _lever_axis(lever, name)
    y = _value_axis(expression, rows)
    chart = alt.Chart(alt.InlineData(values=rows))
    intervals = chart.mark_rule(color=MAIN, opacity=0.5, strokeWidth=1.5).encode(x=x, y="low:Q", y2="high:Q")
    layers = [chart.mark_point(color=MAIN, filled=True, size=34, opacity=1).encode(x=x, y=y)]
    if lever.is_numeric and single:
        layers.insert(0, chart.mark_line(color=MAIN, strokeWidth=2).encode(x=x, y=y))
        layers.insert(0, chart.mark_area(color=MAIN, opacity=0.2).encode(x=x, y="low:Q", y2="high:Q"))
    else:
        layers.insert(0, intervals)
    return alt.layer(*layers, *_limit(sweep.measures[which])).properties(
        width=frame.width - 70, height=HEIGHT
    )


def _row(expression: Expression, one: PointResult, which: int, lever: Lever) -> Row:
    found, scale = one.estimates[which], 100.0 if expression.is_share else 1.0
    ends = [found.value if end is None else end for end in (found.value, found.low, found.high)]
    middle, low, high = (round(scale * (end or 0.0), 6) for end in ends)
    place = one.point[lever.path]
    return {
        "x": place if isinstance(place, float) else short(place, LETTERS),
        "y": middle,
        "low": low,
        "high": high,
    }


def _lever_axis(lever: Lever, name: str) -> alt.X:
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    if lever.is_numeric:
        values = [place for place in lever.values() if isinstance(place, float)]
        scale = alt.Scale(domain=[min(values), max(values)], nice=False)
        return alt.X("x:Q", scale=scale, axis=alt.Axis(title=name, grid=False, tickCount=7))
    names = [short(setting(place), LETTERS) for place in lever.values()]
    axis = alt.Axis(title=name, labelAngle=0, labelLimit=110, ticks=False)
    return alt.X("x:O", sort=names, scale=alt.Scale(domain=names), axis=axis)


def _value_axis(expression: Expression, rows: Sequence[Row]) -> alt.Y:
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    limit = expression.limit
    at_limit = [] if limit is None else [limit * (100.0 if expression.is_share else 1.0)]
    top = max([*(row["high"] for row in rows), *at_limit])
    bottom = min([0.0, *(row["low"] for row in rows), *at_limit])
    title = short(expression.measured, LETTERS) + (", %" if expression.is_share else "")
    axis = alt.Axis(title=title, tickCount=5, domain=False, ticks=False)
    return alt.Y("y:Q", scale=alt.Scale(domain=[bottom, top * 1.06 or 1.0], nice=False), axis=axis)


def _limit(measure: Measure) -> list[ChartType]:
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    expression = measure.parsed
    if expression.limit is None:
        return []
    place = expression.limit * (100.0 if expression.is_share else 1.0)
    text = f"{expression.relation} {value(measure.of(Estimate(value=expression.limit)))} is wanted"
    chart = alt.Chart(alt.InlineData(values=[{"y": place, "text": text}]))
    return [
        chart.mark_rule(color=MUTED, strokeDash=[4, 3]).encode(y="y:Q"),
        chart.mark_text(color=MUTED, align="left", dx=4, dy=-6).encode(
            y="y:Q", x=alt.value(0), text="text:N"
        ),
    ]


def _squares(sweep: Sweep, which: int, frame: Frame) -> ChartType:
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

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
