"""Readings of the flywheel with their intervals, from sums by batch."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.study.flywheel.plan import Span
from escalation.study.flywheel.spectral import core, radius, ratio, resampled, resampled_radii
from escalation.study.flywheel.stacked import Stacked

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
ENDS = (0.025, 0.975)
BLOCK = 2000
"""Cells whose resamples are held at a time."""

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


def late_share(stack: Stacked) -> float | None:
    """Return the part of the answers seen that came after the window; None when none was seen."""
    seen = stack.whole.late + float(stack.table(None)[0][..., COUNTED].sum())
    return stack.whole.late / seen if seen else None


def doubts(stack: Stacked) -> tuple[bool, bool]:
    """Return whether R may be higher than it reads: for replications cut off, for answers that come late."""
    cut = stack.whole.truncated > MOST_CUT * stack.whole.replications
    return cut, stack.plan.cut or (late_share(stack) or 0.0) > MOST_LATE


def sure(stack: Stacked, acts: float) -> bool:
    """Return whether there is enough for an interval."""
    return stack.n >= FEWEST_BATCHES and acts >= FEWEST_ACTS


def read(stack: Stacked, span: Span | None = None) -> tuple[Reading, Reading]:
    """Return the counted and the severity-weighted R of a span, or of all the time."""
    answers, parents = stack.table(span)
    cut, late = doubts(stack)
    acts = round(float(parents[:, COUNTED].sum()))
    if acts == 0:
        return Reading(0, cut=cut, late=late), Reading(0, cut=cut, late=late)
    inside = core(answers[..., COUNTED])
    inner, beside = answers[np.ix_(inside, inside)], parents[inside]

    def one(column: int) -> Reading:
        R = float(radius(ratio(inner[..., column], beside[:, None, column])))
        if not sure(stack, acts):
            return Reading(acts, R, cut=cut, late=late)
        low, high = np.quantile(radii(stack, span, column, inside), ENDS)
        return Reading(acts, R, float(low), float(high), cut, late)

    return one(COUNTED), one(WEIGHTED)


def radii(stack: Stacked, span: Span | None, column: int, inside: Ints | None = None) -> Array:
    """Return R over resamples of the batches, float64[resamples], counted (column 0) or weighted (1).

    With as many batches it is resampled alike: for two runs in common random numbers, the differences are
    paired. `inside` are the places of the dyads that can lie on a loop, where that is known.
    """
    answers = stack.table(span)[0][..., COUNTED]
    inside = core(answers) if inside is None else inside
    rows, columns = np.nonzero(answers[np.ix_(inside, inside)])
    tops = stack.answers(span, column, (inside[rows], inside[columns]))
    return resampled_radii(tops, stack.parents(span, column)[:, inside], rows, columns)


def cohorts(stack: Stacked) -> list[tuple[Span, Reading, Reading]]:
    """Return the reading of each month's acts: the answers to them, on all dyads together, per act.

    It is the cohort, or case, reproduction number (Wallinga and Teunis 2004, Am. J. Epidemiol. 160:509;
    Fraser 2007, PLoS ONE 2:e758), known here from who answered whom instead of from when.
    """
    months, (cut, late) = stack.plan.months, doubts(stack)
    if not months:
        return []
    by_column = []
    for column in (COUNTED, WEIGHTED):
        tops, bottoms = stack.totals(months, column)
        R = ratio(tops.sum(axis=0), bottoms.sum(axis=0))
        ends = np.quantile(resampled(tops, bottoms, np.arange(len(months))), ENDS, axis=0)
        by_column.append(np.vstack([R, ends]).T.tolist())
    acts = [round(count) for count in stack.totals(months, COUNTED)[1].sum(axis=0).tolist()]

    def one(n: int, column: int) -> Reading:
        if acts[n] == 0:
            return Reading(0, cut=cut, late=late)
        R, low, high = by_column[column][n]
        if not sure(stack, acts[n]):
            return Reading(acts[n], R, cut=cut, late=late)
        return Reading(acts[n], R, low, high, cut, late)

    return [(month, one(n, COUNTED), one(n, WEIGHTED)) for n, month in enumerate(months)]


def cell_ends(stack: Stacked, column: int) -> tuple[Array, Array] | None:
    """Return the ends of the 95% interval of each cell of K, float64[d, d] each; None below 20 batches.

    NaN in rows that rest on fewer than 50 acts; 0 where no answer was seen.
    """
    if stack.n < FEWEST_BATCHES:
        return None
    answers, followed = stack.table(None)
    low, high = np.zeros((2, *answers.shape[:2]))
    parents, links = stack.parents(None, column), np.nonzero(answers[..., COUNTED])
    for first in range(0, len(links[0]), BLOCK):
        rows, columns = (ends[first : first + BLOCK] for ends in links)
        cells = resampled(stack.answers(None, column, (rows, columns)), parents, rows)
        low[rows, columns], high[rows, columns] = np.quantile(cells, ENDS, axis=0)
    for ends in (low, high):
        ends[followed[:, COUNTED] < FEWEST_ACTS] = np.nan
    return low, high
