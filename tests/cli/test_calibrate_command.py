"""`escalation calibrate`: what it prints and stores, and how mistakes are refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from escalation.scenario.load import load
from tests.cli.conftest import Escalation

RECORD = """date,actor,target,instrument,package,kind
2020-09-23,belarus,,secret_inauguration,oath,shock
2020-10-02,eu,belarus,listing,a,act
2020-10-05,belarus,eu,listing,b,act
2020-11-06,eu,belarus,listing,c,act
2020-11-20,belarus,eu,staff_cut,d,act
2020-12-17,us,belarus,trade_ban,e,act
2021-01-10,belarus,us,listing,f,act
2021-02-18,us,belarus,listing,g,act
"""
COMMAND = "calibrate minimal --record small.csv -n 500 -q"


@pytest.fixture(autouse=True)
def record(elsewhere: None) -> None:
    Path("small.csv").write_text(RECORD)


def test_it_says_what_the_record_tells_and_what_not_and_stores_the_posterior(escalation: Escalation) -> None:
    done = escalation(f"{COMMAND} --until 2021-02-20 -o out")
    assert done.exit_code == 0, done.output
    assert (
        "Record small, 20 Nov 2020 to 20 Feb 2021: 1 window, 4 hostile acts, Belarus the target."
        in done.stdout
    )
    assert re.search(r"say (most|something|next to nothing) about", done.stdout)
    assert re.search(r"500 draws of the prior \(spread 0\.5\), \d+ accepted, worth \d", done.stdout)
    assert "Not free, for no scenario has a number there other than 0 or 1: " in done.stdout
    assert Path("out/calibrate.svg").is_file()
    assert load("out/posterior.yaml").title == "A small flywheel"
    assert "extends: shipped:minimal" in Path("out/posterior.yaml").read_text()
    shown = escalation("summary out --format json")
    assert json.loads(shown.stdout)["kind"] == "calibrate"
    assert escalation("summary out").stdout.splitlines()[:3] == done.stdout.splitlines()[:3]
    csv = escalation("summary out --format csv").stdout.splitlines()
    assert csv[0].startswith("path,parameter,prior,prior_low")


def test_several_records_share_their_parameters(escalation: Escalation) -> None:
    Path("other.csv").write_text(RECORD)
    Path("other.yaml").write_text("extends: shipped:minimal\ntitle: other\n")
    done = escalation(f"{COMMAND} --record other.csv@other.yaml --until 2021-02-20 --format json -o out")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert [one["name"] for one in found["records"]] == ["small", "other"]
    assert {check["record"] for check in found["checks"]} == {"small", "other"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            "--free senders.policy.nothing",
            "free: no scenario has a number that any of these parameters moves",
        ),
        ("--free sender.policy.reciprocity", "did you mean senders.policy.reciprocity?"),
        ("--spread 0", "spread: found 0; allowed is above 0, to 2"),
        ("--until 2020-10-20", "record small: too little before 2020-10-20"),
        ("--until soon", "--until soon: is not a date"),
        ("--target nobody", "target: nobody is no actor"),
        ("--record nowhere.csv", "nowhere.csv: no such file"),
        ("--record small.csv@nowhere.yaml", "nowhere.yaml"),
        ("-n 20", "replications: found 20; allowed is 500 to 100,000"),
    ],
)
def test_mistakes_are_refused_in_words(escalation: Escalation, words: str, said: str) -> None:
    done = escalation(f"{COMMAND} {words}")
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert not Path("results").exists()
