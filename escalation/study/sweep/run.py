"""A sweep from beginning to end: played and stored; begun anew or gone on with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from escalation.ensemble.engine import address_of
from escalation.ensemble.interrupts import interrupts_deferred
from escalation.study.sweep.store import SweepStore
from escalation.study.sweep.sweep import Sweep, SweepMeans, SweepPlan, Swept, perform


def begin(plan: SweepPlan, means: SweepMeans, folder: Path | None, source: str | None) -> Sweep:
    """Play a sweep, and store it in `folder` where one is named; `source` is the scenario's, as named.

    Raises InputError or EnvironmentFault for a folder or an engine that is no good, before it plays anything.
    """
    address_of(means.engine)
    if folder is None:
        return perform(plan, means)
    return _stored(plan, means, SweepStore.new(folder, plan, source), ())


def go_on(place: Path, means: SweepMeans) -> Sweep:
    """Go on with the interrupted sweep at `place` to its end. Raises InputError like `resume`."""
    store, plan, done = SweepStore.reopen(place)
    return _stored(plan, means, store, done)


def asked_of(place: Path) -> int:
    """Return how many replications an interrupted sweep was to have in all. Raises InputError."""
    store, plan, _ = SweepStore.reopen(place)
    store.release()
    return len(plan.points) * plan.replications


def _stored(plan: SweepPlan, means: SweepMeans, store: SweepStore, done: Sequence[Swept]) -> Sweep:
    try:
        sweep = perform(plan, means, done, store.point)
        with interrupts_deferred():
            if sweep.complete:
                return replace(sweep, folder=store.finish(sweep))
    except BaseException:
        store.close()
        raise
    return replace(sweep, folder=store.close())
