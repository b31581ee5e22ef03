"""Who comes into the final choice, and who is chosen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from escalation.study.tuning.plan import TuningPlan
from escalation.study.tuning.reading import Verdict, losses_of, violation
from escalation.study.tuning.record import Scores, Tried, beaten

Array = npt.NDArray[np.float64]

FRONT, BEST = 8, 3
"""Finalists at most: of several goals, of a single one."""
MARGINS = (0.02, 0.05)
"""Parts of a limit by which it is kept with something to spare: the best of those trials come in too."""


def finalists(scores: Scores, trials: Sequence[Tried]) -> list[Tried]:
    """Return the trials that are played again on fresh replications; none when none could be measured.

    Of several goals it is the front, thinned out evenly; of a single one the best. Where none keeps the
    limits, those nearest to them. Where limits bind, the best trials lie on them, the luckier ones just
    within, so those that keep them with a margin come in too. For a regret so does the best of each case.
    """
    whole = _distinct([tried for tried in trials if tried.whole])
    if not whole:
        return []
    front = scores.front(whole) if len(scores.plan.goals) > 1 else []
    chosen = _thinned(scores, front) if front else _best(scores, whole)
    return _distinct([*chosen, *(_champions(scores.plan, whole) if scores.plan.robust.has_regret else [])])


def choose(plan: TuningPlan, verdicts: Sequence[Verdict]) -> int:
    """Return the place of the one to take, by what finalists came to on fresh replications.

    Only those that keep the limits count, or else the one nearest to them is taken. Of several goals it is
    the compromise (Yu 1973, Management Science 19:936): the one whose largest shortfall from the best of each
    goal is smallest, each goal measured by how far finalists differ in it.
    """
    missing = [violation(plan, verdict.gaps) for verdict in verdicts]
    able = [n for n, gap in enumerate(missing) if not gap]
    if not able:
        return int(np.argmin(missing))
    losses = np.array([verdicts[n].losses for n in able])
    if len(plan.goals) == 1:
        return able[int(np.argmin(losses[:, 0]))]
    best = losses.min(axis=0)
    width = losses[~beaten(losses)].max(axis=0) - best
    shortfall = (losses - best) / np.where(width > 0, width, 1.0)
    return able[int(np.lexsort((shortfall.sum(axis=1), shortfall.max(axis=1)))[0])]


def _best(scores: Scores, whole: Sequence[Tried]) -> list[Tried]:
    chosen = sorted(whole, key=scores.key)[: BEST if scores.plan.limits else BEST + len(MARGINS)]
    sizes = np.array([abs(limit.limit or 0.0) or 1.0 for limit in scores.plan.limits])
    for margin in MARGINS if scores.plan.limits else ():
        able = [tried for tried in whole if (scores.gaps(tried) <= -margin * sizes).all()]
        chosen += sorted(able, key=scores.key)[:1]
    return chosen


def _champions(plan: TuningPlan, whole: Sequence[Tried]) -> list[Tried]:
    losses = np.array([losses_of(plan, tried.array) for tried in whole])
    return [whole[n] for n in np.unique(losses.argmin(axis=0))]


def _thinned(scores: Scores, front: Sequence[Tried]) -> list[Tried]:
    """Return at most FRONT members: the best of each goal, then the farthest from those taken."""
    losses = np.array([scores.losses(tried) for tried in front])
    width = losses.max(axis=0) - losses.min(axis=0)
    places = (losses - losses.min(axis=0)) / np.where(width > 0, width, 1.0)
    taken = list(dict.fromkeys(places.argmin(axis=0).tolist()))
    while len(taken) < min(FRONT, len(front)):
        gap = np.min(np.linalg.norm(places[:, None] - places[taken][None], axis=2), axis=1)
        taken.append(int(gap.argmax()))
    return [front[n] for n in sorted(set(taken), key=lambda n: tuple(losses[n]))]


def _distinct(trials: Sequence[Tried]) -> list[Tried]:
    found: dict[tuple[object, ...], Tried] = {}
    for tried in trials:
        found.setdefault(tuple(tried.point.items()), tried)
    return list(found.values())
