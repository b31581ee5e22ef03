"""The folder of a sweep.

While it is built, `progress/run.json` says what was asked for, and `progress/points.jsonl` has a line for
each finished point; at the end `sweep.parquet` and `batches.npz` take the place of `progress`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from escalation.ensemble.journal import FOLDER, code
from escalation.errors import InputError
from escalation.scenario.expression import parse
from escalation.study.folder import StudyFolder
from escalation.study.kind import MANIFEST, Kind
from escalation.study.points.levers import lever_of
from escalation.study.sweep.sweep import Sweep, SweepPlan, Swept
from escalation.study.sweep.table import read_table, with_batches, write_batches, write_table
from escalation.study.values import Estimate

POINTS, TABLE, BATCHES = f"{FOLDER}/points.jsonl", "sweep.parquet", "batches.npz"
SWEEP = Kind(
    name="sweep", version=1, command="sweep", noun="sweep", pieces="points", asked=f"{FOLDER}/run.json",
    scraps=(FOLDER,), code=code,
)  # fmt: skip


class SweepStore(StudyFolder):
    """Keeps one sweep as its points come in."""

    kind = SWEEP

    @classmethod
    def new(cls, folder: Path, plan: SweepPlan, source: str | None) -> SweepStore:
        """Return the store of a new sweep; `source` is the scenario's, as it was named."""
        return cls.begin(folder, plan.scenario, _asked(plan, source))

    @classmethod
    def reopen(cls, place: Path) -> tuple[SweepStore, SweepPlan, list[Swept]]:
        """Return the store of a sweep that was interrupted, its plan, and its finished points.

        Raises InputError when another process is at work on it, or other code or another file began it.
        """
        with cls.reopening(place) as store:
            plan = replace(_plan(store.asked, store.hidden), points=tuple(store.asked["points"]))
            done = store.appended(POINTS, lambda _, plain: _swept(plain, plan))
        return store, plan, done

    def point(self, swept: Swept) -> None:
        """Put a finished point on the disk. Raises EnvironmentFault."""
        self.append(POINTS, _plain(swept))

    def finish(self, sweep: Sweep) -> Path:
        """Write the table and the manifest, and give the folder its name. Raises EnvironmentFault."""
        counts = {"points": len(sweep.done), "failed": sweep.failed, "truncated": sweep.truncated}
        with self.finishing(sweep.seconds, **counts) as folder:
            write_table(folder / TABLE, sweep)
            write_batches(folder / BATCHES, sweep)
        return self.folder


def new_folder(name: str, plan: SweepPlan) -> Path:
    """Return a new folder's name below `results/` for a sweep of the scenario `name`."""
    return SWEEP.new_folder(name, plan, " ".join(lever.text for lever in plan.levers))


def manifest_of(folder: Path) -> dict[str, Any]:
    """Return what the manifest of a finished sweep says; InputError when there is none, or it is damaged."""
    manifest = SWEEP.read(folder / MANIFEST)
    needed = ("scenario", "overrides", "levers", "expressions", "points", "replications", "seed", "started")
    if missing := [name for name in needed if name not in manifest]:
        raise InputError(f"{folder / MANIFEST}: damaged: it has no {', '.join(missing)}")
    return manifest


def open_sweep(folder: Path) -> Sweep:
    """Return a finished sweep; InputError when there is none, or it is damaged."""
    manifest = manifest_of(folder)
    try:
        plan = _plan(manifest, folder)
        done = with_batches(folder / BATCHES, read_table(folder / TABLE, plan))
        points = tuple(one.point for one in done)
        return Sweep(replace(plan, points=points), done, float(manifest["seconds"]), folder)
    except (OSError, KeyError, ValueError, TypeError, duckdb.Error) as error:
        reason = str(error).split("\n", maxsplit=1)[0]
        raise InputError(f"{folder}: damaged: {type(error).__name__}: {reason}") from error


def _asked(plan: SweepPlan, source: str | None) -> dict[str, Any]:
    return SWEEP.asking(
        plan,
        source,
        replications=plan.replications,
        levers=[lever.text for lever in plan.levers],
        expressions=[str(expression) for expression in plan.expressions],
        design=plan.design,
        points=[dict(point) for point in plan.points],
    )


def _plan(asked: Mapping[str, Any], folder: Path) -> SweepPlan:
    """Return the plan that a document tells, but for its points."""
    return SweepPlan(
        SWEEP.scenario_in(folder, asked), tuple(map(lever_of, asked["levers"])),
        tuple(map(parse, asked["expressions"])), asked["design"], (), int(asked["seed"]),
        int(asked["replications"]), asked["scenario"]["name"], tuple(asked["overrides"]),
    )  # fmt: skip


def _plain(swept: Swept) -> dict[str, Any]:
    return {
        "number": swept.number,
        "estimates": [one.model_dump() for one in swept.estimates],
        "failed": swept.failed,
        "truncated": swept.truncated,
        "batches": [list(one) for one in swept.batches],
    }


def _swept(plain: Any, plan: SweepPlan) -> Swept:
    estimates = tuple(Estimate.model_validate(one) for one in plain["estimates"])
    number, failed, truncated = (int(plain[name]) for name in ("number", "failed", "truncated"))
    batches = tuple(map(tuple, plain["batches"]))
    return Swept(number, plan.points[number], estimates, failed, truncated, batches)
