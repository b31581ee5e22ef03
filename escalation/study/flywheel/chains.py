"""The loops of the flywheel by what is done in them: which act is answered with which, and so on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from escalation.model.world import Names
from escalation.study.flywheel.model import Chain, Step
from escalation.study.flywheel.spectral import cycles, ratio
from escalation.study.flywheel.sums import Ways

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MOST_CHAINS = 10

Counted = tuple[float, tuple[int, ...]]
"""How often there is a chain, and its types of acts."""


class Loops:
    """The loops of a flywheel, from the ways of all its replications."""

    def __init__(self, ways: Ways, names: Names, replications: int):
        self.names, self.replications = names, replications
        self._blocks = _Blocks(ways, names)

    def chains(self) -> tuple[Chain, ...]:
        """Return the most frequent chains along circles of up to three dyads, at most 10.

        Of chains that are one circle of acts begun at another place, the most frequent is returned.
        """
        best: dict[tuple[int, ...], Counted] = {}
        for bound, circle in self._blocks.circles():
            if len(best) >= MOST_CHAINS and bound < sorted(count for count, _ in best.values())[-MOST_CHAINS]:
                break
            for counted in self._blocks.along(circle):
                name = _name(counted[1])
                best[name] = min(best.get(name, counted), counted, key=_rank)
        return tuple(self._chain(counted) for counted in sorted(best.values(), key=_rank)[:MOST_CHAINS])

    def most_frequent(self, ring: Sequence[int]) -> Chain | None:
        """Return the most frequent chain along a ring of dyads (their numbers); None where there is none."""
        counted = min(self._blocks.along(self._blocks.numbers(ring)), key=_rank, default=None)
        return self._chain(counted) if counted else None

    def _chain(self, counted: Counted) -> Chain:
        count, kinds = counted
        steps = tuple(_step(kind, self.names) for kind in kinds)
        return Chain(steps=steps, per_future=count / self.replications)


def _rank(counted: Counted) -> Counted:
    return -counted[0], counted[1]


def _name(kinds: tuple[int, ...]) -> tuple[int, ...]:
    """Return one name for all chains that are the same circle of acts."""
    if kinds[0] != kinds[-1]:
        return kinds
    circle = kinds[:-1]
    return min((*circle[start:], *circle[:start]) for start in range(len(circle)))


class _Blocks:
    """Shares of answers by dyad of the parent and of the child, and how many acts of each type are followed.

    A block is float64[p, c]: the types in use on the one dyad by those in use on the other.
    """

    def __init__(self, ways: Ways, names: Names):
        self.k = len(names.instruments)
        parent, child = np.divmod(ways.answers.keys, len(names.actors) ** 2 * self.k)
        self.types = np.unique(np.concatenate([parent, child]))
        self.first = np.flatnonzero(np.diff(self.types // self.k, prepend=-1))
        self.first = np.append(self.first, len(self.types))
        self.followed = ways.followed.at(self.types)[:, 0]
        types = [np.searchsorted(self.types, side) for side in (parent, child)]
        dyads = [np.searchsorted(self.first, side, "right") - 1 for side in types]
        self.blocks: dict[tuple[int, int], Array] = {}
        size = np.diff(self.first)
        entries = (column.tolist() for column in (*types, *dyads, ways.answers.values[:, 0]))
        for row, column, d, e, share in zip(*entries, strict=True):
            if (d, e) not in self.blocks:
                self.blocks[d, e] = np.zeros((size[d], size[e]))
            self.blocks[d, e][row - self.first[d], column - self.first[e]] = share

    def numbers(self, dyads: Sequence[int]) -> list[int]:
        """Return the numbers that dyads have here."""
        return list(np.searchsorted(self.types[self.first[:-1]] // self.k, dyads).tolist())

    def circles(self) -> list[Counted]:
        """Return the circles of dyads, with a bound of how many chains of one kind there are along each."""
        follow: list[list[int]] = [[] for _ in self.first[1:]]
        for d, e in sorted(self.blocks):
            follow[d].append(e)
        most = {pair: float(block.max()) for pair, block in self.blocks.items()}
        onward = {pair: float(self._onward(*pair).max()) for pair in self.blocks}

        def bound(circle: tuple[int, ...]) -> float:
            steps = list(zip(circle, (*circle[1:], circle[0]), strict=True))
            return max(
                most[step] * math.prod(onward[other] for m, other in enumerate(steps) if m != n)
                for n, step in enumerate(steps)
            )

        return sorted(((bound(circle), circle) for circle in cycles(follow)), key=_rank)

    def _onward(self, d: int, e: int) -> Array:
        """Return the answers of each type on dyad `e` per act of each type on dyad `d`."""
        followed = self.followed[self.first[d] : self.first[d + 1]]
        return ratio(self.blocks[d, e], followed[:, None])

    def along(self, circle: Sequence[int]) -> Iterator[Counted]:
        """Yield how often there are the most frequent chains along one circle, and their types of acts."""
        for start in range(len(circle)):
            turn = (*circle[start:], *circle[:start], circle[start])
            flow = self.blocks[turn[0], turn[1]]
            for here, there in pairwise(turn[1:]):
                flow = flow[..., None] * self._onward(here, there)
            for cell in np.argsort(-flow, axis=None, kind="stable")[:MOST_CHAINS]:
                picked = np.unravel_index(cell, flow.shape)
                if flow[picked] > 0.0:
                    kinds = (self.types[self.first[d] + n] for d, n in zip(turn, picked, strict=True))
                    yield float(flow[picked]), tuple(map(int, kinds))


def _step(kind: int, names: Names) -> Step:
    dyad, instrument = divmod(kind, len(names.instruments))
    sender, target = divmod(dyad, len(names.actors))
    return Step(
        dyad=f"{names.actors[sender]}.{names.actors[target]}",
        instrument=names.instruments[instrument],
        label=names.instrument_labels[instrument],
    )
