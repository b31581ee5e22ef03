"""When an actor deliberates: upkeep, crises, two stages, working weeks, words, and the takeover."""

from __future__ import annotations

import math
from collections import Counter
from datetime import timedelta

import numpy as np
import pytest

from escalation.clocks.simpy_clock import play as play_through
from escalation.model.world import SIMULATED
from tests.model.worlds import START, actor, duel, instrument, play, replications, world

KEEN = {"temperature": 1e-6, "alpha": 20}
"""A policy that picks the best option."""


def day(number):
    return START + timedelta(days=number)


def act(number, name="listing", actor="sender", target="target"):
    return {"date": day(number), "actor": actor, "target": target, "instrument": name}


def shock(number, magnitude):
    return {
        "outrage": {
            "label": "An outrage",
            "date": day(number),
            "blamed": "target",
            "magnitude": magnitude,
            "salience": {"sender": 1},
        }
    }


def quiet(takeover=30, end=400, history=(), **institution):
    """A sender with measures in force and no grievance worth an answer, from the takeover on."""
    data = duel(
        start=START, simulate_from=day(takeover), end=day(end), shocks={},
        history={f"act_{n}": one for n, one in enumerate(history)},
    )  # fmt: skip
    data["actors"]["sender"] = actor(policy=KEEN | {"discharge": 1}, institution=institution)
    data["actors"]["target"]["sensitivities"]["attention"] = 0
    return data


def days_of(data, count=200, who="sender"):
    """Return the days of the simulated acts of `who`, one array for each replication."""
    built = world(data)
    index = built.names.actors.index(who)
    logs = [one.acts for one in replications(built, 5, count)]
    return [log["time"][(log["origin"] == SIMULATED) & (log["actor"] == index)] for log in logs]


UPKEEP = {"floor": 4, "review": 40, "review_spread": 0.4, "floor_half_life": 1e6}


def test_who_has_measures_in_force_reviews_them_regularly_without_any_grievance():
    runs = days_of(quiet(history=[act(10)], **UPKEEP))
    gaps = np.concatenate([np.diff([10.5, *run]) for run in runs])
    assert np.median(gaps) == pytest.approx(40, rel=0.1)
    counts = np.array([len(run) for run in runs])
    assert counts.var() / counts.mean() < 0.5


def test_a_provocation_is_answered_before_the_review_that_is_due_later():
    lone = quiet(history=[act(10)], **(UPKEEP | {"review": 200, "review_spread": 0}))
    provoked = lone | {"shocks": shock(50, 5)}
    assert math.floor(days_of(lone, 1)[0][0]) == 210
    assert math.floor(days_of(provoked, 1)[0][0]) == 55


@pytest.mark.parametrize("history", [[], [act(10, "criticism")]])
def test_without_measures_in_force_there_is_nothing_to_keep_up(history):
    assert not any(map(len, days_of(quiet(history=history, **UPKEEP), 20)))


def test_measures_of_the_other_side_are_kept_up_against_too():
    theirs = act(10, actor="target", target="sender")
    data = quiet(history=[theirs], **UPKEEP)
    data["actors"]["sender"]["sensitivities"]["attention"] = 0
    assert any(map(len, days_of(data, 20)))


def test_the_floor_fades_with_the_time_since_the_last_shock():
    fading = UPKEEP | {"floor_half_life": 60}
    runs = days_of(quiet(history=[act(10)], end=800, **fading), 60)
    assert np.mean([len(run) for run in runs]) < 5
    assert max(run.max(initial=0) for run in runs) < 400


@pytest.mark.parametrize(("floor", "left"), [(4, 1), (0.05, 0)])
def test_measures_that_are_kept_up_are_renewed_without_a_grievance(floor, left):
    data = quiet(
        history=[act(10)],
        end=120,
        **(UPKEEP | {"floor": floor, "review": 1000, "renewals": {"individual": ["04-01"]}}),
    )
    data["shocks"], data["actors"]["sender"]["policy"]["inertia"] = {}, 100
    assert play_through(world(data), 1, 0).state.dyad[1].stock == left


def test_a_review_that_brings_nothing_makes_the_next_gap_longer():
    once = quiet(history=[act(10)], **(UPKEEP | {"floor": 0}))
    once["actors"]["sender"]["sensitivities"] |= {"threshold": 1}
    once["shocks"] = shock(29, 2)
    once["actors"]["sender"]["policy"] |= {"d_min": 1, "inertia": 100}
    tally = {}
    for backoff in (1, 3):
        once["actors"]["sender"]["institution"] |= {"backoff": backoff}
        tally[backoff] = play_through(world(once), 1, 0).state.tally.events
    assert tally[3] < tally[1]


def test_a_scripted_package_voids_the_pending_wake_and_begins_the_review():
    slow = {"stages": {"reaction": {"median": 10}}, "review": 40}
    reacting = quiet(**slow) | {"shocks": shock(25, 5)}
    assert {math.floor(run[0]) for run in days_of(reacting, 5)} == {35}
    after = quiet(history=[act(28, "recall")], **slow) | {"shocks": shock(25, 5)}
    after["actors"]["sender"]["policy"]["discharge"] = 0
    assert {math.floor(run[0]) for run in days_of(after, 5)} == {68}


@pytest.mark.parametrize(("promise", "kept"), [(3, "listing"), (0.5, "protest")])
def test_an_announcement_is_an_agreement_on_its_way(promise, kept):
    data = quiet(history=[act(20, "warning")], stages={"reaction": {"median": 15}})
    data["instruments"]["warning"] = instrument(
        "threat", 1, 0, threat={"severity": promise, "rung": 2, "within": 60, "demand": True}
    )
    data["actors"]["sender"]["policy"] |= {"audience": 5}
    assert next((math.floor(time), name) for time, _, _, name, _ in play(data)) == (35, kept)


def open_grievances(others=6, takeover=100):
    """Many actors with an old grievance against one target, and a history that says nothing of them."""
    data = duel(simulate_from=day(takeover), end=day(takeover + 200))
    names = [f"actor_{n}" for n in range(others)]
    data["actors"] = {name: actor(institution={"review": 60, "review_spread": 0.5}) for name in names} | {
        "target": data["actors"]["target"]
    }
    data["dyads"] = {}
    data["shocks"]["outrage"] |= {"magnitude": 8, "salience": dict.fromkeys(names, 1)}
    return data


def test_the_takeover_starts_nobodys_watch():
    built = world(open_grievances())
    logs = [one.acts for one in replications(built, 1, 300)]
    times = np.concatenate([log["time"][log["origin"] == SIMULATED] for log in logs])
    per_day = Counter(np.floor(times - 100).astype(int).tolist())
    assert min(per_day[n] for n in range(20)) > 0
    for n in range(1, 120):
        near = np.mean([per_day[n + shift] for shift in (-2, -1, 1, 2)])
        assert per_day[n] <= 3 * max(near, 5), n


TWO_STAGES = {
    "stages": {"reaction": {"median": 2}},
    "meetings": {"weekday": "monday", "nth": [1, 3]},
    "adoption": {"median": 9},
}


def test_what_a_meeting_agrees_becomes_law_after_the_second_stage_on_a_working_day():
    data = duel(end=day(60))
    data["actors"]["sender"] = actor(
        policy=KEEN | {"discharge": 1}, institution=TWO_STAGES | {"working_week": True}
    )
    meeting = 3.5  # Monday 4 January 2021
    assert play(data)[0][0] == pytest.approx(meeting + 9, abs=1e-3)
    data["actors"]["sender"]["institution"]["adoption"] = {"median": 12}  # a Saturday
    assert play(data)[0][0] == pytest.approx(meeting + 16, abs=1e-3)  # Wednesday: it was noon


def test_what_the_last_meeting_agreed_is_on_its_way_at_the_takeover():
    data = duel(simulate_from=day(10), end=day(60))
    data["actors"]["sender"] = actor(policy=KEEN | {"discharge": 1}, institution=TWO_STAGES)
    assert play(data)[0][0] == pytest.approx(3.5 + 9, abs=1e-3)


def test_in_a_crisis_decisions_wait_for_no_meeting_and_come_again():
    data = duel(simulate_from=day(1), end=day(80), shocks=shock(2, 5), history={"first": act(0)})
    data["actors"]["sender"] = actor(
        policy=KEEN | {"discharge": 0.2},
        institution=TWO_STAGES | {"crisis": {"felt": 5, "days": 14, "lag": {"median": 4, "spread": 0}}},
    )
    times = [math.floor(one[0]) for one in play(data)]
    assert times[:3] == [6, 10, 14]
    without = data | {"history": {}}
    data["actors"]["sender"]["institution"]["crisis"]["felt"] = 5.1
    assert math.floor(play(data)[0][0]) == math.floor(play(without)[0][0]) == 26


def test_acts_fall_on_working_days():
    data = duel(end=day(200), simulate_from=START)
    data["actors"]["sender"] = actor(institution={"working_week": True, "review": 5, "review_spread": 0.5})
    times = np.concatenate(days_of(data, 50))
    assert len(times) > 200
    assert {(START + timedelta(days=math.floor(time))).weekday() for time in times} <= {0, 1, 2, 3, 4}


def spoken(**policy):
    data = duel(end=day(60))
    data["actors"]["sender"] = actor(
        policy=KEEN | {"discharge": 1} | policy,
        institution={"meetings": {"weekday": "monday", "nth": [3]}, "statement": {"median": 2, "spread": 0}},
    )
    return play(data)


def test_words_need_no_meeting_and_leave_the_grievance_to_measures():
    words, measure = spoken(outspoken=1)[:2]
    assert (words[3], words[0]) == ("criticism", pytest.approx(2.25, abs=1e-3))
    assert measure[3] == spoken(outspoken=0)[0][3] == "recall"


def test_how_often_a_provocation_is_answered_in_words_is_how_outspoken_an_actor_is():
    data = duel(end=day(30))
    data["actors"]["sender"] = actor(policy={"outspoken": 0.3, "inertia": 100})
    assert np.mean([len(run) for run in days_of(data, 400)]) == pytest.approx(0.3, abs=0.07)
