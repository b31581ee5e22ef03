"""What TAB offers, asked as a shell asks."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from escalation.cli.app import COMMANDS, app
from escalation.ensemble.folder import MANIFEST
from escalation.scenario.files import shipped_names
from tests.cli.conftest import environment

Offered = Callable[[str], list[str]]


@pytest.fixture
def offered() -> Offered:
    """The words that are offered for the last one of a line; nothing else is printed anywhere."""

    def ask(line: str) -> list[str]:
        place = str(len(line.split(" ")) - 1)
        words = {"COMP_WORDS": line, "COMP_CWORD": place, "_ESCALATION_COMPLETE": "complete_bash"}
        done = CliRunner().invoke(app, [], prog_name="escalation", env=words)
        assert (done.exit_code, done.stderr) == (0, "")
        return done.stdout.split("\n")[:-1] if done.stdout.strip() else []

    return ask


def store(folder: str, scenario: str = "minimal") -> None:
    """Leave what looks like a stored run."""
    Path(folder).mkdir(parents=True)
    (Path(folder) / MANIFEST).write_text("{}")
    (Path(folder) / "scenario.yaml").write_text(f"extends: shipped:{scenario}\n")


def test_commands_and_their_options_are_completed(offered: Offered) -> None:
    assert offered("escalation ") == list(COMMANDS)
    assert offered("escalation ru") == ["run", "runs"]
    assert "--install-completion" in offered("escalation --")
    assert offered("escalation --version ru") == ["run", "runs"]
    assert offered("escalation record s") == ["show"]
    assert offered("escalation run minimal --prec") == ["--precision"]


def test_scenarios_are_shipped_names_and_files(offered: Offered) -> None:
    Path("mine.yaml").write_text("extends: minimal\n")
    Path("notes.txt").write_text("")
    Path("cases/deep").mkdir(parents=True)
    Path("cases/deep/other.yml").write_text("")
    assert offered("escalation run ") == [*shipped_names(), "mine.yaml", "cases/"]
    assert offered("escalation run mi") == ["minimal", "mine.yaml"]
    assert offered("escalation run shipped:min") == ["shipped:minimal"]
    assert offered("escalation validate ca") == ["cases/deep/"]
    assert offered("escalation validate cases/d") == ["cases/deep/other.yml"]
    assert offered("escalation validate nowhere/") == []


def test_stored_folders_are_completed(offered: Offered) -> None:
    store("results/minimal/a")
    store("elsewhere/b")
    assert offered("escalation summary res") == ["results/minimal/a"]
    assert offered("escalation summary else") == ["elsewhere/b/"]
    assert {"results/minimal/a", "minimal"} <= set(offered("escalation compare minimal "))


@pytest.mark.parametrize("named", ["minimal", "mine.yaml", "results/a"])
def test_paths_are_those_of_the_scenario_on_the_line(offered: Offered, named: str) -> None:
    Path("mine.yaml").write_text("extends: minimal\n")
    store("results/a")
    ask = f"escalation compare {named} --set "
    assert {"actors.", "dyads.", "end="} <= set(offered(ask))
    assert offered(f"{ask}act") == ["actors.eu.", "actors.us.", "actors.belarus."]
    assert {"actors.eu.policy.", "actors.eu.policy="} <= set(offered(f"{ask}actors.eu.p"))
    assert offered(f"{ask}actors.eu.policy.reci") == ["actors.eu.policy.reciprocity="]
    assert offered(f"{ask}actors.eu.policy=hard") == ["actors.eu.policy=hardline"]


def test_paths_may_start_below_an_actor_as_levers_do(offered: Offered) -> None:
    tune = "escalation tune minimal --actor eu --vary "
    assert offered(f"{tune}policy.reci") == ["policy.reciprocity="]
    assert offered(f"{tune}actors.us.policy.reci") == ["actors.us.policy.reciprocity="]
    assert offered("escalation tune minimal --actor ") == ["eu", "us", "belarus"]


def test_outcomes_policies_formats_and_records_are_completed(offered: Offered) -> None:
    assert offered("escalation run minimal --outcome conc") == [
        "concession.eu", "concession.us", "concession.belarus",
    ]  # fmt: skip
    assert offered("escalation sweep minimal --outcome mean(package_days.us") == [
        "mean(package_days.us",
        *(f"mean(package_days.us.{family}" for family in _families(offered)),
    ]
    assert offered("escalation policies grad") == ["graduated"]
    assert offered("escalation run minimal --format ") == ["table", "json", "csv", "md"]
    assert offered("escalation run minimal --clock ") == ["auto", "compiled", "simpy"]
    assert "belarus" in offered("escalation record show ")
    assert offered("escalation new grad") == []


def _families(offered: Offered) -> list[str]:
    words = offered("escalation sweep minimal --outcome acts.us.")
    return [word.removeprefix("acts.us.") for word in words]


@pytest.mark.parametrize("text", ["title: [", "extends: nowhere", "\0", "actors: 3", "a: &a [*a]"])
def test_of_a_broken_scenario_nothing_is_offered_and_nothing_is_said(offered: Offered, text: str) -> None:
    Path("broken.yaml").write_text(text)
    for word in ("--set act", "--outcome conc", "--vary x", "--set "):
        assert offered(f"escalation sweep broken.yaml {word}") == []
    assert offered("escalation run bro") == ["broken.yaml"]
    assert offered("escalation run nosuch --set act") == offered("escalation run --set act") == []


def test_a_press_of_tab_imports_nothing_heavy() -> None:
    asked = {"COMP_WORDS": "escalation run minimal --set act", "COMP_CWORD": "4"}
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "escalation"], capture_output=True, text=True, check=True,
        env=environment(**asked, _ESCALATION_COMPLETE="complete_bash"),
    )  # fmt: skip
    assert done.stdout.split() == ["actors.eu.", "actors.us.", "actors.belarus."]
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert not imported & {"numba", "scipy", "duckdb", "numpy", "altair"}


def test_the_script_of_a_shell_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "true")
    done = CliRunner().invoke(app, ["--show-completion", "bash"], prog_name="escalation")
    assert "_ESCALATION_COMPLETE=complete_bash" in done.stdout
