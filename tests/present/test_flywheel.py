from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest

import escalation
from escalation.present.flywheel import check_sentence, doings, rival_sentence, sentence, sparkline, way
from escalation.present.format import few
from escalation.present.page import FEW_NOTE, Format
from escalation.present.studies import show_result
from escalation.present.summary import opening, statistics
from escalation.scenario.document import Scenario
from escalation.study.flywheel.model import UNKNOWN, Flywheel, Reading, Rival
from escalation.study.summary import Summary
from escalation.study.values import SHARE, Estimate
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


def changed(wheel: Flywheel, **fields: Any) -> Flywheel:
    return wheel.model_copy(update=fields)


def wheel_of(summary: Summary) -> Flywheel:
    assert summary.flywheel is not None
    return summary.flywheel


def shown(summary: Summary, form: Format, capsys: pytest.CaptureFixture[str]) -> str:
    show_result(summary, form, full=True)
    return capsys.readouterr().out


def section(summary: Summary, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the lines of the section of the flywheel, as in a pipe, without what stands below the page."""
    lines = shown(summary, Format.TABLE, capsys).splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("The flywheel "))
    return [line for line in lines[first:-2] if line != FEW_NOTE]


def ends(reading: Reading) -> tuple[str, str]:
    R = reading.R
    return f"{R.value:.2f}", "" if R.low is None else f"[{R.low:.2f}, {R.high:.2f}]{few(R)}"


def row(lines: list[str], start: str) -> str:
    (line,) = [line for line in lines if line.startswith(start)]
    return line.removeprefix(start).strip()


def test_the_verdict_is_said_first_and_its_rival_in_full(quiet: Summary) -> None:
    verdict, *_ = opening(quiet)
    check, rival = statistics(quiet)
    assert check == check_sentence(None)
    assert "is not caused" in check
    assert "`escalation whatif SCENARIO --check`" in check
    assert (verdict, rival) == (sentence(wheel_of(quiet)), rival_sentence(wheel_of(quiet)))
    unknown = quiet.model_copy(update={"flywheel": None})
    assert opening(unknown) == []


def test_the_section_holds_both_readings_for_the_whole_and_each_span(
    quiet: Summary, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel, lines = wheel_of(quiet), section(quiet, capsys)
    spans = ["1 Jan – 31 Mar 2021", "1 Apr – 30 Jun 2021", "1 Jul – 30 Sep 2021", "1 Oct – 1 Dec 2021"]
    readings = [(wheel.counted, wheel.weighted), *((one.counted, one.weighted) for one in wheel.spans)]
    for start, (counted, weighted) in zip(["All that was followed", *spans], readings, strict=True):
        if counted.R.value is None:
            assert not [line for line in lines if line.startswith(start)]
        else:
            said = [f"{counted.acts:,}", *ends(counted), *ends(weighted)]
            assert re.split(r"\s{2,}", row(lines, start)) == [text for text in said if text]
    assert {reading.R.value is None for reading, _ in readings} == {False, True}
    assert row(lines, "R: further hostile acts attributed to each one within") == "30 days."


def test_the_section_says_what_turns_it_and_what_follows_from_outside(
    quiet: Summary, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel, lines = wheel_of(quiet), section(quiet, capsys)
    assert row(lines, "Acts that answer earlier hostile acts") == f"{wheel.endogenous:.0%}"
    assert row(lines, "Acts that answer shocks") == f"{wheel.sources['shocks']:.0%}"
    assert wheel.acts_per_shock is not None
    assert float(row(lines, "Acts that follow one outside shock")) == pytest.approx(
        sum(wheel.acts_per_shock), rel=0.01
    )
    provoked = row(lines, "Acts per outside act, itself and late answers included")
    assert float(provoked) == pytest.approx(wheel.acts_per_outside_act, rel=0.01)


def test_where_it_feeds_itself_nothing_is_said_of_acts_per_shock(
    growing: Summary, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = section(growing, capsys)
    assert any(line.endswith("the flywheel feeds itself.") for line in opening(growing))
    assert not [line for line in lines if line.startswith(("Acts that follow", "Acts per outside"))]


def test_verdicts_are_told_apart_only_where_counting_and_weighting_differ(
    quiet: Summary, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not [line for line in section(quiet, capsys) if line.startswith("Verdict")]
    weighted = wheel_of(quiet).weighted.model_copy(update={"verdict": UNKNOWN})
    unsure = changed(wheel_of(quiet), weighted=weighted)
    lines = section(quiet.model_copy(update={"flywheel": unsure}), capsys)
    assert row(lines, "Verdict, acts counted") == "does not feed itself"
    assert row(lines, "Verdict, acts weighted with severity") == "cannot be told"


def test_loops_are_in_plain_names_with_what_is_done_in_them(
    quiet: Summary, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel, lines = wheel_of(quiet), section(quiet, capsys)
    loops = next(n for n, line in enumerate(lines) if line.startswith("per step  Largest loops"))
    there, back = "Aland → the United Kingdom of Bland", "the United Kingdom of Bland → Aland"
    assert lines[loops + 1] == f"{wheel.loops[0].gain:8.2f}  {there}, then {back}"
    assert lines[loops + 2] == " " * 12 + "individual → individual → again"
    assert way(wheel, ("a.b",)) == f"{there}, then again"
    assert wheel.loops[0].chain is not None
    first, second, last = wheel.loops[0].chain.steps
    away = last.model_copy(update={"instrument": "x", "label": "airspace"})
    other = wheel.loops[0].chain.model_copy(update={"steps": (first, second, away)})
    assert doings(other) == "individual → individual → airspace"


def test_three_loops_are_shown_the_largest_first(
    growing: Summary, capsys: pytest.CaptureFixture[str]
) -> None:
    lines, wheel = section(growing, capsys), wheel_of(growing)
    first = next(n for n, line in enumerate(lines) if line.startswith("per step  Largest loops")) + 1
    block = [*lines[first:], ""][: [*lines[first:], ""].index("")]
    assert len(wheel.loops) > 3
    assert block.pop() == f"And {len(wheel.loops) - 3} more."
    assert len(block) == 6
    for line, loop in zip(block[::2], wheel.loops, strict=False):
        assert line.endswith("  " + way(wheel, loop.dyads))


def test_answers_through_time_are_a_line_with_the_first_and_the_last(
    growing: Summary, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel, lines = wheel_of(growing), section(growing, capsys)
    values = [one.counted.R.value for one in wheel.through_time]
    known = [value for value in values if value is not None]
    label = f"Answers per act, Jan–Feb 2021: {known[0]:.2f} to {known[-1]:.2f}"
    assert len(known) < len(wheel.through_time)
    assert row(lines, label) == sparkline(known)
    assert sparkline([0.0, None, 0.5, 1.0]) == "▁·▅█"
    assert sparkline([0.0]) == "▁"
    assert sparkline([]) == ""


def test_the_rival_explanation_is_one_sentence(quiet: Summary, capsys: pytest.CaptureFixture[str]) -> None:
    wheel, lines = wheel_of(quiet), section(quiet, capsys)
    assert rival_sentence(wheel) in lines
    assert re.fullmatch(
        r"What answers no act \(shocks, history, words, and how futures differ\) makes \d+% \[\d+, \d+\]"
        r" of how acts cluster within 30 days; the rest goes with answers to acts\.",
        rival_sentence(wheel),
    )


def test_where_it_is_all_baseline_no_rest_is_spoken_of(quiet: Summary) -> None:
    assert wheel_of(quiet).rival is not None
    part = Estimate(value=1.02, low=0.99, high=1.05, unit=SHARE)
    all_of_it = changed(wheel_of(quiet), rival=Rival(days=30.0, clustering=2.0, unanswering=part))
    assert rival_sentence(all_of_it) == (
        "What answers no act (shocks, history, words, and how futures differ) makes 100% [99, 100] of how"
        " acts cluster within 30 days."
    )
    even = changed(wheel_of(quiet), rival=Rival(days=30.0, clustering=1.02))
    assert rival_sentence(even) == (
        "It cannot be told that acts cluster: they come within 30 days of one another 1.02 times as often as"
        " at an even rate."
    )
    assert rival_sentence(changed(wheel_of(quiet), rival=None)) == ""


@pytest.mark.parametrize("name", ["belarus_2020", "belarus_from_election"])
def test_thirty_lines_of_eighty_columns_are_enough_for_a_shipped_scenario(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    done = escalation.run(f"shipped:{name}", replications=24)
    lines = section(done.summary, capsys)
    assert row(lines, "per step").startswith("Largest loops")
    assert len(lines) <= 30
    unwrapped = (" " * 10, "What answers no act", "R: further")
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
    assert "the flywheel stands still" in opening(summary)[0]


def test_csv_holds_the_readings_with_their_intervals(
    quiet: Summary, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel = wheel_of(quiet)
    rows = {row["outcome"]: row for row in csv.DictReader(io.StringIO(shown(quiet, Format.CSV, capsys)))}
    assert list(rows)[: len(quiet.figures)] == list(quiet.figures)
    reading = rows["flywheel.R"]
    assert [float(reading[name]) for name in ("estimate", "estimate_low", "estimate_high")] == [
        wheel.counted.R.value,
        wheel.counted.R.low,
        wheel.counted.R.high,
    ]
    assert (reading["kind"], reading["n"], reading["mean"]) == ("estimate", "40", "")
    assert float(rows["flywheel.R.2021-01-01 to 2021-03-31"]["estimate"]) == wheel.spans[0].counted.R.value
    month = wheel.through_time[0]
    assert float(rows[f"flywheel.answers_per_act.{month.span.label}"]["estimate"]) == month.counted.R.value
    assert wheel.rival is not None
    assert wheel.rival.unanswering.value is not None
    part = wheel.rival.unanswering
    share = rows["flywheel.clustering.unanswering"]
    assert [float(share[name]) for name in ("estimate", "estimate_low", "estimate_high")] == [
        part.value,
        part.low,
        part.high,
    ]
    assert float(rows["flywheel.K.a.b.b.a"]["estimate"]) == pytest.approx(0.6, abs=0.1)
    assert {len(row) for row in rows.values()} == {25}
    assert all(None not in row.values() for row in rows.values())


def test_markdown_has_the_section_and_escapes_its_brackets(
    quiet: Summary, capsys: pytest.CaptureFixture[str]
) -> None:
    text = shown(quiet, Format.MD, capsys)
    assert "## The flywheel\n\n| The flywheel | acts | R |" in text
    assert f"| {wheel_of(quiet).counted.R.value:.2f} | \\[" in text
    assert "- To each hostile act, " in text
