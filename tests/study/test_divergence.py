"""Where two stories of one world of chance part, and what made them."""

from __future__ import annotations

import json
import math
from datetime import date
from pathlib import Path

import pytest

from escalation import api
from escalation.errors import InputError
from escalation.model.compile import compile_scenario
from escalation.scenario.document import Scenario
from escalation.study.execution import Request
from escalation.study.source import open_source
from escalation.study.story.divergence import (
    INERTIA,
    OPTIONS,
    TEMPERATURE,
    Divergence,
    OrderedChoice,
    diverge,
    divergence_of,
)
from escalation.study.story.model import Story
from escalation.study.story.replay import explain, replay
from tests.model.worlds import QUIET, actor, duel

SHORT = Request(until=date(2021, 3, 1))


def played(data, replication: int = 0) -> Story:
    return replay(open_source(Scenario.model_validate(data)), replication)


def diverged(one, other, replication: int = 0) -> Divergence:
    return divergence_of(played(one, replication), played(other, replication), Scenario.model_validate(one))


def sender(**policy):
    data = duel()
    data["actors"]["sender"] = actor(policy=policy)
    data["dyads"]["sender"]["target"]["dependence"] = 1.0
    data["instruments"]["recall"]["cost"] = 4
    return data


@pytest.mark.parametrize("replication", range(3))
def test_every_choice_is_what_its_draw_falls_on(replication: int) -> None:
    story = explain("belarus_2020", replication, SHORT)
    world = compile_scenario(open_source("belarus_2020", SHORT).scenario)
    order = {name: place for place, name in enumerate(world.names.instruments)}
    choices = 0
    for decision in story.decisions:
        for item, choice in enumerate(decision.choices):
            ordered = OrderedChoice.of(decision, item, order)
            odds = [option.probability for option in ordered.options]
            assert ordered.picked(choice.draw, odds) == choice.picked.instrument
            choices += 1
    assert choices > 20


def test_two_stories_of_one_scenario_never_part() -> None:
    found = diverge("minimal", "minimal", 3)
    assert (found.differ_in, found.influences) == ("nothing", ())
    assert found.stories[0].acts == found.stories[1].acts


@pytest.mark.parametrize("replication", range(6))
def test_all_before_the_parting_is_the_same_and_something_at_it_is_not(replication: int) -> None:
    found = diverge("belarus_2020", "belarus_restrained", replication, SHORT)
    assert found.differ_in != "nothing"
    before, now = (
        [
            [
                (act.time, act.actor, act.target, act.instrument, act.size)
                for act in story.acts
                if keep(act.time)
            ]
            for story in found.stories
        ]
        for keep in (lambda time: time < found.time, lambda time: True)
    )
    assert before[0] == before[1]
    assert now[0] != now[1] or found.differ_in in ("choice", "moment", "vote")
    if found.differ_in == "choice":
        picked = [decision.choices[found.item].picked for decision in found.decisions if decision]
        assert picked[0].instrument != picked[1].instrument
        assert found.draw is not None
        assert 0 <= found.draw < 1


def test_the_term_that_made_the_choice_differ_is_found() -> None:
    found = next(
        one
        for n in range(40)
        if (one := diverged(sender(own_cost=0.0), sender(own_cost=2.0), n)).differ_in == "choice"
    )
    assert [one.name for one in found.influences] == ["own_cost"]
    assert found.influences
    assert found.decisions[1] is not None
    assert found.influences[0].picked == found.decisions[1].choices[found.item].picked.instrument
    assert 0 < found.influences[0].moved <= 1


@pytest.mark.parametrize(("changed", "name"), [({"inertia": 3}, INERTIA), ({"temperature": 4}, TEMPERATURE)])
def test_inertia_and_temperature_are_found_too(changed, name: str) -> None:
    found = next(
        one
        for n in range(60)
        if (one := diverged(sender(**QUIET), sender(**(QUIET | changed)), n)).differ_in == "choice"
    )
    assert [one.name for one in found.influences] == [name]
    assert found.influences[0].picked == found.decisions[1].choices[found.item].picked.instrument


def test_what_could_be_done_at_all_can_make_the_difference() -> None:
    fewer = duel()
    fewer["actors"]["sender"] = actor() | {"instruments": ["protest", "recall"]}
    found = next(one for n in range(40) if (one := diverged(duel(), fewer, n)).differ_in == "choice")
    assert found.influences
    assert found.influences[0].name == OPTIONS
    assert found.influences[0].moved > 0


def test_what_a_term_moves_alone_is_the_probability_that_changes_hands() -> None:
    for n in range(40):
        found = diverged(sender(own_cost=0.0), sender(own_cost=2.0), n)
        if found.differ_in == "choice":
            break
    mine, theirs = (decision.choices[found.item] for decision in found.decisions)
    odds = [
        {option.instrument: option.probability for option in (choice.picked, *choice.others)}
        for choice in (mine, theirs)
    ]
    apart = sum(abs(odds[0][name] - odds[1][name]) for name in odds[0]) / 2
    assert math.isclose(found.influences[0].moved, apart, rel_tol=1e-9)


def test_an_act_that_only_one_scenario_knows_is_where_they_diverge() -> None:
    more = duel()
    more["shocks"]["second"] = more["shocks"]["outrage"] | {"date": date(2021, 1, 3), "label": "Another"}
    found = diverged(duel(), more)
    assert (found.differ_in, found.day) == ("act", date(2021, 1, 3))
    assert found.acts[0] is None
    assert found.acts[1] is not None
    assert found.acts[1].label == "Another"


def test_a_vote_can_be_where_they_diverge() -> None:
    blocked = duel()
    blocked["actors"]["sender"]["institution"]["unanimity"] = {"sceptic": {"base": 1.0}}
    free = duel()
    free["actors"]["sender"]["institution"]["unanimity"] = {"sceptic": {"base": 1e-9}}
    found = diverged(free, blocked)
    assert found.differ_in == "vote"


def test_a_scenario_takes_the_seed_of_the_run_that_it_is_compared_with(tmp_path: Path) -> None:
    api.run("minimal", 6, seed=9, out=tmp_path / "run")
    for pair in ((tmp_path / "run", "minimal"), ("minimal", tmp_path / "run")):
        found = diverge(*pair, replication=2)
        assert found.differ_in == "nothing"
        assert {story.seed for story in found.stories} == {9}
    changed = diverge(tmp_path / "run", "minimal", 2, Request(sets=["actors.eu.policy.reciprocity=2"]))
    assert changed.differ_in != "nothing"


def test_two_runs_of_other_seeds_are_refused(tmp_path: Path) -> None:
    for seed in (1, 2):
        api.run("minimal", 2, seed=seed, out=tmp_path / f"run{seed}")
    with pytest.raises(InputError, match=r"^seed: minimal has 1, minimal has 2"):
        diverge(tmp_path / "run1", tmp_path / "run2", 0)


def test_a_divergence_is_its_document() -> None:
    found = diverge("belarus_2020", "belarus_restrained", 1, SHORT)
    text = found.model_dump_json()
    document = json.loads(text)
    assert (document["kind"], document["schema_version"]) == ("divergence", Divergence.version)
    assert document["differ_in"] == "choice"
    assert Divergence.model_validate_json(text) == found
