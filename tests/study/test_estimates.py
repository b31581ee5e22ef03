"""Paired and unpaired estimates of differences: what their intervals cover, and what is marked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from escalation.study.compare.estimates import FEWEST_DIFFERING, Estimates, paired, unpaired
from escalation.study.stats import bca_means

N, COLUMNS = 200, 1500


def sparse(expected: float, kind: str) -> tuple[np.ndarray, float]:
    """Return differences of pairs, float64[N, COLUMNS], of which few are not 0, and their true mean."""
    draws = np.random.default_rng(int(expected))
    differs = draws.random((N, COLUMNS)) < expected / N
    sizes = draws.geometric(0.4, (N, COLUMNS)).astype(float)
    if kind == "either":
        sizes *= np.where(draws.random((N, COLUMNS)) < 0.7, 1.0, -1.0)
    return differs * sizes, expected / N * (1.0 if kind == "either" else 2.5)


def of_pairs(differences: np.ndarray) -> Estimates:
    return paired(np.zeros_like(differences), differences, np.zeros(differences.shape[1], np.bool_))


def covers(ends: np.ndarray, value: float) -> np.ndarray:
    return (ends[:, 0] <= value) & (value <= ends[:, 1])


@pytest.mark.parametrize("kind", ["more", "either"])
@pytest.mark.parametrize("expected", [5, 8, 12, 20, 40])
def test_what_is_not_marked_covers_the_truth_where_few_pairs_differ(expected: float, kind: str) -> None:
    differences, truth = sparse(expected, kind)
    estimates = of_pairs(differences)
    trusted = ~estimates.difference.too_few
    covered = covers(estimates.difference.interval, truth)
    if trusted.sum() > 300:
        assert covered[trusted].mean() > 0.92
    assert covered.mean() > covers(bca_means(differences), truth).mean() - 1e-9
    assert (
        estimates.difference.too_few[(differences != 0).sum(axis=0) < FEWEST_DIFFERING].sum()
        == (((differences != 0).sum(axis=0) < FEWEST_DIFFERING) & ~estimates.equal).sum()
    )


def test_the_bootstrap_alone_would_not() -> None:
    differences, truth = sparse(8, "either")
    assert covers(bca_means(differences), truth).mean() < 0.90


values = arrays.arrays(float, (30, 3), elements=st.integers(0, 4).map(float))


@given(values, values)
def test_shares_of_what_is_above_and_equal_add_up_and_lie_within_their_intervals(x, y) -> None:
    for estimates in (paired(x, y, np.zeros(3, np.bool_)), unpaired(x, y, np.zeros(3, np.bool_))):
        above, ends = estimates.p_exceeds.value, estimates.p_exceeds.interval
        assert (above + estimates.p_equal <= 1 + 1e-12).all()
        assert (ends[:, 0] <= above + 1e-9).all()
        assert (above <= ends[:, 1] + 1e-9).all()
        assert (ends >= 0).all()
        assert (ends <= 1).all()


def test_the_share_above_of_independent_runs_is_covered() -> None:
    draws = np.random.default_rng(4)
    x, y = draws.poisson(3.0, (40, COLUMNS)), draws.poisson(4.0, (60, COLUMNS))
    large = np.random.default_rng(5)
    truth = float((large.poisson(4.0, 2_000_000) > large.poisson(3.0, 2_000_000)).mean())
    ends = unpaired(x.astype(float), y.astype(float), np.zeros(COLUMNS, np.bool_)).p_exceeds.interval
    assert 0.93 < covers(ends, truth).mean() < 0.975
