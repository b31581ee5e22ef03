"""A tuning from beginning to end: begun anew or gone on with, stored where it is asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from escalation.ensemble.interrupts import interrupts_deferred
from escalation.study.tuning.chosen import scenario_text
from escalation.study.tuning.compared import compared_at
from escalation.study.tuning.final import play_final
from escalation.study.tuning.outcome import Tuned
from escalation.study.tuning.plan import TuningPlan
from escalation.study.tuning.record import Tried
from escalation.study.tuning.report import Shown, finding, overview
from escalation.study.tuning.search import need_optuna
from escalation.study.tuning.store import TuningStore
from escalation.study.tuning.tune import Tuner, TuningMeans, evaluator_for

POLICY = "policy-{}.yaml"
"""The name of the file of each finalist, by its trial; that of the chosen one is `Tuned.file`."""

Draw = Callable[[Tuned, Sequence[Shown]], Mapping[str, str]]
"""Makes further files of a finding: tables and pictures, by name."""


@dataclass(frozen=True)
class Tuning:
    """What a tuning hands back. `tuned` is None when it was interrupted; `folder` is where it is kept."""

    plan: TuningPlan
    trials: tuple[Tried, ...]
    tuned: Tuned | None
    folder: Path | None


def begin(
    plan: TuningPlan, means: TuningMeans, folder: Path | None, source: str | None, draw: Draw | None = None
) -> Tuning:
    """Tune, and store it in `folder` where one is named. On Ctrl-C what is finished is kept.

    Raises InputError or EnvironmentFault for a folder or an engine that is no good, or without the optimiser,
    before anything is simulated.
    """
    need_optuna()
    store = TuningStore.new(folder, plan, source) if folder else None
    return _tuned(plan, means, store, (), draw)


def go_on(place: Path, means: TuningMeans, draw: Draw | None = None) -> Tuning:
    """Go on with the interrupted tuning of the name `place`, to what it would have come to without that.

    Raises InputError like `TuningStore.reopen`.
    """
    need_optuna()
    store, plan, done = TuningStore.reopen(place)
    return _tuned(plan, means, store, done, draw)


def _tuned(
    plan: TuningPlan, means: TuningMeans, store: TuningStore | None, known: Sequence[Tried], draw: Draw | None
) -> Tuning:
    began, trials = time.perf_counter(), list[Tried]()
    try:
        with evaluator_for(plan, means, plan.seed) as evaluator:
            tuner = Tuner(plan, evaluator)
            trials = tuner.trials
            tuner.go(means, known, store.trial if store else None)
        final = play_final(tuner, means)
        compared = compared_at(plan, means, final.entrants[final.chosen].point)
        tuned = finding(tuner, final, compared, time.perf_counter() - began)
        if store is None:
            return Tuning(plan, tuple(trials), tuned, None)
        files = {**_policies(plan, tuned), **(draw(tuned, overview(tuner)) if draw else {})}
        with interrupts_deferred():
            return Tuning(plan, tuple(trials), tuned, store.finish(tuned, files))
    except KeyboardInterrupt:
        return Tuning(plan, tuple(trials), None, store.close() if store else None)
    except BaseException:
        if store:
            store.close()
        raise


def _policies(plan: TuningPlan, tuned: Tuned) -> dict[str, str]:
    files = {POLICY.format(one.trial): scenario_text(plan, tuned, one) for one in tuned.finalists}
    return {tuned.file: scenario_text(plan, tuned, tuned.chosen), **files}
