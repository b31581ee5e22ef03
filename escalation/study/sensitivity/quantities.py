"""What a sensitivity analysis turns: the uncertain numbers of a scenario, and levers as if they were such.

A lever that is a range is laid into the scenario as a uniform distribution, one in steps or of numbers as a
choice: it then is one more uncertain number, and setting it costs nothing. Choices that are no numbers
(policies) need a world of their own for each of their combinations.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.errors import InputError, ScenarioError
from escalation.model.compile import compile_scenario
from escalation.model.world import World
from escalation.study.points.levers import Lever, Point, Value, value_text
from escalation.study.points.uncertain import Uncertainty, uncertainties
from escalation.study.points.variants import Variants, labels_of

Array = npt.NDArray[np.float64]

MOST_WORLDS = 64
"""Combinations of choices that are no numbers, at most."""


@dataclass(frozen=True)
class Quantity:
    """Something of a scenario that is turned: at `path`, over `range`; a lever, or else uncertain.

    `is_ordered` is false for choices that are no numbers: nothing is more or less of them. `label` says whose
    it is and what, `Belarus: reciprocity`; empty in analyses of old versions.
    """

    path: str
    range: str
    is_lever: bool
    is_ordered: bool = True
    label: str = ""

    @property
    def name(self) -> str:
        """What people call it: the label, or else the path."""
        return self.label or self.path


class Variant(NamedTuple):
    """A world, and what is drawn in it, in the order of its cells."""

    world: World
    cells: tuple[Uncertainty, ...]


class Part(NamedTuple):
    """Points that lie in one world: their numbers, int64[n], and their settings, float64[n, cells]."""

    world: World
    numbers: npt.NDArray[np.int64]
    settings: Array


class Space:
    """All quantities of a scenario, and the worlds of the points in their unit cube.

    `quantities` are the levers, then the uncertain numbers in the order of the file. Raises ScenarioError or
    InputError for levers that the scenario cannot follow, or when there is nothing to turn.
    """

    def __init__(self, variants: Variants, levers: Sequence[Lever]):
        variants.require(levers)
        drawn = {lever.path: text for lever in levers if (text := _distribution(variants, lever))}
        self._chosen = tuple(lever for lever in levers if lever.path not in drawn)
        self._variants = [
            _variant(variants, {**drawn, **_at(self._chosen, places)})
            for places in _combinations(self._chosen)
        ]
        found = dict.fromkeys(cell.path for one in self._variants for cell in one.cells)
        ranges = {cell.path: cell.distribution for one in self._variants for cell in one.cells}
        paths = [*(lever.path for lever in levers), *(path for path in found if path not in drawn)]
        labels = labels_of(variants.base, paths)
        self.quantities = (
            *(
                Quantity(lever.path, _range_of(lever), True, lever.is_numeric, labels[lever.path])
                for lever in levers
            ),
            *(Quantity(path, ranges[path], False, label=labels[path]) for path in paths[len(levers) :]),
        )
        if not self.quantities:
            raise InputError(
                f"{variants.base.title}: has no uncertain number; name levers with --vary PATH=low:high"
            )
        self._place = {quantity.path: place for place, quantity in enumerate(self.quantities)}

    @property
    def worlds(self) -> tuple[World, ...]:
        """Every world that a point can lie in."""
        return tuple(one.world for one in self._variants)

    def parts(self, shares: Array) -> Iterator[Part]:
        """Yield points world by world; `shares` say how far each quantity goes, float64[n, quantities]."""
        at = self._worlds_of(shares)
        for number in np.unique(at):
            world, cells = self._variants[number]
            rows = np.flatnonzero(at == number)
            columns = [self._place[cell.path] for cell in cells]
            settings = [
                [cell.at(share) for cell, share in zip(cells, row, strict=True)]
                for row in shares[rows][:, columns].tolist()
            ]
            yield Part(world, rows, np.array(settings, np.float64).reshape(len(rows), len(cells)))

    def _worlds_of(self, shares: Array) -> npt.NDArray[np.int64]:
        found = np.zeros(len(shares), np.int64)
        for lever in self._chosen:
            count = len(lever.values())
            steps = (shares[:, self._place[lever.path]] * count).astype(np.int64)
            found = found * count + np.minimum(steps, count - 1)
        return found


def _distribution(variants: Variants, lever: Lever) -> str | None:
    """Return the distribution of a lever in YAML; None when it has to be a choice between worlds."""
    if not lever.is_numeric:
        return None
    text = (
        f"{{uniform: [{', '.join(map(value_text, lever.ends))}]}}"
        if lever.is_continuous
        else f"{{choice: [{', '.join(map(value_text, lever.values()))}]}}"
    )
    try:
        scenario = variants.scenario({lever.path: text})
        cells = uncertainties(scenario, compile_scenario(scenario))
    except ScenarioError as error:
        if lever.is_continuous:
            raise InputError(
                f"--vary {lever.text}: {lever.path} cannot be drawn from a range; "
                "name its values, PATH=low:high:steps or PATH=a|b|c"
            ) from error
        return None
    if any(cell.path == lever.path for cell in cells):
        return text
    if lever.is_continuous:
        raise InputError(
            f"--vary {lever.text}: {lever.path} has no part in the model here; nothing can depend on it"
        )
    return None


def _combinations(levers: Sequence[Lever]) -> list[tuple[int, ...]]:
    """Return the places of all combinations of choices, the last lever turning fastest."""
    count = math.prod(len(lever.values()) for lever in levers)
    if count > MOST_WORLDS:
        raise InputError(
            f"--vary: {count:,} combinations of choices that are no numbers; allowed are {MOST_WORLDS}"
        )
    return list(itertools.product(*(range(len(lever.values())) for lever in levers)))


def _at(levers: Sequence[Lever], places: Sequence[int]) -> dict[str, Value]:
    return {lever.path: lever.values()[place] for lever, place in zip(levers, places, strict=True)}


def _variant(variants: Variants, point: Point) -> Variant:
    scenario = variants.scenario(point)
    world = compile_scenario(scenario)
    return Variant(world, uncertainties(scenario, world))


def _range_of(lever: Lever) -> str:
    if lever.is_continuous:
        return " to ".join(map(value_text, lever.ends))
    return ", ".join(map(value_text, lever.values()))
