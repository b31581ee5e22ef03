"""A comparison of runs as a result: each outcome in each run, what differs, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date as Date
from typing import ClassVar, Literal

from escalation.errors import UnknownName
from escalation.scenario.outcomes import Outcome
from escalation.study.values import (
    Count,
    Estimate,
    Replications,
    ReplicationsPart,
    Result,
    ResultPart,
    ScenarioPart,
)

Statistic = Literal["mean", "probability", "restricted_mean", "R"]
"""What of an outcome is compared. One of kind `date` is compared twice: by the probability that it comes at
all, and by its restricted mean (Royston and Parmar 2013, BMC Medical Research Methodology 13:152): its mean
in days from the start, where a date that never came counts as the end."""

Adjustment = Literal["holm", "none"]
"""How p-values allow for many outcomes at once."""

R = Outcome("flywheel.R", "estimate", "acts per act", "further hostile acts per hostile act", "R")
"""The reproduction number of the flywheel, which is no column of a run."""


class Side(ResultPart):
    """One of the runs that are compared."""

    name: str
    """A short name that no other side has."""
    scenario: ScenarioPart
    """Its scenario."""
    source: str
    """What was named: a run's folder, a file, a shipped scenario."""
    folder: str | None
    """Where the run is stored; None when it is not."""
    seed: int
    """What all chance comes from."""
    overrides: tuple[str, ...]
    """What was changed in the scenario's file."""
    replications: ReplicationsPart
    """How many there are, and how they ended."""
    relations: tuple[str, ...]
    """What the ranks of a `relation.*` outcome stand for, the best first."""
    verdict: str | None
    """Of its flywheel: `feeds itself`, `does not feed itself`, `cannot be told`; None without a flywheel."""


class Reason(ResultPart):
    """Why replications r of two runs are not the same world."""

    code: Literal["seed", "start", "takeover", "end", "model", "replications"]
    """What differs: the seed, a day, the version of the model. `replications`: they have none in
    common."""
    baseline: int | Date | None = None
    """The seed or the day of the baseline."""
    other: int | Date | None = None
    """The seed or the day of the other run."""


class Note(ResultPart):
    """What else a reader must know."""

    code: Literal["horizon", "runaway", "window", "few", "no_flywheel", "other_batches", "no_batches"]
    """`horizon`: dates are compared over the first `value` days; `runaway`, `window`: what counts as a
    runaway, or for how many days acts are followed, differs; `few`: means of fewer than `value` replications
    have no interval; `no_flywheel`: `runs` have no R, which is not compared; `other_batches`, `no_batches`:
    R is compared as that of independent runs, for these have other batches, or `runs` have none."""
    value: float | None = None
    """A number of days or replications."""
    baseline: float | None = None
    """Of the baseline: the tension of a runaway, or days."""
    other: float | None = None
    """The same of the other run."""
    runs: tuple[str, ...] = ()
    """Names of the runs it is about."""


class PastUse(ResultPart):
    """A first use that the scenario of one side has in its history: not compared.

    What that scenario simulates comes after it, so that the two first uses are not of the same kind.
    """

    outcome: Outcome
    """The first use."""
    run: str
    """The name of the side with this history."""
    headline: bool
    """Whether it answers the question of a scenario."""


class Difference(ResultPart):
    """One statistic of one outcome: in the baseline, in the other run, and the difference."""

    outcome: Outcome
    """What was measured."""
    statistic: Statistic
    """What of it is compared."""
    headline: bool
    """Whether it answers the question of a scenario."""
    n: Count
    """The pairs that it rests on; unpaired, the replications of the smaller run; for R, batches."""
    baseline: Estimate
    """The baseline."""
    other: Estimate
    """The other run."""
    difference: Estimate
    """The other less the baseline, with an interval that is not adjusted."""
    p: float | None = None
    """Two-sided p-value, for itself."""
    p_adjusted: float | None = None
    """The p-value that allows for all tests of its family."""
    tests: int | None = None
    """How many tests there are in that family; None where it is no test."""
    sure: bool = False
    """Whether `p_adjusted` is below 0.05 and the interval excludes 0."""
    equal: bool = False
    """Whether no pair differs at all: then the difference is exactly 0."""
    p_exceeds: Estimate | None = None
    """The probability that the other has more (for a date: comes later or never) in the same world."""
    p_equal: float | None = None
    """The probability that both have the same."""
    variance_ratio: float | None = None
    """How many times as many replications independent runs would need for an interval as narrow."""
    standardised: float | None = None
    """The difference in standard deviations of the outcome between replications (root of the mean of both
    variances)."""

    @property
    def name(self) -> str:
        """The name of the outcome."""
        return self.outcome.name

    @property
    def importance(self) -> float:
        """The size of the difference, by which outcomes are ordered: without any spread it is infinite."""
        if self.standardised is not None:
            return abs(self.standardised)
        return float("inf") if self.difference.value else 0.0

    @property
    def in_deviations(self) -> Estimate | None:
        """The difference and its interval in standard deviations; None where these are undefined."""
        if self.equal:
            return Estimate(value=0.0, low=0.0, high=0.0)
        by = self.difference
        if not by.value or not self.standardised or by.low is None or by.high is None:
            return None
        scale = self.standardised / by.value
        return Estimate(value=self.standardised, low=scale * by.low, high=scale * by.high)

    @property
    def question(self) -> bool:
        """Whether it answers a question of a scenario, R included: these are one family of tests."""
        return self.headline or self.statistic == "R"

    @property
    def nearly(self) -> bool:
        """Whether the interval by itself excludes 0, and it is not sure all the same."""
        return not self.sure and self.difference.excludes_zero


class Contrast(ResultPart):
    """The baseline and one other run."""

    other: int
    """The place of the other run among the sides, from 0."""
    reasons: tuple[Reason, ...]
    """Why replications could not be paired; empty where they were."""
    pairs: Replications
    """How many were compared in pairs; 0 when unpaired."""
    dropped: Replications
    """How many pairs were left out since a replication of them failed."""
    differences: tuple[Difference, ...]
    """In order of importance; R first."""
    only_baseline: tuple[str, ...] = ()
    """Outcomes that only the baseline has."""
    only_other: tuple[str, ...] = ()
    """Outcomes that only the other run has."""
    past_uses: tuple[PastUse, ...] = ()
    """First uses that only one of the scenarios has in its history."""
    notes: tuple[Note, ...] = ()
    """What else a reader must know."""

    @property
    def paired(self) -> bool:
        """Whether replication r of one was compared with replication r of the other."""
        return not self.reasons

    @property
    def identical(self) -> bool:
        """Whether nothing differs in any pair of replications."""
        return self.paired and self.pairs > 0 and all(difference.equal for difference in self.differences)

    def find(self, name: str, statistic: Statistic | None = None) -> Difference:
        """Return the difference in an outcome, of the first statistic unless one is named; UnknownName."""
        for difference in self.differences:
            if difference.name == name and statistic in (None, difference.statistic):
                return difference
        raise UnknownName("difference in", name, [difference.name for difference in self.differences])


class ChangedInput(ResultPart):
    """One value that two scenarios do not have in common."""

    path: str
    """Where it stands in the file."""
    baseline: str
    """What it is in the baseline, as printed; empty where it is not there."""
    other: str
    """What it is in the other scenario."""


class Comparison(Result):
    """Runs compared with the first of them, the baseline: one contrast for each other one."""

    version: ClassVar[int] = 2

    kind: Literal["compare"] = "compare"
    """Which result this is."""
    schema_version: Literal[2] = 2
    """The version of the document."""
    sides: tuple[Side, ...]
    """The runs, the baseline first."""
    contrasts: tuple[Contrast, ...]
    """What differs between the baseline and each other run."""
    inputs: tuple[tuple[ChangedInput, ...], ...] = ()
    """What was changed in the scenario of each other run, in the order of the contrasts; empty where the
    scenarios are not at hand."""
    adjustment: Adjustment
    """How p-values allow for many outcomes at once."""
    tests: Count
    """How many p-values there are: those of outcomes that differ in any replication."""
    questions: Count
    """How many of them answer a question of the scenarios: these are one family, the rest is another."""

    @property
    def baseline(self) -> Side:
        """The run that all others are compared with."""
        return self.sides[0]

    @property
    def clean(self) -> bool:
        """True when no replication of any run failed or was truncated."""
        return all(side.replications.clean for side in self.sides)

    def pairs(self) -> Iterator[tuple[Side, Contrast]]:
        """Yield each other run with its contrast."""
        yield from ((self.sides[contrast.other], contrast) for contrast in self.contrasts)
