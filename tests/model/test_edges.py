"""First and last days, numbers of packages, and what a trace says: where an error by one would hide."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from escalation.clocks.simpy_clock import play, simulate
from escalation.model.choose import Terms
from escalation.model.compile_events import meeting_days, renewal_days
from escalation.model.feel import repeated
from escalation.model.intervene import EVERY, Strike, intervened
from escalation.model.tables import NOTHING
from escalation.model.trace import Trace
from escalation.model.world import DONE, SIMULATED, extract
from escalation.scenario.actor import Meetings
from escalation.scenario.base import FAMILIES
from tests.model.worlds import QUIET, START, actor, duel, instrument, outcome, story, world
from tests.study.hazards import hazards

MONDAY = date(2021, 2, 1)
"""The first Monday of a month that begins on a Monday."""


def meetings(**fields) -> Meetings:
    return Meetings.model_validate({"weekday": "monday", **fields})


def test_a_meeting_on_the_first_day_counts_and_one_on_the_day_after_the_last_does_not():
    weekly = meetings(nth=[1, 2, 3, 4])
    assert meeting_days(weekly, MONDAY, MONDAY + timedelta(days=14)) == [0.5, 7.5]
    assert meeting_days(weekly, MONDAY, MONDAY + timedelta(days=15)) == [0.5, 7.5, 14.5]


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_the_nth_weekday_of_a_month_is_counted_from_its_first_day(nth):
    days = meeting_days(meetings(nth=[nth]), MONDAY, MONDAY + timedelta(days=28))
    assert days == [7.0 * (nth - 1) + 0.5]


def test_further_dates_count_from_the_first_day_on_and_once():
    end = MONDAY + timedelta(days=3)
    also = [MONDAY - timedelta(days=1), MONDAY, MONDAY + timedelta(days=2), end]
    assert meeting_days(meetings(nth=[1], also=also), MONDAY, end) == [0.5, 2.5]


def test_months_that_are_skipped_have_no_meeting():
    days = meeting_days(meetings(nth=[1], skip_months=[3]), MONDAY, MONDAY + timedelta(days=70))
    assert [MONDAY + timedelta(days=int(day)) for day in days] == [MONDAY, date(2021, 4, 5)]


def test_renewals_come_every_year_from_the_first_day_to_the_day_before_the_end():
    def times(end, *days):
        return [row.time for row in renewal_days({"individual": days}, MONDAY, end)]

    assert times(date(2023, 2, 1), "02-01") == [0.5, 365.5]
    assert times(date(2023, 2, 2), "02-01", "3 months") == [0.5, 365.5, 730.5]
    assert times(date(2021, 3, 2), "03-01", "02-02") == [1.5, 28.5]


def test_families_that_are_renewed_on_one_day_are_looked_at_together():
    days = {"economic": ("02-02", "03-01"), "financial": ("02-02",)}
    bits = [1 << FAMILIES.index(name) for name in days]
    rows = renewal_days(days, MONDAY, date(2021, 3, 2))
    assert [(row.time, row.families) for row in rows] == [(1.5, sum(bits)), (28.5, bits[0])]


def test_answers_of_a_hazard_policy_are_packages_of_their_own_numbered_in_their_order():
    answers = {"one": {"one": 0.6}, "two": {"two": 0.6}}
    log = simulate(world(hazards(answers)), 1, 0).acts
    packages = log["package"][log["origin"] == SIMULATED]
    assert len(packages) > 10
    assert packages.tolist() == list(range(len(packages)))


def test_packages_are_numbered_in_their_order_and_hold_what_was_decided_at_once():
    data = duel()
    data["actors"]["sender"] = actor(policy=QUIET | {"more": 1, "package_limit": 2})
    log = simulate(world(data), 1, 0).acts
    packages = log["package"][log["origin"] == SIMULATED]
    assert packages.tolist() == [n // 2 for n in range(len(packages))]


def scripted(*days: int, **more):
    data = duel(shocks={}, **more)
    acts = {
        f"act_{n}": {"date": START + timedelta(days=day), "target": "target", "instrument": "listing"}
        for n, day in enumerate(days)
    }
    data["actors"]["sender"]["policy"] = {"kind": "scripted", "acts": acts}
    return data


def test_a_scripted_act_happens_from_the_takeover_to_the_day_before_the_end():
    takeover = START + timedelta(days=10)
    data = scripted(9, 10, 20, 21, simulate_from=takeover, end=START + timedelta(days=21))
    assert times_of(data) == [10.5, 20.5]


@pytest.mark.parametrize(("ordinal", "left"), [(1, [12.5, 14.5]), (2, [10.5, 14.5]), (3, [10.5, 12.5]),
                                                (4, [10.5, 12.5, 14.5]), (EVERY, [])])  # fmt: skip
def test_a_strike_counts_from_the_first_act_after_the_takeover(ordinal, left):
    built = world(scripted(10, 12, 14, simulate_from=START + timedelta(days=10)))
    altered = intervened(built, [Strike(ordinal)])
    done = simulate(altered, 1, 0)
    assert [act[0] for act in story(altered, done)] == left
    assert done.struck == 3 - len(left)


def test_an_act_on_the_day_of_the_takeover_is_measured_and_one_before_it_is_not():
    history = {
        f"act_{day}": {
            "date": START + timedelta(days=day),
            "actor": "sender",
            "target": ["target"],
            "instrument": "listing",
        }
        for day in (9, 10)
    }
    data = duel(shocks={}, history=history, simulate_from=START + timedelta(days=10))
    data["actors"]["sender"]["policy"] = {"preset": "passive"}
    built = world(data)
    assert outcome(built, simulate(built, 1, 0), "acts.sender") == 1.0


def test_a_day_with_two_packages_is_one_package_day():
    data = scripted(10, 10, 11)
    built = world(data)
    done = simulate(built, 1, 0)
    assert outcome(built, done, "package_days.sender") == 2.0
    assert outcome(built, done, "acts.sender") == 3.0


def tense(**policy):
    data = duel()
    data["actors"]["sender"] = actor(
        policy=QUIET | {"more": 0.7, "package_limit": 3, "temperature": 3, "reciprocity": 0.9} | policy,
        institution={"unanimity": {"sceptic": {"base": 0.4}}},
    )
    data["instruments"]["easing"] = instrument("conciliatory", -2, relief=1)
    return data


def traced(data, replication=0):
    trace = Trace()
    w = play(world(data), 1, replication, trace)
    trace.weighings = [one for one in trace.weighings if one.actor == 0]
    return w, trace


def test_a_trace_says_of_each_draw_what_it_fell_on():
    for replication in range(5):
        w, trace = traced(tense(), replication)
        assert trace.weighings
        for one in trace.weighings:
            if not one.options:  # all that could be done is in the package
                assert one.item > 0
                assert one.picked == NOTHING
                continue
            assert sum(option.probability for option in one.options) == pytest.approx(1)
            ends = np.cumsum([option.probability for option in one.options])
            assert one.options[int(np.searchsorted(ends, one.draw, "right"))].instrument == one.picked
            severities = [
                0.0 if option.instrument == NOTHING else w.instrument[option.instrument].severity
                for option in one.options
            ]
            assert severities == sorted(severities)


def test_a_trace_gives_utilities_as_sums_of_their_terms_and_nothing_its_inertia():
    _, trace = traced(tense(inertia=0.25))
    for one in trace.weighings:
        for option in one.options:
            if option.instrument == NOTHING:
                assert (option.utility, option.terms) == (0.25, None)
            else:
                assert isinstance(option.terms, Terms)
                assert sum(option.terms) == pytest.approx(option.utility)


def test_a_trace_follows_each_package_from_its_weighings_over_its_votes_to_its_acts():
    w, trace = traced(tense())
    done = extract(w)
    decided = {one.package for one in trace.weighings if one.package >= 0}
    adopted = {int(one) for one in done.acts["package"][done.acts["actor"] == 0] if one >= 0}
    agreed = {one.package for one in trace.votes if one.agreed}
    assert adopted == agreed
    assert adopted <= decided
    assert len(adopted) > 3
    assert any(not one.agreed and one.member == 0 for one in trace.votes)
    assert all((one.member, one.hold) == (-1, -1) for one in trace.votes if one.agreed)
    for number in adopted:
        picked = [one.picked for one in trace.weighings if one.package == number]
        acts = done.acts["instrument"][done.acts["package"] == number].tolist()
        assert [one for one in picked if one != NOTHING] == acts
        items = [one.item for one in trace.weighings if one.package == number]
        assert items == list(range(len(items)))


def test_a_weighing_says_in_what_state_the_actor_was():
    w, trace = traced(tense())
    first = trace.weighings[0]
    assert (first.reciprocity, first.more, first.temperature, first.due) == (0.9, 0.7, 3.0, False)
    assert first.yields_at == w.actor[first.actor].yield_threshold
    assert first.proportion == pytest.approx(0.9 * first.grievance)
    assert (first.pressure, first.partners) == (0.0, 0.0)
    assert w.state.act[first.cause].instrument == 0


def test_what_is_struck_stands_in_the_trace():
    built, trace = world(scripted(10, 12)), Trace()
    altered = intervened(built, [Strike(2)])
    w = play(altered, 1, 0, trace)
    (struck,) = trace.struck
    assert (struck.time, struck.package) == (12.5, -1)
    assert built.names.instruments[struck.instrument] == "listing"
    assert w.state.tally.status == DONE


def test_the_relation_at_the_end_stands_at_its_own_dyad():
    data = duel(dyads={"sender": {"target": {"relation": "downgraded"}}})
    built = world(data)
    done = simulate(built, 1, 0)
    relations = [
        outcome(built, done, f"relation.{i}.{j}") for i in ("sender", "target") for j in ("sender", "target")
    ]
    assert relations == [0.0, 2.0, 0.0, 0.0]


def test_an_act_of_history_that_answers_the_very_first_one_has_it_as_its_cause():
    common = {"actor": "sender", "target": ["target"], "instrument": "listing"}
    history = {
        "first": common | {"date": START},
        "second": common | {"date": START + timedelta(days=1), "answers": ["first"]},
    }
    data = duel(shocks={}, history=history, simulate_from=START + timedelta(days=2))
    causes = simulate(world(data), 1, 0).causes
    assert (causes["act"].tolist()[0], causes["cause"].tolist()[0]) == (1, 0)


def test_causes_of_an_act_of_history_share_it_evenly():
    common = {"actor": "sender", "target": ["target"], "instrument": "listing"}
    history = {
        name: common | {"date": START + timedelta(days=n)} for n, name in enumerate(("one", "two", "both"))
    }
    history["both"]["answers"] = ["one", "two"]
    causes = simulate(
        world(duel(shocks={}, history=history, simulate_from=START + timedelta(days=3))), 1, 0
    ).causes
    of_both = causes["act"] == 2
    assert causes["cause"][of_both].tolist() == [0, 1]
    assert causes["share"][of_both].tolist() == [0.5, 0.5]


def at_once(**more):
    """A world in which the sender deliberates at the instant of the shock, with a grievance of exactly 5."""
    stages = {"reaction": {"median": 0}}
    return duel(
        end=START + timedelta(days=3),
        actors={
            "sender": actor(institution={"stages": stages, "review": 100}, **more),
            "target": actor(policy={"reciprocity": 0}),
        },
    )


def acts(data):
    built = world(data)
    return story(built, simulate(built, 1, 0))


def times_of(data):
    return [act[0] for act in acts(data)]


SHARP = {"temperature": 1e-6, "alpha": 20}


@pytest.mark.parametrize(("level", "times"), [(5, [0.25]), (5.001, [])])
def test_what_just_reaches_a_threshold_counts(level, times):
    assert times_of(at_once(policy=SHARP, sensitivities={"threshold": level})) == times
    assert times_of(at_once(policy=SHARP | {"d_min": level})) == times
    data = at_once()
    data["actors"]["sender"]["policy"] = {"kind": "ladder", "provocation": level}
    assert times_of(data) == times


@pytest.mark.parametrize(("level", "time"), [(5, 1.25), (5.001, 2.5)])
def test_what_just_reaches_an_emergency_waits_for_no_meeting(level, time):
    data = at_once(policy=SHARP, sensitivities={"emergency": level})
    data["actors"]["sender"]["institution"] |= {
        "meetings": {"nth": [], "also": [START + timedelta(days=2)]},
        "emergency_lag": 1,
    }
    assert times_of(data)[0] == time


def test_of_instruments_of_one_rung_a_ladder_takes_the_mildest_and_at_its_top_the_gravest():
    data = duel(end=START + timedelta(days=60), simulate_from=START + timedelta(days=1))
    data["actors"]["sender"] |= {
        "policy": {"kind": "ladder", "provocation": 2, "discharge": 0.1},
        "institution": {"review": 7},
    }
    data["instruments"]["protest"]["rung"] = 0
    data["instruments"] |= {"ban": instrument("economic", 3.5, 2), "blockade": instrument("economic", 8, 6)}
    assert [act[3] for act in acts(data)][:4] == ["listing", "recall", "embargo", "blockade"]


def test_an_act_against_a_member_is_a_step_against_its_bloc_and_nobody_else():
    data = scripted(10)
    data["actors"] |= {
        "alliance": actor(policy={"reciprocity": 0}) | {"members": {"target": 0.5}},
        "zealot": actor(policy={"reciprocity": 0}),
    }
    n, w = 4, play(world(data), 1, 0)
    tops = [w.state.dyad[ij].top for ij in range(n * n)]
    before = tops[0]
    assert {(ij // n, ij % n): top for ij, top in enumerate(tops) if top != before} == {(1, 0): 2, (1, 2): 2}


def test_what_a_bloc_does_to_its_member_is_no_step_against_itself():
    data = scripted(10)
    data["actors"]["sender"]["members"] = {"target": 0.5}
    w = play(world(data), 1, 0)
    assert w.state.dyad[0].top == w.state.dyad[3].top < w.state.dyad[1].top == 2


def test_a_partner_without_solidarity_does_not_join():
    data = duel(end=START + timedelta(days=60))
    slow = {"stages": {"reaction": {"median": 50}}, "review": 100}
    data["actors"]["partner"] = actor(institution=slow, policy=SHARP | {"join": 1})
    data["actors"]["sender"] = actor(policy=SHARP, institution={"review": 100})
    data["shocks"]["outrage"]["salience"]["partner"] = 1
    assert times_of(data) == [5.25, 50.25]


def test_what_an_actor_expects_moves_to_what_each_package_brought():
    data = duel(end=START + timedelta(days=30))
    data["actors"]["sender"] = actor(policy=SHARP | {"learning": 0.5, "expected": 0})
    data["actors"]["target"]["policy"] = {
        "kind": "scripted",
        "acts": {"answer": {"date": START + timedelta(days=8), "target": "sender", "instrument": "listing"}},
    }
    first, second, _ = [act for act in acts(data) if act[1] == "sender"]
    assert (first[0], first[3], second[0]) == (5.25, "recall", 13.5)
    assert play(world(data), 1, 0).state.dyad[1].expected == pytest.approx(0.5 * 3 / 4 * 0.5)


def test_an_act_that_is_cut_off_is_counted_nowhere():
    data = duel(model={"act_limit": 5})
    data["actors"]["sender"] = actor(policy=SHARP, institution={"review": 5})
    built = world(data)
    done = simulate(built, 1, 0)
    assert outcome(built, done, "acts.sender") == (done.acts["origin"] == SIMULATED).sum() == 4


def test_a_grievance_of_exactly_one_is_tension():
    data = duel(shocks={}, end=START + timedelta(days=20))
    acts = {"only": {"date": START + timedelta(days=10), "target": "target", "instrument": "protest"}}
    data["actors"]["sender"]["policy"] = {"kind": "scripted", "acts": acts}
    data["actors"]["target"] = actor(policy={"reciprocity": 0}, sensitivities={"felt": 0})
    built = world(data)
    assert outcome(built, simulate(built, 1, 0), "tension.peak") == 1.0


def test_severity_0_is_neither_measure_nor_word():
    data = duel()
    data["instruments"] |= {"appeal": instrument("verbal", 0, 0), "pause": instrument("programme", 0, 0)}
    built = world(data)
    for name in ("appeal", "pause"):
        row = built.tables.instrument[built.names.instruments.index(name)]
        assert (row["words"], row["counted"]) == (0, 0)


def test_full_relations_can_be_restored():
    data = duel(dyads={"sender": {"target": {"relation": "envoy_recalled"}}})
    data["instruments"]["return"] = instrument("diplomatic", -1, relation="full")
    acts = {"only": {"date": START + timedelta(days=10), "target": "target", "instrument": "return"}}
    data["actors"]["sender"]["policy"] = {"kind": "scripted", "acts": acts}
    built = world(data)
    assert outcome(built, simulate(built, 1, 0), "relation.sender.target") == 0.0


@pytest.mark.parametrize(("share", "times", "left"), [
    (0.0, 0.0, 1.0), (0.0, 2.0, 0.0), (0.0, 1.0, 0.0), (0.5, 1.0, 0.5), (0.5, 0.0, 1.0), (1.0, 1.0, 1.0),
])  # fmt: skip
def test_what_is_left_of_an_act_that_is_repeated_is_a_power(share, times, left):
    assert repeated(share, times) == left


def grievance(built):
    """Return what the sender holds against the target at the end."""
    i, j = (built.names.actors.index(name) for name in ("sender", "target"))
    dyad = play(built, 1, 0).state.dyad[i * len(built.names.actors) + j]
    return dyad.from_acts + dyad.from_shocks


def test_a_measure_milder_than_1_discharges_its_severity_and_is_joined():
    data = at_once(policy=SHARP | {"discharge": 1})
    data["instruments"] = {"note": instrument("programme", 0.5)}
    slow = {"stages": {"reaction": {"median": 2}}, "review": 100}
    data["actors"]["partner"] = actor(institution=slow, policy=SHARP | {"join": 1})
    data["dyads"]["partner"] = {"sender": {"solidarity": 0.3}}
    data["shocks"]["outrage"]["salience"]["partner"] = 1
    built = world(data)
    done = story(built, simulate(built, 1, 0))
    assert {(name, time) for time, name, *_ in done} == {("sender", 0.25), ("partner", 0.25)}
    assert grievance(built) == pytest.approx(4.5, rel=0.01)


def test_a_recall_agreed_on_before_relations_broke_is_not_carried_out_and_discharges_nothing():
    data = duel(end=START + timedelta(days=60))
    data["instruments"] = {
        "recall": instrument("diplomatic", 4, relation="envoy_recalled"),
        "break": instrument("diplomatic", 6, relation="broken"),
    }
    stages = {"stages": {"reaction": {"median": 1}}, "adoption": {"median": 20}, "review": 100}
    acts = {"only": {"date": START + timedelta(days=8), "target": "sender", "instrument": "break"}}
    data["actors"]["target"]["policy"] = {"kind": "scripted", "acts": acts}
    left = []
    for discharge in (1, 0):
        data["actors"]["sender"] = actor(policy=SHARP | {"discharge": discharge}, institution=stages)
        built = world(data)
        done = simulate(built, 1, 0)
        assert [act[1] for act in story(built, done)] == ["target"]
        assert outcome(built, done, "relation.sender.target") == 3.0
        left.append(grievance(built))
    assert left[0] == left[1] > 0


@pytest.mark.parametrize(("recall", "dyad", "why"), [
    ({"relation": "downgraded"}, {"relation": "broken"}, "relation"),
    ({"relation": "downgraded"}, {"relation": "downgraded"}, "relation"),
    ({"size": {"median": 3, "of": "posts"}}, {"posts": 0}, "posts"),
    ({"requires": ["embargo"]}, {}, "requires"),
    ({"once": True}, {}, "in_force"),
])  # fmt: skip
def test_a_trace_says_what_keeps_an_instrument_from_being_used(recall, dyad, why):
    data = duel()
    data["instruments"]["recall"] |= recall
    data["dyads"]["sender"]["target"] |= dyad
    built = world(data)
    trace = Trace(watched=(0, built.names.instruments.index("recall")))
    play(built, 1, 0, trace)
    assert {name for _, name in trace.bars} == {why}


def test_a_trace_tells_what_has_the_other_sign_from_what_could_be_picked():
    data = duel()
    data["instruments"]["easing"] = instrument("conciliatory", -2, relief=1)
    built = world(data)
    for name, why in (("easing", {"sign"}), ("recall", set())):
        trace = Trace(watched=(0, built.names.instruments.index(name)))
        play(built, 1, 0, trace)
        assert trace.weighings
        assert {name for _, name in trace.bars} == why
