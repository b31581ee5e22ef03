from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from typing import Any

import pytest

import escalation
from escalation.present.page import Format
from escalation.present.summary.flywheel import doings, sparkline, way
from escalation.present.summary.summary import Ending, opening, show_summary
from escalation.scenario.document import Scenario
from escalation.study.flywheel.clustering import Part, Rival
from escalation.study.flywheel.reading import Reading
from escalation.study.flywheel.wheel import Flywheel
from escalation.study.summary.summary import Summary
from tests.study.hazards import SYMMETRIC, hazards

NAMES = {"a": "Aland", "b": "the United Kingdom of Bland", "c": "Cland"}


def summary_of(data: dict[str, Any], replications: int = 40) -> Summary:
    for name, actor in data["actors"].items():
        actor["name"] = NAMES[name]
    return escalation.run(Scenario.model_validate(data), replications=replications).summary


@pytest.fixture(scope="module")
def quiet() -> Summary:
    """An ensemble of R below 1."""
    return summary_of(hazards({"a": {"a": 0.5}, "b": {"b": 0.6}, "c": {"a": 0.2, "b": 0.1}}))


@pytest.fixture(scope="module")
def growing() -> Summary:
    """An ensemble of R = 1.2."""
    return summary_of(hazards(SYMMETRIC, days=120, lag=3))


def wheel_of(summary: Summary) -> Flywheel:
    assert summary.flywheel is not None
    return summary.flywheel


def shown(summary: Summary, form: Format, capsys: pytest.CaptureFixture[str]) -> str:
    show_summary(summary, Ending(1.0, None), form, full=True)
    return capsys.readouterr().out


def section(summary: Summary, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the lines of the section of the flywheel, as in a pipe."""
    lines = shown(summary, Format.TABLE, capsys).splitlines()
    return lines[next(n for n, line in enumerate(lines) if line.startswith("The flywheel ")) : -2]


def ends(reading: Reading) -> tuple[str, str]:
    interval = "" if reading.low is None else f"[{reading.low:.2f}, {reading.high:.2f}]"
    return f"{reading.R:.2f}", interval


def row(lines: list[str], start: str) -> str:
    (line,) = [line for line in lines if line.startswith(start)]
    return line.removeprefix(start).strip()


def test_the_verdict_and_its_rival_follow_the_answers(quiet: Summary) -> None:
    *answers, verdict, rival = opening(quiet)
    assert len(answers) == len(quiet.header.answer)
    assert (verdict, rival) == (wheel_of(quiet).sentence(), wheel_of(quiet).rival_sentence())
    assert opening(replace(quiet, flywheel=None)) == answers


def test_the_section_holds_both_readings_for_the_whole_and_each_span(
    quiet: Summary, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel, lines = wheel_of(quiet), section(quiet, capsys)
    spans = ["1 Jan – 31 Mar 2021", "1 Apr – 30 Jun 2021", "1 Jul – 30 Sep 2021", "1 Oct – 1 Dec 2021"]
    readings = [(wheel.counted, wheel.weighted), *((first, second) for _, first, second in wheel.spans)]
    for start, (counted, weighted) in zip(["All that was followed", *spans], readings, strict=True):
        if counted.R is None:
            assert not [line for line in lines if line.startswith(start)]
        else:
            said = [f"{counted.acts:,}", *ends(counted), *ends(weighted)]
            assert re.split(r"\s{2,}", row(lines, start)) == [text for text in said if text]
    assert {reading.R is None for reading, _ in readings} == {False, True}
    assert row(lines, "R: further hostile acts that each one calls forth within") == "30 days."


def test_the_section_says_what_turns_it_and_what_follows_from_outside(
    quiet: Summary, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel, lines = wheel_of(quiet), section(quiet, capsys)
    assert row(lines, "Acts that answer earlier hostile acts") == f"{wheel.endogenous:.0%}"
    assert row(lines, "Acts that answer shocks") == f"{wheel.sources['shocks']:.0%}"
    assert wheel.per_shock is not None
    assert float(row(lines, "Acts that follow one outside shock")) == pytest.approx(
        wheel.per_shock.sum(), rel=0.01
    )
    provoked = row(lines, "Acts per act provoked from outside, itself included")
    assert float(provoked) == pytest.approx(wheel.per_outside, rel=0.01)


def test_where_it_feeds_itself_nothing_is_said_of_acts_per_shock(
    growing: Summary, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = section(growing, capsys)
    assert any(line.endswith("the flywheel feeds itself.") for line in opening(growing))
    assert not [line for line in lines if line.startswith(("Acts that follow", "Acts per act"))]


def test_verdicts_are_told_apart_only_where_counting_and_weighting_differ(
    quiet: Summary, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not [line for line in section(quiet, capsys) if line.startswith("Verdict")]
    unsure = replace(wheel_of(quiet), weighted=wheel_of(quiet).weighted._replace(high=1.1))
    lines = section(replace(quiet, flywheel=unsure), capsys)
    assert row(lines, "Verdict, acts counted") == "does not feed itself"
    assert row(lines, "Verdict, acts weighted with severity") == "cannot be told"


def test_loops_are_in_plain_names_with_what_is_done_in_them(
    quiet: Summary, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel, lines = wheel_of(quiet), section(quiet, capsys)
    loops = next(n for n, line in enumerate(lines) if line.startswith("per step  Largest loops"))
    there, back = "Aland → the United Kingdom of Bland", "the United Kingdom of Bland → Aland"
    assert lines[loops + 1] == f"{wheel.rings[0].gain:8.2f}  {there}, then {back}"
    assert lines[loops + 2] == " " * 12 + "individual → individual → again"
    assert way(wheel, ("a.b",)) == f"{there}, then again"
    assert wheel.rings[0].chain is not None
    first, second, last = wheel.rings[0].chain.steps
    other = wheel.rings[0].chain._replace(
        steps=(first, second, last._replace(instrument="x", label="airspace"))
    )
    assert doings(other) == "individual → individual → airspace"


def test_three_loops_are_shown_the_largest_first(
    growing: Summary, capsys: pytest.CaptureFixture[str]
) -> None:
    lines, wheel = section(growing, capsys), wheel_of(growing)
    first = next(n for n, line in enumerate(lines) if line.startswith("per step  Largest loops")) + 1
    block = [*lines[first:], ""][: [*lines[first:], ""].index("")]
    assert len(wheel.rings) > 3
    assert block.pop() == f"And {len(wheel.rings) - 3} more."
    assert len(block) == 6
    for line, ring in zip(block[::2], wheel.rings, strict=False):
        assert line.endswith("  " + way(wheel, ring.dyads))


def test_answers_through_time_are_a_line_with_the_first_and_the_last(
    growing: Summary, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel, lines = wheel_of(growing), section(growing, capsys)
    known = [reading.R for _, reading, _ in wheel.through_time if reading.R is not None]
    label = f"Answers per act, Jan–Feb 2021: {known[0]:.2f} to {known[-1]:.2f}"
    assert len(known) < len(wheel.through_time)
    assert row(lines, label) == sparkline(known)
    assert sparkline([0.0, None, 0.5, 1.0]) == "▁·▅█"
    assert sparkline([0.0]) == "▁"
    assert sparkline([]) == ""


def test_the_rival_explanation_is_one_sentence_and_its_other_side_a_row(
    quiet: Summary, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel, lines = wheel_of(quiet), section(quiet, capsys)
    assert wheel.rival_sentence() in lines
    assert re.fullmatch(
        r"A moving baseline alone \(shocks, history, words\) explains (at least )?\d+% \[\d+, \d+\]"
        r" of how acts cluster within 30 days(, and at most \d+%)?; the rest is answers to acts\.",
        wheel.rival_sentence(),
    )
    assert row(lines, "Clustering at a rate common to all futures") == ">99%"


def test_where_it_is_all_baseline_no_rest_is_spoken_of(quiet: Summary) -> None:
    assert wheel_of(quiet).rival is not None
    all_of_it = replace(wheel_of(quiet), rival=Rival(30.0, 2.0, Part(1.02, 0.99, 1.05), Part(1.0, 1.0, 1.0)))
    assert all_of_it.rival_sentence() == (
        "A moving baseline alone (shocks, history, words) explains 100% [99, 100] of how acts cluster within"
        " 30 days."
    )
    even = replace(wheel_of(quiet), rival=Rival(30.0, 1.02))
    assert even.rival_sentence() == (
        "It cannot be told that acts cluster: they come within 30 days of one another 1.02 times as often as"
        " at an even rate."
    )
    assert replace(wheel_of(quiet), rival=None).rival_sentence() == ""


@pytest.mark.parametrize("name", ["belarus_2020", "belarus_from_election"])
def test_thirty_lines_of_eighty_columns_are_enough_for_a_shipped_scenario(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    done = escalation.run(f"shipped:{name}", replications=24)
    lines = section(done.summary, capsys)
    assert row(lines, "per step").startswith("Largest loops")
    assert len(lines) <= 30
    unwrapped = (" " * 10, "A moving baseline")
    assert max(len(line) for line in lines if not line.startswith(unwrapped)) <= 80


def test_where_nothing_happens_there_is_a_sentence_and_no_section(capsys: pytest.CaptureFixture[str]) -> None:
    summary = summary_of(hazards({"a": {}, "b": {}}, shocks=0), 3)
    assert opening(summary)[-1].startswith("No hostile act was followed")
    for form in Format:
        assert "Largest loops" not in shown(summary, form, capsys)


def test_acts_that_nobody_answers_have_no_loops(capsys: pytest.CaptureFixture[str]) -> None:
    summary = summary_of(hazards({"a": {}, "b": {}}), 30)
    lines = section(summary, capsys)
    assert row(lines, "All that was followed").split()[1] == "0.00"
    assert row(lines, "Acts that answer shocks") == "100%"
    assert not [line for line in lines if "Largest" in line]
    assert "the flywheel stands still" in opening(summary)[-2]


def test_csv_holds_the_readings_with_their_intervals(
    quiet: Summary, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel = wheel_of(quiet)
    rows = {row["outcome"]: row for row in csv.DictReader(io.StringIO(shown(quiet, Format.CSV, capsys)))}
    assert list(rows)[: len(quiet.figures)] == list(quiet.figures)
    reading = rows["flywheel.R"]
    assert [float(reading[name]) for name in ("estimate", "estimate_low", "estimate_high")] == list(
        wheel.counted[1:4]
    )
    assert (reading["kind"], reading["n"], reading["mean"]) == ("estimate", "40", "")
    assert float(rows["flywheel.R.2021-01-01 to 2021-03-31"]["estimate"]) == wheel.spans[0][1].R
    month = wheel.through_time[0]
    assert float(rows[f"flywheel.answers_per_act.{month[0].label}"]["estimate"]) == month[1].R
    assert wheel.rival is not None
    assert wheel.rival.shocks is not None
    share = rows["flywheel.clustering.shocks"]
    assert [float(share[name]) for name in ("estimate", "estimate_low", "estimate_high")] == [
        *wheel.rival.shocks
    ]
    assert float(rows["flywheel.K.a.b.b.a"]["estimate"]) == pytest.approx(0.6, abs=0.1)
    assert {len(row) for row in rows.values()} == {18}
    assert all(None not in row.values() for row in rows.values())


def test_markdown_has_the_section_and_escapes_its_brackets(
    quiet: Summary, capsys: pytest.CaptureFixture[str]
) -> None:
    text = shown(quiet, Format.MD, capsys)
    assert "## The flywheel\n\n| The flywheel | acts | R |" in text
    assert f"| {wheel_of(quiet).counted.R:.2f} | \\[" in text
    assert "- Each hostile act calls forth" in text
