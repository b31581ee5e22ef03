"""Stopping as soon as a rule is content, at counts that do not depend on how the work is divided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from escalation.ensemble import result
from escalation.ensemble.result import Chunk

FIRST = 256
"""Replications before a rule is asked for the first time."""

Watched = Mapping[str, npt.NDArray[np.float64]]


class Rule(Protocol):
    """Says when there are enough replications."""

    @property
    def outcomes(self) -> Sequence[str]:
        """The outcomes that it wants to see."""

    def __call__(self, statuses: npt.NDArray[np.int8], columns: Watched) -> bool:
        """Return whether the first n replications are enough: their statuses int8[n], outcomes float64[n]."""


def checks(limit: int) -> Iterator[int]:
    """Yield when a rule is asked: at 256, twice that and so on, then after every file; last at `limit`."""
    count = min(FIRST, result.SHARD)
    while count < limit:
        yield count
        count = 2 * count if 2 * count <= result.SHARD else (count // result.SHARD + 1) * result.SHARD
    yield limit


class Gate:
    """Lets chunks through up to the next count at which the rule is asked, so that no later one is counted.

    `names` are the outcomes in the order of a row. `stopped` is the count at which the rule was content.
    """

    def __init__(self, rule: Rule, names: Sequence[str], limit: int):
        self.stopped: int | None = None
        self._rule = rule
        self._places = [names.index(name) for name in rule.outcomes]
        self._statuses = np.empty(limit, np.int8)
        self._values = np.empty((len(self._places), limit))
        self._checks = checks(limit)
        self._next = next(self._checks)
        self._limit = limit
        self._arrived = 0
        self._early: list[Chunk] = []

    def begin(self, statuses: npt.NDArray[np.int8], columns: Watched) -> None:
        """Take the replications of an earlier attempt as given; none of the checks before ended it."""
        self._arrived = count = len(statuses)
        self._statuses[:count] = statuses
        for place, name in enumerate(self._rule.outcomes):
            self._values[place, :count] = columns[name]
        while self._next < count:
            self._next = next(self._checks)
        self._ask()

    def admit(self, chunk: Chunk) -> Iterator[Chunk]:
        """Yield the chunks that count now; those beyond the next check wait for it."""
        self._early.append(chunk)
        while ready := [one for one in self._early if one.first < self._next and self.stopped is None]:
            self._early = [one for one in self._early if one.first >= self._next]
            yield from self._noted(ready)
            self._ask()

    def _noted(self, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        for chunk in chunks:
            rows = slice(chunk.first, chunk.first + len(chunk.statuses))
            self._statuses[rows] = chunk.statuses
            self._values[:, rows] = chunk.outcomes[:, self._places].T
            self._arrived += len(chunk.statuses)
            yield chunk

    def _ask(self) -> None:
        count = self._next
        if self._arrived < count:
            return
        columns = {name: self._values[n, :count] for n, name in enumerate(self._rule.outcomes)}
        if self._rule(self._statuses[:count], columns):
            self.stopped = count
        elif count < self._limit:
            self._next = next(self._checks)
