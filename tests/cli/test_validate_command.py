"""`escalation validate`: what it takes, and that it says shortly and exactly what is wrong."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from escalation.model.compile import compile_scenario
from escalation.scenario.load import load
from escalation.scenario.write import dump, json_schema
from escalation.study.points.uncertain import uncertainties
from tests.cli.conftest import Escalation, Process

WRITTEN = {
    "schema_version": 1,
    "title": "Written by a program \N{FIRE} é",
    "question": "Who answers?",
    "start": "2024-01-01",
    "simulate_from": "2024-02-01",
    "end": "2025-02-01",
    "actors": {
        "union": {
            "name": "Union",
            "policy": "restrained",
            "institution": {"meetings": {"nth": [], "also": ["2024-06-03"]}},
        },
        "republic": {
            "name": "Republic",
            "policy": {
                "kind": "scripted",
                "acts": {"a": {"date": "2024-05-01", "target": "union", "instrument": "visa_ban"}},
            },
        },
    },
    "shocks": {
        "election": {
            "label": "election",
            "date": "2024-01-20",
            "blamed": "republic",
            "magnitude": 5,
            "salience": {},
        }
    },
    "holds": {
        "h": {
            "actor": "union",
            "member": "m",
            "target": "republic",
            "since": "2024-03-01",
            "until": "2024-04-01",
        }
    },
    "outcomes": {"tension_at": ["2024-12-01"], "answer": ["tension.2024-12-01"]},
}
WRITTEN["actors"]["union"]["institution"]["unanimity"] = {"m": {"base": 0.1}}  # type: ignore[index]


@pytest.mark.parametrize(("indent", "ascii_only"), [(None, True), (1, True), ("\t", False)])
def test_a_scenario_may_be_json_with_dates_in_quotes(
    escalation: Escalation, indent: int | str | None, ascii_only: bool
) -> None:
    text = json.dumps(WRITTEN, indent=indent, ensure_ascii=ascii_only)
    Path("written.json").write_text(text, encoding="utf-8")
    assert escalation("validate written.json").stdout == f"ok written.json: {WRITTEN['title']}\n"
    jsonschema.validate(WRITTEN, json_schema())
    assert load("written.json") == load("written.json", sets=['end="2025-02-01"', "start=2024-01-01"])


def test_a_mistake_in_json_has_its_position_behind_escaped_characters_too(escalation: Escalation) -> None:
    text = json.dumps(WRITTEN | {"question": ""})
    Path("written.json").write_text(text, encoding="utf-8")
    (line,) = escalation("validate written.json").stderr.splitlines()
    column = text.index('"question": ""') + len('"question": ') + 1
    assert line == f"written.json:1:{column}: question: a text of 0 characters; at least 1"


@pytest.mark.parametrize("day", ["2024-6-03", "2024-06-03T00:00", "20240603", "2024-06-31", "2024-06-3 "])
def test_no_other_text_is_a_date(escalation: Escalation, day: str) -> None:
    Path("written.json").write_text(json.dumps(WRITTEN | {"end": day}))
    done = escalation("validate written.json")
    assert done.exit_code == 2
    assert f"end: the text '{day}'; a date, YEAR-MONTH-DAY, as in 2020-08-09" in done.stderr


def all_names(group: str) -> list[str]:
    return list(getattr(load("belarus_2020"), group))


@pytest.mark.parametrize("group", ["actors", "instruments", "shocks", "history"])
def test_null_removes_an_entry_with_all_that_mentions_only_it(group: str) -> None:
    for name in all_names(group):
        removed = load("belarus_2020", sets=[f"{group}.{name}=null"])
        assert name not in getattr(removed, group)
        text = dump(removed)
        for line in text.splitlines():
            key, _, value = line.strip().partition(": ")
            words = value.replace("[", " ").replace("]", " ").replace(",", " ").split()
            assert key in ("title", "question", "label", "note", "name", "source") or name not in words, line


def test_what_the_removing_file_itself_says_of_the_removed_is_a_mistake(escalation: Escalation) -> None:
    Path("mine.yaml").write_text(
        "extends: shipped:minimal\nactors: {us: null}\ndyads: {us: null, eu: {us: {exposure: 0.1}}}\n"
    )
    done = escalation("validate mine.yaml")
    assert done.exit_code == 2
    assert done.stderr.startswith(
        "mine.yaml:3:24: dyads.eu.us: no actor of the name 'us'; known are eu, belarus"
    )
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("end", ["2020-11-01", "2021-01-15", "2021-05-01"])
def test_an_earlier_end_drops_what_lies_beyond_it_however_it_is_said(end: str) -> None:
    by_option = load("belarus_2020", sets=[f"end={end}"])
    assert str(by_option.end) == end
    Path("short.yaml").write_text(f"extends: belarus_2020\nend: {end}\n")
    assert by_option == load("belarus_2020", until=date.fromisoformat(end)) == load("short.yaml")
    assert all(str(shock.date) < end for shock in by_option.shocks.values() if shock.date)


def test_what_is_said_beside_an_earlier_end_is_not_dropped(escalation: Escalation) -> None:
    late = "[2022-01-01]"
    done = escalation("validate minimal", "--set", "end=2020-12-01", "--set", f"outcomes.tension_at={late}")
    assert done.exit_code == 2
    assert "outcomes.tension_at[0]: 2022-01-01 is outside the scenario" in done.stderr


def test_extends_takes_a_shipped_name_like_any_other_place(escalation: Escalation) -> None:
    Path("minimal.yaml").write_text("extends: minimal\ntitle: Mine\n")
    Path("other.yaml").write_text("extends: mine\n")
    Path("mine.yaml").write_text("extends: minimal.yaml\nquestion: Mine?\n")
    assert escalation("validate minimal.yaml").stdout == "ok minimal.yaml: Mine\n"
    assert escalation("validate other.yaml").stdout == "ok other.yaml: Mine\n"


def test_links_in_a_circle_are_no_file(escalation: Escalation) -> None:
    Path("a.yaml").symlink_to("b.yaml")
    Path("b.yaml").symlink_to("a.yaml")
    Path("mine.yaml").write_text("extends: a.yaml\n")
    for name in ("a.yaml", "mine.yaml"):
        done = escalation(f"validate {name}")
        assert done.exit_code == 2
        assert "bug" not in done.stderr
        assert name in done.stderr


LONG = "x" * 10_000


@pytest.mark.parametrize(
    "words",
    [
        ["validate", LONG],
        ["validate", f"shipped:{LONG}"],
        ["validate", "minimal", "--set", f"{LONG}=1"],
        ["validate", "minimal", "--set", f"title={LONG}"],
        ["validate", "minimal", "--set", f"actors.{LONG}.name=1"],
        ["validate", "minimal", "--set", f"actors.eu.policy={LONG}"],
        ["validate", "minimal", "--set", f"catalogue={LONG[:3000]}"],
        ["validate", "minimal", "--set", f"shocks.secret_inauguration.blamed={LONG[:3000]}"],
        ["validate", "minimal", "--set", f"outcomes.answer=[{LONG[:3000]}]"],
        ["validate", "minimal", "--set", f"outcomes.objectives.a=mean({LONG[:3000]})"],
        ["validate", "long.yaml"],
        ["validate", "extends.yaml"],
    ],
    ids=lambda words: " ".join(words)[:60],
)
def test_a_very_long_name_is_refused_and_not_repeated_whole(escalation: Escalation, words: list[str]) -> None:
    Path("long.yaml").write_text(f"extends: minimal\nactors: {{{LONG[:3000]}: {{nme: x}}}}\n")
    Path("extends.yaml").write_text(f"extends: {LONG[:300]}\n")
    done = escalation("", *words)
    assert done.exit_code == 2
    assert done.stderr
    assert all(len(line) < 2_500 for line in done.stderr.splitlines())
    assert LONG[:400] not in done.stderr


@pytest.mark.parametrize("end", ["9999-12-31", '"9999-12-31"', "0001-01-01"])
def test_days_beyond_the_calendar_of_the_format_are_refused(process: Process, end: str) -> None:
    Path("far.yaml").write_text(f"extends: minimal\nstart: 9990-01-01\nsimulate_from: null\nend: {end}\n")
    done = process("run far.yaml -n 2")
    assert done.returncode == 2
    assert "allowed is 1000-01-01 to 9000-01-01" in done.stderr


def test_the_nearest_name_is_found_whatever_its_capitals(escalation: Escalation) -> None:
    Path("mine.yaml").write_text("extends: MINIMAL\n")
    assert "(did you mean minimal?)" in escalation("validate mine.yaml").stderr
    done = escalation("validate Belarus_2020 minimal --set shocks.secret_inauguration.blamed=BELARUS")
    assert "(did you mean belarus_2020?)" in done.stderr
    assert "(did you mean belarus?)" in done.stderr


def test_the_uncertain_size_of_a_scripted_act_can_be_set_by_its_path(escalation: Escalation) -> None:
    acts = "{first: {date: 2020-11-02, target: belarus, instrument: listing, size: {uniform: [10, 40]}}}"
    Path("mine.yaml").write_text(
        f"extends: minimal\nactors:\n  us:\n    policy:\n      kind: scripted\n      acts: {acts}\n"
    )
    scenario = load("mine.yaml")
    uncertain = uncertainties(compile_scenario(scenario))
    (path,) = (number.path for number in uncertain if "acts" in number.path)
    assert path == "actors.us.policy.acts.first.size"
    assert escalation(f"validate mine.yaml --set {path}=12").exit_code == 0
