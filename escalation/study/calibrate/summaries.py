"""What a window of a record is summed up as: the same of the record and of every replication.

Of each actor: package days in the first 30 days and in the rest (0 is silence), and days to the first one.
Of the target and of the senders: the mean gap between package days, the severity of a package day, names
listed, how many different instruments are used. Of the answers: package days of the target in the 30 days
after a package of the senders that does harm, and after one that does none; those late in the window less
those early. And the number of shocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from escalation.model.compile import compile_scenario
from escalation.model.world import FAILED, SHOCK, SIMULATED, Replication, World
from escalation.scenario.document import Scenario
from escalation.scenario.load import with_past
from escalation.scenario.record import Record

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SOON = 30
"""Days in which counts are taken apart, and in which a package is answered."""
MONTHS, SETTLED = 3, 21
"""Months of a window, and days of a record that stand before the first."""
ROWS = 500
"""Replications that are summed up at a time."""


@dataclass(frozen=True)
class Window:
    """Some days of a record: what stood before is the past, what came in them is held against replications.

    `seen` is what the record holds in them.
    """

    start: Date
    days: int
    world: World
    target: int
    seen: Acts


@dataclass(frozen=True)
class Acts:
    """Hostile acts of one window, words excluded: day from its start, actor, instrument, names listed."""

    day: Ints
    actor: Ints
    instrument: Ints
    size: Array
    shocks: int


def spans_of(scenario: Scenario, record: Record, until: Date) -> list[tuple[Date, int]]:
    """Return first day and length of each window before a day, the latest first: quarters, then what is left.

    What a record holds from `until` on has no influence.
    """
    own = (entry.date for entry in record.before(until).acts if entry.actor in scenario.actors)
    first, end, spans = min(own, default=until), until, []
    while (start := _start(end, first)) is not None:
        spans.append((start, (end - start).days))
        end = start
    return spans


def window_at(
    scenario: Scenario, record: Record, target: str, start: Date, days: int, shocks_known: bool
) -> Window:
    """Return a window, which is simulated from what the record held before it, and what came in it."""
    end = start + timedelta(days)
    world = compile_scenario(with_past(scenario, record, start, days, shocks_known).scenario)
    known = with_past(scenario, record, end, 1).scenario
    seen = _recorded(known, world, start, days, shocks_known)
    return Window(start, days, world, world.names.actors.index(target), seen)


def _start(end: Date, first: Date) -> Date | None:
    """Return where the window that ends on a day begins; None where too little of the record is left."""
    starts = [_months_before(end, months) for months in range(MONTHS, 0, -1)]
    return next((start for start in starts if (start - first).days >= SETTLED), None)


def _months_before(day: Date, months: int) -> Date:
    count = day.year * 12 + day.month - 1 - months
    return Date(count // 12, count % 12 + 1, min(day.day, 28))


def _recorded(known: Scenario, world: World, start: Date, days: int, shocks_known: bool) -> Acts:
    """Return what a scenario with the whole record as its past did in a window."""
    names, end = world.names, start + timedelta(days)
    counted = np.asarray(world.tables.instrument["counted"]) == 1
    rows = [
        ((act.date - start).days, names.actors.index(act.actor), kind, act.size.nominal if act.size else 0.0)
        for act in known.history.values()
        if start <= act.date < end and counted[kind := names.instruments.index(act.instrument)]
    ]
    dated = [shock for shock in known.shocks.values() if shock.date and start <= shock.date < end]
    unknown = 0 if shocks_known else sum(not shock.foreseen for shock in dated)
    columns = np.array(rows, np.float64).reshape(-1, 4).T
    day, actor, instrument = columns[:3].astype(np.int64)
    return Acts(day, actor, instrument, columns[3], unknown)


def acts_of(world: World, done: Replication) -> Acts | None:
    """Return what a replication did from the takeover on; None where it failed."""
    if done.status == FAILED:
        return None
    acts, takeover = done.acts, float(world.tables.takeover)
    is_act = acts["origin"] == SIMULATED
    is_act[is_act] = np.asarray(world.tables.instrument["counted"])[acts["instrument"][is_act]] == 1
    random = (acts["origin"] == SHOCK) & (acts["time"] >= takeover)
    at_a_rate = np.isinf(np.asarray(world.tables.shock["time"]))
    return Acts(
        np.floor(acts["time"][is_act] - takeover).astype(np.int64), acts["actor"][is_act].astype(np.int64),
        acts["instrument"][is_act].astype(np.int64), np.nan_to_num(acts["size"][is_act]),
        int(np.count_nonzero(at_a_rate[acts["instrument"][random]])),
    )  # fmt: skip


def counts_of(window: Window, acts: Sequence[Acts]) -> Array:
    """Return the package days of each actor in a window, float64[rows, actors]."""
    return np.concatenate(
        [_cube(window, acts[n : n + ROWS])[0].sum(axis=2) for n in range(0, len(acts), ROWS)]
    ).astype(np.float64)


def summaries_of(window: Window, acts: Sequence[Acts]) -> Array:
    """Return the summaries of a window, float64[rows, summaries]."""
    return np.concatenate([_summaries(window, acts[n : n + ROWS]) for n in range(0, len(acts), ROWS)])


def _cube(window: Window, acts: Sequence[Acts]) -> tuple[npt.NDArray[np.bool_], Array, npt.NDArray[np.bool_]]:
    """Return by row, actor and day: is it a package day, its highest severity, does it harm."""
    instrument = window.world.tables.instrument
    severity, harm = np.asarray(instrument["severity"]), np.asarray(instrument["harm"]) > 0
    shape = len(acts), len(window.world.names.actors), window.days
    row = np.repeat(np.arange(len(acts)), [len(done.day) for done in acts])
    actor, day, kind = (
        np.concatenate([getattr(done, name) for done in acts]) for name in ("actor", "day", "instrument")
    )
    is_in = (day >= 0) & (day < window.days)
    at = row[is_in], actor[is_in], day[is_in]
    highest, bites = np.zeros(shape), np.zeros(shape, np.bool_)
    np.maximum.at(highest, at, severity[kind[is_in]])
    np.logical_or.at(bites, at, harm[kind[is_in]])
    return highest > 0, highest, bites


def _summaries(window: Window, acts: Sequence[Acts]) -> Array:
    present, highest, bites = _cube(window, acts)
    days, n, actors = window.days, len(acts), len(window.world.names.actors)
    senders = np.arange(actors) != window.target
    early, late = present[:, :, :SOON].sum(axis=2), present[:, :, SOON:].sum(axis=2)
    first = np.where(present.any(axis=2), present.argmax(axis=2), days) / days
    columns = [*np.sqrt(early.T), *np.sqrt(late.T), *first.T]
    for kind in (~senders, senders):
        own = present[:, kind]
        count = own.sum(axis=(1, 2))
        columns += [
            _gaps(own, days), highest[:, kind].sum(axis=(1, 2)) / np.maximum(count, 1), np.sqrt(count),
            np.log1p([done.size[kind[done.actor]].sum() for done in acts]),
            np.array([len({*done.instrument[kind[done.actor]].tolist()}) for done in acts], np.float64),
        ]  # fmt: skip
    target, others = present[:, window.target], present[:, senders].any(axis=1)
    harmful = bites[:, senders].any(axis=1)
    answers = _answers(target)
    for asked in (others & harmful, others & ~harmful):
        columns.append((answers * asked).sum(axis=1) / np.maximum(asked.sum(axis=1), 1))
    half = days // 2
    columns.append(target[:, half:].sum(axis=1) - target[:, :half].sum(axis=1))
    columns.append(np.sqrt([done.shocks for done in acts]))
    return np.stack([np.broadcast_to(np.asarray(column, np.float64), (n,)) for column in columns], axis=1)


def _gaps(present: npt.NDArray[np.bool_], days: int) -> Array:
    """Return the mean gap between package days of an actor, as a share of the window; 1 without any."""
    last = np.where(present.any(axis=2), days - 1 - present[:, :, ::-1].argmax(axis=2), 0)
    first = np.where(present.any(axis=2), present.argmax(axis=2), 0)
    steps = np.maximum(present.sum(axis=2) - 1, 0).sum(axis=1)
    return np.asarray(
        np.where(steps, (last - first).sum(axis=1) / np.maximum(steps, 1) / days, 1.0), np.float64
    )


def _answers(target: npt.NDArray[np.bool_]) -> Array:
    """Return how many package days the target has in the days after each day, float64[rows, days]."""
    total = np.cumsum(target, axis=1)
    ahead = np.minimum(np.arange(target.shape[1]) + SOON, target.shape[1] - 1)
    return np.asarray(total[:, ahead] - total, np.float64)
