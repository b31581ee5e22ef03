"""Sums over replications by batch, which add to the same bits in any order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from escalation.study.flywheel.cells import Cells, added
from escalation.study.flywheel.plan import Plan

PENDING = 20_000
"""Cells of parts that are put together only when there are more of them than this, and than of the whole."""


@dataclass(frozen=True)
class Sums:
    """Sums over some replications (`truncated` of them cut off); in any order they add to the same bits.

    A dyad is `sender * actors + target`; as a parent, `dyads` itself stands for a shock. Time is divided into
    the cells of the plan. Keys: of `parents` (how many) `cell * (dyads + 1) + parent`, of `answers` (shares)
    `(cell * (dyads + 1) + parent) * dyads + child`, of `sources` (shares, of all counted acts, one column)
    `source * dyads + child`, of `days` (how many counted acts, and which part of them answers none) the bin
    of time (see `pairs`). `late` sums the shares of answers to the same parents that came after the window,
    yet before the end; `pairs` are those of counted acts close in time, within a replication.
    """

    plan: Plan
    actors: int
    replications: int
    truncated: int
    parents: Cells
    answers: Cells
    sources: Cells
    days: Cells
    late: float
    pairs: int

    @property
    def dyads(self) -> int:
        """How many dyads there are."""
        return self.actors**2

    def __add__(self, other: Sums) -> Sums:
        return summed([self, other])


def summed(some: Sequence[Sums]) -> Sums:
    """Return the sum of one or more sums. Raises ValueError when they are of different plans."""
    first = some[0]
    if any((one.plan, one.actors) != (first.plan, first.actors) for one in some):
        raise ValueError("sums of different plans cannot be added")
    return Sums(
        first.plan,
        first.actors,
        sum(one.replications for one in some),
        sum(one.truncated for one in some),
        added([one.parents for one in some]),
        added([one.answers for one in some]),
        added([one.sources for one in some]),
        added([one.days for one in some]),
        sum(one.late for one in some),
        sum(one.pairs for one in some),
    )


class Ways(NamedTuple):
    """What is answered with what, over all replications.

    An act's type is `dyad * instruments + instrument`. `followed` counts the acts of each type that are
    followed; `answers` sums the shares of answers to them, by `parent * types + child`. One column each.
    """

    followed: Cells
    answers: Cells


class Total(Mapping[int, Sums]):
    """The sums of some replications by number of their batch, and the ways of all of them together."""

    def __init__(self, batches: dict[int, Sums], ways: Ways):
        self.batches = batches
        self._ways = [ways]

    def __getitem__(self, batch: int) -> Sums:
        return self.batches[batch]

    def __iter__(self) -> Iterator[int]:
        return iter(sorted(self.batches))

    def __len__(self) -> int:
        return len(self.batches)

    @property
    def ways(self) -> Ways:
        """The ways of all replications."""
        self._ways = [Ways(*(added([ways[n] for ways in self._ways]) for n in range(len(Ways._fields))))]
        return self._ways[0]

    def add(self, more: Total) -> None:
        """Add the sums of other replications, in place."""
        for batch, sums in more.batches.items():
            self.batches[batch] = self.batches[batch] + sums if batch in self.batches else sums
        self._ways += more._ways
        if sum(len(ways.answers.keys) for ways in self._ways[1:]) > max(
            PENDING, len(self._ways[0].answers.keys)
        ):
            _ = self.ways
