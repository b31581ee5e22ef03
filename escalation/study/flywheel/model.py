"""What the flywheel of an ensemble is found to be."""

from __future__ import annotations

from functools import cached_property
from math import isnan
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt

from escalation.study.values import UNDEFINED, Count, Days, Estimate, Replications, ResultPart, Share, unit

Array = npt.NDArray[np.float64]
Answers = Annotated[float, unit("answers per act")]
Matrix = tuple[tuple[Answers, ...], ...]
Ends = tuple[tuple[Answers | None, ...], ...]

Verdict = Literal["feeds itself", "does not feed itself", "cannot be told"]
FEEDS: Verdict = "feeds itself"
DOES_NOT: Verdict = "does not feed itself"
UNKNOWN: Verdict = "cannot be told"

Source = Literal["acts", "history", "shocks", "other", "unknown"]
SOURCES: tuple[Source, ...] = ("acts", "history", "shocks", "other", "unknown")
"""What an act can answer: counted acts, hostile acts before the takeover, shocks, the rest (words, threats,
concessions), and nothing: what the floor of a regular review adds, what stands in a script."""


class Span(ResultPart):
    """A stretch of time [first, last), in days from the scenario's start."""

    label: str
    """Its first and last day: `2020-10-03 to 2020-12-31`."""
    first: Days
    """Its first day."""
    last: Days
    """The day after its last."""


class Reading(ResultPart):
    """Answers per act, from the acts that were followed."""

    acts: Count
    """Acts that were followed."""
    R: Estimate = UNDEFINED
    """Further hostile acts attributed to each one within the window."""
    eventual: Estimate = UNDEFINED
    """The same with the answers that come after the window: R / (1 − late). The verdict
    compares it with 1."""
    cut: bool = False
    """Whether so many replications were cut off at a limit that R may be higher than it reads: acts are
    followed least where they come fastest."""
    late: bool = False
    """Whether so many answers come after the window, or may, that R may be higher still."""
    verdict: Verdict = UNKNOWN
    """Whether the interval of `eventual` lies above 1, or below it with neither `cut` nor `late`."""


def reading(
    acts: int, R: Estimate = UNDEFINED, late_share: float = 0.0, cut: bool = False, late: bool = False
) -> Reading:
    """Return a reading of R; `late_share` is the part of the answers to acts that comes after the window."""
    verdict: Verdict = UNKNOWN
    eventual = _scaled(R, 1.0 / (1.0 - late_share)) if late_share < 1.0 else UNDEFINED
    if eventual.low is not None and eventual.low > 1.0:
        verdict = FEEDS
    elif eventual.high is not None and eventual.high < 1.0 and not (cut or late):
        verdict = DOES_NOT
    return Reading(acts=acts, R=R, eventual=eventual, cut=cut, late=late, verdict=verdict)


def _scaled(of: Estimate, factor: float) -> Estimate:
    numbers = of.model_dump(include={"value", "low", "high", "error"}, exclude_none=True)
    return of.model_copy(update={name: number * factor for name, number in numbers.items()})


class SpanReading(ResultPart):
    """The readings of the acts in a stretch of time."""

    span: Span
    """The stretch."""
    counted: Reading
    """Acts counted."""
    weighted: Reading
    """Acts weighted with their severity."""


class FlywheelDyad(ResultPart):
    """A type of act: who does it to whom."""

    name: str
    """`SENDER.TARGET`."""
    label: str
    """The same as printed."""


class Exchange(ResultPart):
    """How an actor answers what is done to it."""

    actor: str
    """Who answers."""
    target: str
    """Whose acts against it; empty for anybody's."""
    answers: Estimate
    """Its acts, against whomever, attributed to each of these; no interval below 50 acts or 20 batches."""


class Link(ResultPart):
    """Acts on one dyad answered by acts on another."""

    parent: str
    """The dyad of the acts that are answered."""
    child: str
    """The dyad of the answers."""
    answers: Answers
    """Answers per act."""
    carries: Share
    """The part of R that runs through it."""


class Step(ResultPart):
    """One act of a chain."""

    dyad: str
    """On which dyad."""
    instrument: str
    """With which instrument."""
    label: str
    """That instrument as printed."""


class Chain(ResultPart):
    """Acts that answer one another, the last on the dyad of the first."""

    steps: tuple[Step, ...]
    """The acts."""
    per_future: Annotated[float, unit("chains per replication")]
    """How many such chains a replication holds: shares of answers times shares of answers to these, as if an
    act were answered alike whatever it answers itself."""


class Loop(ResultPart):
    """Dyads that answer one another in a circle."""

    dyads: tuple[str, ...]
    """The dyads; the first answers the last."""
    gain: Answers
    """What one act becomes per step along this loop alone."""
    chain: Chain | None
    """What is done most often in it."""


class Rival(ResultPart):
    """How acts cluster in time, and how much of that goes without answers."""

    days: Days
    """Two acts of one replication this close, and not of one package, are a pair."""
    clustering: Annotated[float, unit("pairs per pair at an even rate")]
    """How many pairs there are, per pair that there would be at an even rate."""
    unanswering: Estimate = UNDEFINED
    """The part of the excess over 1 that the shares of acts which answer no act make alone, within a
    replication: shocks, history, words, and what differs between replications. Undefined where it is not
    certain that acts cluster."""


class Flywheel(ResultPart):
    """The flywheel of an ensemble: how many further hostile acts are attributed to each.

    Acts are hostile ones, excluding words and threats, on directed dyads.
    """

    schema_version: Literal[3] = 3
    """Its version."""
    window: Days
    """How long an act is followed."""
    window_cut: bool
    """Whether the run is too short for a window as long as the actors may take to answer."""
    replications: Replications
    """The replications it rests on."""
    truncated: Replications
    """Those of them that were cut off at a limit."""
    counted: Reading
    """R, acts counted."""
    weighted: Reading
    """R, acts weighted with their severity."""
    spans: tuple[SpanReading, ...]
    """R in longer stretches of time."""
    through_time: tuple[SpanReading, ...]
    """Answers to the acts of each month, on all dyads together, per act."""
    sources: dict[Source, Share]
    """The parts of all acts by what they answer; empty without an act."""
    late: Share | None
    """The part of the answers to acts that comes after the window, and is not in K and R."""
    dyads: tuple[FlywheelDyad, ...]
    """The dyads on which hostile acts happened: rows and columns of the matrices."""
    followed: tuple[float, ...]
    """How many acts each row rests on."""
    answers: Matrix
    """K: answers on the column's dyad per act on the row's; 0 in a row that rests on no act."""
    answers_low: Ends | None
    """Lower ends of 95% intervals of K: null in rows that rest on fewer than 50 acts, 0 where no answer was
    seen; null as a whole below 20 batches of replications."""
    answers_high: Ends | None
    """Upper ends alike."""
    exchanges: tuple[Exchange, ...] = ()
    """How each actor answers each other one, and anybody."""
    severity: Matrix
    """K with acts weighted with their severity."""
    severity_low: Ends | None
    """Lower ends of its intervals."""
    severity_high: Ends | None
    """Upper ends of its intervals."""
    acts_per_shock: tuple[Annotated[float, unit("acts")], ...] | None
    """Acts on each dyad that follow one shock, late answers included; null where R / (1 − late) is not
    below 1."""
    acts_per_outside_act: Annotated[float, unit("acts")] | None
    """Acts that follow one act provoked from outside, itself and late answers included; null alike."""
    links: tuple[Link, ...]
    """The links that carry most of R."""
    loops: tuple[Loop, ...]
    """The loops with the largest gain."""
    chains: tuple[Chain, ...]
    """The most frequent chains of acts."""
    rival: Rival | None
    """How much of the clustering of acts goes without answers; null where there is too little to
    measure it."""

    @cached_property
    def K(self) -> Array:
        """Answers per act, float64[d, d], parent by child."""
        return _square(self.answers)

    @cached_property
    def K_weighted(self) -> Array:
        """The same weighted with severity, float64[d, d]."""
        return _square(self.severity)

    @cached_property
    def K_ends(self) -> tuple[Array, Array] | None:
        """The ends of the intervals of K, float64[d, d] each, NaN for none; None below 20 batches."""
        low, high = self.answers_low, self.answers_high
        return None if low is None or high is None else (_square(low), _square(high))

    def answers_of(self, actor: str, target: str = "") -> Estimate:
        """Return the acts of `actor` attributed to each act against it, by `target` or by anybody."""
        exchanges = (entry for entry in self.exchanges if (entry.actor, entry.target) == (actor, target))
        return next((exchange.answers for exchange in exchanges), UNDEFINED)

    @property
    def endogenous(self) -> float | None:
        """The part of the acts that answers earlier hostile acts, and not shocks, words or nothing known."""
        return self.sources["acts"] + self.sources["history"] if self.sources else None


def rows_of(matrix: Array) -> Ends:
    """Return a matrix as nested tuples, None for NaN."""
    return tuple(tuple(None if isnan(cell) else cell for cell in row) for row in matrix.tolist())


def _square(rows: Ends) -> Array:
    return np.array(rows, np.float64).reshape(len(rows), len(rows))
