"""The spectral radius of a matrix of answers, how sure it is, and the cycles that carry it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.study.stats import resample_counts

Array = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

RESAMPLES = 1000
"""Resamples of a bootstrap, unless the matrix is large."""
WORK, AT_A_TIME = 5e8, 100
LONGEST_LOOP = 3


class Cycle(NamedTuple):
    """A cycle of types, each answered by the next and the last by the first.

    `gain` is the geometric mean of its links: what one act becomes per step along this loop alone.
    """

    types: tuple[int, ...]
    gain: float


def radius(matrices: Array) -> Array:
    """Return the spectral radii of non-negative matrices, float64[...] of float64[..., n, n]."""
    if matrices.shape[-1] == 0:
        return np.zeros(matrices.shape[:-2])
    return np.asarray(np.abs(np.linalg.eigvals(matrices)).max(axis=-1), np.float64)


def core(matrix: Array) -> Ints:
    """Return the types that can lie on a loop: all others can be left out without changing the radius."""
    inside = np.arange(len(matrix))
    while True:
        inner = matrix[np.ix_(inside, inside)] > 0.0
        alive = inner.any(axis=0) & inner.any(axis=1)
        if alive.all():
            return inside
        inside = inside[alive]


def resampled_radii(answers: Array, parents: Array, rows: Ints, columns: Ints) -> Array:
    """Return the radii of the matrix over bootstrap resamples of the batches, float64[resamples].

    `answers` is float64[batches, m]: the sums of the matrix's cells (`rows`, `columns`, int64[m]) in each
    batch; `parents` is float64[batches, n]. Every call resamples alike.
    """
    n = parents.shape[1]
    cells = resampled(answers, parents, rows, int(max(100, min(RESAMPLES, WORK / max(1, n) ** 3))))
    return _radii(answers, parents, cells, rows, columns)


def radii_without(answers: Array, parents: Array, rows: Ints, columns: Ints) -> Array:
    """Return the radii of the matrix without each batch, float64[batches]; see `resampled_radii`."""
    cells = ratio(answers.sum(axis=0) - answers, (parents.sum(axis=0) - parents)[:, rows])
    return _radii(answers, parents, np.maximum(cells, 0.0), rows, columns)


def _radii(answers: Array, parents: Array, cells: Array, rows: Ints, columns: Ints) -> Array:
    """Return the radii of matrices whose cells, float64[k, m], differ little from those of all batches."""
    n = parents.shape[1]
    if n == 0:
        return np.zeros(len(cells))
    radii, sure = near(ratio(answers.sum(axis=0), parents.sum(axis=0)[rows]), cells, rows, columns, n)
    unsure = np.flatnonzero(~sure)
    for first in range(0, len(unsure), AT_A_TIME):
        block = unsure[first : first + AT_A_TIME]
        matrices = np.zeros((len(block), n, n))
        matrices[:, rows, columns] = cells[block]
        radii[block] = radius(matrices)
    return radii


def resampled(tops: Array, bottoms: Array, rows: Ints, resamples: int = RESAMPLES) -> Array:
    """Return ratios of sums over bootstrap resamples of the batches, float64[resamples, m].

    `tops` is float64[batches, m], and its column c is divided by column `rows[c]` of `bottoms`. With as many
    batches every call resamples alike.
    """
    draws = resample_counts(len(tops), resamples)
    return ratio(draws @ tops, (draws @ bottoms)[:, rows])


def ratio(answers: Array, parents: Array) -> Array:
    """Return answers per parent, 0 where there is no parent."""
    return np.divide(answers, parents, out=np.zeros_like(answers), where=parents > 0.0)


def carried(matrix: Array) -> Array:
    """Return by how many percent the radius grows when one cell grows by one percent, float64[n, n].

    The cells add up to 1: it is the part of the radius that each of them carries. Zeros where nothing does.
    """
    values, right = np.linalg.eig(matrix) if len(matrix) else (np.zeros(1), np.zeros((0, 1)))
    if not values.real.max() > 0.0:
        return np.zeros_like(matrix)
    same, left = np.linalg.eig(matrix.T)
    ahead, behind = np.abs(right[:, values.real.argmax()]), np.abs(left[:, same.real.argmax()])
    through = matrix * np.outer(behind, ahead)
    return np.asarray(through / through.sum() if through.sum() > 0.0 else through, np.float64)


def loops(matrix: Array, most: int = 5) -> list[Cycle]:
    """Return the loops of up to three types with the largest gain, at most `most` of them."""
    largest = []
    for cycle in cycles([np.flatnonzero(row).tolist() for row in matrix]):
        links = matrix[list(cycle), [*cycle[1:], cycle[0]]]
        largest.append(Cycle(cycle, float(links.prod()) ** (1 / len(cycle))))
    return sorted(largest, key=lambda loop: (-loop.gain, loop.types))[:most]


def cycles(follow: Sequence[Sequence[int]]) -> Iterator[tuple[int, ...]]:
    """Yield each cycle once, its lowest type first."""
    paths: list[tuple[int, ...]] = [(first,) for first in range(len(follow))]
    while paths:
        path = paths.pop()
        if path[0] in follow[path[-1]]:
            yield path
        if len(path) < LONGEST_LOOP:
            paths += [(*path, step) for step in follow[path[-1]] if step > path[0] and step not in path]


TOLERANCE = 1e-4
"""Error of a radius that is allowed: the ends of an interval are known less well by far."""
LEAST_GAP, MOST_SKEWED = 1e-6, 1e4
"""Distance of eigenvalues, and condition of their vectors, at which nothing is said."""


def near(point: Array, cells: Array, rows: Ints, columns: Ints, n: int) -> tuple[Array, Mask]:
    """Return the radii of matrices that differ little from one, float64[k], and which of them are sure.

    `point` (float64[m]) and `cells` (float64[k, m]), not negative, are the entries at `rows`, `columns`;
    all others are 0. A radius is the two-sided Rayleigh quotient of eigenvectors perturbed to first order, so
    that its error is of the fourth. It is not sure where the residuals do not bound it by TOLERANCE, or where
    another eigenvalue may have passed it (Stewart and Sun 1990, Matrix Perturbation Theory, chapters IV, V).
    """
    base = _eigen(point, rows, columns, n)
    if base is None:
        return np.zeros(len(cells)), np.zeros(len(cells), np.bool_)
    change, to, by = cells - point, np.eye(n)[rows], np.eye(n)[columns]
    ahead = base.v + (change * base.v[columns]) @ to @ base.resolvent.T
    behind = base.u + (change * base.u[rows]) @ by @ base.resolvent
    moved, led = (cells * ahead[:, columns]) @ to, (cells * behind[:, rows]) @ by
    scale = (behind * ahead).sum(axis=1)
    radii = (behind * moved).sum(axis=1) / np.where(scale > 0.0, scale, np.nan)
    rest = np.linalg.norm(moved - radii[:, None] * ahead, axis=1)
    rest *= np.linalg.norm(led - radii[:, None] * behind, axis=1)
    return radii, (rest < TOLERANCE * scale * base.gap) & base.leads(radii, change, rows, columns)


class _Base(NamedTuple):
    """The eigenvalues of a matrix, the largest apart: its left and right vectors, and its distance to others.

    `resolvent` is the reduced one. `others` are the other eigenvalues, complex128[n - 1], with their vectors.
    """

    value: float
    u: Array
    v: Array
    gap: float
    resolvent: Array
    others: Complex
    left: Complex
    right: Complex

    def leads(self, radii: Array, change: Array, rows: Ints, columns: Ints) -> Mask:
        """Return where the other eigenvalues, to first order, stay behind by half of their distance."""
        if not len(self.others):
            return np.ones(len(radii), np.bool_)
        moved = self.others + change @ (self.left[:, rows] * self.right[columns].T).T
        behind = (self.value - self.others.real.max()) / 2
        return np.asarray(radii - moved.real.max(axis=1) >= behind, np.bool_)


def _eigen(point: Array, rows: Ints, columns: Ints, n: int) -> _Base | None:
    """Return the eigenvalues and vectors of a matrix; None where the largest does not stand out."""
    matrix = np.zeros((n, n))
    matrix[rows, columns] = point
    values, right = np.linalg.eig(matrix)
    top = int(values.real.argmax())
    others = np.delete(np.arange(n), top)
    value, gap = float(values[top].real), float(np.abs(values[others] - values[top]).min(initial=1.0))
    if value <= 0.0 or gap < LEAST_GAP or np.linalg.cond(right) > MOST_SKEWED:
        return None
    left = np.linalg.inv(right)
    resolvent = ((right[:, others] / (value - values[others])) @ left[others]).real
    return _Base(
        value, left[top].real, right[:, top].real, gap, resolvent,
        values[others], left[others], right[:, others],
    )  # fmt: skip
