from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from escalation.study.flywheel.spectral import carried, core, loops, near, radius, resampled, resampled_radii

sizes = st.integers(0, 6).map(lambda n: (n, n))
cells = st.one_of(st.just(0.0), st.floats(0.01, 2))
matrices = arrays.arrays(float, sizes, elements=cells)


@given(matrices)
def test_types_on_no_loop_can_be_left_out(matrix):
    inside = core(matrix)
    assert radius(matrix[np.ix_(inside, inside)]) == pytest.approx(radius(matrix), abs=1e-2)
    if len(loops(matrix)):
        assert len(inside)


@given(matrices)
def test_no_loop_gains_more_than_the_radius(matrix):
    for loop in loops(matrix):
        assert loop.gain <= radius(matrix) + 1e-2


def test_a_loop_is_found_once_and_its_gain_is_the_mean_of_its_links():
    matrix = np.zeros((4, 4))
    matrix[0, 2], matrix[2, 1], matrix[1, 0], matrix[3, 3], matrix[0, 3] = 0.5, 0.4, 0.2, 0.1, 9
    found = loops(matrix)
    assert [loop.types for loop in found] == [(0, 2, 1), (3,)]
    assert found[0].gain == pytest.approx((0.5 * 0.4 * 0.2) ** (1 / 3))
    assert core(matrix).tolist() == [0, 1, 2, 3]
    assert loops(matrix, 1) == found[:1]


def test_a_cell_carries_what_the_radius_grows_by_when_it_grows():
    matrix = np.random.default_rng(4).random((5, 5))
    parts = carried(matrix)
    assert parts.sum() == pytest.approx(1)
    for cell in [(0, 1), (3, 2), (4, 4)]:
        more = matrix.copy()
        more[cell] *= 1 + 1e-6
        grown = (radius(more) - radius(matrix)) / radius(matrix) / 1e-6
        assert parts[cell] == pytest.approx(grown, rel=1e-3)


def test_where_nothing_turns_nothing_is_carried():
    assert carried(np.array([[0.0, 1.0], [0.0, 0.0]])).sum() == 0
    assert carried(np.zeros((0, 0))).shape == (0, 0)
    assert radius(np.zeros((3, 0, 0))).tolist() == [0, 0, 0]


def test_what_only_leads_to_a_loop_or_away_from_it_is_not_on_it():
    matrix = np.zeros((4, 4))
    matrix[0, 1] = matrix[1, 2] = matrix[2, 1] = matrix[2, 3] = 0.5
    assert core(matrix).tolist() == [1, 2]
    assert core(np.array([[0.0, 1.0], [0.0, 0.0]])).tolist() == []


def entries(matrix):
    rows, columns = np.nonzero(matrix)
    return matrix[rows, columns], rows, columns


@given(matrices.filter(lambda matrix: matrix.any()), st.floats(0, 0.5), st.integers(0, 2**32))
def test_the_radius_of_a_matrix_near_another_is_right_wherever_it_is_said_to_be(matrix, spread, seed):
    point, rows, columns = entries(matrix)
    cells = point * np.random.default_rng(seed).uniform(1 - spread, 1 + spread, (20, len(point)))
    radii, sure = near(point, cells, rows, columns, len(matrix))
    for cell, found in zip(cells[sure], radii[sure], strict=True):
        other = np.zeros_like(matrix)
        other[rows, columns] = cell
        assert found == pytest.approx(radius(other), abs=1e-3)


def test_a_matrix_near_another_is_nearly_always_said_to_be():
    matrix = np.random.default_rng(2).random((12, 12)) / 10
    point, rows, columns = entries(matrix)
    cells = point * np.random.default_rng(3).normal(1, 0.05, (200, len(point)))
    radii, sure = near(point, cells, rows, columns, 12)
    assert sure.mean() > 0.95
    assert radii[sure] == pytest.approx(radius(cells.reshape(200, 12, 12))[sure], abs=1e-5)


@pytest.mark.parametrize("scale", [0.02, 1.0])
def test_resampled_radii_are_those_of_the_resampled_matrices(scale):
    """With much noise most are not near the whole, and are worked out one by one."""
    rng = np.random.default_rng(5)
    parents = rng.poisson(3, (40, 4)).astype(float)
    answers = np.clip(rng.normal(1, scale, (40, 16)), 0, None)
    rows, columns = np.divmod(np.arange(16), 4)
    cells = resampled(answers, parents, rows)
    found = resampled_radii(answers, parents, rows, columns)
    assert cells.shape == (1000, 16)
    assert found == pytest.approx(radius(cells.reshape(1000, 4, 4)), abs=1e-4)
    assert np.array_equal(found, resampled_radii(answers, parents, rows, columns))


def test_a_bootstrap_has_the_spread_of_the_mean():
    sample = np.random.default_rng(6).normal(size=(500, 1)) + 5
    found = resampled(sample, np.ones((500, 1)), np.zeros(1, int))
    assert found.mean() == pytest.approx(sample.mean(), abs=0.01)
    assert found.std() == pytest.approx(sample.std() / np.sqrt(500), rel=0.1)
