"""Limit 2: frequent small answers in proportion are Richardson's arms race (Richardson 1960)."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import pytest

from tests.model.worlds import QUIET, START, instrument, outcome, replications, world

REVIEWS_PER_DAY = 50
HALF_LIVES = {"one": 30.0, "two": 45.0}
FIRST = {"one": 40.0, "two": 15.0}
DATES = (5, 10, 20, 30)
STEP = 0.0002


def race(rates):
    """Two actors that review each other 50 times a day and answer `rates` / 50 of their grievance."""
    sharp = QUIET | {"d_min": 0, "temperature": 1e-9, "alpha": 1e5}
    calm = {"threshold": 0, "emergency": 1e6, "habituation": 1, "fatigue": 1}
    actors = {
        name: {
            "name": name,
            "policy": sharp | {"reciprocity": rates[name] / REVIEWS_PER_DAY},
            "institution": {"review": 1 / REVIEWS_PER_DAY, "irregular": True, "working_week": False},
            "sensitivities": calm | {"half_life": HALF_LIVES[name]},
        }
        for name in HALF_LIVES
    }
    other = {"one": "two", "two": "one"}
    return {
        "schema_version": 1,
        "title": "A race",
        "question": "Does it settle?",
        "start": START,
        "end": START + timedelta(days=31),
        "actors": actors,
        "instruments": {f"step_{n:03d}": instrument("economic", STEP * n, 1) for n in range(1, 200)},
        "shocks": {
            f"start_{name}": {
                "label": "The beginning",
                "date": START,
                "blamed": other[name],
                "magnitude": FIRST[name],
                "salience": {name: 1},
            }
            for name in HALF_LIVES
        },
        "outcomes": {"tension_at": [START + timedelta(days=day) for day in DATES], "runaway": 1e6},
        "model": {"act_limit": 20_000, "event_limit": 100_000},
    }


def richardson(rates, day):
    """The solution of G_i' = -(ln 2 / h_i) G_i + k_j G_j from the shocks on, summed over both."""
    fade = [math.log(2) / HALF_LIVES[name] for name in ("one", "two")]
    matrix = np.array([[-fade[0], rates["two"]], [rates["one"], -fade[1]]])
    values, vectors = np.linalg.eig(matrix)
    weights = np.linalg.solve(vectors, np.array([FIRST["one"], FIRST["two"]]))
    return float((vectors @ (weights * np.exp(values * (day - 0.25)))).sum().real)


@pytest.mark.parametrize("rates", [{"one": 0.012, "two": 0.01}, {"one": 0.03, "two": 0.02}])
def test_frequent_answers_follow_richardsons_equations_within_one_percent(rates):
    built = world(race(rates))
    runs = replications(built, 1, 40)
    for day in DATES:
        name = f"tension.{START + timedelta(days=day)}"
        mean = np.mean([outcome(built, run, name) for run in runs])
        assert mean == pytest.approx(richardson(rates, day), rel=0.01), day


@pytest.mark.parametrize(("factor", "grows"), [(0.8, False), (1.25, True)])
def test_the_race_settles_below_richardsons_condition_and_not_above(factor, grows):
    edge = math.log(2) / math.sqrt(HALF_LIVES["one"] * HALF_LIVES["two"])
    rates = {"one": edge * factor, "two": edge * factor}
    unstable = rates["one"] * rates["two"] > math.log(2) ** 2 / (HALF_LIVES["one"] * HALF_LIVES["two"])
    assert unstable == grows
    built = world(race(rates))
    names = [f"tension.{START + timedelta(days=day)}" for day in (20, 30)]
    runs = replications(built, 2, 20)
    late, later = (np.mean([outcome(built, run, name) for run in runs]) for name in names)
    assert (later > late) == grows
