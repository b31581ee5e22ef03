"""Bootstrap intervals of means, checked against SciPy's."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from escalation.study.comparing.bootstrap import FEWEST, bca_means, errors_of_means

stats = pytest.importorskip("scipy.stats")


def scipys(values: np.ndarray, resamples: int) -> np.ndarray:
    found = stats.bootstrap((values,), np.mean, n_resamples=resamples, method="BCa", rng=1, batch=1000)
    return np.array(found.confidence_interval)


SKEWED = np.random.default_rng(3)
SAMPLES = {
    "normal": SKEWED.normal(5, 2, 120),
    "exponential": SKEWED.exponential(2, 60),
    "lognormal": SKEWED.lognormal(0, 1.5, 200),
    "rare": (SKEWED.random(300) < 0.03).astype(float),
    "few": SKEWED.gamma(0.5, 2, 15),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_an_interval_is_scipys_but_for_chance(name: str) -> None:
    values = SAMPLES[name]
    ours, theirs = bca_means(values[:, None], resamples=20_000)[0], scipys(values, 20_000)
    step = 1 / len(values) if name == "rare" else 0.0  # means of 0 and 1 lie on a grid
    assert ours == pytest.approx(theirs, abs=step + 0.03 * (theirs[1] - theirs[0]))


def test_two_thousand_resamples_are_near_enough() -> None:
    for values in SAMPLES.values():
        ours, theirs = bca_means(values[:, None])[0], scipys(values, 20_000)
        assert ours == pytest.approx(theirs, abs=0.12 * (theirs[1] - theirs[0]))


def test_the_interval_of_skewed_values_reaches_further_into_the_long_tail() -> None:
    low, high = bca_means(SAMPLES["lognormal"][:, None])[0]
    mean = SAMPLES["lognormal"].mean()
    assert high - mean > 1.15 * (mean - low)


@pytest.mark.parametrize("value", [0.0, 0.1, -3.0, 1e9])
def test_equal_values_have_an_interval_without_width_and_no_warning(value: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert bca_means(np.full((25, 1), value))[0].tolist() == [value, value]


def test_a_column_has_the_same_interval_alone_and_among_others() -> None:
    columns = np.random.default_rng(5).gamma(1, 1, (50, 7))
    together = bca_means(columns)
    for number in range(7):
        np.testing.assert_allclose(bca_means(columns[:, [number]])[0], together[number], rtol=1e-12)


def test_too_few_values_have_no_interval() -> None:
    assert np.isnan(bca_means(np.arange(FEWEST - 1.0)[:, None])).all()
    assert not np.isnan(bca_means(np.arange(FEWEST * 1.0)[:, None])).any()


@given(
    arrays.arrays(float, st.tuples(st.integers(10, 60), st.just(2)), elements=st.integers(-5, 40).map(float))
)
def test_ends_are_in_order_and_within_the_values(values: np.ndarray) -> None:
    ends = bca_means(values, resamples=200)
    assert (ends[:, 0] <= ends[:, 1]).all()
    assert (ends >= values.min(axis=0)[:, None]).all()
    assert (ends <= values.max(axis=0)[:, None]).all()


@given(arrays.arrays(float, (30, 1), elements=st.integers(0, 9).map(float)), st.integers(-50, 50))
def test_moving_all_values_moves_the_interval(values: np.ndarray, by: int) -> None:
    np.testing.assert_allclose(bca_means(values + by)[0], bca_means(values)[0] + by, atol=1e-9)


def test_batches_of_many_values_tell_as_much_as_the_values() -> None:
    values = np.random.default_rng(8).exponential(1, (20_500, 1))
    plain = values.std(ddof=1) / np.sqrt(len(values))
    assert errors_of_means(values)[0] == pytest.approx(plain, rel=0.1)
    low, high = bca_means(values)[0]
    assert high - low == pytest.approx(2 * 1.96 * plain, rel=0.15)


def test_the_error_of_a_mean_is_the_usual_one() -> None:
    values = np.random.default_rng(9).normal(size=(400, 3))
    np.testing.assert_allclose(errors_of_means(values), values.std(axis=0, ddof=1) / 20)
