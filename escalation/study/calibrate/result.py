"""What a calibration brings: the posterior, what the records say and do not say, and whether they fit."""

from __future__ import annotations

from datetime import date as Date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from escalation.study.values import Band, Count, Estimate, Replications, Result, ResultPart, Share, unit

POINTS = 64
"""Draws of the posterior that its file holds."""
LEARNED, LITTLE = 0.3, 0.1
"""Contractions from which on the records say much, and something, about a parameter."""


class CalibratedNumber(ResultPart):
    """A number that a parameter moves, before and after: medians with 95% intervals."""

    path: str
    label: str
    """Whose it is and what: `Belarus: reciprocity`."""
    prior: Estimate
    posterior: Estimate


class CalibratedParameter(ResultPart):
    """What the records say about a parameter, whose score is standard normal before them."""

    name: str
    """`target.policy.reciprocity`, or of all of a kind at once `senders.policy.discharge`."""
    numbers: tuple[CalibratedNumber, ...]
    """What it moves in the scenario that was asked for; empty where only other records' scenarios have it."""
    mean: float
    """Mean of its score after the records."""
    deviation: Annotated[float, Field(ge=0)]
    """Standard deviation of its score after them."""
    contraction: Share
    """1 less its variance: 0 where the records say nothing about it, 1 where they settle it."""
    inside: Share
    """How often a 90% interval of its score holds the truth, in records that were drawn from the prior."""
    uniform: Share
    """p-value that the truth lies at uniform ranks in such intervals; small where the intervals are wrong."""

    @property
    def is_learned(self) -> bool:
        """True when the records say something about it."""
        return self.contraction >= LITTLE


class Correlation(ResultPart):
    """How two scores go together after the records: what these say only of both at once."""

    one: str
    other: str
    value: Annotated[float, Field(ge=-1, le=1)]


class CalibratedRecord(ResultPart):
    """A record, and what of it was used."""

    name: str
    target: str
    first: Date
    """First day of its first window."""
    until: Date
    """What it holds from this day on was not looked at."""
    windows: Count
    """Windows, each of which is simulated from what stood before it."""
    acts: Count
    """Hostile acts in them, words excluded."""


class PredictiveCheck(ResultPart):
    """Package days of one actor in one window: what the posterior predicts, and what came."""

    record: str
    actor: str
    start: Date
    days: Annotated[int, unit("days")]
    observed: Count
    median: float
    band_50: Band
    band_95: Band
    tail: Share
    """Probability of a count at least as far out as what came, on either side."""


class Calibration(Result):
    """What records say about the numbers of a scenario."""

    version: ClassVar[int] = 1

    kind: Literal["calibrate"] = "calibrate"
    schema_version: Literal[1] = 1
    records: tuple[CalibratedRecord, ...]
    parameters: tuple[CalibratedParameter, ...]
    correlations: tuple[Correlation, ...]
    """Every pair, the strongest first."""
    checks: tuple[PredictiveCheck, ...]
    silent: tuple[str, ...]
    """Parameters that were asked for and that no scenario has a number for."""
    spread: float
    """Standard deviation of a logarithm: the prior of what has no distribution of its own."""
    draws: Replications
    """Draws of the prior, each of which was simulated in every window."""
    accepted: Count
    """Draws that make the posterior."""
    effective: float
    """How many equally weighted ones know as much."""
    distance: Share
    """Share of draws of the prior that lie farther from what they would be taken for than the records do:
    near 0 where the model cannot give such records."""
    sample: dict[str, tuple[float, ...]]
    """Draws of the posterior: values by path, in one order, equally likely."""
    failed: Count = 0
    """Draws left out because a replication of them failed."""

    @property
    def clean(self) -> bool:
        """True when no replication failed."""
        return not self.failed

    @property
    def held_95(self) -> float | None:
        """Share of the counts that lie in their 95% band."""
        inside = [check.band_95.low <= check.observed <= check.band_95.high for check in self.checks]
        return sum(inside) / len(inside) if inside else None
