"""The flywheel of a run, gathered where its replications are simulated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from escalation.ensemble.read import Run
from escalation.errors import InputError
from escalation.model.world import Columns, Replication, World
from escalation.study.branching import Plan, Sums, add_batches, batch_sums, sums_by_batch
from escalation.study.flywheel import estimate
from escalation.study.packing import pack, unpack
from escalation.study.wheel import Flywheel
from escalation.study.window import plan_for


@dataclass(frozen=True)
class FlywheelReducer:
    """Sums up who answers whom in `asked` replications of a world, for `run_ensemble`.

    The total is the sums by batch, of whichever replications have been finished.
    """

    asked: int
    plan: Plan

    def __call__(self, world: World, first: int, replications: Sequence[Replication]) -> dict[int, Sums]:
        """Return the sums by batch over consecutive replications; failed ones are left out."""
        return sums_by_batch(world, first, replications, self.asked, self.plan)

    def add(self, total: dict[int, Sums] | None, part: dict[int, Sums]) -> dict[int, Sums]:
        """Return the total with the sums of one more chunk."""
        if total is None:
            return part
        add_batches(total, part)
        return total

    def flywheel(self, world: World, total: dict[int, Sums] | None) -> Flywheel:
        """Return the flywheel of a total; None stands for no replication at all."""
        batches = total or {0: batch_sums(world, [], self.plan)}
        return estimate([batches[number] for number in sorted(batches)], world.names)

    def packed(self, total: dict[int, Sums]) -> Columns:
        """Return a total as arrays; `unpacked` reads them back."""
        return pack(total)

    def unpacked(self, arrays: Columns) -> dict[int, Sums]:
        """Return the total that `packed` gave; KeyError, TypeError or ValueError when it did not."""
        return unpack(arrays, self.plan)

    def plan_document(self) -> dict[str, Any]:
        """Return the plan as plain JSON values: the window, and the spans in days from the start."""
        spans = [
            {"span": span.label, "first_day": span.first, "end_day": span.last} for span in self.plan.spans
        ]
        return {"window_days": self.plan.window, "window_cut": self.plan.cut, "spans": spans}


def reducer_for(world: World, asked: int) -> FlywheelReducer:
    """Return the reducer of a run of so many replications, its plan fixed by the world alone."""
    return FlywheelReducer(asked, plan_for(world))


def stored_flywheel(run: Run) -> Flywheel | None:
    """Return the flywheel that was stored with a run; None for a run of a version that stored none.

    Raises InputError when the stored summary is missing or damaged.
    """
    plain = run.summary.get("flywheel")
    try:
        return None if plain is None else Flywheel.from_dict(plain)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        where = run.folder / "summary.json"
        raise InputError(f"{where}: damaged: flywheel: {type(error).__name__}: {error}") from error
