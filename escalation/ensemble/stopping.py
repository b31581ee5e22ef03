"""Stopping as soon as a rule is content, at counts that do not depend on how the work is divided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from escalation.ensemble import result
from escalation.ensemble.result import Array, Chunk

FIRST = 256
"""Replications before a rule is asked for the first time."""


class Rule(Protocol):
    """Says when there are enough replications."""

    @property
    def outcomes(self) -> Sequence[str]:
        """The outcomes that it wants to see."""

    def __call__(self, statuses: npt.NDArray[np.int8], columns: Mapping[str, Array]) -> bool:
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
        self._indices = [names.index(name) for name in rule.outcomes]
        self._statuses = np.empty(limit, np.int8)
        self._values = np.empty((len(self._indices), limit))
        self._arrived = np.zeros(limit, bool)
        self._checks = checks(limit)
        self._asked, self._next = 0, next(self._checks)
        self._limit = limit
        self._early: list[Chunk] = []

    def resume(
        self,
        numbers: npt.NDArray[np.int64],
        statuses: npt.NDArray[np.int8],
        columns: Mapping[str, Array],
    ) -> None:
        """Take what earlier attempts finished as it is: replications int64[n], their watched outcomes."""
        self._statuses[numbers] = statuses
        self._values[:, numbers] = [columns[name] for name in self._rule.outcomes]
        self._arrived[numbers] = True
        self._ask()

    def admit(self, chunk: Chunk) -> Iterator[Chunk]:
        """Yield the chunks that count now; those beyond the next check wait for it."""
        self._early.append(chunk)
        while ready := [one for one in self._early if one.first < self._next and self.stopped is None]:
            self._early = [one for one in self._early if one.first >= self._next]
            for one in ready:
                rows = slice(one.first, one.first + len(one.statuses))
                self._statuses[rows] = one.statuses
                self._values[:, rows] = one.outcomes[:, self._indices].T
                self._arrived[rows] = True
                yield one
            self._ask()

    def _ask(self) -> None:
        """Ask the rule at every check up to which all replications are there, until it is content."""
        while self.stopped is None and self._arrived[self._asked : self._next].all():
            count = self._next
            columns = {name: self._values[n, :count] for n, name in enumerate(self._rule.outcomes)}
            if self._rule(self._statuses[:count], columns):
                self.stopped = count
            if count == self._limit:
                return
            self._asked, self._next = count, next(self._checks)
