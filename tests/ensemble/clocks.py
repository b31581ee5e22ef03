"""Clocks that do on purpose what a real one does by accident; worker processes import them from here."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from escalation.clocks import simpy_clock
from escalation.model.world import DONE, FAILED, SIMULATED, TRUNCATED, Replication, World

REAL = simpy_clock.simulate
"""The real clock, for tests that put another in its place."""


def counting(world: World, seed: int, replication: int) -> Replication:
    row = seed * 1000.0 + replication + np.arange(len(world.outcomes))
    row[[outcome.kind == "rank" for outcome in world.outcomes]] = replication % 4
    acts = {
        "act": np.arange(2),
        "origin": np.array([SIMULATED, SIMULATED]),
        "time": np.array([1.5, 2.0 + replication % 7]),
        "actor": np.array([0, 1]),
        "target": np.array([1, 0]),
        "instrument": np.array([0, 1]),
        "size": np.array([0.0, float(replication)]),
        "package": np.array([0, -1]),
        "parent": np.array([-1, 0]),
        "in_force": np.array([1.5, np.nan]),
        "lapsed": np.array([np.nan, np.nan]),
    }
    causes = {"act": np.array([1]), "cause": np.array([0]), "share": np.array([0.75])}
    return Replication(DONE, "", row, acts, causes)


def failing_each_third(world: World, seed: int, replication: int) -> Replication:
    if replication % 3 == 0:
        raise ZeroDivisionError(f"nothing to divide by in {replication}")
    return counting(world, seed, replication)


def failing_each_third_of_the_real(world: World, seed: int, replication: int) -> Replication:
    if replication % 3 == 0:
        raise ZeroDivisionError(f"nothing to divide by in {replication}")
    return REAL(world, seed, replication)


def always_failing(world: World, seed: int, replication: int) -> Replication:
    return Replication(FAILED, "it says so itself", np.full(len(world.outcomes), np.nan), {}, {})


def truncating_the_first(world: World, seed: int, replication: int) -> Replication:
    done = counting(world, seed, replication)
    return done._replace(status=TRUNCATED) if replication == 0 else done


def interrupted_at_twenty(world: World, seed: int, replication: int) -> Replication:
    if replication == 20:
        raise KeyboardInterrupt
    return counting(world, seed, replication)


def killed_at_five(world: World, seed: int, replication: int) -> Replication:
    if replication == 5:
        os._exit(9)
    return counting(world, seed, replication)


def slow(world: World, seed: int, replication: int) -> Replication:
    time.sleep(0.05)
    return counting(world, seed, replication)


def slow_and_real(world: World, seed: int, replication: int) -> Replication:
    time.sleep(0.03)
    return REAL(world, seed, replication)


@dataclass(frozen=True)
class Stuck:
    """A clock that never ends replication 1, and makes a file once it has begun it."""

    sign: Path

    def __call__(self, world: World, seed: int, replication: int) -> Replication:
        if replication == 1:
            self.sign.touch()
            threading.Event().wait()
        return counting(world, seed, replication)


class Unreducible:
    """A reducer with a bug."""

    def __call__(self, world: World, first: int, replications: Sequence[Replication]) -> None:
        raise LookupError("no such sum")

    def add(self, total: None, part: None) -> None:
        raise AssertionError("there is no part")


def coin(world: World, seed: int, replication: int) -> Replication:
    """Every outcome is a coin, thrown anew in every replication; nobody does anything."""
    row = np.random.default_rng([seed, replication]).integers(0, 2, len(world.outcomes)).astype(float)
    nothing = {name: column[:0] for name, column in counting(world, seed, replication).acts.items()}
    return Replication(DONE, "", row, nothing, {name: np.empty(0, int) for name in ("act", "cause", "share")})


def failing_silently(world: World, seed: int, replication: int) -> Replication:
    """A clock that only knows that it failed, as compiled code does."""
    return Replication(FAILED, "", np.full(len(world.outcomes), np.nan), {}, {})


def failing_in_other_words(world: World, seed: int, replication: int) -> Replication:
    raise RuntimeError("in other words")
