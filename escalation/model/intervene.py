"""Intervening: a compiled world with some acts struck out, and others put in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from escalation.model.calendar import NOON
from escalation.model.outbox import GRID
from escalation.model.strike import Strike, strike_columns
from escalation.model.world import FORCED, World


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


def intervened(world: World, strikes: Sequence[Strike] = (), forced: Sequence[Forced] = ()) -> World:
    """Return `world` with further acts struck and forced: a world like any other, for either clock.

    Both kinds of interventions leave the keys of all draws as they are. A forced act happens at noon, like
    one of history: before anybody decides on that day, with nothing that it answers.
    """
    tables, numbers = world.tables, world.numbers
    more = strike_columns(strikes)
    fields = {name: np.concatenate([getattr(tables, name), more[name]]) for name in more}
    times = [act.day + NOON + (order + 1) / GRID for order, act in enumerate(forced)]
    scripts = {
        "script_time": times,
        "script_actor": [act.actor for act in forced],
        "script_target": [act.target for act in forced],
        "script_instrument": [act.instrument for act in forced],
        "script_origin": [FORCED] * len(forced),
        "script_cause_start": [int(tables.script_cause_start[-1])] * len(forced),
    }
    for name, values in scripts.items():
        column = getattr(tables, name)
        fields[name] = np.concatenate([column, np.array(values, column.dtype)])
    sizes = np.array([act.size for act in forced])
    return replace(
        world,
        tables=tables._replace(scripts=tables.scripts + len(forced), **fields),
        numbers=numbers._replace(scripted_size=np.concatenate([numbers.scripted_size, sizes])),
    )
