"""An ensemble of which something is noted for each replication, beside its flywheel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from escalation.model.world import Replication, World
from escalation.study.branching import Sums
from escalation.study.finished import Finished
from escalation.study.gather import FlywheelReducer
from escalation.study.perform import Means, Plan, begin
from escalation.study.wheel import Flywheel

Note = Callable[[World, int, Replication], Any]
"""Makes a note of one replication, by its number, failed or not; it can be pickled."""


class Noted(NamedTuple):
    """The sums by batch, and the notes by replication."""

    sums: dict[int, Sums]
    notes: dict[int, Any]


@dataclass(frozen=True)
class NotingReducer(FlywheelReducer):
    """A flywheel's reducer that makes a note of every replication too; its total is `Noted`."""

    note: Note

    def __call__(self, world: World, first: int, replications: Sequence[Replication]) -> Any:
        """Return the sums and the notes of consecutive replications."""
        sums = super().__call__(world, first, replications)
        notes = {number: self.note(world, number, one) for number, one in enumerate(replications, first)}
        return Noted(sums, notes)

    def add(self, total: Any, part: Any) -> Any:
        """Return the total with the sums and notes of one more chunk."""
        if total is None:
            return part
        return Noted(super().add(total.sums, part.sums), total.notes | part.notes)

    def flywheel(self, world: World, total: Any) -> Flywheel:
        """Return the flywheel of a total."""
        return super().flywheel(world, total.sums if total else None)


def noting(
    what: Plan, means: Means, note: Note, alter: Callable[[World], World] | None = None
) -> tuple[Finished, dict[int, Any]]:
    """Run an ensemble in memory, and return it with its notes by replication.

    With `alter`, in the world that this makes of the plan's: window and batches stay those of the plan.
    """
    reducer = NotingReducer(what.reducer.asked, what.reducer.plan, note)
    world = alter(what.world) if alter else what.world
    finished = begin(replace(what, world=world, reducer=reducer), means, None, None, None)
    total = finished.ensemble.reduced or Noted({}, {})
    return replace(finished, ensemble=replace(finished.ensemble, reduced=total.sums)), total.notes
