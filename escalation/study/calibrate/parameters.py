"""What a calibration frees: a few parameters, each of which moves one number of every actor of a kind.

A parameter is a standard normal score. Every number that it moves stands at the quantile of its prior to
which the score belongs: its own distribution where the file states one, else a log-normal around its value,
and for a share a normal of its log-odds, of the spread that is asked for. All numbers of one parameter so go
up and down together, each about its own prior.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from escalation.errors import InputError, did_you_mean
from escalation.model.compile import compile_scenario
from escalation.model.draws import stable_hash
from escalation.model.world import World
from escalation.scenario.base import Number
from escalation.scenario.document import Scenario
from escalation.scenario.load import draft
from escalation.study.assumptions import leaves
from escalation.study.points.uncertain import Uncertainty, uncertainties

Array = npt.NDArray[np.float64]

FREE = (
    "target.policy.reciprocity", "target.sensitivities.half_life", "target.sensitivities.fatigue",
    "target.institution.review", "target.institution.floor",
    "senders.policy.reciprocity", "senders.policy.discharge", "senders.institution.review",
    "senders.institution.floor", "shocks.rate", "shocks.magnitude",
)  # fmt: skip
"""What is free unless asked otherwise: what counts of acts tell something about."""
KINDS = ("target", "senders", "shocks")
GRID = 1025
"""Quantiles at which a distribution of the file is looked up."""


def values_at(cell: Uncertainty, scores: Array, spread: float) -> Array:
    """Return the values of a number, with a distribution or none, at standard normal scores, float64[n]."""
    value = cell.number.value
    if value is None:
        return quantiles(cell, np.asarray(ndtr(scores), np.float64))
    if (cell.low, cell.high) == (0.0, 1.0):
        odds = math.log(value / (1.0 - value)) + spread * scores
        return np.asarray(1.0 / (1.0 + np.exp(-odds)), np.float64)
    return np.asarray(np.clip(value * np.exp(spread * scores), cell.low, cell.high), np.float64)


def quantiles(cell: Uncertainty, shares: Array) -> Array:
    """Return the values below which a number lies with these probabilities, float64[n]."""
    if cell.number.choice is not None:
        return np.array([cell.at(share) for share in shares], np.float64)
    grid = (np.arange(GRID) + 0.5) / GRID
    return np.asarray(np.interp(shares, grid, [cell.at(share) for share in grid]), np.float64)


class Freed:
    """A scenario of which some numbers are free, as uncertain ones that are set by hand.

    `moved` are the numbers of each parameter, by its name, with their values or distributions. A number is
    free where it is there and neither 0 nor, being a share, 1. Raises InputError where no number is left, or
    a name is none.
    """

    def __init__(self, scenario: Scenario, target: str, names: Sequence[str], spread: float):
        numbers = {path: leaf for path, leaf in leaves(scenario) if isinstance(leaf, Number)}
        paths = {name: paths_of(name, scenario, target, numbers) for name in names}
        free = [path for moved in paths.values() for path in moved]
        # a distribution without width: what is not uncertain becomes a number that can be set
        fixed = [path for path in free if not numbers[path].uncertain]
        sets = [f"{path}={{uniform: [{numbers[path].value!r}, {numbers[path].value!r}]}}" for path in fixed]
        self.scenario = draft(scenario, sets).scenario() if sets else scenario
        cells = {cell.path: cell for cell in compile_scenario(self.scenario).cells}
        self.moved = {
            name: tuple(
                Uncertainty(path, numbers[path], cells[path].low, cells[path].high)
                for path in moved
                if path in cells and _can_move(numbers[path], cells[path].high)
            )
            for name, moved in paths.items()
        }
        self.spread = spread

    def values(self, names: Sequence[str], scores: Array) -> dict[str, Array]:
        """Return the values of every number moved, by its path; `scores` is float64[n, parameters]."""
        return {
            moved.path: values_at(moved, scores[:, column], self.spread)
            for column, name in enumerate(names)
            for moved in self.moved.get(name, ())
        }

    def settings(self, world: World, names: Sequence[str], scores: Array, seed: int) -> Array:
        """Return settings of all uncertain numbers of a world of this scenario, float64[n, cells].

        Those that no parameter moves are drawn, row by row, from their distributions.
        """
        values = self.values(names, scores)
        return np.array(
            [
                values[cell.path] if cell.path in values else draws_of(cell, len(scores), seed)
                for cell in uncertainties(world)
            ],
            np.float64,
        ).reshape(-1, len(scores)).T  # fmt: skip


def scores_of(names: Sequence[str], n: int, seed: int) -> Array:
    """Return standard normal scores, float64[n, parameters]."""
    columns = [np.random.default_rng([seed, stable_hash("score", name)]).standard_normal(n) for name in names]
    return np.stack(columns, axis=1)


def draws_of(cell: Uncertainty, n: int, seed: int) -> Array:
    """Return draws of an uncertain number, float64[n], which depend on its path, or what it is drawn with."""
    name = cell.number.together or cell.path
    shares = np.random.default_rng([seed, stable_hash("calibrate", name)]).random(n)
    return quantiles(cell, shares)


def paths_of(name: str, scenario: Scenario, target: str, numbers: Mapping[str, Number]) -> tuple[str, ...]:
    """Return the paths that a parameter moves: `senders.policy.discharge` has one of each but the target.

    Raises InputError for a name that is none.
    """
    kind, _, rest = name.partition(".")
    if kind not in KINDS or not rest:
        raise InputError(
            f"--free {name}: no such parameter; write target.PATH, senders.PATH or shocks.PATH, as in"
            f" senders.policy.reciprocity{did_you_mean(name, FREE)}"
        )
    if kind == "shocks":
        owners = [f"shocks.{name}" for name, shock in scenario.shocks.items() if shock.rate is not None]
    else:
        owners = [f"actors.{actor}" for actor in scenario.actors if (actor == target) == (kind == "target")]
    return tuple(path for owner in owners if (path := f"{owner}.{rest}") in numbers)


def _can_move(number: Number, high: float) -> bool:
    return number.uncertain or (number.value != 0.0 and not (high == 1.0 and number.value == 1.0))
