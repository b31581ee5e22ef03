"""How often intervals hold the truth: means of skewed outcomes, and R of small ensembles.

python benchmarks/interval_coverage.py [ENSEMBLES]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import chain
from math import sqrt
from typing import Any

import numpy as np

from escalation.study.flywheel.estimate import stack
from escalation.study.flywheel.log import sums_by_batch
from escalation.study.flywheel.plan import Plan
from escalation.study.flywheel.reading import radii
from escalation.study.flywheel.spectral import core
from escalation.study.stats import Z95, student_reach, too_few
from tests.study.hazards import ensemble, flywheel, hazards

SHAPES = ("poisson 5", "poisson 0.5", "costs", "rare costs (5%)", "seldom costs (20%)")
SIZES = (3, 5, 10, 20, 50, 100, 200, 1000)


def drawn(shape: str, rng: np.random.Generator, size: tuple[int, int]) -> tuple[Any, float]:
    """Return samples of a distribution, and its mean."""
    if shape.startswith("poisson"):
        mean = float(shape.split()[1])
        return rng.poisson(mean, size) * 1.0, mean
    share = {"costs": 1.0, "rare costs (5%)": 0.05, "seldom costs (20%)": 0.2}[shape]
    return (rng.random(size) < share) * rng.lognormal(0, 1, size), share * float(np.exp(0.5))


def of_means(ensembles: int) -> Iterator[str]:
    """Yield the coverage of 1.96 errors, of Student's interval, and how often this misses unmarked."""
    rng = np.random.default_rng(1)
    for shape in SHAPES:
        for n in SIZES:
            values, truth = drawn(shape, rng, (ensembles, n))
            error = values.std(axis=1, ddof=1) / sqrt(n)
            off = np.abs(values.mean(axis=1) - truth)
            normal, student = off <= Z95 * error, off <= student_reach(n) * error
            few = too_few(values)
            yield (
                f"{shape:20s} n={n:5d}  1.96: {normal.mean():.2f}  Student: {student.mean():.2f}"
                f"  marked: {few.mean():.2f}  misses unmarked: {(~student & ~few).mean():.3f}"
            )


def of_R(ensembles: int) -> Iterator[str]:
    """Yield the coverage of R in two-sided hazard policies whose R is known."""
    for truth in (0.5, 0.7):
        answers = {"a": {"a": truth}, "b": {"b": truth}}
        for n in (20, 50, 100):
            world, replications = ensemble(hazards(answers, shocks=4), n * ensembles)
            held = []
            for first in range(0, n * ensembles, n):
                some = replications[first : first + n]
                R = flywheel(world, some, Plan(20.0)).counted.R
                stacked = stack(sums_by_batch(world, 0, some, n, Plan(20.0)))
                samples, _ = radii(stacked, None, 0, core(stacked.table(None)[0][..., 0]))
                low, high = np.quantile(samples, (0.025, 0.975))
                if R.low is not None and R.high is not None:
                    held.append(
                        (low <= truth <= high, R.low <= truth <= R.high, high < truth, R.high < truth)
                    )
            percentile, bca, above, above_bca = np.mean(held, axis=0)
            yield (
                f"R = {truth} n={n:3d}  percentile: {percentile:.3f} (truth above {above:.3f})"
                f"  bias-corrected: {bca:.3f} (truth above {above_bca:.3f})  of {len(held)}"
            )


def main() -> None:
    ensembles = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    for line in chain(of_means(ensembles), of_R(ensembles // 10)):
        print(line, flush=True)


if __name__ == "__main__":
    main()
