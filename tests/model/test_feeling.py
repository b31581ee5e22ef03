"""What is felt of an act: fatigue with packages, care for an opponent, and one discharge for a package."""

from __future__ import annotations

from datetime import timedelta

import pytest

from escalation.clocks.simpy_clock import simulate
from escalation.model.world import HISTORY
from tests.model.worlds import START, actor, duel, outcome, play, story, world

LASTING = {"half_life": 1e6}


def day(number):
    return START + timedelta(days=number)


def hit(number, instrument="recall", actor="target", target="sender"):
    return {"date": day(number), "actor": actor, "target": target, "instrument": instrument}


def felt(acts, at, members=None, **sensitivities):
    """Return by how much tension rises on day `at` of a history in which only `sender` feels."""
    data = duel(
        end=day(500),
        simulate_from=day(499),
        shocks={},
        history={f"act_{n}": act for n, act in enumerate(acts)},
        outcomes={"tension_at": [day(at), day(at + 1)]},
    )
    data["actors"]["sender"] = actor(sensitivities=LASTING | sensitivities, policy={"reciprocity": 0})
    data["actors"]["third"] = actor(policy={"reciprocity": 0}, sensitivities={"attention": 0})
    data["actors"]["target"]["sensitivities"]["attention"] = 0
    if members:
        data["actors"]["sender"]["members"] = members
    built = world(data)
    result = simulate(built, 0, 0)
    before, after = (outcome(built, result, f"tension.{day(at + n)}") for n in (0, 1))
    return after - before


def test_who_has_received_packages_feels_the_next_one_less_whatever_it_is():
    acts = [hit(10, "listing"), hit(20, "recall"), hit(30, "embargo")]
    tired = felt(acts, 30, fatigue=0.5, fatigue_memory=40)
    received = 2 ** (-20 / 40) + 2 ** (-10 / 40)
    assert tired / felt(acts, 30) == pytest.approx(0.5**received, rel=1e-2)
    assert felt(acts, 10, fatigue=0.5) == felt(acts, 10)


def test_the_acts_of_one_day_and_sender_are_one_package_and_words_are_none():
    one = [hit(10), hit(30, "listing")]
    many = [hit(10), hit(10, "embargo"), hit(20, "criticism"), hit(30, "listing")]
    assert felt(many, 30, fatigue=0.5) == pytest.approx(felt(one, 30, fatigue=0.5), rel=1e-4)
    two = [*one, hit(10, actor="third")]
    assert felt(two, 30, fatigue=0.5) < 0.6 * felt(one, 30, fatigue=0.5)
    same_day = [hit(10), hit(10, "listing")]
    assert felt(same_day, 10, fatigue=0.5) == pytest.approx(felt(same_day, 10), rel=1e-4)


def test_what_a_member_receives_its_bloc_has_received():
    acts = [hit(10, target="third"), hit(30)]
    assert felt(acts, 30, fatigue=0.5) == felt(acts, 30)
    assert felt(acts, 30, members={"third": 0.2}, fatigue=0.5) < 0.6 * felt(acts, 30)


def test_fatigue_and_habituation_together_leave_at_least_the_floor():
    acts = [hit(10), hit(20), hit(30)]
    assert felt(acts, 30, fatigue=0.1, habituation=0.1) == pytest.approx(0.2 * 4, rel=1e-3)


def test_care_multiplies_the_answer_to_one_opponent_alone():
    data = duel(end=day(60))
    data["actors"]["sender"] = actor(policy={"temperature": 1e-6, "alpha": 20, "d_min": 3})
    assert play(data)
    data["dyads"]["sender"]["target"]["care"] = 0.5
    assert play(data) == []
    data["dyads"]["sender"]["target"]["care"] = 2
    assert play(data)[0][3] == "embargo"


def test_scripted_acts_of_one_day_discharge_as_one_package():
    def left(*instruments):
        answers = {f"answer_{n}": hit(10, name, "sender", "target") for n, name in enumerate(instruments)}
        data = duel(end=day(30), simulate_from=day(29), history=answers, outcomes={"tension_at": [day(11)]})
        data["actors"]["sender"] = actor(sensitivities=LASTING, policy={"discharge": 0.5})
        data["actors"]["target"]["sensitivities"]["attention"] = 0
        built = world(data)
        result = simulate(built, 0, 0)
        assert len(story(built, result, (HISTORY,))) == len(instruments)
        return outcome(built, result, f"tension.{day(11)}")

    largest = left("recall")
    assert largest == pytest.approx(5 - 0.5 * 4, rel=1e-3)
    assert left("recall", "listing") == pytest.approx(largest, rel=1e-4)
    assert left("protest", "listing", "recall") == pytest.approx(largest, rel=1e-4)
