"""The rival explanation against branching processes whose second moments are known."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from escalation.model.world import TRUNCATED
from escalation.study.flywheel.estimate import rival, stack
from escalation.study.flywheel.log import Grid, sums_by_batch
from escalation.study.flywheel.model import Rival
from escalation.study.flywheel.plan import Plan
from escalation.study.values import UNDEFINED, Estimate
from tests.model.worlds import START, duel, instrument, world
from tests.study.hazards import ensemble, hazards

P = 0.6
CHAIN = {"a": {"a": P}, "b": {"b": P}}
"""Each act is answered once with probability P: clusters are geometric, of 1 / (1 - P) acts on average."""

OFTEN = {"label": "x", "rate": 20, "blamed": "a", "magnitude": 1, "salience": {"b": 1}}
"""A shock that comes 20 times a year, at any time."""


def found(data, replications=200) -> Rival:
    built, many = ensemble(data, replications)
    against = rival(stack(sums_by_batch(built, 0, many, replications, Plan(30.0))), built)
    assert against is not None
    return against


def near(data) -> float:
    return Grid(world(data)).near


def within(part: Estimate, known: float) -> bool:
    """Return whether a known value lies within twice the interval: four standard errors."""
    assert part.value is not None
    assert part.half_width is not None
    return abs(part.value - known) <= 2 * part.half_width


def test_answers_to_shocks_on_one_day_cluster_as_the_moments_of_the_process_say():
    shocks = 8
    data = hazards(CHAIN, shocks=shocks, lag=0.5)
    against = found(data)
    mean, variance = shocks / (1 - P), shocks * P / (1 - P) ** 2
    even = mean**2 * near(data)
    excess = mean**2 + variance - mean - even
    assert against.clustering == pytest.approx((excess + even) / even, rel=0.1)
    # the first answers, one to each shock, answer no act: so many pairs within a replication
    assert within(against.unanswering, (shocks * (shocks - 1) - shocks**2 * near(data)) / excess)
    assert against.unanswering.high < 0.3
    assert against.unanswering.half_width < 0.05


def test_answers_to_shocks_at_any_time_are_no_moving_baseline():
    data = hazards(CHAIN, shocks=0, lag=0.5)
    data["shocks"] = {"often": OFTEN}
    against = found(data)
    # pairs of one cluster per cluster: P / (1 - P)^2
    assert against.clustering == pytest.approx(1 + 2 * P / (20 * near(data)), rel=0.1)
    assert within(against.unanswering, 0)
    assert against.unanswering.high < 0.1


def test_what_nobody_answers_is_all_of_the_clustering():
    against = found(hazards({"a": {}, "b": {}}, shocks=60, salience=0.5))
    assert against.clustering > 5
    assert against.unanswering.value == against.unanswering.low == against.unanswering.high == 1


def test_futures_that_differ_in_how_many_shocks_they_see_are_no_answers():
    data = hazards({"a": {}, "b": {}}, shocks=0, lag=0.5)
    data["shocks"] = {"often": OFTEN | {"rate": {"uniform": [5, 60]}}}
    against = found(data)
    assert against.clustering > 1.1
    assert against.unanswering.value == against.unanswering.low == against.unanswering.high == 1


def test_scripted_acts_that_a_passive_actor_lets_pass_are_all_of_it():
    data = duel(shocks={})
    days = [*range(30, 60, 2), *range(200, 230, 2)]
    data["actors"]["target"]["policy"] = {
        "kind": "scripted",
        "acts": {
            f"act_{d}": {"date": START + timedelta(days=d), "target": "sender", "instrument": "recall"}
            for d in days
        },
    }
    data["actors"]["sender"]["policy"] = {"preset": "passive"}
    against = found(data, 30)
    assert against.clustering > 2
    assert against.unanswering.value == against.unanswering.low == 1


def test_acts_at_an_even_rate_do_not_cluster():
    data = hazards({"a": {}, "b": {}}, shocks=0, lag=0.5)
    data["shocks"] = {"often": OFTEN}
    against = found(data)
    assert against.clustering == pytest.approx(1, abs=0.05)
    assert against.unanswering == UNDEFINED


def test_parts_of_one_package_are_no_pair():
    data = duel(end=START + timedelta(days=40))
    data["instruments"] |= {"ban": instrument("transport", 3, 2)}
    policy = {"more": 1, "package_limit": 3, "reciprocity": 1.2}
    data["actors"]["sender"]["policy"] |= policy
    built, many = ensemble(data, 30)
    sums = sums_by_batch(built, 0, many, 30, Plan(10.0))
    for number, one in enumerate(many):
        counted = np.array(built.tables.instrument["counted"])[one.acts["instrument"]] == 1
        acts = np.flatnonzero(counted & (one.acts["origin"] != 0))
        packages, day = one.acts["package"][acts], one.acts["time"][acts] // 1
        pairs = [
            (m, n)
            for m in range(len(acts))
            for n in range(m)
            if packages[m] != packages[n] and abs(day[m] - day[n]) <= Grid(built).reach
        ]
        assert sums[number].pairs == len(pairs)
        answering = np.zeros(len(one.acts["act"]))
        hostile = counted & (one.acts["origin"] != 0)
        np.add.at(answering, one.causes["act"], one.causes["share"] * hostile[one.causes["cause"]])
        outside = 1 - answering[acts]
        products = [outside[m] * outside[n] for m, n in pairs]
        assert sums[number].pairs_outside == pytest.approx(sum(products), abs=1e-3)
    assert any(len(one.acts["act"]) > 3 for one in many)


@pytest.mark.parametrize("days", [1, 40, 365, 2000])
def test_the_part_of_pairs_that_are_close_is_that_of_the_grid(days):
    grid = Grid(world(duel(end=START + timedelta(days=days))))
    assert grid.bins <= 1000
    places = np.arange(grid.bins)
    apart = np.abs(np.subtract.outer(places, places))
    assert grid.near == pytest.approx((apart <= grid.reach).mean())
    assert grid.days == (0 if days == 1 else 30)


def test_few_replications_and_those_cut_off_say_nothing():
    built, many = ensemble(hazards(CHAIN), 30)
    plan = Plan(30.0)
    assert rival(stack(sums_by_batch(built, 0, many[:19], 19, plan)), built) is None
    cut = [*many[:25], *(one._replace(status=TRUNCATED) for one in many[25:])]
    assert rival(stack(sums_by_batch(built, 0, cut, 30, plan)), built) is None
    assert rival(stack(sums_by_batch(built, 0, many, 30, plan)), built) is not None
