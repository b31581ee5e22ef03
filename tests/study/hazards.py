"""Worlds of hazard policies, whose matrix of answers is known beforehand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np

from escalation.clocks.simpy_clock import simulate
from escalation.model.world import Replication, World
from escalation.study.flywheel.estimate import estimate
from escalation.study.flywheel.log import sums_by_batch
from escalation.study.flywheel.model import Flywheel
from escalation.study.flywheel.plan import Plan
from tests.model.worlds import START, actor, duel, world

SYMMETRIC = {me: {you: 0.7 if you == me else 0.5 for you in "abc"} for me in "abc"}
"""Three actors: 0.7 answers by the victim and 0.5 by the third, so that R is 1.2."""


def hazards(
    answers: dict[str, dict[str, float]],
    days: int = 365,
    shocks: int = 10,
    salience: float = 1.0,
    lag: float = 3,
    spread: float = 0.3,
    **more: Any,
) -> dict[str, Any]:
    """Return a scenario in which `answers[observer][victim]` are the odds of an answer.

    On the first day the second actor blames the first for so many shocks, and answers each with the odds
    `salience`.
    """
    names = list(answers)
    shock = {"label": "A shock", "date": START, "blamed": names[0], "magnitude": 1}
    data = duel(end=START + timedelta(days=days), dyads={}, **more)
    data["actors"] = {
        name: actor(institution={"stages": {"reaction": {"median": lag, "spread": spread}}})
        | {"policy": hazard(name, odds)}
        for name, odds in answers.items()
    }
    data["shocks"] = {f"shock_{n}": shock | {"salience": {names[1]: salience}} for n in range(shocks)}
    return data


def hazard(name: str, odds: dict[str, float]) -> dict[str, Any]:
    others = {victim: odd for victim, odd in odds.items() if victim != name}
    return {"kind": "hazard", "instrument": "listing", "answers": odds.get(name, 0), "answers_for": others}


def matrix(built: World, answers: dict[str, dict[str, float]]) -> np.ndarray:
    """Return K over all dyads: an act of `a` on `b` is answered by `c` on `a` with `answers[c][b]`."""
    names = built.names.actors
    n = len(names)
    K = np.zeros((n * n, n * n))
    for a in range(n):
        for b in range(n):
            for c in range(n):
                if a not in (b, c):
                    K[a * n + b, c * n + a] = answers[names[c]].get(names[b], 0)
    return K


def ensemble(data: dict[str, Any], replications: int, seed: int = 1) -> tuple[World, list[Replication]]:
    built = world(data)
    return built, [simulate(built, seed, number) for number in range(replications)]


def flywheel(built: World, replications: list[Replication], plan: Plan) -> Flywheel:
    return estimate(sums_by_batch(built, 0, replications, len(replications), plan), built)


def places(built: World, wheel: Flywheel) -> np.ndarray:
    """Return the number of each dyad of a flywheel among all dyads."""
    names = built.names.actors
    pairs = [dyad.name.split(".") for dyad in wheel.dyads]
    return np.array([names.index(i) * len(names) + names.index(j) for i, j in pairs])
