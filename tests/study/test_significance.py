"""Intervals and tests of differences, against published figures and SciPy."""

from __future__ import annotations

from math import isclose, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.study.comparing.significance import apart, holm, mcnemar, student, tango, two_shares, welch
from escalation.study.intervals import Z95, Interval, wilson

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
    assert tango(28, 25, 618, z=1.6448536) == pytest.approx((-0.0148, 0.0247), abs=5e-5)


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
    stats = pytest.importorskip("scipy.stats")
    assert student(t, 1.0, degrees) == pytest.approx(2 * stats.t.sf(t, degrees), rel=0.05)


def test_two_independent_means_are_tested_as_welch_did() -> None:
    stats = pytest.importorskip("scipy.stats")
    one, other = np.random.default_rng(1).normal(0, 1, 40), np.random.default_rng(2).normal(0.5, 3, 25)
    errors = one.std(ddof=1) / sqrt(40), other.std(ddof=1) / sqrt(25)
    p = student(other.mean() - one.mean(), float(np.hypot(*errors)), welch(errors, (40, 25)))
    assert p == pytest.approx(stats.ttest_ind(one, other, equal_var=False).pvalue, rel=0.02)


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
