"""What caused what: the tree of acts by main cause, and who answered whom how often."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from escalation.study.story.story import SHOCK, SIMULATED, Act, Answering, Branch, Share


def tree_of(acts: Sequence[Act]) -> tuple[Branch, ...]:
    """Return the tree of hostile acts other than words and threats; its roots are shocks and acts uncaused.

    The main cause of an act is the one with the largest share among those in the tree. Acts of one actor in
    one package (without packages: on one day) with one main cause make one branch. A branch comes after the
    one that it hangs on.
    """
    groups: dict[tuple[object, ...], list[Act]] = defaultdict(list)
    for act in acts:
        if _in_tree(act):
            groups[_group(act, acts)].append(act)
    places = {act.row: place for place, group in enumerate(groups.values()) for act in group}
    branches = [_branch(group, acts, places) for group in groups.values()]
    return tuple(_counted(branches))


def main_cause(act: Act, acts: Sequence[Act]) -> Share | None:
    """Return the largest share of `act` that answers a row of the tree, the earliest of equals."""
    candidates = [share for share in act.shares if _in_tree(acts[share.cause])]
    return max(candidates, key=lambda share: (share.share, -share.cause), default=None)


def answering_of(acts: Sequence[Act]) -> tuple[Answering, ...]:
    """Return who answered whom in what the model decided, the strongest first (see `Answering`)."""
    sums: dict[tuple[str, str | None], float] = defaultdict(float)
    for actor, answered, share in _answers(acts):
        sums[actor, answered] += share
    ranked = sorted(sums.items(), key=lambda item: -item[1])
    return tuple(Answering(actor, answered, total) for (actor, answered), total in ranked)


def _answers(acts: Sequence[Act]) -> Iterator[tuple[str, str | None, float]]:
    for act in acts:
        if act.origin == SIMULATED and act.counted:
            for share in act.shares:
                cause = acts[share.cause]
                yield act.actor, None if cause.origin == SHOCK else cause.actor, share.share


def _in_tree(act: Act) -> bool:
    return act.counted or act.origin == SHOCK


def _group(act: Act, acts: Sequence[Act]) -> tuple[object, ...]:
    if act.origin == SHOCK:
        return (act.row,)
    cause = main_cause(act, acts)
    return act.actor, act.package, act.day if act.package is None else None, cause.cause if cause else None


def _branch(group: Sequence[Act], acts: Sequence[Act], places: dict[int, int]) -> Branch:
    cause = main_cause(group[0], acts)
    rows = tuple(act.row for act in group)
    return Branch(rows, places[cause.cause], cause.share, 0) if cause else Branch(rows, None, None, 0)


def _counted(branches: list[Branch]) -> list[Branch]:
    """Fill in how many acts hang on each branch; a cause always has the smaller place."""
    below = [0] * len(branches)
    for place in range(len(branches) - 1, -1, -1):
        parent = branches[place].parent
        if parent is not None:
            below[parent] += below[place] + len(branches[place].acts)
    return [replace(branch, below=count) for branch, count in zip(branches, below, strict=True)]
