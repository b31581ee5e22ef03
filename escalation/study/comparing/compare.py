"""Comparing runs with the first of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from escalation.study.comparing.comparison import Adjustment, Comparison, Contrast, Difference, Told
from escalation.study.comparing.differences import common_outcomes, differences
from escalation.study.comparing.pairing import matched, why_unpaired
from escalation.study.comparing.sides import Data
from escalation.study.comparing.wheels import difference_of_wheels
from escalation.study.stats import FEWEST, holm

SURE = 0.05
"""An adjusted p-value below this makes a difference sure."""


class Counts(NamedTuple):
    """How many p-values there are in each family."""

    questions: int
    others: int


def compare(
    sides: Sequence[Data], adjustment: Adjustment = "holm", asked: Collection[str] = ()
) -> Comparison:
    """Return the comparison of two or more sides, of which the first is the baseline.

    Outcomes that are `asked` for are questions as well, beside those of the scenarios.
    """
    headline = frozenset(name for data in sides for name in data.header.answer) | frozenset(asked)
    contrasts = [_contrast(sides[0], data, place, headline) for place, data in enumerate(sides) if place]
    adjusted, sizes = _adjusted(contrasts, adjustment)
    told = tuple(data.side for data in sides)
    return Comparison(told, adjusted, adjustment, sum(sizes), sizes.questions)


def _contrast(a: Data, b: Data, place: int, headline: frozenset[str]) -> Contrast:
    reasons = why_unpaired(a, b)
    match = None if reasons else matched(a, b)
    told = tuple(_told(a, b, headline))
    apart = {one.name for one in told}
    outcomes = [outcome for outcome in common_outcomes(a, b) if outcome.name not in apart]
    found = differences(a, b, outcomes, match, headline)
    wheels, why = difference_of_wheels(a, b, not reasons)
    pairs = len(match.baseline) if match else 0
    common = {outcome.name for outcome in common_outcomes(a, b)}
    return Contrast(
        other=place,
        reasons=reasons,
        pairs=pairs,
        dropped=match.dropped if match else 0,
        differences=tuple(([wheels] if wheels else []) + found),
        only_baseline=tuple(name for name in a.header.columns if name not in common),
        only_other=tuple(name for name in b.header.columns if name not in common),
        told=told,
        notes=(*_notes(a, b, pairs if match else min(a.good.sum(), b.good.sum())), *([why] if why else [])),
    )


def _notes(a: Data, b: Data, n: int) -> Iterator[str]:
    if a.horizon != b.horizon:
        days = min(a.horizon, b.horizon)
        yield (
            f"Dates are compared over the first {days:,} days from the start; everything else covers what"
            " each run covers."
        )
    if a.header.runaway != b.header.runaway and None not in (a.header.runaway, b.header.runaway):
        yield f"A runaway is tension above {a.header.runaway:g} in one and {b.header.runaway:g} in the other."
    if a.flywheel and b.flywheel and a.flywheel.plan.window != b.flywheel.plan.window:
        yield f"Acts are followed for {a.flywheel.window} in one and {b.flywheel.window} in the other."
    if 0 < n < FEWEST:
        yield f"Means of fewer than {FEWEST} replications have no interval; nothing is sure of them."


def _told(a: Data, b: Data, headline: frozenset[str]) -> Iterator[Told]:
    for outcome in common_outcomes(a, b):
        known = [data.side.name for data in (a, b) if outcome.name in data.told]
        if len(known) == 1:
            yield Told(outcome.name, outcome.label, known[0], outcome.name in headline)


def _adjusted(contrasts: Sequence[Contrast], adjustment: Adjustment) -> tuple[tuple[Contrast, ...], Counts]:
    """Return the contrasts with adjusted p-values and in order of importance, and how many were adjusted for.

    The questions of the scenarios are one family, everything else is another: a family's differences are
    adjusted for each other alone, or else the few that were asked for would pay for the hundreds that were
    not.
    """
    rows = [one for contrast in contrasts for one in contrast.differences]
    p = np.array([_tested(one) for one in rows], np.float64)
    asked = np.array([one.asked for one in rows], np.bool_)
    sizes = Counts(*(int(np.count_nonzero(~np.isnan(p[family]))) for family in (asked, ~asked)))
    adjusted = p.copy()
    for family in (asked, ~asked) if adjustment == "holm" else ():
        adjusted[family] = holm(p[family])
    judged = iter([_judged(*row, sizes) for row in zip(rows, adjusted.tolist(), strict=True)])
    made = (
        replace(contrast, differences=_ordered([next(judged) for _ in contrast.differences]))
        for contrast in contrasts
    )
    return tuple(made), sizes


def _tested(one: Difference) -> float:
    """Return the p-value that is adjusted; NaN where there is none.

    What is equal in all pairs is no test: however small a bound, it could not have fallen below it (Tarone
    1990, Biometrics 46:515).
    """
    return float("nan") if one.p is None or one.equal else one.p


def _judged(one: Difference, adjusted: float, sizes: Counts) -> Difference:
    tests = sizes.questions if one.asked else sizes.others
    if one.equal:
        return replace(one, p_adjusted=1.0)
    if np.isnan(adjusted) or one.interval is None:
        return one
    sure = adjusted < SURE and not one.interval.low <= 0.0 <= one.interval.high
    return replace(one, p_adjusted=adjusted, tests=tests, sure=sure)


def _ordered(found: Sequence[Difference]) -> tuple[Difference, ...]:
    """Return the differences in order of importance; R, which has no spread between replications, first."""
    return tuple(sorted(found, key=lambda one: (one.measure != "R", -one.importance, one.name)))
