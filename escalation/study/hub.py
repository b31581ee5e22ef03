"""A run as forecasts in the form of the hubverse: one row for each statement about one task.

Columns and their meaning: docs.hubverse.io, "Model output". A task is an outcome of one actor, or of all,
from `origin_date` (the first simulated day) over `horizon` days; `target_end_date` is the last of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date as Date
from datetime import timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.ensemble.result import Results
from escalation.model.header import Header
from escalation.model.world import FAILED
from escalation.scenario.outcomes import Measure, Outcome
from escalation.study.stats import quantiles

LEVELS = (0.01, 0.025, *(round(0.05 * n, 2) for n in range(1, 20)), 0.975, 0.99)
"""Levels of quantiles: those that most hubs ask for."""
WEEK = 7
"""Days between the dates at which a cumulative distribution stands."""
ALL = "all"
"""The location of what belongs to no actor."""


class HubTask(NamedTuple):
    """What is forecast; `outcome` is the run's name of it."""

    origin_date: Date
    target: str
    horizon: int
    target_end_date: Date
    location: str
    outcome: Outcome

    @property
    def is_numeric(self) -> bool:
        """True for a number: it has a mean, quantiles and samples, others have probabilities alone."""
        return self.outcome.kind not in ("date", "probability") and self.outcome.measure != "relation"


class Statement(NamedTuple):
    """One statement about a task: `output_type_id` is a level, a day or a category; None for a mean."""

    task: HubTask
    output_type: str
    output_type_id: str | None
    value: float


def tasks(header: Header, chosen: Sequence[Outcome]) -> list[HubTask]:
    """Return the tasks of outcomes; those that are read before the first simulated day are none."""
    return [task for outcome in chosen if (task := _task(header, outcome)).horizon > 0]


def _task(header: Header, outcome: Outcome) -> HubTask:
    after = Date.fromisoformat(outcome.date) if outcome.date else header.end
    words = Measure[outcome.measure.upper()].form.split(".")
    target = ".".join(word for word in words if word not in ("{actor}", "{date}")).format(**vars(outcome))
    horizon = (after - header.takeover).days
    last = after - timedelta(1)
    return HubTask(header.takeover, target, horizon, last, outcome.actor or ALL, outcome)


def statements(run: Results, wanted: Sequence[HubTask]) -> Iterator[Statement]:
    """Yield means, quantiles and probabilities of tasks, over the replications that did not fail."""
    finished = run.statuses != FAILED
    for task in wanted:
        values = run.columns([task.outcome.name])[task.outcome.name][: len(finished)][finished]
        for output_type, output_type_id, value in _of(run.header, task, values):
            yield Statement(task, output_type, output_type_id, value)


def _of(
    header: Header, task: HubTask, values: npt.NDArray[np.float64]
) -> Iterator[tuple[str, str | None, float]]:
    if not len(values):
        return
    if task.is_numeric:
        ordered = np.sort(values)
        yield "mean", None, float(values.mean())
        for level in LEVELS:
            yield "quantile", f"{level:g}", float(quantiles(ordered, level, task.outcome.kind != "level"))
    elif task.outcome.kind == "date":
        for day in _days(task):
            before = (day - header.start).days + 1
            yield "cdf", day.isoformat(), float((values < before).mean())
    elif task.outcome.kind == "probability":
        for name, share in (("no", (values == 0).mean()), ("yes", (values == 1).mean())):
            yield "pmf", name, float(share)
    else:
        for rank, name in enumerate(header.relations):
            yield "pmf", name, float((values == rank).mean())


def _days(task: HubTask) -> list[Date]:
    """Return the last day of each week of a task, and of the task itself."""
    ends = [*range(WEEK - 1, task.horizon - 1, WEEK), task.horizon - 1]
    return [task.origin_date + timedelta(end) for end in ends]
