"""In which corner of its uncertain numbers a run has an outcome, from what it has stored.

What a replication drew for the uncertain numbers follows from the seed and is computed again: nothing is
simulated. Boxes are found on every other replication; how they do is measured on the others as well.

Among hundreds of numbers peeling finds some that fit by chance. Only those may be bounded of which bounds
that were found in halves of the data prove right in the other halves: the reproducibility of Bryant and
Lempert as a stability selection (Meinshausen and Bühlmann 2010, J. Royal Statistical Society B 72:417).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from pydantic import Field, model_validator

from escalation.ensemble.identity import model_identity
from escalation.ensemble.read import Run, open_run
from escalation.errors import InputError
from escalation.model.compile import compile_scenario
from escalation.model.draws import stable_hash
from escalation.model.world import FAILED, World
from escalation.study.condition import FEWEST, holding
from escalation.study.discover.prim import Array, Box, Ints, Mask, best_of, peeled, quasi_p, repeats
from escalation.study.discover.result import (
    BoxFigures,
    Discovery,
    PeelStep,
    PlottedReplication,
    Restriction,
    ScenarioBox,
)
from escalation.study.execution import Execution, require_whole
from escalation.study.journal import Journal
from escalation.study.points.uncertain import Uncertainty, drawn_values, uncertainties
from escalation.study.points.variants import labels_of
from escalation.study.runner import Asked, Study
from escalation.study.sensitivity.space import Quantity
from escalation.study.source import Named, Source, is_run, open_source, require_scenario
from escalation.study.stats import wilson
from escalation.study.values import SHARE, UNDEFINED, Estimate

LEAST = 0.05
"""Share of the replications that a box has at least; it also has at least 10 of them."""
MOST_BOXES, PLOTTED = 10, 500
"""Boxes at most, and points of the picture of each."""
HALVES, ENOUGH = 10, 7
"""Halves of the data, and in how many of them bounds of a number have to prove right for it to be bounded."""


class DiscoverAsked(Asked):
    """What is asked of a run. Raises InputError."""

    outcome: str
    """The outcome or condition (docs/given.md)."""
    boxes: int = 1
    """How many boxes, each looked for outside those before it."""
    box: int | None = None
    """The place of the one box in its trajectory; else the recommended one."""
    density: float | None = None
    """Each box is the first of its trajectory that is so dense where it was found."""
    folder: str = ""
    """The folder of the run; empty for one in memory."""
    run: Any = Field(default=None, exclude=True)
    """The run, where it is open."""

    @classmethod
    def of(cls, named: Named, **fields: Any) -> Self:
        """Return what is asked of a run, by its folder or in memory. Raises InputError for anything else."""
        if not is_run(named):
            require_scenario(str(named) if isinstance(named, str | Path) else "scenario")
            raise InputError(
                f"{named}: is a scenario; boxes are found in a run: escalation run {named} --assumptions 0.3"
            )
        source: Source = open_source(named)
        return cls(
            **source.asked, replications=source.replications, folder=source.path, run=source.run, **fields
        )

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        require_whole("--boxes", self.boxes, 1, MOST_BOXES)
        if self.box is not None and (self.density is not None or self.boxes > 1):
            other = "--density" if self.density is not None else "--boxes"
            raise InputError(f"--box {self.box}: says which box; leave out {other}")
        if self.density is not None and not 0.0 < self.density <= 1.0:
            raise InputError(f"--density: found {self.density:g}; allowed is a share, above 0 to 1")
        return self


class Discover(Study[DiscoverAsked, Discovery]):
    """Finds boxes, and measures them on what they were not found by."""

    kind = "discover"
    asked = DiscoverAsked
    result = Discovery

    def play(self, asked: DiscoverAsked, execution: Execution, journal: Journal) -> Discovery:  # noqa: ARG002
        """Return the boxes. Raises InputError where there is nothing to find them by, or too little."""
        run = asked.run or open_run(Path(asked.folder))
        good = np.flatnonzero(run.statuses != FAILED)
        world = compile_scenario(asked.scenario)
        numbers = (run.replications if isinstance(run, Run) else run.ensemble.replications)[good]
        hits = holding(run, asked.outcome, "--outcome")[1][good]
        _require(asked, world, hits)
        search = _Search(asked, world, drawn_values(world, asked.seed, numbers), hits, numbers)
        masks, boxes = zip(*search.boxes(), strict=True)
        union = np.any(masks, axis=0)
        return Discovery(
            **asked.envelope, source=asked.folder, condition=asked.outcome.strip(), replications=len(hits),
            cases=int(hits.sum()), failed=len(run.statuses) - len(hits),
            same_model=not isinstance(run, Run) or run.manifest.model == model_identity(),
            quantities=_quantities(asked, world), wanted=asked.boxes, halves=HALVES, enough=ENOUGH,
            boxes=boxes, fitted=_figures(union, hits, search.fitted),
            held_out=_figures(union, hits, ~search.fitted),
        )  # fmt: skip


DISCOVER = Discover()


class _Search:
    """Boxes of a run. `values` is float64[n, cells], `hits` and `fitted` (where boxes are found) bool[n]."""

    def __init__(self, asked: DiscoverAsked, world: World, values: Array, hits: Mask, numbers: Ints):
        self._asked, self._cells = asked, uncertainties(world)
        self._values, self._hits, self._numbers = values, hits, numbers
        self.fitted = _found_on(len(hits))
        self._least = max(FEWEST, math.ceil(LEAST * np.count_nonzero(self.fitted)))
        self._random = np.random.default_rng([asked.seed, stable_hash("discover", asked.outcome)])

    def boxes(self) -> Iterator[tuple[Mask, ScenarioBox]]:
        """Yield what lies in each box, outside those before it, until one bounds nothing or cases are few."""
        rest = np.ones(len(self._hits), np.bool_)
        for n in range(self._asked.boxes):
            if n and _fewest(self._hits, self.fitted, rest) < FEWEST:
                return
            inside, box = self._next(rest)
            if n and not box.number:
                return
            yield inside, box
            rest &= ~inside

    def _next(self, rest: Mask) -> tuple[Mask, ScenarioBox]:
        counts = self._repeats(rest & self.fitted)
        stable = np.flatnonzero(counts >= ENOUGH)
        cells = [self._cells[n] for n in stable]
        corner = _Corner(cells, self._values[:, stable], self._hits, self.fitted, rest, counts[stable])
        fitted = rest & self.fitted
        values, hits = corner.values[fitted], self._hits[fitted]
        boxes = peeled(values, hits, self._least)
        trajectory = tuple(corner.step(number, box) for number, box in enumerate(boxes))
        recommended = best_of(boxes, values, hits)
        number = self._chosen(trajectory, recommended, bool(rest.all()))
        restrictions = corner.restrictions(boxes[number])
        return corner.inside(boxes[number]), ScenarioBox(
            number=number, recommended=recommended, trajectory=trajectory, restrictions=restrictions,
            stable=tuple(cell.path for cell in cells), points=corner.points(restrictions, self._numbers),
        )  # fmt: skip

    def _repeats(self, fitted: Mask) -> Ints:
        rows, least = np.flatnonzero(fitted), max(FEWEST, self._least // 2)
        halves = [self._random.permutation(rows)[: len(rows) // 2] for _ in range(HALVES)]
        return repeats(self._values, self._hits, least, halves)

    def _chosen(self, trajectory: Sequence[PeelStep], recommended: int, is_first: bool) -> int:
        """Return the number of the box that is wanted; 0 where a later one is not so dense."""
        asked, last = self._asked, len(trajectory) - 1
        if asked.box is not None:
            return require_whole("--box", asked.box, 0, last)
        if asked.density is None:
            return recommended
        densities = [step.fitted.density.value or 0.0 for step in trajectory]
        dense = [number for number, density in enumerate(densities) if density >= asked.density]
        if not dense and is_first:
            raise InputError(
                f"--density {asked.density:g}: no box is so dense; the densest has {max(densities):.3f}"
            )
        return dense[0] if dense else 0


class _Corner(NamedTuple):
    """Where one box is looked for: the numbers that it may bound, and the replications in no earlier box.

    `values` is float64[n, cells], `repeats` int64[cells]; `hits`, `fitted` and `rest` are bool[n].
    """

    cells: Sequence[Uncertainty]
    values: Array
    hits: Mask
    fitted: Mask
    rest: Mask
    repeats: Ints

    def inside(self, box: Box) -> Mask:
        """Return which replications are in a box and in none before it."""
        return self.rest & box.contains(self.values)

    def step(self, number: int, box: Box) -> PeelStep:
        """Return a box of the trajectory."""
        inside = self.inside(box)
        return PeelStep(
            number=number, quantities=tuple(self.cells[n].path for n in box.restricted),
            fitted=_figures(inside, self.hits, self.fitted),
            held_out=_figures(inside, self.hits, ~self.fitted),
        )  # fmt: skip

    def restrictions(self, box: Box) -> tuple[Restriction, ...]:
        """Return what a box demands, first that without which it loses most density."""
        restrictions = (self._restriction(box, dimension) for dimension in box.restricted)
        return tuple(sorted(restrictions, key=lambda restriction: restriction.without))

    def _restriction(self, box: Box, n: int) -> Restriction:
        low, high = _ends(self.cells[n], float(box.low[n]), float(box.high[n]))
        column, fitted, held_out = self.values[:, n], self.rest & self.fitted, self.rest & ~self.fitted
        wider = fitted & box.without(n).contains(self.values)
        return Restriction(
            quantity=self.cells[n].path, low=low, high=high, repeats=int(self.repeats[n]),
            share=float(np.mean((column >= box.low[n]) & (column <= box.high[n]))),
            without=float(self.hits[wider].mean()),
            p_fitted=quasi_p(self.values[fitted], self.hits[fitted], box, n),
            p_held_out=quasi_p(self.values[held_out], self.hits[held_out], box, n),
        )  # fmt: skip

    def points(self, restrictions: Sequence[Restriction], numbers: Ints) -> tuple[PlottedReplication, ...]:
        """Return held-out replications for a picture of the first two restrictions; none without any."""
        paths = [cell.path for cell in self.cells]
        columns = [paths.index(restriction.quantity) for restriction in restrictions[:2]]
        rows = np.flatnonzero(self.rest & ~self.fitted)[: PLOTTED if columns else 0]
        return tuple(
            PlottedReplication(
                replication=int(numbers[row]), values=tuple(self.values[row, columns].tolist()),
                case=bool(self.hits[row]),
            )
            for row in rows
        )  # fmt: skip


def _require(asked: DiscoverAsked, world: World, hits: Mask) -> None:
    """Raise InputError where nothing is uncertain, or where there are too few cases or too few others."""
    run = asked.folder or "the run"
    if not world.cells:
        again = f"escalation run {asked.name or 'SCENARIO'} --assumptions 0.3"
        raise InputError(
            f"{run}: its scenario has no uncertain number, only chance sets its replications apart; make a"
            f" run with `{again}`, or give numbers a distribution"
        )
    if _fewest(hits, _found_on(len(hits)), np.ones(len(hits), np.bool_)) < FEWEST:
        raise InputError(
            f"--outcome {asked.outcome}: holds in {hits.sum():,} of {len(hits):,} replications; each half of"
            f" them needs at least {FEWEST} in which it does, and {FEWEST} in which it does not: play more,"
            " or ask for something less rare"
        )


def _found_on(count: int) -> Mask:
    """Return which of so many replications boxes are found on: every other one, bool[n]."""
    return np.asarray(np.arange(count) % 2 == 0, np.bool_)


def _fewest(hits: Mask, fitted: Mask, rest: Mask) -> int:
    """Return how many there are in `rest` of what there is least: cases or others, found on or held out."""
    return min(
        int(np.count_nonzero(rest & half & kind)) for half in (fitted, ~fitted) for kind in (hits, ~hits)
    )


def _figures(inside: Mask, hits: Mask, among: Mask) -> BoxFigures:
    """Return how a box does on the replications `among`; all are bool[n]."""
    count, points, cases, both = (
        int(np.count_nonzero(mask[among])) for mask in (among, inside, hits, inside & hits)
    )
    return BoxFigures(
        replications=count, cases=cases, mass=points / count, coverage=_share(both, cases),
        density=_share(both, points),
    )  # fmt: skip


def _share(part: int, whole: int) -> Estimate:
    if not whole:
        return UNDEFINED
    low, high = wilson(part, whole)
    return Estimate(value=part / whole, low=low, high=high, unit=SHARE, too_few=whole < FEWEST)


def _ends(cell: Uncertainty, low: float, high: float) -> tuple[float | None, float | None]:
    """Return the bounds of a number, None for an open side; of a choice, values that it can have."""
    values = cell.number.choice
    if values is not None:
        low = min((value for value in values if value >= low), default=low) if low > -math.inf else low
        high = max((value for value in values if value <= high), default=high) if high < math.inf else high
    return low if low > -math.inf else None, high if high < math.inf else None


def _quantities(asked: DiscoverAsked, world: World) -> tuple[Quantity, ...]:
    cells = uncertainties(world)
    labels = labels_of(asked.scenario, [cell.path for cell in cells])
    return tuple(
        Quantity(path=cell.path, range=cell.distribution, is_lever=False, label=labels[cell.path])
        for cell in cells
    )
