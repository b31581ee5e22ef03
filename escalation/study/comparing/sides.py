"""One side of a comparison: a stored run or one that has just been made, in one form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from escalation.ensemble.identity import model_identity
from escalation.ensemble.read import Run
from escalation.ensemble.result import Results, tally
from escalation.model.header import Header
from escalation.model.world import FAILED
from escalation.study.comparing.comparison import Side
from escalation.study.finished import Finished
from escalation.study.flywheel.batches import Batches, batches_of, stored_batches
from escalation.study.flywheel.gather import stored_flywheel
from escalation.study.flywheel.wheel import Flywheel


@dataclass(frozen=True)
class Data:
    """A side with its numbers: `replications` (int64[n]) are the finished ones, in order.

    `model` identifies the sources that it was simulated with; None where the run does not say. `batches` and
    `flywheel` are None for a run of a version that stored none. `told` are the outcomes of first uses that
    its scenario tells as history, as far as they are known.
    """

    side: Side
    results: Results
    replications: npt.NDArray[np.int64]
    model: str | None
    batches: Batches | None
    flywheel: Flywheel | None
    told: frozenset[str]

    @property
    def header(self) -> Header:
        """What its columns mean."""
        return self.results.header

    @property
    def horizon(self) -> int:
        """The days from its start to its end."""
        return (self.header.end - self.header.start).days

    @property
    def good(self) -> npt.NDArray[np.bool_]:
        """Which of the replications did not fail, bool[n]."""
        return np.asarray(self.results.statuses != FAILED)


def data_of(run: Run | Finished, name: str, source: str) -> Data:
    """Return a side of that name. Raises InputError when files of a stored run are damaged."""
    return _stored(run, name, source) if isinstance(run, Run) else _made(run, name, source)


def distinct(names: Sequence[str]) -> list[str]:
    """Return the names, the second and later ones of one sort with a number: `eu`, `eu-2`."""
    made: list[str] = []
    for name in names:
        number, found = 1, name
        while found in made:
            number += 1
            found = f"{name}-{number}"
        made.append(found)
    return made


def _stored(run: Run, name: str, source: str) -> Data:
    flywheel, overrides = stored_flywheel(run), run.manifest.overrides
    side = _side(run, name, source, str(run.folder), overrides, flywheel)
    model, batches = run.manifest.model, stored_batches(run)
    return Data(side, run, run.replications, model, batches, flywheel, frozenset(run.header.scripted))


def _made(run: Finished, name: str, source: str) -> Data:
    flywheel, total, reducer = run.summary.flywheel, run.ensemble.reduced, run.reducer
    side = _side(run, name, source, str(run.folder) if run.folder else "", run.overrides, flywheel)
    batches = batches_of(total, reducer.asked) if reducer and total else None
    told = frozenset(run.header.scripted)
    return Data(side, run, run.ensemble.replications, model_identity(), batches, flywheel, told)


def _side(
    results: Results,
    name: str,
    source: str,
    folder: str,
    overrides: tuple[str, ...],
    flywheel: Flywheel | None,
) -> Side:
    header, counts = results.header, tally(results)
    return Side(
        name=name,
        title=header.title,
        source=source or folder,
        folder=folder or None,
        seed=results.seed,
        finished=counts["finished"],
        failed=counts["failed"],
        truncated=counts["truncated"],
        overrides=overrides,
        start=header.start,
        takeover=header.takeover,
        end=header.end,
        relations=header.relations,
        verdict=flywheel.counted.verdict if flywheel and flywheel.counted.R is not None else None,
    )
