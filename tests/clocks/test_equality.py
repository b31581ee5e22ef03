"""One model, two clocks: the compiled one gives what the SimPy one gives, bit for bit."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escalation.clocks import compiled_clock, simpy_clock
from escalation.clocks.choice import clock_for
from escalation.clocks.heap import Heap, HeapTally, QueuedEvent, clear, pop, push
from escalation.errors import InputError
from escalation.model.compile import compile_scenario
from escalation.model.intervene import EVERY, Forced, Strike, intervened
from escalation.model.world import FORCED, TRUNCATED, Replication
from escalation.scenario.base import FAMILIES
from escalation.scenario.files import shipped_names
from escalation.scenario.load import load
from tests.model.worlds import START, actor, duel, instrument, world


def assert_same(one: Replication, other: Replication) -> None:
    assert (one.status, one.struck) == (other.status, other.struck)
    assert one.outcomes.tobytes() == other.outcomes.tobytes()
    for table in ("acts", "causes"):
        mine, theirs = getattr(one, table), getattr(other, table)
        assert mine.keys() == theirs.keys()
        for column in mine:
            assert mine[column].tobytes() == theirs[column].tobytes(), column


def assert_equal_clocks(built, seed=3, replications=20):
    for replication in range(replications):
        assert_same(
            simpy_clock.simulate(built, seed, replication),
            compiled_clock.simulate(built, seed, replication),
        )


@pytest.mark.parametrize("name", shipped_names())
def test_both_clocks_tell_the_same_stories_of_every_shipped_scenario(name):
    assert_equal_clocks(compile_scenario(load(f"shipped:{name}")))


def test_both_clocks_agree_on_interventions():
    built = compile_scenario(load("shipped:belarus_2020"))
    eu, belarus = (built.names.actors.index(name) for name in ("eu", "belarus"))
    k, diplomatic = built.names.instruments.index("head_of_state_listing"), FAMILIES.index("diplomatic")
    strikes = [
        Strike(1, eu, instrument=k),
        Strike(2, shock=built.names.shocks.index("new_crackdown")),
        Strike(EVERY, belarus, family=diplomatic),
        *(Strike(n, family=len(FAMILIES), replication=n) for n in range(1, 9)),
    ]
    day = int(built.tables.takeover) + 40
    altered = intervened(built, strikes, [Forced(day, eu, belarus, k), Forced(day, belarus, eu, 3, 2.0)])
    assert_equal_clocks(altered)
    done = [compiled_clock.simulate(altered, 3, number) for number in range(20)]
    assert len({one.struck for one in done}) > 3
    assert all((one.acts["origin"] == FORCED).sum() == 2 for one in done)


TIE = {"exposure": 0.4, "solidarity": 0.2, "care": 0.9, "posts": 9}


def crowd(**changes):
    """Five actors on one calendar with a hundred ties a day: where an accidental order would show."""
    people = [f"actor_{n}" for n in range(5)]
    meetings = {"weekday": "monday", "nth": [1, 2, 3, 4]}
    data = duel(end=START + timedelta(days=200))
    data["actors"] = {
        name: actor(
            policy={"discharge": 0.6, "more": 0.5, "package_limit": 3, "join": 0.5, "alignment": 1},
            institution={"meetings": meetings, "stages": {"reaction": {"median": 0}}},
            sensitivities={"half_life": 60},
        )
        for name in people
    }
    data["dyads"] = {
        one: {
            other: {"exposure": 0.4, "solidarity": 0.2, "care": 0.9, "posts": 9}
            for other in people
            if other != one
        }
        for one in people
    }
    data["shocks"] = {
        f"shock_{name}": {
            "label": "A shock",
            "rate": 4,
            "blamed": name,
            "magnitude": 4,
            "salience": {other: 0.7 for other in people if other != name},
            "suggests": {"recall": 1.5},
            "spread": 0.3,
        }
        for name in people
    }
    return data | changes


def test_both_clocks_agree_where_every_actor_shares_one_calendar():
    built = world(crowd())
    assert_equal_clocks(built, replications=40)
    log = simpy_clock.simulate(built, 3, 0).acts
    assert len(np.unique(log["time"])) < 0.5 * len(log["time"])


def test_both_clocks_agree_on_where_a_replication_is_cut_off():
    built = world(crowd(model={"act_limit": 60}))
    assert simpy_clock.simulate(built, 3, 0).status == TRUNCATED
    assert_equal_clocks(built)
    assert_equal_clocks(world(crowd(model={"event_limit": 90})))


NUMBERS = st.floats(0, 2, allow_nan=False).map(lambda x: round(x, 3))
POLICIES = st.one_of(
    st.fixed_dictionaries(
        {
            "reciprocity": NUMBERS,
            "inertia": NUMBERS,
            "bite": NUMBERS,
            "gradualism": NUMBERS,
            "fear": NUMBERS,
            "discharge": st.floats(0, 1),
            "more": st.floats(0, 1),
            "join": st.floats(0, 1),
            "yielding": NUMBERS,
            "trust": st.floats(0, 1),
            "face": NUMBERS,
            "temperature": st.floats(0.1, 3),
            "audience": NUMBERS,
            "resolve": NUMBERS,
        }
    ),
    st.just({"kind": "ladder", "provocation": 2}),
    st.just({"kind": "hazard", "answers": 0.4}),
)
INSTITUTIONS = st.fixed_dictionaries(
    {
        "stages": st.just({"reaction": {"median": 6, "spread": 1}}),
        "review": st.floats(5, 60),
        "meetings": st.sampled_from([None, {"weekday": "friday", "nth": [1, 3]}]),
        "unanimity": st.sampled_from([{}, {"cyprus": {"base": 0.3, "per_rung": 0.05}}]),
        "renewals": st.dictionaries(
            st.sampled_from(["individual", "economic"]),
            st.sampled_from([["02-28"], ["01-31", "04-15"], ["1 month"], ["2 months", "03-31"]]),
        ),
    }
)
FEELINGS = st.fixed_dictionaries(
    {
        "attention": st.sampled_from([0.5, 1.0]),
        "half_life": st.floats(10, 400),
        "threshold": NUMBERS,
        "habituation": st.floats(0, 1),
        "fatigue": st.floats(0, 1),
        "emergency": st.floats(5, 50),
        "yield_threshold": NUMBERS,
    }
)


@given(st.lists(st.tuples(POLICIES, INSTITUTIONS, FEELINGS), min_size=3, max_size=3), st.integers(0, 2**63))
@settings(max_examples=40, deadline=None)
def test_both_clocks_agree_on_generated_worlds(actors, seed):
    data = crowd(end=START + timedelta(days=120))
    for number, (policy, institution, feelings) in enumerate(actors):
        data["actors"][f"actor_{number}"] |= {
            "policy": policy,
            "institution": institution,
            "sensitivities": feelings,
        }
    for one in range(4):
        data["dyads"]["actor_4"][f"actor_{one}"]["jointly_with"] = [f"actor_{(one + 1) % 4}"]
        data["dyads"][f"actor_{one}"]["actor_4"]["jointly_with"] = [f"actor_{(one + 2) % 4}"]
    data["instruments"] |= {
        "law": instrument("economic", 3.5, 2, harm=1, addressed="all", term=50),
        "expulsion": instrument("diplomatic", 3, 2, addressed="group", size={"median": 2, "spread": 0.4}),
        "easing": instrument("conciliatory", -2, 0, relief=2, lifts=["embargo"], term=40),
        "warning": instrument("threat", 1, 1, threat={"severity": 4, "demand": True, "within": 30}, term=30),
    }
    assert_equal_clocks(world(data), seed, 2)
    strikes = [Strike(2, family=len(FAMILIES)), Strike(EVERY, 1, replication=1)]
    assert_equal_clocks(intervened(world(data), strikes, [Forced(7, 0, 1, 1, 1.5)]), seed, 2)


def heap_of(slots: int) -> Heap:
    return Heap(HeapTally(), [0] * slots, [0] * slots, [QueuedEvent() for _ in range(slots)])


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=60))
def test_the_heap_gives_back_events_in_order_of_time_rank_and_emission(items):
    heap = heap_of(64)
    clear(heap)
    for number, (time, rank) in enumerate(items):
        assert push(heap, float(time), rank, number, 0, 0, 0)
    order = [heap.event[pop(heap)].kind for _ in items]
    assert order == [n for _, _, n in sorted((time, rank, n) for n, (time, rank) in enumerate(items))]


def test_a_full_heap_says_so():
    heap = heap_of(2)
    clear(heap)
    assert push(heap, 1.0, 0, 0, 0, 0, 0)
    assert push(heap, 0.0, 0, 1, 0, 0, 0)
    assert not push(heap, 2.0, 0, 2, 0, 0, 0)
    assert heap.event[pop(heap)].kind == 1
    assert push(heap, 2.0, 0, 2, 0, 0, 0)


def test_replication_37_alone_equals_replication_37_of_many():
    built = compile_scenario(load("shipped:minimal"))
    many = [compiled_clock.simulate(built, 5, replication) for replication in range(60)]
    assert_same(compiled_clock.simulate(compile_scenario(load("shipped:minimal")), 5, 37), many[37])


def test_a_python_policy_takes_the_simpy_clock_and_refuses_the_compiled_one():
    data = duel()
    data["actors"]["sender"]["policy"] = {"kind": "python", "name": "mirror"}
    built = world(data)
    assert clock_for(built, "auto", 10**6)[0] == "simpy"
    with pytest.raises(InputError, match="sender"):
        clock_for(built, "compiled", 10**6)


def test_a_large_ensemble_takes_the_compiled_clock():
    built = world(duel())
    assert clock_for(built, "auto", 10**5)[0] == "compiled"
    assert clock_for(built, "simpy", 10**5)[0] == "simpy"
