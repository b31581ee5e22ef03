"""What a run hands back: the ensemble, its summary, and where it was stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from escalation.ensemble.prompt import Shown, brief
from escalation.ensemble.read import Run, open_run
from escalation.errors import ByName, EnvironmentFault, InputError
from escalation.study.values import RunPart

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from escalation.ensemble.result import Ensemble
    from escalation.model.header import Header
    from escalation.model.world import World
    from escalation.scenario.document import Scenario
    from escalation.study.flywheel.gather import FlywheelReducer
    from escalation.study.summary import Summary


@dataclass(frozen=True, repr=False)
class Finished(Shown):
    """An ensemble that has been run, with its summary.

    `folder` is where it was stored, if it was asked for and went well; `fault` is why it could not be, and
    `remains` says what is left of it on the disk, and how to go on with that. `overrides` say what of the
    scenario's file was changed for it. `reducer` is what summed up its flywheel.
    """

    scenario: Scenario
    world: World
    ensemble: Ensemble
    summary: Summary
    folder: Path | None = None
    fault: EnvironmentFault | None = None
    remains: str | None = None
    overrides: tuple[str, ...] = ()
    reducer: FlywheelReducer | None = None

    def brief(self) -> str:
        """Return three lines: what was run, how often, where it is."""
        where = f"stored in {self.folder}" if self.folder else "not stored"
        finished = f"{len(self.statuses):,} of {self.asked:,} replications, seed {self.seed}, {where}"
        return brief("run", self.header.title, finished, "print() shows its summary; .table() its rows")

    def table(self, name: str = "outcomes") -> dict[str, npt.NDArray[Any]]:
        """Return a table as columns, as pandas, Polars, Arrow and DuckDB take them (see `Run.table`).

        Acts and causes are those that were stored: without a folder there are outcomes alone.
        """
        if self.folder is not None or name != "outcomes":
            return self.stored(f"table {name}").table(name)
        numbers = {"replication": self.replications}
        return ByName("column", {**numbers, **self.columns(self.header.columns)})

    def stored(self, what: str = "export") -> Run:
        """Return the run in its folder; InputError, which begins with `what`, where it has none."""
        if self.folder is None:
            raise InputError(f"{what}: the run was not stored; give it a folder with `out`")
        return open_run(self.folder)

    @property
    def run(self) -> RunPart:
        """Where it is, how long it took, and whether it was interrupted."""
        status: Literal["complete", "interrupted"] = "interrupted" if self.interrupted else "complete"
        return RunPart(status=status, folder=self.folder, seconds=self.seconds)

    @property
    def header(self) -> Header:
        """What the columns mean."""
        return self.ensemble.header

    @property
    def name(self) -> str | None:
        """The name of its scenario; None for one that came from no file."""
        return self.summary.scenario.name

    @property
    def seed(self) -> int:
        """The seed of the ensemble."""
        return self.ensemble.seed

    @property
    def asked(self) -> int:
        """How many replications were asked for."""
        return self.ensemble.asked

    @property
    def interrupted(self) -> bool:
        """True when not all replications were run."""
        return self.ensemble.interrupted

    @property
    def seconds(self) -> float:
        """How long the replications took."""
        return self.ensemble.seconds

    @property
    def replications(self) -> npt.NDArray[np.int64]:
        """The numbers of the finished replications, int64[n]."""
        return self.ensemble.replications

    @property
    def statuses(self) -> npt.NDArray[np.int8]:
        """0 done, 1 truncated, 2 failed for each finished replication, int8[n]."""
        return self.ensemble.statuses

    @property
    def failures(self) -> Mapping[int, str]:
        """What stopped each failed replication, by its number."""
        return self.ensemble.failures

    def columns(self, names: Sequence[str]) -> Mapping[str, npt.NDArray[np.float64]]:
        """Return outcomes of every finished replication, float64[n] each; KeyError for an unknown name."""
        return self.ensemble.columns(names)
