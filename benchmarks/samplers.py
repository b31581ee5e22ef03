"""How much of a known Pareto front each sampler covers, by trials: nothing is simulated here.

The front is that of the branching process of tests/study/test_tune.py: a answers with odds q, which is
wanted and costs acts of b; two further levers only cost. Both goals come with noise as from some hundred
replications. Printed is the hypervolume of what was tried as a share of the front's, without noise, as mean
over the seeds.

    python benchmarks/samplers.py --seeds 12
"""

from __future__ import annotations

import time

import numpy as np
from common import options

from escalation import api
from escalation.study.points.levers import Point
from escalation.study.tune.asked import TuneAsked
from escalation.study.tune.reading import Feedback
from escalation.study.tune.search import Search

SHOCKS, ANSWERS, NOISE = 10, 0.8, 0.3
WORST = (0.0, 60.0)
Q, WASTE, FURTHER = (f"actors.eu.policy.{name}" for name in ("reciprocity", "gradualism", "inertia"))


def losses(point: Point) -> tuple[float, float]:
    """Return minus the acts of a, and the acts of b."""
    q, waste, further = (float(point[path]) for path in (Q, WASTE, FURTHER))
    acts = SHOCKS / (1 - ANSWERS * q)
    return -q * acts, acts * (1 + ANSWERS * (waste + abs(further - 0.4) / 2))


def volume(points: np.ndarray) -> float:
    """Return the area between the points and WORST that they dominate."""
    area, level = 0.0, WORST[1]
    for left, height in points[np.argsort(points[:, 0])]:
        if height < level and left < WORST[0]:
            area, level = area + (WORST[0] - left) * (level - height), height
    return area


def covered(sampler: str, trials: int, seed: int) -> float:
    asked = TuneAsked(
        scenario=MINIMAL, vary=[f"{Q}=0:0.9", f"{WASTE}=0:0.9", f"{FURTHER}=0:1"],
        minimise=["cost.eu", "cost.us"], trials=trials, sampler=sampler, seed=seed,
    )  # fmt: skip
    search, noise, tried = Search(asked, []), np.random.default_rng(seed), []
    for _ in range(trials):
        tried.append(losses(search.ask()))
        search.tell(Feedback((np.array(tried[-1]) + noise.normal(0, NOISE, 2)).tolist(), []))
    front = [losses({Q: q, WASTE: 0.0, FURTHER: 0.4}) for q in np.linspace(0, 0.9, 500)]
    return volume(np.array(tried)) / volume(np.array(front))


def main() -> None:
    chosen = options(__doc__, seeds=12)
    for sampler in ("tpe", "nsga2", "random"):
        for trials in (80, 200, 300):
            began = time.perf_counter()
            shares = [covered(sampler, trials, seed) for seed in range(chosen.seeds)]
            taken = 1000 * (time.perf_counter() - began) / (trials * chosen.seeds)
            print(
                f"{sampler:8} {trials:4} trials  {np.mean(shares):.1%} of the front  {taken:.1f} ms a trial"
            )


MINIMAL = api.load("minimal")

if __name__ == "__main__":
    main()
