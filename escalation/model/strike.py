"""Striking: acts that are decided and do not take place, because an intervention says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from escalation.model.kernel import kernel
from escalation.model.state import STRUCK, State
from escalation.model.tables import Tables
from escalation.model.trace import note_struck

ANY = EVERY = -1


class Strike(NamedTuple):
    """Acts since the takeover that do not take place.

    `ordinal` is the how manieth of the acts that fit (from 1), or EVERY. `actor`, `target`, `instrument` and
    `family` are indices, or ANY; a `family` past the last one stands for counted acts. `replication` is the
    only one in which it holds, or ANY. Forced acts and history are never struck.
    """

    ordinal: int
    actor: int = ANY
    target: int = ANY
    instrument: int = ANY
    family: int = ANY
    replication: int = ANY


def strike_columns(strikes: Sequence[Strike]) -> dict[str, Any]:
    """Return the fields of `Tables` that say what is struck."""
    return {
        f"strike_{name}": np.array([getattr(strike, name) for strike in strikes], np.int64)
        for name in Strike._fields
    }


@kernel
def fits(tables: Tables, state: State, n: int, i: int, target: int, k: int) -> bool:
    """Return whether an act of `i` with `k` on `target` is of the kind that strike `n` is about."""
    replication, family = tables.strike_replication[n], tables.strike_family[n]
    counted = family == tables.families and tables.counted[k] == 1
    return (
        (counted or family in (ANY, tables.family[k]))
        and tables.strike_actor[n] in (ANY, i)
        and tables.strike_target[n] in (ANY, target)
        and tables.strike_instrument[n] in (ANY, k)
        and (replication == ANY or float(replication) == float(state.stream[2]))
    )


@kernel
def struck(tables: Tables, state: State, i: int, target: int, k: int, package: int, now: float) -> bool:
    """Return whether this act, decided and about to be done, does not take place.

    It counts among the acts on its dyad all the same: that number is in the keys of draws about later ones.
    """
    hit = False
    if now >= tables.takeover:
        for n in range(len(tables.strike_ordinal)):
            if fits(tables, state, n, i, target, k):
                state.strike_seen[n] += 1
                hit = hit or tables.strike_ordinal[n] in (EVERY, state.strike_seen[n])
    if hit:
        state.acts_on[i * tables.actors + target] += 1
        note_struck(tables, state, i, target, k, package, now)
        state.tally[STRUCK] += 1
    return hit
