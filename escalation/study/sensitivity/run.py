"""A sensitivity analysis from beginning to end: played and stored; begun anew or gone on with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from escalation.ensemble.interrupts import interrupts_deferred
from escalation.ensemble.place import unwritable
from escalation.study.sensitivity.plan import SensitivityPlan
from escalation.study.sensitivity.sensitivity import (
    Interrupted,
    Sensitivity,
    SensitivityMeans,
    cost_of,
    perform,
)
from escalation.study.sensitivity.store import SensitivityStore

Draw = Callable[[Sensitivity], Mapping[str, bytes]]
"""What is put beside the results: files by name."""


def begin(
    plan: SensitivityPlan, means: SensitivityMeans, folder: Path | None, source: str | None, draw: Draw
) -> Sensitivity:
    """Play an analysis, and store it in `folder` where one is named; `source` is the scenario's, as named.

    Raises InputError or EnvironmentFault for a folder that is no good, before anything is played, and
    Interrupted on Ctrl-C.
    """
    if folder is None:
        try:
            return perform(plan, means)
        except KeyboardInterrupt:
            raise Interrupted("interrupted; nothing is kept of it, for no folder was named") from None
    return _stored(plan, means, SensitivityStore.new(folder, plan, source), draw)


def go_on(place: Path, means: SensitivityMeans, draw: Draw) -> Sensitivity:
    """Go on with the interrupted analysis at `place` to its end. Raises InputError like `resume`."""
    store, plan = SensitivityStore.reopen(place)
    return _stored(plan, means, store, draw)


def asked_of(place: Path) -> int:
    """Return how many replications an interrupted analysis was to have in all. Raises InputError."""
    store, plan = SensitivityStore.reopen(place)
    store.release()
    return cost_of(plan).replications


def _stored(
    plan: SensitivityPlan, means: SensitivityMeans, store: SensitivityStore, draw: Draw
) -> Sensitivity:
    try:
        found = perform(plan, means, store.pieces)
        with interrupts_deferred():
            return replace(found, folder=store.finish(found, draw(found)))
    except KeyboardInterrupt:
        raise _interrupted(plan, store) from None
    except OSError as error:
        folder = store.close()
        raise unwritable(folder or Path(), error) from error
    except BaseException:
        store.close()
        raise


def _interrupted(plan: SensitivityPlan, store: SensitivityStore) -> Interrupted:
    if store.folder.is_dir():
        return Interrupted(
            f"interrupted when it was finished: `escalation resume {store.folder}` shows what came out"
        )
    points, folder = store.pieces.points, store.close()
    if folder is None:
        return Interrupted("interrupted before anything was finished; nothing is kept")
    return Interrupted(
        f"interrupted: {points:,} of {cost_of(plan).points:,} points are kept;"
        f" `escalation resume {folder}` goes on with them"
    )
