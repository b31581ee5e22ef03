from __future__ import annotations

import json
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import escalation
from escalation.clocks import simpy_clock
from escalation.scenario.outcomes import Outcome
from escalation.study.stats import wilson
from escalation.study.summary import OutcomePart, summarised
from escalation.study.values import Band
from tests.ensemble import clocks


def of_kind(kind: str) -> Outcome:
    return Outcome("some.outcome", kind, "unit", "some outcome")


def figure(outcome: Outcome, values: np.ndarray) -> OutcomePart:
    (part,) = summarised([outcome], np.asarray(values, float)[None])
    return part


def test_a_count_has_a_mean_with_its_error_and_bands_of_values_that_occurred() -> None:
    values = np.array([0.0, 1, 1, 2, 3, 10])
    shown = figure(of_kind("count"), values)
    assert shown.n == 6
    assert shown.mean.value == pytest.approx(17 / 6)
    assert shown.mean.error == pytest.approx(np.std(values, ddof=1) / sqrt(6))
    assert shown.mean.high == pytest.approx(
        17 / 6 + 2.570582 * shown.mean.error
    )  # Student, 5 degrees of freedom
    assert shown.mean.too_few
    assert (shown.median.low, shown.median.high) == (0, 10)
    assert shown.median.value == 1
    assert shown.band_50 == Band(low=1, high=3)
    assert shown.band_95 == Band(low=0, high=10)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=50))
def test_a_band_of_counts_holds_at_least_its_share(counts: list[int]) -> None:
    values = np.array(counts, float)
    shown = figure(of_kind("count"), values)
    for band, share in ((shown.band_50, 0.5), (shown.band_95, 0.95)):
        assert band is not None
        assert np.mean((values >= band.low) & (values <= band.high)) >= share - 1e-12


def test_a_level_interpolates_between_values() -> None:
    shown = figure(of_kind("level"), np.array([0.0, 1.0]))
    assert shown.median.value == 0.5
    assert shown.band_50 == Band(low=0.25, high=0.75)


def test_a_probability_is_the_share_of_replications() -> None:
    shown = figure(of_kind("probability"), np.array([1.0, 0, 0, 0]))
    assert shown.probability.value == 0.25
    assert (shown.probability.low, shown.probability.high) == wilson(1, 4)
    assert shown.mean is None


def test_a_date_is_summarised_over_the_replications_in_which_it_came() -> None:
    shown = figure(of_kind("date"), np.array([np.nan, 10, 20, 30, np.nan]))
    assert shown.probability.value == 0.6
    assert shown.median.value == 20
    assert shown.band_50 == Band(low=10, high=30)


def test_a_date_that_never_came_has_a_probability_only() -> None:
    shown = figure(of_kind("date"), np.array([np.nan, np.nan]))
    assert shown.probability.value == 0
    assert shown.median is None


def test_a_rank_has_shares_by_value_and_the_most_frequent_one() -> None:
    shown = figure(of_kind("rank"), np.array([0.0, 3, 3, 1]))
    assert shown.shares == {"0": 0.25, "1": 0.25, "3": 0.5}
    assert shown.mode == 3


def test_a_first_use_has_a_median_with_an_interval() -> None:
    days = np.arange(1.0, 101.0)
    shown = figure(of_kind("date"), np.append(days, [np.nan] * 20))
    assert (shown.median.value, shown.median.low, shown.median.high) == (50, 40, 61)
    assert shown.median.unit == "date"


def test_many_outcomes_at_once_are_what_each_is_alone() -> None:
    rng = np.random.default_rng(3)
    kinds = ["count", "level", "rank", "probability", "date"] * 3
    values = rng.poisson(2, (15, 80)).astype(float)
    values[[3, 8, 13]] = values[[3, 8, 13]] > 2
    values[[4, 9, 14], :30] = np.nan
    outcomes = [of_kind(kind) for kind in kinds]
    together = summarised(outcomes, values)
    assert together == [figure(outcome, row) for outcome, row in zip(outcomes, values, strict=True)]


def test_one_replication_has_no_error_and_none_has_no_figure() -> None:
    assert figure(of_kind("count"), np.array([4.0])).mean.error is None
    assert figure(of_kind("count"), np.array([])).mean is None


def test_failed_replications_are_counted_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simpy_clock, "simulate", clocks.failing_each_third)
    summary = escalation.run("shipped:minimal", replications=9).summary
    assert summary.replications.model_dump() == {"asked": 9, "finished": 9, "failed": 3, "truncated": 0}
    first = next(iter(summary.figures.values()))
    assert first.n == 6
    assert first.mean.value == 1000 + np.mean([1, 2, 4, 5, 7, 8])
    assert not summary.clean


def test_truncated_replications_are_counted_and_included(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simpy_clock, "simulate", clocks.truncating_the_first)
    summary = escalation.run("shipped:minimal", replications=3).summary
    assert summary.replications.truncated == 1
    assert next(iter(summary.figures.values())).n == 3


def test_a_summary_without_any_good_replication_is_still_one_document(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(simpy_clock, "simulate", clocks.always_failing)
    summary = escalation.run("shipped:minimal", replications=2).summary
    document = json.loads(summary.model_dump_json())
    assert document["replications"]["failed"] == 2
    assert all(outcome["mean"] is None for outcome in document["outcomes"])
