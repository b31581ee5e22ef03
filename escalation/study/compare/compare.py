"""Comparing runs with the first of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import partial
from itertools import islice
from math import hypot
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.scenario.outcomes import Outcome
from escalation.study.compare.estimates import Columns, Estimates, paired, unpaired
from escalation.study.compare.model import (
    Adjustment,
    Comparison,
    Contrast,
    Difference,
    Note,
    PastUse,
    R,
    Statistic,
)
from escalation.study.compare.sides import Match, SideData, matched, matched_batches, why_unpaired
from escalation.study.flywheel.gather import Batches
from escalation.study.flywheel.model import Reading
from escalation.study.flywheel.reading import FEW_BATCHES, FEWEST_BATCHES
from escalation.study.objective import with_interval
from escalation.study.stats import FEWEST, Z95, Interval, apart, bca, holm, two_sided
from escalation.study.values import DATE, SHARE, Estimate

Array = npt.NDArray[np.float64]

SURE = 0.05
"""An adjusted p-value below this makes a difference sure."""
MOST_CELLS = 8_000_000
"""Numbers of both runs together that are read at a time."""


def compare(
    sides: Sequence[SideData], adjustment: Adjustment = "holm", questions: Collection[str] = ()
) -> Comparison:
    """Return the comparison of two or more sides, of which the first is the baseline.

    Outcomes named in `questions` are questions as well, beside those of the scenarios.
    """
    headline = frozenset(name for data in sides for name in data.header.answered) | frozenset(questions)
    contrasts = [_contrast(sides[0], other, n, headline) for n, other in enumerate(sides[1:], 1)]
    adjusted, sizes = _adjusted(contrasts, adjustment)
    baseline = sides[0].side
    return Comparison(
        scenario=baseline.scenario,
        seed=baseline.seed,
        overrides=baseline.overrides,
        sides=tuple(data.side for data in sides),
        contrasts=adjusted,
        adjustment=adjustment,
        tests=sum(sizes.values()),
        questions=sizes[True],
    )


def _contrast(a: SideData, b: SideData, number: int, headline: frozenset[str]) -> Contrast:
    reasons = tuple(why_unpaired(a, b))
    match = None if reasons else matched(a, b)
    common = _common_outcomes(a, b)
    past = tuple(_past_uses(a, b, common, headline))
    compared = [outcome for outcome in common if outcome not in [use.outcome for use in past]]
    flywheel, note = _flywheel(a, b, not reasons)
    names = {outcome.name for outcome in common}
    pairs = len(match.baseline) if match else 0
    fewest = pairs if match else int(min(a.good.sum(), b.good.sum()))
    return Contrast(
        other=number,
        reasons=reasons,
        pairs=pairs,
        dropped=match.dropped if match else 0,
        differences=(*flywheel, *_differences(a, b, compared, match, headline)),
        only_baseline=tuple(name for name in a.header.columns if name not in names),
        only_other=tuple(name for name in b.header.columns if name not in names),
        past_uses=past,
        notes=(*_notes(a, b, fewest), *note),
    )


def _common_outcomes(a: SideData, b: SideData) -> list[Outcome]:
    """Return the outcomes that both runs measure, of one kind and unit, in the baseline's order."""
    kinds = {outcome.name: (outcome.kind, outcome.unit) for outcome in b.header.outcomes}
    return [
        outcome for outcome in a.header.outcomes if kinds.get(outcome.name) == (outcome.kind, outcome.unit)
    ]


def _past_uses(
    a: SideData, b: SideData, common: Sequence[Outcome], headline: frozenset[str]
) -> Iterator[PastUse]:
    for outcome in common:
        runs = [data.side.name for data in (a, b) if outcome.name in data.past_uses]
        if len(runs) == 1:
            yield PastUse(outcome=outcome, run=runs[0], headline=outcome.name in headline)


def _notes(a: SideData, b: SideData, n: int) -> Iterator[Note]:
    if a.horizon != b.horizon:
        yield Note(code="horizon", value=min(a.horizon, b.horizon))
    baseline, other = a.header.runaway, b.header.runaway
    if None not in (baseline, other) and baseline != other:
        yield Note(code="runaway", baseline=baseline, other=other)
    if a.flywheel and b.flywheel and a.flywheel.window != b.flywheel.window:
        yield Note(code="window", baseline=a.flywheel.window, other=b.flywheel.window)
    if 0 < n < FEWEST:
        yield Note(code="few", value=FEWEST)


# ---- outcomes


class OutcomeStatistic(NamedTuple):
    """One statistic of one outcome."""

    outcome: Outcome
    statistic: Statistic

    @property
    def unit(self) -> str:
        """The unit of its estimates."""
        return {"probability": SHARE, "restricted_mean": DATE}.get(self.statistic, self.outcome.unit)


def _differences(
    a: SideData, b: SideData, outcomes: Sequence[Outcome], match: Match | None, headline: frozenset[str]
) -> Iterator[Difference]:
    """Yield the differences in outcomes that both have; without a match the runs are compared unpaired."""
    rows = (match.baseline, match.other) if match else (np.flatnonzero(a.good), np.flatnonzero(b.good))
    if not min(map(len, rows)):
        return
    horizon, size = float(min(a.horizon, b.horizon)), len(a.replications) + len(b.replications)
    step = max(1, MOST_CELLS // size)
    for first in range(0, len(outcomes), step):
        columns = [column for outcome in outcomes[first : first + step] for column in _columns(outcome)]
        x, y = (_values(side, columns, at, horizon) for side, at in zip((a, b), rows, strict=True))
        shares = np.array([column.statistic == "probability" for column in columns])
        estimates = paired(x, y, shares) if match else unpaired(x, y, shares)
        for k, column in enumerate(columns):
            yield _difference(column, estimates, k, column.outcome.name in headline)


def _columns(outcome: Outcome) -> list[OutcomeStatistic]:
    if outcome.kind == "date":
        return [OutcomeStatistic(outcome, "probability"), OutcomeStatistic(outcome, "restricted_mean")]
    return [OutcomeStatistic(outcome, "probability" if outcome.kind == "probability" else "mean")]


def _values(
    data: SideData, columns: Sequence[OutcomeStatistic], rows: npt.NDArray[np.int64], horizon: float
) -> Array:
    """Return the columns' values, float64[n, k]; what did not come within the horizon came at its end."""
    raw = data.results.columns(list(dict.fromkeys(column.outcome.name for column in columns)))
    values = np.empty((len(rows), len(columns)))
    for k, (outcome, statistic) in enumerate(columns):
        values[:, k] = raw[outcome.name][rows]
        if outcome.kind == "date":
            came = values[:, k] < horizon  # NaN, never, is below nothing
            values[:, k] = came if statistic == "probability" else np.where(came, values[:, k], horizon)
    return values


def _difference(column: OutcomeStatistic, of: Estimates, k: int, headline: bool) -> Difference:
    return Difference(
        outcome=column.outcome,
        statistic=column.statistic,
        headline=headline,
        n=of.n,
        baseline=_estimate(of.baseline, k, column.unit),
        other=_estimate(of.other, k, column.unit),
        difference=_estimate(of.difference, k, column.unit),
        p=_defined(of.p[k]),
        equal=bool(of.equal[k]),
        p_exceeds=_estimate(of.p_exceeds, k, SHARE),
        p_equal=float(of.p_equal[k]),
        variance_ratio=_defined(of.variance_ratio[k]),
        standardised=_defined(of.standardised[k]),
    )


def _estimate(of: Columns, k: int, unit: str) -> Estimate:
    low, high = (_defined(end) for end in of.interval[k])
    few = bool(of.too_few[k])
    value, error = float(of.value[k]), _defined(of.error[k])
    return Estimate(value=value, low=low, high=high, error=error, unit=unit, too_few=few)


def _defined(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)


# ---- the flywheel


def _flywheel(a: SideData, b: SideData, pairs: bool) -> tuple[list[Difference], list[Note]]:
    """Return the difference in R, and why it is not a paired one where the others are.

    Paired, both are resampled together, batch by batch; else it is that of two independent estimates, from
    their intervals. None where a run knows nothing of its flywheel.
    """
    if a.flywheel is None or b.flywheel is None:
        runs = tuple(data.side.name for data in (a, b) if data.flywheel is None)
        return [], [Note(code="no_flywheel", runs=runs)]
    unpaired = _independent(a.flywheel.counted, b.flywheel.counted)
    if not pairs:
        return [unpaired], []
    batches = matched_batches(a, b)
    if batches is None:
        runs = tuple(data.side.name for data in (a, b) if data.batches is None)
        return [unpaired], [Note(code="no_batches", runs=runs)]
    enough = [data.batches is not None and len(data.batches.numbers) >= FEWEST_BATCHES for data in (a, b)]
    if all(enough) and len(batches[0].numbers) < FEWEST_BATCHES:
        return [unpaired], [Note(code="other_batches")]
    return [_together(*batches)], []


def _together(a: Batches, b: Batches) -> Difference:
    """Return the difference of flywheels whose batches hold the same replications."""
    n, enough = len(a.numbers), len(a.numbers) >= FEWEST_BATCHES
    x, y = (batches.radii() if enough else None for batches in (a, b))
    baseline, other = _resampled(a.R, x), _resampled(b.R, y)
    if n and a.same(b):
        return _radii(n, baseline, other, Interval(0.0, 0.0), 0.0, equal=True)
    if x is None or y is None or baseline.value is None or other.value is None:
        return _radii(n, baseline, other)
    count = min(len(x[0]), len(y[0]))
    between = y[0][:count] - x[0][:count]
    error, alone = float(between.std()), float(x[0].var() + y[0].var())
    saved = alone / error**2 if error else None
    ends = _ends(other.value - baseline.value, between, y[1] - x[1])
    return _radii(n, baseline, other, ends, error, saved=saved)


def _resampled(value: float | None, radii: tuple[Array, Array] | None) -> Estimate:
    if radii is None or value is None:
        return Estimate(value=value, unit=R.unit)
    low, high = _ends(value, *radii)
    error, few = float(radii[0].std()), len(radii[1]) < FEW_BATCHES
    return Estimate(value=value, low=low, high=high, error=error, unit=R.unit, too_few=few)


def _independent(a: Reading, b: Reading) -> Difference:
    baseline, other = (reading.R.model_copy(update={"unit": R.unit}) for reading in (a, b))
    if None in (baseline.value, other.value, baseline.half_width, other.half_width):
        return _radii(0, baseline, other)
    between = apart(with_interval(baseline), with_interval(other))
    error = hypot(*((estimate.half_width or 0.0) / Z95 for estimate in (baseline, other)))
    return _radii(0, baseline, other, between, error)


def _ends(value: float, samples: Array, without: Array) -> Interval:
    """Return the interval of an R, or of a difference of two, from resamples and from leaving out batches."""
    return Interval(*bca(np.array([value]), samples[None], without[:, None])[0].tolist())


def _radii(
    n: int, a: Estimate, b: Estimate, interval: Interval | None = None, error: float | None = None,
    equal: bool = False, saved: float | None = None,
) -> Difference:  # fmt: skip
    value = None if a.value is None or b.value is None else b.value - a.value
    low, high = interval or (None, None)
    p = None
    if interval and error is not None:
        p = 1.0 if equal else two_sided((value or 0.0) / error) if error else float(value == 0.0)
    few = interval is not None and not equal and (a.too_few or b.too_few)
    difference = Estimate(value=value, low=low, high=high, error=error, unit=R.unit, too_few=few)
    return Difference(
        outcome=R, statistic="R", headline=True, n=n, baseline=a, other=b, difference=difference, p=p,
        equal=equal, variance_ratio=saved,
    )  # fmt: skip


# ---- many outcomes at once


def _adjusted(
    contrasts: Sequence[Contrast], adjustment: Adjustment
) -> tuple[tuple[Contrast, ...], dict[bool, int]]:
    """Return the contrasts with adjusted p-values and in order of importance, and the size of each family.

    The questions of the scenarios are one family, everything else is another: a family's differences are
    adjusted for each other alone, or else the few that were asked for would pay for the hundreds that were
    not. What is equal in all pairs is no test: however small a bound, it could not have fallen below it
    (Tarone 1990, Biometrics 46:515).
    """
    rows = [row for contrast in contrasts for row in contrast.differences]
    p = np.array([np.nan if row.p is None or row.equal else row.p for row in rows], np.float64)
    questions = np.array([row.question for row in rows], np.bool_)
    sizes = {family: int(np.count_nonzero(~np.isnan(p[questions == family]))) for family in (True, False)}
    adjusted = p.copy()
    for family in (True, False) if adjustment == "holm" else ():
        adjusted[questions == family] = holm(p[questions == family])
    judged = map(partial(_judged, sizes=sizes), rows, adjusted.tolist())
    ordered = []
    for contrast in contrasts:
        differences = sorted(islice(judged, len(contrast.differences)), key=_order)
        ordered.append(contrast.model_copy(update={"differences": tuple(differences)}))
    return tuple(ordered), sizes


def _judged(difference: Difference, adjusted: float, sizes: dict[bool, int]) -> Difference:
    if difference.equal:
        return difference.model_copy(update={"p_adjusted": 1.0})
    if np.isnan(adjusted) or difference.difference.low is None:
        return difference
    sure = adjusted < SURE and difference.difference.excludes_zero
    tests = sizes[difference.question]
    return difference.model_copy(update={"p_adjusted": adjusted, "tests": tests, "sure": sure})


def _order(difference: Difference) -> tuple[bool, float, str]:
    """Return the key that puts the most important first; R, which has no spread of its own, before all."""
    return difference.statistic != "R", -difference.importance, difference.name
