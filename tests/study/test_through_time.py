"""Intervals of K, R through time, and what of a flywheel is stored, against worlds that are known."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import escalation
from escalation.model.world import SHOCK
from escalation.study.flywheel.estimate import estimate
from escalation.study.flywheel.gather import FlywheelReducer
from escalation.study.flywheel.log import nothing, sums_by_batch
from escalation.study.flywheel.model import Flywheel, Span, reading
from escalation.study.flywheel.plan import Plan
from escalation.study.flywheel.sums import pack, unpack
from tests.study.hazards import ensemble, flywheel, hazards, matrix, places

CHAIN = {"a": {"a": 0.5}, "b": {"b": 0.7}}
MONTHS = tuple(
    Span(label=label, first=first, last=last)
    for label, first, last in (("one", 0, 30), ("two", 30, 60), ("three", 60, 200))
)
PLAN = Plan(20.0, (Span(label="both", first=0, last=60),), months=MONTHS)


@pytest.fixture(scope="module")
def spread():
    """An ensemble whose shocks come at any time of the year."""
    data = hazards(CHAIN, shocks=0)
    often = {"label": "x", "rate": 30, "blamed": "a", "magnitude": 1, "salience": {"b": 1}}
    data["shocks"] = {"often": often}
    return ensemble(data, 100)


def test_a_cell_of_k_has_an_interval_that_holds_what_is_known(spread):
    built, replications = spread
    wheel = flywheel(built, replications, PLAN)
    at = places(built, wheel)
    known = matrix(built, CHAIN)[np.ix_(at, at)]
    low, high = wheel.K_ends
    there = known > 0
    # twice as far as 95% of the time
    assert (np.abs(wheel.K - known)[there] < (high - low)[there]).all()
    assert (low <= wheel.K).all()
    assert (wheel.K <= high).all()
    error = np.sqrt(known * (1 - known) / np.array(wheel.followed)[:, None])
    assert (high - low)[there] == pytest.approx(2 * 1.96 * error[there], rel=0.3)
    assert (high[~there] == 0).all()
    assert np.allclose((wheel.severity_low, wheel.severity_high), wheel.K_ends)


def test_ends_are_told_only_where_enough_is_followed(spread):
    built, replications = spread
    assert flywheel(built, replications[:19], PLAN).K_ends is None
    few = hazards(CHAIN, shocks=2)
    few["actors"]["a"]["policy"]["answers"] = 0.05
    wheel = flywheel(*ensemble(few, 30), PLAN)
    assert wheel.followed[0] < 50 < wheel.followed[1]
    assert np.isnan(wheel.K_ends[0][0]).all()
    assert np.isfinite(wheel.K_ends[0][1]).all()
    again = Flywheel.model_validate_json(wheel.model_dump_json())
    assert again.answers_low[0][0] is None
    np.testing.assert_array_equal(again.K_ends[0], wheel.K_ends[0])


def actors_of(one, span):
    """Return who acts in a stretch of time of a replication."""
    time, act = one.acts["time"], one.acts["origin"] != SHOCK
    return one.acts["actor"][act & (span.first <= time) & (time < span.last)]


def test_r_through_time_is_the_answers_per_act_of_each_month(spread):
    built, replications = spread
    wheel = flywheel(built, replications, PLAN)
    assert [one.span.label for one in wheel.through_time] == ["one", "two", "three"]
    a = built.names.actors.index("a")
    for month in wheel.through_time:
        counted, weighted = month.counted, month.weighted
        actors = np.concatenate([actors_of(one, month.span) for one in replications])
        acts, by_a = len(actors), (actors == a).sum()
        # an act by a is answered by b, and one by b by a
        known = (0.7 * by_a + 0.5 * (acts - by_a)) / acts
        assert counted.acts == acts
        assert counted.R.low < known < counted.R.high
        for name in ("value", "low", "high"):
            assert getattr(counted.R, name) == pytest.approx(getattr(weighted.R, name))
        assert counted.R.high - counted.R.low < 0.2


def test_months_and_spans_are_added_up_from_the_same_cells_of_time(spread):
    built, replications = spread
    both = flywheel(built, replications, PLAN)
    spans = flywheel(built, replications, PLAN._replace(months=()))
    months = flywheel(built, replications, PLAN._replace(spans=()))
    assert spans.through_time == ()
    assert both.counted == spans.counted == months.counted
    assert both.spans == spans.spans
    assert both.through_time == months.through_time
    odd = Plan(20.0, (Span(label="across", first=17, last=45.5),), months=MONTHS)
    (across,) = flywheel(built, replications, odd).spans
    times = np.concatenate([one.acts["time"][one.acts["origin"] != 0] for one in replications])
    assert across.counted.acts == ((times >= 17) & (times < 45.5)).sum()


def test_a_month_without_acts_has_no_r():
    wheel = flywheel(*ensemble(hazards(CHAIN, shocks=1), 30), PLAN)
    assert [one.counted.R.value is None for one in wheel.through_time] == [False, True, True]
    assert wheel.through_time[1].counted == reading(0)


def test_totals_come_back_from_their_arrays(spread):
    built, replications = spread
    total = sums_by_batch(built, 0, replications[:40], 1500, PLAN)
    again = unpack(pack(total), PLAN)
    assert list(again) == list(total) == list(range(20))
    assert estimate(again, built) == estimate(total, built)
    reducer = FlywheelReducer(1500, PLAN)
    empty = reducer.unpacked(reducer.packed(nothing(built, PLAN)))
    assert reducer.flywheel(built, empty) == reducer.flywheel(built, None)
    for name in ("answers.length", "pairs"):
        with pytest.raises((KeyError, ValueError)):
            unpack({key: values for key, values in pack(total).items() if key != name}, PLAN)
        with pytest.raises(ValueError, match=r"agree|unequal|shorter"):
            unpack(pack(total) | {name: pack(total)[name][:-1]}, PLAN)


def test_many_chunks_give_the_total_of_one(spread):
    built, replications = spread
    parts = [sums_by_batch(built, n, [one], 100, PLAN) for n, one in enumerate(replications)]
    total = parts[-1]
    for part in reversed(parts[:-1]):
        total.add(part)
    whole = sums_by_batch(built, 0, replications, 100, PLAN)
    for mine, yours in zip(total.ways, whole.ways, strict=True):
        np.testing.assert_array_equal(mine.keys, yours.keys)
        np.testing.assert_array_equal(mine.values, yours.values)
    assert estimate(total, built).model_dump() == estimate(whole, built).model_dump()


def test_a_shipped_scenario_is_followed_month_by_month():
    wheel = escalation.run("shipped:minimal", replications=24).summary.flywheel
    assert wheel is not None
    labels = [one.span.label for one in wheel.through_time]
    assert labels[0] == "2020-10-03 to 2020-10-31"
    assert labels[1] == "2020-11-01 to 2020-11-30"
    ends = [(one.span.first, one.span.last) for one in wheel.through_time]
    assert all(before[1] == after[0] for before, after in pairwise(ends))
