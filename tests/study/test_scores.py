"""The scores of a backtest, against a library that is kept by others and against their laws."""

import numpy as np
import pytest
import scoringrules
from hypothesis import given
from hypothesis import strategies as st

from escalation.study.backtest import scores

SAMPLES = [np.random.default_rng(n).poisson(rate, 200).astype(float) for n, rate in enumerate((0.3, 2, 9))]


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("value", [0.0, 1.0, 7.0])
def test_scores_are_those_of_scoringrules(sample: np.ndarray, value: float) -> None:
    assert scores.crps(sample, value) == pytest.approx(
        float(scoringrules.crps_ensemble(value, sample, estimator="fair")), abs=1e-12
    )
    low, high = scores.interval(sample, 0.95)
    assert scores.interval_score((low, high), 0.95, value) == pytest.approx(
        float(scoringrules.interval_score(value, low, high, 0.05)), abs=1e-12
    )
    assert scores.brier(0.3, value > 0) == pytest.approx(
        float(scoringrules.brier_score(float(value > 0), 0.3))
    )


@given(st.lists(st.integers(0, 20), min_size=2, max_size=30), st.integers(0, 25), st.integers(1, 12))
def test_laws_of_scores(draws: list[int], value: int, bins: int) -> None:
    sample = np.array(draws, float)
    assert scores.crps(sample + 3.0, value + 3.0) == pytest.approx(scores.crps(sample, value), abs=1e-9)
    transform = scores.pit(sample, value, bins)
    assert transform.min() >= 0.0
    assert transform.sum() == pytest.approx(1.0)
    assert scores.log_score(sample, value) > 0.0
    inner, outer = scores.interval(sample, 0.5), scores.interval(sample, 0.95)
    assert outer[0] <= inner[0] <= inner[1] <= outer[1]
    held = np.mean((sample >= outer[0]) & (sample <= outer[1]))
    assert held >= 0.95 - 1e-12
    assert held == scores.expected_share(sample, outer)


def test_a_certain_forecast_that_is_right_scores_nothing() -> None:
    sample = np.full(100, 4.0)
    assert scores.crps(sample, 4.0) == 0.0
    assert scores.interval_score(scores.interval(sample, 0.95), 0.95, 4.0) == 0.0


def test_the_tail_of_an_interval_is_exact_where_floating_point_is_not() -> None:
    # (1 - .95) / 2 is above .025 in floating point: of 40 draws one lies beyond each end, not two
    assert scores.interval(np.arange(40.0), 0.95) == (1.0, 38.0)


def calibration(truth: float, forecast: float) -> tuple[np.ndarray, float, float]:
    """Transforms of Poisson forecasts in 2,000 trials, and what their 50% intervals hold and should hold."""
    generator = np.random.default_rng(5)
    sample = generator.poisson(forecast, 5000).astype(float)
    came = generator.poisson(truth, 2000).astype(float)
    ends = scores.interval(sample, 0.5)
    bins = np.mean([scores.pit(sample, value, 10) for value in came], axis=0)
    return bins, np.mean([scores.is_held(ends, v) for v in came]), scores.expected_share(sample, ends)


@pytest.mark.parametrize("rate", [0.2, 0.6, 2.0, 9.0])
def test_a_poisson_forecast_of_a_poisson_truth_is_calibrated_and_holds_what_it_expects(rate: float) -> None:
    bins, held, expected = calibration(rate, rate)
    assert bins == pytest.approx(np.full(10, 0.1), abs=0.03)
    assert held == pytest.approx(expected, abs=0.04)
    assert expected > 0.5 + (0.2 if rate < 1 else 0.03)  # ends are whole numbers, and half is not to be had


def test_transforms_gather_on_the_side_where_a_forecast_is_wrong() -> None:
    low, held, expected = calibration(4.0, 2.0)
    assert low[-1] > 0.3
    assert held < expected - 0.2
    high, _, _ = calibration(2.0, 4.0)
    assert high[0] > 0.2


def test_what_a_sample_never_holds_lies_beyond_it() -> None:
    sample = np.repeat([1.0, 2.0], 50)
    assert scores.pit(sample, 0.0, 4).tolist() == pytest.approx([1, 0, 0, 0])
    assert scores.pit(sample, 3.0, 4).tolist() == pytest.approx([0, 0, 0, 1])
    assert scores.pit(sample, 2.0, 4).tolist() == pytest.approx([0, 0, 0.5, 0.5])


def test_blocks_keep_the_mean_and_widen_the_spread_of_a_series_that_hangs_together() -> None:
    generator = np.random.default_rng(6)
    series = np.repeat(generator.normal(size=20), 6)
    blocks = series[scores.moving_blocks(len(series), 12, 2000, generator)].mean(axis=1)
    single = series[scores.moving_blocks(len(series), 1, 2000, generator)].mean(axis=1)
    assert blocks.mean() == pytest.approx(series.mean(), abs=0.05)
    assert blocks.std() > 1.7 * single.std()
