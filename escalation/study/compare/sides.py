"""One side of a comparison, stored or in memory, in one form; and which replications two sides share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.ensemble.identity import model_identity
from escalation.ensemble.read import Run
from escalation.ensemble.result import tally
from escalation.model.header import Header
from escalation.model.world import FAILED
from escalation.study.compare.model import Reason, Side
from escalation.study.finished import Finished
from escalation.study.flywheel.gather import Batches, batches_of, stored_batches, stored_flywheel
from escalation.study.flywheel.model import Flywheel
from escalation.study.values import ReplicationsPart, ScenarioPart

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class SideData:
    """A side with its numbers; `model` identifies the sources that it was simulated with.

    `batches` and `flywheel` are None for a run of a version that stored none. `past_uses` are the outcomes of
    first uses that its scenario has in its history.
    """

    side: Side
    results: Run | Finished
    model: str
    batches: Batches | None
    flywheel: Flywheel | None
    past_uses: frozenset[str]

    @property
    def header(self) -> Header:
        """What its columns mean."""
        return self.results.header

    @property
    def replications(self) -> Ints:
        """The numbers of the finished replications, int64[n], in order."""
        return self.results.replications

    @property
    def horizon(self) -> int:
        """The days from its start to its end."""
        return (self.header.end - self.header.start).days

    @property
    def good(self) -> npt.NDArray[np.bool_]:
        """Which of the replications did not fail, bool[n]."""
        return np.asarray(self.results.statuses != FAILED)


def side_of(run: Run | Finished, name: str, source: str, scenario: str | None = None) -> SideData:
    """Return a side of that name; `scenario` is the name of its scenario.

    Raises InputError when files of a stored run are damaged.
    """
    if isinstance(run, Run):
        model, scenario = run.manifest.model, scenario or run.name
        batches, flywheel = stored_batches(run), stored_flywheel(run)
    else:
        model, flywheel = model_identity(), run.summary.flywheel
        total, reducer = run.ensemble.reduced, run.reducer
        batches = batches_of(total, reducer.asked) if reducer and total else None
    side = Side(
        name=name,
        scenario=ScenarioPart.of(run.header, scenario),
        source=source or str(run.folder or ""),
        folder=str(run.folder) if run.folder else None,
        seed=run.seed,
        overrides=run.overrides,
        replications=ReplicationsPart(**tally(run)),
        relations=run.header.relations,
        verdict=flywheel.counted.verdict if flywheel and flywheel.counted.R.value is not None else None,
    )
    past_uses = frozenset(run.header.scripted)
    return SideData(side, run, model, batches, flywheel, past_uses)


def distinct(names: Sequence[str]) -> list[str]:
    """Return the names, the second and later ones of one sort with a number: `eu`, `eu-2`."""
    unique: list[str] = []
    for name in names:
        number, candidate = 1, name
        while candidate in unique:
            number += 1
            candidate = f"{name}-{number}"
        unique.append(candidate)
    return unique


def why_unpaired(a: SideData, b: SideData) -> Iterator[Reason]:
    """Yield why replication r of one and replication r of the other are different worlds."""
    if a.results.seed != b.results.seed:
        yield Reason(code="seed", baseline=a.results.seed, other=b.results.seed)
    for name in ("start", "takeover", "end"):
        baseline, other = getattr(a.header, name), getattr(b.header, name)
        if baseline != other:
            yield Reason(code=name, baseline=baseline, other=other)
    if a.model != b.model:
        yield Reason(code="model")
    elif not len(np.intersect1d(a.replications, b.replications)):
        yield Reason(code="replications")


class Match(NamedTuple):
    """Rows of two runs, int64[n] each, of the same replications; `dropped` pairs are left out as failed."""

    baseline: Ints
    other: Ints
    dropped: int


def matched(a: SideData, b: SideData) -> Match:
    """Return the rows of the replications that both runs finished and neither failed."""
    _, rows_a, rows_b = np.intersect1d(
        a.replications, b.replications, assume_unique=True, return_indices=True
    )
    good = a.good[rows_a] & b.good[rows_b]
    return Match(rows_a[good], rows_b[good], int((~good).sum()))


def matched_batches(a: SideData, b: SideData) -> tuple[Batches, Batches] | None:
    """Return the batches of both flywheels that hold the same replications; None where one has no batches."""
    if a.batches is None or b.batches is None:
        return None
    last = int(max(a.replications.max(initial=-1), b.replications.max(initial=-1))) + 1
    in_a, in_b = a.batches.of_each(a.replications, last), b.batches.of_each(b.replications, last)
    torn = np.concatenate([in_a[in_a != in_b], in_b[in_a != in_b]])
    whole = np.setdiff1d(np.intersect1d(a.batches.numbers, b.batches.numbers), torn)
    return a.batches.only(whole), b.batches.only(whole)
