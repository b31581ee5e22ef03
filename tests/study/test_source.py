"""What a user names, opened: scenarios, files, runs' folders and objects, in one way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import escalation
from escalation.errors import InputError, ScenarioError
from escalation.study.execution import Request
from escalation.study.source import Named, changed, open_source, open_sources

CHANGE = ["actors.eu.policy=hardline"]
ASKED = Request(replications=3, seed=5, sets=CHANGE, until="2020-12-01")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source") / "run"
    escalation.run("minimal", 4, 2, sets=CHANGE, out=folder)
    return folder


@pytest.mark.parametrize("kind", ["name", "shipped name", "file", "object"])
def test_changes_and_end_reach_a_scenario_however_it_is_named(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "minimal.yaml"
    file.write_text("extends: shipped:minimal\n")
    named: dict[str, Named] = {
        "name": "minimal", "shipped name": "shipped:minimal", "file": file,
        "object": escalation.load("minimal"),
    }  # fmt: skip
    source = open_source(named[kind], ASKED)
    assert source.scenario == escalation.load("minimal", CHANGE, "2020-12-01")
    assert (source.seed, source.replications, source.run) == (5, 3, None)
    assert source.overrides == (*CHANGE, "until=2020-12-01")
    assert source.name == (None if kind == "object" else "minimal")


def test_a_run_of_an_object_is_that_of_its_name() -> None:
    options: dict[str, Any] = {"sets": CHANGE, "until": "2020-12-01"}
    by_name = escalation.run("minimal", 3, 5, **options)
    by_object = escalation.run(escalation.load("minimal"), 3, 5, **options)
    assert np.array_equal(by_name.ensemble.outcomes, by_object.ensemble.outcomes, equal_nan=True)
    assert by_name.overrides == by_object.overrides
    assert by_name.header.end == by_object.header.end


def test_a_run_has_its_own_replications_and_seed(folder: Path) -> None:
    for named in (folder, str(folder), escalation.open_run(folder)):
        source = open_source(named)
        assert (source.name, source.seed, source.replications) == ("minimal", 2, 4)
        assert source.overrides == tuple(CHANGE)
        assert source.scenario == escalation.load("minimal", CHANGE)
    assert open_source(folder, Request(replications=9), replay=True).replications == 9


@pytest.mark.parametrize(
    "given", [{"replications": 4}, {"seed": 2}, {"sets": CHANGE}, {"until": "2021-01-01"}], ids=str
)
def test_a_run_refuses_what_it_has_of_its_own(given: dict[str, Any], folder: Path) -> None:
    name = next(iter(given)).removesuffix("s") if "sets" in given else next(iter(given))
    with pytest.raises(InputError, match=f"^{name}: .* is a run and has its own"):
        open_source(folder, Request(**given))
    with pytest.raises(InputError, match=f"^{name}: what is named are runs and have their own"):
        open_sources([folder, folder], Request(**given))


def test_a_run_in_memory_is_a_source() -> None:
    done = escalation.run("minimal", 3, 2, sets=CHANGE)
    source = open_source(done)
    assert (source.run, source.scenario, source.overrides) == (done, done.scenario, tuple(CHANGE))
    assert (source.path, source.title) == ("", "minimal")  # as a stored run


def test_scenarios_beside_a_run_get_its_seed_and_replications(folder: Path) -> None:
    scenario, run = open_sources(["minimal", folder], Request(sets=["actors.us.policy=hardline"]))
    assert (scenario.seed, scenario.replications) == (run.seed, run.replications) == (2, 4)
    assert run.overrides == tuple(CHANGE)
    own, _ = open_sources(["minimal", folder], Request(seed=8, replications=6))
    assert (own.seed, own.replications) == (8, 6)


def test_a_source_is_changed_further(folder: Path) -> None:
    request = Request(sets=["actors.us.policy=hardline"])
    after = changed(open_source(folder), request)
    assert after.scenario == escalation.load("minimal", [*CHANGE, *request.sets])
    assert (after.overrides, after.seed, after.replications) == ((*CHANGE, *request.sets), 2, 4)
    loaded = open_source(escalation.load("minimal"), replace(request, sets=CHANGE))
    assert changed(loaded, request).scenario == after.scenario


@pytest.mark.parametrize("name", ["nowhere", "results/nowhere", "minimla", "x" * 300])
def test_what_is_not_there_is_said_with_what_to_do(name: str) -> None:
    with pytest.raises(InputError, match="no such run or scenario; `escalation runs` lists the runs"):
        open_source(name)


def test_a_mistake_in_a_change_of_an_object_is_located() -> None:
    with pytest.raises(ScenarioError) as caught:
        open_source(escalation.load("minimal"), Request(sets=["actors.eu.polcy.reciprocity=1"]))
    assert caught.value.problems[0].nearest == "policy"
