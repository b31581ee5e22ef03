"""The finding of a tuning, put together from its trials and from what was played after them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from escalation.model.compile import compile_scenario
from escalation.study.points.levers import Point
from escalation.study.tuning.figures import around, changes, goal_figures, kept, limit_figures, own, values
from escalation.study.tuning.final import Final, Held
from escalation.study.tuning.outcome import Compared, Figure, InCase, Standing, Tuned
from escalation.study.tuning.plan import TuningPlan
from escalation.study.tuning.reading import Reading, Verdict, judge, smallest_losses, spread
from escalation.study.tuning.record import Tried
from escalation.study.tuning.tune import Tuner
from escalation.study.tuning.turns import deviation

UNTUNED = -1
"""The number that stands for the policy as it is in the scenario, which is no trial."""


def finding(tuner: Tuner, final: Final, compared: Sequence[Compared], seconds: float) -> Tuned:
    """Return the document of a tuning; `compared` is how outcomes differ, `seconds` what all of it took."""
    plan, trials = tuner.plan, tuner.trials
    best = smallest_losses(plan, [one.reading for one in (final.untuned, *final.held)])
    before, *verdicts = (judge(plan, one.reading, best) for one in (final.untuned, *final.held))
    after = verdicts[final.chosen]
    standings = [
        _standing(plan, one.number, _tuned(tuner, one), held, verdict)
        for one, held, verdict in zip(final.entrants, final.held, verdicts, strict=True)
    ]
    return Tuned(
        title=plan.scenario.title, scenario=plan.name, actor=plan.asked.actor, overrides=plan.overrides,
        levers=tuple(lever.path for lever in plan.levers),
        goals=tuple(str(goal.expression) for goal in plan.goals),
        directions=tuple("maximise" if goal.maximise else "minimise" for goal in plan.goals),
        limits=tuple(map(str, plan.limits)),
        cases=tuple(case.name for case in plan.cases if case.name), robust=str(plan.robust),
        of_cases=plan.robust.words(len(plan.cases)), sampler=plan.sampler, trials=len(trials),
        stopped=sum(one.stopped for one in trials),
        faults=tuple(dict.fromkeys(one.fault for one in trials if one.fault)),
        unknown=sum(not one.known and not one.fault for one in trials),
        replications=plan.replications, held_out=plan.held_out, seed=plan.seed,
        held_out_seed=plan.held_out_seed,
        played=sum(one.replications for one in trials) * len(plan.cases),
        failed=sum(one.failed for one in trials) + sum(one.failed for one in final.everything),
        truncated=sum(one.truncated for one in trials) + sum(one.truncated for one in final.everything),
        satisfied=final.satisfied,
        keeping=sum(one.known and not tuner.scores.violation(one) for one in trials),
        chosen=standings[final.chosen],
        untuned=_standing(plan, UNTUNED, (None,) * len(plan.goals), final.untuned, before),
        gains=changes(plan, before, after),
        optimism=_optimism(tuner, final.entrants[final.chosen], after),
        finalists=tuple(standings),
        in_cases=_in_cases(plan, final.untuned.reading, final.held[final.chosen].reading),
        deviations=tuple(deviation(plan, turn, held.reading, after, best) for turn, held in final.turned),
        importance=_importance(tuner), compared=tuple(compared),
        start=compile_scenario(plan.variants.base).start,
        seconds=round(seconds, 3), seconds_asking=round(tuner.search.seconds, 3),
    )  # fmt: skip


def _tuned(tuner: Tuner, tried: Tried) -> tuple[float | None, ...]:
    return tuple(values(tuner.plan, tuner.scores.losses(tried)))


def _standing(
    plan: TuningPlan, number: int, tuned: tuple[float | None, ...], held: Held, verdict: Verdict
) -> Standing:
    limits = limit_figures(plan, held.reading, verdict)
    return Standing(
        trial=number, point=dict(held.point), tuned=tuned, goals=goal_figures(plan, held.reading, verdict),
        limits=limits, kept=kept(plan, limits),
    )  # fmt: skip


def _optimism(tuner: Tuner, tried: Tried, held: Verdict) -> tuple[Figure, ...]:
    """Return how much better the goals were when tuned: held-out loss less tuned loss, independent samples.

    The error of the tuned one is taken from the held-out one, for it is of the same policy.
    """
    errors = held.loss_errors * np.sqrt(1 + tuner.plan.held_out / tuner.plan.replications)
    return tuple(map(around, (held.losses - tuner.scores.losses(tried)).tolist(), errors.tolist()))


def _in_cases(plan: TuningPlan, before: Reading, after: Reading) -> tuple[InCase, ...]:
    return (
        tuple(_in_case(plan, before, after, n) for n in range(len(plan.cases))) if len(plan.cases) > 1 else ()
    )


def _in_case(plan: TuningPlan, before: Reading, after: Reading, n: int) -> InCase:
    k = len(plan.goals)
    gains = (after.values - before.values)[n, :k]
    errors = spread((after.without - before.without)[:, n, :k])
    limits = tuple(map(own, after.estimates[n][k:]))
    return InCase(
        case=plan.cases[n].name, untuned=tuple(map(own, before.estimates[n][:k])),
        tuned=tuple(map(own, after.estimates[n][:k])),
        gains=tuple(map(around, gains.tolist(), errors.tolist())), limits=limits, kept=kept(plan, limits),
    )  # fmt: skip


def _importance(tuner: Tuner) -> dict[str, tuple[float | None, ...]]:
    shares = [tuner.search.importance(goal) for goal in range(len(tuner.plan.goals))]
    return {
        lever.path: tuple(None if one is None else one[lever.path] for one in shares)
        for lever in tuner.plan.levers
    }


class Shown(NamedTuple):
    """A trial as a picture shows it: goals and limits over all cases, whether it was stopped early."""

    trial: int
    point: Point
    goals: tuple[float, ...]
    limits: tuple[float, ...]
    keeps: bool
    stopped: bool


def overview(tuner: Tuner) -> tuple[Shown, ...]:
    """Return every trial that could be measured, by the replications that it was tuned on."""
    return tuple(_shown(tuner, one) for one in tuner.trials if one.known)


def _shown(tuner: Tuner, one: Tried) -> Shown:
    plan, gaps = tuner.plan, tuner.scores.gaps(one).tolist()
    limits = tuple(
        (limit.limit or 0.0) + gap * (1.0 if limit.relation == "<=" else -1.0)
        for limit, gap in zip(plan.limits, gaps, strict=True)
    )
    goals = tuple(values(plan, tuner.scores.losses(one)))
    return Shown(one.number, one.point, goals, limits, not tuner.scores.violation(one), one.stopped)
