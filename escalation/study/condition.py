"""Given that: the futures of a run in which a condition holds, beside the others, and its early signs."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from datetime import date as Date
from datetime import timedelta
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from escalation.ensemble.read import Run
from escalation.ensemble.result import Results
from escalation.errors import InputError, did_you_mean
from escalation.model.world import FAILED
from escalation.scenario.base import day_of
from escalation.scenario.outcomes import Outcome
from escalation.study.execution import MOST_DAYS, require_whole
from escalation.study.finished import Finished
from escalation.study.objective import happened, indicator, mean_of, share_of, with_interval
from escalation.study.stats import Z95, apart
from escalation.study.values import Count, Estimate, Replications, Result, ResultPart, ScenarioPart

Mask = npt.NDArray[np.bool_]
Array = npt.NDArray[np.float64]
FEWEST = 10
"""Futures that there have to be of either kind."""
CONDITION = re.compile(r"\s*(not\s+)?([A-Za-z_][\w.-]*)\s*(?:([<>]=?)\s*(\S+))?\s*")
COMPARISONS = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}
FORM = "a condition is OUTCOME, not OUTCOME, or OUTCOME <, <=, > or >= a number or date"


class Contrasting(ResultPart):
    """A mean or a share where the condition holds, beside the other futures."""

    name: str
    """The outcome."""
    label: str
    """The same as printed."""
    holds: Estimate
    """Over the futures in which the condition holds."""
    other: Estimate
    """Over the others."""
    difference: Estimate
    """The first minus the second."""

    @property
    def strength(self) -> float:
        """How many standard errors the difference is away from 0, about."""
        half = self.difference.half_width
        size = abs(self.difference.value or 0.0)
        return 0.0 if not size else size / half if half else math.inf


class Given(Result):
    """The futures of a run in which a condition holds, beside the others."""

    version: ClassVar[int] = 1

    kind: Literal["given"] = "given"
    """Which result this is."""
    schema_version: Literal[1] = 1
    """The version of the document."""
    condition: str
    """The condition, as it was asked."""
    replications: Replications
    """The futures that did not fail."""
    holding: Replications
    """Those of them in which it holds."""
    answer: tuple[str, ...]
    """The outcomes that answer the scenario's question."""
    outcomes: tuple[Contrasting, ...]
    """Every other outcome that has a mean or a probability, those that answer the question first, then by how
    surely they differ."""
    by: Date
    """The last day of the early signs."""
    days: Count
    """How many days after the takeover that is."""
    signs: tuple[Contrasting, ...]
    """The share of futures in which each notable act had come by then, by how surely it differs."""

    @property
    def share(self) -> Estimate:
        """The share of futures in which the condition holds."""
        return share_of(self.holding, self.replications)


def futures_given(results: Run | Finished, condition: str, days: int = 60) -> Given:
    """Return the futures of an ensemble in which a condition holds, beside the others.

    `condition` is `OUTCOME`, `not OUTCOME`, `OUTCOME > NUMBER` or `OUTCOME <= DATE`; the early signs end so
    many `days` after the takeover. Raises InputError for a condition that cannot be read, or that holds in
    fewer than 10 futures or in all but so many.
    """
    require_whole("days", days, 1, MOST_DAYS)
    header, good = results.header, results.statuses != FAILED
    outcome, mask = holding(results, condition, "given")
    n, hits = int(good.sum()), int((mask & good).sum())
    if min(hits, n - hits) < FEWEST:
        raise InputError(
            f"given {condition}: holds in {hits:,} of {n:,} futures; at least {FEWEST} are needed in which it"
            f" does, and {FEWEST} in which it does not: play more, or ask for something less rare"
        )
    sides = mask & good, ~mask & good
    others = [other for other in header.outcomes if other is not outcome and other.measure != "relation"]
    contrasts = [_contrast(other, results.columns([other.name])[other.name], sides) for other in others]
    notable = [contrast for contrast in contrasts if contrast.holds.value or contrast.other.value]
    notable.sort(key=lambda contrast: (contrast.name not in header.answered, -contrast.strength))
    by = header.takeover + timedelta(days=days)
    return Given(
        scenario=ScenarioPart.of(header, results.name), seed=results.seed, overrides=results.overrides,
        condition=condition.strip(), replications=n, holding=hits, answer=header.answered,
        outcomes=tuple(notable), by=by, days=days,
        signs=tuple(sorted(_signs(results, others, sides, by), key=lambda sign: -sign.strength)),
    )  # fmt: skip


def holding(results: Results, condition: str, option: str) -> tuple[Outcome, Mask]:
    """Return the outcome of a condition, and in which replications it holds, bool[n].

    Raises InputError, which begins with `option`, for one that cannot be read.
    """
    about = f"{option} {condition}"
    match = CONDITION.fullmatch(condition) if isinstance(condition, str) else None
    if match is None:
        raise InputError(f"{about}: cannot be read; {FORM}")
    negated, name, relation, text = match.groups()
    outcome = next((outcome for outcome in results.header.outcomes if outcome.name == name), None)
    if outcome is None:
        hint = did_you_mean(name, results.header.columns)
        raise InputError(f"{about}: there is no outcome {name}{hint}")
    values = results.columns([name])[name]
    if relation is None:
        if outcome.kind not in ("probability", "date"):
            raise InputError(f"{about}: {name} is a {outcome.kind}; write {name} >= NUMBER")
        mask = happened(name, values)
    else:
        days = np.floor(values) if outcome.kind == "date" else values  # what never came is NaN: neither
        mask = COMPARISONS[relation](days, _limit(results, outcome, text, about))
    return outcome, ~mask if negated else mask


def _limit(results: Results, outcome: Outcome, text: str, about: str) -> float:
    if outcome.kind == "date":
        day = day_of(text)
        if day is None:
            raise InputError(f"{about}: found {text}; {outcome.name} is a date, such as 2020-11-30")
        return float((day - results.header.start).days)
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{about}: found {text}; allowed is a number") from None


def _signs(
    results: Results, outcomes: Iterable[Outcome], sides: tuple[Mask, Mask], by: Date
) -> Iterator[Contrasting]:
    """Yield of each notable act in which share of futures it had come by the end of a day."""
    last = (by - results.header.start).days + 1
    for outcome in outcomes:
        if outcome.measure in ("first", "first_concession"):
            early = (results.columns([outcome.name])[outcome.name] < last).astype(np.float64)
            if early.any():
                yield _contrast(outcome, early, sides, share=True)


def _contrast(outcome: Outcome, values: Array, sides: tuple[Mask, Mask], share: bool = False) -> Contrasting:
    is_share = share or outcome.kind in ("probability", "date")
    column = values if share else indicator(outcome.name, values)
    holds, other = (
        share_of(int(values.sum()), len(values)) if is_share else mean_of(values, outcome.unit)
        for values in (column[side] for side in sides)
    )
    return Contrasting(
        name=outcome.name, label=outcome.label, holds=holds, other=other, difference=_difference(holds, other)
    )


def _difference(holds: Estimate, other: Estimate) -> Estimate:
    """Return the difference of two independent estimates."""
    ends: dict[str, Any] = {}
    if None not in (holds.low, holds.high, other.low, other.high):
        low, high = apart(with_interval(other), with_interval(holds))
        ends = {"low": low, "high": high, "error": (high - low) / (2 * Z95)}
    value = (holds.value or 0.0) - (other.value or 0.0)
    return Estimate(value=value, unit=holds.unit, too_few=holds.too_few or other.too_few, **ends)
