"""Policies that users write in Python: what such a class is given, and how it is found.

A package registers a class under the entry point group `escalation.policies`; a scenario names it
(`policy: {kind: python, name: ...}`) and never carries code. It runs on the SimPy clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import lru_cache, partial
from importlib.metadata import EntryPoint, entry_points
from inspect import signature
from traceback import extract_tb
from typing import Any, NamedTuple, Protocol

from escalation.errors import InputError, did_you_mean
from escalation.model.choose import allowed
from escalation.model.deliberate import add_to_draft, close_draft, deliberation_key, learn
from escalation.model.draws import CHOICE, uniform
from escalation.model.feel import pressure, settle
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
    policies: dict[int, Callable[[], PythonPolicy]] = {}
    for actor, policy in world.names.python.items():
        path = f"actors.{world.names.actors[actor]}.policy"
        if policy.name not in registered:
            known = ", ".join(sorted(registered)) or "none"
            raise InputError(
                f"{path}.name: no installed package registers {policy.name!r} under the entry point {GROUP};"
                f" registered are: {known}{did_you_mean(policy.name, tuple(registered))}"
            )
        policies[actor] = _factory(registered[policy.name], dict(policy.parameters), path)
    return policies


class PolicyError(RuntimeError):
    """A policy that a user has written raised an error, or ended the program."""


def _factory(point: EntryPoint, parameters: dict[str, Any], path: str) -> Callable[[], PythonPolicy]:
    try:
        make: Callable[..., PythonPolicy] = point.load()
    except (Exception, SystemExit) as error:
        raise InputError(f"{path}.name: {point.value} cannot be imported: {described(error)}") from error
    try:
        signature(make).bind(**parameters)
    except TypeError as error:
        raise InputError(f"{path}.parameters: {point.value} does not take them: {error}") from error
    try:
        make(**parameters)
    except (Exception, SystemExit) as error:
        raise InputError(f"{path}: {point.value} cannot be made: {described(error)}") from error
    return partial(make, **parameters)


def described(error: BaseException) -> str:
    """Return what a policy's code raised, with the file and line where it did."""
    frames = [frame for frame in extract_tb(error.__traceback__) if frame.filename != __file__]
    where = f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
    called = "it calls sys.exit" if isinstance(error, SystemExit) else f"{type(error).__name__}: {error}"
    return called + where


@contextmanager
def blamed(actor: str) -> Iterator[None]:
    """Raise whatever the code of an actor's policy raises as a PolicyError that names file and line."""
    try:
        yield
    except (Exception, SystemExit) as error:
        raise PolicyError(f"the policy of {actor}: {described(error)}") from error


def policies_of(world: World) -> dict[int, PythonPolicy]:
    """Return a new policy for each actor that has one of kind `python`."""
    policies = {}
    for actor, make in factories(world).items():
        with blamed(world.names.actors[actor]):
            policies[actor] = make()
    return policies


def consult(world: World, policy: PythonPolicy, w: Tables, i: int, j: int, now: float) -> None:
    """Let a Python policy fill the draft of `i` about `j`. Raises ValueError for a choice not on offer."""
    ij = i * w.actors + j
    learn(w, i, ij)
    grievance = settle(w, i, j, now)
    cause = deliberation_key(w, ij, now)
    draws = iter(range(1 << 20))
    offered = _options(world, w, i, j)
    names = world.names
    situation = Situation(
        day=world.day(now),
        actor=names.actors[i],
        about=names.actors[j],
        grievance=grievance,
        pressure=pressure(w, i, now),
        top_rung=w.state.dyad[ij].top,
        promise_due=bool(w.state.dyad[ij].due),
        options=tuple(offered),
        draw=lambda: uniform(w.state.stream, CHOICE, next(draws), cause),
    )
    with blamed(names.actors[i]):
        chosen = list(policy.choose(situation))
    for option in chosen[:PACKAGE]:
        if option not in offered:
            raise ValueError(f"the policy of {names.actors[i]} chose {option!r}, which was not on offer")
        target, k = offered.pop(option)
        add_to_draft(w, ij, target, k, cause)
    close_draft(w, i, j, grievance, 0.0, now)


def _options(world: World, w: Tables, i: int, j: int) -> dict[Option, tuple[int, int]]:
    names = world.names
    members = [w.member[m] for m in range(w.actor[j].member_from, w.actor[j].member_to)]
    return {
        Option(
            names.instruments[k],
            names.actors[target],
            names.families[k],
            w.instrument[k].rung,
            w.instrument[k].severity,
            w.instrument[k].harm,
            w.instrument[k].cost,
        ): (target, k)
        for target in (j, *members)
        if target != i
        for k in _usable(w, i * w.actors + target)
    }


def _usable(w: Tables, il: int) -> list[int]:
    options = (w.option[n] for n in range(w.dyad[il].option_from, w.dyad[il].option_to))
    return [k for k in options if k != NOTHING and allowed(w, il, k)]
