"""Giving way: pressure by sender, trust that it ends, and the affront in what was done."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from escalation.clocks.simpy_clock import play
from escalation.model.trace import Trace
from tests.model.worlds import START, actor, duel, instrument, outcome, replications, story, world

REPLICATIONS = 200


def day(number):
    return START + timedelta(days=number)


def used(*acts):
    """Return a policy that uses instruments, each on its day."""
    return {
        "kind": "scripted",
        "acts": {
            f"act_{n}": {"date": day(number), "target": "target", "instrument": name}
            for n, (number, name) in enumerate(acts)
        },
    }


def coercion(*acts, other=(), **policy):
    """A world in which the acts of `sender` (and of `other`) are scripted and `target` may give way."""
    data = duel(end=day(365), shocks={}, outcomes={"concession": 3})
    data["instruments"] = {
        "denunciation": instrument("verbal", 6, 0, term=30),
        "listing": instrument("individual", 3, 2),
        "expulsion": instrument("diplomatic", 4, 3),
        "embargo": instrument("economic", 6, 6, harm=8),
        "offer": instrument("conciliatory", -2, 0),
        "release": instrument("conciliatory", -5, 0, relief=3, once=True),
    }
    feelings = {"half_life": 60, "threshold": 0.01, "yield_threshold": 1.5}
    data["actors"] = {
        "sender": actor() | {"policy": used(*acts)},
        "other": actor() | {"policy": used(*other)},
        "target": actor(
            policy={"yielding": 1.0, "alpha": 6, "temperature": 0.5, "discharge": 0, "d_min": 1} | policy,
            institution={"review": 60},
            sensitivities=feelings,
        ),
    }
    data["dyads"] = {
        "sender": {"target": {"exposure": 0.25}},
        "other": {"target": {"exposure": 0.1}},
        "target": {"sender": {"exposure": 0.1}},
    }
    return data


def played(data, count=REPLICATIONS):
    built = world(data)
    return built, replications(built, 0, count)


def chance(data, name="concession.target"):
    """Return in which share of the replications the target concedes."""
    built, results = played(data)
    return float(np.mean([outcome(built, one, name) for one in results]))


HARM = (5, "embargo")
LISTS = tuple((30 + 10 * n, "listing") for n in range(30))


def test_lists_without_bite_never_raise_the_chance_of_a_concession_however_many():
    counts = (0, 2, 5, 10, 30)
    assert [chance(coercion(*LISTS[:n])) for n in counts] == [0] * len(counts)
    with_harm = [chance(coercion(HARM, *LISTS[:n])) for n in counts]
    assert with_harm == sorted(with_harm, reverse=True)
    assert with_harm[0] - with_harm[-1] > 0.5


def test_harm_with_a_conditional_offer_does_better_and_an_insult_worse_than_nothing():
    harm = chance(coercion(HARM))
    assert chance(coercion(HARM, (6, "offer"))) > harm + 0.1
    assert chance(coercion(HARM, (40, "denunciation"))) < harm - 0.05
    assert chance(coercion((5, "denunciation"))) == 0


def test_who_hits_back_does_not_give_way_sooner_under_the_same_pressure():
    chances, days = [], []
    for reciprocity in (0, 0.5, 1, 2):
        data = coercion(HARM, reciprocity=reciprocity)
        built, results = played(data)
        chances.append(np.mean([outcome(built, one, "concession.target") for one in results]))
        firsts = [outcome(built, one, "first_concession.target") for one in results]
        days.append(np.mean(np.nan_to_num(firsts, nan=365)))
    assert chances == sorted(chances, reverse=True)
    assert days == sorted(days)


def test_a_concession_goes_to_whoever_presses_most_and_counts_once():
    built, results = played(coercion(HARM, other=(HARM,)))
    given = [act for one in results for act in story(built, one) if act[3] == "release"]
    assert {act[2] for act in given} == {"sender"}
    built, results = played(coercion(HARM, (200, "embargo"), other=((100, "embargo"), (101, "embargo"))))
    assert {outcome(built, one, "concession.target") for one in results} <= {0, 1}


def test_a_concession_is_undone_in_the_count_by_a_new_shock_soon_after():
    def counted(after, **more):
        data = coercion(HARM, (6, "offer"), temperature=0.01, yielding=3)
        built, results = played(data, 1)
        first = outcome(built, results[0], "first_concession.target")
        crackdown = {
            "label": "A crackdown",
            "date": day(int(first) + after),
            "blamed": "target",
            "magnitude": 4,
            "salience": {"other": 0.01},
        }
        data["shocks"] = {"crackdown": crackdown | more}
        built, results = played(data, 1)
        return outcome(built, results[0], "concession.target")

    assert (counted(50), counted(70)) == (0, 1)
    assert counted(50, foreseen=True) == 1


def weighed(data, at):
    """Return the first weighing of the target from day `at` on."""
    trace = Trace()
    play(world(data), 0, 0, trace)
    return next(one for one in trace.weighings if one.time >= at)


def test_trust_rises_with_an_offer_and_falls_when_measures_follow_a_concession():
    def trust(*acts):
        return weighed(coercion(HARM, *acts, temperature=0.01, yielding=9), 150).trust

    assert trust() == pytest.approx(0.3)
    assert trust((90, "offer")) == pytest.approx(0.3 + 0.3 * 0.7)
    assert trust((20, "expulsion")) == pytest.approx(0.3 - 0.3 * 0.3)


def test_the_affront_is_what_was_done_and_own_answers_do_not_lower_it():
    def affront(**policy):
        return weighed(coercion(HARM, (60, "expulsion"), inertia=1, **policy), 80)

    calm, sharp = affront(reciprocity=0.2), affront(reciprocity=1, discharge=0.3)
    for one in (calm, sharp):
        expected = 6 * 2 ** ((5.5 - one.time) / 60) + 4 * 2 ** ((60.5 - one.time) / 60)
        assert one.affront == pytest.approx(expected, rel=1e-6)


def eased(**policy):
    """Return the acts of 100 futures of a noisy sender that could talk and ease, target doing nothing."""
    data = duel(end=day(200), outcomes={"concession": 3})
    data["actors"]["target"]["instruments"] = []
    data["instruments"] |= {
        "talks": instrument("conciliatory", -2, 0),
        "easing": instrument("conciliatory", -4, 0, lifts=["listing"]),
    }
    data["actors"]["sender"] = actor(policy={"temperature": 3} | policy, institution={"review": 10})
    built, results = played(data, 100)
    return [[act[3] for act in story(built, one)] for one in results]


def test_easing_is_no_noise():
    done = eased()
    assert any("talks" in acts for acts in done)
    assert not any("easing" in acts for acts in done)
    for acts in done:
        before = acts[: acts.index("talks")] if "talks" in acts else ["listing"]
        assert set(before) & {"protest", "listing", "recall", "embargo"}


def test_how_far_an_actor_eases_before_the_other_gives_way_is_a_matter_of_its_policy():
    assert not {"talks", "easing"} & {name for acts in eased(first_move=0) for name in acts}
    done = eased(first_move=2)
    assert any("easing" in acts for acts in done)
    for acts in done:
        assert "easing" not in acts or "listing" in acts[: acts.index("easing")]
