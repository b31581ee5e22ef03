"""What is attributed to an act against what truly vanishes: one act deleted per replication, in its world.

`K` of the flywheel counts the shares that acts have in the acts before them. Whether an act would really have
been missing without its cause is asked here: in each replication one hostile act is sampled, the replication
is played again without it, and the acts that follow within the window are counted again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.model.draws import stable_hash, uniform
from escalation.model.intervene import Strike, intervened
from escalation.model.world import DONE, SIMULATED, Replication, World
from escalation.study.execution import Execution
from escalation.study.finished import Finished
from escalation.study.flywheel.log import ActLog, joined
from escalation.study.journal import Journal
from escalation.study.stats import Z95, too_few
from escalation.study.story.causes import attributed
from escalation.study.values import Days, Estimate, Replications, Result, ResultPart
from escalation.study.whatif.average import PlayedTwice, ReplayedAsked, observed

WHICH, KEY = 1_000, stable_hash("which act to delete")
"""Purpose and cause of the one draw that is no part of the world: which act is deleted."""

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


class DyadCheck(ResultPart):
    """Acts on one dyad that follow a deleted act, per act deleted."""

    actor: str
    """Who acts."""
    target: str
    """On whom."""
    children: Estimate
    """Those that answer it directly, in sum of shares."""
    descendants: Estimate
    """Those that answer it directly or by way of other hostile acts, in sum of shares."""
    vanished: Estimate
    """Those that are missing without it."""


class AttributionCheck(Result):
    """Per hostile act deleted: how many others answer it by attribution, and how many truly vanish.

    One act of each replication stands for all that could have been sampled there, so that it weighs as many:
    estimates are ratios of sums over replications, their intervals from the residuals (Cochran 1977, section
    6.4).
    """

    version: ClassVar[int] = 2

    kind: Literal["attribution"] = "attribution"
    """Which result this is."""
    schema_version: Literal[2] = 2
    """The version of the document."""
    window: Days
    """Acts are followed for so long: the window of the flywheel."""
    replications: Replications
    """How many were asked for."""
    deleted: Replications
    """In how many of them an act could be followed for the whole window."""
    dropped: Replications
    """How many failed or were truncated, as they are or without the act; they are left out."""
    R: float | None
    """The spectral radius of the flywheel."""
    children: Estimate
    """Acts that answer it directly, in sum of shares."""
    descendants: Estimate
    """Acts that answer it directly or by way of other hostile acts, in sum of shares."""
    vanished: Estimate
    """Acts that are missing without it."""
    excess: Estimate
    """`vanished` less `descendants`, pair by pair."""
    actors: Mapping[str, str]
    """The name of each actor with its label as printed, in the order of dyads."""
    dyads: tuple[DyadCheck, ...]
    """By the dyad of the acts that follow, the one with most descendants first."""
    weights: tuple[float, ...]
    """How much of the estimates rests on acts deleted from each dyad (sender · actors + target)."""
    vanished_by: tuple[tuple[float, ...] | None, ...]
    """Acts that vanish on each dyad, by the dyad of the act deleted; None where none was."""

    @property
    def clean(self) -> bool:
        """True when no replication failed and none was truncated."""
        return not self.dropped


class Attribution(PlayedTwice[ReplayedAsked, AttributionCheck]):
    """What is attributed to one act of each replication, and what vanishes without it."""

    kind = "attribution"
    asked = ReplayedAsked
    result = AttributionCheck

    def play(self, asked: ReplayedAsked, execution: Execution, journal: Journal) -> AttributionCheck:  # noqa: ARG002
        """Return the check of an ensemble, which is played twice.

        The window is that of the flywheel; an act can be sampled if its whole window lies before the end.
        Each of a replication's is sampled with equal chance, by a draw of its own that shifts no other.
        """
        what = asked.plan
        window = what.reducer.plan.window
        before, samples = observed(what, execution, SampleAct(what.seed, window))
        sampled = {number: act for number, act in sorted(samples.items()) if act is not None}

        def alter(world: World) -> World:
            return intervened(world, [act.strike for act in sampled.values()])

        after, left = observed(what, execution, Recount(sampled, window), alter)
        pairs = [(act, left[number]) for number, act in sampled.items() if left.get(number) is not None]
        dropped = int(((before.statuses != DONE) | (after.statuses != DONE)).sum())
        return _result(asked, before, window, pairs, dropped)


ATTRIBUTION = Attribution()


class SampledAct(NamedTuple):
    """The act that is deleted in one replication, and what follows it where it is not.

    It is one of `among` hostile acts that could be sampled; `dyad` is its own. The rest is float64[dyads],
    over the hostile acts within the window after it: `children` are the shares in which they answer it,
    `descendants` those in which they answer it directly or by way of other hostile acts, `acts` are all of
    them.
    """

    strike: Strike
    time: float
    among: int
    dyad: int
    children: Array
    descendants: Array
    acts: Array


@dataclass(frozen=True)
class SampleAct:
    """Samples the act to be deleted, with what is attributed to it; None where none can be followed."""

    seed: int
    window: float

    def __call__(self, world: World, number: int, replication: Replication) -> SampledAct | None:
        """Return the sampled act of one replication."""
        if replication.status != DONE:
            return None
        log, n = joined(world, [replication]), int(world.tables.actors)
        simulated = replication.acts["origin"] == SIMULATED
        eligible = np.flatnonzero(log.counted & simulated & (log.time < log.end - self.window))
        if not len(eligible):
            return None
        stream = [self.seed & 0xFFFFFFFF, (self.seed >> 32) & 0xFFFFFFFF, number]
        row = int(eligible[int(uniform(stream, WHICH, 0, KEY) * len(eligible))])
        links = [*zip(log.child.tolist(), log.cause.tolist(), log.share.tolist(), strict=True)]
        direct = attributed(len(log.time), links, [row], np.zeros(len(log.time), np.bool_))
        whole = attributed(len(log.time), links, [row], log.counted & (log.severity > 0.0))
        direct[row] = whole[row] = 0.0
        soon = _following(log, float(log.time[row]), self.window)
        return SampledAct(
            _strike(number, replication, row),
            float(log.time[row]),
            len(eligible),
            int(log.parent[row]),
            *(_by_dyad(log, n, soon, values) for values in (direct, whole, np.ones(len(log.time)))),
        )


@dataclass(frozen=True)
class Recount:
    """Counts how many acts there are on each dyad after the one that was deleted."""

    sampled: Mapping[int, SampledAct]
    window: float

    def __call__(self, world: World, number: int, replication: Replication) -> Array | None:
        """Return float64[dyads], None where no act was deleted or the replication was not played out."""
        sampled = self.sampled.get(number)
        if sampled is None or replication.status != DONE:
            return None
        log, n = joined(world, [replication]), int(world.tables.actors)
        return _by_dyad(log, n, _following(log, sampled.time, self.window), np.ones(len(log.time)))


def _strike(number: int, replication: Replication, row: int) -> Strike:
    log = replication.acts
    alike = log["origin"] == SIMULATED
    for name in ("actor", "target", "instrument"):
        alike &= log[name] == log[name][row]
    who, whom, what = (int(log[name][row]) for name in ("actor", "target", "instrument"))
    return Strike(int(alike[: row + 1].sum()), who, whom, what, replication=number)


def _following(log: ActLog, time: float, window: float) -> Mask:
    """Return the hostile acts at or after `time` and at most `window` days later."""
    return np.asarray(log.counted & (log.time >= time) & (log.time <= time + window), np.bool_)


def _by_dyad(log: ActLog, actors: int, rows: Mask, values: Array) -> Array:
    return np.bincount(log.parent[rows], values[rows], actors * actors).astype(np.float64)


def _result(
    asked: ReplayedAsked,
    before: Finished,
    window: float,
    pairs: Sequence[tuple[SampledAct, Array]],
    dropped: int,
) -> AttributionCheck:
    actors = before.world.names.actors
    dyads = len(actors) ** 2
    own = np.array([act.dyad for act, _ in pairs], np.int64)
    weights = np.array([act.among for act, _ in pairs], np.float64)
    children = np.array([act.children for act, _ in pairs]).reshape(-1, dyads)
    descendants = np.array([act.descendants for act, _ in pairs]).reshape(-1, dyads)
    vanished = np.array([act.acts - after for act, after in pairs]).reshape(-1, dyads)
    vanished[np.arange(len(pairs)), own] -= 1.0  # the act deleted is no answer to itself
    tables = {"children": children, "descendants": descendants, "vanished": vanished}
    flywheel = before.summary.flywheel
    return AttributionCheck(
        **asked.envelope,
        window=window,
        replications=before.asked,
        deleted=len(pairs),
        dropped=dropped,
        R=flywheel.counted.R.value if flywheel else None,
        **{name: _mean(table.sum(axis=1), weights) for name, table in tables.items()},
        excess=_mean((vanished - descendants).sum(axis=1), weights),
        actors=before.header.actors,
        dyads=tuple(
            DyadCheck(
                actor=actors[dyad // len(actors)],
                target=actors[dyad % len(actors)],
                **{name: _mean(table[:, dyad], weights) for name, table in tables.items()},
            )
            for dyad in np.argsort(-descendants.sum(axis=0), kind="stable").tolist()
            if descendants[:, dyad].any() or vanished[:, dyad].any()
        ),
        weights=tuple((np.bincount(own, weights, dyads) / max(1.0, weights.sum())).tolist()),
        vanished_by=tuple(_by_deleted(own, vanished, weights, dyads)),
    )


def _by_deleted(
    own: npt.NDArray[np.int64], vanished: Array, weights: Array, dyads: int
) -> Iterator[tuple[float, ...] | None]:
    for dyad in range(dyads):
        rows = own == dyad
        means = np.average(vanished[rows], axis=0, weights=weights[rows]) if rows.any() else None
        yield None if means is None else tuple(means.tolist())


def _mean(values: Array, weights: Array) -> Estimate:
    """Return a weighted mean over acts; without an interval below two replications."""
    if not len(values):
        return Estimate(value=0.0, unit="acts")
    mean = float(np.average(values, weights=weights))
    if len(values) < 2:
        return Estimate(value=mean, unit="acts")
    residuals = weights * (values - mean) / weights.mean()
    error = float(residuals.std(ddof=1)) / len(values) ** 0.5
    low, high, few = mean - Z95 * error, mean + Z95 * error, bool(too_few(values))
    return Estimate(value=mean, low=low, high=high, error=error, unit="acts", too_few=few)
