"""An ensemble of which something is noted for each replication, beside its flywheel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from escalation.ensemble.read import Run
from escalation.model.world import Replication, World
from escalation.study.execution import Request
from escalation.study.finished import Finished
from escalation.study.flywheel.gather import FlywheelReducer
from escalation.study.flywheel.sums import Total
from escalation.study.flywheel.wheel import Flywheel
from escalation.study.perform import Means, Plan, begin, plan
from escalation.study.source import Named, open_source
from escalation.study.story.medoid import compared, same_outcomes

Note = Callable[[World, int, Replication], Any]
"""Makes a note of one replication, by its number, failed or not; it can be pickled."""


class Replayed(NamedTuple):
    """The plan of an ensemble to be played again, the run that it is if it is one, what was named."""

    plan: Plan
    run: Run | Finished | None
    name: str = ""


def ensemble_of(named: Named, request: Request) -> Replayed:
    """Return the ensemble of a run or of a scenario, to be played again.

    Raises InputError or ScenarioError.
    """
    source = open_source(named, request, replay=True)
    what = plan(source.scenario, source.seed, source.replications, "none", overrides=source.overrides)
    return Replayed(what, source.run, source.path or source.title)


def matches(run: Run | Finished | None, again: Finished) -> bool | None:
    """Return whether a run played again has the outcomes that are stored; None without a run."""
    if run is None:
        return None
    names, shorter = compared(run.header), min(len(run.statuses), len(again.statuses))
    if not set(names) <= set(again.header.columns):
        return False
    stored, now = run.columns(names), again.columns(names)
    return all(same_outcomes(stored[name][:shorter], now[name][:shorter]) for name in names)


class Noted(NamedTuple):
    """The sums of some replications, and the notes by replication."""

    sums: Total
    notes: dict[int, Any]


@dataclass(frozen=True)
class NotingReducer(FlywheelReducer):
    """A flywheel's reducer that makes a note of every replication too; its total is `Noted`.

    Notes are kept in memory only: such an ensemble cannot be stored.
    """

    note: Note

    def __call__(self, world: World, first: int, replications: Sequence[Replication]) -> Any:
        """Return the sums and the notes of consecutive replications."""
        notes = {number: self.note(world, number, one) for number, one in enumerate(replications, first)}
        return Noted(super().__call__(world, first, replications), notes)

    def add(self, total: Any, part: Any) -> Any:
        """Return the total with the sums and notes of one more chunk."""
        if total is None:
            return part
        total.notes.update(part.notes)
        return Noted(super().add(total.sums, part.sums), total.notes)

    def flywheel(self, world: World, total: Any) -> Flywheel:
        """Return the flywheel of a total."""
        return super().flywheel(world, total.sums if total else None)


def noting(
    what: Plan, means: Means, note: Note, alter: Callable[[World], World] | None = None
) -> tuple[Finished, dict[int, Any]]:
    """Run an ensemble in memory, and return it with its notes by replication.

    With `alter`, in the world that this makes of the plan's: window and batches stay those of the plan.
    Raises KeyboardInterrupt when it was interrupted: half of a pair is worth nothing.
    """
    reducer = NotingReducer(what.reducer.asked, what.reducer.plan, note)
    world = alter(what.world) if alter else what.world
    finished = begin(replace(what, world=world, reducer=reducer), means, None, None, None)
    if finished.ensemble.interrupted:
        raise KeyboardInterrupt
    sums, notes = finished.ensemble.reduced
    ensemble = replace(finished.ensemble, reduced=sums)
    return replace(finished, ensemble=ensemble, reducer=what.reducer), notes
