"""Numbers at the ends of their ranges, and more of everything than there is room for at first."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escalation.clocks import compiled_clock, simpy_clock
from escalation.model.draws import LARGEST_EXPONENT, exponential, log_normal
from escalation.model.world import DONE, TRUNCATED
from tests.clocks.test_equality import assert_equal_clocks, assert_same, crowd
from tests.model.worlds import START, duel, instrument, outcome, world

LEVELS = st.sampled_from([0.0, 1e-300, 1e-3, 1.0, 1e3, 1e6])
SHARES = st.sampled_from([0.0, 1e-300, 0.5, 1.0])
DAYS = st.sampled_from([1e-3, 1.0, 1e6])
SIGMAS = st.sampled_from([0.0, 1e-300, 1.0, 5.0])
SENSITIVITIES = st.fixed_dictionaries(
    {
        "attention": SHARES,
        "felt": LEVELS,
        "half_life": DAYS,
        "threshold": st.sampled_from([0.0, 1.0]),
        "emergency": LEVELS,
        "habituation": SHARES,
        "memory": DAYS,
        "fatigue": SHARES,
        "fatigue_memory": DAYS,
        "yield_threshold": LEVELS,
    }
)
POLICY = st.fixed_dictionaries(
    {
        **dict.fromkeys(("reciprocity", "alpha", "bite", "own_cost", "fear", "gradualism"), LEVELS),
        **dict.fromkeys(
            ("alignment", "saturation", "audience", "yielding", "face", "resolve", "d_min"), LEVELS
        ),
        **dict.fromkeys(("learning", "credibility", "trust", "more", "discharge", "join"), SHARES),
        "inertia": st.sampled_from([-100.0, 0.0, 100.0]),
        "temperature": st.sampled_from([1e-9, 1.0, 1e9]),
        "package_limit": st.sampled_from([1.0, 16.0]),
    }
)
STAGE = st.fixed_dictionaries({"median": LEVELS, "spread": SIGMAS})
SIZE_EXPONENTS, RATES = st.sampled_from([0.0, 1.0]), st.sampled_from([1e-300, 1.0, 300.0])
SIZE = st.fixed_dictionaries({"median": st.sampled_from([1e-3, 1.0, 1e6]), "spread": SIGMAS})


@given(st.lists(st.tuples(SENSITIVITIES, POLICY, STAGE), min_size=3, max_size=3), SIZE, SIZE_EXPONENTS, RATES)
@settings(max_examples=60, deadline=None)
def test_both_clocks_agree_at_the_ends_of_all_ranges_and_nothing_becomes_infinite(
    actors, size, exponent, rate
):
    data = crowd(end=START + timedelta(days=60), model={"act_limit": 300, "event_limit": 2000})
    for number, (sensitivities, policy, stage) in enumerate(actors):
        data["actors"][f"actor_{number}"] |= {
            "sensitivities": sensitivities,
            "policy": policy,
            "institution": {"stages": {"reaction": stage}, "emergency_lag": stage["median"]},
        }
    data["model"] |= {"size_exponent": exponent}
    data["instruments"]["listing"] |= {"size": size, "harm": 10, "cost": 10, "delay": 0.0}
    data["instruments"]["easing"] = instrument("conciliatory", -10, 0, relief=10, lifts=["listing"])
    for shock in data["shocks"].values():
        shock["rate"] = rate
    built = world(data)
    assert_equal_clocks(built, 1, 2)
    done = compiled_clock.simulate(built, 1, 0)
    assert not np.isinf(done.outcomes).any()
    assert not np.isinf(done.acts["size"]).any()


@given(st.floats(allow_nan=False), st.floats(0, 1e9), st.floats(0, 1e9))
def test_an_exponential_is_finite_and_its_product_too(x, median, spread):
    assert 0.0 < exponential(x) < np.inf
    assert 0.0 <= log_normal(median, spread, x) < np.inf
    if abs(x) < LARGEST_EXPONENT:
        assert exponential(x) == pytest.approx(np.exp(x))


def known_beforehand(acts):
    """Two actors with many acts of history, each against ten targets, on 300 days."""
    people = [f"actor_{n:02}" for n in range(11)]
    silent = {"name": "An actor", "policy": {"preset": "passive"}}
    history = {
        f"act_{n}": {
            "date": START + timedelta(days=n % 300),
            "actor": people[0],
            "target": people[1:],
            "instrument": "listing",
        }
        for n in range(acts)
    }
    return duel(
        actors=dict.fromkeys(people, silent),
        dyads={},
        shocks={},
        history=history,
        simulate_from=START + timedelta(days=300),
        end=START + timedelta(days=310),
        model={"act_limit": 30_000, "event_limit": 1_000_000},
    )


def test_more_events_than_there_is_room_for_at_first_are_all_carried():
    built = world(known_beforehand(1800))
    one, other = simpy_clock.simulate(built, 1, 0), compiled_clock.simulate(built, 1, 0)
    assert (one.status, len(one.acts["act"])) == (DONE, 18_000)
    assert_same(one, other)


def test_logs_and_queue_that_are_too_short_grow_and_change_nothing(monkeypatch):
    built = world(crowd())
    expected = compiled_clock.simulate(built, 3, 0)
    monkeypatch.setattr(compiled_clock, "ROWS", 1)
    assert_same(compiled_clock.simulate(world(crowd()), 3, 0), expected)


@pytest.mark.parametrize(("limits", "message"), [
    ({"act_limit": 60}, "stopped at 60 acts"),
    ({"event_limit": 90}, "stopped at 90 events"),
])  # fmt: skip
def test_the_message_names_the_limit_that_was_reached(limits, message):
    for clock in (simpy_clock, compiled_clock):
        done = clock.simulate(world(crowd(model=limits)), 3, 0)
        assert (done.status, done.message) == (TRUNCATED, message)


@pytest.mark.parametrize(("delay", "gap"), [(0, 3), (7, 8), (7, 3), (7, 0)])
def test_a_second_act_of_easing_lifts_another_measure_even_before_the_first_takes_effect(delay, gap):
    data = duel(
        simulate_from=START + timedelta(days=50), end=START + timedelta(days=100), shocks={}, instruments={
            "embargo": instrument("economic", 3, harm=3),
            "ease": instrument("conciliatory", -1, 0, lifts=["embargo"], delay=delay),
        },
    )  # fmt: skip
    for name in data["actors"]:
        data["actors"][name]["policy"] = {"preset": "passive"}
    data["history"] = {
        name: {
            "date": START + timedelta(days=day),
            "actor": "sender",
            "target": ["target"],
            "instrument": instrument,
        }
        for name, day, instrument in (
            ("first", 1, "embargo"),
            ("second", 2, "embargo"),
            ("easing", 10, "ease"),
            ("more", 10 + gap, "ease"),
        )
    }
    built = world(data)
    done = compiled_clock.simulate(built, 1, 0)
    assert outcome(built, done, "pressure.target.end") == 0.0
    assert np.isfinite(done.acts["lapsed"]).sum() == 2
    assert_same(done, simpy_clock.simulate(built, 1, 0))
