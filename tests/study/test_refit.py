"""`backtest --refit`: parameters are learned at each origin, and from nothing that lies after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from escalation.scenario.load import load
from escalation.scenario.record import parse_record, write_record
from escalation.study import runner
from escalation.study.backtest import backtest as refitting
from escalation.study.backtest.asked import BacktestAsked, backtest_of
from escalation.study.backtest.backtest import BACKTEST, Refit, play_origin
from escalation.study.execution import Execution, Request
from escalation.study.source import open_scenario
from tests.study.test_backtest import TEXT

WHOM = {"actors": ("belarus", "eu", "us"), "target": "belarus"}
QUICK = Execution(clock="compiled")


@pytest.fixture(autouse=True)
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refitting, "DRAWS", 400)


@pytest.fixture
def record(tmp_path: Path) -> Path:
    path = tmp_path / "small.csv"
    path.write_text(TEXT)
    return path


def asked_of(record: Path, origins: str = "2021-03:2021-04") -> BacktestAsked:
    source = open_scenario("minimal", Request(replications=40, seed=3))
    return backtest_of(source, str(record), origins, refit=True, **WHOM)  # type: ignore[arg-type]


def test_nothing_that_a_record_holds_after_an_origin_changes_what_is_learned_or_forecast(
    record: Path,
) -> None:
    day = date(2021, 4, 1)
    held = parse_record(TEXT.encode(), "r", "r", load("minimal").instruments)
    entries = tuple(
        replace(entry, instrument="trade_ban", actor="us", target="belarus") if entry.date >= day else entry
        for entry in held.entries
    )
    other = record.with_name("other.csv")
    other.write_text(write_record(replace(held, entries=entries)))
    origins = []
    for path in (record, other):
        asked = asked_of(path)
        origins.append(play_origin(asked, day, QUICK, Refit(asked)))
    assert origins[0].learned
    assert origins[0] == origins[1]


def test_what_lies_before_an_origin_is_learned_from(record: Path) -> None:
    day = date(2021, 4, 1)
    quiet = record.with_name("quiet.csv")
    lines = TEXT.splitlines()
    kept = [line for line in lines[1:] if not "2020-10-03" < line[:10] < "2021-03-31"]
    quiet.write_text("\n".join([lines[0], *kept, ""]))
    learned = []
    for path in (record, quiet):
        asked = asked_of(path)
        _, means = Refit(asked).sample(day, 40, QUICK)
        learned.append(means["senders.policy.reciprocity"])
    assert learned[1] < learned[0]


def test_a_quarter_is_simulated_once_for_all_origins(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, played = asked_of(record, "2021-03:2021-07"), []
    real = refitting.simulated
    monkeypatch.setattr(
        refitting,
        "simulated",
        lambda freed, window, *rest: (played.append(window.start), real(freed, window, *rest))[1],
    )
    refit = Refit(asked)
    for day in asked.origins:
        refit.sample(day, 10, QUICK)
    assert len(played) * refitting.DRAWS == refit.work(asked.origins)
    assert len(played) < sum(len(refit._spans(day)) for day in asked.origins)


def test_where_nothing_lies_before_the_prior_is_drawn(record: Path) -> None:
    asked = asked_of(record)
    scores, means = Refit(asked).sample(date(2020, 10, 10), 500, QUICK)
    assert means == {}
    assert np.abs(scores.mean(axis=0)).max() < 0.25
    assert np.abs(scores.std(axis=0) - 1).max() < 0.2


def test_a_backtest_says_what_was_learned_and_is_the_same_when_resumed(record: Path, tmp_path: Path) -> None:
    asked, done = asked_of(record), [0]

    def stop(count: int) -> None:
        done[0] += count
        if done[0] > 850:
            raise KeyboardInterrupt

    with pytest.raises(runner.Interrupted):
        runner.begin(BACKTEST, asked, Execution(clock="compiled", on_progress=stop), tmp_path / "cut")
    resumed = runner.resume(BACKTEST, tmp_path / "cut", QUICK)
    whole = runner.begin(BACKTEST, asked, QUICK)
    assert resumed.model_copy(update={"run": None}) == whole.model_copy(update={"run": None})
    assert set(whole.learned) == set(asked.origins)
    assert whole.refit
