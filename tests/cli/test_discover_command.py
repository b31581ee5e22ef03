"""`escalation discover`: what it prints, stores and draws, and the mistakes of a newcomer."""

from __future__ import annotations

import csv
import io
import json
import shlex
from pathlib import Path

import pytest

from escalation import api
from tests.cli.conftest import Escalation
from tests.docs.pages import blocks, page
from tests.study.test_discover import SETS, THRESHOLD


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "minimal"
    api.run("minimal", 200, seed=1, sets=SETS, until="2020-11-10", out=folder)
    return folder


def test_it_says_where_and_its_folder_is_taken_as_any_study_is(escalation: Escalation, run: Path) -> None:
    done = escalation(f"discover {run} --outcome runaway --out found")
    assert (done.exit_code, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "A small flywheel"
    assert "runaway: in 104 of 200 futures, 52% [45, 59]. Where among 3 uncertain numbers?" in lines
    assert any(line.startswith("Box: outcomes, runaway at most ") for line in lines)
    assert lines[-1] == "Saved in found"
    assert {path.name for path in Path("found").iterdir()} == {
        "discover.json", "discover.svg", "manifest.json", "scenario.yaml",
    }  # fmt: skip
    drawn = Path("found/discover.svg").read_text()
    assert "coverage, %" in drawn
    assert "outcomes, runaway at most" in drawn
    assert escalation("summary found").stdout == done.stdout
    assert escalation("plot found -o again.png").exit_code == 0
    assert escalation("report found -o found.html -q").exit_code == 0
    assert "Where among 3 uncertain numbers?" in Path("found.html").read_text()
    assert "discover" in escalation("runs --under .").stdout
    assert escalation("export found -o bounds.csv").exit_code == 0
    assert Path("bounds.csv").read_text().splitlines()[1].startswith(f"1,{THRESHOLD},,")


def test_machine_formats_say_the_same(escalation: Escalation, run: Path) -> None:
    words = f"discover {run} --outcome runaway --box 5 --format"
    document = json.loads(escalation(f"{words} json --out one").stdout)
    (box,) = document["boxes"]
    assert (document["kind"], box["number"]) == ("discover", 5)
    rows = list(csv.DictReader(io.StringIO(escalation(f"{words} csv --out two").stdout)))
    assert [row["quantity"] for row in rows] == [one["quantity"] for one in box["restrictions"]]
    assert float(rows[0]["high"]) == box["restrictions"][0]["high"]
    assert "| Trajectory | numbers | mass |" in escalation(f"{words} md --out three").stdout
    assert Path("one/discover.json").read_bytes() == Path("two/discover.json").read_bytes()


def test_full_lists_the_whole_trajectory(escalation: Escalation, run: Path) -> None:
    brief = escalation(f"discover {run} --outcome runaway --out found").stdout
    full = escalation("summary found --full").stdout
    trajectory = json.loads(Path("found/discover.json").read_text())["boxes"][0]["trajectory"]
    assert "more." in brief
    listed = [line.split() for line in full.splitlines()]
    assert all(any(row and row[0].strip("*") == str(n) for row in listed) for n in range(len(trajectory)))
    assert "uniform [4, 16]" in full


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("discover {run}", "--outcome"),
        ("discover {run} --outcome runawy", "did you mean runaway"),
        ("discover {run} --outcome 'acts.eu > 900'", "play more"),
        ("discover {run} --outcome runaway --box 99", "--box: found 99; allowed is 0 to"),
        ("discover minimal --outcome runaway", "escalation run minimal --assumptions 0.3"),
        ("discover nowhere --outcome runaway", "no such run or scenario"),
    ],
)
def test_a_mistake_is_told_with_what_is_allowed(
    words: str, error: str, escalation: Escalation, run: Path
) -> None:
    done = escalation("", *shlex.split(words.format(run=run)))
    assert done.exit_code == 2
    assert error in done.stderr
    assert not list(Path().rglob("discover.json"))


def test_the_script_of_the_page_runs_and_its_commands_are_understood(
    escalation: Escalation, run: Path
) -> None:
    text = page("discover.md")
    (script,) = blocks(text, "python")
    printed: list[tuple[object, ...]] = []
    exec(compile(script, "docs/discover.md", "exec"), {"print": lambda *words: printed.append(words)})
    assert printed[0][:2] == (THRESHOLD, None)
    assert printed[-1] == (True,)
    (commands,) = blocks(text, "sh")
    words = shlex.split(commands.splitlines()[-1])
    words[words.index("--outcome") + 1] = "runaway"
    assert escalation("", str(words[1]), str(run), *words[3:]).exit_code == 0
