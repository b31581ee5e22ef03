"""Backtests: nothing of the future leaks, targets are counted alike, what is resumed is the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from escalation.errors import InputError
from escalation.present.backtest import page
from escalation.present.format import actor_label
from escalation.present.page import Table
from escalation.scenario.document import Shock
from escalation.scenario.load import load, with_past
from escalation.scenario.record import parse_record, write_record
from escalation.scenario.write import content_hash
from escalation.study import runner
from escalation.study.backtest.asked import BacktestAsked, backtest_of, top_rungs
from escalation.study.backtest.backtest import BACKTEST, play_origin
from escalation.study.backtest.pooling import MODEL, pooled, skills_of
from escalation.study.backtest.result import OriginScore
from escalation.study.backtest.rivals import RIVALS, Futures, History
from escalation.study.backtest.scoring import forecasters, observed, targets_of
from escalation.study.execution import Execution, Request
from escalation.study.source import open_scenario

TEXT = """date,actor,target,instrument,package,kind,answers
2020-09-23,belarus,,secret_inauguration,oath,shock,
2020-10-02,eu,belarus,listing,first,act,oath
2020-10-05,belarus,eu,listing,answer,act,first
2020-11-06,eu,belarus,listing,second,act,
2020-11-20,belarus,eu,staff_cut,cut,act,second
2020-12-17,us,belarus,listing,third,act,
2020-12-17,eu,belarus,trade_ban,third,act,
2021-01-10,belarus,us,protest,word,act,third
2021-02-18,us,belarus,listing,fourth,act,
2021-03-10,belarus,us,listing,mirror,act,fourth
2021-04-19,us,belarus,trade_ban,fifth,act,
2021-06-21,eu,belarus,listing,sixth,act,
2021-09-30,eu,belarus,listing,last,act,
"""


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("records") / "small.csv"
    path.write_text(TEXT)
    return path


def asked_of(record: Path, origins: str = "2021-01:2021-03", **changes: object) -> BacktestAsked:
    source = open_scenario("minimal", Request(replications=30, seed=3))
    return backtest_of(source, str(record), origins, **changes)  # type: ignore[arg-type]


def play(asked: BacktestAsked, folder: Path | None = None, **work: object):
    return runner.begin(BACKTEST, asked, Execution(clock="simpy", **work), folder)  # type: ignore[arg-type]


@cache
def whole(record: Path, origins: str = "2021-01:2021-03", horizons: str = "30,120"):
    return play(asked_of(record, origins, horizons=horizons))


def test_nothing_that_a_record_holds_after_an_origin_changes_what_is_forecast(record: Path) -> None:
    day, whom = date(2021, 2, 1), {"actors": ("belarus", "eu", "us"), "target": "belarus"}
    held = parse_record(TEXT.encode(), "r", "r", load("minimal").instruments)
    entries = tuple(
        replace(entry, instrument="protest", actor="us", target="eu") if entry.date >= day else entry
        for entry in held.entries[:-1]
    )
    record.with_name("other.csv").write_text(write_record(replace(held, entries=entries)))
    both = [asked_of(path, **whom) for path in (record, record.with_name("other.csv"))]
    assert both[0].record != both[1].record
    scenarios = {content_hash(with_past(asked.scenario, asked.parsed, day, 180).scenario) for asked in both}
    assert len(scenarios) == 1
    origins = [play_origin(asked, day, Execution(clock="simpy")) for asked in both]
    assert origins[0].model_dump_json() == origins[1].model_dump_json()
    first, second = (dict(forecasters(asked, origins[0], np.random.default_rng(1))) for asked in both)
    for name in RIVALS:
        for actor in whom["actors"]:
            assert all(map(np.array_equal, first[name][actor], second[name][actor])), name


def test_origins_of_which_no_window_is_in_the_record_are_refused(record: Path) -> None:
    with pytest.raises(InputError, match=r"--origins: the record ends on .*; the 30 days from 2031-06-01 on"):
        asked_of(record, "2031-06:2031-07")


def test_the_past_holds_all_that_was_done_before_the_origin_and_nothing_else(record: Path) -> None:
    asked = asked_of(record)
    past = with_past(asked.scenario, asked.parsed, date(2021, 2, 1), 90).scenario
    assert (past.takeover, past.end) == (date(2021, 2, 1), date(2021, 5, 2))
    assert max(act.date for act in past.history.values()) < past.takeover
    assert len(past.history) == sum(entry.date < past.takeover for entry in asked.parsed.acts)
    assert past.history["eu_20201002"].answers == ("secret_inauguration",)
    assert past.history["belarus_20201005"].answers == ("eu_20201002",)


def test_dated_shocks_after_an_origin_are_unknown_unless_they_are_foreseen_or_said_to_be_known() -> None:
    shock = {
        "label": "later",
        "date": date(2021, 3, 1),
        "blamed": "belarus",
        "magnitude": 5.0,
        "salience": {"eu": 1.0},
    }
    plain = load("minimal")
    scenario = plain.model_copy(update={"shocks": {**plain.shocks, "later": Shock.model_validate(shock)}})
    held = parse_record(TEXT.encode(), "r", "r", scenario.instruments)
    day = date(2021, 2, 1)
    assert "later" not in with_past(scenario, held, day).scenario.shocks
    assert "later" in with_past(scenario, held, day, shocks_known=True).scenario.shocks
    foreseen = {"later": scenario.shocks["later"].model_copy(update={"foreseen": True})}
    again = scenario.model_copy(update={"shocks": {**scenario.shocks, **foreseen}})
    assert "later" in with_past(again, held, day).scenario.shocks


def test_targets_are_read_from_a_record_as_from_a_replication() -> None:
    days = {"eu": np.array([10, 40, 130]), "belarus": np.array([15, 300])}
    came = targets_of(observed(days, 20), "belarus", (30, 90))
    assert (came.counts["eu", 30][0], came.counts["eu", 90][0], came.counts["belarus", 90][0]) == (1, 1, 0)
    assert (came.waits["eu"][0], came.waits["belarus"][0]) == (20, 180)
    assert came.answered[0] == 0.0
    assert np.isnan(targets_of(observed(days, 131), "belarus", (30,)).answered[0])
    assert targets_of(observed(days, 5), "belarus", (30,)).answered[0] == 1.0


def test_scores_stand_for_every_forecaster_actor_and_horizon_that_the_record_covers(record: Path) -> None:
    result = whole(record)
    names = {score.forecaster for score in result.scores}
    assert names == {MODEL, *RIVALS}
    assert result.score(MODEL, 30).n == 3 * 3
    assert {score.actor for score in result.scores} == {"", "belarus", "eu", "us"}
    for entry in result.histograms:
        assert len(entry.counts) == 10
        assert sum(entry.counts) == pytest.approx(result.score(entry.forecaster, entry.horizon).n)
    assert [entry.observed for entry in result.forecasts if (entry.actor, entry.horizon) == ("eu", 30)] == [
        0,
        0,
        0,
    ]
    assert type(result).model_validate_json(result.model_dump_json()) == result


def test_skill_is_one_less_the_ratio_of_scores_and_its_interval_holds_it(record: Path) -> None:
    result = whole(record, "2020-11:2021-08", "30")
    for skill in result.skills:
        own, other = result.score(MODEL, 30), result.score(skill.forecaster, 30)
        assert skill.skill.value == pytest.approx(1 - own.crps / other.crps)
        assert skill.skill.low is not None
        assert skill.skill.high is not None
        assert skill.skill.low <= skill.skill.value <= skill.skill.high
    assert all(skill.skill.low is None for skill in whole(record).skills)


def test_a_forecaster_has_no_skill_against_itself_whatever_is_resampled() -> None:
    days = [date(2021, month, 1) for month in range(1, 13)]
    rows = [row(day, name, place % 5 + 0.5) for name in (MODEL, "twin") for place, day in enumerate(days)]
    (skill,) = skills_of([rows], 1)
    assert (skill.skill.value, skill.skill.low, skill.skill.high) == (0.0, 0.0, 0.0)
    half = [one.model_copy(update={"crps": one.crps / (1 + (one.forecaster == MODEL))}) for one in rows]
    (skill,) = skills_of([half], 1)
    assert (skill.skill.value, skill.skill.low, skill.skill.high) == pytest.approx((0.5, 0.5, 0.5))


def row(day: date, name: str, crps: float, n: int = 1) -> OriginScore:
    return OriginScore(
        origin=day,
        horizon=30,
        forecaster=name,
        n=n,
        crps=crps,
        held_50=0.5,
        held_95=1.0,
        expected_50=0.6,
        expected_95=0.96,
        bias=0.0,
    )


def test_pooled_scores_count_each_forecast_once(record: Path) -> None:
    first = whole(record, horizons="30")
    other = first.model_copy(
        update={
            "record": "other",
            "by_origin": tuple(
                one.model_copy(update={"crps": 2 * one.crps, "n": 9}) for one in first.by_origin
            ),
        }
    )
    both = pooled([first, other])
    alone = first.score(MODEL, 30)
    assert both.score(MODEL, 30, "small").crps == pytest.approx(alone.crps)
    assert both.score(MODEL, 30, "other").crps == pytest.approx(2 * alone.crps)
    assert both.score(MODEL, 30).crps == pytest.approx(alone.crps * (3 + 2 * 9) / (3 + 9))
    assert both.score(MODEL, 30).n == 3 * 3 + 3 * 9
    skills = {skill.forecaster: skill.skill.value for skill in first.skills}
    for name in RIVALS:
        pooled_skill = both.score(name, 30).skill
        assert pooled_skill is not None
        assert pooled_skill.value == pytest.approx(skills[name])
    assert {score.record for score in pooled([first]).scores} == {"small"}


def test_backtests_that_do_not_belong_together_are_not_pooled(record: Path) -> None:
    first, other = whole(record, horizons="30"), whole(record, horizons="60")
    with pytest.raises(InputError, match="other horizons or shocks"):
        pooled([first, other])
    with pytest.raises(InputError, match="two backtests of one record"):
        pooled([first, first])


def test_windows_that_reach_beyond_the_record_are_not_scored(record: Path) -> None:
    result = play(asked_of(record, origins="2021-09:2021-09", horizons="30,90"))
    assert result.score(MODEL, 30).n == 3
    assert not [score for score in result.scores if score.horizon == 90]
    assert {entry.observed for entry in result.forecasts if entry.horizon == 90} == {None}


def test_a_backtest_that_was_interrupted_is_resumed_to_the_same_result(record: Path, tmp_path: Path) -> None:
    asked, done = asked_of(record, horizons="30"), 0

    def stop(count: int) -> None:
        nonlocal done
        done += count
        if done > 40:
            raise KeyboardInterrupt

    with pytest.raises(runner.Interrupted, match="escalation resume"):
        play(asked, tmp_path / "bt", on_progress=stop)
    resumed = runner.resume(BACKTEST, tmp_path / "bt", Execution(clock="simpy"))
    assert resumed.model_copy(update={"run": None}) == whole(record, horizons="30").model_copy(
        update={"run": None}
    )
    assert runner.open_result(BACKTEST, tmp_path / "bt").scores == resumed.scores


def test_the_highest_rung_so_far_counts_no_words(record: Path) -> None:
    asked = asked_of(record)
    assert top_rungs(asked, date(2020, 11, 21)) == {"belarus": 2, "eu": 1, "us": -1}
    assert top_rungs(asked, date(2020, 12, 1), date(2021, 1, 1))["eu"] == 3


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"origins": "2021"}, "--origins 2021"),
        ({"origins": "2021-05:2021-01"}, "first and last month"),
        ({"horizons": "0,30"}, "--horizons"),
        ({"horizons": "a"}, "--horizons a"),
        ({"target": "china"}, "--target: china"),
        ({"actors": ("china",)}, "--actor: china"),
        ({"shocks": "some"}, "shocks"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(
    record: Path, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        asked_of(record, **changes)


def test_rivals_know_the_same_shocks_as_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = tmp_path / "small.csv"
    record.write_text(
        TEXT.replace("answers\n", "answers,size\n").replace(",oath,shock,\n", ",oath,shock,,5\n")
        .replace("2020-11-20", "2020-11-10,belarus,,crackdown,wave,shock,,6\n2020-11-20")
        .replace("2021-04-19", "2021-03-20,belarus,,crackdown,later,shock,,6\n2021-04-19")
    )  # fmt: skip
    record.write_text("\n".join(_filled(line) for line in record.read_text().splitlines()) + "\n")
    asked, day, seen = asked_of(record), date(2021, 2, 1), []

    def spy(past: History, *_: object) -> Futures:
        seen.append(past.shocks.tolist())
        return {actor: [np.array([], np.int64)] * 2 for actor in past.actors}

    for name in RIVALS:
        monkeypatch.setitem(RIVALS, name, spy)  # type: ignore[arg-type]
    origin = play_origin(asked, day, Execution(clock="simpy"))
    dict(forecasters(asked, origin, np.random.default_rng(1)))
    past = with_past(asked.scenario, asked.parsed, day).scenario
    known = sorted((shock.date - asked.start).days for shock in past.shocks.values() if shock.date)
    assert known == [0, 48]
    assert seen == [known] * len(RIVALS)


def _filled(line: str) -> str:
    return line + "," * (7 - line.count(","))


def test_the_page_shows_the_worst_horizon_and_the_worst_actor_first(record: Path) -> None:
    result = whole(record)
    (table,) = (
        block
        for part in page(result).sections
        for block in part.blocks
        if isinstance(block, Table) and block.title == "By actor"
    )
    assert len(table.rows) == len(result.actors)

    def behind(actor: str) -> float:
        scores = [score for score in result.scores if score.actor == actor]
        return max(
            result.score(MODEL, horizon, actor).crps
            - min(s.crps for s in scores if s.horizon == horizon and s.forecaster != MODEL)
            for horizon in result.horizons
        )

    order = sorted(result.actors, key=behind, reverse=True)
    assert [row[0] for row in table.rows] == [actor_label(actor) for actor in order]
