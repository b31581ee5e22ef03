"""Pictures of points: a sweep along a lever, what a tuning tried and chose, and boxes with their futures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import altair as alt
from altair.typing import ChartType

from escalation.present import discover as discover_page
from escalation.present import sweep as sweep_page
from escalation.present import tune as tune_page
from escalation.present.charts.grid import known_points, squares
from escalation.present.charts.theme import (
    GRID,
    HOSTILE,
    INK,
    MAIN,
    MUTED,
    PAPER,
    Row,
    chart_of,
    limit_lines,
    short,
)
from escalation.present.format import setting, value
from escalation.present.page import Frame, Picture
from escalation.scenario.expression import Expression
from escalation.study.discover.result import Discovery, ScenarioBox
from escalation.study.points.levers import Lever, short_names
from escalation.study.points.variants import MeasuredExpression, PointResult
from escalation.study.sweep.sweep import Sweep
from escalation.study.tune.result import Finalist, Trial, Tuned
from escalation.study.values import Estimate

# ---- sweep

SWEEP_HEIGHT = 240
SWEEP_LETTERS = 34


def sweep_pictures(sweep: Sweep) -> list[Picture]:
    """Return one picture for each expression of which at least two points are known."""
    return [_picture(sweep, which) for which, finding in enumerate(sweep.findings) if finding]


def _picture(sweep: Sweep, which: int) -> Picture:
    expression, levers = sweep.measures[which].parsed, sweep.levers
    draw: Callable[[Frame], ChartType]
    if sweep.design == "grid" and len(levers) == 2:
        caption = f"Each square: {expression.measured}."
        draw = partial(squares, sweep, which)
    else:
        lever = _most_explaining(sweep, which)
        along = short_names(levers)[levers.index(lever)]
        others = " The other levers differ from point to point." if len(levers) > 1 else ""
        caption = f"{expression.measured} along {along}, with its 95% interval where it has one.{others}"
        draw = partial(_along, sweep, which, lever)
    how = f"{len(sweep.points)} points of {sweep.replications:,} replications each, all in the same worlds."
    title = f"{sweep_page.label(sweep, which)}: {sweep_page.sentence(sweep, which)}"
    return Picture(f"sweep-{which + 1}", title, f"{caption} {how}", draw, [sweep_page.points_table(sweep)])


def _most_explaining(sweep: Sweep, which: int) -> Lever:
    finding = sweep.findings[which]
    explains = finding.explains if finding else ()
    return max(zip(explains, sweep.levers, strict=True), key=lambda pair: pair[0])[1]


def _along(sweep: Sweep, which: int, lever: Lever, frame: Frame) -> ChartType:
    expression, single = sweep.measures[which].parsed, len(sweep.levers) == 1
    rows = [_row_of_sweep(expression, point, which, lever) for point in known_points(sweep, which)]
    name = short(short_names(sweep.levers)[sweep.levers.index(lever)], SWEEP_LETTERS)
    x = _lever_axis(lever, name)
    y = _value_axis(expression, rows)
    chart = chart_of(rows)
    intervals = chart.mark_rule(color=MAIN, opacity=0.5, strokeWidth=1.5).encode(x=x, y="low:Q", y2="high:Q")
    layers = [chart.mark_point(color=MAIN, filled=True, size=34, opacity=1).encode(x=x, y=y)]
    if lever.is_numeric and single:
        layers.insert(0, chart.mark_line(color=MAIN, strokeWidth=2).encode(x=x, y=y))
        layers.insert(0, chart.mark_area(color=MAIN, opacity=0.2).encode(x=x, y="low:Q", y2="high:Q"))
    else:
        layers.insert(0, intervals)
    return alt.layer(*layers, *_limit_of_sweep(sweep.measures[which])).properties(
        width=frame.width - 70, height=SWEEP_HEIGHT
    )


def _row_of_sweep(expression: Expression, point: PointResult, which: int, lever: Lever) -> Row:
    estimate, scale = point.estimates[which], 100.0 if expression.is_share else 1.0
    ends = [estimate.value if end is None else end for end in (estimate.value, estimate.low, estimate.high)]
    middle, low, high = (round(scale * (end or 0.0), 6) for end in ends)
    level = point.point[lever.path]
    return {
        "x": level if isinstance(level, float) else short(level, SWEEP_LETTERS),
        "y": middle,
        "low": low,
        "high": high,
    }


def _lever_axis(lever: Lever, name: str) -> alt.X:
    if lever.is_numeric:
        values = [level for level in lever.values() if isinstance(level, float)]
        scale = alt.Scale(domain=[min(values), max(values)], nice=False)
        return alt.X("x:Q", scale=scale, axis=alt.Axis(title=name, grid=False, tickCount=7))
    names = [short(setting(level), SWEEP_LETTERS) for level in lever.values()]
    axis = alt.Axis(title=name, labelAngle=0, labelLimit=110, ticks=False)
    return alt.X("x:O", sort=names, scale=alt.Scale(domain=names), axis=axis)


def _value_axis(expression: Expression, rows: Sequence[Row]) -> alt.Y:
    limit = expression.limit
    at_limit = [] if limit is None else [limit * (100.0 if expression.is_share else 1.0)]
    top = max([*(row["high"] for row in rows), *at_limit])
    bottom = min([0.0, *(row["low"] for row in rows), *at_limit])
    title = short(expression.measured, SWEEP_LETTERS) + (", %" if expression.is_share else "")
    axis = alt.Axis(title=title, tickCount=5, domain=False, ticks=False)
    return alt.Y("y:Q", scale=alt.Scale(domain=[bottom, top * 1.06 or 1.0], nice=False), axis=axis)


def _limit_of_sweep(measure: MeasuredExpression) -> list[ChartType]:
    expression = measure.parsed
    if expression.limit is None:
        return []
    level = expression.limit * (100.0 if expression.is_share else 1.0)
    text = f"{expression.relation} {value(measure.of(Estimate(value=expression.limit)))} is wanted"
    return limit_lines("y", level, text)


# ---- pareto

PARETO_HEIGHT, PARETO_LETTERS = 300, 40


class Axis(NamedTuple):
    """One axis: its title, what it is of, and how to read it from trials and finalists."""

    title: str
    expression: Expression | None
    tried: Callable[[Trial], Any]
    held_out: Callable[[Finalist], Estimate | None]


def pareto_pictures(tuned: Tuned) -> list[Picture]:
    """Return the picture of a tuning: a goal against another, against a limit, or along a lever."""
    across, up = _sides(tuned)
    several = len(tuned.goals) > 1
    caption = (
        "Dots: trials, on the replications that they were tuned on; light where a limit is not kept."
        " With 95% intervals, on held-out replications: the finalists, the chosen one (filled) and the"
        " untuned policy (orange)."
    )
    if len(tuned.goals) > 2:
        caption += f" Only the first two of {len(tuned.goals)} goals are drawn."
    first, second, *_ = tune_page.sentences(tuned)
    title = second if several and tuned.satisfied else first
    name, draw = "pareto" if several else "trials", partial(_draw_of_pareto, tuned, across, up)
    return [Picture(name, title, caption, draw, [tune_page.finalists(tuned)])]


def _sides(tuned: Tuned) -> tuple[Axis, Axis]:
    up = _goal(tuned, 0)
    if len(tuned.goals) > 1:
        return _goal(tuned, 1), up
    return (_limit_of_pareto(tuned) if tuned.limits else _lever(tuned)), up


def _goal(tuned: Tuned, n: int) -> Axis:
    expression = tuned.goals[n].expression
    return Axis(
        tune_page.goal_names(tuned)[n],
        expression,
        lambda trial: trial.estimates[n].value,
        lambda finalist: finalist.goals[n],
    )


def _limit_of_pareto(tuned: Tuned) -> Axis:
    limit, index = tuned.limits[0].parsed, len(tuned.goals)
    return Axis(
        limit.measured, limit, lambda trial: trial.estimates[index].value, lambda finalist: finalist.limits[0]
    )


def _lever(tuned: Tuned) -> Axis:
    """Return the axis of the lever that matters most."""
    shares = [(importance.shares or (None,))[0] or 0.0 for importance in tuned.importance]
    n = max(range(len(shares)), key=shares.__getitem__)
    path = tuned.levers[n].path

    def held_out(finalist: Finalist) -> Estimate | None:
        level = finalist.point.get(path)
        return Estimate(value=level) if isinstance(level, float) else None

    return Axis(short_names(tuned.levers)[n], None, lambda trial: trial.point[path], held_out)


def _draw_of_pareto(tuned: Tuned, across: Axis, up: Axis, frame: Frame) -> ChartType:
    trials = [trial for trial in tuned.trials if trial.known]
    numbers = all(isinstance(across.tried(trial), float) for trial in trials)
    rows = [
        {
            "x": _scaled(across, across.tried(trial))
            if numbers else short(str(across.tried(trial)), PARETO_LETTERS),
            "y": _scaled(up, up.tried(trial)), "keeps": trial.keeps,
        }
        for trial in trials
    ]  # fmt: skip
    x = alt.X("x:O", axis=alt.Axis(title=across.title, labelAngle=0))
    if numbers:
        x = alt.X("x:Q", scale=alt.Scale(zero=False), axis=_look(across))
    y = alt.Y("y:Q", scale=alt.Scale(zero=False), axis=_look(up))
    colour = alt.Scale(domain=[True, False], range=[MUTED, GRID])
    dots = (
        chart_of(rows)
        .mark_point(filled=True, size=16, opacity=1)
        .encode(
            x=x, y=y,
            color=alt.Color("keeps:N", legend=None, scale=colour),
        )
    )  # fmt: skip
    layers = [dots, *(_limit_rule(across) if numbers else []), *_finalists(tuned, across, up, numbers)]
    chart = alt.layer(*layers).properties(width=frame.width - 70, height=PARETO_HEIGHT)
    return chart.resolve_scale(color="independent")


def _finalists(tuned: Tuned, across: Axis, up: Axis, numbers: bool) -> list[ChartType]:
    if not numbers:
        return []
    rows = [
        row
        for finalist in (tuned.untuned, *tuned.finalists)
        if (row := _finalist(tuned, across, up, finalist))
    ]
    chart = chart_of(rows)
    kinds = alt.Scale(domain=["tuned", "untuned"], range=[MAIN, HOSTILE])
    colour = alt.Color("kind:N", legend=None, scale=kinds)
    fill = alt.Fill("chosen:N", legend=None, scale=alt.Scale(domain=[True, False], range=[MAIN, PAPER]))
    text = chart.mark_text(dx=-7, dy=-8, align="right", color=INK, fontSize=10)
    return [
        chart.mark_rule(strokeWidth=1.2).encode(x="x:Q", y="y_low:Q", y2="y_high:Q", color=colour),
        chart.mark_rule(strokeWidth=1.2).encode(y="y:Q", x="x_low:Q", x2="x_high:Q", color=colour),
        chart.mark_point(size=50, opacity=1, strokeWidth=1.6).encode(
            x="x:Q", y="y:Q", stroke=alt.Stroke("kind:N", legend=None, scale=kinds), fill=fill
        ),
        text.encode(x="x:Q", y="y:Q", text="name:N"),
    ]  # fmt: skip


def _finalist(tuned: Tuned, across: Axis, up: Axis, finalist: Finalist) -> Row | None:
    """Return a policy with its intervals; None where it has no place on an axis."""
    x, level = across.held_out(finalist), up.held_out(finalist)
    if not (x and level) or x.value is None or level.value is None:
        return None
    name = f"trial {finalist.trial}" if finalist == tuned.chosen else ""
    kind = "untuned" if finalist == tuned.untuned else "tuned"
    said = {"name": name if kind == "tuned" else kind, "kind": kind, "chosen": finalist == tuned.chosen}
    return {**said, **_ends_of_pareto(across, "x", x), **_ends_of_pareto(up, "y", level)}


def _limit_rule(side: Axis) -> list[ChartType]:
    if side.expression is None or side.expression.limit is None:
        return []
    rows = [{"limit": _scaled(side, side.expression.limit)}]
    return [chart_of(rows).mark_rule(color=INK, strokeDash=[4, 3]).encode(x="limit:Q")]


def _look(side: Axis) -> alt.Axis:
    percent = side.expression is not None and side.expression.is_share
    return alt.Axis(
        title=short(side.title, PARETO_LETTERS) + (", %" if percent else ""), tickCount=6, domain=False
    )


def _scaled(side: Axis, number: float) -> float:
    percent = side.expression is not None and side.expression.is_share
    return round(100.0 * number if percent else number, 6)


def _ends_of_pareto(side: Axis, name: str, of: Estimate) -> Row:
    middle = of.value or 0.0
    low, high = (middle if end is None else end for end in (of.low, of.high))
    return {
        name: _scaled(side, middle), f"{name}_low": _scaled(side, low), f"{name}_high": _scaled(side, high)
    }  # fmt: skip


# ---- discovery

DISCOVERY_HEIGHT, DISCOVERY_LETTERS = 300, 44
HELD_OUT, FOUND = "held out", "where found"


def discovery_pictures(result: Discovery) -> list[Picture]:
    """Return two pictures of each box: its trajectory, and the box over its two most restricting numbers."""
    return [
        picture
        for number, box in enumerate(result.boxes)
        if box.restrictions
        for picture in (_trajectory_picture(result, number), _corner_picture(result, number))
    ]


def _trajectory_picture(result: Discovery, number: int) -> Picture:
    box = result.boxes[number]
    density, coverage = (value(estimate) for estimate in (box.held_out.density, box.held_out.coverage))
    return Picture(
        f"trajectory-{number + 1}",
        f"{discover_page.title(result, number)}: {density} dense on held-out futures, covers {coverage}",
        "Each point a box of the trajectory, from the whole space on the right: coverage, the share of all"
        f" futures in which {result.condition} holds that lie in it; density, the share of what lies in it in"
        " which it holds. Blue: on held-out futures; grey: where the boxes were found. The large point is the"
        " box.",
        lambda frame: _trajectory(box, frame),
        [discover_page.trajectory_table(result, number)],
    )


def _trajectory(box: ScenarioBox, frame: Frame) -> ChartType:
    rows: list[Row] = [
        {
            "x": 100 * (of.coverage.value or 0.0), "y": 100 * of.density.value, "n": step.number,
            "of": name, "chosen": step.number == box.number,
        }
        for step in box.trajectory
        for name, of in ((FOUND, step.fitted), (HELD_OUT, step.held_out))
        if of.density.value is not None
    ]  # fmt: skip
    top = min(100.0, 1.1 * max(row["y"] for row in rows))
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, 100]), axis=alt.Axis(title="coverage, %", tickCount=5))
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=alt.Axis(title="density, %"))
    color = alt.Color("of:N", legend=None, scale=alt.Scale(domain=[FOUND, HELD_OUT], range=[MUTED, MAIN]))
    chart = chart_of(rows).encode(x=x, y=y, color=color)
    layers = [
        chart.mark_line(strokeWidth=1, opacity=0.5).encode(order="n:Q"),
        chart.mark_point(filled=True, size=22, opacity=1),
        chart.transform_filter("datum.chosen").mark_point(filled=True, size=150, opacity=1),
    ]
    return alt.layer(*layers).properties(width=frame.width - 70, height=DISCOVERY_HEIGHT)


def _corner_picture(result: Discovery, number: int) -> Picture:
    box = result.boxes[number]
    more = len(box.restrictions) - 2
    others = f" The box bounds {more} more: not all that is in the frame lies in it." if more > 0 else ""
    others = " The upright axis only spreads them." if more < 0 else others
    where = [
        f"{discover_page.label(result, restriction)} {discover_page.bounds(restriction)}"
        for restriction in box.restrictions
    ]
    return Picture(
        f"corner-{number + 1}",
        f"{discover_page.title(result, number)}: {'; '.join(where[:2])}",
        f"{len(box.points):,} held-out futures, by what they drew: {result.condition} holds in the orange"
        f" ones, not in the grey. The frame is the box in its most restricting numbers.{others}",
        lambda frame: _corner(result, box, frame),
        [discover_page.bounds_table(result, number)],
    )


def _corner(result: Discovery, box: ScenarioBox, frame: Frame) -> ChartType:
    """Return the box over two numbers; over one alone, the other axis only spreads the futures."""
    shown = box.restrictions[:2]
    columns = list(zip(*(future.values for future in box.points), strict=True))
    columns += [tuple(float(future.replication) for future in box.points)]
    names = [short(discover_page.label(result, restriction), DISCOVERY_LETTERS) for restriction in shown] + [
        "replication"
    ]
    axes, edges = [], Row()
    for side, kind, name, column in zip("xy", (alt.X, alt.Y), names, columns, strict=False):
        low, high = min(column), max(column)
        edge = 0.03 * (high - low)
        scale = alt.Scale(domain=[low - edge, high + edge], nice=False)
        axes.append(kind(f"{side}:Q", scale=scale, axis=alt.Axis(title=name, grid=False)))
        edges |= {side: low - edge, f"{side}2": high + edge}
    for side, restriction in zip("xy", shown, strict=False):
        ends = {side: restriction.low, f"{side}2": restriction.high}
        edges |= {name: end for name, end in ends.items() if end is not None}
    frames = chart_of([edges]).encode(x=axes[0], x2="x2:Q", y=axes[1], y2="y2:Q")
    futures = zip(columns[0], columns[1], (future.case for future in box.points), strict=True)
    rows = [{"x": x, "y": y, "case": case} for x, y, case in sorted(futures, key=lambda row: row[2])]
    dots = chart_of(rows).encode(
        x=axes[0], y=axes[1],
        color=alt.Color("case:N", legend=None, scale=alt.Scale(domain=[True, False], range=[HOSTILE, MUTED])),
        size=alt.Size("case:N", legend=None, scale=alt.Scale(domain=[True, False], range=[34, 12])),
    )  # fmt: skip
    return alt.layer(
        frames.mark_rect(fill=MAIN, fillOpacity=0.08, stroke=MAIN, strokeWidth=1.5),
        dots.mark_point(filled=True, opacity=0.8),
    ).properties(width=frame.width - 70, height=DISCOVERY_HEIGHT)
