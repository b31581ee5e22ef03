"""What is to be compared: stored runs as they are, scenarios run on the spot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from escalation.ensemble.engine import Acts
from escalation.errors import InputError
from escalation.study import source as sources_of
from escalation.study.comparing.compare import compare
from escalation.study.comparing.comparison import Adjustment, Comparison
from escalation.study.comparing.sides import Data, data_of, distinct
from escalation.study.execution import Execution, Request
from escalation.study.perform import Plan, begin, plan
from escalation.study.source import Named, Source, open_source, open_sources


@dataclass(frozen=True)
class Entrant:
    """One side to be: a run that there is, or the plan of one."""

    name: str
    source: Source
    plan: Plan | None = None


@dataclass(frozen=True)
class Contest:
    """A comparison that has been checked, and of which nothing has been simulated yet."""

    entrants: tuple[Entrant, ...]
    out: Path | None

    @property
    def total(self) -> int:
        """How many replications there are to simulate."""
        return sum(one.plan.replications for one in self.entrants if one.plan)

    def hold(self, means: Execution, adjustment: Adjustment = "holm") -> Comparison:
        """Run what is not run yet, and compare.

        Raises KeyboardInterrupt when a run was interrupted, EnvironmentFault when one could not be stored,
        InputError when a stored run is damaged.
        """
        means = replace(means, on_progress=_begun_once(means.on_progress))
        return compare([self._data(entrant, means) for entrant in self.entrants], adjustment)

    def _data(self, entrant: Entrant, means: Execution) -> Data:
        source = entrant.source
        if entrant.plan is None:
            assert source.run is not None
            return data_of(source.run, entrant.name, source.path)
        folder = self.out / entrant.name if self.out else None
        finished = begin(entrant.plan, means, folder, source.path or None, entrant.name)
        if finished.ensemble.interrupted:
            raise KeyboardInterrupt
        if finished.fault:
            raise finished.fault
        return data_of(finished, entrant.name, source.path)


def contest(named: Sequence[Named], request: Request, out: Path | None = None) -> Contest:
    """Return the comparison of runs and scenarios, the first of them the baseline, ready to be held.

    A scenario is run with the seed and the replications of the first run among them. With one only, its
    baseline is that one as it is, and the other one the same with the changes of `request`. Scenarios are
    stored below `out`. Raises InputError or ScenarioError for what is asked wrongly.
    """
    if len(named) == 1 and request.overrides:
        baseline = open_source(named[0], replace(request, sets=(), until=None), replay=True)
        sources = [baseline, sources_of.changed(baseline, request)]
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
    return Contest(tuple(_entrant(*one, out) for one in zip(names, sources, strict=True)), out)


def _entrant(name: str, source: Source, out: Path | None) -> Entrant:
    if source.run:
        return Entrant(name, source)
    acts: Acts = "sample" if out else "none"
    what = plan(source.scenario, source.seed, source.replications, acts, None, source.overrides)
    return Entrant(name, source, what)


def _begun_once(on_progress: Callable[[int], Any] | None) -> Callable[[int], Any] | None:
    """Return the same, told of 0 replications, which begins it, only once over several runs."""
    if on_progress is None:
        return None
    begun = False

    def advance(count: int) -> None:
        nonlocal begun
        if count or not begun:
            on_progress(count)
        begun = True

    return advance
