"""One reading of the flywheel: the spectral radius with its interval, from sums by batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.study.branching import Sums
from escalation.study.spectral import core, radius, ratio, resampled_radii

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

COUNTED, WEIGHTED = 0, 1
"""Acts counted, and acts weighted with their severity."""
FEWEST_BATCHES, FEWEST_ACTS = 20, 50
"""Below these no interval is given."""
MOST_CUT = 0.05
"""Share of replications that may be cut off before an upper end says nothing any more."""


class Reading(NamedTuple):
    """One estimate: `R` and its 95% interval, from `acts` acts that were followed; None where there is none.

    `cut` is true when so many replications were cut off at a limit that R may be higher than it reads: acts
    are followed least where they come fastest.
    """

    acts: int
    R: float | None = None
    low: float | None = None
    high: float | None = None
    cut: bool = False

    @property
    def verdict(self) -> str:
        """`feeds itself`, `dies out` or `cannot be told`."""
        if self.low is not None and self.low > 1.0:
            return "feeds itself"
        if self.high is not None and self.high < 1.0 and not self.cut:
            return "dies out"
        return "cannot be told"


def active_dyads(whole: Sums) -> Ints:
    """Return the dyads on which any act counted, ascending."""
    return np.unique(whole.sources.keys % whole.dyads)


def table(sums: Sums, span: int, dyads: Ints) -> tuple[Array, Array]:
    """Return the shares of answers, float64[d, d, 2], and the parents, float64[d, 2], of a span."""
    rows = span * (sums.dyads + 1) + dyads
    cells = np.add.outer(rows * sums.dyads, dyads)
    return sums.answers.at(cells.ravel()).reshape(*cells.shape, 2), sums.parents.at(rows)


def read(batches: Sequence[Sums], whole: Sums, span: int, dyads: Ints) -> tuple[Reading, Reading]:
    """Return the counted and the severity-weighted reading of a span (0 is all the time)."""
    answers, parents = table(whole, span, dyads)
    cut = whole.truncated > MOST_CUT * whole.replications
    acts = round(float(parents[:, COUNTED].sum()))
    if acts == 0:
        return Reading(0, cut=cut), Reading(0, cut=cut)
    inside = core(answers[..., COUNTED])
    answers, parents = answers[np.ix_(inside, inside)], parents[inside]
    points = [float(radius(ratio(answers[..., n], parents[:, None, n]))) for n in (COUNTED, WEIGHTED)]
    if len(batches) < FEWEST_BATCHES or acts < FEWEST_ACTS:
        return Reading(acts, points[COUNTED], cut=cut), Reading(acts, points[WEIGHTED], cut=cut)
    links = np.nonzero(answers[..., COUNTED])
    of_each = [table(batch, span, dyads[inside]) for batch in batches]
    tops = np.stack([top[links] for top, _ in of_each])
    bottoms = np.stack([bottom for _, bottom in of_each])
    radii = (resampled_radii(tops[..., n], bottoms[..., n], *links) for n in (COUNTED, WEIGHTED))
    ends = [np.quantile(sample, (0.025, 0.975)) for sample in radii]
    counted, weighted = (
        Reading(acts, R, float(low), float(high), cut) for R, (low, high) in zip(points, ends, strict=True)
    )
    return counted, weighted
