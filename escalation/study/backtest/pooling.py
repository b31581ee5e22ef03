"""Skill of the model against its rivals, in one record or in several together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from escalation.errors import InputError
from escalation.study.backtest import scores
from escalation.study.backtest.result import Backtest, OriginScore, Skill
from escalation.study.values import SHARE, UNDEFINED, Count, Estimate, ResultPart, Share, unit

MODEL = "model"
BLOCK = 6
"""Origins in a block of the bootstrap: half a year of months."""
DRAWS = 2_000
"""Resamples of the bootstrap."""
MEANS = ("crps", "held_50", "held_95", "expected_50", "expected_95", "bias")
"""Scores that are averaged, each forecast counting once."""
Array = npt.NDArray[np.float64]
Rows = Sequence[OriginScore]


class RecordScore(ResultPart):
    """How good the forecasts of one forecaster are in one record, or in all."""

    record: str
    """The name of the record; empty: all records together, where each forecast counts once."""
    horizon: Annotated[int, unit("days")]
    forecaster: str
    """`model`, or the name of a rival."""
    n: Count
    """Forecasts that were scored."""
    crps: Annotated[float, unit("package days")]
    """Mean fair continuous ranked probability score; lower is better."""
    held_50: Share
    held_95: Share
    expected_50: Share
    expected_95: Share
    """Shares that would lie in these intervals if the forecasts were right."""
    bias: Annotated[float, unit("package days")]
    """Mean forecast less what came."""
    skill: Estimate | None
    """Of the model against this forecaster; None for the model itself."""


class PooledScores(ResultPart):
    """Several backtests together."""

    version: ClassVar[int] = 1

    kind: Literal["scores"] = "scores"
    schema_version: Literal[1] = 1
    records: tuple[str, ...]
    scenarios: tuple[str, ...]
    """The scenario of each record, by name or title."""
    origins: tuple[Count, ...]
    """Origins in each record."""
    shocks: Literal["unknown", "known"]
    horizons: tuple[int, ...]
    scores: tuple[RecordScore, ...]

    def score(self, forecaster: str, horizon: int, record: str = "") -> RecordScore:
        """Return the score of a forecaster at a horizon, of all records unless one is named; KeyError."""
        for entry in self.scores:
            if (entry.forecaster, entry.horizon, entry.record) == (forecaster, horizon, record):
                return entry
        raise KeyError((forecaster, horizon, record))


def pooled(results: Sequence[Backtest]) -> PooledScores:
    """Return the scores of backtests together and one by one.

    Raises InputError for backtests that differ in horizons or in what is known of shocks, or share a record.
    """
    first, names = results[0], [result.record for result in results]
    for result in results[1:]:
        if (result.horizons, result.shocks) != (first.horizons, first.shocks):
            raise InputError(f"backtests of {first.record} and {result.record}: other horizons or shocks")
    if len(set(names)) < len(names):
        raise InputError(f"found two backtests of one record among {', '.join(names)}; give one for each")
    groups = {"": [result.by_origin for result in results]} if len(results) > 1 else {}
    groups |= {result.record: [result.by_origin] for result in results}
    return PooledScores(
        records=tuple(names),
        scenarios=tuple(result.scenario.name or result.scenario.title for result in results),
        origins=tuple(len(result.origins) for result in results),
        shocks=first.shocks,
        horizons=first.horizons,
        scores=tuple(score for name, rows in groups.items() for score in _scores(name, rows, first.seed)),
    )


def _scores(record: str, by_record: Sequence[Rows], seed: int) -> Iterator[RecordScore]:
    skills = {(skill.horizon, skill.forecaster): skill.skill for skill in skills_of(by_record, seed)}
    keys = dict.fromkeys((row.horizon, row.forecaster) for rows in by_record for row in rows)
    for horizon, name in keys:
        own = [row for rows in by_record for row in rows if (row.horizon, row.forecaster) == (horizon, name)]
        counts = [row.n for row in own]
        mean = {
            field: float(np.average([getattr(row, field) for row in own], weights=counts)) for field in MEANS
        }
        skill = skills.get((horizon, name))
        yield RecordScore(record=record, horizon=horizon, forecaster=name, n=sum(counts), skill=skill, **mean)


def skills_of(by_record: Sequence[Rows], seed: int) -> Iterator[Skill]:
    """Yield the skill of the model against each rival at each horizon, in all records together.

    Intervals are percentiles of a paired bootstrap: in each record, the same blocks of origins for both.
    """
    generator = np.random.default_rng([seed % 2**32, 2**31])
    for horizon in dict.fromkeys(row.horizon for rows in by_record for row in rows):
        of_horizon = [[row for row in rows if row.horizon == horizon] for rows in by_record]
        resamples = [_resamples(_series(rows, MODEL), generator) for rows in of_horizon if rows]
        for name in dict.fromkeys(row.forecaster for rows in of_horizon for row in rows):
            if name != MODEL:
                pairs = [(_series(rows, MODEL), _series(rows, name)) for rows in of_horizon if rows]
                yield Skill(forecaster=name, horizon=horizon, skill=_skill(pairs, resamples))


def _series(rows: Rows, name: str) -> Array:
    """Return the sum of scores at each origin, float64[origins]."""
    return np.array([row.crps * row.n for row in rows if row.forecaster == name])


def _resamples(series: Array, generator: np.random.Generator) -> npt.NDArray[np.int64] | None:
    """Return which origins each resample takes; None for so few that blocks would hold them all."""
    if len(series) <= BLOCK:
        return None
    return scores.moving_blocks(len(series), BLOCK, DRAWS, generator)


def _skill(
    pairs: Sequence[tuple[Array, Array]], resamples: Sequence[npt.NDArray[np.int64] | None]
) -> Estimate:
    own, other = (sum(float(series.sum()) for series in side) for side in zip(*pairs, strict=True))
    if not other:
        return UNDEFINED
    value = 1.0 - own / other
    known = [origins for origins in resamples if origins is not None]
    if len(known) < len(pairs):
        return Estimate(value=value, unit=SHARE)
    sums = np.zeros((2, DRAWS))
    for pair, origins in zip(pairs, known, strict=True):
        for side, series in enumerate(pair):
            sums[side] += series[origins].sum(axis=1)
    resampled = 1.0 - sums[0, sums[1] > 0] / sums[1, sums[1] > 0]
    low, high = np.quantile(resampled, [0.025, 0.975])
    return Estimate(value=value, low=float(low), high=float(high), error=float(resampled.std()), unit=SHARE)
