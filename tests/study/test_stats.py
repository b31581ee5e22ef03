"""Intervals, order statistics, bootstraps and tests, against published figures and SciPy's."""

from __future__ import annotations

import warnings
from math import ceil, isclose, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from escalation.study.stats import (
    FEWEST,
    Z95,
    Interval,
    apart,
    bca,
    bca_means,
    central,
    errors_of_means,
    holm,
    jackknife_error,
    mcnemar,
    quantile_intervals,
    quantile_ranks,
    student,
    student_reach,
    tango,
    too_few,
    two_shares,
    welch,
    wilson,
)  # fmt: skip


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_of_a_share_is_wilsons(hits: int, trials: int, low: float, high: float) -> None:
    interval = wilson(hits, trials)
    assert isclose(interval.low, low, abs_tol=5e-5)
    assert isclose(interval.high, high, abs_tol=5e-5)


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_its_share_and_mirrors_the_opposite_one(counts: tuple[int, int]) -> None:
    hits, trials = counts
    low, high = wilson(hits, trials)
    assert 0 <= low <= hits / trials <= high <= 1
    opposite = wilson(trials - hits, trials)
    assert isclose(low, 1 - opposite.high, abs_tol=1e-9)


def test_nothing_is_known_of_a_share_without_trials() -> None:
    assert wilson(0, 0) == (0, 1)


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


counts = st.integers(1, 500).flatmap(
    lambda n: st.tuples(st.integers(0, n), st.integers(0, n), st.just(n)).filter(
        lambda one: sum(one[:2]) <= n
    )
)


def score(b: int, c: int, n: int, d: float) -> float:
    """Tango's equation 8, with his restricted estimate."""
    B, C = -b - c + (2 * n - b + c) * d, -c * d * (1 - d)
    q = (sqrt(B * B - 8 * n * C) - B) / (4 * n)
    return (b - c - n * d) / sqrt(n * (2 * q + d * (1 - d)))


def test_a_paired_difference_has_tangos_interval() -> None:
    # Fagerland, Lydersen and Laake 2017, Statistical Analysis of Contingency Tables, chapter 8:
    # airway hyper-responsiveness before and after (Bentur et al. 2009), 7 and 1 of 21 pairs discordant
    assert tango(1, 7, 21) == pytest.approx((-0.517, -0.026), abs=5e-4)
    # what scoreci.mp(25, 28, 618) of R's PropCIs gives for 90%
    assert tango(28, 25, 618, level=0.9) == pytest.approx((-0.0148, 0.0247), abs=5e-5)


@given(counts)
def test_its_ends_are_where_the_score_is_the_quantile(found: tuple[int, int, int]) -> None:
    b, c, n = found
    low, high = tango(b, c, n)
    assert -1 <= low <= (b - c) / n <= high <= 1
    for end, wanted in ((low, Z95), (high, -Z95)):
        if abs(end) < 0.999:
            assert score(b, c, n, end) == pytest.approx(wanted, abs=1e-5)


@given(counts)
def test_swapping_the_runs_mirrors_it(found: tuple[int, int, int]) -> None:
    b, c, n = found
    low, high = tango(b, c, n)
    other = tango(c, b, n)
    assert isclose(low, -other.high, abs_tol=1e-9)
    assert isclose(high, -other.low, abs_tol=1e-9)


@given(counts)
def test_it_leaves_out_nought_where_mcnemars_test_says_so(found: tuple[int, int, int]) -> None:
    b, c, n = found
    low, high = tango(b, c, n)
    p = mcnemar(b, c)
    if abs(p - 0.05) > 1e-6:
        assert (p < 0.05) == (not low <= 0.0 <= high)


def test_without_any_discordant_pair_there_is_nothing_to_test() -> None:
    assert mcnemar(0, 0) == 1.0
    low, high = tango(0, 0, 100)
    assert low == pytest.approx(-wilson(0, 100).high)
    assert high == pytest.approx(wilson(0, 100).high)


def test_independent_shares_have_newcombes_interval() -> None:
    # Newcombe 1998, Statistics in Medicine 17:873, table II, method 10: 56/70 against 48/80
    low, high = apart((48 / 80, wilson(48, 80)), (56 / 70, wilson(56, 70)))
    assert isclose(low, 0.0524, abs_tol=5e-5)
    assert isclose(high, 0.3339, abs_tol=5e-5)


@pytest.mark.parametrize("degrees", [9, 19, 199])
@pytest.mark.parametrize("t", [0.3, 2.0, 4.0])
def test_the_p_value_of_a_mean_is_students(t: float, degrees: int) -> None:
    assert student(t, 1.0, degrees) == pytest.approx(2 * stats.t.sf(t, degrees), rel=1e-9)


def test_two_independent_means_are_tested_as_welch_did() -> None:
    one, other = np.random.default_rng(1).normal(0, 1, 40), np.random.default_rng(2).normal(0.5, 3, 25)
    errors = one.std(ddof=1) / sqrt(40), other.std(ddof=1) / sqrt(25)
    p = student(other.mean() - one.mean(), float(np.hypot(*errors)), welch(errors, (40, 25)))
    assert p == pytest.approx(stats.ttest_ind(one, other, equal_var=False).pvalue, rel=1e-6)


def test_equal_shares_are_not_told_apart() -> None:
    assert two_shares((0, 0), (50, 60)) == 1.0
    assert two_shares((25, 30), (50, 60)) == pytest.approx(1.0)
    assert two_shares((10, 40), (50, 60)) < 0.001


def test_p_values_are_adjusted_as_holm_did() -> None:
    # Holm 1979, section 2, worked by hand: 4 p1, 3 p2, 2 p3, p4, never falling
    found = holm(np.array([0.01, 0.04, 0.03, 0.005]))
    assert found == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_what_is_not_tested_is_not_counted() -> None:
    found = holm(np.array([np.nan, 0.02, 0.5, np.nan]))
    assert found[[1, 2]] == pytest.approx([0.04, 0.5])
    assert np.isnan(found[[0, 3]]).all()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_an_adjusted_p_value_is_no_smaller_and_keeps_the_order(values: list[float]) -> None:
    p = np.array(values)
    found = holm(p)
    assert (found >= p).all()
    assert (found <= 1).all()
    assert (np.diff(found[np.argsort(p)]) >= 0).all()


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(0, 2), st.floats(0, 2))
def test_estimates_known_exactly_differ_exactly(a: float, b: float, down: float, up: float) -> None:
    assert apart((a, Interval(a, a)), (b, Interval(b, b))) == (b - a, b - a)
    low, high = apart((a, Interval(a - down, a + up)), (b, Interval(b, b)))
    assert low == pytest.approx(b - a - up)
    assert high == pytest.approx(b - a + down)


@pytest.mark.parametrize("n", [1, 2, 19, 39, 40, 41, 80, 400, 1000, 4000, 100_000])
def test_the_ends_of_a_band_of_counts_are_exact_order_statistics(n: int) -> None:
    low, high = central(np.arange(n, 0, -1.0), 0.95, whole=True)
    assert low == ceil(n * 25 / 1000)
    assert high == ceil(n * 975 / 1000)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
@pytest.mark.parametrize("n", [5, 6, 30, 100, 400])
def test_two_order_statistics_hold_a_quantile_at_least_as_often_as_they_say(n: int, share: float) -> None:
    ranks = quantile_ranks(n, share)
    inside = stats.binom.cdf(np.arange(n), n, share)
    if ranks is None:
        assert 1 - inside[-1] > 0.025 or inside[0] > 0.025
        return
    lower, upper = ranks
    below, above = inside[lower - 1], 1 - inside[upper - 1]
    assert max(below, above) <= 0.025 + 1e-9
    assert inside[lower] > 0.025
    assert 1 - inside[upper - 2] > 0.025


def test_columns_are_read_from_one_sorted_matrix() -> None:
    ordered = np.sort(np.random.default_rng(2).normal(size=(4, 60)), axis=1)
    together = quantile_intervals(ordered, 0.5)
    for column in range(4):
        assert quantile_intervals(ordered[column], 0.5).tolist() == together[:, column].tolist()


SHAPES = {
    "normal": (lambda rng, n: rng.normal(3, 1, n), 3.0),
    "counts": (lambda rng, n: rng.poisson(5, n) * 1.0, 5.0),
    "costs": (lambda rng, n: rng.lognormal(0, 1, n), float(np.exp(0.5))),
    "rare": (lambda rng, n: (rng.random(n) < 0.05) * rng.lognormal(0, 1, n), 0.05 * float(np.exp(0.5))),
    "seldom": (lambda rng, n: (rng.random(n) < 0.2) * rng.lognormal(0, 1, n), 0.2 * float(np.exp(0.5))),
}


@pytest.mark.parametrize("n", [3, 5, 10, 20, 50, 100, 200])
@pytest.mark.parametrize("shape", SHAPES)
def test_an_interval_of_a_mean_seldom_misses_without_a_word(shape: str, n: int) -> None:
    """Silent misses of 1.96 standard errors were 20% at 3 and 52% of rare costs at 20."""
    draw, truth = SHAPES[shape]
    rng = np.random.default_rng(7)
    values = np.stack([draw(rng, n) for _ in range(1000)])
    half = student_reach(n) * values.std(axis=1, ddof=1) / sqrt(n)
    missed = np.abs(values.mean(axis=1) - truth) > half
    silent = missed & ~too_few(values)
    assert silent.mean() <= 0.085
    if shape == "normal":
        assert 0.93 <= 1 - missed.mean() <= 0.97


def test_many_or_even_values_are_not_called_too_few() -> None:
    rng = np.random.default_rng(3)
    assert too_few(rng.poisson(5, (500, 30)) * 1.0).mean() < 0.03
    assert too_few(rng.exponential(1, (500, 200))).mean() < 0.01
    assert not too_few(np.zeros(100))
    assert too_few(np.zeros(99))


def test_a_bias_corrected_interval_is_that_of_the_mean_where_it_is_one() -> None:
    values = np.random.default_rng(4).gamma(1, 1, (40, 3))
    draws = np.random.default_rng(5).multinomial(40, np.full(40, 1 / 40), 2000) / 40
    without = (values.sum(axis=0) - values) / 39
    ends = bca(values.mean(axis=0), (draws @ values).T, without)
    np.testing.assert_allclose(ends, bca_means(values), atol=0.1)


def test_the_jackknife_of_a_mean_is_its_standard_error() -> None:
    values = np.random.default_rng(6).normal(size=(30, 2))
    without = (values.sum(axis=0) - values) / 29
    np.testing.assert_allclose(jackknife_error(without), values.std(axis=0, ddof=1) / sqrt(30))
