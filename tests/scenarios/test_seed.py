"""From docs/seed.md to the scenario: every path exists, every number is the report's."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from escalation.scenario.document import Scenario
from escalation.scenario.load import load

ROOT = Path(__file__).resolve().parents[2]
SEED = ROOT / "docs" / "seed.md"
GROUPS = ("actors", "dyads", "history", "holds", "instruments", "outcomes", "shocks")
DAY = date(2020, 10, 2)


@pytest.fixture(scope="module")
def belarus() -> Scenario:
    return load(str(ROOT / "scenarios" / "belarus_2020.yaml"))


def paths() -> list[str]:
    quoted = re.findall(r"`([a-z_]+(?:\.[a-z_]+)+)`", SEED.read_text(encoding="utf-8"))
    return sorted({path for path in quoted if path.split(".")[0] in GROUPS})


def follow(scenario: Scenario, path: str) -> Any:
    value: Any = scenario
    for name in path.split("."):
        value = value[name] if isinstance(value, dict) else getattr(value, name)
    return value


def test_the_seed_page_names_paths_of_every_kind() -> None:
    assert {path.split(".")[0] for path in paths()} == set(GROUPS)
    assert len(paths()) >= 30


@pytest.mark.parametrize("path", paths())
def test_a_path_of_the_seed_page_leads_to_something_in_the_scenario(belarus: Scenario, path: str) -> None:
    assert follow(belarus, path) is not None


def test_the_eu_lists_forty_and_the_us_eight_on_the_day_of_the_report(belarus: Scenario) -> None:
    eu, us = belarus.history["eu_first_list"], belarus.history["us_first_list"]
    assert (eu.date, eu.size and eu.size.nominal) == (DAY, 40)
    assert (us.date, us.size and us.size.nominal) == (DAY, 8)


def test_the_us_answers_the_eu_and_its_other_partners(belarus: Scenario) -> None:
    answered = {
        belarus.history[name].actor
        for name in belarus.history["us_first_list"].answers
        if name in belarus.history
    }
    assert answered == {"eu", "uk", "canada"}


def test_the_eu_has_spared_the_head_of_state_and_holds_him_back_as_a_last_resort(belarus: Scenario) -> None:
    listed_by = {act.actor for act in belarus.history.values() if act.instrument == "head_of_state_listing"}
    assert listed_by == {"uk", "canada"}
    assert "head_of_state_listing" in (belarus.actors["eu"].instruments or ())
    assert follow(belarus, "actors.eu.policy.last_resort")["head_of_state_listing"].nominal > 0


def test_belarus_recalls_its_envoys_from_poland_and_lithuania_on_that_day(belarus: Scenario) -> None:
    recall = belarus.history["belarus_recalls_envoys"]
    assert (recall.date, recall.instrument, set(recall.target)) == (
        DAY,
        "ambassador_recall",
        {"poland", "lithuania"},
    )


def test_belarus_answers_with_a_list_of_unknown_size_a_warning_and_an_offer(belarus: Scenario) -> None:
    answers = {
        act.instrument: act
        for act in belarus.history.values()
        if act.actor == "belarus" and act.date == DAY and "eu" in act.target
    }
    assert {"retaliation_list", "threat_to_relations", "dialogue_offer"} <= set(answers)
    assert answers["retaliation_list"].size is None


def test_belarus_can_do_what_it_warns_of(belarus: Scenario) -> None:
    assert {"suspend_programme", "suspend_partnership", "break_relations"} <= set(
        belarus.actors["belarus"].instruments or ()
    )


def test_nothing_later_than_the_report_is_known_but_the_anniversary(belarus: Scenario) -> None:
    assert max(act.date for act in belarus.history.values()) == DAY
    later = {name for name, shock in belarus.shocks.items() if shock.date and shock.date > DAY}
    assert later == {"anniversary"}


def test_every_act_of_history_says_where_it_is_reported(belarus: Scenario) -> None:
    assert [name for name, act in belarus.history.items() if not act.source] == []


def test_every_instrument_has_a_source_or_is_marked_as_an_assumption(belarus: Scenario) -> None:
    assert [
        name
        for name, instrument in belarus.instruments.items()
        if not instrument.source and not instrument.assumption
    ] == []


def test_the_ladder_of_the_catalogue_rises_with_severity_from_family_to_family(belarus: Scenario) -> None:
    by_family: dict[str, list[float]] = {}
    for instrument in belarus.instruments.values():
        by_family.setdefault(instrument.family, []).append(instrument.severity.nominal)
    order = ("conciliatory", "verbal", "threat", "individual")
    middles = [sum(by_family[family]) / len(by_family[family]) for family in order]
    assert middles == sorted(middles)
    assert max(by_family["threat"]) < min(by_family["diplomatic"])
    assert max(by_family["conciliatory"]) < 0 < min(by_family["verbal"])
