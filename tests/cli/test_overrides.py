"""What was changed in a scenario for a run is told wherever the run is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from escalation.clocks import simpy_clock
from escalation.ensemble import result
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
