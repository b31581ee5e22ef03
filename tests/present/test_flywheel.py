from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from typing import Any

import pytest

import escalation
from escalation.present.flywheel import way
from escalation.present.summary import Ending, opening, show_summary
from escalation.present.table import Format
from escalation.scenario.document import Scenario
from escalation.study.reading import Reading
from escalation.study.summary import Summary
from escalation.study.wheel import Flywheel
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
    show_summary(summary, Ending(1.0, None), form)
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


def test_the_verdict_follows_the_answers(quiet: Summary) -> None:
    *answers, verdict = opening(quiet)
    assert len(answers) == len(quiet.header.answer)
    assert verdict == wheel_of(quiet).sentence()
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
    assert row(lines, "Verdict, acts counted") == "does not feed itself"
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
    assert row(lines, "Verdict, acts counted") == "feeds itself"
    assert not [line for line in lines if line.startswith(("Acts that follow", "Acts per act"))]


def test_links_and_rings_are_in_plain_names(quiet: Summary, capsys: pytest.CaptureFixture[str]) -> None:
    wheel, lines = wheel_of(quiet), section(quiet, capsys)
    there, back = "Aland → the United Kingdom of Bland", "the United Kingdom of Bland → Aland"
    links = next(n for n, line in enumerate(lines) if line.startswith("Strongest links"))
    rings = next(n for n, line in enumerate(lines) if line.startswith("Largest rings"))
    answers = {(link.parent, link.child): link.answers for link in wheel.links}
    first = row(lines[links:rings], f"{there}, then {back}").split()
    assert float(first[0]) == pytest.approx(answers["a.b", "b.a"], abs=0.006)
    assert first[1] == "50%"
    assert float(row(lines[rings:], f"{there}, then {back}")) == pytest.approx(wheel.rings[0].gain, abs=0.006)
    assert way(wheel, ("a.b",)) == f"{there}, then again"


def test_three_links_and_three_rings_are_shown_the_strongest_first(
    growing: Summary, capsys: pytest.CaptureFixture[str]
) -> None:
    lines, wheel = section(growing, capsys), wheel_of(growing)
    for heading, ways in (
        ("Strongest links", [(link.parent, link.child) for link in wheel.links]),
        ("Largest rings", [ring.dyads for ring in wheel.rings]),
    ):
        first = next(n for n, line in enumerate(lines) if line.startswith(heading)) + 1
        block = [*lines[first:], ""][: [*lines[first:], ""].index("")]
        assert len(ways) > len(block) == 3
        for line, dyads in zip(block, ways, strict=False):
            assert line.startswith(way(wheel, dyads) + " ")


def test_a_screen_of_eighty_columns_is_enough_for_a_shipped_scenario(
    capsys: pytest.CaptureFixture[str],
) -> None:
    done = escalation.run("shipped:belarus_2020", replications=24)
    lines = section(done.summary, capsys)
    assert row(lines, "Largest rings") == "per step"
    assert max(map(len, lines)) <= 80


def test_where_nothing_happens_there_is_a_sentence_and_no_section(capsys: pytest.CaptureFixture[str]) -> None:
    summary = summary_of(hazards({"a": {}, "b": {}}, shocks=0), 3)
    assert opening(summary)[-1].startswith("No hostile act was followed")
    for form in Format:
        assert "Largest rings" not in shown(summary, form, capsys)


def test_acts_that_nobody_answers_have_no_links_and_no_rings(capsys: pytest.CaptureFixture[str]) -> None:
    summary = summary_of(hazards({"a": {}, "b": {}}), 30)
    lines = section(summary, capsys)
    assert row(lines, "All that was followed").split()[1] == "0.00"
    assert row(lines, "Acts that answer shocks") == "100%"
    assert not [line for line in lines if line.startswith(("Strongest", "Largest"))]
    assert "the flywheel stands still" in opening(summary)[-1]


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
