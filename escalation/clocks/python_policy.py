"""Policies that users write in Python: what such a class is given, and how it is found.

A package registers a class under the entry point group `escalation.policies`; a scenario names it
(`policy: {kind: python, name: ...}`) and never carries code. It runs on the SimPy clock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache, partial
from importlib.metadata import EntryPoint, entry_points
from typing import Any, NamedTuple, Protocol

from escalation.errors import InputError, nearest
from escalation.model.choose import allowed
from escalation.model.deliberate import add_to_draft, close_draft, deliberation_key, learn
from escalation.model.draws import CHOICE, uniform
from escalation.model.feel import settle
from escalation.model.numbers import Numbers
from escalation.model.outbox import count_event
from escalation.model.pressure import pressure
from escalation.model.state import OUT, State
from escalation.model.tables import NOTHING, PACKAGE, Tables
from escalation.model.world import World

GROUP = "escalation.policies"


class Option(NamedTuple):
    """One instrument that can be used now, against the opponent or a member of it."""

    instrument: str
    target: str
    family: str
    rung: float
    severity: float
    harm: float
    cost: float


class Situation(NamedTuple):
    """What an actor knows when it deliberates.

    `grievance` is against `about` (negative is goodwill), `pressure` is on the actor itself, `top_rung` the
    highest rung that it has reached against `about`, `promise_due` whether its own threat has fallen due.
    `draw` gives independent uniforms in [0, 1) that depend on the replication and this deliberation alone: a
    policy that needs chance must take it from there.
    """

    day: date
    actor: str
    about: str
    grievance: float
    pressure: float
    top_rung: float
    promise_due: bool
    options: tuple[Option, ...]
    draw: Callable[[], float]


class PythonPolicy(Protocol):
    """What a registered class must offer; it is made anew for each replication, with its parameters."""

    def choose(self, situation: Situation) -> Sequence[Option]:
        """Return the package: some of `situation.options`, none to do nothing."""
        ...


@lru_cache(maxsize=8)
def factories(world: World) -> dict[int, Callable[[], PythonPolicy]]:
    """Return how to make the policy of each actor that has one of kind `python`.

    Raises InputError when no installed package registers a name that the scenario uses, when the class cannot
    be imported, or when it does not take the parameters.
    """
    if not world.names.python:
        return {}
    registered = {point.name: point for point in entry_points(group=GROUP)}
    made: dict[int, Callable[[], PythonPolicy]] = {}
    for actor, policy in world.names.python.items():
        path = f"actors.{world.names.actors[actor]}.policy"
        if policy.name not in registered:
            names = ", ".join(sorted(registered)) or "none"
            near = nearest(policy.name, tuple(registered))
            raise InputError(
                f"{path}.name: no installed package registers {policy.name!r} under the entry point {GROUP};"
                f" registered are: {names}" + (f" (did you mean {near}?)" if near else "")
            )
        made[actor] = _factory(registered[policy.name], dict(policy.parameters), path)
    return made


def _factory(point: EntryPoint, parameters: dict[str, Any], path: str) -> Callable[[], PythonPolicy]:
    try:
        make = partial(point.load(), **parameters)
        make()
    except (ImportError, AttributeError) as error:
        raise InputError(f"{path}.name: {point.value} cannot be imported: {error}") from error
    except TypeError as error:
        raise InputError(f"{path}.parameters: {point.value} does not take them: {error}") from error
    return make


def consult(
    world: World,
    policy: PythonPolicy,
    tables: Tables,
    numbers: Numbers,
    state: State,
    i: int,
    j: int,
    now: float,
) -> None:
    """Let a Python policy fill the draft of `i` about `j`. Raises ValueError for a choice not on offer."""
    ij = i * tables.actors + j
    learn(numbers, state, i, ij)
    grievance = settle(tables, numbers, state, i, j, now)
    cause = deliberation_key(tables, state, ij, now)
    draws = iter(range(1 << 20))
    offered = _options(world, tables, numbers, state, i, j)
    names = world.names
    chosen = policy.choose(
        Situation(
            day=world.day(now),
            actor=names.actors[i],
            about=names.actors[j],
            grievance=grievance,
            pressure=pressure(numbers, state, i, now),
            top_rung=state.top[ij],
            promise_due=bool(state.due[ij]),
            options=tuple(offered),
            draw=lambda: uniform(state.stream, CHOICE, next(draws), cause),
        )
    )
    for option in list(chosen)[:PACKAGE]:
        if option not in offered:
            raise ValueError(f"the policy of {names.actors[i]} chose {option!r}, which was not on offer")
        target, k = offered.pop(option)
        add_to_draft(tables, numbers, state, ij, target, k, cause)
    close_draft(tables, numbers, state, i, j, grievance, 0.0, now)


def _options(
    world: World, tables: Tables, numbers: Numbers, state: State, i: int, j: int
) -> dict[Option, tuple[int, int]]:
    names = world.names
    members = [tables.member[m] for m in range(tables.member_start[j], tables.member_start[j + 1])]
    return {
        Option(
            names.instruments[k],
            names.actors[target],
            names.families[k],
            numbers.rung[k],
            numbers.severity[k],
            numbers.harm[k],
            numbers.cost[k],
        ): (target, k)
        for target in (j, *members)
        if target != i
        for k in _usable(tables, state, i * tables.actors + target)
    }


def _usable(tables: Tables, state: State, il: int) -> list[int]:
    options = (tables.option[place] for place in range(tables.option_start[il], tables.option_start[il + 1]))
    return [k for k in options if k != NOTHING and allowed(tables, state, il, k)]


def begin_event(tables: Tables, state: State) -> None:
    """Empty the outbox and count the event, as `handle` does for the rules' own."""
    state.tally[OUT] = 0
    count_event(tables, state)
