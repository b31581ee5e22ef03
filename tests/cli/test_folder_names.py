"""Whatever a folder is called, every command writes and reads what is in it, and nothing else."""

from __future__ import annotations

import json
import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

import escalation as package
from tests.cli.conftest import Escalation, invoke

RUN = "run minimal -n 12 --seed 3 --acts all --workers 1 --clock simpy -q"
LEVER = "actors.eu.policy.reciprocity=0.2:1.4"
NAMES = ["case[1]", "lake/date=2026-11-28/r", "package_days.eu=100", "any*thing?", "b\\1", "~"]
BAITS = ["case1", "any-thing!", "b1"]
"""Runs that a name matches as a pattern."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run called `plain`, and others that names match."""
    folder = tmp_path_factory.mktemp("runs")
    for bait in BAITS:
        done(invoke, f"{RUN} --seed 9 -o {folder / bait}")
    done(invoke, f"{RUN} -o {folder}/plain")
    return folder


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest, runs: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a run's folder, beside which there are the same run called `plain`, and others."""
    monkeypatch.chdir(runs)
    done(invoke, f"{RUN} -o {shlex.quote(request.param)}")
    return str(request.param)


@cache
def plain(words: str) -> str:
    """Return what a command prints of the run called `plain`."""
    return done(invoke, words.format("plain"))


def done(escalation: Escalation, words: str) -> str:
    command, *more = shlex.split(words)
    result = escalation(command, *more)
    assert result.exit_code == 0, result.output
    return result.stdout


def document(escalation: Escalation, words: str) -> dict[str, Any]:
    """Return what a command says as JSON, but for where it stands and how long it took."""
    return without_place(done(escalation, words))


def without_place(printed: str) -> dict[str, Any]:
    known = json.loads(printed)
    return {key: value for key, value in known.items() if key not in ("run", "source", "origin")}


def test_a_run_reads_alike_whatever_its_folder_is_called(name: str, escalation: Escalation) -> None:
    folder, names = shlex.quote(name), package.open_run("plain").header.columns
    one, other = (package.open_run(run).columns(names) for run in (name, "plain"))
    assert all(one[column].tobytes() == other[column].tobytes() for column in names)
    for what in ("outcomes", "acts", "causes", "summary"):
        words = f"export {{}} --what {what} -q"
        assert done(escalation, words.format(folder)) == plain(words)
    for words in ("summary {} --format json", "explain {} --format json"):
        assert without_place(done(escalation, words.format(folder))) == without_place(plain(words))
    compared = json.loads(done(escalation, f"compare {folder} plain --format json"))
    differences = [
        one["difference"]["value"] for part in compared["contrasts"] for one in part["differences"]
    ]
    assert differences
    assert set(differences) <= {0.0, None}
    done(escalation, f"plot {folder} --what ladder -o {shlex.quote(name.replace('/', '-'))}.svg")
    words = "whatif {} --without 'first us hostile' --workers 1 --clock simpy -q"
    assert done(escalation, words.format(folder)) == plain(words)
    file = Path("written", f"{name.replace('/', '-')}.html")
    file.parent.mkdir(exist_ok=True)
    before = set(file.parent.iterdir())
    done(escalation, f"report {folder} -o {shlex.quote(str(file))} -q")
    plain("report {} -o plain.html -q")
    assert set(file.parent.iterdir()) - before == {file}
    assert figures(file) == figures(Path("plain.html"))


def figures(report: Path) -> list[str]:
    """Return the cells of the tables of a report, but for when it was played and how long that took."""
    cells = re.findall(r"<td[^>]*>(.*?)</td>", report.read_text(encoding="utf-8"), re.DOTALL)
    assert cells
    return [cell for cell in cells if not re.fullmatch(r"[\d.]+ s|\d{4}-\d\d-\d\dT[\d:]+Z", cell)]


STUDIES = {
    "sensitivity": f"sensitivity minimal --points 16 --trajectories 4 -n 2 --vary {LEVER} --outcome runaway",
    "tune": f"tune minimal --vary {LEVER} --minimize 'mean(cost.eu)' --trials 2 -n 20 --held-out 20",
    "whatif": "whatif minimal -n 4 --without 'first us hostile'",
}


@pytest.mark.parametrize("words", STUDIES.values(), ids=STUDIES)
def test_other_studies_read_alike_whatever_their_folder_is_called(words: str, escalation: Escalation) -> None:
    play = f"{words} --workers 1 --clock simpy --until 2020-11-01 -q"
    plain = [done(escalation, f"{play} -o plain") and done(escalation, "summary plain --format json")]
    for name in NAMES:
        folder = shlex.quote(name)
        done(escalation, f"{play} -o {folder}")
        assert (Path(name) / "manifest.json").is_file()
        plain.append(done(escalation, f"summary {folder} --format json"))
    assert len({json.dumps(unnamed(one)) for one in plain}) == 1


def unnamed(printed: str) -> dict[str, Any]:
    """Return a study as JSON, but for its folder and how long it took."""
    return {
        key: value for key, value in json.loads(printed).items() if key not in ("run", "source", "seconds")
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_study_and_a_table_read_alike_whatever_their_folder_is_called(
    name: str, escalation: Escalation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("escalation.present.charts.pictures_of", lambda _: [])
    folder = shlex.quote(name)
    play = f"minimal --vary {LEVER} --outcome 'mean(package_days.eu)' -n 10 --workers 1 --clock simpy -q"
    for bait in BAITS:
        done(escalation, f"sweep {play} --seed 9 -o {bait}")
    played = document(escalation, f"sweep {play} --format json -o {folder}")
    assert document(escalation, f"resume {folder} --format json -q") == played
    done(escalation, f"{RUN} -o run")
    Path(name).mkdir(exist_ok=True)
    done(escalation, f"export run -q -o {shlex.quote(name)}/t.parquet")
    Path(name, "t.parquet").rename("t.parquet")
    assert len(duckdb.read_parquet("t.parquet").fetchall()) == 12


@pytest.mark.parametrize(
    "words",
    ["run minimal -n 2 --workers 1 -o {}", "summary {}", "runs --under {}", "export {}", "resume {}",
     "plot {}", "explain {}", "compare {} {}", "report minimal -n 2 --workers 1 -o {}.html"],
)  # fmt: skip
def test_a_name_that_no_disk_takes_is_a_mistake_of_the_user(words: str, escalation: Escalation) -> None:
    result = escalation(words.replace("{}", "n" * 300))
    assert result.exit_code == 2, result.output
    assert "bug" not in result.stderr
