"""Two hundred trials of a thousand replications of belarus_2020, with and without racing: seconds.

The question is that of docs/tuning.md: the EU's reciprocity and gradualism, a concession by Belarus as likely
as can be, at bounded cost. Prints how long the trials took and how many replications were played, what the
optimiser took of that, and how long the end took: finalists, held-out figures, deviations, comparison.

    python benchmarks/tuning.py --trials 200 --replications 1000 --workers 2
"""

from __future__ import annotations

import time

from common import options

from escalation import api
from escalation.study.tuning.perform import begin
from escalation.study.tuning.plan import Asked, plan_tuning
from escalation.study.tuning.record import Tried
from escalation.study.tuning.tune import TuningMeans

LEVERS = ["policy.reciprocity=0.1:1.5", "policy.gradualism=0:2"]
GOAL = "prob(concession.belarus)"
QUESTIONS = {
    "one goal, one limit": {"maximise": [GOAL], "limits": ["mean(cost.eu) <= 0.8"]},
    "one goal": {"minimise": ["mean(package_days.belarus)"]},
    "two goals, one limit": {
        "maximise": [GOAL],
        "minimise": ["mean(cost.eu)"],
        "limits": ["runaway <= 0.05"],
    },
}


def main() -> None:
    chosen = options(__doc__, scenario="belarus_2020", trials=200, replications=1000, workers=2)
    scenario = api.load(chosen.scenario)
    api.run(scenario, 20, workers=chosen.workers, clock="compiled", say=print)
    print(f"{'':22} {'racing':>8} {'trials':>9} {'optimiser':>10} {'end':>8} {'in all':>8}  replications")
    for name, question in QUESTIONS.items():
        for racing in (True, False):
            asked = Asked(vary=LEVERS, actor="eu", trials=chosen.trials, replications=chosen.replications,
                          racing=racing, **question)  # fmt: skip
            plan, last = plan_tuning(scenario, asked, 1), [time.perf_counter()]

            def heard(_: Tried, __: bool, last: list[float] = last) -> None:
                last[0] = time.perf_counter()

            began = time.perf_counter()
            found = begin(plan, TuningMeans(chosen.workers, on_trial=heard), None, None).tuned
            ended = time.perf_counter()
            assert found is not None
            print(
                f"{name:22} {'yes' if racing else 'no':>8} {last[0] - began:7.1f} s"
                f" {found.seconds_asking:8.2f} s {ended - last[0]:6.1f} s {ended - began:6.1f} s"
                f"  {found.played:,} of {found.trials * found.replications:,}, by {found.sampler}"
            )


if __name__ == "__main__":
    main()
