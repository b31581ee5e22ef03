"""Intervening: a compiled world with some acts and shocks struck out, and acts put in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.model.kernel import kernel, table
from escalation.model.state import NONE
from escalation.model.tables import FAMILY_COUNT, ScriptRow, StrikeRow, Tables
from escalation.model.trace import watch_strike
from escalation.model.wake import GRID
from escalation.model.world import FORCED, NOON, World

ANY = EVERY = -1


class Strike(NamedTuple):
    """Acts, or shocks of one kind, since the takeover that do not take place.

    `ordinal` says which of those that fit (from 1), or EVERY. `actor`, `target`, `instrument` and `family`
    are indices, or ANY; a `family` past the last one stands for counted acts. `replication` is the only one
    in which it holds, or ANY. With the index of a `shock`, that is struck and no act. Forced acts and history
    are never struck.
    """

    ordinal: int
    actor: int = ANY
    target: int = ANY
    instrument: int = ANY
    family: int = ANY
    replication: int = ANY
    shock: int = ANY


class Forced(NamedTuple):
    """An act that takes place whatever its actor decides.

    `day` is in whole days from the scenario's start, at or after the takeover; `actor`, `target` and
    `instrument` are indices; `size` is 0 for an instrument without one.
    """

    day: int
    actor: int
    target: int
    instrument: int
    size: float = 0.0


@kernel
def fits(w: Tables, n: int, i: int, target: int, k: int) -> bool:
    """Return whether an act of `i` with `k` on `target` is of the kind that strike `n` is about."""
    strike, instrument = w.strike[n], w.instrument[k]
    counted = strike.family == FAMILY_COUNT and instrument.counted == 1
    return (
        strike.shock == ANY
        and (counted or strike.family in (ANY, instrument.family))
        and strike.actor in (ANY, i)
        and strike.target in (ANY, target)
        and strike.instrument in (ANY, k)
        and here(w, n)
    )


@kernel
def here(w: Tables, n: int) -> bool:
    """Return whether strike `n` is about this replication."""
    only = w.strike[n].replication
    return only == ANY or float(only) == float(w.state.stream[2])


@kernel
def shock_struck(w: Tables, shock: int, ordinal: int, now: float) -> bool:
    """Return whether a shock, the `ordinal`-th of its kind from 0, does not take place."""
    hit = False
    for n in range(len(w.strike)):
        if w.strike[n].shock == shock and w.strike[n].ordinal in (EVERY, ordinal + 1) and here(w, n):
            hit = True
    if hit:
        watch_strike(w, w.shock[shock].blamed, NONE, shock, NONE, now)
        w.state.tally.struck += 1
    return hit


@kernel
def struck(w: Tables, i: int, target: int, k: int, package: int, now: float) -> bool:
    """Return whether this act, decided and about to be done, does not take place.

    It counts among the acts on its dyad all the same: that number is in the keys of draws about later ones.
    """
    hit = False
    if now >= w.takeover:
        for n in range(len(w.strike)):
            if fits(w, n, i, target, k):
                w.state.seen[n] += 1
                hit = hit or w.strike[n].ordinal in (EVERY, w.state.seen[n])
    if hit:
        w.state.dyad[i * w.actors + target].acts += 1
        watch_strike(w, i, target, k, package, now)
        w.state.tally.struck += 1
    return hit


def strike_rows(strikes: Sequence[Strike]) -> npt.NDArray[np.void]:
    """Return the table of what is struck."""
    rows = table(StrikeRow, len(strikes))
    for name in Strike._fields:
        rows[name] = [getattr(strike, name) for strike in strikes]
    return rows


def script_rows(forced: Sequence[Forced], answered: int) -> npt.NDArray[np.void]:
    """Return forced acts as scripted ones, that answer nothing: `answered` causes stand before theirs."""
    rows = table(ScriptRow, len(forced))
    rows["time"] = [act.day + NOON + (order + 1) / GRID for order, act in enumerate(forced)]
    for name in ("actor", "target", "instrument", "size"):
        rows[name] = [getattr(act, name) for act in forced]
    rows["origin"] = FORCED
    rows["cause_from"] = rows["cause_to"] = answered
    return rows


def intervened(world: World, strikes: Sequence[Strike] = (), forced: Sequence[Forced] = ()) -> World:
    """Return `world` with further acts struck and forced: a world like any other, for either clock.

    Both kinds of interventions leave the keys of all draws as they are. A forced act happens at noon, like
    one of history: before anybody decides on that day, with nothing that it answers.
    """
    tables = world.tables
    more = {
        "script": np.concatenate([tables.script, script_rows(forced, len(tables.script_cause))]),
        "strike": np.concatenate([tables.strike, strike_rows(strikes)]),
    }
    return replace(world, tables=replace(tables, **more).laid_out())
