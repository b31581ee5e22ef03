"""Threats, lifting and renewals, shown through the front door."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest

from escalation.clocks.simpy_clock import play as run_world
from escalation.clocks.simpy_clock import simulate
from tests.model.worlds import START, actor, duel, instrument, outcome, play, story, world

SHARP = {"temperature": 1e-6, "alpha": 20}


def day(number):
    return START + timedelta(days=number)


def threat_world(**threat):
    """The sender has threatened on day 2; the target recalls its envoy on day 10."""
    data = duel(end=day(80), simulate_from=day(5), shocks={})
    data["instruments"]["warning"] = instrument(
        "threat", 1, 0, threat={"severity": 7, "rung": 3, "within": 30} | threat
    )
    data["actors"]["target"]["policy"] = {
        "kind": "scripted",
        "acts": {"recall": {"date": day(10), "target": "sender", "instrument": "recall"}},
    }
    data["actors"]["sender"] = actor(
        policy=SHARP | {"reciprocity": 0.6, "audience": 9}, institution={"review": 300}
    )
    data["history"] = {
        "warned": {"date": day(2), "actor": "sender", "target": "target", "instrument": "warning"}
    }
    return data


def test_a_threat_falls_due_when_its_condition_is_met_and_is_kept():
    acts = play(threat_world())
    assert [act[1:4] for act in acts] == [("target", "sender", "recall"), ("sender", "target", "embargo")]


def test_without_an_audience_a_promise_moves_nobody():
    data = threat_world()
    data["actors"]["sender"]["policy"]["audience"] = 0
    assert play(data)[1][3] == "listing"


@pytest.mark.parametrize("changes", [{"rung": 4}, {"within": 5}])
def test_an_act_below_the_rung_or_after_the_time_leaves_the_threat_alone(changes):
    assert play(threat_world(**changes))[1][3] == "listing"


def test_a_due_promise_makes_even_a_forgiving_actor_decide():
    data = threat_world()
    data["actors"]["sender"]["policy"]["reciprocity"] = 0
    data["actors"]["sender"]["policy"]["audience"] = 30
    assert play(data)[1][3] == "embargo"
    data["instruments"]["warning"].pop("threat")
    assert len(play(data)) == 1


def test_a_demand_falls_due_at_its_deadline_unless_the_target_concedes():
    def demand(conceded):
        data = threat_world(demand=True)
        data["instruments"]["release"] = instrument("conciliatory", -5, 0)
        what = "release" if conceded else "protest"
        data["actors"]["target"]["policy"]["acts"]["recall"]["instrument"] = what
        data["actors"]["sender"]["sensitivities"]["threshold"] = 9
        return play(data | {"simulate_from": day(9)})

    assert [act[3] for act in demand(False)] == ["protest", "embargo"]
    assert demand(False)[1][0] == pytest.approx(2.5 + 30 + 5, abs=0.1)
    assert [act[3] for act in demand(True)] == ["release"]


def credibility_after(data):
    state = run_world(world(data), 0, 0).state
    return state.dyad[1].credibility, state.actor[0].audience_cost


def test_kept_promises_raise_credibility_and_broken_ones_lower_it_and_cost():
    data = threat_world() | {"model": {"reputation": 0.4}}
    assert credibility_after(data) == (pytest.approx(0.5 + 0.4 * 0.5), 0)
    data["actors"]["sender"]["policy"]["audience"] = 0.01
    broken, cost = credibility_after(data)
    assert broken == pytest.approx(0.5 - 0.4 * 0.5)
    assert cost == pytest.approx(0.01)


def test_a_believed_threat_raises_the_expected_retaliation_and_deters():
    def answers(credibility):
        data = threat_world(severity=10, rung=20)
        data["actors"]["target"] = actor(policy=SHARP | {"fear": 40, "expected": 0})
        data["actors"]["sender"]["policy"] |= {"credibility": credibility, "reciprocity": 0}
        data["shocks"] = {
            "insult": {
                "label": "An insult",
                "date": day(6),
                "blamed": "sender",
                "magnitude": 4,
                "salience": {"target": 1},
            }
        }
        return [act[3] for act in play(data) if act[1] == "target"]

    assert answers(0)[0] == "recall"
    assert answers(1) == []


def test_the_promise_gets_its_share_of_the_act():
    built = world(threat_world())
    result = simulate(built, 0, 0)
    kept = result.causes["act"] == 2
    assert result.causes["cause"][kept].tolist() == [1, 1]
    assert result.causes["share"][kept].sum() == pytest.approx(1)


def test_easing_lifts_the_latest_measure_and_its_pressure():
    data = duel(end=day(100), simulate_from=day(5), shocks={})
    data["instruments"]["easing"] = instrument("conciliatory", -2, 0, lifts=["embargo"])
    data["outcomes"] = {"tension_at": [day(20), day(40)]}
    data["actors"]["sender"]["policy"] = {
        "kind": "scripted",
        "acts": {
            "first": {"date": day(6), "target": "target", "instrument": "embargo"},
            "second": {"date": day(8), "target": "target", "instrument": "embargo"},
            "ease": {"date": day(30), "target": "target", "instrument": "easing"},
        },
    }
    built = world(data)
    result = simulate(built, 0, 0)
    assert [outcome(built, result, f"pressure.target.{day(n)}") for n in (20, 40)] == pytest.approx([5, 2.5])
    assert result.acts["lapsed"][:2].tolist() == pytest.approx([float("nan"), 30.5], nan_ok=True)


def test_easing_is_no_option_while_there_is_nothing_to_lift():
    data = duel(end=day(60))
    data["instruments"] = {
        "easing": instrument("conciliatory", -1, 0, lifts=["embargo"]),
        **data["instruments"],
    }
    data["instruments"]["embargo"]["severity"] = 9
    data["actors"]["sender"] = actor(policy={"reciprocity": 1, "temperature": 1e9}, institution={"review": 2})
    used = [act[3] for act in play(data)]
    assert "easing" in used
    assert used.index("easing") > used.index("embargo")


def renewed(half_life, **renewals):
    """Return when the recall of January lapses, and how many acts there are in 200 days."""
    data = duel(end=day(200))
    data["actors"]["sender"] = actor(
        policy=SHARP | {"d_min": 1},
        sensitivities={"half_life": half_life},
        institution={"renewals": renewals, "review": 300},
    )
    built = world(data)
    result = simulate(built, 0, 0)
    assert story(built, result)[0][3] == "recall"
    return result.acts["lapsed"][1], len(story(built, result))


def test_measures_lapse_at_a_renewal_when_the_grievance_is_gone():
    assert renewed(10, diplomatic=["02-28"]) == (58.5, 1)
    when, acts = renewed(1e6, diplomatic=["02-28"])
    assert math.isnan(when)
    assert acts == 2


def test_each_family_of_measures_has_days_of_its_own():
    assert renewed(10, economic=["01-31"], diplomatic=["05-31", "07-31"])[0] == 150.5
    assert math.isnan(renewed(10, economic=["02-28"], transport=["1 month"])[0])


def test_a_measure_is_renewed_months_after_its_adoption_again_and_again():
    adopted, month = 5.25, 365.25 / 12
    assert renewed(10, diplomatic=["2 months"])[0] == pytest.approx(adopted + 2 * month, abs=1e-5)
    assert renewed(50, diplomatic=["1 month"])[0] == pytest.approx(adopted + 4 * month, abs=1e-5)


def test_measures_of_history_run_out_after_the_takeover_alone():
    data = duel(end=day(200), simulate_from=day(20), shocks={})
    data["history"] = {
        "list": {"date": day(2), "actor": "sender", "target": "target", "instrument": "listing"}
    }
    data["actors"]["sender"]["institution"]["renewals"] = {"individual": ["1 month", "01-10"]}
    lapsed = simulate(world(data), 0, 0).acts["lapsed"][0]
    assert lapsed == pytest.approx(2.5 + 365.25 / 12, abs=1e-5)


def test_a_scripted_actor_lets_nothing_lapse():
    data = duel(end=day(200), shocks={})
    data["actors"]["sender"]["institution"]["renewals"] = {"individual": ["02-28"]}
    acts = {"list": {"date": day(2), "target": "target", "instrument": "listing"}}
    data["actors"]["sender"]["policy"] = {"kind": "scripted", "acts": acts}
    assert math.isnan(simulate(world(data), 0, 0).acts["lapsed"][0])
