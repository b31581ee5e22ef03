"""The summary's head, its notes, and what it leaves out."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import escalation
from escalation.errors import ScenarioError
from escalation.present.flywheel import sentence as verdict
from escalation.present.format import estimate
from escalation.present.outcomes import sections
from escalation.present.page import Format, Table
from escalation.present.studies import show_result
from escalation.present.summary import answer_table, evidence, opening, statistics
from escalation.study.flywheel.model import DOES_NOT, FEEDS, Verdict
from escalation.study.stats import wilson
from escalation.study.summary import AnswerPart, OutcomePart, Summary
from escalation.study.values import DATE, SHARE, Band, Estimate, RunPart

PEACE = ("shocks.secret_inauguration=null", "history.eu_list=null", "history.us_list=null")
FIRST_USES = "First uses, likely and open"
FIRST = "first_concession.belarus"


@pytest.fixture(scope="module")
def summary() -> Summary:
    return escalation.run("shipped:minimal", replications=40).summary


def changed(summary: Summary, name: str, **fields: Any) -> Summary:
    outcomes = [
        one.model_copy(update=fields) if one.name == name else one for one in summary.outcomes
    ]  # fmt: skip
    return altered(summary, outcomes=tuple(outcomes))


def altered(summary: Summary, **fields: Any) -> Summary:
    return Summary.model_validate({**summary.model_dump(), **fields})


def happened(summary: Summary, name: str, runs: int, of: int) -> Summary:
    low, high = wilson(runs, of)
    share = Estimate(value=runs / of, low=low, high=high, unit=SHARE)
    by_when = (runs / of,) * len(summary.dates) if summary.figures[name].kind == "date" else None
    return changed(summary, name, n=of, probability=share, by_when=by_when)


def answered(summary: Summary, *names: str) -> Summary:
    """Return a summary whose question these outcomes answer."""
    parts = [
        AnswerPart(
            expression=name, function="prob" if one.probability else "mean", outcome=name, by=None,
            estimate=one.probability or one.mean or Estimate(value=None),
        )
        for name in names
        for one in (summary.figures[name],)
    ]  # fmt: skip
    return altered(summary, answer=names, answers=tuple(parts))


def feeding(summary: Summary, verdict_: Verdict = FEEDS) -> Summary:
    """Return a summary with this verdict on its flywheel."""
    assert summary.flywheel is not None
    counted = summary.flywheel.counted.model_copy(update={"verdict": verdict_})
    return altered(summary, flywheel=summary.flywheel.model_copy(update={"counted": counted}))


def table(summary: Summary, title: str) -> Table:
    (found,) = [one for one in sections(summary) if one.title.startswith(title)]
    return found


def row(summary: Summary, title: str, start: str) -> tuple[str, ...]:
    (found,) = [cells for cells in table(summary, title).rows if cells[0].startswith(start)]
    return found


def after(seconds: float, folder: Path | None = None, interrupted: bool = False) -> RunPart:
    status: Any = "interrupted" if interrupted else "complete"
    return RunPart(status=status, folder=folder, seconds=seconds)


def shown(
    summary: Summary, form: Format, capsys: pytest.CaptureFixture[str], run: RunPart | None = None
) -> list[str]:
    show_result(summary.model_copy(update={"run": run or after(1.0)}), form)
    return [line for line in capsys.readouterr().out.splitlines() if line]


def test_from_5_percent_on_it_is_said_how_often_tension_ran_away_and_above_what(summary: Summary) -> None:
    summary = feeding(summary)
    assert "runaway" not in opening(happened(summary, "runaway", 4, 100))[-1]
    lines = opening(happened(summary, "runaway", 58, 100))
    assert lines[-1] == "Tension passed 200 at some time in 58% [48, 67] of futures (a runaway)."
    assert summary.flywheel is not None
    assert lines[-2] == verdict(summary.flywheel)


def test_where_a_runaway_is_an_answer_it_is_said_there_and_not_again(summary: Summary) -> None:
    asked = answered(happened(summary, "runaway", 58, 100), "runaway")
    assert answer_table(asked).rows[0] == ("Tension above 200 at some time", "58% [48, 67]")
    assert "runaway" not in " ".join(opening(asked))


def test_a_first_use_that_history_tells_had_happened_and_is_not_unlikely() -> None:
    name = "first.eu.trade_ban"
    sets = ["outcomes.first_use={eu: [trade_ban]}"]
    summary = escalation.run("shipped:minimal", replications=8, sets=sets).summary
    known = altered(summary, used_before=(name,))
    never = answered(happened(known, name, 0, 40), name)
    assert answer_table(never).rows[0][1] == "before 3 Oct 2020"
    label = summary.instruments[name.split(".")[2]]
    assert row(happened(known, name, 0, 40), "What comes first", f"  {label}")[1:] == ("before 3 Oct 2020",)
    repeated = answered(happened(known, name, 30, 40), name)
    assert answer_table(repeated).rows[0][0].endswith(", again")
    assert row(repeated, "What comes first", f"  {label}")[0] == f"  {label}, again"


def test_history_tells_of_its_first_uses() -> None:
    done = escalation.run("shipped:belarus_head_of_state_first", replications=2)
    assert "first.eu.head_of_state_listing" in done.summary.used_before
    (row,) = answer_table(answered(done.summary, "first.eu.head_of_state_listing")).rows
    assert row == ("European Union: head of state listed", "before 3 Oct 2020")


def test_of_a_single_run_there_are_no_bands_and_nothing_is_said_of_them() -> None:
    runs = (escalation.run("shipped:minimal", replications=1, seed=seed).summary for seed in range(20))
    summary = next(one for one in runs if evidence(one))
    shown_, *_ = evidence(summary)
    assert shown_.headings == ("Acts and package days", "acts", "days")
    assert "±" not in shown_.note
    assert "50%" not in " ".join(opening(summary))
    assert table(summary, "Tension").headings[1:] == ("mean", "unit")


def test_scales_stand_where_their_numbers_do(summary: Summary) -> None:
    assert row(summary, "How likely", "A runaway")[0] == "A runaway: tension passed 200 at some time"
    assert table(summary, "Highest rung").headings[0] == "Highest rung reached, of 3"
    assert table(summary, "Tension").note.startswith("Tension: all grievances added up, runaway above 200.")


def test_a_threshold_of_the_scenarios_own_is_the_one_that_is_named() -> None:
    done = escalation.run("shipped:minimal", replications=8, sets=["outcomes.runaway=5"])
    assert (
        opening(done.summary)[-1] == "Tension passed 5 at some time in 100% [68, 100] of futures (a runaway)."
    )


def test_a_run_of_a_version_that_stored_no_scales_is_shown_without(summary: Summary) -> None:
    old = altered(happened(feeding(summary), "runaway", 58, 100), runaway=None, top_rung=None, used_before=())
    assert opening(old)[-1] == "A runaway of tension: 58% [48, 67] of futures."
    assert table(old, "Highest rung").headings[0] == "Highest rung reached"
    assert row(old, "How likely", "A runaway")[0] == "A runaway of tension"


def test_totals_and_package_days_are_explained_once(summary: Summary) -> None:
    notes = " ".join(one.note for one in sections(summary))
    assert notes.count("excluding words and threats") == notes.count("package day") == 1
    assert "but words" not in notes


def test_names_are_counted_in_whole_ones(summary: Summary) -> None:
    figure = summary.figures["names_listed.belarus"]
    assert figure.band_50 is not None
    assert figure.mean is not None
    assert figure.band_50.high % 1
    _, _, middle, wide, unit = row(summary, "Tension", "Names listed by Belarus")
    assert "." not in middle + wide
    assert unit == "names"
    said = answered(summary, "names_listed.belarus")
    assert answer_table(said).rows[0][1:] == (f"{estimate(figure.mean)} names", middle)
    assert "." in row(summary, "Tension", "Tension at the end")[2]


@pytest.mark.parametrize(
    ("runs", "of", "told"),
    [(4, 40, False), (5, 40, True), (9, 1000, False), (10, 1000, True), (40, 40, True)],
)
def test_dates_are_told_when_enough_runs_had_them(summary: Summary, runs: int, of: int, told: bool) -> None:
    dates = {"median": Estimate(value=90.0, unit=DATE), "band_50": Band(low=80.0, high=120.0)}
    rare = changed(happened(summary, FIRST, runs, of), FIRST, **dates)
    cells = table(rare, "What comes first").rows[1]
    assert cells[0].strip() == "a concession"
    assert (len(cells) == 4) == told
    assert (len(answer_table(answered(rare, FIRST)).rows[0]) == 3) == told


def test_where_no_dates_are_told_nothing_is_said_of_them(summary: Summary) -> None:
    for name, figure in summary.figures.items():
        if figure.kind == "date":
            summary = happened(summary, name, 3, 40)
    assert table(summary, "What comes first").note == ""


@pytest.mark.parametrize("form", [Format.TABLE, Format.MD])
def test_under_the_title_stands_that_it_was_interrupted_and_what_was_changed(
    summary: Summary, form: Format, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = summary.replications.model_copy(update={"asked": 2000, "finished": 64})
    cut = altered(summary, replications=counts, overrides=("actors.us.policy=hardline", "until=2021-04-01"))
    title, *lines = shown(cut, form, capsys, after(1.0, interrupted=True))
    interrupted, changes, question = (line.removeprefix("- ") for line in lines[:3])
    assert title.endswith("A small flywheel")
    assert interrupted == "Interrupted: 64 of 2,000 replications finished."
    assert changes.replace("\\", "") == "With: actors.us.policy=hardline, until=2021-04-01"
    assert question == summary.scenario.question


def test_a_plain_run_has_its_question_under_the_title(
    summary: Summary, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = shown(summary, Format.TABLE, capsys)
    assert lines[:2] == [summary.scenario.title, summary.scenario.question]
    assert not [line for line in lines if re.match("Interrupted|With", line)]


def test_json_holds_the_changes(summary: Summary, capsys: pytest.CaptureFixture[str]) -> None:
    document = "\n".join(shown(altered(summary, overrides=("title=x",)), Format.JSON, capsys))
    assert json.loads(document)["overrides"] == ["title=x"]


def test_no_figure_is_needed_for_any_of_it() -> None:
    summary = escalation.run("shipped:minimal", replications=2, sets=PEACE).summary
    assert isinstance(summary.figures["runaway"], OutcomePart)
    assert "runaway" not in opening(summary)[-1]


def brief(summary: Summary, title: str) -> list[tuple[str, ...]]:
    return [row for one in evidence(summary) if one.title == title for row in one.rows]


def test_the_evidence_has_one_row_for_each_actor_with_the_totals_of_its_section(summary: Summary) -> None:
    rows = brief(summary, "What each does")
    assert [cells[0] for cells in rows] == ["Belarus", "European Union", "United States"]
    assert rows[0] == row(summary, "What each does", "Belarus")


def test_of_many_actors_the_most_active_are_shown_in_their_order_and_the_rest_counted(
    summary: Summary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("escalation.present.summary.ACTORS", 2)
    few = changed(summary, "acts.us", mean=Estimate(value=0.5))
    shown_, *_ = evidence(few)
    assert [cells[0] for cells in shown_.rows] == ["Belarus", "European Union"]
    assert shown_.note.endswith(" 1 less active actor not shown.")
    assert "not shown" not in evidence(changed(summary, "acts.us", mean=Estimate(value=0.0)))[0].note


def test_first_uses_are_shown_that_are_nearly_certain_or_open_the_likeliest_first() -> None:
    firsts = ["first.eu.trade_ban", "first.us.trade_ban"]
    sets = ["outcomes.first_use={eu: [trade_ban], us: [trade_ban]}"]
    summary = escalation.run("shipped:minimal", replications=8, sets=sets).summary
    for name in firsts:
        summary = happened(summary, name, 96, 100)
    assert [cells[1][:3] for cells in brief(summary, FIRST_USES)] == ["96%", "96%"]
    summary = happened(happened(summary, firsts[0], 30, 100), firsts[1], 60, 100)
    likely, unlikely = brief(summary, FIRST_USES)
    assert (likely[1][:3], unlikely[1][:3]) == ("60%", "30%")
    assert likely[0].count(": ") == 1
    assert len(brief(answered(summary, firsts[1]), FIRST_USES)) == 1


@pytest.mark.parametrize("form", [Format.TABLE, Format.MD])
def test_full_shows_every_section_and_else_the_end_says_how_to(
    summary: Summary, form: Format, capsys: pytest.CaptureFixture[str]
) -> None:
    run = after(1.0, Path("my runs/a"))
    short = shown(summary, form, capsys, run)
    assert short[-1].endswith("All of it: escalation summary 'my runs/a' --full")
    show_result(summary.model_copy(update={"run": run}), form, full=True)
    full = capsys.readouterr().out
    assert "All of it" not in full
    for one in sections(summary):
        assert one.headings[0] in full
    assert len(full.splitlines()) > 2 * len(short)


@pytest.mark.parametrize("form", [Format.JSON, Format.CSV])
def test_json_and_csv_are_always_complete(
    summary: Summary, form: Format, capsys: pytest.CaptureFixture[str]
) -> None:
    short = shown(summary, form, capsys)
    show_result(summary.model_copy(update={"run": after(1.0)}), form, full=True)
    assert capsys.readouterr().out.splitlines() == short


def test_a_run_in_which_nothing_happened_has_no_evidence() -> None:
    assert evidence(escalation.run("shipped:minimal", replications=4, sets=PEACE).summary) == []


def test_a_runaway_beside_a_flywheel_that_does_not_feed_itself_is_explained(summary: Summary) -> None:
    lines = opening(feeding(happened(summary, "runaway", 66, 100), DOES_NOT))
    assert lines[-1].endswith(
        "of futures (a runaway); shocks take it there too, and so it can where nothing feeds itself."
    )


def test_what_a_statistician_asks_for_stands_in_the_full_page_alone(
    summary: Summary, capsys: pytest.CaptureFixture[str]
) -> None:
    assert list(statistics(summary))
    first = "\n".join(shown(summary, Format.TABLE, capsys))
    show_result(summary.model_copy(update={"run": after(1.0)}), Format.TABLE, full=True)
    full = capsys.readouterr().out
    for line in statistics(summary):
        assert line in full
        assert line not in first


def test_a_scenario_can_ask_by_when_how_high_and_whether_it_feeds_itself() -> None:
    name, by = "first.eu.trade_ban", "2021-03-01"
    sets = [
        "outcomes.first_use={eu: [trade_ban]}",
        f"outcomes.answer=[{name}, 'prob({name}, {by})', peak_rung.eu.belarus, 'quantile(cost.eu, 0.9)', R,"
        " answers.belarus, lower(answers.belarus.us)]",
    ]
    done = escalation.run("shipped:minimal", replications=60, sets=sets)
    summary, days = done.summary, (date(2021, 3, 1) - done.summary.scenario.start).days
    values = done.columns([name])[name]
    share = summary.answers[1].estimate.value
    assert share == np.mean(values < days + 1)
    assert share <= (summary.figures[name].probability or Estimate(value=0)).value
    table = answer_table(summary)
    first, dated, rung, cost, wheel, answers, least = table.rows
    assert (first[0], dated[0]) == ("European Union: trade ban", "  by 1 Mar 2021")
    assert rung[1].endswith(" of 3")
    assert "European Union: rung 0 formal protest, rung " in table.note
    assert table.note.count("trade ban") == 1
    assert cost[1].endswith(" cost years")
    assert wheel[1].endswith(" acts")
    assert answers[0] == "Belarus: answers to each act against it"
    assert least[0].startswith("Belarus: answers to each act of United States: lower(answers.belarus.us")
    assert "One cost year" in answer_table(summary).note
    assert summary.answer == (name, "peak_rung.eu.belarus", "cost.eu")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("prob(package_days.eu, 2021-03-01)", "is a count|prob takes no number"),
        ("prob(first.eu.trade_ban, 2021-02-30)", "there is no day 2021-02-30"),
        ("prob(first_concession.eu, soon)", "is no date"),
        ("prob(first_concession.eu, 2021-03-01", "the bracket is not closed"),
        ("answers.belarus.europe", "no such outcome 'answers.belarus.europe'.*mean answers.belarus"),
        ("mean(answers.eu)", "is one number of the whole ensemble; write answers.eu, lower"),
    ],
)
def test_an_answer_that_cannot_be_measured_is_refused(answer: str, error: str) -> None:
    sets = ["outcomes.first_use={eu: [trade_ban]}", f"outcomes.answer=['{answer}']"]
    with pytest.raises(ScenarioError, match=error):
        escalation.load("shipped:minimal", sets=sets)


def test_by_when_counts_what_has_come_by_the_end_of_each_date_and_ends_at_the_probability() -> None:
    done = escalation.run("belarus_2020", replications=40, until="2021-02-01", sets=["outcomes.answer=[R]"])
    summary, seen = done.summary, 0
    assert (summary.dates[0], summary.dates[-1]) == (summary.scenario.simulate_from, summary.scenario.end)
    for name, of in summary.figures.items():
        assert (of.by_when is None) == (of.kind != "date" or of.probability.value == 0)
        if of.by_when is None:
            continue
        values = done.columns([name])[name]
        for day, share in zip(summary.dates, of.by_when, strict=True):
            assert share == np.mean(values < (day - summary.scenario.start).days + 1)
        assert list(of.by_when) == sorted(of.by_when)
        assert of.by_when[-1] == of.probability.value
        seen += 1
    assert seen > 3
    (when,) = [one for one in sections(summary) if one.title == "By when"]
    assert len(when.headings) == len(when.rows[0])
    (first,) = [one for one in evidence(summary) if one.headings[0] == FIRST_USES]
    assert first.headings[-1] == "by 1 Feb 2021"


def test_answers_to_an_actor_are_those_of_k_added_up_over_whom_they_are_aimed_at(summary: Summary) -> None:
    wheel = summary.flywheel
    assert wheel is not None
    names = [dyad.name.split(".") for dyad in wheel.dyads]
    own = [n for n, (sender, _) in enumerate(names) if sender == "belarus"]
    against = [n for n, (_, target) in enumerate(names) if target == "belarus"]
    for n in against:
        answers = wheel.answers_of("belarus", names[n][0])
        assert answers.value == pytest.approx(sum(wheel.answers[n][k] for k in own))
    followed = sum(wheel.followed[n] for n in against)
    everybody = sum(wheel.followed[n] * wheel.answers[n][k] for n in against for k in own)
    assert wheel.answers_of("belarus").value == pytest.approx(everybody / followed)
    assert wheel.answers_of("nobody").value is None


def test_an_actor_that_is_removed_takes_the_answers_that_name_it_along(tmp_path: Path) -> None:
    child = tmp_path / "child.yaml"
    child.write_text("extends: shipped:minimal\nactors: {us: null}\n", encoding="utf-8")
    assert "answers.us" not in escalation.load(child).outcomes.answer


def test_only_answers_are_dated() -> None:
    with pytest.raises(ScenarioError, match="takes no number"):
        escalation.load("minimal", sets=["outcomes.objectives.soon=prob(first_concession.eu, 2021-03-01)"])
