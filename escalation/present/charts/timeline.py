"""The timeline: one replication on real dates, a lane for each actor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from escalation.present.charts.figure import Figure, Frame, Row
from escalation.present.charts.parts import fitting, moment, short, time_axis
from escalation.present.charts.theme import EASING, GRID, HOSTILE, INK, MUTED, PAPER
from escalation.present.story.narrative import opening
from escalation.present.story.phrases import sized
from escalation.present.table import Table
from escalation.present.words import capital, day, plural
from escalation.study.story.model import SHOCK, Act, Story

if TYPE_CHECKING:
    from altair.typing import ChartType

SLOTS = 3
"""Lines of a lane, for what one actor does on one day; below them is one for words."""
LINE = 11
"""Height of a line in pixels."""
MARGIN = 7
"""Pixels left and right of the first and the last day, for half a mark."""
APART = 11
"""Pixels between marks on one line, unless all lines are taken."""
SHOCKS = "Shocks"
HOSTILE_ACT, WORDS, CONCILIATORY, SHOCK_MARK = "hostile act", "words or threat", "conciliatory", "shock"
KINDS = {
    HOSTILE_ACT: (HOSTILE, "circle"), WORDS: (MUTED, "circle"),
    CONCILIATORY: (EASING, "triangle-up"), SHOCK_MARK: (INK, "diamond"),
}  # fmt: skip
"""What is told apart, by colour and by shape; words and threats are hollow."""


def timeline_figure(story: Story) -> Figure:
    """Return the timeline of a story, from the start of its scenario."""
    hostile = [act for act in story.simulated if act.counted]
    takeover = day(story.scenario.simulate_from)
    title = (
        f"The most typical run: {plural(len(hostile), 'hostile act')} by"
        f" {plural(len({act.actor for act in hostile}), 'actor')} from {takeover} on."
    )
    if not story.origin.typical:
        title = title.replace("The most typical run", f"Replication {story.origin.replication}")
    caption = (
        f"{' '.join(opening(story))} The larger a mark, the graver the act; the gravest are named."
        " Left of the dashed line: what the scenario knows."
    )
    return Figure("timeline", title, caption, lambda frame: _draw(story, frame), [_table(story)])


def kind(act: Act) -> str:
    """Return which of KINDS an act is."""
    if act.origin == SHOCK:
        return SHOCK_MARK
    if act.severity < 0:
        return CONCILIATORY
    return HOSTILE_ACT if act.counted else WORDS


def _draw(story: Story, frame: Frame) -> ChartType:
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    lanes = _lanes(story)
    width = frame.width - (84 if frame.narrow else 110)
    names = {lane: _name(story, lane, 14 if frame.narrow else 20) for lane in lanes}
    marks = [row | {"lane": names[lane]} for lane in lanes for row in _marks(story, lane, width)]
    words = [
        row | {"lane": names[lane]} for lane in lanes for row in _words(story, lane, width, frame.narrow)
    ]
    start, end = story.scenario.start, story.scenario.end
    x = alt.X(
        "date:T",
        scale=alt.Scale(domain=[moment(start), moment(end)], nice=False, padding=MARGIN),
        axis=time_axis(start, end, frame, width),
    )  # fmt: skip
    y = alt.Y(
        "lane:N", sort=list(names.values()), scale=alt.Scale(paddingInner=0, paddingOuter=0),
        axis=alt.Axis(title=None, ticks=False, domain=False, labelColor=INK, labelLimit=130, grid=True,
                      tickBand="extent"),
    )  # fmt: skip
    offset = alt.YOffset("slot:O", scale=alt.Scale(domain=list(range(SLOTS + 1)), padding=0.6))
    where = {"x": x, "y": y, "yOffset": offset}
    rule = alt.Chart(alt.InlineData(values=[{"date": moment(story.scenario.simulate_from)}])).mark_rule(
        color=MUTED, strokeDash=[4, 3]
    )
    height = len(lanes) * (SLOTS + 1) * LINE
    layers = [rule.encode(x=x), _points(marks, where, frame), *_texts(words, where)]
    return alt.layer(*layers).properties(width=width, height=height, view=alt.ViewBackground(stroke=GRID))


def _points(marks: list[Row], where: Mapping[str, Any], frame: Frame) -> ChartType:
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    kinds = list(KINDS)
    colours = [KINDS[one][0] for one in kinds]
    fills = [PAPER if one == WORDS else KINDS[one][0] for one in kinds]
    shapes = [KINDS[one][1] for one in kinds]
    legend = alt.Legend(
        title=None, orient="top", symbolSize=70, symbolOpacity=1, symbolStrokeWidth=1.2,
        columns=2 if frame.narrow else 4,
    )  # fmt: skip
    return (
        alt.Chart(alt.InlineData(values=marks))
        .mark_point(strokeWidth=1.2, opacity=1, fillOpacity=0.7)
        .encode(
            **where,
            size=alt.Size("weight:Q", scale=alt.Scale(domain=[0, 10], range=[14, 150]), legend=None),
            stroke=alt.Stroke("kind:N", scale=alt.Scale(domain=kinds, range=colours), legend=legend),
            fill=alt.Fill("kind:N", scale=alt.Scale(domain=kinds, range=fills), legend=legend),
            shape=alt.Shape("kind:N", scale=alt.Scale(domain=kinds, range=shapes), legend=legend),
        )
    )


def _texts(words: list[Row], where: Mapping[str, Any]) -> Iterator[ChartType]:
    """Yield the labels to the right of their marks, and those to the left."""
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    for to_the_left in sorted({row["to_the_left"] for row in words}):
        mine = [row for row in words if row["to_the_left"] == to_the_left]
        align = {"align": "right"} if to_the_left else {"align": "left"}
        yield (
            alt.Chart(alt.InlineData(values=mine))
            .mark_text(fontSize=10, **align)
            .encode(**where, text="text:N")
        )


def _name(story: Story, lane: str, letters: int) -> str:
    return SHOCKS if lane == SHOCKS else short(story.actors[lane], letters)


def _lanes(story: Story) -> list[str]:
    acting = {act.actor for act in story.acts if act.origin != SHOCK}
    shocks = [SHOCKS] if any(act.origin == SHOCK for act in story.acts) else []
    return [*shocks, *(name for name in story.actors if name in acting)]


def _of(story: Story, lane: str) -> list[Act]:
    if lane == SHOCKS:
        return [act for act in story.acts if act.origin == SHOCK]
    return [act for act in story.acts if act.origin != SHOCK and act.actor == lane]


def _marks(story: Story, lane: str, width: int) -> Iterator[Row]:
    """Yield the marks of a lane, each on the middle line, or on another where that is taken nearby."""
    per_day = _per_day(story, width)
    free = dict.fromkeys((1, 0, 2), float("-inf"))
    for act in sorted(_of(story, lane), key=lambda act: (act.day, -abs(act.severity))):
        at = per_day * (act.day - story.scenario.start).days
        place = next((slot for slot, since in free.items() if since <= at), min(free, key=lambda n: free[n]))
        free[place] = at + APART
        weight = 5.0 if act.origin == SHOCK else abs(act.severity)
        yield {"date": moment(act.day), "slot": place, "weight": weight, "kind": kind(act)}


def _per_day(story: Story, width: int) -> float:
    """Return how many pixels a day has."""
    return (width - 2 * MARGIN) / max(1, (story.scenario.end - story.scenario.start).days)


def _words(story: Story, lane: str, width: int, narrow: bool) -> Iterator[Row]:
    """Yield the names of the gravest acts of a lane, as many as find room in one line."""
    per_day = _per_day(story, width)
    ranked = sorted(
        (act for act in _of(story, lane) if kind(act) in (HOSTILE_ACT, SHOCK_MARK)),
        key=lambda act: (act.day < story.scenario.simulate_from, -act.severity, act.time),
    )
    texts = [short(act.label, 20 if narrow else 30) for act in ranked]
    places = [MARGIN + per_day * (act.day - story.scenario.start).days for act in ranked]
    for spot in fitting(zip(places, map(len, texts), strict=True), float(width)):
        act, text = ranked[spot.place], texts[spot.place]
        yield {"date": moment(act.day), "slot": SLOTS, "text": text, "to_the_left": spot.to_the_left}


def _table(story: Story) -> Table:
    rows = [
        (
            day(act.day),
            capital(f"blamed: {story.actors[act.actor]}") if act.origin == SHOCK else story.actors[act.actor],
            "" if act.target is None else story.actors[act.target],
            sized(act),
            {SHOCK: "shock", "history": "known before"}.get(act.origin, act.family or ""),
        )
        for act in sorted(story.acts, key=lambda act: act.time)
    ]
    return Table("Every act, by date", ("Date", "Who", "To whom", "What", "Kind"), rows)
