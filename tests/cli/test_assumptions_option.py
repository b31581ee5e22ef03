"""`--assumptions SPREAD`: what luck gives and what the assumptions leave open, side by side."""

from __future__ import annotations

import csv
import json
import re
from io import StringIO
from pathlib import Path

import pytest

from escalation import api
from tests.cli.conftest import Escalation, invoke

RUN = "run belarus_2020 --until 2020-12-01 -n 20 --workers 1 -q"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("played")
    done = invoke(f"{RUN} --assumptions 0.3 -o {folder}/drawn")
    assert done.exit_code == 0, done.output
    return folder, done.stdout


@pytest.fixture
def drawn(played: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """What the run printed that is stored here as `drawn`."""
    monkeypatch.chdir(played[0])
    return played[1]


def test_the_first_screen_says_what_luck_gives_and_what_the_assumptions_leave_open(drawn: str) -> None:
    assert "With: until=2020-12-01, assumptions=0.3" in drawn
    assert re.search(
        r"head of state listed +\d+% \[\d+, \d+\] +\d+ \w+ – \d+ \w+ \d+ +[<\d]+ to \d+%\n", drawn
    )
    assert re.search(r"Belarus: package days +[\d.]+ ± [\d.]+\*? days +\S+ +[\d.–]+\n", drawn)
    assert re.search(r"95% of 20 draws of \d+ uncertain numbers put it, 10 replications each", drawn)


def test_the_stored_run_says_the_same(escalation: Escalation, drawn: str) -> None:
    shown = escalation("summary drawn").stdout
    assert [line for line in shown.splitlines() if "assumptions" in line] == [
        line for line in drawn.splitlines() if "assumptions" in line
    ]
    stored = json.loads(Path("drawn/summary.json").read_text())["assumptions"]
    assert (stored["spread"], stored["draws"], stored["each"]) == (0.3, 20, 10)
    ends = stored["ranges"]["concession.belarus"]
    assert 0.0 <= ends["low"] <= ends["high"] <= 1.0
    assert not any(name.startswith("relation.") for name in stored["ranges"])
    table = {
        row["outcome"]: row
        for row in csv.DictReader(StringIO(escalation("summary drawn --format csv").stdout))
    }
    row = table["concession.belarus"]
    assert {name: float(row[f"{name}_over_assumptions"]) for name in ("low", "high")} == pytest.approx(ends)
    assert not any(row["low_over_assumptions"] for name, row in table.items() if name.startswith("relation."))


def test_every_replication_draws_its_own_and_a_stored_scenario_has_the_distributions(drawn: str) -> None:
    scenario = api.load("drawn/scenario.yaml")
    assert scenario.actors["eu"].policy.inertia.lognormal == (0.6, 0.3)  # type: ignore[union-attr]


def test_without_it_nothing_is_said_of_assumptions(escalation: Escalation) -> None:
    assert "assumptions" not in escalation(f"{RUN} -o plain").stdout
    assert json.loads(Path("plain/summary.json").read_text())["assumptions"] is None


def test_a_spread_of_zero_asks_what_the_distributions_of_the_file_leave_open(escalation: Escalation) -> None:
    shown = escalation("run minimal -n 20 --workers 1 -q --assumptions 0").stdout
    assert "  over assumptions\n" in shown
    assert "20 draws of 1 uncertain number put it" in shown


def test_the_numbers_do_not_depend_on_the_number_of_workers(escalation: Escalation, drawn: str) -> None:
    escalation(f"{RUN} --assumptions 0.3 -o again".replace("--workers 1", "--workers 2"))
    texts = [
        json.loads(Path(f"{name}/summary.json").read_text())["assumptions"] for name in ("drawn", "again")
    ]
    assert texts[0] == texts[1]


def test_without_a_number_the_spread_is_the_usual_one_on_every_command(escalation: Escalation) -> None:
    assert "assumptions=0.3" in escalation("run minimal -n 5 --workers 1 --assumptions -q").stdout
    assert "assumptions=0.3" in escalation("run minimal -n 5 --workers 1 -q --assumptions").stdout
    few = "-n 2 --points 16 --trajectories 4 --top 2 --workers 1 -q --until 2020-12-01 --outcome acts.eu"
    done = escalation(
        f"sensitivity minimal {few} --assumptions --set",
        "actors.us.policy.join={value: 0.5, assumption: true}",
    )
    assert done.exit_code == 0, done.output
    assert "assumptions=0.3" in done.stdout
    done = escalation("run minimal -q --assumptions much")
    assert done.exit_code == 2
    assert "Invalid value for .--assumptions.: Input should be a valid number" in done.stderr.replace(
        "'", "."
    )


@pytest.mark.parametrize("spread", ["-0.1", "2.5", "nan"])
def test_a_spread_out_of_range_is_refused(escalation: Escalation, spread: str) -> None:
    done = escalation(f"{RUN} --assumptions {spread}")
    assert done.exit_code == 2
    assert f"--assumptions: found {float(spread)!r}; allowed is a number, 0 to 2" in done.stderr


def test_a_scenario_without_assumptions_is_refused_with_what_to_do(escalation: Escalation) -> None:
    done = escalation("run minimal -n 5 -q --assumptions 0.3 --set actors.belarus.policy.reciprocity=0.8")
    assert done.exit_code == 2
    assert "mark those that no fact supports with `assumption: true`" in done.stderr


def test_a_run_has_its_own(escalation: Escalation, drawn: str) -> None:
    done = escalation("report drawn -q --assumptions 0.3")
    assert done.exit_code == 2
    assert "assumptions: drawn is a run and has its own" in done.stderr


def test_sensitivity_ranks_the_assumptions_too(escalation: Escalation) -> None:
    done = escalation(
        "sensitivity minimal -n 2 --points 16 --trajectories 4 --top 2 --workers 1 -q --assumptions 0.3"
        " --outcome acts.eu --format json --until 2020-12-01",
        "--set", "actors.us.policy.join={value: 0.5, assumption: true}",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    quantities = [one["path"] for one in json.loads(done.stdout)["quantities"]]
    assert "actors.us.policy.join" in quantities
