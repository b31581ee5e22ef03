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
MOST_LATE = 0.1
"""Share of the answers seen that may come after the window before an upper end says nothing any more."""


FEEDS, DOES_NOT, UNKNOWN = "feeds itself", "does not feed itself", "cannot be told"
"""The verdicts."""


class Reading(NamedTuple):
    """One estimate: `R` and its 95% interval, from `acts` acts that were followed; None where there is none.

    Two things can make R higher than it reads, so that only a lower end means anything. `cut`: so many
    replications were cut off at a limit; acts are followed least where they come fastest. `late`: so many
    answers come after the window, or may, since the run is too short for a longer one.
    """

    acts: int
    R: float | None = None
    low: float | None = None
    high: float | None = None
    cut: bool = False
    late: bool = False

    @property
    def verdict(self) -> str:
        """`feeds itself`, `does not feed itself` or `cannot be told`."""
        if self.low is not None and self.low > 1.0:
            return FEEDS
        if self.high is not None and self.high < 1.0 and not (self.cut or self.late):
            return DOES_NOT
        return UNKNOWN


def active_dyads(whole: Sums) -> Ints:
    """Return the dyads on which any act counted, ascending."""
    return np.unique(whole.sources.keys % whole.dyads)


def table(sums: Sums, span: int, dyads: Ints) -> tuple[Array, Array]:
    """Return the shares of answers, float64[d, d, 2], and the parents, float64[d, 2], of a span."""
    rows = span * (sums.dyads + 1) + dyads
    cells = np.add.outer(rows * sums.dyads, dyads)
    return sums.answers.at(cells.ravel()).reshape(*cells.shape, 2), sums.parents.at(rows)


def late_share(whole: Sums, dyads: Ints) -> float | None:
    """Return the part of the answers seen that came after the window; None when none was seen."""
    seen = whole.late + float(table(whole, 0, dyads)[0][..., COUNTED].sum())
    return whole.late / seen if seen else None


def read(batches: Sequence[Sums], whole: Sums, span: int, dyads: Ints) -> tuple[Reading, Reading]:
    """Return the counted and the severity-weighted reading of a span (0 is all the time)."""
    answers, parents = table(whole, span, dyads)
    cut = whole.truncated > MOST_CUT * whole.replications
    late = whole.plan.cut or (late_share(whole, dyads) or 0.0) > MOST_LATE
    acts = round(float(parents[:, COUNTED].sum()))
    if acts == 0:
        return Reading(0, cut=cut, late=late), Reading(0, cut=cut, late=late)
    inside = core(answers[..., COUNTED])
    answers, parents = answers[np.ix_(inside, inside)], parents[inside]
    points = [float(radius(ratio(answers[..., n], parents[:, None, n]))) for n in (COUNTED, WEIGHTED)]
    if len(batches) < FEWEST_BATCHES or acts < FEWEST_ACTS:
        counted, weighted = (Reading(acts, R, cut=cut, late=late) for R in points)
        return counted, weighted
    links = np.nonzero(answers[..., COUNTED])
    of_each = [table(batch, span, dyads[inside]) for batch in batches]
    tops = np.stack([top[links] for top, _ in of_each])
    bottoms = np.stack([bottom for _, bottom in of_each])
    radii = (resampled_radii(tops[..., n], bottoms[..., n], *links) for n in (COUNTED, WEIGHTED))
    ends = [np.quantile(sample, (0.025, 0.975)) for sample in radii]
    counted, weighted = (
        Reading(acts, R, float(low), float(high), cut, late)
        for R, (low, high) in zip(points, ends, strict=True)
    )
    return counted, weighted
