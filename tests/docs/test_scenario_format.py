"""The page of the file format: its snippets load, its tables and its errors are those of the code."""

from __future__ import annotations

import re

import pytest

from escalation.clocks.simpy_clock import simulate
from escalation.errors import ScenarioError
from escalation.model.compile import compile_scenario
from escalation.model.world import DONE
from escalation.scenario.actor import Sensitivities
from escalation.scenario.document import Scenario
from escalation.scenario.load import load_text
from escalation.scenario.record import catalogue
from tests.docs.pages import blocks, page, section, table

PAGE = page("scenario-format.md")
BASE = "extends: shipped:minimal\n"
SNIPPETS = blocks(PAGE, "yaml")
SETS = [line for block in blocks(PAGE, "set") for line in block.splitlines()]


def whole(snippet: str) -> str:
    """Return a snippet as a file: laid over the smallest scenario unless it says what it rests on."""
    return snippet if "schema_version:" in snippet or "extends:" in snippet else BASE + snippet


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_a_snippet_changes_the_scenario_and_runs(snippet):
    scenario = load_text(whole(snippet))
    assert scenario != load_text(BASE)
    assert simulate(compile_scenario(scenario), 1, 0).status == DONE


def test_there_are_snippets_of_every_part_of_a_file():
    assert {name for name in parts() if not any(f"{name}:" in snippet for snippet in SNIPPETS)} == set()


def parts() -> list[str]:
    """Return the top keys that the page lists."""
    rows = table(section(PAGE, "## A whole file"), "key")
    return [name.strip() for row in rows for name in row["key"].split(",")]


def test_every_key_at_the_top_of_a_file_is_listed():
    assert set(parts()) == {*Scenario.model_fields, "extends", "catalogue"}


def test_every_sensitivity_is_listed_with_its_default():
    rows = table(section(PAGE, "## Actors"), "key")
    defaults = Sensitivities()
    assert {row["key"]: row["default"] for row in rows} == {
        name: f"{getattr(defaults, name).nominal:g}" for name in Sensitivities.model_fields
    }


def test_the_standard_ladder_is_that_of_the_catalogue():
    shown = {int(row["rung"]): row["instruments, in order of severity"] for row in table(PAGE, "rung")}
    rungs: dict[int, list[str]] = {}
    for name, one in sorted(catalogue().items(), key=lambda entry: entry[1].severity.nominal):
        if one.severity.nominal > 0:
            rungs.setdefault(int(one.rung.nominal), []).append(name)
    assert {rung: re.findall("[a-z_]+", names) for rung, names in shown.items()} == rungs


@pytest.mark.parametrize("line", SETS)
def test_an_override_changes_something(line):
    assert load_text(BASE, sets=[line]) != load_text(BASE)


def test_an_override_keeps_the_unit_and_credits_itself():
    text = BASE + "actors: {eu: {policy: {reciprocity: {value: 0.5, unit: per day, source: a study}}}}\n"
    number = load_text(text, sets=SETS[:1]).actors["eu"].policy.reciprocity
    assert (number.value, number.unit, number.source) == (0.9, "per day", "--set")


def test_the_broken_file_gives_the_errors_that_the_page_shows():
    (text,), (shown,) = blocks(PAGE, "broken"), blocks(PAGE, "errors")
    with pytest.raises(ScenarioError) as caught:
        load_text(text, "quarrel.yaml")
    assert str(caught.value) == shown.strip()


def test_what_the_page_says_of_words_without_quotes_holds():
    text = BASE + "title: NO\nend: 2021-06-01\nactors: {eu: {sensitivities: {felt: 1e-3}}}\n"
    scenario = load_text(text)
    assert scenario.title == "NO"
    assert scenario.actors["eu"].sensitivities.felt.value == 0.001
