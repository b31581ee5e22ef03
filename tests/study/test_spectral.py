from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from escalation.study.spectral import carried, core, loops, radius

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
