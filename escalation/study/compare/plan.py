"""What is to be compared: stored runs as they are, scenarios played for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from escalation.ensemble.engine import Acts
from escalation.errors import InputError
from escalation.study.compare.compare import compare
from escalation.study.compare.model import Adjustment, Comparison
from escalation.study.compare.sides import SideData, distinct, side_of
from escalation.study.execution import Execution, Request
from escalation.study.perform import Plan, begin, plan
from escalation.study.source import Named, Source, changed, open_source, open_sources


@dataclass(frozen=True)
class PlannedSide:
    """One side to be: a run that there is, or the plan of one."""

    name: str
    source: Source
    plan: Plan | None = None


@dataclass(frozen=True)
class PlannedComparison:
    """A comparison that has been checked, and of which nothing has been simulated yet."""

    sides: tuple[PlannedSide, ...]
    out: Path | None

    @property
    def total(self) -> int:
        """How many replications there are to simulate."""
        return sum(side.plan.replications for side in self.sides if side.plan)

    def run(self, execution: Execution, adjustment: Adjustment = "holm") -> Comparison:
        """Play what is not played yet, and compare.

        Raises KeyboardInterrupt when a run was interrupted, EnvironmentFault when one could not be stored,
        InputError when a stored run is damaged.
        """
        execution = replace(execution, on_progress=_begun_once(execution.on_progress))
        return compare([self._data(side, execution) for side in self.sides], adjustment)

    def _data(self, side: PlannedSide, execution: Execution) -> SideData:
        source = side.source
        if side.plan is None:
            assert source.run is not None
            return side_of(source.run, side.name, source.path, source.name)
        folder = self.out / side.name if self.out else None
        finished = begin(side.plan, execution, folder, source.path or None, side.name)
        if finished.ensemble.interrupted:
            raise KeyboardInterrupt
        if finished.fault:
            raise finished.fault
        return side_of(finished, side.name, source.path, source.name)


def plan_comparison(named: Sequence[Named], request: Request, out: Path | None = None) -> PlannedComparison:
    """Return the comparison of runs and scenarios, the first of them the baseline, ready to be run.

    A scenario is played with the seed and the replications of the first run among them. With one only, its
    baseline is that one as it is, and the other one the same with the changes of `request`. Scenarios are
    stored below `out`. Raises InputError or ScenarioError for what is asked wrongly.
    """
    if len(named) == 1 and request.overrides:
        baseline = open_source(named[0], replace(request, sets=(), until=None), replay=True)
        sources = [baseline, changed(baseline, request)]
    elif len(named) < 2:
        raise InputError(
            f"found {len(named) or 'no'} run or scenario to compare; name two or more, or give one with"
            " --set PATH=VALUE, to be compared with itself so changed"
        )
    else:
        sources = open_sources(named, request)
    if out is not None and all(source.run for source in sources):
        raise InputError("out: what is named are runs and have their own; give it with a scenario")
    names = distinct([source.title for source in sources])
    return PlannedComparison(tuple(_planned(*one, out) for one in zip(names, sources, strict=True)), out)


def _planned(name: str, source: Source, out: Path | None) -> PlannedSide:
    if source.run:
        return PlannedSide(name, source)
    acts: Acts = "sample" if out else "none"
    what = plan(source.scenario, source.seed, source.replications, acts, None, source.overrides)
    return PlannedSide(name, source, what)


def _begun_once(on_progress: Callable[[int], Any] | None) -> Callable[[int], Any] | None:
    """Return the same, called with 0 replications, which begins it, only once over several runs."""
    if on_progress is None:
        return None
    begun = False

    def advance(count: int) -> None:
        nonlocal begun
        if count or not begun:
            on_progress(count)
        begun = True

    return advance
