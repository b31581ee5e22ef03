"""What if an act had not taken place, or another had, over all replications: the average effect.

Each replication is played twice, as it is and with the intervention, with the same draws: the differences
are those of pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from escalation.ensemble.result import tally
from escalation.model.world import FAILED, Outcome, Replication, World
from escalation.study.branching import Sums
from escalation.study.finished import Finished
from escalation.study.intervals import Z95, Interval
from escalation.study.intervention import intervention
from escalation.study.noting import Source, matches, noting
from escalation.study.perform import Means
from escalation.study.reading import COUNTED, FEWEST_BATCHES, active_dyads, table
from escalation.study.spectral import core, resampled_radii

SCHEMA_VERSION = 1
Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Effect:
    """One outcome as it is and with the intervention.

    `before` and `after` are means over the pairs (of a date: shares of replications in which it came),
    `difference` is the mean of after less before with its normal 95% interval, None where it cannot be said.
    `equal` is true when no pair differs: then the difference is exactly 0.
    """

    name: str
    kind: str
    unit: str
    label: str
    headline: bool
    before: float
    after: float
    difference: float
    interval: Interval | None
    equal: bool

    @property
    def sure(self) -> bool:
        """True when the interval leaves 0 out."""
        return self.interval is not None and not self.interval.low <= 0.0 <= self.interval.high


@dataclass(frozen=True)
class Average:
    """An ensemble as it is and with an intervention, pair by pair.

    `pairs` were compared, `dropped` were left out since one of the two failed. In `none` of the pairs nothing
    was taken out and nothing put in, and nothing differs; `struck` acts were taken out of all pairs together.
    `R` is the effect on the flywheel, None where it has none. `matches` is false when a stored run has other
    outcomes than it has now, None where there is none.
    """

    words: tuple[str, ...]
    before: Finished
    after: Finished
    pairs: int
    dropped: int
    none: int
    struck: int
    effects: tuple[Effect, ...]
    R: Effect | None
    matches: bool | None = None

    def find(self, name: str) -> Effect:
        """Return the effect on an outcome; KeyError when there is no such one."""
        for effect in self.effects:
            if effect.name == name:
                return effect
        raise KeyError(name)

    @property
    def clean(self) -> bool:
        """True when no replication of either failed or was truncated."""
        return self.before.summary.clean and self.after.summary.clean

    def to_json(self) -> dict[str, Any]:
        """Return all of it as plain JSON values: one document."""
        header = self.before.header
        return {
            "schema_version": SCHEMA_VERSION,
            "intervention": list(self.words),
            "scenario": {"title": header.title, "question": header.question},
            "seed": self.before.seed,
            "pairs": self.pairs,
            "dropped": self.dropped,
            "nothing_to_take_out": self.none,
            "struck": self.struck,
            "replications": {"before": tally(self.before), "after": tally(self.after)},
            "effects": [_document(one) for one in (*self.effects, *((self.R,) if self.R else ()))],
        }


def _document(effect: Effect) -> dict[str, Any]:
    return {
        "outcome": effect.name,
        "kind": effect.kind,
        "unit": effect.unit,
        "label": effect.label,
        "headline": effect.headline,
        "before": effect.before,
        "after": effect.after,
        "difference": effect.difference,
        "interval_95": None if effect.interval is None else list(effect.interval),
        "sure": effect.sure,
        "equal": effect.equal,
    }


def average(source: Source, means: Means, without: Sequence[str], force: Sequence[str]) -> Average:
    """Return the average effect of an intervention on an ensemble, which is played twice.

    `without` are patterns, `force` acts to put in (docs/whatif.md). Raises InputError for what is asked
    wrongly, before anything is simulated.
    """
    what = source.plan
    asked = intervention(what.scenario, what.world, without, force)
    before, _ = noting(what, means, _count)
    after, struck = noting(what, means, _count, asked.alter)
    shorter = min(len(before.statuses), len(after.statuses))
    good = (before.statuses[:shorter] != FAILED) & (after.statuses[:shorter] != FAILED)
    touched = np.array([struck[number] > 0 or bool(asked.forced) for number in range(shorter)], bool)
    return Average(
        words=asked.words,
        before=before,
        after=after,
        pairs=int(good.sum()),
        dropped=int((~good).sum()),
        none=int((good & ~touched).sum()),
        struck=sum(struck[int(number)] for number in np.flatnonzero(good)),
        effects=tuple(_effects(before, after, good)),
        R=_radius_effect(before, after, equal=not touched.any()),
        matches=matches(source.run, before),
    )


def _count(_world: World, _number: int, one: Replication) -> int:
    return one.struck


def _effects(before: Finished, after: Finished, good: npt.NDArray[np.bool_]) -> Iterator[Effect]:
    header = before.header
    for spec in header.outcomes:
        one, other = (run.columns([spec.name])[spec.name][: len(good)][good] for run in (before, after))
        if len(one):
            yield effect(spec, one, other, spec.name in header.answer)


def effect(spec: Outcome, before: Array, after: Array, headline: bool = False) -> Effect:
    """Return the effect on one outcome; `before` and `after` are float64[n], NaN for a date that never came.

    A date counts as 1 where it came and as 0 where not.
    """
    if spec.kind == "date":
        before, after = ~np.isnan(before) * 1.0, ~np.isnan(after) * 1.0
    apart = after - before
    apart = apart[~np.isnan(apart)]  # a date of record after a replication was cut off
    equal = not apart.any()
    interval = Interval(0.0, 0.0) if equal else None
    if not equal and len(apart) > 1:
        half = Z95 * float(np.std(apart, ddof=1)) / sqrt(len(apart))
        interval = Interval(float(apart.mean()) - half, float(apart.mean()) + half)
    return Effect(
        spec.name, spec.kind, spec.unit, spec.label, headline, float(np.nanmean(before)),
        float(np.nanmean(after)), float(apart.mean()), interval, equal,
    )  # fmt: skip


def _radius_effect(before: Finished, after: Finished, equal: bool) -> Effect | None:
    """Return the effect on R, its interval from resampling the same batches of both; None without an R."""
    wheels = [run.summary.flywheel for run in (before, after)]
    first, last = (wheel.counted.R if wheel else None for wheel in wheels)
    if first is None or last is None:
        return None
    batches = [run.ensemble.reduced for run in (before, after)]
    common = sorted(set(batches[0]) & set(batches[1]))
    interval = Interval(0.0, 0.0) if equal else None
    if not equal and len(common) >= FEWEST_BATCHES:
        one, other = (_radii([some[number] for number in common]) for some in batches)
        if len(one) == len(other):
            interval = Interval(*map(float, np.quantile(other - one, (0.025, 0.975))))
    return Effect(
        "R", "level", "acts per act", "hostile acts that each one calls forth (R)", False, first, last,
        last - first, interval, equal,
    )  # fmt: skip


def _radii(batches: Sequence[Sums]) -> Array:
    """Return R over bootstrap resamples of the batches; every call with as many batches resamples alike."""
    whole = batches[0]
    for batch in batches[1:]:
        whole = whole + batch
    dyads = active_dyads(whole)
    answers = table(whole, 0, dyads)[0][..., COUNTED]
    inside = core(answers)
    links = np.nonzero(answers[np.ix_(inside, inside)])
    of_each = [table(batch, 0, dyads[inside]) for batch in batches]
    tops = np.stack([top[..., COUNTED][links] for top, _ in of_each])
    bottoms = np.stack([bottom[:, COUNTED] for _, bottom in of_each])
    return resampled_radii(tops, bottoms, *links)
