"""What happens in two stories from where they part, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from escalation.present.story.phrases import deeds
from escalation.present.table import Table
from escalation.present.words import capital, day
from escalation.study.story.divergence import Divergence
from escalation.study.story.model import SHOCK, Act, Story

Names = tuple[str, str]
"""What the two stories are called."""

CSV_HEADINGS = ("story", "act", "origin", "date", "actor", "target", "instrument", "size", "in_both")
SAME = "="
NOTE = "Side by side from there on; = stands for the same act at the same time."


def beside(found: Divergence, names: Names) -> Table | None:
    """Return what happens in both from there on, day by day."""
    sides, common = _from_there(found)
    dated = sorted(
        ((act.day, act.actor, side, act) for side, acts in enumerate(sides) for act in acts),
        key=lambda one: (one[0], one[1], one[2], one[3].row),
    )
    rows: list[tuple[str, ...]] = []
    for (when, _), group in groupby(dated, key=lambda one: (one[0], one[1])):
        acts = list(group)
        cells = [
            _told(story, [act for _, _, place, act in acts if place == side], common)
            for side, story in enumerate(found.stories)
        ]
        rows.append((day(when), cells[0], SAME if cells[0] == cells[1] else cells[1]))
    if not rows:
        return None
    return Table("From there on", ("From there on", *names), rows, note=NOTE, wrapped=True)


def _told(story: Story, acts: Sequence[Act], common: set[tuple[Any, ...]]) -> str:
    if not acts:
        return ""
    same = f"{SAME} " if all(_identity(act) in common for act in acts) else ""
    shocks = [act for act in acts if act.origin == SHOCK]
    done = [act for act in acts if act.origin != SHOCK]
    parts = [f"shock, {act.label}" for act in shocks] + ([deeds(story, done)] if done else [])
    return same + capital("; ".join(parts))


def _identity(act: Act) -> tuple[Any, ...]:
    return act.time, act.actor, act.target, act.instrument, act.size


def _from_there(found: Divergence) -> tuple[list[list[Act]], set[tuple[Any, ...]]]:
    """Return the acts of each story from where they part, and the identities of those that are in both."""
    sides = [[act for act in story.acts if act.time >= found.time] for story in found.stories]
    one, other = ({_identity(act) for act in acts} for acts in sides)
    return sides, one & other


def csv_rows(found: Divergence) -> Iterator[Sequence[Any]]:
    """Yield the acts of both stories from there on under CSV_HEADINGS; none where the two are the same."""
    sides, common = _from_there(found)
    for number, acts in enumerate(sides, 1):
        for act in acts if found.differ_in != "nothing" else ():
            about = act.origin, act.day.isoformat(), act.actor, act.target, act.instrument, act.size
            yield number, act.row, *about, _identity(act) in common
