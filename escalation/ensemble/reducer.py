"""What is worked out from every replication where it is simulated, so that its acts need not be kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from escalation.model.world import Columns, Replication, World


class Reducer(Protocol):
    """Turns the replications of a chunk into one part, in the worker, and puts the parts of chunks together.

    A reducer and its parts can be pickled. Chunks are cut differently for another number of workers and come
    in any order, so `add` has to give the same total however the replications were divided.
    """

    def __call__(self, world: World, first: int, replications: Sequence[Replication]) -> Any:
        """Return the part of consecutive replications, failed ones among them, numbered from `first`."""

    def add(self, total: Any, part: Any) -> Any:
        """Return the total with one more part; `total` is None before the first, and may be changed."""


class StoredReducer(Reducer, Protocol):
    """A reducer whose total can wait in a file, for a run that is interrupted and goes on later."""

    def packed(self, total: Any) -> Columns:
        """Return a total as arrays."""

    def unpacked(self, arrays: Columns) -> Any:
        """Return the total that `packed` gave; KeyError, TypeError or ValueError when it did not."""
