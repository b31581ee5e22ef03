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
from escalation.study.story.parting import Parting, part, parting
from escalation.study.story.retell import Told, tell, telling
from escalation.study.story.story import Source
from escalation.study.story.weighing import (
    INERTIA,
    OPTIONS,
    TEMPERATURE,
    draw_of,
    options_in_order,
    picked_by,
)
from tests.model.worlds import QUIET, actor, duel

UNTIL = date(2021, 3, 1)


def told(data, replication: int = 0) -> Told:
    scenario = Scenario.model_validate(data)
    return Told(tell(scenario, Source("a test", 1, replication)), scenario)


def parted(one, other, replication: int = 0) -> Parting:
    return part(told(one, replication), told(other, replication))


def sender(**policy):
    data = duel()
    data["actors"]["sender"] = actor(policy=policy)
    data["dyads"]["sender"]["target"]["dependence"] = 1.0
    data["instruments"]["recall"]["cost"] = 4
    return data


@pytest.mark.parametrize("replication", range(3))
def test_every_choice_is_what_its_draw_falls_on(replication: int) -> None:
    one = telling("belarus_2020", replication, until=UNTIL)
    world = compile_scenario(one.scenario)
    order = {name: place for place, name in enumerate(world.names.instruments)}
    choices = 0
    for decision in one.story.decisions:
        for item, choice in enumerate(decision.choices):
            options = options_in_order(choice, order, decision)
            draw = draw_of(world, one.story, decision, item)
            odds = [option.probability for option in options]
            assert picked_by(draw, options, odds) == choice.picked.instrument
            choices += 1
    assert choices > 20


def test_two_stories_of_one_scenario_never_part() -> None:
    found = parting("minimal", "minimal", 3)
    assert (found.kind, found.weights) == ("same", ())
    assert found.first.acts == found.second.acts


@pytest.mark.parametrize("replication", range(6))
def test_all_before_the_parting_is_the_same_and_something_at_it_is_not(replication: int) -> None:
    found = parting("belarus_2020", "belarus_restrained", replication, until=UNTIL)
    assert found.kind != "same"
    before, now = (
        [
            [
                (act.time, act.actor, act.target, act.instrument, act.size)
                for act in story.acts
                if keep(act.time)
            ]
            for story in (found.first, found.second)
        ]
        for keep in (lambda time: time < found.time, lambda time: True)
    )
    assert before[0] == before[1]
    assert now[0] != now[1] or found.kind in ("choice", "moment", "vote")
    if found.kind == "choice":
        picked = [decision.choices[found.item].picked for decision in found.decisions if decision]
        assert picked[0].instrument != picked[1].instrument
        assert found.draw is not None
        assert 0 <= found.draw < 1


def test_the_term_that_made_the_choice_differ_is_found() -> None:
    found = next(
        one
        for n in range(40)
        if (one := parted(sender(own_cost=0.0), sender(own_cost=2.0), n)).kind == "choice"
    )
    assert [weight.name for weight in found.weights] == ["own_cost"]
    assert found.why is not None
    assert found.decisions[1] is not None
    assert found.why.picked == found.decisions[1].choices[found.item].picked.instrument
    assert 0 < found.why.moved <= 1


@pytest.mark.parametrize(("changed", "name"), [({"inertia": 3}, INERTIA), ({"temperature": 4}, TEMPERATURE)])
def test_inertia_and_temperature_are_found_too(changed, name: str) -> None:
    found = next(
        one
        for n in range(60)
        if (one := parted(sender(**QUIET), sender(**(QUIET | changed)), n)).kind == "choice"
    )
    assert [weight.name for weight in found.weights] == [name]
    assert found.weights[0].picked == found.decisions[1].choices[found.item].picked.instrument


def test_what_could_be_done_at_all_can_make_the_difference() -> None:
    fewer = duel()
    fewer["actors"]["sender"] = actor() | {"instruments": ["protest", "recall"]}
    found = next(one for n in range(40) if (one := parted(duel(), fewer, n)).kind == "choice")
    assert found.why is not None
    assert found.why.name == OPTIONS
    assert found.why.moved > 0


def test_what_a_term_moves_alone_is_the_probability_that_changes_hands() -> None:
    for n in range(40):
        found = parted(sender(own_cost=0.0), sender(own_cost=2.0), n)
        if found.kind == "choice":
            break
    mine, theirs = (decision.choices[found.item] for decision in found.decisions)
    odds = [
        {option.instrument: option.probability for option in (choice.picked, *choice.others)}
        for choice in (mine, theirs)
    ]
    apart = sum(abs(odds[0][name] - odds[1][name]) for name in odds[0]) / 2
    assert math.isclose(found.weights[0].moved, apart, rel_tol=1e-9)


def test_an_act_that_only_one_scenario_knows_is_where_they_part() -> None:
    more = duel()
    more["shocks"]["second"] = more["shocks"]["outrage"] | {"date": date(2021, 1, 3), "label": "Another"}
    found = parted(duel(), more)
    assert (found.kind, found.day) == ("act", date(2021, 1, 3))
    assert found.acts[0] is None
    assert found.acts[1] is not None
    assert found.acts[1].label == "Another"


def test_a_vote_can_be_where_they_part() -> None:
    blocked = duel()
    blocked["actors"]["sender"]["institution"]["unanimity"] = {"sceptic": {"base": 1.0}}
    free = duel()
    free["actors"]["sender"]["institution"]["unanimity"] = {"sceptic": {"base": 1e-9}}
    found = parted(free, blocked)
    assert found.kind == "vote"


def test_a_scenario_takes_the_seed_of_the_run_that_it_is_held_against(tmp_path: Path) -> None:
    api.run("minimal", 6, seed=9, out=tmp_path / "run")
    for pair in ((tmp_path / "run", "minimal"), ("minimal", tmp_path / "run")):
        found = parting(*pair, replication=2)
        assert found.kind == "same"
        assert {story.source.seed for story in (found.first, found.second)} == {9}
    changed = parting(tmp_path / "run", "minimal", 2, sets=["actors.us.policy.reciprocity=0.1"])
    assert changed.kind != "same"


def test_two_runs_of_other_seeds_are_refused(tmp_path: Path) -> None:
    for seed in (1, 2):
        api.run("minimal", 2, seed=seed, out=tmp_path / f"run{seed}")
    with pytest.raises(InputError, match=r"^seed: minimal has 1, minimal has 2"):
        parting(tmp_path / "run1", tmp_path / "run2", 0)


def test_the_document_of_a_parting_is_plain_json() -> None:
    found = parting("belarus_2020", "belarus_restrained", 2, until=UNTIL)
    document = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert document["schema_version"] == 1
    assert document["parts_by"] == "choice"
    assert len(document["stories"]) == 2
    assert all(story["acts_from_there"] for story in document["stories"])
