"""What can be chosen and what calls for it: suggestions of shocks, laws for all, posts, drawn magnitudes."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from escalation.clocks.simpy_clock import play, simulate
from escalation.model.trace import Trace
from escalation.model.world import SHOCK
from tests.model.worlds import START, actor, duel, instrument, outcome, replications, story, world


def day(number):
    return START + timedelta(days=number)


def weighed(data, number=0):
    trace = Trace()
    built = world(data)
    play(built, 0, 0, trace)
    return built, trace.weighings[number]


def term(built, weighing, name, instrument):
    terms = {built.names.instruments[one.instrument]: one.terms for one in weighing.options if one.terms}
    return getattr(terms[instrument], name)


def test_a_shock_suggests_an_instrument_by_its_share_of_the_grievance():
    data = duel(end=day(30))
    data["actors"]["sender"] = actor(policy={"fit": 2, "temperature": 0.1, "alpha": 3})
    data["shocks"]["landing"] = data["shocks"]["outrage"] | {"magnitude": 15, "suggests": {"recall": 4}}
    built, weighing = weighed(data)
    assert term(built, weighing, "fit", "recall") == pytest.approx(2 * 4 * 15 / 20)
    assert term(built, weighing, "fit", "listing") == 0
    data["shocks"]["landing"]["suggests"] = {}
    assert term(*weighed(data), "fit", "recall") == 0


def test_what_is_suggested_becomes_the_rule_and_stays_the_exception_without():
    def used(**shock):
        data = duel(end=day(20))
        data["shocks"]["outrage"] |= shock
        data["actors"]["sender"] = actor(policy={"last_resort": {"embargo": 3}, "temperature": 0.5})
        built = world(data)
        acts = [[act[3] for act in story(built, one)] for one in replications(built, 0, 100)]
        return np.mean(["embargo" in one for one in acts])

    assert used() < 0.05
    assert used(suggests={"embargo": 8}) > 0.9


def test_the_magnitude_of_a_shock_is_drawn_anew_each_time():
    data = duel(end=day(400), outcomes={"tension_at": [day(1), day(201)]})
    data["shocks"] = {
        name: data["shocks"]["outrage"] | {"date": day(at), "spread": 0.4}
        for name, at in (("first", 0), ("second", 200))
    }
    data["actors"]["sender"] = actor(sensitivities={"half_life": 1e6}, policy={"reciprocity": 0})
    built = world(data)
    results = replications(built, 0, 400)
    first = np.array([outcome(built, one, f"tension.{day(1)}") for one in results])
    second = np.array([outcome(built, one, f"tension.{day(201)}") for one in results]) - first
    for drawn in (first, second):
        assert np.median(drawn) == pytest.approx(5, rel=0.12)
        assert np.std(np.log(drawn)) == pytest.approx(0.4, rel=0.15)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.2


def lawgiver(**decree):
    """A world in which `target` has a quarrel with two senders, none with `neutral`, and one decree."""
    data = duel(end=day(300), simulate_from=day(20))
    data["instruments"] = {
        "listing": instrument("individual", 3, 2),
        "decree": instrument("economic", 3, 3, harm=2, **decree),
    }
    data["shocks"] = {}
    people = ("sender", "other", "neutral", "target")
    data["actors"] = {name: actor(policy={"reciprocity": 0}) for name in people}
    data["actors"]["target"] = actor(institution={"review": 30})
    data["actors"]["target"]["instruments"] = ["decree"]
    data["dyads"] = {"target": {name: {"exposure": 0.5} for name in people[:3]}}
    data["history"] = {
        f"list_{name}": {"date": day(10), "actor": name, "target": "target", "instrument": "listing"}
        for name in ("sender", "other")
    }
    data["outcomes"] = {"tension_at": [day(299)]}
    return data


def test_a_law_is_addressed_to_all_in_the_quarrel_done_once_and_felt_by_each():
    built = world(lawgiver(addressed="all"))
    result = simulate(built, 0, 0)
    (act,) = story(built, result)
    assert act[1] == "target"
    assert act[2] in ("sender", "other")
    assert outcome(built, result, "acts.target") == 1
    for name, rung, weight in (("sender", 3, 1.0), ("other", 3, 1.0), ("neutral", 0, 0.0)):
        assert outcome(built, result, f"peak_rung.target.{name}") == rung
        assert outcome(built, result, f"pressure.{name}.end") == weight

    single = world(lawgiver())
    acts = story(single, simulate(single, 0, 0))
    assert {act[2] for act in acts} == {"sender", "other"}


def test_a_law_that_has_lapsed_can_be_enacted_again_and_has_bitten_each_as_long():
    built = world(lawgiver(addressed="all", term=50))
    result = simulate(built, 0, 0)
    times = [act[0] for act in story(built, result)]
    assert len(times) > 1
    assert min(np.diff(times)) >= 50
    pressures = {outcome(built, result, f"pressure.{name}.mean") for name in ("sender", "other")}
    assert len(pressures) == 1
    assert 0 < pressures.pop() < 1


def test_history_says_itself_whom_a_law_was_addressed_to():
    data = lawgiver(addressed="all")
    law = {"date": day(12), "actor": "target", "target": ["sender", "other"], "instrument": "decree"}
    data["history"]["law"] = law
    built = world(data)
    result = simulate(built, 0, 0)
    assert story(built, result) == []
    assert outcome(built, result, "pressure.sender.end") == outcome(built, result, "pressure.other.end") == 1


def joint(ally=5.0, addressed="group", **sender):
    """A world in which `sender` blames `target` and `ally` at once, and can hit both in one act."""
    data = duel(end=day(40))
    data["instruments"] = {"ban": instrument("economic", 5, 3, harm=2, addressed=addressed, once=True)}
    data["actors"] |= {
        "ally": actor(policy={"reciprocity": 0}),
        "sender": actor(**({"policy": {"discharge": 1, "temperature": 0.01}} | sender)),
    }
    data["actors"]["target"]["policy"] = {"reciprocity": 0}
    both = ("target", "ally")
    data["dyads"]["sender"] = {
        one: {"exposure": 0.5, "jointly_with": [other]} for one, other in (both, both[::-1])
    }
    data["shocks"]["outcry"] = data["shocks"]["outrage"] | {"blamed": "ally", "magnitude": ally}
    return data


def reached(data):
    """Return the number of acts of `sender`, and whom they bite."""
    built = world(data)
    result = simulate(built, 0, 0)
    acts = story(built, result)
    assert outcome(built, result, "acts.sender") == len(acts)
    assert outcome(built, result, "package_days.sender") == len({int(act[0]) for act in acts})
    bitten = {one for one in ("ally", "target") if outcome(built, result, f"pressure.{one}.end") == 1}
    assert bitten == {
        one for one in ("ally", "target") if outcome(built, result, f"peak_rung.sender.{one}") == 3
    }
    return len(acts), bitten


def test_an_act_on_a_group_is_done_once_and_felt_by_each():
    assert reached(joint()) == (1, {"ally", "target"})
    assert reached(joint(addressed="one")) == (2, {"ally", "target"})
    built = world(joint())
    state, i = play(built, 0, 0).state, built.names.actors.index
    felt = [state.dyad[i(name) * 3 + i("sender")].affront for name in ("ally", "target")]
    spent = [state.dyad[i("sender") * 3 + i(name)].from_shocks for name in ("ally", "target")]
    assert felt == [5, 5]
    assert spent == [pytest.approx(0, abs=0.02)] * 2


def test_an_act_on_a_group_spares_whom_the_sender_would_not_or_cannot_hit_itself():
    alone = (1, {"target"})
    assert reached(joint(ally=0.05)) == alone
    without = joint()
    without["dyads"]["sender"]["ally"]["instruments"] = []
    assert reached(without) == alone
    held = joint(institution={"unanimity": {"cyprus": {}}})
    hold = {"actor": "sender", "member": "cyprus", "target": "ally", "until": day(60)}
    assert reached(held | {"holds": {"quarrel": hold}}) == alone


def test_what_waits_for_a_group_is_not_thought_of_again_for_the_other():
    two_stages = {"adoption": {"median": 12}, "review": 300}
    assert reached(joint(institution=two_stages)) == (1, {"ally", "target"})


def test_members_of_the_opponent_are_hit_together():
    data = joint()
    data["actors"]["bloc"] = actor(policy={"reciprocity": 0}, members={"target": 0.5, "ally": 0.5})
    data["dyads"] |= {one: {"sender": {"exposure": 0}} for one in ("target", "ally")}
    data["dyads"]["bloc"] = {"sender": {"exposure": 1}}
    data["actors"]["sender"]["policy"]["resolve"] = 100
    data["shocks"] = {"outrage": data["shocks"]["outrage"] | {"blamed": "bloc"}}
    assert reached(data) == (1, {"ally", "target"})


def test_answers_to_an_act_on_a_group_answer_that_one_act():
    data = joint()
    for name in ("ally", "target"):
        data["actors"][name] = actor(institution={"stages": {"reaction": {"median": 3}}, "review": 300})
        data["dyads"][name] = {"sender": {"exposure": 0.5}}
    built = world(data)
    result = simulate(built, 0, 0)
    acts = story(built, result)
    assert [act[1] for act in acts] == ["sender", "ally", "target"]
    row = result.acts["act"][result.acts["origin"] != SHOCK][0]
    assert result.causes["cause"][-2:].tolist() == [row, row]
    assert result.causes["share"][-2:].tolist() == [1, 1]


def diplomats(**dyad):
    data = duel(end=day(300))
    data["instruments"] = {
        "cut": instrument("diplomatic", 3, 2, size={"median": 6, "spread": 0.5, "of": "posts"}),
        "expulsion": instrument("diplomatic", 4, 3, size={"median": 3, "spread": 0.5, "of": "diplomats"}),
        "rupture": instrument("diplomatic", 8, 9, relation="broken"),
    }
    policy = {"more": 0.5, "package_limit": 2, "temperature": 3}
    data["actors"]["sender"] = actor(policy=policy, institution={"review": 5})
    data["dyads"]["sender"]["target"] |= dyad
    return data


def test_no_more_is_expelled_than_there_are_posts():
    built = world(diplomats(posts=20))
    for one in replications(built, 0, 40):
        sizes = [act[4] for act in story(built, one) if act[3] != "rupture"]
        assert all(size > 0 for size in sizes)
        assert sum(sizes) <= 20 + 1e-9
    free = world(diplomats())
    assert max(sum(act[4] for act in story(free, one)) for one in replications(free, 0, 40)) > 20


def test_after_relations_are_broken_nobody_is_expelled():
    built = world(diplomats())
    for one in replications(built, 0, 40):
        used = [act[3] for act in story(built, one)]
        if "rupture" in used:
            assert used.index("rupture") >= len(used) - 2
            assert used.count("rupture") == 1


def test_what_woke_an_actor_is_the_largest_recent_part_of_its_grievance():
    data = duel(end=day(400))
    data["actors"]["sender"] = actor(policy={"inertia": 50}, institution={"review": 30})
    data["shocks"]["later"] = data["shocks"]["outrage"] | {"date": day(200), "magnitude": 3}
    built, trace = world(data), Trace()
    w = play(built, 0, 0, trace)
    causes = {one.time: w.state.act[one.cause] for one in trace.weighings}
    assert {cause.origin for cause in causes.values()} == {SHOCK}
    names = {at: built.names.shocks[cause.instrument] for at, cause in causes.items()}
    assert {name for at, name in names.items() if at < 200} == {"outrage"}
    assert {name for at, name in names.items() if at > 206} == {"later"}
