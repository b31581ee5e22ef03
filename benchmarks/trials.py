"""Where the time of a trial goes: one point of a study's levers, played 1,000 times, compiled code warm.

The scenario at the point is made and validated, compiled to arrays, given memory in each thread, and played;
then its expressions are estimated. Once without the flywheel and once with `R`, for which every act is looked
at. The last line is what a tuning of so many trials would take.

    python benchmarks/trials.py --scenario belarus_2020 --workers 2
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from common import interleaved, options, spread

from escalation.clocks import compiled_clock
from escalation.clocks.compiled_clock import Memory
from escalation.model.compile import compile_scenario
from escalation.scenario.expression import parse
from escalation.study.execution import Execution
from escalation.study.points.evaluate import Evaluator
from escalation.study.points.variants import Variants

PATH = "actors.eu.policy.reciprocity"


def main() -> None:
    chosen = options(
        __doc__,
        scenario="belarus_2020",
        replications=1000,
        workers=2,
        rounds=9,
        trials=200,
        low=0.2,
        high=1.4,
    )
    variants = Variants(f"shipped:{chosen.scenario}")
    places = (chosen.low + (chosen.high - chosen.low) * n / chosen.rounds for n in range(10**9))
    plain = [parse("prob(concession.belarus)"), parse("mean(cost.eu)"), parse("prob(runaway) <= 0.05")]
    world = variants.world({PATH: 0.5})
    execution = Execution(workers=chosen.workers)
    compiled_clock.prepare(lambda: print("compiling once ..."))
    with (
        Evaluator(variants, plain, execution=execution) as without,
        Evaluator(variants, [*plain, parse("R")], execution=execution) as with_r,
    ):
        rivals: dict[str, Callable[[], Any]] = {
            "the scenario at a point": lambda: variants.scenario({PATH: next(places)}),
            "compiled to arrays": lambda: compile_scenario(variants.base),
            "memory of one thread": lambda: Memory(world),
            "a trial of one replication": lambda: without({PATH: next(places)}, 1),
            "a whole trial": lambda: without({PATH: next(places)}, chosen.replications),
            "a whole trial with R": lambda: with_r({PATH: next(places)}, chosen.replications),
        }
        for rival in rivals.values():
            rival()
        taken = interleaved(rivals, chosen.rounds, time.perf_counter)
    for name, seconds in taken.items():
        print(f"{name:28} {spread([1000 * one for one in seconds])} ms")
    for name in ("a whole trial", "a whole trial with R"):
        print(f"{chosen.trials} x {name}: {chosen.trials * statistics.median(taken[name]):.0f} s")


if __name__ == "__main__":
    main()
