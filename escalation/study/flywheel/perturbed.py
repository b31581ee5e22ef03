"""The spectral radii of many matrices that differ little from one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

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
