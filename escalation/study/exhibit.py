"""A run opened for its pictures: what is stored of it, and what is played again when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from escalation.ensemble.header import Header
from escalation.ensemble.read import Run, open_run
from escalation.errors import InputError
from escalation.model.world import FAILED
from escalation.scenario.document import Scenario
from escalation.scenario.load import load
from escalation.study.assumptions import Assumptions, assumptions_of
from escalation.study.comparing.compare import compare
from escalation.study.comparing.comparison import Comparison
from escalation.study.comparing.sides import data_of, distinct
from escalation.study.finished import Finished
from escalation.study.flywheel.gather import stored_flywheel
from escalation.study.paths import Paths, paths_of
from escalation.study.perform import Means, begin, plan
from escalation.study.story.medoid import typical_row
from escalation.study.story.retell import explain_run, tell
from escalation.study.story.story import Source, Story
from escalation.study.summary.summary import Summary, summarise

REPLICATIONS = 200
"""How many times a scenario is played for its pictures unless a number is given."""


@dataclass(frozen=True)
class Exhibit:
    """An ensemble with all that can be shown of it; `name` is as it was asked for.

    `results` is a stored run, or an ensemble that was played for this. What takes time is done when it is
    first asked for, by `means`.
    """

    name: str
    scenario: Scenario
    results: Run | Finished
    means: Means

    @property
    def header(self) -> Header:
        """What the columns mean."""
        return self.results.header

    @cached_property
    def summary(self) -> Summary:
        """The summary with its flywheel. Raises InputError where a stored run is damaged."""
        results = self.results
        if isinstance(results, Finished):
            return results.summary
        return summarise(results, stored_flywheel(results))

    @cached_property
    def paths(self) -> Paths:
        """The ensemble by date, from its replications played again."""
        return paths_of(self.scenario, self.results, self.means)

    @cached_property
    def story(self) -> Story:
        """The story of the most typical replication."""
        results = self.results
        if isinstance(results, Run):
            return explain_run(results)
        number = int(results.ensemble.replications[typical_row(results)])
        return tell(self.scenario, Source(self.name, results.seed, number, None, results.asked, True))

    @cached_property
    def assumptions(self) -> Assumptions:
        """What the scenario rests on."""
        return assumptions_of(self.scenario)

    @property
    def manifest(self) -> Mapping[str, Any]:
        """The record of a stored run; empty for an ensemble that was played for this."""
        return self.results.manifest if isinstance(self.results, Run) else {}

    @property
    def overrides(self) -> Sequence[str]:
        """What was changed in the scenario's file for it, as it was asked for."""
        results = self.results
        return results.overrides if isinstance(results, Finished) else results.manifest.get("overrides", ())

    @property
    def seconds(self) -> float:
        """How long the replications took."""
        return self.results.ensemble.seconds if isinstance(self.results, Finished) else self.results.seconds

    @property
    def interrupted(self) -> bool:
        """True when not all replications were run."""
        results = self.results
        return results.ensemble.interrupted if isinstance(results, Finished) else results.interrupted


def is_run(source: str | Path) -> bool:
    """Return whether a source is a run's folder, and not a scenario."""
    return Path(source).is_dir()


def exhibit_run(folder: str | Path, means: Means) -> Exhibit:
    """Return the exhibit of a stored run. Raises InputError when there is none or it is damaged."""
    run = open_run(Path(folder))
    if not np.any(run.statuses != FAILED):
        raise InputError(f"{folder}: all of its replications failed: there is nothing to show")
    return Exhibit(str(folder), load(run.folder / "scenario.yaml"), run, means)


def exhibit_scenario(
    scenario: Scenario, name: str, seed: int, replications: int, overrides: Sequence[str], means: Means
) -> Exhibit:
    """Return the exhibit of a scenario that is played for it, and not stored. Raises InputError."""
    what = plan(scenario, seed, replications, "none", None, overrides)
    finished = begin(what, means, None, None, name)
    if finished.ensemble.interrupted:
        raise KeyboardInterrupt
    if not np.any(finished.statuses != FAILED):
        raise InputError(f"{name}: all replications failed: {next(iter(finished.failures.values()), '')}")
    return Exhibit(name, scenario, finished, means)


def compared(exhibits: Sequence[Exhibit]) -> Comparison | None:
    """Return how the ensembles differ from the first; None for one alone."""
    if len(exhibits) < 2:
        return None
    names = distinct(_short_names(exhibits))
    return compare([data_of(one.results, name, one.name) for one, name in zip(exhibits, names, strict=True)])


def _short_names(exhibits: Sequence[Exhibit]) -> list[str]:
    """Return the names of the scenarios, or those of the folders where these tell more apart."""
    sources = [Path(one.name).name.removesuffix(".yaml").removeprefix("shipped:") for one in exhibits]
    scenarios = [
        str(one.manifest["scenario"]["name"] or source) if one.manifest else source
        for one, source in zip(exhibits, sources, strict=True)
    ]
    return scenarios if len(set(scenarios)) >= len(set(sources)) else sources
