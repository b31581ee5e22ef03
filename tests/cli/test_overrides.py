"""What was changed in a scenario for a run is told wherever the run is."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from escalation.clocks import simpy_clock
from escalation.ensemble import result
from escalation.scenario.load import load
from tests.cli.conftest import Escalation
from tests.ensemble import clocks

SET = "actors.us.policy=hardline"
RUN = f"run minimal -n 24 --workers 1 --clock simpy --set {SET} --until 2020-12-01 -o results/changed"
SAID = f"With: {SET}, until=2020-12-01"


def test_a_run_and_its_summary_say_so_under_the_title(escalation: Escalation) -> None:
    assert escalation(RUN).stdout.splitlines()[:2] == ["A small flywheel", SAID]
    assert escalation("summary results/changed").stdout.splitlines()[1] == SAID
    document = json.loads(escalation("summary results/changed --format json").stdout)
    assert document["overrides"] == [SET, "until=2020-12-01"]


def test_the_list_of_runs_tells_a_changed_one_from_a_plain_one(escalation: Escalation) -> None:
    escalation(RUN)
    escalation("run minimal -n 2 --workers 1 -o results/plain")
    rows = {row["run"]: row["with"] for row in json.loads(escalation("runs --format json").stdout)}
    assert rows == {"results/changed": f"{SET}, until=2020-12-01", "results/plain": ""}


def test_a_run_of_a_version_that_noted_none_is_shown_without(escalation: Escalation) -> None:
    escalation(RUN)
    path = Path("results/changed/manifest.json")
    manifest = json.loads(path.read_text())
    assert manifest.pop("overrides") == [SET, "until=2020-12-01"]
    path.write_text(json.dumps(manifest))
    assert "With: " not in escalation("summary results/changed").stdout
    assert escalation("runs").exit_code == 0


def test_it_is_still_known_after_an_interruption(
    escalation: Escalation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(world: object, seed: int, replication: int) -> object:
        if replication == 12:
            raise KeyboardInterrupt
        return clocks.REAL(world, seed, replication)  # type: ignore[arg-type]

    monkeypatch.setattr(result, "SHARD", 4)
    monkeypatch.setattr(simpy_clock, "simulate", interrupted)
    cut = escalation(RUN)
    assert cut.exit_code == 130
    assert cut.stdout.splitlines()[1].startswith("Interrupted: ")
    assert cut.stdout.splitlines()[2] == SAID
    monkeypatch.setattr(simpy_clock, "simulate", clocks.REAL)
    assert escalation("resume results/changed --workers 1").stdout.splitlines()[1] == SAID
    assert escalation("summary results/changed").stdout.splitlines()[1] == SAID


PAST = 'history={record: "belarus", until: 2021-03-01}'
RECORD = "--record belarus --from 2021-03-01"


def test_a_record_on_the_command_line_is_the_past_and_is_stored_with_the_run(escalation: Escalation) -> None:
    run = f"run belarus_2020 {RECORD} --until 2021-04-01 -n 4 --workers 1 --clock simpy"
    done = escalation(f"{run} -o results/past")
    assert done.exit_code == 0, done.output
    assert "Rows of the record that are not in the past: " in done.stderr
    assert escalation("summary results/past").stdout.splitlines()[1] == f"With: {PAST}, until=2021-04-01"
    stored = load(Path("results/past/scenario.yaml"))
    assert stored == load("belarus_2020", [PAST], date(2021, 4, 1))
    assert "not in the past" not in escalation(f"{run} -q").stderr


@pytest.mark.parametrize(
    "command",
    ["sweep {} --vary actors.eu.policy.fear=0:1:2", "compare {} --set actors.eu.policy.fear=1"],
)
def test_every_command_that_simulates_takes_a_record(escalation: Escalation, command: str) -> None:
    scenario = f"belarus_2020 {RECORD} --until 2021-03-20 --workers 1 --clock simpy"
    done = escalation(f"{command.format(scenario)} -n 2")
    assert done.exit_code in (0, 3), done.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--record belarus", "--record and from: found one of them; give both or neither"),
        ("--from 2021-03-01", "--record and from: found one of them; give both or neither"),
        ("--record belaruss --from 2021-03-01", "--record belaruss: no such file; "),
        ("--record belarus --from soon", "--from soon: is not a date"),
        ("--record belarus --from 2020-01-01", "no act of the scenario's actors before 2020-01-01"),
    ],
)
def test_a_record_that_cannot_be_the_past_is_refused(escalation: Escalation, words: str, said: str) -> None:
    done = escalation(f"run belarus_2020 {words}")
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_run_has_its_own_past(escalation: Escalation) -> None:
    escalation(RUN)
    assert (
        "record: results/changed is a run and has its own"
        in escalation(f"report results/changed {RECORD}").stderr
    )
