"""The other kinds of policy, and the conformance suite that every kind and preset passes."""

from __future__ import annotations

import sys
from datetime import timedelta

import numpy as np
import pytest

from escalation.clocks import python_policy
from escalation.clocks.python_policy import PolicyError
from escalation.clocks.simpy_clock import simulate
from escalation.errors import InputError
from escalation.model.world import DONE
from escalation.scenario.actor import Actor
from escalation.scenario.policy import PRESETS
from tests.model.worlds import START, actor, duel, instrument, play, story, world


def day(number):
    return START + timedelta(days=number)


class Mirror:
    """Does back what was done: the listing, when it can."""

    def __init__(self, patience=0.0):
        self.patience = patience

    def choose(self, situation):
        if situation.grievance < self.patience or situation.draw() < 0.1:
            return []
        return [option for option in situation.options if option.instrument == "listing"][:1]


@pytest.fixture
def registered(monkeypatch):
    class Point:
        name, value = "mirror", "a_package:Mirror"

        @staticmethod
        def load():
            return Mirror

    monkeypatch.setattr(python_policy, "entry_points", lambda group: [Point])


POLICIES = {
    **{name: {"preset": name} for name in PRESETS},
    "ladder": {"kind": "ladder", "provocation": 2},
    "hazard": {"kind": "hazard", "answers": 0.5},
    "scripted": {
        "kind": "scripted",
        "acts": {"one": {"date": day(9), "target": "target", "instrument": "recall"}},
    },
    "python": {"kind": "python", "name": "mirror", "parameters": {"patience": 1.0}},
}


def against_hardliner(policy):
    data = duel(end=day(200))
    data["actors"]["sender"] = actor() | {"policy": policy}
    data["actors"]["target"] = actor(institution={"stages": {"reaction": {"median": 7, "spread": 1}}})
    data["instruments"]["talks"] = instrument("conciliatory", -2, 0, relief=1, term=60)
    return data


@pytest.mark.parametrize("name", POLICIES)
def test_every_policy_runs_to_the_end_and_repeats_itself(name, registered):
    built = world(against_hardliner(POLICIES[name]))
    first, second = (simulate(built, 1, 3) for _ in range(2))
    assert first.status == DONE
    assert story(built, first) == story(built, second)
    assert np.array_equal(first.outcomes, second.outcomes, equal_nan=True)
    others = {str(story(built, simulate(built, 1, r))) for r in range(8)}
    assert len(others) > 1 or name == "passive"


@pytest.mark.parametrize("name", POLICIES)
def test_every_policy_acts_only_with_what_it_has(name, registered):
    data = against_hardliner(POLICIES[name])
    data["actors"]["sender"]["instruments"] = ["listing", "recall", "talks"]
    built = world(data)
    for replication in range(5):
        used = {act[3] for act in story(built, simulate(built, 1, replication)) if act[1] == "sender"}
        assert used <= {"listing", "recall", "talks"}


@pytest.mark.parametrize("name", POLICIES)
def test_every_policy_has_a_line_that_names_it(name):
    policy = world_policy(POLICIES[name])
    assert policy.canonical().startswith(name)


def world_policy(data):
    return Actor.model_validate({"name": "An actor", "policy": data}).policy


def test_tit_for_tat_answers_each_act_in_kind():
    data = duel(
        end=day(60),
        simulate_from=day(5),
        shocks={},
        history={"hit": {"date": day(4), "actor": "target", "target": "sender", "instrument": "recall"}},
    )
    data["actors"]["sender"]["policy"] = {"preset": "tit_for_tat", "temperature": 1e-6}
    acts = [act[1:4] for act in play(data)]
    assert acts == [("sender", "target", "recall")]


def test_a_ladder_climbs_one_rung_at_each_provocation():
    data = duel(end=day(60), simulate_from=day(1))
    data["actors"]["sender"] |= {
        "policy": {"kind": "ladder", "provocation": 2, "discharge": 0.1},
        "institution": {"review": 7},
    }
    data["instruments"]["protest"]["rung"] = 0
    assert [act[3] for act in play(data)][:4] == ["listing", "recall", "embargo", "embargo"]
    data["actors"]["sender"]["policy"]["provocation"] = 6
    assert play(data) == []


def test_a_hazard_answers_each_act_by_itself_with_its_probability():
    data = duel(end=day(60), simulate_from=day(1), shocks={}, history={})
    acts = {f"hit_{n}": {"date": day(3), "target": "sender", "instrument": "protest"} for n in range(400)}
    data["actors"]["target"]["policy"] = {"kind": "scripted", "acts": acts}
    data["actors"]["sender"] |= {"policy": {"kind": "hazard", "answers": 0.3, "instrument": "recall"}}
    data["model"] = {"act_limit": 5000}
    answers = [act for act in play(data) if act[1] == "sender"]
    assert len(answers) / 400 == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / 400))
    assert {act[3] for act in answers} == {"recall"}
    assert {act[0] for act in answers} != {3.5}


def test_a_hazard_answers_for_its_partner():
    data = duel(end=day(60), simulate_from=day(1), shocks={})
    acts = {f"hit_{n}": {"date": day(3), "target": "friend", "instrument": "protest"} for n in range(400)}
    data["actors"]["target"]["policy"] = {"kind": "scripted", "acts": acts}
    data["actors"]["friend"] = actor(policy={"reciprocity": 0})
    data["actors"]["sender"] |= {"policy": {"kind": "hazard", "answers": 0, "answers_for": {"friend": 0.4}}}
    answers = [act for act in play(data) if act[1] == "sender"]
    assert len(answers) / 400 == pytest.approx(0.4, abs=4 * np.sqrt(0.24 / 400))
    assert {act[2] for act in answers} == {"target"}


@pytest.mark.parametrize("name", ["passive", "hazard", "scripted"])
def test_a_policy_that_does_not_deliberate_never_yields_to_pressure(name):
    data = against_hardliner(POLICIES[name])
    data["actors"]["sender"]["sensitivities"]["yield_threshold"] = 0.0
    built = world(data)
    for replication in range(20):
        acts = story(built, simulate(built, 1, replication))
        assert ("sender", "talks") not in {(act[1], act[3]) for act in acts}


def test_a_scripted_policy_does_what_is_written_and_nothing_else():
    data = duel()
    data["actors"]["sender"]["policy"] = POLICIES["scripted"]
    assert [(act[0], *act[1:4]) for act in play(data)] == [(9.5, "sender", "target", "recall")]


def test_a_python_policy_that_nobody_registers_is_refused_with_the_names_that_are(registered):
    data = against_hardliner(POLICIES["python"] | {"name": "miror"})
    with pytest.raises(InputError, match=r"actors\.sender\.policy\.name.*did you mean mirror\?"):
        simulate(world(data), 0, 0)


def test_a_python_policy_that_does_not_take_its_parameters_is_refused(registered):
    data = against_hardliner(POLICIES["python"] | {"parameters": {"pateince": 1.0}})
    with pytest.raises(InputError, match=r"actors\.sender\.policy\.parameters: .*pateince"):
        simulate(world(data), 0, 0)


def test_a_python_policy_that_cannot_be_made_is_refused_with_its_file_and_line(registered, monkeypatch):
    def refuse(self, patience=0.0):
        raise OSError("no data")

    def leave(self, patience=0.0):
        sys.exit(0)

    for broken, message in ((refuse, "OSError: no data"), (leave, "it calls sys.exit")):
        monkeypatch.setattr(Mirror, "__init__", broken)
        with pytest.raises(
            InputError, match=rf"policy: .* cannot be made: {message} \(.*test_policies\.py:\d+\)"
        ):
            simulate(world(against_hardliner(POLICIES["python"])), 0, 0)


def test_a_python_policy_that_ends_the_program_only_fails_its_replication(registered, monkeypatch):
    monkeypatch.setattr(Mirror, "choose", lambda self, situation: sys.exit(3))
    with pytest.raises(
        PolicyError, match=r"policy of sender: it calls sys\.exit \(.*test_policies\.py:\d+\)"
    ):
        simulate(world(against_hardliner(POLICIES["python"])), 0, 0)


def test_a_python_policy_cannot_choose_one_option_twice(registered, monkeypatch):
    monkeypatch.setattr(Mirror, "choose", lambda self, situation: [situation.options[0]] * 2)
    with pytest.raises(ValueError, match="not on offer"):
        simulate(world(against_hardliner(POLICIES["python"])), 0, 0)


def test_a_python_policy_that_chooses_what_is_not_on_offer_fails_loudly(registered, monkeypatch):
    monkeypatch.setattr(Mirror, "choose", lambda self, situation: ["sanctions"])
    with pytest.raises(ValueError, match="not on offer"):
        simulate(world(against_hardliner(POLICIES["python"])), 0, 0)
