"""The flywheel of a run, gathered where its replications are simulated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from escalation.ensemble.read import Run
from escalation.errors import InputError
from escalation.model.world import Columns, Replication, World
from escalation.study.flywheel.batches import FILE, batches_of
from escalation.study.flywheel.branching import nothing, sums_by_batch
from escalation.study.flywheel.estimate import estimate
from escalation.study.flywheel.packing import pack, unpack
from escalation.study.flywheel.plan import Plan
from escalation.study.flywheel.sums import Total
from escalation.study.flywheel.wheel import Flywheel
from escalation.study.flywheel.window import plan_for


@dataclass(frozen=True)
class FlywheelReducer:
    """Sums up who answers whom in `asked` replications of a world, for `run_ensemble`.

    The total is the sums by batch, of whichever replications have been finished.
    """

    asked: int
    plan: Plan

    def __call__(self, world: World, first: int, replications: Sequence[Replication]) -> Total:
        """Return the sums by batch over consecutive replications; failed ones are left out."""
        return sums_by_batch(world, first, replications, self.asked, self.plan)

    def add(self, total: Total | None, part: Total) -> Total:
        """Return the total with the sums of one more chunk."""
        if total is None:
            return part
        total.add(part)
        return total

    def flywheel(self, world: World, total: Total | None) -> Flywheel:
        """Return the flywheel of a total; None stands for no replication at all."""
        return estimate(total or nothing(world, self.plan), world)

    def packed(self, total: Total) -> Columns:
        """Return a total as arrays; `unpacked` reads them back."""
        return pack(total)

    def kept(self, total: Total | None) -> dict[str, Columns]:
        """Return what a run's folder keeps of a total, by the name of the file."""
        return {FILE: batches_of(total, self.asked).arrays()} if total else {}

    def unpacked(self, arrays: Columns) -> Total:
        """Return the total that `packed` gave; KeyError, TypeError or ValueError when it did not."""
        return unpack(arrays, self.plan)

    def plan_document(self) -> dict[str, Any]:
        """Return the plan as plain JSON values: the window, and the spans in days from the start."""
        return self.plan.as_dict()


def reducer_for(world: World, asked: int) -> FlywheelReducer:
    """Return the reducer of a run of so many replications, its plan fixed by the world alone."""
    return FlywheelReducer(asked, plan_for(world))


def stored_flywheel(run: Run) -> Flywheel | None:
    """Return the flywheel that was stored with a run; None for a run of a version that stored none.

    Raises InputError when the stored summary is missing or damaged.
    """
    if "schema_version" not in run.summary:
        raise InputError(f"{run.folder / 'summary.json'}: damaged: it has no schema_version")
    plain = run.summary.get("flywheel")
    try:
        return None if plain is None else Flywheel.from_dict(plain)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        where = run.folder / "summary.json"
        raise InputError(f"{where}: damaged: flywheel: {type(error).__name__}: {error}") from error
