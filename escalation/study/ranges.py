"""What assumptions leave open: between which values an outcome's mean lies, whatever they are.

The interval of a mean is about chance and the number of replications. Here every uncertain number is drawn
`DRAWS` times and fixed, and each draw is played a few times with chance of its own. The means of the draws
differ by more than the numbers make them differ, because each is of few replications; what chance adds to
their variance is known from the replications within the draws and taken out (an empirical Bayes estimate
that keeps the variance: Louis 1984, Journal of the American Statistical Association 79:393).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from escalation.ensemble.read import Run
from escalation.model.draws import stable_hash
from escalation.model.world import FAILED, Replication, World
from escalation.study.execution import Execution
from escalation.study.objective import indicator
from escalation.study.points.uncertain import play_dialled, uncertainties
from escalation.study.values import Band, Count, Replications, ResultPart

Array = npt.NDArray[np.float64]

FEWEST, DRAWS, EACH = 20, 200, 10
"""Draws at least and at most, and replications of each."""
AMOUNTS = ("count", "level")
EVENTS = ("probability", "date")


class AssumptionsPart(ResultPart):
    """How it was found out what the assumptions leave open."""

    spread: float
    """Standard deviation of the logarithm of the factor by which each assumption was drawn."""
    numbers: Count
    """Uncertain numbers, those with a distribution of their own included."""
    draws: Count
    """How often all of them were drawn."""
    each: Replications
    """Replications of each draw."""
    ranges: dict[str, Band]
    """Where the mean or the probability of each outcome lies in the middle 95% of draws, by its name."""


def ranges_over(
    world: World, seed: int, spread: float, replications: int, execution: Execution
) -> AssumptionsPart:
    """Return what the uncertain numbers of `world` leave open; in more draws beside more replications.

    These are played beside the `replications` of a run, with chance of their own.
    """
    draws = min(DRAWS, max(FEWEST, replications // 5))
    settings = np.repeat(settings_of(world, seed, draws), EACH, axis=0)
    numbers = replications + np.arange(len(settings))
    rows = np.array(play_dialled(world, seed, settings, numbers, _outcomes, execution))
    return AssumptionsPart(
        spread=spread, numbers=len(world.cells), draws=draws, each=EACH,
        ranges=dict(_ranges(world, rows.reshape(draws, EACH, -1))),
    )  # fmt: skip


def settings_of(world: World, seed: int, draws: int) -> Array:
    """Return draws of all uncertain numbers, float64[draws, cells]; those of one depend on its path alone.

    Those that are drawn together depend on the name of that.
    """
    columns = []
    for number in uncertainties(world):
        name = number.number.together or number.path
        shares = np.random.default_rng([seed, stable_hash("range", name)]).random(draws)
        columns.append([number.at(share) for share in shares])
    return np.array(columns, np.float64).reshape(len(columns), draws).T


def range_of(values: Array) -> Band:
    """Return where the middle 95% of the means of draws lie, without what chance adds.

    `values` is float64[draws, replications of each], NaN for one that failed. Draws without any are left out.
    """
    good = values[np.count_nonzero(~np.isnan(values), axis=1) > 1]
    counts, means = np.count_nonzero(~np.isnan(good), axis=1), np.nanmean(good, axis=1)
    noise = float(np.mean(np.nanvar(good, axis=1, ddof=1) / counts))
    spread = float(means.var(ddof=1))
    shrinkage = np.sqrt(max(0.0, spread - noise) / spread) if spread else 0.0
    low, high = np.quantile(means.mean() + shrinkage * (means - means.mean()), [0.025, 0.975])
    least, most = np.nanmin(good), np.nanmax(good)
    return Band(low=float(max(low, least)), high=float(min(high, most)))


def stored_ranges(run: Run) -> AssumptionsPart | None:
    """Return what was stored with a run; None where it was not asked for."""
    plain = run.summary.get("assumptions")
    return None if plain is None else AssumptionsPart.model_validate(plain)


def _outcomes(done: Replication) -> Array:
    return np.full_like(done.outcomes, np.nan) if done.status == FAILED else done.outcomes


def _ranges(world: World, rows: Array) -> Iterator[tuple[str, Band]]:
    """Yield the range of each outcome that has a mean or a probability; `rows` by draw and replication."""
    failed = np.isnan(rows).all(axis=2)
    for column, outcome in enumerate(world.outcomes):
        values = rows[:, :, column].copy()
        if outcome.kind in EVENTS:
            values = np.array(indicator(outcome.name, values), np.float64)
        elif outcome.kind not in AMOUNTS:
            continue
        values[failed] = np.nan
        if np.count_nonzero(np.count_nonzero(~failed, axis=1) > 1) > 1:
            yield outcome.name, range_of(values)
