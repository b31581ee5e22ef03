"""Interventions: an act struck out or put in, in a world that is otherwise the same."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escalation.clocks.simpy_clock import simulate
from escalation.model.compile import compile_scenario
from escalation.model.intervene import EVERY, Forced, Strike, intervened
from escalation.model.world import FORCED, HISTORY, SHOCK, SIMULATED
from escalation.scenario.base import FAMILIES
from escalation.scenario.load import load
from tests.model.worlds import QUIET, actor, duel, outcome, story, world
from tests.study.hazards import SYMMETRIC, hazards

BELARUS = compile_scenario(load("belarus_2020", until=date(2021, 4, 1)))
EU = BELARUS.names.actors.index("eu")


def rows(built, one, who=None):
    """Return the acts of one replication as plain tuples, all or those of one actor."""
    columns = ("origin", "time", "actor", "target", "instrument", "size")
    table = zip(*(one.acts[name].tolist() for name in columns), strict=True)
    return [row for row in table if who is None or row[2] == who]


def same(one, other):
    return one.outcomes.tobytes() == other.outcomes.tobytes() and all(
        one.acts[name].tobytes() == other.acts[name].tobytes() for name in one.acts
    )


def ours(built, one, i):
    log = one.acts
    return np.flatnonzero((log["origin"] == SIMULATED) & (log["actor"] == i))


def test_a_world_without_interventions_is_the_world_itself():
    assert same(simulate(intervened(BELARUS), 1, 0), simulate(BELARUS, 1, 0))


@pytest.mark.parametrize("replication", range(6))
def test_a_struck_act_is_gone_and_all_before_it_is_as_it_was(replication):
    before = simulate(BELARUS, 1, replication)
    first = ours(BELARUS, before, EU)[0]
    k = int(before.acts["instrument"][first])
    after = simulate(intervened(BELARUS, [Strike(1, EU, instrument=k)]), 1, replication)
    assert after.struck == 1
    time = before.acts["time"][first]
    gone = rows(BELARUS, before)[first]
    assert [row for row in rows(BELARUS, after) if row[1] < time] == rows(BELARUS, before)[:first]
    assert gone not in rows(BELARUS, after)


def test_where_nothing_fits_a_strike_every_number_is_as_it_was():
    never = Strike(1_000, EU)
    for replication in range(4):
        before, after = (simulate(one, 1, replication) for one in (BELARUS, intervened(BELARUS, [never])))
        assert after.struck == 0
        assert same(before, after)


def test_a_strike_of_every_act_leaves_none():
    after = simulate(intervened(BELARUS, [Strike(EVERY, EU)]), 1, 0)
    assert after.struck > 1
    assert len(ours(BELARUS, after, EU)) == 0
    assert outcome(BELARUS, after, "acts.eu") == 0
    assert outcome(BELARUS, after, "peak_rung.eu.belarus") == 0
    assert outcome(BELARUS, after, "first.eu.head_of_state_listing") != 0  # NaN: it never came


def test_what_was_known_before_the_takeover_is_never_struck():
    after = simulate(intervened(BELARUS, [Strike(EVERY)]), 1, 0)
    assert (after.acts["origin"] == HISTORY).any()
    assert not (after.acts["origin"] == SIMULATED).any()


@pytest.mark.parametrize("ordinal", [1, 2, 3])
def test_the_nth_is_the_nth_of_those_that_fit(ordinal):
    before = simulate(BELARUS, 1, 2)
    belarus = BELARUS.names.actors.index("belarus")
    nth = ours(BELARUS, before, belarus)[ordinal - 1]
    after = simulate(intervened(BELARUS, [Strike(ordinal, belarus)]), 1, 2)
    whole = rows(BELARUS, after)
    assert whole[:nth] == rows(BELARUS, before)[:nth]
    assert rows(BELARUS, before)[nth] not in whole


def test_a_family_past_the_last_stands_for_counted_acts():
    after = simulate(intervened(BELARUS, [Strike(EVERY, family=len(FAMILIES))]), 1, 0)
    left = after.acts["instrument"][after.acts["origin"] == SIMULATED]
    assert len(left)
    assert not BELARUS.tables.instrument["counted"][left].any()


def test_a_strike_can_be_for_one_replication_alone():
    built = intervened(BELARUS, [Strike(EVERY, EU, replication=1)])
    assert same(simulate(built, 1, 0), simulate(BELARUS, 1, 0))
    assert simulate(built, 1, 1).struck > 0


def test_the_decision_stands_so_that_its_grievance_is_discharged():
    data = duel()
    data["actors"]["sender"]["policy"] = QUIET | {"discharge": 1, "temperature": 0.01}
    data["instruments"] = {"recall": data["instruments"]["recall"] | {"severity": 5}}
    built = world(data)
    assert len(story(built, simulate(built, 0, 0))) == 1
    assert story(built, simulate(intervened(built, [Strike(1)]), 0, 0)) == []


def test_a_struck_act_costs_nothing_presses_nobody_and_can_be_decided_again():
    data = duel()
    data["actors"]["sender"]["policy"] = QUIET | {"temperature": 0.01}
    data["instruments"] = {"embargo": data["instruments"]["embargo"] | {"once": True, "severity": 5}}
    built = world(data)
    one = simulate(built, 0, 0)
    assert len(story(built, one)) == 1
    assert outcome(built, one, "cost.sender") >= 0
    struck = intervened(built, [Strike(EVERY)])
    two = simulate(struck, 0, 0)
    assert two.struck > 1  # `once` keeps it from being repeated only while it is in force
    assert outcome(built, two, "pressure.target.end") == 0


def test_two_that_answer_each_other_for_certain_stop_where_one_act_is_struck():
    built = world(hazards({me: {me: 1.0} for me in "ab"}, days=60, shocks=1))
    before = simulate(built, 1, 0)
    assert len(ours(built, before, 0)) > 3
    after = simulate(intervened(built, [Strike(2, 0)]), 1, 0)
    kept = rows(built, after)
    assert kept == rows(built, before)[: len(kept)]
    assert len(kept) == ours(built, before, 0)[1]  # the chain ends where the struck act stood


def test_a_forced_act_takes_place_on_its_day_and_is_felt_and_counted():
    built = world(duel(end=date(2021, 6, 1)))
    sender, target = (built.names.actors.index(name) for name in ("sender", "target"))
    k = built.names.instruments.index("embargo")
    before = simulate(built, 0, 0)
    after = simulate(intervened(built, forced=[Forced(90, target, sender, k)]), 0, 0)
    (row,) = np.flatnonzero(after.acts["origin"] == FORCED)
    assert int(after.acts["time"][row]) == 90
    assert (after.acts["actor"][row], after.acts["target"][row]) == (target, sender)
    assert outcome(built, after, "acts.target") == outcome(built, before, "acts.target") + 1
    assert outcome(built, after, "pressure.sender.end") > outcome(built, before, "pressure.sender.end")
    assert row in after.causes["cause"]  # the sender answers it


def test_a_forced_act_that_nobody_notices_changes_no_draw_of_any_other():
    data = duel(end=date(2021, 12, 1))
    data["actors"]["sender"] = actor(policy={"more": 0.5, "package_limit": 3, "discharge": 0.5})
    data["actors"]["sender"]["sensitivities"]["attention"] = 0.5
    data["actors"]["target"] = actor(policy={"more": 0.5}, sensitivities={"attention": 0.5})
    data["instruments"]["note"] = {"label": "note", "family": "verbal", "severity": 1e-9, "rung": 0}
    for one in data["actors"].values():
        one["instruments"] = ["protest", "listing", "recall", "embargo"]
    built = world(data)
    sender, target = (built.names.actors.index(name) for name in ("sender", "target"))
    k = built.names.instruments.index("note")
    for replication in range(5):
        before = simulate(built, 4, replication)
        forced = intervened(built, forced=[Forced(20, sender, target, k), Forced(20, target, sender, k)])
        after = simulate(forced, 4, replication)
        mine = [row[:1] + row[2:5] for row in rows(built, before)]
        left = [row[:1] + row[2:5] for row in rows(built, after) if row[0] != FORCED]
        assert len(mine) > 2
        assert mine == left


def test_forced_acts_and_strikes_do_not_meet():
    k = BELARUS.names.instruments.index("head_of_state_listing")
    belarus = BELARUS.names.actors.index("belarus")
    forced = Forced(int(BELARUS.tables.takeover) + 30, EU, belarus, k)
    after = simulate(intervened(BELARUS, [Strike(EVERY, EU)], [forced]), 1, 0)
    mine = after.acts["origin"][(after.acts["actor"] == EU) & (after.acts["time"] >= BELARUS.tables.takeover)]
    assert mine[mine != SHOCK].tolist() == [FORCED]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 3)), min_size=1, max_size=3), st.integers(0, 50))
@settings(max_examples=30, deadline=None)
def test_a_strike_never_changes_what_comes_before_the_first_act_it_strikes(strikes, replication):
    built = world(hazards(SYMMETRIC, days=60, shocks=2))
    wanted = [Strike(EVERY if ordinal < 1 else ordinal, who) for who, ordinal in strikes]
    before, after = simulate(built, 2, replication), simulate(intervened(built, wanted), 2, replication)
    mine, theirs = rows(built, before), rows(built, after)
    parted = next((n for n, pair in enumerate(zip(mine, theirs, strict=False)) if pair[0] != pair[1]), None)
    if after.struck == 0:
        assert mine == theirs
    else:
        first = mine[len(theirs) if parted is None else parted]
        assert first[2] in [who for who, _ in strikes]
