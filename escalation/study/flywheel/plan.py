"""What is fixed before a run: how long an act is followed, and which calendar spans are looked at alone."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from escalation.model.draws import LARGEST_EXPONENT
from escalation.model.world import World
from escalation.scenario.policy import KINDS
from escalation.study.calendar import first_days
from escalation.study.flywheel.model import Span

COVERED = 0.95
"""The part of answer lags that the window covers."""
SHORTEST = 30.0
"""Days for which an act is followed at least, and shortest span."""
SHORTEST_MONTH = 10.0
"""Days of the shortest month: what is left of less at either end belongs to its neighbour."""
MOST_SPANS, MOST_MONTHS = 8, 24
SHARES = (np.arange(400) + 0.5) / 400
"""Where the values that stand for a distribution of lags lie in it: equally likely ones."""


class Plan(NamedTuple):
    """What is fixed before a run: the window in days, and stretches of time that are also looked at alone.

    A parent belongs to the stretches that it happens in. `spans` are few and long, for R itself; `months` are
    the finer ones of R through time, or quarters and so on where there are more than 24. `cut` is true when
    the run is too short for a window as long as the actors may take to answer.
    """

    window: float
    spans: tuple[Span, ...] = ()
    cut: bool = False
    months: tuple[Span, ...] = ()

    @property
    def bounds(self) -> npt.NDArray[np.float64]:
        """The ends of all stretches, ascending and distinct, float64[n]: time is divided into n + 1 cells."""
        ends = {float(end) for span in (*self.spans, *self.months) for end in (span.first, span.last)}
        return np.array(sorted(ends))

    def cells(self, span: Span) -> slice:
        """Return the cells of time that make up one of the stretches."""
        first, last = np.searchsorted(self.bounds, (span.first, span.last))
        return slice(int(first) + 1, int(last) + 1)

    def as_dict(self) -> dict[str, Any]:
        """Return the plan as plain JSON values, the stretches in days from the start."""
        return {
            "window": self.window,
            "window_cut": self.cut,
            "spans": [span.model_dump() for span in self.spans],
            "months": [span.model_dump() for span in self.months],
        }


def plan_for(world: World) -> Plan:
    """Return the plan of a world: its window and spans, and whether the end cuts the window short."""
    window = default_window(world)
    months = _stretches(world, window, (1, 3, 6, 12), MOST_MONTHS, SHORTEST_MONTH)
    return Plan(window, calendar_spans(world, window), window < _needed(world), months)


def default_window(world: World) -> float:
    """Return how many days an act is followed: for two decisions of the slowest actor about it.

    An actor first acts after its stages and the legal act, of which 95% take no longer, and the longest wait
    between two of its meetings; what it lets pass then, it may answer when it comes back to it: at the
    meeting after, or after its `review` where it has none. Actors that never answer are left out. The result
    is in whole days, at least 30, and at most half of the simulated time, so that the acts of the other half
    can be followed to the end; where that cuts the window, answers are missed and the reading is too low.
    """
    return float(min(_needed(world), (world.tables.end - world.tables.takeover) / 2))


def _needed(world: World) -> float:
    """Return the window for which the actors ask, in whole days, however long the run is."""
    answering = [i for i in range(world.tables.actors) if _answers(world, i)]
    return float(max([SHORTEST, *(math.ceil(_slowest(world, i)) for i in answering)]))


def _answers(world: World, i: int) -> bool:
    """Return whether an actor can answer: it is not scripted, nor passive, nor a hazard of probability 0."""
    n, kind = int(world.tables.actors), KINDS[int(world.tables.actor["policy"][i])]
    if kind == "hazard":
        return float(world.tables.dyad["answers"][i * n : (i + 1) * n].max()) > 0.0
    if kind == "proportional":
        return float(world.tables.actor["reciprocity"][i]) > 0.0
    return kind != "scripted"


def _slowest(world: World, i: int) -> float:
    lags = np.zeros(1)
    actor = world.tables.actor[i]
    stages = world.tables.stage[actor["stage_from"] : actor["stage_to"]].tolist()
    if actor["two_stages"]:
        stages.append((float(actor["adoption_median"]), float(actor["adoption_spread"])))
    for median, spread in stages:
        draws = np.clip(spread * ndtri(SHARES), -LARGEST_EXPONENT, LARGEST_EXPONENT)
        lags = np.quantile(np.add.outer(lags, median * np.exp(draws)), SHARES, method="hazen")
    decided, wait = float(np.quantile(lags, COVERED, method="hazen")), _longest_wait(world, i)
    if KINDS[int(actor["policy"])] in ("hazard", "scripted"):  # they do not come back to what they let pass
        return decided + wait
    meets = actor["meeting_from"] < actor["meeting_to"]
    return decided + wait + (wait if meets else float(actor["review"]))


def _longest_wait(world: World, i: int) -> float:
    tables = world.tables
    meetings = tables.meeting[tables.actor["meeting_from"][i] : tables.actor["meeting_to"][i]]
    times = [tables.takeover, *meetings[meetings >= tables.takeover]]
    return max((after - before for before, after in pairwise(times)), default=0.0)


def calendar_spans(world: World, window: float) -> tuple[Span, ...]:
    """Return the quarters, half-years or years of the time in which acts are followed for `window` days.

    It is the finest division of which there are at most 8. The first and the last may be incomplete; what is
    left of less than 30 days at either end belongs to its neighbour.
    """
    return _stretches(world, window, (3, 6, 12), MOST_SPANS, SHORTEST)


def _stretches(
    world: World, window: float, divisions: Iterable[int], most: int, shortest: float
) -> tuple[Span, ...]:
    last, bounds = world.day(world.tables.end - window), list[date]()
    for months in divisions:
        bounds = _bounds(world.takeover, last, months, shortest)
        if len(bounds) <= most + 1:
            break
    return tuple(
        Span(
            label=f"{first} to {end - timedelta(days=1)}",
            first=(first - world.start).days,
            last=(end - world.start).days,
        )
        for first, end in pairwise(bounds)
    )


def _bounds(first: date, last: date, months: int, shortest: float) -> list[date]:
    if first >= last:
        return []
    days = first_days(first, last, months)
    inner = (day for day in days if min((day - first).days, (last - day).days) >= shortest)
    return [first, *inner, last]
