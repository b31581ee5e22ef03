"""The end of a tuning: who comes into the final choice, who is chosen, and all that is played for it.

Finalists are chosen on replications of the tuning's seed that no trial was played on, and everything that is
reported comes from another seed: the choice is no more flattered by chance than the tuning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.errors import InputError, ScenarioError
from escalation.study.execution import Execution
from escalation.study.points.evaluate import Evaluator
from escalation.study.points.levers import Lever, Point, Value
from escalation.study.tune.asked import TuneAsked
from escalation.study.tune.reading import (
    GoalEstimates,
    Scores,
    Verdict,
    beaten,
    distinct,
    gaps_of,
    judge,
    losses_of,
    sizes_of,
    smallest,
    violation,
)
from escalation.study.tune.result import Trial
from escalation.study.tune.tuner import FRESH, Attempt, Tuner, evaluator_for

Array = npt.NDArray[np.float64]

FRONT, BEST = 8, 3
"""Finalists at most: of several goals, of a single one."""
MARGINS = (0.02, 0.05)
"""Parts of a limit by which it is kept with something to spare: the best of those trials come in too."""
STEP = 0.1
"""Part of a lever's range by which the chosen policy is changed."""
MOST_CHOICES = 8
"""Other choices of a lever, at most, that are tried."""


def finalists(scores: Scores, trials: Sequence[Trial]) -> list[Trial]:
    """Return the trials that are played again on fresh replications; none when none could be measured.

    Of several goals it is the front, thinned out evenly; of a single one the best. Where none keeps the
    limits, those nearest to them. Where limits bind, the best trials lie on them, the luckier ones just
    within, so those that keep them with a margin come in too. For a regret so does the best of each case.
    """
    whole = distinct([trial for trial in trials if trial.whole])
    if not whole:
        return []
    front = scores.front(whole) if len(scores.asked.goals) > 1 else []
    chosen = _thinned(scores, front) if front else _best(scores, whole)
    return distinct([*chosen, *(_champions(scores, whole) if scores.asked.criterion.has_regret else [])])


def choose(asked: TuneAsked, verdicts: Sequence[Verdict]) -> int:
    """Return the number of the one to take, by what finalists came to on fresh replications.

    Only those that keep the limits count, or else the one nearest to them is taken. Of several goals it is
    the compromise (Yu 1973, Management Science 19:936): the one whose largest shortfall from the best of each
    goal is smallest, each goal measured by how far finalists differ in it.
    """
    missing = [violation(asked, verdict.gaps) for verdict in verdicts]
    able = [n for n, gap in enumerate(missing) if not gap]
    if not able:
        return int(np.argmin(missing))
    losses = np.array([verdicts[n].losses for n in able])
    if len(asked.goals) == 1:
        return able[int(np.argmin(losses[:, 0]))]
    best = losses.min(axis=0)
    width = losses[~beaten(losses)].max(axis=0) - best
    shortfall = (losses - best) / np.where(width > 0, width, 1.0)
    return able[int(np.lexsort((shortfall.sum(axis=1), shortfall.max(axis=1)))[0])]


def _best(scores: Scores, whole: Sequence[Trial]) -> list[Trial]:
    """Return the best by a single goal; where there are limits, also the best that keep some margin."""
    if not scores.asked.limits:
        return sorted(whole, key=scores.key)[: BEST + len(MARGINS)]
    chosen, sizes = sorted(whole, key=scores.key)[:BEST], sizes_of(scores.asked)
    for margin in MARGINS:
        able = [trial for trial in whole if (scores.gaps(trial) <= -margin * sizes).all()]
        chosen += sorted(able, key=scores.key)[:1]
    return chosen


def _champions(scores: Scores, whole: Sequence[Trial]) -> list[Trial]:
    """Return the best of each case and goal, of those that keep the limits where any does."""
    able = [trial for trial in whole if not scores.violation(trial)] or whole
    losses = np.array([losses_of(scores.asked, trial.array) for trial in able])
    return [able[n] for n in np.unique(losses.argmin(axis=0))]


def _thinned(scores: Scores, front: Sequence[Trial]) -> list[Trial]:
    """Return at most FRONT members: the best of each goal, then the farthest from those taken."""
    losses = np.array([scores.losses(trial) for trial in front])
    width = losses.max(axis=0) - losses.min(axis=0)
    scaled = (losses - losses.min(axis=0)) / np.where(width > 0, width, 1.0)
    taken = list(dict.fromkeys(scaled.argmin(axis=0).tolist()))
    while len(taken) < min(FRONT, len(front)):
        gap = np.min(np.linalg.norm(scaled[:, None] - scaled[taken][None], axis=2), axis=1)
        taken.append(int(gap.argmax()))
    return [front[n] for n in sorted(set(taken), key=lambda n: tuple(losses[n]))]


class LeverStep(NamedTuple):
    """One lever set away from the chosen policy."""

    lever: Lever
    value: Value
    point: Point


def steps(asked: TuneAsked, point: Point) -> Iterator[LeverStep]:
    """Yield the points around the chosen one."""
    for lever in asked.levers:
        for value in _others(lever, point[lever.path]):
            yield LeverStep(lever, value, {**point, lever.path: value})


def _others(lever: Lever, value: Value) -> list[Value]:
    """Return what a lever is set to: a tenth of its range either way, the next steps, other choices."""
    if isinstance(value, float) and lever.is_continuous:
        low, high = lever.ends
        by = STEP * (high - low)
        ends = max(low, value - by), min(high, value + by)
        return [float(f"{end:.6g}") for end in ends if end != value]
    values = lever.values()
    if lever.is_range:
        step = values.index(value)
        return [values[n] for n in (step - 1, step + 1) if 0 <= n < len(values)]
    return [choice for choice in values if choice != value][:MOST_CHOICES]


class HeldOut(NamedTuple):
    """A point and what it came to on replications that it was not tuned on."""

    point: Point
    reading: GoalEstimates
    failed: int
    truncated: int


@dataclass(frozen=True)
class Final:
    """All that was played after the last trial.

    `chosen` is the number of the one taken among the `finalists`, of which `fresh` are the readings it was
    chosen by; `held_out`, `untuned` and `deviations` are of the held-out seed. `satisfied` says that it keeps
    the limits by `fresh`.
    """

    finalists: tuple[Trial, ...]
    fresh: tuple[HeldOut, ...]
    chosen: int
    satisfied: bool
    untuned: HeldOut
    held_out: tuple[HeldOut, ...]
    deviations: tuple[tuple[LeverStep, HeldOut], ...]

    @property
    def everything(self) -> tuple[HeldOut, ...]:
        """Every point that was played."""
        return (*self.fresh, self.untuned, *self.held_out, *(point for _, point in self.deviations))


def most_points(asked: TuneAsked) -> int:
    """Return how many points are played after the last trial, at most."""
    most = FRONT if len(asked.goals) > 1 else BEST + len(MARGINS)
    most += len(asked.cases) * len(asked.goals) if asked.criterion.has_regret else 0
    around = (2 if lever.is_range else min(len(lever.choices) - 1, MOST_CHOICES) for lever in asked.levers)
    return 2 * min(most, asked.planned) + 1 + sum(around)


def play_final(tuner: Tuner, execution: Execution) -> Final:
    """Play what comes after the last trial. Raises InputError when no trial could be measured."""
    asked, chosen_from = tuner.asked, finalists(tuner.scores, tuner.trials)
    if not chosen_from:
        raise InputError(_nothing(tuner))
    with evaluator_for(asked, execution, asked.seed) as evaluator:
        fresh = tuple(_played(asked, evaluator, execution, trial.point, FRESH) for trial in chosen_from)
    best = smallest_losses(asked, fresh)
    verdicts = [judge(asked, played.reading, best) for played in fresh]
    chosen, deviations = choose(asked, verdicts), list[tuple[LeverStep, HeldOut]]()
    with evaluator_for(asked, execution, asked.held_out_seed) as evaluator:
        untuned = _played(asked, evaluator, execution, {})
        held_out = tuple(_played(asked, evaluator, execution, trial.point) for trial in chosen_from)
        for step in steps(asked, chosen_from[chosen].point):
            with suppress(ScenarioError):  # a point that the scenario does not allow
                deviations.append((step, _played(asked, evaluator, execution, step.point)))
    return Final(
        tuple(chosen_from), fresh, chosen, verdicts[chosen].feasible, untuned, held_out, tuple(deviations)
    )  # fmt: skip


def smallest_losses(asked: TuneAsked, points: Sequence[HeldOut]) -> Array:
    """Return the smallest losses in each case of points that keep the limits, float64[cases, goals]."""
    losses = []
    for values in (point.reading.values for point in points):
        gaps = asked.criterion.over_cases(gaps_of(asked, values))
        losses.append((losses_of(asked, values), not violation(asked, gaps)))
    return smallest(losses)


def _played(
    asked: TuneAsked, evaluator: Evaluator, execution: Execution, point: Point, first: int = 0
) -> HeldOut:
    attempt = Attempt(asked, evaluator, point, first)
    reading = attempt.play(asked.held_out_replications)
    if execution.on_progress:
        execution.on_progress(len(asked.cases) * asked.held_out_replications)
    return HeldOut(point, reading, attempt.failed, attempt.truncated)


def _nothing(tuner: Tuner) -> str:
    fault = next((trial.fault for trial in tuner.trials if trial.fault), "")
    reason = f"; the first one: {fault}" if fault else "; what is aimed at could not be measured in any"
    return f"none of {len(tuner.trials)} trials could be played to its end{reason}"
