"""Chunks put into the order of their replications, and handed over shard by shard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from escalation.ensemble import result
from escalation.ensemble.result import Chunk, Reducer, Resumed, Rows, Shard, ShardStore, joined
from escalation.errors import EnvironmentFault
from escalation.model.world import Columns


class Assembly:
    """Puts chunks into the order of their replications, and hands over each shard once it is whole.

    `names` are the outcomes in the order of a row. `reduced` is the total of the parts of all that has been
    handed over. When the store cannot take a shard, that is its `fault`, and the outcomes from there on stay
    in memory. `resumed` is what earlier attempts finished, which is in here from the start.
    """

    def __init__(
        self,
        names: Sequence[str],
        replications: int,
        store: ShardStore | None = None,
        reducer: Reducer | None = None,
    ):
        self.replications = replications
        self.store = store
        self.reducer = reducer
        self.reduced: Any = None
        self.failures: dict[int, str] = {}
        self.fault: EnvironmentFault | None = None
        self.rows = Rows(names)
        self._numbers = [np.empty(0, np.int64)]
        self._statuses = [np.empty(0, np.int8)]
        self._acts: list[Columns] = []
        self._causes: list[Columns] = []
        self._open: dict[int, list[Chunk]] = {}
        self._parts: dict[int, Any] = {}
        self._next = 0
        self.resumed = store.resumed if store else Resumed()
        self._ready = {shard.number: shard for shard in self.resumed.shards}
        for chunk in self.resumed.chunks:
            self.add(chunk)
        self._hand_over_ready()

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
        """The acts, unless they left with their shards."""
        return joined(self._acts)

    @property
    def causes(self) -> Columns:
        """The causes, unless they left with their shards."""
        return joined(self._causes)

    def missing(self) -> npt.NDArray[np.int64]:
        """Return the numbers of the replications that are still to be run, int64[m], ascending."""
        there = np.zeros(self.replications, bool)
        for numbers, _, _ in self.resumed_rows():
            there[numbers] = True
        return np.flatnonzero(~there)

    def resumed_rows(self) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int8], Rows]]:
        """Yield what earlier attempts finished: numbers, statuses and outcomes."""
        names = self.rows.names
        for shard in self.resumed.shards:
            yield (
                shard.replications,
                shard.statuses,
                Rows(names, [shard.file] if shard.file else []),
            )
        for chunk in self.resumed.chunks:
            yield chunk.replications, chunk.statuses, Rows(names, [chunk.outcomes])

    def add(self, chunk: Chunk) -> None:
        """Take in one chunk."""
        number = chunk.first // result.SHARD
        if self.reducer and chunk.part is not None:
            self._parts[number] = self.reducer.add(self._parts.get(number), chunk.part)
        chunks = self._open.setdefault(number, [])
        chunks.append(chunk._replace(part=None))
        if sum(len(one.statuses) for one in chunks) == self._size(number):
            self._close(number)
            self._hand_over_ready()

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
        chunks = sorted(self._open.pop(number), key=lambda chunk: chunk.first)
        replications = np.concatenate([chunk.replications for chunk in chunks])
        self._ready[number] = Shard(
            number,
            replications,
            np.concatenate([chunk.statuses for chunk in chunks]),
            np.concatenate([chunk.outcomes for chunk in chunks]),
            joined([chunk.acts for chunk in chunks]),
            joined([chunk.causes for chunk in chunks]),
            {at: text for chunk in chunks for at, text in sorted(chunk.messages.items())},
            len(replications) == self._size(number),
            self._parts.pop(number, None),
        )

    def _hand_over_ready(self) -> None:
        while self._next in self._ready:
            self._hand_over(self._next)

    def _hand_over(self, number: int) -> None:
        shard = self._ready.pop(number)
        self._next = number + 1
        self._numbers.append(shard.replications)
        self._statuses.append(shard.statuses)
        self.failures |= shard.messages
        self._write(shard)
        if not self.store:
            self._acts.append(shard.acts)
            self._causes.append(shard.causes)
        if self.reducer and shard.part is not None:
            self.reduced = self.reducer.add(self.reduced, shard.part)

    def _write(self, shard: Shard) -> None:
        """Store the shard; its outcomes stay in memory where there is no store, or it cannot take them."""
        file = shard.file
        if self.store and not self.fault and file is None:
            try:
                file = self.store.write(shard)
            except EnvironmentFault as fault:
                self.fault = fault
        self.rows.append(shard.outcomes, file)
