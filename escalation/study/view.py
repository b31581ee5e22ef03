"""A run opened for its pictures: what is stored of it, and what is played again when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from escalation.ensemble.read import Run
from escalation.errors import InputError
from escalation.model.header import Header
from escalation.model.world import FAILED
from escalation.scenario.document import Scenario
from escalation.study.assumptions import Assumptions, assumptions_of
from escalation.study.compare.compare import compare
from escalation.study.compare.model import Comparison
from escalation.study.compare.sides import distinct, side_of
from escalation.study.compare.study import changed_inputs
from escalation.study.execution import Execution, Request
from escalation.study.finished import Finished
from escalation.study.paths import Paths, paths_of
from escalation.study.run import plan_of, play_in_memory
from escalation.study.source import Source
from escalation.study.story.model import Story
from escalation.study.story.replay import explain
from escalation.study.summary import Summary, summary_of


@dataclass(frozen=True)
class RunView:
    """An ensemble with all that can be shown of it; `name` is as it was asked for.

    `results` is a stored run, or an ensemble that was played for this. What takes time is done when it is
    first asked for.
    """

    name: str
    scenario: Scenario
    results: Run | Finished
    execution: Execution

    @property
    def header(self) -> Header:
        """What the columns mean."""
        return self.results.header

    @cached_property
    def summary(self) -> Summary:
        """The summary with its flywheel. Raises InputError where a stored run is damaged."""
        return self.results.summary if isinstance(self.results, Finished) else summary_of(self.results)

    @cached_property
    def paths(self) -> Paths:
        """The ensemble by date, from its replications played again."""
        return paths_of(self.scenario, self.results, self.execution)

    @cached_property
    def story(self) -> Story:
        """The story of the most typical replication."""
        return explain(self.results)

    @cached_property
    def assumptions(self) -> Assumptions:
        """What the scenario rests on."""
        return assumptions_of(self.scenario)

    @property
    def manifest(self) -> Mapping[str, Any]:
        """The record of a stored run; empty for an ensemble that was played for this."""
        return self.results.manifest.model_dump(mode="json") if isinstance(self.results, Run) else {}

    @property
    def overrides(self) -> Sequence[str]:
        """What was changed in the scenario's file for it, as it was asked for."""
        return self.results.overrides


def view_of(source: Source, execution: Execution) -> RunView:
    """Return the view of a run, or of a scenario, which is played for it and not stored.

    Raises InputError when all replications failed or a stored run is damaged, KeyboardInterrupt on Ctrl-C.
    """
    run = source.run or play_in_memory(plan_of(source, Request(acts="none")), execution)
    name = source.path or source.title
    if not np.any(run.statuses != FAILED):
        raise InputError(
            f"{name}: all replications failed, there is nothing to show: "
            f"{next(iter(run.failures.values()), '')}"
        )
    return RunView(name, source.scenario, run, execution)


def compared(views: Sequence[RunView]) -> Comparison | None:
    """Return how the ensembles differ from the first; None for one alone."""
    if len(views) < 2:
        return None
    comparison = compare([side_of(view.results, name, view.name) for name, view in named(views).items()])
    inputs = tuple(changed_inputs(views[0].scenario, view.scenario) for view in views[1:])
    return comparison.model_copy(update={"inputs": inputs})


def named(views: Sequence[RunView]) -> dict[str, RunView]:
    """Return views by short names: their scenarios', or their folders' where these tell more apart."""
    sources = [Path(view.name).name.removesuffix(".yaml").removeprefix("shipped:") for view in views]
    scenarios = [
        (isinstance(view.results, Run) and view.results.name) or source
        for view, source in zip(views, sources, strict=True)
    ]
    names = distinct(scenarios if len(set(scenarios)) >= len(set(sources)) else sources)
    return dict(zip(names, views, strict=True))
