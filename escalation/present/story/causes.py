"""The tree of what caused what, drawn in lines of text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Set

from escalation.present.format import day, percent, plural
from escalation.present.page import Line
from escalation.present.story.phrases import deeds
from escalation.study.story.causes import main_cause
from escalation.study.story.model import SHOCK, Branch, Story

DEEPEST = 8
"""Levels that are drawn; what hangs deeper is counted."""

EXPLAINED = (
    "Hostile acts, excluding words and threats, each below what it answers most; in brackets how much of it"
    " answers that."
)


def tree_lines(story: Story) -> list[Line]:
    """Return the tree, branch by branch."""
    hanging: dict[int | None, list[int]] = defaultdict(list)
    for index, branch in enumerate(story.tree):
        hanging[branch.parent].append(index)
    roots = [
        index for index in hanging[None] if story.tree[index].below or _is_acts(story.tree[index], story)
    ]
    return [line for index in roots for line in _drawn(story, hanging, index, "", "", 0)]


def branch_lines(
    story: Story, index: int, rows: Set[int], note: Callable[[Branch], str] | None = None
) -> list[Line]:
    """Return the branch at `place` as far as its acts are `rows`, with what hangs on these."""
    hanging: dict[int | None, list[int]] = defaultdict(list)
    for child, branch in enumerate(story.tree):
        cause = main_cause(story.acts[branch.acts[0]], story.acts)
        if branch.parent != index or (cause and cause.cause in rows):
            hanging[branch.parent].append(child)
    top = story.tree[index]
    own = tuple(row for row in top.acts if row in rows)
    top = top.model_copy(update={"acts": own, "share": None, "below": 0})
    trimmed = story.model_copy(update={"tree": (*story.tree[:index], top, *story.tree[index + 1 :])})
    return list(_drawn(trimmed, hanging, index, "", "", 0, note))


def _drawn(
    story: Story,
    hanging: dict[int | None, list[int]],
    index: int,
    guide: str,
    below: str,
    level: int,
    note: Callable[[Branch], str] | None = None,
) -> Iterator[Line]:
    branch, children = story.tree[index], hanging[index]
    cut = level + 1 == DEEPEST and branch.below > 0
    more = f"; {plural(branch.below, 'further act')} below, not shown" if cut else ""
    said = note(branch) if note else ""
    yield Line(guide, below, level, _text(branch, story, level) + said + more)
    for child in () if cut else children:
        last = child == children[-1]
        inner = below + ("   " if last else "│  ")
        yield from _drawn(story, hanging, child, below + ("└─ " if last else "├─ "), inner, level + 1, note)


def _text(branch: Branch, story: Story, level: int) -> str:
    acts = [story.acts[row] for row in branch.acts]
    what = f"shock, {acts[0].label}" if acts[0].origin == SHOCK else deeds(story, acts)
    share = f" ({percent(branch.share)})" if branch.share is not None else ""
    count = f" — {plural(branch.below, 'act')} below" if branch.below and level == 0 else ""
    return f"{day(acts[0].day)}, {what}{share}{count}"


def _is_acts(branch: Branch, story: Story) -> bool:
    return story.acts[branch.acts[0]].origin != SHOCK
