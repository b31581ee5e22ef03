"""An ensemble of which something is noted for each replication, beside its flywheel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from escalation.ensemble.read import Run, open_run
from escalation.model.world import Replication, World
from escalation.scenario.load import load
from escalation.study.finished import Finished
from escalation.study.flywheel.gather import FlywheelReducer
from escalation.study.flywheel.sums import Total
from escalation.study.flywheel.wheel import Flywheel
from escalation.study.perform import Means, Plan, begin, plan
from escalation.study.story.medoid import compared, same_outcomes
from escalation.study.story.retell import refuse_own, require_scenario

USUAL = 200
"""Replications of a scenario unless a number is given."""

Note = Callable[[World, int, Replication], Any]
"""Makes a note of one replication, by its number, failed or not; it can be pickled."""


class Source(NamedTuple):
    """The plan of an ensemble to be played again, the stored run that it is if it is one, what was named."""

    plan: Plan
    run: Run | None
    name: str = ""


def ensemble_of(
    source: str | Path,
    replications: int | None = None,
    seed: int | None = None,
    sets: Sequence[str] = (),
    until: date | None = None,
) -> Source:
    """Return the ensemble of a run's folder, or of a scenario (a file or a shipped name).

    It has `replications`: unless they are given, those of the run, or 200. `seed` (1 unless given), `sets`
    and `until` are for a scenario only. Raises InputError or ScenarioError.
    """
    folder = Path(source)
    if not folder.is_dir():
        require_scenario(source)
        scenario = load(source, sets, until)
        changed = (*sets, *([f"until={until}"] if until else []))
        seed, count = 1 if seed is None else seed, replications or USUAL
        return Source(plan(scenario, seed, count, "none", overrides=changed), None, str(source))
    refuse_own(folder, seed, sets, until)
    run = open_run(folder)
    scenario = load(folder / "scenario.yaml")
    changed = run.manifest.get("overrides", ())
    what = plan(scenario, run.seed, replications or run.asked, "none", overrides=changed)
    return Source(what, run, str(source))


def matches(run: Run | None, again: Finished) -> bool | None:
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
