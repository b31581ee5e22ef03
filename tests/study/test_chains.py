"""Loops by what is done in them, against worlds whose chains can be counted by hand."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import numpy as np
import pytest

import escalation
from escalation.clocks.simpy_clock import simulate
from escalation.model.compile import compile_scenario
from escalation.model.world import SHOCK
from escalation.study.flywheel.chains import MOST_CHAINS, Loops
from escalation.study.flywheel.log import sums_by_batch
from escalation.study.flywheel.plan import Plan
from tests.model.worlds import START
from tests.study.hazards import ensemble, flywheel, hazards

WEEKS = Plan(20.0)
TRIANGLE = {
    "a": {"a": 0.3, "b": 0.2, "c": 0.1},
    "b": {"a": 0.25, "b": 0.4},
    "c": {"a": 0.15, "b": 0.35, "c": 0.2},
}


def two_instruments():
    """Two actors that answer each other for certain, one with listings and one with embargoes."""
    data = hazards({"a": {"a": 1}, "b": {"b": 1}}, shocks=1, lag=5, spread=0)
    data["actors"]["a"]["policy"]["instrument"] = "embargo"
    return data


def test_a_certain_answer_is_one_circle_of_acts_named_by_instruments():
    wheel = flywheel(*ensemble(two_instruments(), 1), WEEKS)
    (chain,) = wheel.chains
    assert [(step.dyad, step.instrument, step.label) for step in chain.steps] == [
        ("a.b", "embargo", "economic"),
        ("b.a", "listing", "individual"),
        ("a.b", "embargo", "economic"),
    ]
    # acts at 5.25, 10.25, ... of which 34 on each dyad are followed; each has one answer
    assert chain.per_future == pytest.approx(34)
    assert [loop.chain for loop in wheel.loops] == [chain]


def by_hand(built, replications):
    """Return how many chains of three acts back to the first dyad a replication has, by types of acts."""
    counts = {}
    for one in replications:
        acts, links = one.acts, one.causes
        dyad = acts["actor"] * len(built.names.actors) + acts["target"]
        share = np.zeros((len(dyad), len(dyad)))
        act = acts["origin"] != SHOCK
        ripe = act & (acts["time"] < 365 - WEEKS.window)
        for child, cause, part in zip(links["act"], links["cause"], links["share"], strict=True):
            if act[child] and ripe[cause] and acts["time"][child] - acts["time"][cause] <= WEEKS.window:
                share[cause, child] += part
        for first, second, third in product(range(len(dyad)), repeat=3):
            weight = share[first, second] * share[second, third]
            if weight and dyad[first] == dyad[third]:
                key = tuple(int(dyad[row]) for row in (first, second, third))
                counts[key] = counts.get(key, 0) + weight / len(replications)
    return counts


def test_chains_are_counted_as_often_as_they_happen():
    built, replications = ensemble(hazards(TRIANGLE, shocks=10), 60)
    wheel = flywheel(built, replications, WEEKS)
    counted, names = by_hand(built, replications), built.names.actors
    assert wheel.chains
    for chain in wheel.chains:
        if len(chain.steps) == 3:
            dyads = [step.dyad.split(".") for step in chain.steps]
            key = tuple(names.index(i) * len(names) + names.index(j) for i, j in dyads)
            # hazard policies answer alike whatever an act answers, which is what the count supposes
            assert chain.per_future == pytest.approx(counted.get(key, 0.0), rel=0.25, abs=0.1)
    rates = [chain.per_future for chain in wheel.chains]
    assert rates == sorted(rates, reverse=True)


def test_the_most_frequent_chains_of_all_circles_are_shown_and_no_circle_of_acts_twice():
    built = compile_scenario(escalation.load("shipped:minimal"))
    replications = [simulate(built, 1, number) for number in range(40)]
    loops = Loops(sums_by_batch(built, 0, replications, 40, Plan(100.0)).ways, built.names, 40)
    every = {}
    for _, circle in loops._blocks.circles():
        for count, kinds in loops._blocks.along(circle):
            ring = kinds[:-1]
            turns = [(*ring[n:], *ring[:n]) for n in range(len(ring))]
            name = min(turns) if kinds[0] == kinds[-1] else kinds
            every[name] = max(every.get(name, 0.0), count)
    shown = [chain.per_future * 40 for chain in loops.chains()]
    assert len(every) > len(shown) == MOST_CHAINS
    assert shown == pytest.approx(sorted(every.values(), reverse=True)[:MOST_CHAINS])


def test_without_answers_there_is_no_chain():
    built, replications = ensemble(hazards({"a": {}, "b": {}}), 3)
    wheel = flywheel(built, replications, WEEKS)
    assert wheel.chains == ()
    assert wheel.loops == ()


def test_an_act_on_the_same_dyad_again_is_a_chain_of_two():
    data = hazards({"a": {}, "b": {}, "c": {}}, shocks=0)
    hit = {"date": START + timedelta(days=3), "target": "b", "instrument": "listing"}
    data["actors"]["a"]["policy"] = {"kind": "scripted", "acts": {"hit": hit}}
    data["actors"]["b"]["policy"]["answers"] = 1
    wheel = flywheel(*ensemble(data, 1), WEEKS)
    assert wheel.chains == ()
    assert wheel.K.tolist() == [[0, 1], [0, 0]]
