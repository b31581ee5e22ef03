"""The tree: what caused what in one replication, each branch on its date, below what it answers most."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from escalation.present.charts.figure import Figure, Frame, Row
from escalation.present.charts.parts import moment, short, time_axis
from escalation.present.charts.theme import GRID, HOSTILE, INK, MUTED
from escalation.present.story.causes import tree_lines
from escalation.present.table import Table
from escalation.present.words import capital, day, number, percent, plural
from escalation.study.story.causes import attributed_acts
from escalation.study.story.model import SHOCK, SIMULATED, Branch, Story

if TYPE_CHECKING:
    from altair.typing import ChartType

HOW_TO_READ = (
    "Hostile acts other than words and threats, each on its date and below what it answers most, in brackets"
    " how much of it answers that; the rest answers other acts. Diamonds: shocks."
    " By shares: each act shared out among all that it answers, and these among what they answer."
)
MOST = 70
"""Branches that are drawn; the table has all."""
LINE = 15
"""Height of a branch in pixels."""


class Twig(NamedTuple):
    """A branch with the line on which it is drawn, from 0, and the line of what it hangs on."""

    branch: Branch
    line: int
    above: int | None


def tree_figure(story: Story) -> Figure | None:
    """Return the tree of causes of a story; None where nothing hostile was done."""
    twigs = list(_twigs(story))
    if not twigs:
        return None
    left = len(twigs) - MOST
    rest = f" Left out here: {plural(left, 'branch', 'branches')} at the end." if left > 0 else ""
    rows = [("  " * line.level + line.text,) for line in tree_lines(story)]
    return Figure(
        "tree", _title(story, twigs), f"{HOW_TO_READ}{rest}",
        lambda frame: _draw(story, twigs[:MOST], frame), [Table("What caused what", ("Branch",), rows)],
    )  # fmt: skip


def _twigs(story: Story) -> Iterator[Twig]:
    """Yield the branches in the order of the drawing: what hangs on a branch follows it."""
    hanging: dict[int | None, list[int]] = defaultdict(list)
    for place, branch in enumerate(story.tree):
        hanging[branch.parent].append(place)
    roots = [n for n in hanging[None] if story.tree[n].below or not _is_shock(story, story.tree[n])]
    waiting = [(place, None) for place in reversed(roots)]
    stack: list[tuple[int, int | None]] = list(waiting)
    line = 0
    while stack:
        place, above = stack.pop()
        yield Twig(story.tree[place], line, above)
        stack += [(child, line) for child in reversed(hanging[place])]
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


def _is_shock(story: Story, branch: Branch) -> bool:
    return story.acts[branch.acts[0]].origin == SHOCK


def _text(story: Story, branch: Branch, letters: int) -> str:
    who, what = _dyad(story, branch), _what(story, branch)
    return capital(short(f"{who}: {what}" if who else what, letters))


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
        return _text(story, branch, 62 - len(share)) + share, ""
    who = _dyad(story, branch) or "shock"
    return capital(short(_what(story, branch), 30)), short(who, 30 - len(share)) + share


def _draw(story: Story, twigs: list[Twig], frame: Frame) -> ChartType:
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    width = int(frame.width * (0.36 if frame.narrow else 0.42))
    labels = [_labels(story, twig.branch, frame) for twig in twigs]
    below = 6 if frame.narrow else 0
    dates = [moment(story.acts[twig.branch.acts[0]].day) for twig in twigs]
    rows: list[Row] = [
        {
            "date": when, "line": twig.line, "kind": "shock" if _is_shock(story, twig.branch) else "act",
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
    nodes = alt.Chart(alt.InlineData(values=rows))
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
        joined = alt.Chart(alt.InlineData(values=links)).mark_rule(color=MUTED, strokeWidth=0.9)
        layers[1:1] = [
            joined.encode(x=alt.X("from:T", axis=axis), y=alt.Y("above:Q", axis=None), y2="line:Q"),
            joined.encode(x=alt.X("from:T", axis=axis), x2="date:T", y=alt.Y("line:Q", axis=None)),
        ]
    return alt.layer(*layers).properties(
        width=width, height=(2 if frame.narrow else 1) * LINE * len(twigs) + 10
    )
