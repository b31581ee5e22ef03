from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import escalation
from escalation.clocks import simpy_clock
from escalation.errors import InputError
from escalation.model.world import FAILED
from escalation.scenario.outcomes import Outcome
from escalation.study.objective import precision_of
from escalation.study.stats import wilson
from tests.ensemble import clocks

OUTCOMES = (
    Outcome("concession.eu", "probability", "", ""),
    Outcome("package_days.eu", "count", "days", ""),
    Outcome("first.eu.trade_ban", "date", "days", ""),
    Outcome("relation.eu.us", "rank", "", ""),
)
DONE = np.zeros(4, np.int8)
STUDENT_3, STUDENT_1 = 3.182446, 12.706205
"""Quantiles of Student's t at 0.975 with 3 and 1 degrees of freedom."""


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("concession.eu", "prob(concession.eu)"),
        ("prob(concession.eu)", "prob(concession.eu)"),
        (" mean( package_days.eu ) ", "mean(package_days.eu)"),
        ("first.eu.trade_ban", "prob(first.eu.trade_ban)"),
        ("relation.eu.us", "mean(relation.eu.us)"),
        ("quantile(package_days.eu, 0.9)", "quantile(package_days.eu, 0.9)"),
    ],
)
def test_an_outcome_is_measured_as_its_kind_is(text: str, name: str) -> None:
    assert str(precision_of(text, 0.1, OUTCOMES).expression) == name


@pytest.mark.parametrize(
    ("text", "wanted", "said"),
    [
        ("concesion.eu", 0.1, "no such outcome .concesion.eu.*did you mean concession.eu"),
        ("prob(package_days.eu)", 0.1, r"package_days.eu is a count; write mean\(package_days.eu\)"),
        ("mean(first.eu.trade_ban)", 0.1, r"is a date; write prob\(first.eu.trade_ban\)"),
        ("lower(package_days.eu)", 0.1, "has no interval that is known before the end"),
        ("R", 0.1, "has no interval that is known before the end"),
        ("prob(concession.eu) <= 0.1", 0.1, "a limit; a precision is for a value"),
        ("", 0.1, "nothing is measured"),
        ("concession.eu", 0.0, "precision: found 0; allowed is a number above 0"),
        ("concession.eu", math.nan, "precision: found nan"),
    ],
)
def test_what_cannot_be_measured_is_refused(text: str, wanted: float, said: str) -> None:
    with pytest.raises(InputError, match=said):
        precision_of(text, wanted, OUTCOMES)


def width(text: str, values: list[float], statuses: Any = DONE) -> float:
    rule = precision_of(text, 0.1, OUTCOMES)
    return rule.estimate(statuses, {rule.outcomes[0]: np.array(values)}).half_width


def test_the_half_width_is_that_of_the_interval_that_a_summary_prints() -> None:
    low, high = wilson(1, 4)
    assert width("concession.eu", [0, 1, 0, 0]) == (high - low) / 2
    assert width("first.eu.trade_ban", [np.nan, 0.0, np.nan, np.nan]) == (high - low) / 2
    assert width("package_days.eu", [1, 2, 3, 4]) == pytest.approx(STUDENT_3 * math.sqrt(5 / 3 / 4))


def test_failed_replications_do_not_count_and_nothing_is_known_from_none() -> None:
    statuses = np.array([0, FAILED, 0, FAILED], np.int8)
    assert width("package_days.eu", [1, np.nan, 3, np.nan], statuses) == pytest.approx(STUDENT_1 * 1.0)
    for text in ("package_days.eu", "concession.eu"):
        assert width(text, [np.nan] * 4, np.full(4, FAILED, np.int8)) is None


def test_a_skewed_mean_is_not_sure_enough_before_its_interval_can_be_trusted() -> None:
    rule = precision_of("package_days.eu", 1.0, OUTCOMES)
    rare = np.zeros(200)
    rare[:5] = 3.0
    for times, enough in ((1, False), (4, True)):
        values = np.tile(rare, times)
        found = rule.estimate(np.zeros(len(values), np.int8), {"package_days.eu": values})
        assert found.half_width is not None
        assert found.half_width < 1.0
        assert rule(np.zeros(len(values), np.int8), {"package_days.eu": values}) == enough


def run(out: Path | None = None, **options: Any) -> Any:
    return escalation.run("shipped:minimal", seed=1, acts="none", out=out, clock="simpy", **options)


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simpy_clock, "simulate", clocks.coin)


@pytest.mark.usefixtures("fast")
def test_a_run_goes_on_until_it_is_sure_enough_and_says_so(tmp_path: Path) -> None:
    done = run(tmp_path / "run", precision=0.03, outcome="concession.belarus")
    assert done.summary.replications.finished == 2048
    chance = done.summary.figures["concession.belarus"].probability
    assert chance is not None
    assert chance.half_width == done.summary.precision.reached <= 0.03
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["precision"] == {
        "outcome": "prob(concession.belarus)",
        "half_width": 0.03,
        "reached": done.summary.precision.reached,
        "too_few": False,
        "limit": 100_000,
        "stopped_by": "precision",
    }


@pytest.mark.usefixtures("fast")
def test_a_run_that_meets_its_limit_says_that() -> None:
    done = run(precision=0.001, outcome="mean(package_days.eu)", replications=300)
    assert done.summary.replications.finished == 300
    assert done.summary.precision.stopped_by == "limit"


def test_a_precision_needs_an_outcome() -> None:
    with pytest.raises(InputError, match="give both or neither"):
        run(precision=0.1)
