"""The result of a tuning, put together from its trials and from what was played after them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from escalation.errors import require_extra
from escalation.scenario.base import Number
from escalation.scenario.document import SCHEMA_VERSION
from escalation.scenario.expression import Expression
from escalation.scenario.write import quoted
from escalation.study.compare.compare import compare
from escalation.study.compare.model import Difference
from escalation.study.compare.sides import side_of
from escalation.study.execution import Execution
from escalation.study.journal import Journal
from escalation.study.points.levers import Point, value_text
from escalation.study.points.variants import MeasuredExpression, costs_of, lines_of
from escalation.study.run import plan, play_in_memory
from escalation.study.runner import Study
from escalation.study.stats import Z95, jackknife_error
from escalation.study.tune.asked import TuneAsked
from escalation.study.tune.final import Final, HeldOut, LeverStep, most_points, play_final, smallest_losses
from escalation.study.tune.reading import GoalEstimates, Mask, Verdict, judge, loss_difference
from escalation.study.tune.result import (
    Deviation,
    Finalist,
    Importance,
    InCase,
    Kept,
    OutcomeChange,
    Trial,
    Tuned,
)
from escalation.study.tune.tuner import Tuner, evaluator_for, value_at
from escalation.study.values import Estimate

Array = npt.NDArray[np.float64]

MOST_OUTCOMES = 12
"""Outcomes that are reported: those that answer the question, then the largest differences that are sure."""
POLICY = "policy-{}.yaml"
"""The name of the file of each finalist, by its trial; that of the chosen one is `Tuned.file`."""
BASE = "scenario.yaml"
"""The file that it extends: the scenario that was tuned, in the same folder."""


class TuneStudy(Study[TuneAsked, Tuned]):
    """Searches for the best point, and reports it on replications never used for that."""

    kind = "tune"
    asked = TuneAsked
    result = Tuned
    libraries = ("optuna", "cmaes")

    def work(self, asked: TuneAsked) -> int:
        """Return how many replications there are, as if no trial were stopped early."""
        final = most_points(asked) * asked.held_out_replications
        return len(asked.cases) * (asked.planned * asked.replications + final)

    def play(self, asked: TuneAsked, execution: Execution, journal: Journal) -> Tuned:
        """Do the trials that are not in the journal, and all that follows them.

        Raises EnvironmentFault without the optimiser, InputError when no trial could be measured.
        """
        require_extra("tune", "tuning needs")
        with evaluator_for(asked, execution, asked.seed) as evaluator:
            tuner = Tuner(asked, evaluator)
            tuner.run(execution, journal)
        final = play_final(tuner, execution)
        return tuned_of(tuner, final, compared_at(asked, execution, final.finalists[final.chosen].point))

    def files(self, asked: TuneAsked, result: Tuned) -> dict[str, str]:
        """Return the finalists as scenario files."""
        return policy_files(asked, result)


TUNE = TuneStudy()


def tuned_of(tuner: Tuner, final: Final, compared: Sequence[OutcomeChange]) -> Tuned:
    """Return the result; `compared` is how outcomes differ under the chosen policy."""
    asked, trials = tuner.asked, tuner.trials
    best = smallest_losses(asked, (final.untuned, *final.held_out))
    before, *verdicts = (judge(asked, played.reading, best) for played in (final.untuned, *final.held_out))
    after = verdicts[final.chosen]
    finalists = tuple(
        _finalist(asked, trial.number, _goal_values(asked, tuner.scores.losses(trial)), held_out, verdict)
        for trial, held_out, verdict in zip(final.finalists, final.held_out, verdicts, strict=True)
    )
    everything: list[Trial | HeldOut] = [*trials, *final.everything]
    return Tuned(
        **asked.envelope, actor=asked.actor, levers=asked.levers, goals=asked.goals,
        limits=asked.measures[len(asked.goals) :],
        cases=tuple(case.name for case in asked.cases if case.name), robust=str(asked.criterion),
        sampler=asked.method, replications=asked.replications, held_out=asked.held_out_replications,
        held_out_seed=asked.held_out_seed, failed=sum(played.failed for played in everything),
        truncated=sum(played.truncated for played in everything), satisfied=final.satisfied,
        chosen=finalists[final.chosen],
        untuned=_finalist(asked, None, [None] * len(asked.goals), final.untuned, before),
        gains=_changes(asked, before, after),
        optimism=_optimism(tuner, final.finalists[final.chosen], after),
        finalists=finalists,
        in_cases=_in_cases(asked, final.untuned.reading, final.held_out[final.chosen].reading),
        deviations=tuple(
            _deviation(asked, step, judge(asked, played.reading, best), after)
            for step, played in final.deviations
        ),
        importance=_importance(tuner), compared=tuple(compared),
        trials=tuple(_over_all_cases(tuner, trial) for trial in trials),
    )  # fmt: skip


def _finalist(
    asked: TuneAsked, number: int | None, tuned: Sequence[float | None], held_out: HeldOut, verdict: Verdict
) -> Finalist:
    k, estimates = len(asked.goals), _all_cases(asked, held_out.reading, verdict)
    return Finalist(
        trial=number, point=dict(held_out.point), tuned=tuple(tuned), goals=estimates[:k],
        limits=estimates[k:], kept=_judged_limits(asked, estimates[k:]),
    )  # fmt: skip


def _optimism(tuner: Tuner, trial: Trial, held_out: Verdict) -> tuple[Estimate, ...]:
    """Return how much better the goals were when tuned: held-out loss less tuned loss, independent samples.

    The error of the tuned one is taken from the held-out one, for it is of the same policy.
    """
    asked = tuner.asked
    errors = held_out.loss_errors * np.sqrt(1 + asked.held_out_replications / asked.replications)
    return _around(asked, (held_out.losses - tuner.scores.losses(trial)).tolist(), errors, held_out.few)


def _in_cases(asked: TuneAsked, before: GoalEstimates, after: GoalEstimates) -> tuple[InCase, ...]:
    """Return what the untuned and the chosen policy come to in each case; nothing for a single one."""
    if len(asked.cases) == 1:
        return ()
    k, few = len(asked.goals), before.few | after.few
    cases = []
    for n, case in enumerate(asked.cases):
        untuned, tuned = (_measured(asked, reading.estimates[n]) for reading in (before, after))
        gains = (after.values - before.values)[n, :k].tolist()
        errors = jackknife_error((after.without - before.without)[:, n, :k])
        cases.append(
            InCase(
                case=case.name, untuned=untuned[:k], tuned=tuned[:k],
                gains=_around(asked, gains, errors, few[n]), limits=tuned[k:],
                kept=_judged_limits(asked, tuned[k:]),
            )
        )  # fmt: skip
    return tuple(cases)


def _deviation(asked: TuneAsked, step: LeverStep, verdict: Verdict, chosen: Verdict) -> Deviation:
    """Return what a step changes; both were played in the same replications."""
    broken = [str(limit) for limit, gap in zip(asked.limits, verdict.gaps, strict=True) if gap > 0]
    changes = _changes(asked, chosen, verdict)
    return Deviation(lever=step.lever.path, value=step.value, changes=changes, broken=tuple(broken))


def _importance(tuner: Tuner) -> tuple[Importance, ...]:
    shares = [tuner.search.importance(goal) for goal in range(len(tuner.asked.goals))]
    return tuple(
        Importance(
            lever=lever.path, shares=tuple(None if share is None else share[lever.path] for share in shares)
        )
        for lever in tuner.asked.levers
    )


def _over_all_cases(tuner: Tuner, trial: Trial) -> Trial:
    """Return a trial with its goals and what is limited over all cases."""
    if not trial.known:
        return trial
    asked, losses, gaps = tuner.asked, tuner.scores.losses(trial), tuner.scores.gaps(trial)
    values = [*_goal_values(asked, losses), *_limit_values(asked, gaps)]
    estimates = _measured(asked, [Estimate(value=value) for value in values])
    return trial.model_copy(update={"estimates": estimates, "keeps": not tuner.scores.violation(trial)})


# ---- estimates from readings and verdicts


def _all_cases(asked: TuneAsked, reading: GoalEstimates, verdict: Verdict) -> tuple[Estimate, ...]:
    """Return the goals of a point and what is limited, all cases together."""
    if len(asked.cases) == 1 and not asked.criterion.has_regret:
        return _measured(asked, reading.estimates[0])  # the interval of the one case is the better one
    values = [*_goal_values(asked, verdict.losses), *_limit_values(asked, verdict.gaps)]
    errors = [*verdict.loss_errors.tolist(), *verdict.gap_errors.tolist()]
    rows = zip(asked.measures, values, errors, verdict.few.tolist(), strict=True)
    return tuple(_estimate(*row) for row in rows)


def _judged_limits(asked: TuneAsked, limits: Sequence[Estimate]) -> tuple[Kept, ...]:
    return tuple(map(_is_kept, limits, asked.limits))


def _is_kept(estimate: Estimate, limit: Expression) -> Kept:
    """Return whether a whole interval, or a value that has none, keeps a limit."""
    ends: list[float | None] = [end for end in (estimate.low, estimate.high) if end is not None]
    held = [bool(limit.holds(end)) for end in ends or [estimate.value]]
    return "yes" if all(held) else "unsure" if any(held) else "no"


def _goal_values(asked: TuneAsked, losses: Array) -> list[float]:
    """Return goals from losses; a regret stays a loss, whatever its goal."""
    signs = [1.0 if asked.criterion.has_regret else goal.sign for goal in asked.goals]
    return [sign * loss + 0.0 for sign, loss in zip(signs, losses.tolist(), strict=True)]


def _limit_values(asked: TuneAsked, gaps: Array) -> list[float]:
    """Return what is limited from gaps."""
    return [
        (limit.limit or 0.0) + gap * (1.0 if limit.relation == "<=" else -1.0)
        for limit, gap in zip(asked.limits, gaps.tolist(), strict=True)
    ]


def _changes(asked: TuneAsked, before: Verdict, after: Verdict) -> tuple[Estimate, ...]:
    """Return how the goals of `after` differ from those of `before`, in the goals' own direction."""
    losses, errors = loss_difference(before, after)
    return _around(asked, _goal_values(asked, losses), errors, before.few | after.few)


def _measured(asked: TuneAsked, estimates: Sequence[Estimate]) -> tuple[Estimate, ...]:
    """Return estimates of the goals and of what is limited with their units."""
    return tuple(map(MeasuredExpression.of, asked.measures, estimates))


def _around(asked: TuneAsked, values: Sequence[float], errors: Array, few: Mask) -> tuple[Estimate, ...]:
    """Return the goals' values with the intervals that their standard errors make."""
    measures = [goal.measure for goal in asked.goals]
    rows = zip(measures, values, errors.tolist(), few[: len(measures)].tolist(), strict=True)
    return tuple(_estimate(*row) for row in rows)


def _estimate(measure: MeasuredExpression, value: float, error: float, few: bool) -> Estimate:
    if not np.isfinite(value):
        return Estimate(value=None, unit=measure.unit)
    if not np.isfinite(error):
        return Estimate(value=value, unit=measure.unit)
    half = Z95 * error
    return Estimate(
        value=value, low=value - half, high=value + half, error=error, unit=measure.unit, too_few=few
    )


# ---- compared with the untuned policy, by the means of `compare`


def compared_at(asked: TuneAsked, execution: Execution, point: Point) -> tuple[OutcomeChange, ...]:
    """Return how outcomes differ at a point from the scenario as it stands, on the held-out replications."""
    silent = replace(execution, on_progress=None, say=None, on_event=None)
    sides = []
    for name, scenario in (("untuned", asked.variants.base), ("tuned", asked.variants.scenario(point))):
        what = plan(scenario, asked.held_out_seed, asked.held_out_replications, "none")
        sides.append(side_of(play_in_memory(what, silent), name, name))
    beside = costs_of(asked.variants, asked.levers)

    def rank(difference: Difference) -> int:
        return 0 if difference.headline else 1 if difference.name in beside else 2

    differences = sorted(compare(sides).contrasts[0].differences, key=rank)
    reported = [difference for difference in differences if difference.sure or rank(difference) < 2]
    return tuple(map(_outcome_change, reported[:MOST_OUTCOMES]))


def _outcome_change(difference: Difference) -> OutcomeChange:
    return OutcomeChange(
        outcome=difference.name, measure=difference.statistic, label=difference.outcome.label,
        untuned=difference.baseline, tuned=difference.other, difference=difference.difference,
        is_sure=difference.sure,
    )  # fmt: skip


# ---- tuned policies as scenario files beside their base: each says what it is, and runs at once


def policy_files(asked: TuneAsked, tuned: Tuned) -> dict[str, str]:
    """Return the chosen policy and all finalists, by the names of their files."""
    files = {POLICY.format(finalist.trial): _text(asked, tuned, finalist) for finalist in tuned.finalists}
    return {tuned.file: _text(asked, tuned, tuned.chosen), **files}


def _text(asked: TuneAsked, tuned: Tuned, finalist: Finalist) -> str:
    """Return a file that extends BASE with the levers of one policy; it loads to what was played."""
    lines = [*(f"# {line}" for line in _comments(tuned, finalist)), ""]
    lines += [f"schema_version: {SCHEMA_VERSION}", f"extends: {BASE}"]
    lines.append(f"title: {quoted(f'{tuned.scenario.title}, tuned')}")
    point = {lever.path: _written(asked, lever.path, finalist) for lever in asked.levers}
    return "\n".join([*lines, "", *lines_of(point), ""])


def _comments(tuned: Tuned, finalist: Finalist) -> Iterator[str]:
    goals = [goal.measure.expression for goal in tuned.goals]
    aims = [f"{goal.direction} {goal.measure.expression}" for goal in tuned.goals]
    aims += [f"subject to {limit.expression}" for limit in tuned.limits]
    yield f"Trial {finalist.trial} of {len(tuned.trials)}: {', '.join(aims)}".replace("\n", " ")
    if tuned.cases:
        yield f"Cases, as one by {tuned.robust}: {'; '.join(tuned.cases)}".replace("\n", " ")
    for goal, estimate in zip(goals, finalist.goals, strict=True):
        ends = (estimate.value, estimate.low, estimate.high)
        if None not in ends:
            value, low, high = (f"{end:.4g}" for end in ends)
            name = f"regret of {goal}" if tuned.has_regret else goal
            yield f"{name}: {value} [{low}, {high}] on held-out replications"
    yield f"They are {tuned.held_out:,} replications of seed {tuned.held_out_seed}, never used for tuning."
    if finalist == tuned.chosen and tuned.satisfied and not tuned.gained:
        yield "The untuned policy is no worse on them: nothing gained."
    if not tuned.satisfied:
        yield "No policy that was tried keeps the limits; this one is the nearest to them."


def _written(asked: TuneAsked, path: str, finalist: Finalist) -> str:
    value = finalist.point[path]
    if isinstance(value, float) and isinstance(value_at(asked.scenario, path), Number):
        source = quoted(f"escalation tune, trial {finalist.trial}")
        return f"{{value: {value_text(value)}, source: {source}}}"
    return value_text(value)
