"""What is allowed and probably not meant is remarked on, and nothing else."""

from __future__ import annotations

import pytest

from escalation.scenario.load import load, load_text, shipped_scenarios
from escalation.scenario.remarks import remarks
from escalation.scenario.write import template

BASE = "extends: shipped:minimal\ninstruments: {trade_ban: {once: true}}\n"


def said(text: str) -> dict[str, str]:
    return {remark.path: remark.text for remark in remarks(load_text(text))}


def test_the_template_and_the_scenarios_of_records_need_no_remark() -> None:
    assert said(template("case", "A case")) == {}
    assert said(BASE) == {}
    for shipped in shipped_scenarios():
        if shipped.name != "minimal":
            assert remarks(load(shipped.name)) == []


def test_an_actor_that_nothing_can_move_is_named() -> None:
    text = BASE + "actors: {canada: {name: Canada, policy: graduated}}\n"
    assert "no shock that it cares about" in said(text)["actors.canada"]
    assert said(text + "dyads: {canada: {us: {solidarity: 0.1}}}\n") == {}
    assert said(BASE + "actors: {canada: {name: Canada, policy: passive}}\n") == {}


def test_an_actor_that_can_only_talk_is_named() -> None:
    text = said(BASE + "actors: {us: {instruments: [protest, talks]}}\nhistory: {us_list: null}\n")
    assert "only talk" in text["actors.us.instruments"]


def test_an_instrument_that_lacks_what_it_requires_is_named() -> None:
    levy = "levy: {label: a levy, family: economic, rung: 2, severity: 4, once: true, requires: [staff_cut]}"
    text = f"extends: shipped:minimal\ninstruments: {{trade_ban: {{once: true}}, {levy}}}\n"
    assert (
        "requires staff_cut"
        in said(text + "actors: {us: {instruments: [protest, listing, levy]}}\n")["actors.us.instruments"]
    )


@pytest.mark.parametrize(("linkage", "number"), [(0, 1), (0.5, 0)])
def test_a_consent_that_is_withheld_for_ever_is_named(linkage: float, number: int) -> None:
    institution = f"{{linkage: {linkage}, unanimity: {{cyprus: {{base: 1}}}}}}"
    assert len(said(BASE + f"actors: {{eu: {{institution: {institution}}}}}\n")) == number


def test_a_law_that_can_be_enacted_again_and_again_is_named() -> None:
    assert list(said("extends: shipped:minimal\n")) == ["instruments.trade_ban"]


def test_a_scenario_in_which_nothing_happens_is_named() -> None:
    assert "nothing happens" in said(BASE + "shocks:\nhistory:\n")["shocks"]


def test_targets_that_no_act_can_reach_jointly_are_named() -> None:
    text = BASE + "dyads: {eu: {belarus: {jointly_with: [us]}}}\n"
    assert "addressed: group" in said(text)["dyads.eu.belarus.jointly_with"]
    assert said(text.replace("once: true", "once: true, addressed: group")) == {}
