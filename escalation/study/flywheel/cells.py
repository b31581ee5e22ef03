"""Sparse tables that add up to the same bits in any order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

EXACT = float(2**20)
"""Shares are rounded to 1 / EXACT, so that their sums are exact and their order cannot matter."""

DENSE = 8
"""Below so many possible keys per key they are counted instead of sorted."""


def exact(values: npt.NDArray[Any]) -> Array:
    """Return the values, rounded so that their sums are exact."""
    return np.asarray(np.rint(values * EXACT) / EXACT, np.float64)


class Cells(NamedTuple):
    """A sparse table: `keys` int64[m], ascending and distinct, and `values` float64[m, columns].

    Of two columns, the first counts and the second weights each act with its severity.
    """

    keys: Ints
    values: Array

    def at(self, keys: Ints) -> Array:
        """Return the values at `keys`, float64[len(keys), columns]; 0 where the table has none."""
        if not len(self.keys):
            return np.zeros((len(keys), self.values.shape[1]))
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where((self.keys[place] == keys)[:, None], self.values[place], 0.0)

    def parted(self, parts: int, size: int) -> list[Cells]:
        """Return tables of the keys below `size`, those from there to `2 * size`, and so on, each from 0."""
        cuts = np.searchsorted(self.keys, np.arange(parts + 1) * size).tolist()
        keys = self.keys - self.keys // size * size
        return [Cells(keys[first:last], self.values[first:last]) for first, last in pairwise(cuts)]


def binned(keys: Ints, values: Array, size: int) -> Array:
    """Return the sums of `values` (float64[n]) by key, float64[size]."""
    return np.asarray(np.bincount(keys, values, size), np.float64)  # of nothing it gives whole numbers


def gathered(keys: Ints, values: Array) -> Cells:
    """Return the sums of `values` (float64[n, columns]) by key."""
    if not len(keys):
        return Cells(keys, values)
    size = int(keys.max()) + 1
    if size <= DENSE * len(keys):
        there = np.flatnonzero(np.bincount(keys, minlength=size))
        return Cells(there, _columns(keys, values, size)[there])
    order = np.argsort(keys)  # equal ones in no particular order: the sums are exact
    keys = keys[order]
    new = np.concatenate([[True], keys[1:] != keys[:-1]])
    return Cells(keys[new], _columns(np.cumsum(new) - 1, values[order], int(new.sum())))


def _columns(keys: Ints, values: Array, size: int) -> Array:
    return np.stack([np.bincount(keys, column, size) for column in values.T], axis=1)


def added(tables: Sequence[Cells]) -> Cells:
    """Return the sum of one or more tables."""
    if len(tables) == 1:
        return tables[0]
    return gathered(
        np.concatenate([table.keys for table in tables]), np.concatenate([table.values for table in tables])
    )
