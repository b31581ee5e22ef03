"""The known limits of the model: choice, decay, silence, symmetry, independence."""

from __future__ import annotations

import math
from collections import Counter
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest

from escalation.clocks.simpy_clock import simulate
from escalation.model.world import SHOCK
from tests.model.worlds import START, actor, duel, instrument, outcome, play, replications, story, world

N = 3000


def first_choices(data, count=N):
    built = world(data)
    counts = Counter()
    for one in replications(built, 3, count):
        acts = [act for act in story(built, one) if act[0] < 6]
        counts[acts[0][3] if acts else "nothing"] += 1
    return counts


def one_meeting(**policy):
    """One deliberation only: the sender's next one would come after the end."""
    sender = actor(policy=policy, institution={"review": 100}, sensitivities={"half_life": 1e6})
    return duel(end=START + timedelta(days=20)) | {
        "actors": {"sender": sender, "target": duel()["actors"]["target"]}
    }


def softmax(temperature, alpha=20.0, grievance=5.0):
    severities = {"nothing": 0.0, "protest": 1, "listing": 3, "recall": 4, "embargo": 7}
    utility = {k: alpha / 100 * s * (2 * grievance - s) for k, s in severities.items()}
    weights = {k: math.exp((u - max(utility.values())) / temperature) for k, u in utility.items()}
    return {k: w / sum(weights.values()) for k, w in weights.items()}


def test_choice_frequencies_equal_the_softmax():
    counts = first_choices(one_meeting(alpha=20, temperature=1))
    for option, probability in softmax(1).items():
        error = math.sqrt(probability * (1 - probability) / N)
        assert abs(counts[option] / N - probability) < 4 * error + 1e-3, option


def test_at_zero_temperature_the_best_option_is_chosen_always():
    assert first_choices(one_meeting(alpha=20, temperature=1e-6), 200) == {"recall": 200}


def test_at_infinite_temperature_every_option_is_as_likely():
    counts = first_choices(one_meeting(alpha=20, temperature=1e9))
    assert len(counts) == 5
    assert all(abs(count / N - 0.2) < 4 * math.sqrt(0.16 / N) for count in counts.values())


def test_splitting_an_instrument_in_two_does_not_change_what_is_done():
    whole, split = one_meeting(alpha=20), one_meeting(alpha=20)
    split["instruments"]["listing_again"] = instrument("individual", 3, 2)
    one, two = first_choices(whole), first_choices(split)
    both = two["listing"] + two["listing_again"]
    assert min(two["listing"], two["listing_again"]) > 0.3 * both
    assert abs(one["listing"] - both) / N < 4 * math.sqrt(2 * 0.25 / N)


def test_grievance_halves_at_the_half_life():
    half_life = 40
    data = duel(outcomes={"tension_at": [START + timedelta(days=d) for d in (10, 50, 90, 130)]})
    data["actors"]["sender"] = actor(sensitivities={"half_life": half_life}, policy={"reciprocity": 0})
    built = world(data)
    result = simulate(built, 0, 0)
    levels = [outcome(built, result, f"tension.{START + timedelta(days=d)}") for d in (10, 50, 90, 130)]
    assert levels[0] == pytest.approx(5 * 2 ** (-9.75 / half_life), rel=1e-12)
    for before, after in pairwise(levels):
        assert after == pytest.approx(before / 2, rel=1e-12)


def test_random_shocks_are_poisson():
    data = duel(end=START + timedelta(days=730))
    data["shocks"] = {
        "raid": {
            "label": "A raid",
            "rate": 6,
            "blamed": "target",
            "magnitude": 0.001,
            "salience": {"sender": 1},
        }
    }
    built = world(data)
    logs = [one.acts for one in replications(built, 1, 1500)]
    times = [log["time"][log["origin"] == SHOCK] for log in logs]
    counts = np.array([len(row) for row in times])
    expected = 6 * 730 / 365.25
    assert abs(counts.mean() - expected) < 4 * math.sqrt(expected / 1500)
    assert abs(counts.var() / counts.mean() - 1) < 4 * math.sqrt(2 / 1500)
    waits = np.array([row[0] if len(row) else math.inf for row in times])
    assert np.mean(waits > 365.25 / 6) == pytest.approx(math.exp(-1), abs=4 * math.sqrt(0.23 / 1500))


def test_without_shocks_and_history_nothing_happens():
    assert play(duel(shocks={})) == []


def test_with_reciprocity_0_no_hostile_act_happens_even_under_pressure():
    data = duel()
    data["actors"]["target"] = actor(
        policy={"reciprocity": 0, "yielding": 1, "temperature": 100}, sensitivities={"yield_threshold": 0.1}
    )
    data["instruments"]["release"] = instrument("conciliatory", -3, 0, relief=2)
    seen, built = Counter(), world(data)
    for one in replications(built, 0, 60):
        for act in story(built, one):
            seen[act[1], act[3]] += 1
    assert seen["sender", "embargo"] > 0
    assert {what for who, what in seen if who == "target"} == {"release"}


def swap(data):
    """Exchange the names of the two actors, wherever they stand."""
    other = {"sender": "target", "target": "sender"}

    def walk(value):
        if isinstance(value, dict):
            return {other.get(k, k): walk(v) for k, v in value.items()}
        return other.get(value, value) if isinstance(value, str) else value

    return walk(data)


def sharp(data):
    """A version without noise: what is left is decided by the rules alone."""
    data["actors"] = {
        "sender": actor(
            policy={"temperature": 1e-6, "discharge": 0.5},
            institution={"stages": {"reaction": {"median": 4}}},
        ),
        "target": actor(
            policy={"temperature": 1e-6, "reciprocity": 0.9},
            institution={"stages": {"reaction": {"median": 7}}},
        ),
    }
    return data


def test_two_actors_with_swapped_names_give_swapped_results():
    straight = play(sharp(duel()))
    crossed = play(swap(sharp(duel())))
    other = {"sender": "target", "target": "sender"}
    assert len(straight) > 10
    assert [(t, other[a], other[b], k, q) for t, a, b, k, q in crossed] == straight


def test_the_end_does_not_change_what_happens_before_it():
    data = duel()
    for name in data["actors"]:
        data["actors"][name] = actor(
            policy={"discharge": 0.5},
            institution={"stages": {"reaction": {"median": 20, "spread": 1}}, "review": 70},
        )
    for replication in range(20):
        whole = play(data, 1, replication)
        for days in (30, 60, 200):
            end = START + timedelta(days=days)
            assert play(data | {"end": end}, 1, replication) == [act for act in whole if act[0] < days]


def test_the_order_of_the_file_does_not_matter():
    data = duel()
    data["actors"]["target"]["policy"]["reciprocity"] = 0.8
    turned = {
        key: dict(reversed(value.items())) if isinstance(value, dict) else value
        for key, value in reversed(data.items())
    }
    assert len(play(data, 5, 2)) > 3
    assert play(data, 5, 2) == play(turned, 5, 2)


def test_a_replication_is_the_same_alone_and_after_others():
    built = world(duel())
    in_a_row = [story(built, simulate(built, 2, r)) for r in range(6)]
    assert story(world(duel()), simulate(world(duel()), 2, 5)) == in_a_row[5]
    assert len({str(acts) for acts in in_a_row}) > 1


def test_an_actor_without_ties_leaves_the_others_alone():
    data = duel()
    data["actors"]["target"]["policy"]["reciprocity"] = 0.8
    for name in ("aaa", "mmm", "zzz"):
        more = duel()
        more["actors"] = data["actors"] | {name: actor()}
        assert play(more, 4, 1) == play(data, 4, 1)


def test_a_change_of_one_policy_leaves_the_other_actors_draws_alone():
    data = duel()
    data["actors"]["bystander"] = actor()
    data["shocks"]["second"] = data["shocks"]["outrage"] | {"salience": {"bystander": 1}, "blamed": "sender"}
    changed = duel() | {
        "actors": data["actors"] | {"target": actor(policy={"reciprocity": 1.2})},
        "shocks": data["shocks"],
    }
    mine = [act for act in play(data, 1, 1) if act[1] == "bystander"]
    assert mine
    assert mine == [act for act in play(changed, 1, 1) if act[1] == "bystander"]


def test_shocks_are_in_the_log_and_cause_what_answers_them():
    built = world(duel())
    result = simulate(built, 0, 0)
    assert result.acts["origin"][0] == SHOCK
    first = int(result.causes["act"][0])
    assert result.acts["parent"][first] == 0
    for act in np.unique(result.causes["act"]):
        assert result.causes["share"][result.causes["act"] == act].sum() == pytest.approx(1)
