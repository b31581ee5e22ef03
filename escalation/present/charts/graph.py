"""Pictures of one replication: its acts on real dates, and the tree of what caused what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import altair as alt
from altair.typing import ChartType

from escalation.present.charts.theme import (
    EASING,
    GRID,
    HOSTILE,
    INK,
    MUTED,
    PAPER,
    Row,
    chart_of,
    fitting,
    moment,
    short,
    time_axis,
)
from escalation.present.format import capital, day, number, percent, plural
from escalation.present.page import Frame, Picture, Table, Tree
from escalation.present.screen import harmless
from escalation.present.story.narrative import opening
from escalation.present.story.phrases import hanging_branches, is_shock, sized, tree_lines
from escalation.study.story.causes import attributed_acts
from escalation.study.story.model import SHOCK, SIMULATED, Act, Branch, Story

# ---- timeline

SLOTS = 3
"""Lines of a lane, for what one actor does on one day; below them is one for words."""
TIMELINE_LINE = 11
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


def timeline_picture(story: Story) -> Picture:
    """Return the timeline of a story, from the start of its scenario."""
    hostile = [act for act in story.simulated if act.counted]
    takeover = day(story.scenario.simulate_from)
    which = "The most typical run" if story.origin.typical else f"Replication {story.origin.replication}"
    title = (
        f"{which}: {plural(len(hostile), 'hostile act')} by"
        f" {plural(len({act.actor for act in hostile}), 'actor')} from {takeover} on."
    )
    caption = (
        f"{' '.join(opening(story))} The larger a mark, the graver the act; the gravest are named."
        " Left of the dashed line: what the scenario knows."
    )
    return Picture("timeline", title, caption, lambda frame: _draw_of_timeline(story, frame), [_table(story)])


def kind(act: Act) -> str:
    """Return which of KINDS an act is."""
    if act.origin == SHOCK:
        return SHOCK_MARK
    if act.severity < 0:
        return CONCILIATORY
    return HOSTILE_ACT if act.counted else WORDS


def _draw_of_timeline(story: Story, frame: Frame) -> ChartType:
    lanes = _lanes(story)
    width = frame.width - (84 if frame.narrow else 110)
    names = {lane: _name(story, lane, 14 if frame.narrow else 20) for lane in lanes}
    marks = [row | {"lane": names[lane]} for lane in lanes for row in _marks(story, lane, width)]
    words = [row | {"lane": names[lane]} for lane in lanes for row in _words(story, lane, width)]
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
    rule = chart_of([{"date": moment(story.scenario.simulate_from)}]).mark_rule(
        color=MUTED, strokeDash=[4, 3]
    )
    height = len(lanes) * (SLOTS + 1) * TIMELINE_LINE
    layers = [rule.encode(x=x), _points(marks, where, frame), *_texts(words, where)]
    return alt.layer(*layers).properties(width=width, height=height, view=alt.ViewBackground(stroke=GRID))


def _points(marks: list[Row], where: Mapping[str, Any], frame: Frame) -> ChartType:
    kinds = list(KINDS)
    colours = [KINDS[act_kind][0] for act_kind in kinds]
    fills = [PAPER if act_kind == WORDS else KINDS[act_kind][0] for act_kind in kinds]
    shapes = [KINDS[act_kind][1] for act_kind in kinds]
    legend = alt.Legend(
        title=None, orient="top", symbolSize=70, symbolOpacity=1, symbolStrokeWidth=1.2,
        columns=2 if frame.narrow else 4,
    )  # fmt: skip
    return (
        chart_of(marks)
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
    for to_the_left in sorted({row["to_the_left"] for row in words}):
        rows = [row for row in words if row["to_the_left"] == to_the_left]
        align = {"align": "right"} if to_the_left else {"align": "left"}
        yield (chart_of(rows).mark_text(fontSize=10, **align).encode(**where, text="text:N"))


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
    per_day = _pixels_per_day(story, width)
    free = dict.fromkeys((1, 0, 2), float("-inf"))
    for act in sorted(_of(story, lane), key=lambda act: (act.day, -abs(act.severity))):
        at = per_day * (act.day - story.scenario.start).days
        line = next((slot for slot, since in free.items() if since <= at), min(free, key=lambda n: free[n]))
        free[line] = at + APART
        weight = 5.0 if act.origin == SHOCK else abs(act.severity)
        yield {"date": moment(act.day), "slot": line, "weight": weight, "kind": kind(act)}


def _pixels_per_day(story: Story, width: int) -> float:
    return (width - 2 * MARGIN) / max(1, (story.scenario.end - story.scenario.start).days)


def _words(story: Story, lane: str, width: int) -> Iterator[Row]:
    """Yield the names of the gravest acts of a lane, as many as find room in one line."""
    per_day = _pixels_per_day(story, width)
    ranked = sorted(
        (act for act in _of(story, lane) if kind(act) in (HOSTILE_ACT, SHOCK_MARK)),
        key=lambda act: (act.day < story.scenario.simulate_from, -act.severity, act.time),
    )
    texts = [harmless(act.label) for act in ranked]
    places = [MARGIN + per_day * (act.day - story.scenario.start).days for act in ranked]
    for spot in fitting(zip(places, map(len, texts), strict=True), float(width)):
        act, text = ranked[spot.position], texts[spot.position]
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


# ---- tree

HOW_TO_READ = (
    "Hostile acts, excluding words and threats, each on its date and below what it answers most, in brackets"
    " how much of it answers that; the rest answers other acts. Diamonds: shocks."
    " By shares: each act shared out among all that it answers, and these among what they answer."
)
MOST = 70
"""Branches that are drawn; the table has all."""
TREE_LINE = 15
"""Height of a branch in pixels."""


class Twig(NamedTuple):
    """A branch with the line on which it is drawn, from 0, and the line of what it hangs on."""

    branch: Branch
    line: int
    above: int | None


def tree_picture(story: Story) -> Picture | None:
    """Return the tree of causes of a story; None where nothing hostile was done."""
    twigs = list(_twigs(story))
    if not twigs:
        return None
    left = len(twigs) - MOST
    rest = f" Left out here: {plural(left, 'branch', 'branches')} at the end." if left > 0 else ""
    tree = Tree("What caused what", "", tuple(tree_lines(story)))
    return Picture(
        "tree", _title(story, twigs), f"{HOW_TO_READ}{rest}",
        lambda frame: _draw_of_tree(story, twigs[:MOST], frame), [tree],
    )  # fmt: skip


def _twigs(story: Story) -> Iterator[Twig]:
    """Yield the branches in the order of the drawing: what hangs on a branch follows it."""
    hanging = hanging_branches(story)
    stack: list[tuple[int, int | None]] = [(root, None) for root in reversed(hanging[None])]
    line = 0
    while stack:
        index, above = stack.pop()
        yield Twig(story.tree[index], line, above)
        stack += [(child, line) for child in reversed(hanging[index])]
        line += 1


def _title(story: Story, twigs: Sequence[Twig]) -> str:
    """Return what most acts go back to: how many by their largest causes, and how many in sum of shares."""
    root: list[int] = []
    counts: Counter[int] = Counter()
    for twig in twigs:
        root.append(twig.line if twig.above is None else root[twig.above])
        if twig.above is not None:
            counts[root[-1]] += sum(story.acts[row].origin == SIMULATED for row in twig.branch.acts)
    ((widest, count),) = counts.most_common(1) or [(0, 0)]
    takeover = day(story.scenario.simulate_from)
    if not count:
        return f"From {takeover} on no hostile act answers an earlier one, or a shock."
    what, shares = twigs[widest].branch, number(attributed_acts(story, twigs[widest].branch.acts))
    of = plural(sum(act.counted for act in story.simulated), "hostile act")
    by, more = ("", "") if shares == number(count) else ("by largest causes ", f"; by shares, {shares}")
    return f"{_text(story, what, 60)}: {by}{count} of the {of} from {takeover} on go back to it{more}."


def _text(story: Story, branch: Branch, letters: int) -> str:
    who, what = _dyad(story, branch), _what(story, branch)
    whole = f"{who}: {what}" if who else what
    if len(whole) > letters and len(branch.acts) > 1:
        first, rest = story.acts[branch.acts[0]].label, len(branch.acts) - 1
        whole = f"{who}: {first} and {rest} more"
    return capital(harmless(whole))


def _what(story: Story, branch: Branch) -> str:
    return ", ".join(story.acts[row].label for row in branch.acts)


def _dyad(story: Story, branch: Branch) -> str:
    """Return who acts on whom; nothing for a shock."""
    acts = [story.acts[row] for row in branch.acts]
    if acts[0].origin == SHOCK:
        return ""
    whom = ", ".join(dict.fromkeys(story.actors[str(act.target)] for act in acts))
    return f"{story.actors[acts[0].actor]} → {whom}"


def _labels(story: Story, branch: Branch, frame: Frame) -> tuple[str, str]:
    """Return a label in one line, or where there is little room in two: what is done, and who to whom."""
    share = "" if branch.share is None else f" ({percent(branch.share)})"
    if not frame.narrow:
        return _text(story, branch, 70 - len(share)) + share, ""
    who = _dyad(story, branch) or "shock"
    return capital(short(_what(story, branch), 30)), short(who, 30 - len(share)) + share


def _draw_of_tree(story: Story, twigs: list[Twig], frame: Frame) -> ChartType:
    width = int(frame.width * (0.36 if frame.narrow else 0.38))
    labels = [_labels(story, twig.branch, frame) for twig in twigs]
    below = 6 if frame.narrow else 0
    dates = [moment(story.acts[twig.branch.acts[0]].day) for twig in twigs]
    rows: list[Row] = [
        {
            "date": when, "line": twig.line, "kind": "shock" if is_shock(story, twig.branch) else "act",
            "text": text, "under": under, "acts": len(twig.branch.acts),
        }
        for when, twig, (text, under) in zip(dates, twigs, labels, strict=True)
    ]  # fmt: skip
    links: list[Row] = [
        {"from": dates[twig.above], "date": when, "above": twig.above, "line": twig.line}
        for when, twig in zip(dates, twigs, strict=True)
        if twig.above is not None
    ]
    start, end = story.scenario.start, story.scenario.end
    axis = time_axis(start, end, frame, width)
    x = alt.X(
        "date:T", scale=alt.Scale(domain=[moment(start), moment(end)], nice=False),
        axis=axis,
    )  # fmt: skip
    y = alt.Y("line:Q", axis=None, scale=alt.Scale(domain=[-0.7, len(twigs) - 0.3], reverse=True, nice=False))
    nodes = chart_of(rows)
    kinds = ["act", "shock"]
    colour = alt.Scale(domain=kinds, range=[HOSTILE, INK])
    shape = alt.Scale(domain=kinds, range=["circle", "diamond"])
    layers = [
        nodes.mark_rule(color=GRID, strokeWidth=0.6).encode(x=x, x2=alt.value(width), y=y),
        nodes.mark_point(opacity=1, filled=True).encode(
            x=x, y=y, color=alt.Color("kind:N", legend=None, scale=colour),
            size=alt.Size("acts:Q", scale=alt.Scale(domain=[1, 6], range=[34, 110]), legend=None),
            shape=alt.Shape("kind:N", legend=None, scale=shape),
        ),
        nodes.mark_text(align="left", dx=6, dy=-below, fontSize=10.5).encode(
            x=alt.value(width), y=y, text="text:N"
        ),
    ]  # fmt: skip
    if frame.narrow:
        small = nodes.mark_text(align="left", dx=6, dy=below, fontSize=9.5, color=MUTED)
        layers.append(small.encode(x=alt.value(width), y=y, text="under:N"))
    if links:
        joined = chart_of(links).mark_rule(color=MUTED, strokeWidth=0.9)
        layers[1:1] = [
            joined.encode(x=alt.X("from:T", axis=axis), y=alt.Y("above:Q", axis=None), y2="line:Q"),
            joined.encode(x=alt.X("from:T", axis=axis), x2="date:T", y=alt.Y("line:Q", axis=None)),
        ]
    return alt.layer(*layers).properties(
        width=width, height=(2 if frame.narrow else 1) * TREE_LINE * len(twigs) + 10
    )
