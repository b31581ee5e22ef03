"""The library of actors: what a file takes from it by name, and that nobody sees where a value came from."""

from __future__ import annotations

import pytest

from escalation.clocks.simpy_clock import simulate
from escalation.errors import ScenarioError
from escalation.model.compile import compile_scenario
from escalation.model.world import DONE
from escalation.scenario import files
from escalation.scenario.load import draft, load, load_text
from escalation.scenario.read import read_text
from escalation.scenario.tree import Mapping, Position, Problems, plain
from escalation.scenario.write import content_hash, dump, json_schema

HEAD = """\
schema_version: 1
title: Two senders and a target
question: Who answers whom?
start: 2024-01-01
simulate_from: 2024-02-01
end: 2024-06-01
"""
SHOCK = "shocks: {vote: {label: a vote, date: 2024-01-20, blamed: target, magnitude: 5, salience: {us: 1}}}\n"
ACTORS = "actors: {us: {library: us}, uk: {library: uk}, target: {library: autocracy, name: Target}}\n"
TWO = HEAD + ACTORS + SHOCK


def text_of(name: str) -> dict:
    path = files.shipped_path(name, files.ACTORS)
    root = read_text(path.read_text(encoding="utf-8"), Position(name, 1, 1), Problems())
    assert isinstance(root, Mapping)
    return plain(root)


@pytest.mark.parametrize("name", files.shipped_names(files.ACTORS))
def test_every_actor_of_the_library_runs_beside_every_other(name: str) -> None:
    assert set(text_of(name)) - {"towards"} == {"schema_version", "title", "actor"}
    others = files.shipped_names(files.ACTORS)
    others = [f"{other}: {{library: {other}}}" for other in others if other != "autocracy"]
    one = (
        f"ruler: {{library: {name}, name: Ruler}}" if name == "autocracy" else f"{name}: {{library: {name}}}"
    )
    actors = {*others, one, "target: {library: autocracy, name: Target}"}
    text = HEAD + f"actors: {{{', '.join(sorted(actors))}}}\n" + SHOCK
    assert simulate(compile_scenario(load_text(text)), 1, 0).status == DONE


def test_an_actor_is_taken_by_name_and_changed_in_single_values() -> None:
    scenario = load_text(TWO, sets=["actors.us.policy.reciprocity=0.1"])
    assert scenario.actors["us"].name == "United States"
    assert scenario.actors["us"].policy.reciprocity.nominal == 0.1
    assert scenario.actors["us"].instruments == tuple(text_of("us")["actor"]["instruments"])


def test_one_description_serves_actors_of_several_names() -> None:
    text = TWO.replace("target: {library", "other: {library: autocracy, name: Other}, target: {library")
    scenario = load_text(text)
    one, other = scenario.actors["target"], scenario.actors["other"]
    assert one.model_copy(update={"name": "Other"}) == other


def test_dyads_among_actors_of_the_library_come_along_and_those_with_others_stay_away() -> None:
    dyads = load_text(TWO).dyads
    assert {sender: set(targets) for sender, targets in dyads.items()} == {"us": {"uk"}, "uk": {"us"}}
    assert set(load_text(TWO.replace(", uk: {library: uk}", "")).dyads) <= {"us"}


def test_members_of_a_bloc_come_along_where_the_scenario_has_them() -> None:
    text = TWO.replace("us: {library: us}", "us: {library: us}, eu: {library: eu}, poland: {library: poland}")
    assert set(load_text(text).actors["eu"].members) == {"poland"}


def test_instruments_that_the_scenario_lacks_are_left_out_in_silence() -> None:
    lacking = load_text(TWO + "instruments: {embassy_closure: null}\n").actors["us"].instruments
    assert set(text_of("us")["actor"]["instruments"]) - set(lacking) == {"embassy_closure"}
    only = (
        "instruments: {protest: {label: protest, family: verbal, rung: 0, severity: 0.5}}\ncatalogue: none\n"
    )
    assert load_text(TWO + only).actors["us"].instruments == ("protest",)


def test_a_mistake_of_the_file_itself_is_no_part_of_the_library_and_stays_a_mistake() -> None:
    with pytest.raises(ScenarioError, match=r"no actor of the name 'poland'"):
        load_text(TWO + "dyads: {us: {poland: {solidarity: 0.1}}}\n")


def test_an_actor_of_the_library_removed_by_a_variant_takes_with_it_what_mentions_it(tmp_path) -> None:
    (tmp_path / "base.yaml").write_text(TWO, encoding="utf-8")
    (tmp_path / "child.yaml").write_text("extends: base.yaml\nactors: {uk: null}\n", encoding="utf-8")
    scenario = load(tmp_path / "child.yaml")
    assert set(scenario.actors) == {"us", "target"}
    assert "uk" not in scenario.dyads.get("us", {})


def test_a_variant_may_take_a_further_actor(tmp_path) -> None:
    (tmp_path / "base.yaml").write_text(TWO, encoding="utf-8")
    (tmp_path / "child.yaml").write_text(
        "extends: base.yaml\nactors: {canada: {library: canada}}\n", encoding="utf-8"
    )
    scenario = load(tmp_path / "child.yaml")
    assert set(scenario.dyads["canada"]) == {"us", "uk"}
    whole = TWO.replace("us: {library: us}", "us: {library: us}, canada: {library: canada}")
    assert content_hash(load_text(whole)) == content_hash(scenario)


def test_a_scenario_is_the_same_whether_its_actors_stand_in_it_or_in_the_library() -> None:
    scenario = load_text(TWO)
    assert content_hash(load_text(dump(scenario))) == content_hash(scenario)
    turned = scenario.model_copy(update={"actors": dict(reversed(scenario.actors.items()))})
    assert content_hash(turned) == content_hash(scenario)
    assert "library" not in dump(scenario)


def test_a_reference_to_the_library_cannot_be_overridden() -> None:
    with pytest.raises(ScenarioError, match="from the library cannot be overridden"):
        draft("minimal", ["actors.eu.library=us"])


def test_the_schema_names_the_actors_of_the_library() -> None:
    actor = json_schema()["$defs"]["Actor"]["properties"]
    assert actor["library"]["enum"] == files.shipped_names(files.ACTORS)
