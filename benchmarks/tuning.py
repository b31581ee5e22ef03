"""Two hundred trials of a thousand replications of belarus_2020, with and without racing: seconds.

The question is that of docs/tuning.md: the EU's reciprocity and gradualism, a concession by Belarus as likely
as can be, at bounded cost. Prints how long the trials took, the optimiser included, how many replications
were played, and how long the end took: finalists, held-out figures, deviations, comparison.

    python benchmarks/tuning.py --trials 200 --replications 1000 --workers 2
"""

from __future__ import annotations

import time

from common import options

from escalation import api
from escalation.study.execution import Execution
from escalation.study.runner import begin
from escalation.study.tune.asked import TuneAsked
from escalation.study.tune.study import TUNE

LEVERS = ["policy.reciprocity=0.1:1.5", "policy.gradualism=0:2"]
GOAL = "prob(concession.belarus)"
QUESTIONS = {
    "one goal, one limit": {"maximise": [GOAL], "subject_to": ["mean(cost.eu) <= 0.8"]},
    "one goal": {"minimise": ["mean(package_days.belarus)"]},
    "two goals, one limit": {
        "maximise": [GOAL],
        "minimise": ["mean(cost.eu)"],
        "subject_to": ["runaway <= 0.05"],
    },
}


def main() -> None:
    chosen = options(__doc__, scenario="belarus_2020", trials=200, replications=1000, workers=2)
    scenario = api.load(chosen.scenario)
    api.run(scenario, 20, workers=chosen.workers, clock="compiled", say=print)
    print(f"{'':22} {'racing':>8} {'trials':>9} {'end':>8} {'in all':>8}  replications")
    for name, question in QUESTIONS.items():
        for racing in (True, False):
            asked = TuneAsked(
                scenario=scenario, vary=LEVERS, actor="eu", trials=chosen.trials,
                replications=chosen.replications, racing=racing, **question,
            )  # fmt: skip
            last = [time.perf_counter()]

            def hear(_: object, last: list[float] = last) -> None:
                last[0] = time.perf_counter()

            began = time.perf_counter()
            found = begin(TUNE, asked, Execution(workers=chosen.workers, on_event=hear))
            ended = time.perf_counter()
            print(
                f"{name:22} {'yes' if racing else 'no':>8} {last[0] - began:7.1f} s"
                f" {ended - last[0]:6.1f} s {ended - began:6.1f} s"
                f"  {found.played:,} of {len(found.trials) * found.replications:,}, by {found.sampler}"
            )


if __name__ == "__main__":
    main()
