"""`escalation compare` as its user meets it."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from escalation import api
from escalation.clocks import simpy_clock
from escalation.present.format import difference, value
from escalation.study.compare.model import Comparison
from escalation.study.values import Estimate
from tests.cli.conftest import Escalation, environment
from tests.docs.pages import blocks, cells, page, section
from tests.ensemble import clocks

HARD = "--set actors.us.policy=hardline"
ON = "-n 60 --workers 1 --clock simpy"


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stored")
    for name, sets in (("a", ()), ("b", ("actors.us.policy=hardline",))):
        api.run("minimal", 60, sets=sets, out=folder / name, clock="simpy")
    return folder


@pytest.fixture
def runs(stored: Path) -> None:
    """Two runs, a and b, in the folder that a test runs in."""
    for name in ("a", "b"):
        shutil.copytree(stored / name, name)


def test_the_first_lines_answer_the_question(escalation: Escalation, runs: None) -> None:
    done = escalation("compare a b")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[1] == "A  A small flywheel (minimal)"
    assert lines[2] == "B  A small flywheel (minimal-2, with actors.us.policy=hardline)"
    assert re.match(r"What was changed +A +B", lines[4])
    assert re.match(r"actors\.us\.policy\.\S+ +\S.* +\S", lines[5])
    assert "\nTo each hostile act, " in done.stdout
    assert "\nDays with a hostile package by United States: " in done.stdout
    assert "\nSure: 95% sure of " in done.stdout
    assert "60 futures" in done.stdout
    assert done.stderr == ""


def test_statistics_are_called_by_their_names_where_every_outcome_is_shown(
    escalation: Escalation, runs: None
) -> None:
    assert "Holm" not in escalation("compare a b").stdout
    assert "Holm's method" in escalation("compare a b --all").stdout


def test_what_was_changed_is_in_the_document_and_only_that(escalation: Escalation, runs: None) -> None:
    document = json.loads(escalation("compare a b --format json").stdout)
    (changed,) = document["inputs"]
    assert changed
    assert all(one["path"].startswith("actors.us.policy") for one in changed)
    assert all(one["baseline"] != one["other"] for one in changed)
    same = json.loads(escalation("compare a a --format json").stdout)
    assert same["inputs"] == [[]]


def test_sentences_say_both_levels_the_difference_and_its_interval(
    escalation: Escalation, runs: None
) -> None:
    document = json.loads(escalation("compare a b --format json").stdout)
    rows = {
        (row["outcome"]["name"], row["statistic"]): row for row in document["contrasts"][0]["differences"]
    }
    days = rows["package_days.us", "mean"]
    other, baseline, by = (
        Estimate.model_validate(days[part]) for part in ("other", "baseline", "difference")
    )
    said = f"{value(other)} instead of {value(baseline)}, {difference(by)}."
    assert said in escalation("compare a b").stdout


def test_the_same_run_twice_differs_in_nothing(escalation: Escalation, runs: None) -> None:
    done = escalation("compare a a")
    assert "Nothing differs: both are the same in each of 60 futures." in done.stdout
    assert "Largest" not in done.stdout
    document = json.loads(escalation("compare a a --format json").stdout)
    assert {row["equal"] for row in document["contrasts"][0]["differences"]} == {True}
    assert {row["difference"]["value"] for row in document["contrasts"][0]["differences"]} == {0.0}


def test_a_scenario_is_compared_with_itself_as_changed(escalation: Escalation, runs: None) -> None:
    stored = escalation("compare a b").stdout
    assert escalation(f"compare minimal {HARD} {ON}").stdout == stored
    assert escalation(f"compare a {HARD} --workers 1 --clock simpy").stdout == stored


def of_oneself(outcome: dict[str, str]) -> bool:
    return bool(outcome["target"]) and outcome["target"] == outcome["actor"]


def test_all_shows_every_outcome_once_per_measure(escalation: Escalation, runs: None) -> None:
    shown = escalation("compare a b --all").stdout
    rows = json.loads(escalation("compare a b --format json").stdout)["contrasts"][0]["differences"]
    rows = [row for row in rows if not row["equal"] or not of_oneself(row["outcome"])]
    table = shown[shown.index("All outcomes") :].split("\n\n")[0].splitlines()
    assert sum(line.startswith("  ") for line in table) == len(rows)  # the rest are headings and notes
    assert "Cannot be told apart" in table
    assert "The same in every future" in table
    assert "--all" not in shown


def test_csv_has_a_row_per_measure_and_no_gaps_in_its_headings(escalation: Escalation, runs: None) -> None:
    rows = list(csv.DictReader(escalation("compare a b --format csv").stdout.splitlines()))
    document = json.loads(escalation("compare a b --format json").stdout)["contrasts"][0]
    assert [row["outcome"] for row in rows] == [row["outcome"]["name"] for row in document["differences"]]
    for row, plain in zip(rows, document["differences"], strict=True):
        assert row["p_adjusted"] == ("" if plain["p_adjusted"] is None else str(plain["p_adjusted"]))
        assert row["standardised"] == ("" if plain["standardised"] is None else str(plain["standardised"]))
        assert None not in row.values()


def test_p_values_stand_in_data_and_not_on_the_page(escalation: Escalation, runs: None) -> None:
    for form in ("table", "md"):
        assert "p_adjusted" not in escalation(f"compare a b --format {form}").stdout


def test_markdown_has_a_heading_sentences_and_a_table(escalation: Escalation, runs: None) -> None:
    text = escalation("compare a b --format md").stdout
    assert text.startswith("# What differs\n\n- A  A small flywheel")
    assert "| Largest sure differences | A | B | difference | 95% interval | B above |" in text


def test_several_runs_have_a_section_each(escalation: Escalation, runs: None) -> None:
    text = escalation("compare a b a").stdout
    assert "B instead of A: A small flywheel" in text
    assert "C instead of A: A small flywheel" in text
    assert text.splitlines()[3].startswith("C  ")


def test_runs_that_cannot_be_paired_are_said_to_be_so_and_why(escalation: Escalation, runs: None) -> None:
    escalation(f"run minimal {ON} --seed 2 -q -o c")
    lines = escalation("compare a c").stdout.splitlines()
    said = "Compared as independent runs, which makes less sure: their seeds differ (1 and 2)."
    assert lines[4] == said
    assert lines[5].startswith("Cannot be told apart: ")


def test_runs_made_for_it_are_stored_only_where_that_is_asked(escalation: Escalation) -> None:
    escalation(f"compare minimal {HARD} -n 12 --workers 1")
    assert not list(Path().rglob("manifest.json"))
    escalation(f"compare minimal {HARD} -n 12 --workers 1 -o both")
    folders = sorted(path.parent.name for path in Path().rglob("manifest.json"))
    assert folders == ["both", "minimal", "minimal-2"]
    assert escalation("compare both/minimal both/minimal-2").exit_code == 0


def test_a_stored_comparison_is_shown_again(escalation: Escalation, runs: None) -> None:
    shown = escalation("compare a b -o both").stdout
    assert escalation("summary both").stdout == shown
    document = json.loads(Path("both/compare.json").read_text(encoding="utf-8"))
    assert "run" not in document
    assert Comparison.model_validate(document).kind == "compare"
    again = escalation("compare a b -o both")
    assert (again.exit_code, again.stdout) == (2, "")


def test_an_interrupted_comparison_is_resumed_to_the_same_result(
    escalation: Escalation, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = f"compare minimal {HARD} {ON}"
    whole = escalation(words).stdout
    calls, played = count(), simpy_clock.simulate

    def simulate(*args: Any) -> Any:
        if next(calls) == 80:
            raise KeyboardInterrupt
        return played(*args)

    monkeypatch.setattr(simpy_clock, "simulate", simulate)
    done = escalation(f"{words} -o both")
    assert (done.exit_code, done.stdout) == (130, "")
    assert "`escalation resume both`" in done.stderr
    assert escalation("resume both --workers 1 --clock simpy").stdout == whole
    assert next(calls) < 81 + 61
    assert escalation("compare both/minimal both/minimal-2").stdout == whole


def test_failures_are_told_and_are_the_exit_status(
    escalation: Escalation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simpy_clock, "simulate", clocks.failing_each_third_of_the_real)
    done = escalation(f"compare minimal {HARD} -n 30 --workers 1 --clock simpy")
    assert done.exit_code == 3
    assert "Failed: 10 replications of A, left out." in done.stdout
    assert "Left out: 10 pairs of A and B, one or both of which failed." in done.stdout


def test_interrupting_it_ends_it(escalation: Escalation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simpy_clock, "simulate", clocks.interrupted_at_twenty)
    done = escalation("compare minimal minimal -n 40 --workers 1 --clock simpy")
    assert done.exit_code == 130
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("compare minimal", "found 1 run or scenario to compare"),
        ("compare minimal nosuch", "nosuch: no such run or scenario"),
        ("compare minimal .", "is not the folder of a run"),
        ("compare minimal --until soon", "--until soon: is not a date"),
        ("compare minimal --set actors.us.polcy=hardline", "did you mean policy"),
    ],
)
def test_mistakes_are_answered_in_one_line(escalation: Escalation, words: str, said: str) -> None:
    done = escalation(words)
    assert done.exit_code == 2
    assert said in done.stderr.splitlines()[0]
    assert done.stdout == ""


def test_what_is_for_scenarios_is_refused_for_runs(escalation: Escalation, runs: None) -> None:
    for option in ("--seed 3", "-n 10", "--until 2021-01-01", "--set a=b"):
        done = escalation(f"compare a b {option}")
        assert done.exit_code == 2
        assert "what is named are runs and have their own" in done.stderr


def test_titles_are_shown_as_they_are(escalation: Escalation) -> None:
    done = escalation("compare minimal -n 12 --workers 1", "--set", "title='[bold]red[/bold]'")
    assert done.stdout.splitlines()[2].startswith("B  [bold]red[/bold] (minimal-2")


def test_stored_runs_are_compared_without_the_slow_libraries(runs: None) -> None:
    code = """
import sys
from escalation.cli.app import app
try:
    app(["compare", "a", "b"])
except SystemExit:
    print({"scipy.stats", "numba", "pandas"} & set(sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", env=environment(), check=True
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "set()"


def test_its_help_has_an_example_that_works(escalation: Escalation) -> None:
    text = escalation("compare --help").stdout
    example = next(
        line.strip() for line in text.splitlines() if line.strip().startswith("escalation compare")
    )
    assert escalation(f"{example.removeprefix('escalation ')} -n 12 --workers 1").exit_code == 0


def test_the_page_on_it_documents_every_field_and_no_other(escalation: Escalation, runs: None) -> None:
    text = page("compare.md")
    document = json.loads(escalation("compare a b --format json").stdout)
    contrast = document["contrasts"][0]
    tables = section(text, "## The document").split("| field | meaning |")[1:]
    parts = (
        document,
        document["sides"][0],
        contrast,
        contrast["differences"][0],
        contrast["differences"][0]["baseline"],
    )
    for table, wanted in zip(tables, parts, strict=True):
        rows = [cells(line)[0] for line in table.splitlines() if line.startswith("| `")]
        assert {name for row in rows for name in row.split(", ")} == set(wanted)


def test_the_python_on_it_works(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks(page("compare.md"), "python")
    exec(code, {})
    assert float(capsys.readouterr().out) > 1
