"""What a tuning tried and found: a goal against another, against a limit, or along a lever."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from escalation.present.charts.figure import Figure as Picture
from escalation.present.charts.figure import Frame, Row
from escalation.present.charts.parts import short
from escalation.present.charts.theme import GRID, HOSTILE, INK, MAIN, MUTED, PAPER
from escalation.present.tune import finalists, goal_names, sentences
from escalation.scenario.expression import Expression
from escalation.study.points.levers import short_names
from escalation.study.tune.result import Finalist, Tuned
from escalation.study.tune.trials import Trial
from escalation.study.values import Estimate

if TYPE_CHECKING:
    import altair as alt
    from altair.typing import ChartType

HEIGHT, LETTERS = 300, 40


class Side(NamedTuple):
    """One axis: its title, what it is of, and how to read it from trials and finalists."""

    title: str
    expression: Expression | None
    tried: Callable[[Trial], Any]
    held_out: Callable[[Finalist], Estimate | None]


def pareto_figure(tuned: Tuned) -> Picture:
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
    first, second, *_ = sentences(tuned)
    title = second if several and tuned.satisfied else first
    return Picture(
        "pareto" if several else "trials", title, caption,
        lambda frame: _draw(tuned, across, up, frame), [finalists(tuned)],
    )  # fmt: skip


def _sides(tuned: Tuned) -> tuple[Side, Side]:
    up = _goal(tuned, 0)
    if len(tuned.goals) > 1:
        return _goal(tuned, 1), up
    return (_limit(tuned) if tuned.limits else _lever(tuned)), up


def _goal(tuned: Tuned, n: int) -> Side:
    expression = tuned.goals[n].expression
    return Side(
        goal_names(tuned)[n], expression, lambda trial: trial.estimates[n].value, lambda one: one.goals[n]
    )


def _limit(tuned: Tuned) -> Side:
    limit, place = tuned.limits[0].parsed, len(tuned.goals)
    return Side(limit.measured, limit, lambda trial: trial.estimates[place].value, lambda one: one.limits[0])


def _lever(tuned: Tuned) -> Side:
    """Return the axis of the lever that matters most."""
    shares = [(one.shares or (None,))[0] or 0.0 for one in tuned.importance]
    n = max(range(len(shares)), key=shares.__getitem__)
    path = tuned.levers[n].path

    def held_out(one: Finalist) -> Estimate | None:
        place = one.point.get(path)
        return Estimate(value=place) if isinstance(place, float) else None

    return Side(short_names(tuned.levers)[n], None, lambda trial: trial.point[path], held_out)


def _draw(tuned: Tuned, across: Side, up: Side, frame: Frame) -> ChartType:
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    trials = [trial for trial in tuned.trials if trial.known]
    numbers = all(isinstance(across.tried(one), float) for one in trials)
    rows = [
        {
            "x": _scaled(across, across.tried(one)) if numbers else short(str(across.tried(one)), LETTERS),
            "y": _scaled(up, up.tried(one)), "keeps": one.keeps,
        }
        for one in trials
    ]  # fmt: skip
    x = _axis(across, "x:Q") if numbers else alt.X("x:O", axis=alt.Axis(title=across.title, labelAngle=0))
    y = alt.Y("y:Q", scale=alt.Scale(zero=False), axis=_look(up))
    dots = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_point(filled=True, size=16, opacity=1)
        .encode(
            x=x, y=y,
            color=alt.Color("keeps:N", legend=None, scale=_told_apart([True, False], [MUTED, GRID])),
        )
    )  # fmt: skip
    layers = [dots, *(_limit_rule(across) if numbers else []), *_held(tuned, across, up, numbers)]
    drawn = alt.layer(*layers).properties(width=frame.width - 70, height=HEIGHT)
    return drawn.resolve_scale(color="independent")


def _held(tuned: Tuned, across: Side, up: Side, numbers: bool) -> list[ChartType]:
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    if not numbers:
        return []
    rows = [row for one in (tuned.untuned, *tuned.finalists) if (row := _held_row(tuned, across, up, one))]
    chart = alt.Chart(alt.InlineData(values=rows))
    kinds = _told_apart(["tuned", "untuned"], [MAIN, HOSTILE])
    colour = alt.Color("kind:N", legend=None, scale=kinds)
    fill = alt.Fill("chosen:N", legend=None, scale=_told_apart([True, False], [MAIN, PAPER]))
    text = chart.mark_text(dx=-7, dy=-8, align="right", color=INK, fontSize=10)
    return [
        chart.mark_rule(strokeWidth=1.2).encode(x="x:Q", y="y_low:Q", y2="y_high:Q", color=colour),
        chart.mark_rule(strokeWidth=1.2).encode(y="y:Q", x="x_low:Q", x2="x_high:Q", color=colour),
        chart.mark_point(size=50, opacity=1, strokeWidth=1.6).encode(
            x="x:Q", y="y:Q", stroke=alt.Stroke("kind:N", legend=None, scale=kinds), fill=fill
        ),
        text.encode(x="x:Q", y="y:Q", text="name:N"),
    ]  # fmt: skip


def _held_row(tuned: Tuned, across: Side, up: Side, one: Finalist) -> Row | None:
    """Return a policy with its intervals; None where it has no place on an axis."""
    place, level = across.held_out(one), up.held_out(one)
    if not (place and level) or place.value is None or level.value is None:
        return None
    name = f"trial {one.trial}" if one == tuned.chosen else ""
    kind = "untuned" if one == tuned.untuned else "tuned"
    said = {"name": name if kind == "tuned" else kind, "kind": kind, "chosen": one == tuned.chosen}
    return {**said, **_ends(across, "x", place), **_ends(up, "y", level)}


def _told_apart(values: list[Any], colours: list[str]) -> alt.Scale:
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    return alt.Scale(domain=values, range=colours)


def _limit_rule(side: Side) -> list[ChartType]:
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    if side.expression is None or side.expression.limit is None:
        return []
    data = alt.InlineData(values=[{"limit": _scaled(side, side.expression.limit)}])
    return [alt.Chart(data).mark_rule(color=INK, strokeDash=[4, 3]).encode(x="limit:Q")]


def _axis(side: Side, field: str) -> alt.X:
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    return alt.X(field, scale=alt.Scale(zero=False), axis=_look(side))


def _look(side: Side) -> alt.Axis:
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    percent = side.expression is not None and side.expression.is_share
    return alt.Axis(title=short(side.title, LETTERS) + (", %" if percent else ""), tickCount=6, domain=False)


def _scaled(side: Side, number: float) -> float:
    percent = side.expression is not None and side.expression.is_share
    return round(100.0 * number if percent else number, 6)


def _ends(side: Side, name: str, of: Estimate) -> Row:
    middle = of.value or 0.0
    low, high = (middle if end is None else end for end in (of.low, of.high))
    return {
        name: _scaled(side, middle), f"{name}_low": _scaled(side, low), f"{name}_high": _scaled(side, high)
    }  # fmt: skip
