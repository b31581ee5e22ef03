"""What a comparison of runs found: each outcome in each run, what differs, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple

from escalation.study.comparing.document import document
from escalation.study.stats import Interval

Measure = Literal["mean", "probability", "restricted_mean", "R"]
"""What of an outcome is compared. An outcome of kind `date` is compared twice: by the probability that it
comes at all, and by its restricted mean (Royston and Parmar 2013, BMC Medical Research Methodology 13:152):
its mean in days from the start, where a date that never came counts as the end."""

Adjustment = Literal["holm", "none"]
"""How p-values allow for many outcomes at once."""


@dataclass(frozen=True)
class Side:
    """One of the runs that are compared.

    `name` is short and no other side's; `source` is what was asked for, `folder` where the run is stored.
    `finished`, `failed` and `truncated` count replications; `overrides` say what of its scenario's file
    was changed. `relations` are the places of a `relation.*` outcome, `verdict` is that on its flywheel:
    `feeds itself`, `does not feed itself`, `cannot be told`.
    """

    name: str
    title: str
    source: str
    folder: str | None
    seed: int
    finished: int
    failed: int
    truncated: int
    overrides: tuple[str, ...]
    start: date
    takeover: date
    end: date
    relations: tuple[str, ...] = ()
    verdict: str | None = None


class Told(NamedTuple):
    """A first use that the scenario of just one side, called `run`, tells as history.

    What it simulates comes after that, so that the two first uses are not of the same kind: not compared.
    """

    name: str
    label: str
    run: str
    headline: bool


@dataclass(frozen=True)
class Level:
    """An outcome in one run, with its 95% interval; None where it cannot be said."""

    estimate: float | None
    interval: Interval | None = None


@dataclass(frozen=True)
class Difference:
    """One measure of one outcome: what it is in the baseline and in the other run, and the difference.

    `difference` is the other's less the baseline's, in `unit` (a share for probabilities), with its 95%
    interval, not adjusted. `p` is two-sided, `p_adjusted` allows for the `tests` of its family, and `sure`
    says that it is below 0.05 and that the interval leaves out 0. `equal` is true when no pair of
    replications differs at all: then the difference is exactly 0.

    `p_exceeds` is the probability that the other has more than the baseline (for a date: comes later or
    never) in the same world; `p_equal` that both have the same. `variance_ratio` is how many times as many
    replications independent runs would need for an interval as narrow. `standardised` is the difference in
    standard deviations of the outcome between replications (root of the mean of both variances).
    `n` are the pairs that it rests on, or the replications of the smaller run. `headline`
    marks what answers the question of a scenario. None stands for what cannot be said.
    """

    name: str
    measure: Measure
    label: str
    kind: str
    unit: str
    headline: bool
    n: int
    baseline: Level
    other: Level
    difference: float | None
    interval: Interval | None = None
    p: float | None = None
    p_adjusted: float | None = None
    tests: int | None = None
    sure: bool = False
    equal: bool = False
    p_exceeds: float | None = None
    p_equal: float | None = None
    variance_ratio: float | None = None
    standardised: float | None = None

    @property
    def importance(self) -> float:
        """The size of the difference, by which outcomes are ordered: without any spread it is infinite."""
        if self.standardised is not None:
            return abs(self.standardised)
        return float("inf") if self.difference else 0.0

    @property
    def asked(self) -> bool:
        """True when it answers a question of a scenario, R included: these are one family of tests."""
        return self.headline or self.measure == "R"

    @property
    def nearly(self) -> bool:
        """True when the interval by itself leaves out 0, and it is not sure all the same."""
        return not self.sure and self.interval is not None and not _holds_nought(self.interval)


@dataclass(frozen=True)
class Contrast:
    """The baseline and one other run: `other` is its place among the sides.

    `reasons` say why replications could not be paired; empty where they were. `pairs` were compared (0 when
    unpaired), `dropped` were left out since a replication of them failed. `differences` stand in order of
    importance. `only_baseline` and `only_other` are outcomes that just one of them has, `told` those that
    just one of them tells as history: they are not compared. `notes` are what else a reader must know.
    """

    other: int
    reasons: tuple[str, ...]
    pairs: int
    dropped: int
    differences: tuple[Difference, ...]
    only_baseline: tuple[str, ...] = ()
    only_other: tuple[str, ...] = ()
    told: tuple[Told, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def paired(self) -> bool:
        """True when replication r of one was compared with replication r of the other."""
        return not self.reasons

    @property
    def identical(self) -> bool:
        """True when nothing differs in any pair of replications."""
        return self.paired and self.pairs > 0 and all(one.equal for one in self.differences)

    def find(self, name: str, measure: Measure | None = None) -> Difference:
        """Return the difference in an outcome, of the first measure unless one is named; KeyError."""
        for one in self.differences:
            if one.name == name and measure in (None, one.measure):
                return one
        raise KeyError(name)


@dataclass(frozen=True)
class Comparison:
    """Runs compared with the first of them, the baseline: one contrast for each other one.

    `tests` is how many p-values there are: those of outcomes that differ in any replication. `questions` of
    them answer a question of the scenarios: these are one family of the adjustment, the rest is another.
    """

    sides: tuple[Side, ...]
    contrasts: tuple[Contrast, ...]
    adjustment: Adjustment
    tests: int
    questions: int

    @property
    def baseline(self) -> Side:
        """The run that all others are compared with."""
        return self.sides[0]

    @property
    def clean(self) -> bool:
        """True when no replication of any run failed or was truncated."""
        return not any(side.failed or side.truncated for side in self.sides)

    def pairs(self) -> Iterator[tuple[Side, Contrast]]:
        """Yield each other run with its contrast."""
        yield from ((self.sides[contrast.other], contrast) for contrast in self.contrasts)

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as plain JSON values (docs/compare.md), None for what cannot be said."""
        return document(self)


def _holds_nought(interval: Interval) -> bool:
    return interval.low <= 0.0 <= interval.high
