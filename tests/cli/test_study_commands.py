from __future__ import annotations

import json
from pathlib import Path

import pytest

from escalation.present import studies as presenters
from escalation.study import studies
from escalation.study.execution import Execution
from escalation.study.runner import Interrupted, begin, open_result
from tests.cli.conftest import Escalation
from tests.study.test_runner import GUESS, asked, interrupted
from tests.study.toy import Guesses


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The study is one of those that there are: this, and nothing else, is what adding one takes."""
    monkeypatch.setitem(studies.STUDIES, "guess", "tests.study.test_runner:GUESS")
    monkeypatch.setitem(presenters.PRESENTERS, "guess", "tests.study.toy")


@pytest.mark.usefixtures("known")
def test_summary_runs_and_resume_take_the_folder_of_any_study(escalation: Escalation) -> None:
    begin(GUESS, asked(), Execution(), Path("results/one"))
    with pytest.raises(Interrupted):
        begin(GUESS, asked(), interrupted(2), Path("results/two"))
    listed = escalation("runs").stdout
    assert "guess, complete" in listed
    assert "guess, unfinished" in listed
    Path("results/one/guess.json").write_text("{}")
    assert "guess, damaged" in escalation("runs").stdout
    Path("results/one/guess.json").unlink()
    assert "guess, damaged" in escalation("runs").stdout
    Path("results/one/manifest.json").unlink()
    Path("results/one/scenario.yaml").unlink()
    begin(GUESS, asked(), Execution(), Path("results/one"))
    resumed = escalation("resume results/two")
    assert resumed.exit_code == 0, resumed.stderr
    assert resumed.stdout == "A small flywheel\nGuesses: (3, 4, 5, 0, 1)\n"
    again = escalation("resume results/two")
    assert again.stderr == "results/two: is complete; there is nothing to resume\n"
    for folder in ("results/one", "results/two"):
        assert escalation(f"summary {folder}").stdout == resumed.stdout
    assert escalation("summary results/one --format csv").stdout.split() == ["guess", "3", "4", "5", "0", "1"]
    shown = json.loads(escalation("summary results/one --format json").stdout)
    assert Guesses.model_validate(shown) == open_result(GUESS, Path("results/one"))
