"""Chunks put into the order of their replications, and handed over shard by shard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from escalation.ensemble import result
from escalation.ensemble.reducer import Reducer
from escalation.ensemble.result import Begun, Chunk, Shard, joined
from escalation.ensemble.rows import Rows
from escalation.errors import EnvironmentFault
from escalation.model.world import Columns

OnShard = Callable[[Shard], Path | None]
"""Takes a shard, and returns the file that its outcomes can be read from; None leaves them in memory."""


class Assembly:
    """Puts chunks into the order of their replications, and hands over each shard once it is whole.

    `names` are the outcomes in the order of a row. `reduced` is the total of the parts of all that has been
    handed over. When a shard cannot be taken (EnvironmentFault), that is kept as `fault`, and the outcomes
    from there on stay in memory.
    """

    def __init__(
        self,
        names: Sequence[str],
        replications: int,
        on_shard: OnShard | None,
        reducer: Reducer | None = None,
        begun: Begun | None = None,
    ):
        self.replications = replications
        self.on_shard = on_shard
        self.reducer = reducer
        self.reduced: Any = begun.reduced if begun else None
        self.failures: dict[int, str] = dict(begun.failures) if begun else {}
        self.fault: EnvironmentFault | None = None
        self.rows = Rows(names, begun.files if begun else ())
        self._numbers = [np.arange(len(begun.statuses) if begun else 0)]
        self._statuses = [begun.statuses if begun else np.empty(0, np.int8)]
        self._acts: list[Columns] = []
        self._causes: list[Columns] = []
        self._open: dict[int, list[Chunk]] = {}
        self._parts: dict[int, Any] = {}
        self._ready: dict[int, Shard] = {}
        self._next = len(self._numbers[0]) // result.SHARD

    @property
    def numbers(self) -> npt.NDArray[np.int64]:
        """The numbers of the replications that have been handed over, int64[n]."""
        return np.concatenate(self._numbers)

    @property
    def statuses(self) -> npt.NDArray[np.int8]:
        """The statuses of the replications that have been handed over, int8[n]."""
        return np.concatenate(self._statuses)

    @property
    def acts(self) -> Columns:
        """The kept acts, unless they left with their shards."""
        return joined(self._acts)

    @property
    def causes(self) -> Columns:
        """The kept causes, unless they left with their shards."""
        return joined(self._causes)

    def add(self, chunk: Chunk) -> None:
        """Take in one chunk."""
        number = chunk.first // result.SHARD
        if self.reducer and chunk.part is not None:
            self._parts[number] = self.reducer.add(self._parts.get(number), chunk.part)
        parts = self._open.setdefault(number, [])
        parts.append(chunk._replace(part=None))
        if sum(len(part.statuses) for part in parts) == self._size(number):
            self._close(number)

    def finish(self) -> None:
        """Hand over everything that has come in, incomplete shards included."""
        for number in sorted(self._open):
            self._close(number)
        for number in sorted(self._ready):
            self._hand_over(number)
        self.failures = dict(sorted(self.failures.items()))

    def _size(self, number: int) -> int:
        return min(result.SHARD, self.replications - number * result.SHARD)

    def _close(self, number: int) -> None:
        parts = sorted(self._open.pop(number), key=lambda part: part.first)
        replications = np.concatenate([part.replications for part in parts])
        self._ready[number] = Shard(
            number,
            replications,
            np.concatenate([part.statuses for part in parts]),
            np.concatenate([part.outcomes for part in parts]),
            joined([part.acts for part in parts]),
            joined([part.causes for part in parts]),
            {at: text for part in parts for at, text in sorted(part.messages.items())},
            len(replications) == self._size(number),
        )
        while self._next in self._ready:
            self._hand_over(self._next)

    def _hand_over(self, number: int) -> None:
        shard = self._ready.pop(number)
        part = self._parts.pop(number, None)
        if self.reducer and part is not None:
            self.reduced = self.reducer.add(self.reduced, part)
        self._next = number + 1
        self._numbers.append(shard.replications)
        self._statuses.append(shard.statuses)
        self.failures |= shard.messages
        self.rows.append(shard.outcomes, self._taken(shard._replace(reduced=self.reduced)))
        if not self.on_shard:
            self._acts.append(shard.acts)
            self._causes.append(shard.causes)

    def _taken(self, shard: Shard) -> Path | None:
        if not self.on_shard or self.fault:
            return None
        try:
            return self.on_shard(shard)
        except EnvironmentFault as fault:
            self.fault = fault
            return None
