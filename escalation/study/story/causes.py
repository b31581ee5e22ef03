"""What caused what: attribution through the shares of acts, the tree of main causes, who answered whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import zip_longest

import numpy as np
import numpy.typing as npt

from escalation.study.story.model import (
    SHOCK,
    SIMULATED,
    Act,
    Answering,
    Branch,
    CauseShare,
    Story,
    TurningPoint,
)

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def attributed(
    rows: int,
    shares: Iterable[tuple[int, int, float]],
    roots: Collection[int],
    through: Mask | None = None,
) -> Array:
    """Return which part of each row of a log is attributed to `roots`, float64[rows]: 1 for these themselves.

    `shares` are (row, earlier row that it answers, share of it), by ascending row. A row is attributed as far
    as it answers a root, or answers what is itself attributed to one: shares multiply along a path, and paths
    add up. Paths lead through every row, or only through those marked `through`.
    """
    parts, fixed = np.zeros(rows), np.zeros(rows, np.bool_)
    parts[list(roots)], fixed[list(roots)] = 1.0, True
    for row, cause, share in shares:
        if not fixed[row] and (fixed[cause] or through is None or through[cause]):
            parts[row] += share * parts[cause]
    return parts


def attribution(acts: Sequence[Act], roots: Collection[int]) -> Array:
    """Return which part of each act is attributed to the rows `roots`, float64[acts] (see `attributed`)."""
    shares = ((act.row, share.cause, share.share) for act in acts for share in act.shares)
    return attributed(len(acts), shares, roots)


def attributed_acts(story: Story, roots: Collection[int]) -> float:
    """Return how many simulated hostile acts, excluding words and threats, go back to `roots`."""
    parts = attribution(story.acts, roots)
    return float(sum(parts[act.row] for act in story.simulated if act.counted and act.row not in roots))


def tree_of(acts: Sequence[Act]) -> tuple[Branch, ...]:
    """Return the tree of hostile acts, excluding words and threats; its roots are shocks and acts uncaused.

    The main cause of an act is the one with the largest share among those in the tree. Acts of one actor in
    one package (without packages: on one day) with one main cause make one branch. A branch comes after the
    one that it hangs on.
    """
    groups: dict[tuple[object, ...], list[Act]] = defaultdict(list)
    for act in acts:
        if _in_tree(act):
            groups[_group(act, acts)].append(act)
    branch_of = {act.row: number for number, group in enumerate(groups.values()) for act in group}
    return tuple(_counted([_branch(group, acts, branch_of) for group in groups.values()]))


def main_cause(act: Act, acts: Sequence[Act]) -> CauseShare | None:
    """Return the largest share of `act` that answers a row of the tree, the earliest of equals."""
    candidates = [share for share in act.shares if _in_tree(acts[share.cause])]
    return max(candidates, key=lambda share: (share.share, -share.cause), default=None)


def answering_of(acts: Sequence[Act]) -> tuple[Answering, ...]:
    """Return who answered whom in what the model decided, the strongest first (see `Answering`)."""
    sums: dict[tuple[str, str | None], float] = defaultdict(float)
    for act in acts:
        for share in act.shares if act.origin == SIMULATED and act.counted else ():
            cause = acts[share.cause]
            sums[act.actor, None if cause.origin == SHOCK else cause.actor] += share.share
    ranked = sorted(sums.items(), key=lambda item: -item[1])
    return tuple(Answering(actor=actor, answered=of, acts=total) for (actor, of), total in ranked)


def _in_tree(act: Act) -> bool:
    return act.counted or act.origin == SHOCK


def _group(act: Act, acts: Sequence[Act]) -> tuple[object, ...]:
    if act.origin == SHOCK:
        return (act.row,)
    cause = main_cause(act, acts)
    return act.actor, act.package, act.day if act.package is None else None, cause.cause if cause else None


def _branch(group: Sequence[Act], acts: Sequence[Act], branch_of: dict[int, int]) -> Branch:
    cause, rows = main_cause(group[0], acts), tuple(act.row for act in group)
    if cause is None:
        return Branch(acts=rows, parent=None, share=None)
    return Branch(acts=rows, parent=branch_of[cause.cause], share=cause.share)


def _counted(branches: list[Branch]) -> list[Branch]:
    """Return the branches with how many acts hang on each; a parent always comes first."""
    below = [0] * len(branches)
    for number, branch in reversed([*enumerate(branches)]):
        if branch.parent is not None:
            below[branch.parent] += below[number] + len(branch.acts)
    return [branch.model_copy(update={"below": count}) for branch, count in zip(branches, below, strict=True)]


# ---- turning points


def brief(story: Story, most: int = 10) -> Story:
    """Return a story with its turning points, at most so many, which alone are shown of it.

    They are taken in turn from two orders: to which most later hostile acts go back, and which went furthest
    beyond all that their actor had done before.
    """
    candidates = [decision.acts for decision in story.decisions if decision.acts]
    if story.only is None:
        since = story.scenario.simulate_from
        candidates += [(act.row,) for act in story.acts if act.origin == SHOCK and act.day >= since]
    points = [
        TurningPoint(rows=rows, following=attributed_acts(story, rows), beyond=_beyond(story, rows))
        for rows in candidates
    ]
    following = sorted((point for point in points if point.following > 0), key=lambda point: -point.following)
    beyond = sorted((point for point in points if point.beyond > 0), key=lambda point: -point.beyond)
    in_turn = dict.fromkeys(point for pair in zip_longest(following, beyond) for point in pair if point)
    chosen = sorted(list(in_turn)[:most], key=lambda point: story.acts[point.rows[0]].time)
    return story.model_copy(update={"points": tuple(chosen)})


def _beyond(story: Story, rows: Sequence[int]) -> float:
    """Return how much graver (or more conciliatory) the gravest of some acts is than all before them."""
    first = story.acts[rows[0]]
    gravest = max((story.acts[row].severity for row in rows), key=abs)
    earlier = (
        abs(act.severity)
        for act in story.acts[: first.row]
        if act.actor == first.actor and act.severity * gravest > 0
    )
    return max(0.0, abs(gravest) - max(earlier, default=0.0))
