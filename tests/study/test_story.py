from __future__ import annotations

import json
from datetime import date
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from escalation import api
from escalation.clocks.simpy_clock import play
from escalation.ensemble.read import Run
from escalation.errors import InputError
from escalation.model.compile import compile_scenario
from escalation.model.trace import Trace
from escalation.model.world import extract
from escalation.scenario.document import Scenario
from escalation.scenario.load import load
from escalation.study.execution import Request
from escalation.study.story.model import SHOCK, SIMULATED, Story
from escalation.study.story.replay import compared_outcomes, explain, typical_row
from tests.model.worlds import QUIET, actor, duel


@pytest.fixture(scope="module")
def minimal(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("runs") / "minimal"
    api.run("minimal", 24, seed=3, out=folder)
    return api.open_run(folder)


@pytest.fixture(scope="module")
def belarus(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("runs") / "belarus"
    api.run("belarus_2020", 3, seed=5, until=date(2021, 3, 1), out=folder)
    return api.open_run(folder)


def told(data: dict[str, Any], replication: int = 0) -> Story:
    return explain(Scenario.model_validate(data), replication)


def blocked_duel(base: float, **changes: Any) -> dict[str, Any]:
    data = duel(**changes)
    data["actors"]["sender"]["institution"]["unanimity"] = {"sceptic": {"base": base}}
    return data


def of_kind(**policy: Any) -> dict[str, Any]:
    return actor() | {"policy": policy}


def stored_acts(run: Run, replication: int) -> list[tuple[Any, ...]]:
    """Return the stored acts of one replication; a shock has no target, and never is None."""
    names = ("replication", "act", "origin", "time", "actor", "target", "instrument", "size", "in_force")
    table = {name: column.tolist() for name, column in run.acts(names).items()}
    return [
        (
            act,
            origin,
            time,
            who,
            None if origin == SHOCK else whom,
            what,
            size,
            None if isnan(since) else since,
        )
        for number, act, origin, time, who, whom, what, size, since in zip(*table.values(), strict=True)
        if number == replication
    ]


def retold_acts(story: Story) -> list[tuple[Any, ...]]:
    return [
        (act.row, act.origin, act.time, act.actor, act.target, act.instrument, act.size or 0.0, act.in_force)
        for act in story.acts
    ]


@pytest.mark.parametrize("replication", [0, 1, 7, 19])
def test_a_story_tells_exactly_the_acts_that_the_run_has_stored(minimal: Run, replication: int) -> None:
    assert retold_acts(explain(minimal, replication)) == stored_acts(minimal, replication)


def test_so_it_does_with_many_actors_vetoes_and_threats(belarus: Run) -> None:
    story = explain(belarus, 2)
    assert retold_acts(story) == stored_acts(belarus, 2)
    assert len(story.simulated) > 5
    assert story.origin.matches is True


def test_the_outcomes_are_those_of_the_run(minimal: Run) -> None:
    story = explain(minimal, 11)
    stored = minimal.columns(minimal.header.columns)
    for name, value in story.outcomes.items():
        assert np.array_equal(stored[name][11], np.nan if value is None else value, equal_nan=True), name


def test_every_decided_act_has_its_probability_and_what_woke_the_actor(belarus: Run) -> None:
    stories = [explain(belarus, number) for number in range(3)]
    decided = [(story.acts[row], one) for story in stories for one in story.decisions for row in one.acts]
    for act, decision in decided:
        assert act.parent == decision.cause
        assert act.parent is None or act.parent < act.row
        assert sum(share.share for share in act.shares) <= 1 + 1e-9
        assert all(share.cause < act.row for share in act.shares)
        assert (act.probability is None) == decision.spoken
        assert act.probability is None or 0 < act.probability <= 1
    assert any(one.spoken for _, one in decided)
    assert any(one.cause is None for _, one in decided)


def test_what_answers_nothing_is_what_a_review_or_a_promise_adds_to_the_grievance(belarus: Run) -> None:
    decisions = [
        (story, one)
        for story in (explain(belarus, number) for number in range(3))
        for one in story.decisions
        if one.acts and one.mood and one.mood.proportion > 0
    ]
    for story, one in decisions:
        assert one.mood is not None
        felt = min(10.0, one.mood.reciprocity * one.mood.care * max(0.0, one.mood.grievance))
        whole = sum(share.share for share in story.acts[one.acts[0]].shares)
        if felt >= one.mood.floor and not one.mood.promise_due:
            assert whole == pytest.approx(1.0, abs=1e-6)
        assert one.cause is not None or one.mood.floor > 0 or one.mood.promise_due
    assert any(one.mood and one.mood.floor > 0 for _, one in decisions)


def test_what_is_agreed_in_one_stage_is_adopted_in_another_and_told_by_its_package(belarus: Run) -> None:
    later = 0
    for story in (explain(belarus, number) for number in range(3)):
        for decision in story.decisions:
            acts = [story.acts[row] for row in decision.acts]
            assert {act.package for act in acts} <= {decision.package}
            assert len({act.time for act in acts}) <= 1
            last = decision.votes[-1].time if decision.votes else decision.time
            assert all(act.time >= last for act in acts)
            later += any(act.time > last for act in acts)
            if decision.actor != "eu":  # it alone has a second stage
                assert all(act.time == last for act in acts)
    assert later


def test_every_decided_act_belongs_to_one_decision_that_wanted_it(belarus: Run) -> None:
    story = explain(belarus, 1)
    told_of = [row for decision in story.decisions for row in decision.acts]
    assert sorted(told_of) == [act.row for act in story.simulated]
    instruments = load("belarus_2020").instruments
    laws = {name for name, one in instruments.items() if one.addressed == "all"}
    for decision in story.decisions:
        picked = [(choice.target, str(choice.picked.instrument)) for choice in decision.choices]
        wanted = [(decision.about if what in laws else whom, what) for whom, what in picked]
        done = [(story.acts[row].target, story.acts[row].instrument) for row in decision.acts]
        assert len(done) == 1 if decision.spoken else done in ([], wanted)
        assert all(story.acts[row].actor == decision.actor for row in decision.acts)


def test_probabilities_add_up_to_one_and_terms_to_the_utility(belarus: Run) -> None:
    for decision in explain(belarus, 0).decisions:
        for choice in decision.choices:
            options = (choice.picked, *choice.others)
            assert sum(option.probability for option in options) == pytest.approx(1)
            for option in options:
                if option.instrument is not None:
                    assert sum(option.terms.values()) == pytest.approx(option.utility)
                else:
                    assert not option.hostile
                    assert option.terms == {}
            odds = [option.probability for option in choice.others]
            assert odds == sorted(odds, reverse=True)


def test_doing_nothing_is_a_decision_too_and_weighs_its_inertia() -> None:
    data = duel()
    data["actors"]["sender"]["policy"] = QUIET | {"inertia": 50}
    refused = [decision for decision in told(data).decisions if decision.actor == "sender"]
    assert refused
    for decision in refused:
        assert decision.refrained
        assert decision.choices[0].picked.instrument is None
        assert decision.choices[0].picked.utility == 50


def test_the_medoid_is_the_replication_nearest_to_all_others(minimal: Run) -> None:
    columns = minimal.columns(compared_outcomes(minimal.header))
    table = [
        ~np.isnan(values) * 1.0 if name.startswith("first.") else values for name, values in columns.items()
    ]
    scores = np.array([(values - values.mean()) / values.std() for values in table if values.std() > 0])
    assert len(scores) >= 6
    sums = [sum(np.sum((scores[:, a] - scores[:, b]) ** 2) for b in range(24)) for a in range(24)]
    assert typical_row(minimal) == int(np.argmin(sums))
    story = explain(minimal)
    assert (story.origin.replication, story.origin.typical) == (typical_row(minimal), True)
    assert explain(minimal, 0).origin.typical is False


def test_a_veto_blocks_a_package_until_all_agree_and_both_are_told() -> None:
    story = told(blocked_duel(0.8))
    waited = [decision for decision in story.decisions if len(decision.votes) > 1]
    assert waited
    for decision in waited:
        assert [vote.agreed for vote in decision.votes[:-1]] == [False] * (len(decision.votes) - 1)
        assert {vote.member for vote in decision.votes if not vote.agreed} == {"sceptic"}
        if decision.acts:
            assert decision.votes[-1].agreed
            assert story.acts[decision.acts[0]].time == decision.votes[-1].time > decision.time
            assert story.acts[decision.acts[0]].probability == decision.choices[0].picked.probability


def test_a_package_that_is_never_agreed_is_told_without_acts() -> None:
    data = blocked_duel(1.0)
    data["actors"]["sender"]["institution"]["linkage"] = 0
    story = told(data)
    (decision,) = story.decisions
    assert not decision.refrained
    assert decision.acts == ()
    assert len(decision.votes) > 3
    assert story.simulated == ()


def test_a_known_hold_is_told_with_its_date() -> None:
    hold = {"actor": "sender", "member": "holder", "target": "target", "until": date(2021, 2, 1)}
    first = told(duel(holds={"one": hold})).decisions[0]
    assert (first.votes[0].member, first.votes[0].held_until) == ("holder", date(2021, 2, 1))


def test_policies_that_do_not_weigh_are_told_too() -> None:
    data = duel()
    data["actors"] |= {
        "blind": of_kind(kind="hazard", answers=0.8, answers_for={"target": 0.9}),
        "climber": of_kind(kind="ladder", provocation=2),
        "scripted": of_kind(
            kind="scripted",
            acts={"one": {"date": date(2021, 3, 1), "target": "climber", "instrument": "recall"}},
        ),
    }
    story = told(data)
    by_policy = {decision.policy: decision for decision in story.decisions}
    assert set(by_policy) == {"proportional", "hazard", "ladder", "scripted"}
    assert sorted(row for one in story.decisions for row in one.acts) == [act.row for act in story.simulated]
    answered = {
        (story.acts[int(act.parent or 0)].target, act.probability)
        for act in story.simulated
        if act.actor == "blind"
    }
    assert answered == {("target", 0.9), ("blind", 0.8)}
    assert by_policy["scripted"].cause is None
    assert by_policy["ladder"].cause == by_policy["scripted"].acts[0]


def test_noting_what_is_weighed_changes_nothing() -> None:
    data = blocked_duel(0.5)
    built = compile_scenario(Scenario.model_validate(data))
    plain, traced = (extract(play(built, 1, 0, trace)) for trace in (None, Trace()))
    assert len(plain.acts["act"]) > 8
    assert plain.status == traced.status
    for name, column in plain.acts.items():
        assert np.array_equal(column, traced.acts[name], equal_nan=True), name
    story = told(data)
    assert sorted(row for one in story.decisions for row in one.acts) == [act.row for act in story.simulated]


def test_the_tree_holds_every_hostile_deed_once_below_its_main_cause(belarus: Run) -> None:
    story = explain(belarus, 0)
    rows = [row for branch in story.tree for row in branch.acts]
    assert sorted(rows) == [act.row for act in story.acts if act.counted or act.origin == SHOCK]
    home = {row: place for place, branch in enumerate(story.tree) for row in branch.acts}
    for place, branch in enumerate(story.tree):
        act = story.acts[branch.acts[0]]
        eligible = [share for share in act.shares if share.cause in home]
        assert branch.below == sum(len(one.acts) + one.below for one in story.tree if one.parent == place)
        if branch.parent is None:
            assert eligible == []
        else:
            best = max(eligible, key=lambda share: share.share)
            assert branch.parent < place
            assert branch.share == best.share


def test_who_answered_whom_adds_up_to_the_shares(belarus: Run) -> None:
    story = explain(belarus, 0)
    total = sum(share.share for act in story.simulated if act.counted for share in act.shares)
    assert sum(one.acts for one in story.answering) == pytest.approx(total)
    assert {one.actor for one in story.answering} <= {act.actor for act in story.simulated}


def test_what_woke_an_actor_before_is_marked(minimal: Run) -> None:
    story = explain(minimal)
    seen = set()
    for decision in story.decisions:
        key = (decision.actor, decision.about, decision.cause)
        mine = decision.cause is not None and not decision.spoken  # words leave the matter to be decided
        assert decision.again == (mine and key in seen)
        seen |= {key} if mine else set()
    assert any(decision.again for decision in story.decisions)


def test_a_scenario_is_told_alone_with_its_own_seed_and_number() -> None:
    story = explain("minimal", 4, Request(seed=9, until=date(2021, 1, 1)))
    assert (story.seed, story.origin.replication, story.origin.folder) == (9, 4, None)
    assert story.scenario.end == date(2021, 1, 1)
    assert story.origin.matches is None
    assert all(act.origin != SIMULATED or act.day >= story.scenario.simulate_from for act in story.acts)


@pytest.mark.parametrize("replication", [-1, 24])
def test_a_replication_that_a_run_has_not_is_refused_with_the_range(minimal: Run, replication: int) -> None:
    with pytest.raises(InputError, match="allowed is 0 to 23"):
        explain(minimal, replication)


def test_a_run_is_not_given_another_seed(minimal: Run) -> None:
    with pytest.raises(InputError, match=r"^seed: .* has its own"):
        explain(minimal.folder, request=Request(seed=4))


def test_a_story_is_plain_json_with_dates_as_text(minimal: Run) -> None:
    story = explain(minimal)
    document = json.loads(story.model_dump_json())
    assert document["scenario"]["simulate_from"] == "2020-10-03"
    assert len(document["acts"]) == len(story.acts)
    assert document["decisions"][0]["choices"][0]["picked"]["probability"] > 0
    assert Story.model_validate_json(story.model_dump_json()) == story
    assert Path(document["origin"]["folder"]) == minimal.folder
