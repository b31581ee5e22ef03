from __future__ import annotations

import csv
import json
import re
import shlex
import sys
from pathlib import Path

import duckdb
import pytest

from escalation.study.sensitivity.space import DesignRows
from tests.cli.conftest import Escalation
from tests.docs.pages import blocks, page

PLAYED = "-n 4 --workers 1 --clock compiled"
FAST = f"--points 16 --trajectories 4 {PLAYED}"
LEVERS = "--vary actors.us.policy.join=0:1 --vary actors.eu.policy=restrained|hardline"
COMMAND = f"sensitivity minimal {FAST} {LEVERS} --outcome acts.belarus --outcome runaway"


def test_it_says_what_each_outcome_depends_on_and_how_much_is_chance(escalation: Escalation) -> None:
    done = escalation(f"{COMMAND} --out found")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == "A small flywheel"
    assert lines[1] == "Lever: United States: join, 0 to 1 (actors.us.policy.join)"
    assert lines[2] == "Lever: European Union: policy, restrained, hardline (actors.eu.policy)"
    assert lines[3].startswith(
        "Hostile acts by Belarus, excluding words and threats, mean(acts.belarus): depends most on"
        " European Union: policy (actors.eu.policy): "
    )
    assert lines[3].endswith(" of all variance; the rest is chance.")
    assert lines[4] == "A runaway of tension, prob(runaway): 0% at every point; there is nothing to explain."
    rows = {re.split(r"\s{2,}", line)[0] for line in lines[7:10]}
    assert rows == {"European Union: policy", "United States: join", "Belarus: reciprocity"}
    assert lines[-1] == "Saved in found"
    assert done.stderr.startswith("1 uncertain number and 2 levers: 96 points of 4 replications, 384 in all")


def test_what_a_lever_costs_stands_beside_what_it_brings(escalation: Escalation) -> None:
    done = escalation(
        "sensitivity minimal --vary actors.eu.policy.reciprocity=0.1:2 --outcome mean(package_days.eu) -n 4"
        " --points 16 --trajectories 12 --workers 1 -q"
    )
    assert done.exit_code == 0, done.output
    assert (
        "At the edge of what was varied, mean(package_days.eu) is highest where European Union: reciprocity"
        " is highest (0.1 to 2): see beyond it."
    ) in done.stdout
    lines = done.stdout.splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith("From 5% to 95% of a lever"))
    assert [line.split("  ")[0] for line in lines[place + 1 : place + 5]] == [
        "Days with a hostile package by European Union",
        "Cost of its own measures to European Union",
        "Days with a hostile package by Belarus",
        "Diplomatic relation at the end, Belarus towards European Union",
    ]


def test_a_quiet_analysis_leaves_all_but_its_result_unsaid(escalation: Escalation) -> None:
    done = escalation(f"{COMMAND} --quiet")
    assert done.stderr == ""
    assert "Saved in results/minimal-sensitivity/" in done.stdout


def test_the_folder_holds_the_tables_the_document_and_the_picture(escalation: Escalation) -> None:
    done = escalation(f"{COMMAND} --out found --format json")
    plain = json.loads(done.stdout)
    stored = json.loads(Path("found/sensitivity.json").read_text())
    assert stored["schema_version"] == 2
    assert {**plain, **stored} == plain
    assert {path.name for path in Path("found").iterdir()} == {
        "manifest.json", "morris.parquet", "scenario.yaml", "sensitivity.json", "sensitivity.svg",
        "sobol.parquet",
    }  # fmt: skip
    rows = duckdb.sql(
        "SELECT quantity, total FROM 'found/sobol.parquet' WHERE outcome = 'mean(acts.belarus)'"
    )
    totals = {one["quantity"]: one["total"]["value"] for one in stored["outcomes"][0]["indices"]}
    assert dict(rows.fetchall()) == totals
    assert "European Union: policy" in Path("found/sensitivity.svg").read_text()
    assert json.loads(Path("found/manifest.json").read_text())["kind"] == "sensitivity"


def test_csv_has_a_row_for_each_outcome_and_quantity(escalation: Escalation) -> None:
    done = escalation(f"{COMMAND} --format csv --top 1")
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert [row["outcome"] for row in rows] == ["mean(acts.belarus)"] * 4 + ["prob(runaway)"] * 4
    assert rows[3]["quantity"] == "others"
    assert float(rows[1]["size"]) > 0
    assert {bool(row["total"]) for row in rows[4:]} == {False}, "what never varies has no indices"


def test_quantities_that_are_screened_out_are_named(escalation: Escalation) -> None:
    done = escalation(f"{COMMAND} --top 1 --format md --full")
    assert "The others together: " in done.stdout.replace("\\", "")
    assert "## Screening: Hostile acts by Belarus" in done.stdout


def interrupt(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Press Ctrl-C after so many pieces."""
    play, left = DesignRows.play, [after]

    def played(*arguments: object) -> object:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return play(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(DesignRows, "play", played)


def test_an_interrupted_analysis_is_resumed_to_the_same_bytes(
    escalation: Escalation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("escalation.study.sensitivity.sensitivity.BLOCK", 60)
    assert escalation(f"{COMMAND} --out whole").exit_code == 0
    with monkeypatch.context() as patch:
        interrupt(patch, after=4)
        done = escalation(f"{COMMAND} --out found --quiet")
    assert done.exit_code == 130
    assert done.stdout == ""
    assert done.stderr == ("interrupted at 47%; `escalation resume found` resumes it\n")
    assert not Path("found").exists()
    done = escalation("resume found --workers 1 --clock compiled")
    assert done.exit_code == 0, done.output
    for name in ("sensitivity.json", "morris.parquet", "sobol.parquet", "sensitivity.svg"):
        assert Path("found", name).read_bytes() == Path("whole", name).read_bytes(), name


def test_a_torn_piece_is_played_again(escalation: Escalation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("escalation.study.sensitivity.sensitivity.BLOCK", 60)
    with monkeypatch.context() as patch:
        interrupt(patch, after=4)
        escalation(f"{COMMAND} --out found")
    piece = next(Path(".found.unfinished/progress").glob("*.npz"))
    piece.write_bytes(piece.read_bytes()[:100])
    assert escalation("resume found --workers 1 --clock compiled").exit_code == 0
    assert escalation(f"{COMMAND} --out whole").exit_code == 0
    assert Path("found/sensitivity.json").read_bytes() == Path("whole/sensitivity.json").read_bytes()


def test_nothing_is_left_of_an_analysis_interrupted_at_its_beginning(
    escalation: Escalation, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(monkeypatch, after=0)
    done = escalation(f"{COMMAND} --out found --quiet")
    assert (done.exit_code, list(Path().iterdir())) == (130, [])
    assert done.stderr == "interrupted before anything was finished; nothing is kept\n"


def test_a_finished_analysis_is_shown_again_by_resume(escalation: Escalation) -> None:
    first = escalation(f"{COMMAND} --out found")
    again = escalation("resume found")
    assert again.exit_code == 0
    assert again.stderr == "found: is complete; there is nothing to resume\n"
    assert again.stdout == first.stdout


def test_an_analysis_never_overwrites(escalation: Escalation) -> None:
    Path("found").mkdir()
    Path("found/mine").touch()
    done = escalation(f"{COMMAND} --out found")
    assert done.exit_code == 2
    assert "is not empty" in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("--points 60", "--points: found 60; allowed are powers of two, such as 32 and 64"),
        ("-n 1", "--replications: found 1; allowed is 2 to 100,000"),
        ("--vary actors.eu.policy.reciprocty=0:1", "did you mean reciprocity?"),
        ("--vary actors.eu.policy.reciprocity=-1:1", "-1 is out of range"),
        ("--vary end=1:2", "a date, YEAR-MONTH-DAY"),
        ("--outcome R", "R is no average over replications"),
        ("--outcome mean(cost.e)", "did you mean cost.eu?"),
        ("--set actors.belarus.policy.reciprocity=1", "has no uncertain number"),
    ],
)
def test_a_mistake_is_answered_with_what_is_allowed(escalation: Escalation, words: str, told: str) -> None:
    done = escalation(f"sensitivity minimal {words}")
    assert done.exit_code == 2
    assert told in done.stderr
    assert done.stdout == ""
    assert list(Path().iterdir()) == []


def test_without_pictures_all_the_rest_is_there(
    escalation: Escalation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    assert escalation(f"{COMMAND} --out found").exit_code == 0
    assert not Path("found/sensitivity.svg").exists()
    assert Path("found/sobol.parquet").is_file()


def test_runs_lists_an_analysis(escalation: Escalation) -> None:
    escalation(COMMAND)
    assert "sensitivity" in escalation("runs").stdout.splitlines()[1]


def test_the_commands_and_the_script_of_the_page_run(escalation: Escalation) -> None:
    text = page("sensitivity.md")
    (script,) = blocks(text, "python")
    for command in "".join(blocks(text, "sh")).splitlines():
        words = shlex.split(command.removeprefix("escalation"))
        small = FAST if words[0] == "sensitivity" else PLAYED
        done = escalation("", *words, *f"{small} --until 2020-12-01".split())
        assert done.exit_code == 0, done.output
    printed: list[str] = []
    exec(compile(script, "docs/sensitivity.md", "exec"), {"print": lambda *words: printed.append(words[0])})
    assert printed == ["actors.belarus.policy.reciprocity"]
