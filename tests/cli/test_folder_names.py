"""Whatever a folder is called, every command writes and reads what is in it, and nothing else."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import duckdb
import pytest

import escalation as package
from tests.cli.conftest import Escalation

RUN = "run minimal -n 12 --seed 3 --acts all --workers 1 --clock simpy -q"
LEVER = "actors.eu.policy.reciprocity=0.2:1.4"
NAMES = ["case[1]", "lake/date=2026-11-28/r", "package_days.eu=100", "any*thing?", "b\\1", "~"]
BAITS = ["case1", "any-thing!", "b1"]
"""Runs that a name matches as a pattern."""


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest, escalation: Escalation) -> str:
    """The name of a run's folder, beside which there are the same run called `plain`, and others."""
    for bait in BAITS:
        done(escalation, f"{RUN} --seed 9 -o {bait}")
    done(escalation, f"{RUN} -o plain")
    done(escalation, f"{RUN} -o {shlex.quote(request.param)}")
    return str(request.param)


def done(escalation: Escalation, words: str) -> str:
    command, *more = shlex.split(words)
    result = escalation(command, *more)
    assert result.exit_code == 0, result.output
    return result.stdout


def document(escalation: Escalation, words: str) -> dict[str, Any]:
    """Return what a command says as JSON, but for where it stands and how long it took."""
    printed = json.loads(done(escalation, words))
    return {key: value for key, value in printed.items() if key not in ("run", "source", "origin")}


def test_a_run_reads_alike_whatever_its_folder_is_called(name: str, escalation: Escalation) -> None:
    folder, names = shlex.quote(name), package.open_run("plain").header.columns
    one, other = (package.open_run(run).columns(names) for run in (name, "plain"))
    assert all(one[column].tobytes() == other[column].tobytes() for column in names)
    for what in ("outcomes", "acts", "causes", "summary"):
        words = f"--what {what} -q"
        assert done(escalation, f"export {folder} {words}") == done(escalation, f"export plain {words}")
    for words in ("summary {} --format json", "explain {} --format json"):
        assert document(escalation, words.format(folder)) == document(escalation, words.format("plain"))
    compared = json.loads(done(escalation, f"compare {folder} plain --format json"))
    differences = [
        one["difference"]["value"] for part in compared["contrasts"] for one in part["differences"]
    ]
    assert differences
    assert set(differences) <= {0.0, None}
    done(escalation, f"plot {folder} --what ladder -o plot.svg")
    words = "whatif {} --without 'first us hostile' --workers 1 --clock simpy -q"
    assert done(escalation, words.format(folder)) == done(escalation, words.format("plain"))
    Path("written").mkdir()
    html = shlex.quote(f"written/{name.replace('/', '-')}.html")
    done(escalation, f"report {folder} -o {html} -q")
    done(escalation, "report plain -o plain.html -q")
    [written] = Path("written").iterdir()
    assert written.name == f"{name.replace('/', '-')}.html"
    assert figures(written) == figures(Path("plain.html"))


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
