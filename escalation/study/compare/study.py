"""The comparison as a study: stored runs as they are, scenarios played for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import Field

from escalation.ensemble.engine import Acts
from escalation.ensemble.folder import final_of, staging_of
from escalation.ensemble.read import Run, open_run
from escalation.errors import InputError
from escalation.scenario.document import Scenario
from escalation.scenario.load import load, load_text
from escalation.scenario.write import dump
from escalation.study.assumptions import changes
from escalation.study.compare.compare import compare
from escalation.study.compare.model import Adjustment, ChangedInput, Comparison
from escalation.study.compare.sides import SideData, distinct, side_of
from escalation.study.execution import Execution, Request
from escalation.study.finished import Finished
from escalation.study.journal import Journal
from escalation.study.run import begin, if_stored, plan, resume_run
from escalation.study.runner import Asked, Study
from escalation.study.source import Named, Source, changed, open_source, open_sources
from escalation.study.values import ResultPart


class SideAsked(ResultPart):
    """One side: a run that there is, or a scenario to be played."""

    name: str
    """A short name that no other side has."""
    scenario: str | None
    """The name of its scenario, where that has one."""
    source: str
    """What was named."""
    folder: str | None
    """The folder of a stored run."""
    text: str
    """The scenario as a file; empty for a stored run."""
    overrides: tuple[str, ...]
    """What was changed in the scenario's file."""
    seed: int
    """What all chance comes from."""
    replications: int
    """How many replications are compared."""
    run: Any = Field(default=None, exclude=True)
    """The run, where it is open; a run in memory is played again on resume."""


class CompareAsked(Asked):
    """What is compared: the sides, the baseline first."""

    sides: tuple[SideAsked, ...]
    """The runs and scenarios."""
    adjustment: Adjustment = "holm"
    """How p-values allow for many outcomes at once."""


class Compare(Study[CompareAsked, Comparison]):
    """Runs compared with the first of them; what is played is stored beside the result."""

    kind = "compare"
    asked = CompareAsked
    result = Comparison

    def work(self, asked: CompareAsked) -> int:
        """Return how many replications are played."""
        return sum(side.replications for side in asked.sides if not (side.run or side.folder))

    def play(self, asked: CompareAsked, execution: Execution, journal: Journal) -> Comparison:
        """Play what is not played yet, and compare. Raises InputError when a stored run is damaged."""
        execution = replace(execution, on_progress=_begun_once(execution.on_progress))
        comparison = compare([_side(side, execution, journal) for side in asked.sides], asked.adjustment)
        baseline, *others = map(_scenario, asked.sides)
        inputs = tuple(changed_inputs(baseline, other) for other in others)
        return comparison.model_copy(update={"inputs": inputs})


COMPARE = Compare()


def changed_inputs(baseline: Scenario, other: Scenario) -> tuple[ChangedInput, ...]:
    """Return what two scenarios do not have in common, in the order of the file, but for words about it."""
    return tuple(
        ChangedInput(path=path, baseline=before, other=after)
        for path, before, after in changes(baseline, other)
        if path != "outcomes.answer" and path.split(".")[-1] not in ("note", "source")
    )


def _scenario(side: SideAsked) -> Scenario:
    if side.text:
        return load_text(side.text, side.name)
    if isinstance(side.run, Finished):
        return side.run.scenario
    return load(open_run(Path(side.folder or "")).scenario)


def compare_asked(
    named: Sequence[Named],
    request: Request,
    adjustment: Adjustment = "holm",
    reusing: Execution | None = None,
) -> CompareAsked:
    """Return the comparison of runs and scenarios, the first of them the baseline.

    A scenario is played with the seed and the replications of the first run among them. With one only, its
    baseline is that one as it is, and the other one the same with the changes of `request`. With `reusing`,
    what a run below results/ has played is taken from there. Raises InputError or ScenarioError for what is
    asked wrongly.
    """
    if len(named) == 1 and (request.sets or request.until):
        baseline = open_source(named[0], replace(request, sets=(), until=None), replay=True)
        sources = [baseline, changed(baseline, request)]
    elif len(named) < 2:
        raise InputError(
            f"found {len(named) or 'no'} run or scenario to compare; name two or more, or give one with"
            " --set PATH=VALUE, to be compared with itself so changed"
        )
    else:
        sources = open_sources(named, request)
    if reusing:
        sources = [if_stored(source, request, reusing) for source in sources]
    names = distinct([source.title for source in sources])
    return CompareAsked(
        **sources[0].asked,
        replications=sources[0].replications,
        sides=tuple(_asked(name, source) for name, source in zip(names, sources, strict=True)),
        adjustment=adjustment,
    )


def _asked(name: str, source: Source) -> SideAsked:
    folder = source.run.folder if source.run else None
    return SideAsked(
        name=name,
        scenario=source.name,
        source=source.path,
        folder=str(folder) if folder else None,
        text="" if folder else dump(source.scenario),
        overrides=source.overrides,
        seed=source.seed,
        replications=source.replications,
        run=source.run,
    )


def _side(side: SideAsked, execution: Execution, journal: Journal) -> SideData:
    run = side.run or (open_run(Path(side.folder)) if side.folder else None)
    if run is not None:
        return side_of(run, side.name, side.source, side.scenario)
    folder = journal.beside(side.name)
    data = side_of(_played(side, execution, journal, folder), side.name, side.source, side.scenario)
    if folder is None:
        return data
    final = str(final_of(folder.parent) / side.name)
    scenario = data.side.scenario.model_copy(update={"name": side.scenario})  # a stored run has its folder's
    changes = {"scenario": scenario, "folder": final, "source": side.source or final}
    return replace(data, side=data.side.model_copy(update=changes))


def _played(side: SideAsked, execution: Execution, journal: Journal, folder: Path | None) -> Run | Finished:
    """Return the run of a scenario; what an earlier attempt has stored of it is not played again."""
    if folder is not None and folder.is_dir() and not (stored := open_run(folder)).interrupted:
        return stored
    if _is_begun(folder):
        assert folder is not None
        run = resume_run(folder, execution)
    else:
        acts: Acts = "sample" if folder else "none"
        scenario = load_text(side.text, side.name)
        what = plan(scenario, side.seed, side.replications, acts, overrides=side.overrides, name=side.name)
        run = begin(what, execution, folder, side.source or None)
    if run.fault:
        raise run.fault
    if _is_begun(folder):
        journal.append("sides", side.name)
    if run.ensemble.interrupted:
        raise KeyboardInterrupt
    return run


def _is_begun(folder: Path | None) -> bool:
    return folder is not None and (folder.is_dir() or staging_of(folder).is_dir())


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
