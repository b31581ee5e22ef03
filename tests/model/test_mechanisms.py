"""What each mechanism does, shown by moving one parameter through the front door."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from escalation.clocks.simpy_clock import simulate
from escalation.model.world import DONE, HISTORY, SIMULATED, TRUNCATED
from tests.model.worlds import START, actor, duel, instrument, outcome, play, replications, story, world

SHARP = {"temperature": 1e-6, "alpha": 20}


def day(number):
    return START + timedelta(days=number)


def sender(data, **more):
    data["actors"]["sender"] = actor(policy=SHARP | more.pop("policy", {}), **more)
    return data


def first(data, **more):
    return play(sender(data, **more))[0]


def mean_outcome(data, name, count=200):
    built = world(data)
    return np.mean([outcome(built, one, name) for one in replications(built, 0, count)])


def test_an_actor_deliberates_after_its_stages():
    stages = {"draft": {"median": 5}, "vote": {"median": 7}}
    assert first(duel(), institution={"stages": stages})[0] == 12.25


def test_a_lag_is_log_normal_around_its_median():
    data = sender(duel(), institution={"stages": {"reaction": {"median": 8, "spread": 0.7}}})
    built = world(data)
    lags = [story(built, one)[0][0] - 0.25 for one in replications(built, 0, 400)]
    assert np.median(np.log(lags)) == pytest.approx(np.log(8), abs=4 * 1.25 * 0.7 / 20)
    assert np.std(np.log(lags)) == pytest.approx(0.7, abs=4 * 0.7 / np.sqrt(800))


def test_a_decision_waits_for_the_next_meeting():
    meetings = {"weekday": "monday", "nth": [3], "also": [day(30)]}
    assert first(duel(), institution={"meetings": meetings})[0] == 17.5  # 18 January 2021
    assert first(duel(), institution={"meetings": meetings | {"skip_months": [1]}})[0] == 30.5


def test_an_actor_whose_meetings_are_over_decides_nothing():
    data = sender(duel(), institution={"meetings": {"nth": [], "also": [day(2)]}})
    assert play(data) == []


def test_an_emergency_overrides_stages_and_meetings():
    institution = {"meetings": {"also": [day(30)], "nth": []}, "emergency_lag": 1}
    assert first(duel(), institution=institution)[0] == 30.5
    assert first(duel(), institution=institution, sensitivities={"emergency": 5})[0] == 1.25


def test_a_new_emergency_brings_a_pending_wake_forward_and_voids_the_old_one():
    data = duel()
    data["shocks"]["worse"] = data["shocks"]["outrage"] | {"date": day(1), "magnitude": 6}
    early = play(
        sender(
            data,
            institution={"stages": {"reaction": {"median": 40}}, "emergency_lag": 2, "review": 300},
            sensitivities={"emergency": 10},
        )
    )
    assert [act[0] for act in early] == [3.25, 303.25]


def test_below_the_threshold_nobody_wakes():
    assert play(sender(duel(), sensitivities={"threshold": 5.01})) == []
    assert play(sender(duel(), sensitivities={"threshold": 4.99}))


def test_one_shock_causes_several_packages_while_the_grievance_lasts():
    lasting = play(sender(duel(), institution={"review": 30}))
    assert [act[0] for act in lasting[:3]] == [5.25, 35.25, 65.25]
    discharged = play(sender(duel(), policy={"discharge": 1}, institution={"review": 30}))
    assert len(discharged) == 1


def test_attention_is_the_probability_of_noticing():
    data = duel(
        end=day(40),
        shocks={},
        simulate_from=day(3),
        history={"hit": {"date": day(2), "actor": "target", "target": "sender", "instrument": "recall"}},
    )
    data = sender(data, sensitivities={"attention": 0.3})
    built = world(data)
    noticed = np.mean([len(story(built, one)) > 0 for one in replications(built, 0, 500)])
    assert noticed == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / 500))


def test_a_veto_blocks_with_its_probability_and_the_package_comes_back():
    base = duel(end=day(9))
    unanimity = {"hungary": {"base": 0.4}, "cyprus": {"base": 0.2, "per_rung": 0.1}}
    data = sender(base, institution={"unanimity": unanimity, "review": 100})
    adopted = mean_outcome(data, "acts.sender", 600)
    assert adopted == pytest.approx(0.6 * (1 - 0.5), abs=4 * np.sqrt(0.21 / 600))
    blocked = sender(duel(end=day(17)), institution={"unanimity": {"hungary": {"base": 1}}, "linkage": 0.75})
    assert mean_outcome(blocked, "acts.sender", 400) == pytest.approx(0.75, abs=4 * np.sqrt(0.19 / 400))


def test_a_hold_blocks_until_its_date():
    data = sender(duel(), institution={"meetings": {"nth": [], "also": [day(7), day(20), day(33)]}})
    data["holds"] = {"quarrel": {"actor": "sender", "member": "cyprus", "target": "target", "until": day(20)}}
    acts = play(data)
    assert acts[0][0] == 20.5
    assert [act[0] for act in acts] == [20.5, 33.5]


def test_a_package_grows_with_the_probability_of_one_more():
    def sizes(more):
        return mean_outcome(
            sender(duel(end=day(9)), policy={"more": more, "package_limit": 3}, institution={"review": 100}),
            "acts.sender",
            300,
        )

    assert sizes(0) == 1
    assert sizes(1) in (2, 3)
    assert 1 < sizes(0.5) < sizes(1)


def test_an_act_bites_from_its_force_to_its_lapse():
    data = sender(duel(end=day(100)), policy={"reciprocity": 2}, institution={"review": 300})
    data["instruments"]["embargo"] |= {"delay": 20, "term": 30}
    data["outcomes"] = {"tension_at": [day(25), day(26), day(55), day(56)]}
    built = world(data)
    result = simulate(built, 0, 0)
    assert story(built, result) == [(5.25, "sender", "target", "embargo", 0.0)]
    assert result.acts["in_force"][1] == 25.25
    assert result.acts["lapsed"][1] == 55.25
    levels = [outcome(built, result, f"pressure.target.{day(n)}") for n in (25, 26, 55, 56)]
    assert levels == pytest.approx([0, 2.5, 2.5, 0])
    assert outcome(built, result, "pressure.target.mean") == pytest.approx(2.5 * 30 / 100)


def test_the_sender_pays_as_long_as_its_measure_is_in_force():
    data = sender(duel(end=day(100)), policy={"reciprocity": 2}, institution={"review": 300})
    data["dyads"]["sender"]["target"]["dependence"] = 0.1
    built = world(data)
    cost = outcome(built, simulate(built, 0, 0), "cost.sender")
    assert cost == pytest.approx(4 * 0.1 * (100 - 5.25) / 365.25)


def test_a_patron_absorbs_its_share_of_the_pressure_at_its_speed():
    data = sender(duel(end=day(206)), policy={"reciprocity": 2}, institution={"review": 300})
    data["actors"]["target"] |= {"patron": {"name": "sender", "absorbs": 0.6, "over": 100}}
    data["outcomes"] = {"tension_at": [day(105), day(205)]}
    data["shocks"]["outrage"]["date"] = START
    data["actors"]["sender"]["institution"]["stages"] = {"reaction": {"median": 4.75}}
    built = world(data)
    result = simulate(built, 0, 0)
    levels = [outcome(built, result, f"pressure.target.{day(n)}") for n in (105, 205)]
    assert levels == pytest.approx([2.5 * (1 - 0.6 * 0.5), 2.5 * (1 - 0.6 * 0.75)])


def test_an_instrument_used_once_is_not_used_again_while_in_force():
    data = sender(duel(), institution={"review": 30})
    data["instruments"]["recall"]["once"] = True
    used = [act[3] for act in play(data)]
    assert used.count("recall") == 1
    data["instruments"]["recall"]["term"] = 20
    assert [act[3] for act in play(data)].count("recall") > 1


def test_an_instrument_waits_for_what_it_requires():
    data = sender(duel(), institution={"review": 30})
    data["instruments"]["recall"]["requires"] = ["listing"]
    used = [act[3] for act in play(data)]
    assert used[0] == "listing"
    assert "recall" in used[1:]


def test_a_relation_is_broken_off_once_and_only_a_conciliatory_act_mends_it():
    data = sender(duel(), institution={"review": 30})
    data["instruments"]["recall"]["relation"] = "envoy_recalled"
    built = world(data)
    result = simulate(built, 0, 0)
    assert [act[3] for act in story(built, result)].count("recall") == 1
    assert outcome(built, result, "relation.sender.target") == 1
    assert outcome(built, result, "relation.target.sender") == 0


def test_gradualism_climbs_the_ladder_rung_by_rung():
    data = sender(
        duel(), policy={"reciprocity": 2, "gradualism": 20, "alpha": 10}, institution={"review": 30}
    )
    for rung, name in enumerate(("protest", "listing", "recall", "embargo"), 1):
        data["instruments"][name]["rung"] = rung
    climbed = [act[3] for act in play(data)]
    assert climbed[:4] == ["protest", "listing", "recall", "embargo"]
    steep = sender(duel(), policy={"reciprocity": 2, "gradualism": 0}, institution={"review": 30})
    assert play(steep)[0][3] == "embargo"


@pytest.mark.parametrize(
    ("term", "value", "chosen"),
    [
        ("own_cost", 5, "recall"),
        ("bite", 0, "recall"),
        ("bite", 3, "embargo"),
        ("fear", 20, "listing"),
        ("inertia", 90, None),
    ],
)
def test_each_term_of_the_utility_moves_the_choice(term, value, chosen):
    data = duel(end=day(9))
    data["dyads"]["sender"]["target"]["dependence"] = 0.5
    acts = play(sender(data, policy={term: value}))
    assert [act[3] for act in acts[:1]] == ([chosen] if chosen else [])


def test_a_last_resort_is_spared_at_first():
    data = duel(end=day(9))
    assert first(data)[3] == "recall"
    assert first(duel(end=day(9)), policy={"last_resort": {"recall": 5}})[3] == "listing"


def test_alignment_follows_partners_and_gives_them_their_share():
    data = duel(end=day(12))
    data["actors"] |= {"partner": actor(policy=SHARP, institution={"stages": {"reaction": {"median": 3}}})}
    data["dyads"]["sender"]["partner"] = {"solidarity": 1}
    data["shocks"]["outrage"]["salience"] = {"sender": 2, "partner": 1}
    data["actors"]["sender"] = actor(
        policy=SHARP | {"alignment": 40, "reciprocity": 0.2, "inertia": 3}, sensitivities={"threshold": 1}
    )
    built = world(data)
    result = simulate(built, 0, 0)
    acts = story(built, result)
    assert [act[1] for act in acts] == ["partner", "sender"]
    mine = result.causes["act"] == 2
    shares = dict(
        zip(result.causes["cause"][mine].tolist(), result.causes["share"][mine].tolist(), strict=True)
    )
    assert set(shares) == {0, 1}
    assert shares[1] > 0.3
    data["actors"]["sender"]["policy"]["alignment"] = 0
    assert "sender" not in [act[1] for act in play(data)]


def test_partners_join_on_the_same_day():
    data = duel(end=day(60))
    slow = {"stages": {"reaction": {"median": 50}}, "review": 100}
    data["actors"]["partner"] = actor(institution=slow, policy=SHARP | {"join": 0.5})
    data["dyads"]["partner"] = {"sender": {"solidarity": 0.3}}
    data["shocks"]["outrage"]["salience"]["partner"] = 1
    data = sender(data, institution={"review": 100})
    built = world(data)
    joined = []
    for one in replications(built, 0, 300):
        times = {who: when for when, who, *_ in story(built, one)}
        joined.append(times["partner"] == times["sender"] == 5.25)
    assert np.mean(joined) == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(300))


def test_a_partner_joins_once_a_day_and_only_where_it_can_decide():
    data = duel(end=day(60))
    slow = {"stages": {"reaction": {"median": 50}}, "review": 1}
    for name in ("one", "two"):
        data["actors"][name] = actor(institution=slow, policy=SHARP | {"join": 1})
        data["shocks"]["outrage"]["salience"][name] = 1
    data["dyads"] |= {
        a: {b: {"solidarity": 0.3} for b in ("sender", "one", "two") if a != b} for a in ("one", "two")
    }
    data = sender(data, institution={"review": 100})
    same_day = [act[1] for act in play(data) if act[0] == 5.25]
    assert sorted(same_day) == ["one", "sender", "two"]
    data["actors"]["one"]["institution"]["meetings"] = {"nth": [], "also": [day(52)]}
    assert [act[0] for act in play(data) if act[1] == "one"] == [52.5]


def test_a_renewal_spares_what_was_done_to_a_member_while_the_bloc_is_resented():
    def lapsed(half_life):
        data = duel(end=day(100))
        data["actors"]["target"]["members"] = {"weak": 0.5}
        data["actors"]["weak"] = actor(policy={"reciprocity": 0})
        data["dyads"]["target"]["sender"]["exposure"] = 1
        built = world(
            sender(
                data,
                policy={"resolve": 1000, "d_min": 1},
                sensitivities={"half_life": half_life},
                institution={"renewals": {"individual": ["02-28"]}, "review": 300},
            )
        )
        result = simulate(built, 0, 0)
        assert story(built, result)[0][2] == "weak"
        return result.acts["lapsed"][1]

    assert lapsed(5) == 58.5
    assert np.isnan(lapsed(1e6))


def test_a_truncated_replication_says_nothing_of_dates_after_it_was_cut_off():
    data = sender(
        duel(model={"act_limit": 3}, outcomes={"tension_at": [day(3), day(200)]}), institution={"review": 5}
    )
    built = world(data)
    result = simulate(built, 0, 0)
    assert outcome(built, result, f"tension.{day(3)}") > 0
    assert np.isnan(outcome(built, result, f"tension.{day(200)}"))


def test_draws_outside_the_allowed_range_are_moved_to_its_edge():
    data = duel(end=day(30))
    data["instruments"]["recall"]["term"] = {"normal": [5, 50]}
    built = world(sender(data))
    for one in replications(built, 0, 50):
        assert not (one.acts["lapsed"] < one.acts["in_force"]).any()


def test_habituation_makes_the_same_act_count_less_and_forgets():
    levels = {}
    for gap in (10, 300):
        history = {
            f"hit_{n}": {"date": day(n * gap), "actor": "target", "target": "sender", "instrument": "recall"}
            for n in range(2)
        }
        data = duel(
            end=day(400),
            simulate_from=day(350),
            shocks={},
            history=history,
            outcomes={"tension_at": [day(gap), day(gap + 1)]},
        )
        data["actors"]["sender"] = actor(
            sensitivities={"half_life": 1e6, "habituation": 0.5, "memory": 30}, policy={"reciprocity": 0}
        )
        built = world(data)
        result = simulate(built, 0, 0)
        before, after = (outcome(built, result, f"tension.{day(gap + n)}") for n in (0, 1))
        levels[gap] = after - before
    felt = 4  # the severity of a recall, which does no harm
    assert levels[10] == pytest.approx(felt * 0.5 ** (2 ** (-10 / 30)), rel=1e-3)
    assert levels[300] == pytest.approx(felt, rel=1e-3)


def test_grievance_grows_with_the_size_of_an_act():
    def tension(size):
        data = duel(
            end=day(20),
            simulate_from=day(10),
            shocks={},
            outcomes={"tension_at": [day(5)]},
            history={
                "hit": {
                    "date": day(4),
                    "actor": "target",
                    "target": "sender",
                    "instrument": "listing",
                    "size": size,
                }
            },
        )
        data["instruments"]["listing"]["size"] = {"median": 20}
        data["model"] = {"size_exponent": 0.5}
        built = world(data)
        return outcome(built, simulate(built, 0, 0), f"tension.{day(5)}")

    assert tension(80) == pytest.approx(2 * tension(20), rel=1e-9)


def test_a_bloc_feels_what_is_done_to_its_member_by_its_weight():
    data = duel(
        end=day(20),
        simulate_from=day(10),
        shocks={},
        outcomes={"tension_at": [day(5)]},
        history={"hit": {"date": day(4), "actor": "target", "target": "poland", "instrument": "recall"}},
    )
    data["actors"]["sender"]["members"] = {"poland": 0.25}
    data["actors"]["poland"] = actor()
    built = world(data)
    assert outcome(built, simulate(built, 0, 0), f"tension.{day(5)}") == pytest.approx(4 * 1.25, rel=1e-3)


def test_a_member_of_a_bloc_is_hit_where_it_can_do_least():
    data = duel(end=day(9))
    data["actors"]["target"]["members"] = {"weak": 0.5, "strong": 0.5}
    data["actors"] |= {"weak": actor(), "strong": actor()}
    data["dyads"] |= {"weak": {"sender": {"exposure": 0.0}}, "strong": {"sender": {"exposure": 0.9}}}
    built = world(sender(data, policy={"resolve": 10}))
    hit = [story(built, one)[0][2] for one in replications(built, 0, 300)]
    assert hit.count("weak") > 250
    assert hit.count("strong") < 10


def test_pressure_makes_a_target_yield():
    data = sender(duel(end=day(200)), policy={"reciprocity": 2}, institution={"review": 300})
    data["instruments"]["release"] = instrument("conciliatory", -3, 0, relief=3)
    data["actors"]["target"] = actor(
        policy={"reciprocity": 0, "yielding": 2, "temperature": 0.1}, sensitivities={"yield_threshold": 2}
    )
    acts = play(data)
    assert [act[1:4] for act in acts[:2]] == [
        ("sender", "target", "embargo"),
        ("target", "sender", "release"),
    ]
    data["actors"]["target"]["sensitivities"]["yield_threshold"] = 3
    assert {act[1] for act in play(data)} == {"sender"}


def test_history_is_followed_until_the_model_takes_over():
    history = {
        "hit": {"date": day(20), "actor": "target", "target": "sender", "instrument": "embargo"},
        "answer": {
            "date": day(20),
            "actor": "sender",
            "target": "target",
            "instrument": "recall",
            "answers": ["hit"],
        },
    }
    data = sender(duel(simulate_from=day(60), history=history), policy={"discharge": 0.1})
    built = world(data)
    result = simulate(built, 0, 0)
    assert [act[1] for act in story(built, result, (HISTORY,))] == ["target", "sender"]
    assert min(act[0] for act in story(built, result, (SIMULATED,))) >= 60
    assert result.causes["cause"][result.causes["act"] == 2].tolist() == [1]
    assert result.acts["parent"][2] == 1


def test_an_answer_on_the_same_day_comes_after_its_cause_whatever_the_order_of_the_file():
    history = {
        "answer": {
            "date": day(20),
            "actor": "sender",
            "target": "target",
            "instrument": "recall",
            "answers": ["hit"],
        },
        "hit": {"date": day(20), "actor": "target", "target": "sender", "instrument": "embargo"},
    }
    built = world(duel(simulate_from=day(60), history=history))
    result = simulate(built, 0, 0)
    assert [act[3] for act in story(built, result, (HISTORY,))] == ["embargo", "recall"]


def test_uncertain_numbers_are_drawn_once_per_replication():
    data = duel(end=day(3), outcomes={"tension_at": [day(1)]})
    data["shocks"]["outrage"]["magnitude"] = {"uniform": [2, 6]}
    built = world(data)
    levels = np.array([outcome(built, one, f"tension.{day(1)}") for one in replications(built, 0, 500)])
    assert levels.min() >= 1.9
    assert levels.max() <= 6
    assert levels.mean() == pytest.approx(4, abs=4 * 4 / np.sqrt(12 * 500))


@pytest.mark.parametrize(
    ("number", "median"),
    [
        ({"normal": [3, 1]}, 3),
        ({"lognormal": [2, 0.5]}, 2),
        ({"triangular": [1, 2, 6]}, 6 - np.sqrt(10)),
        ({"choice": [1, 2, 5]}, 2),
    ],
)
def test_every_distribution_has_its_median(number, median):
    data = duel(end=day(3), outcomes={"tension_at": [day(1)]})
    data["shocks"]["outrage"]["magnitude"] = number
    data["actors"]["sender"] = actor(sensitivities={"half_life": 1e6})
    built = world(data)
    levels = [outcome(built, one, f"tension.{day(1)}") for one in replications(built, 0, 600)]
    assert np.median(levels) == pytest.approx(median, abs=0.2)


def test_past_the_act_limit_a_replication_is_truncated_and_says_so():
    data = sender(duel(model={"act_limit": 5}), institution={"review": 5})
    built = world(data)
    result = simulate(built, 0, 0)
    assert result.status == TRUNCATED
    assert "5 acts" in result.message
    assert outcome(built, result, "truncated") == 1
    assert simulate(world(sender(duel())), 0, 0).status == DONE


def test_the_horizon_is_half_open():
    exact = sender(duel(end=day(12)), institution={"stages": {"reaction": {"median": 11.75}}})
    assert play(exact) == []
    assert play(exact | {"end": day(13)})[0][0] == 12.0
    assert date.fromisoformat("2021-01-13") == day(12)
