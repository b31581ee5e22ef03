"""What a user names, opened: a shipped scenario, a file, a run's folder, an object in memory.

There is one way in: `open_source`, and `open_sources` for several that belong together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from escalation.ensemble.folder import RESULTS, staging_of, stored_folders
from escalation.ensemble.read import Run, no_run, open_run
from escalation.errors import InputError, did_you_mean
from escalation.scenario.document import Scenario
from escalation.scenario.files import PREFIX, find, is_file, shipped_names
from escalation.scenario.load import Past, load, load_with_past
from escalation.study.assumptions import with_assumptions
from escalation.study.execution import SEED, Request
from escalation.study.finished import Finished

Named = str | Path | Scenario | Run | Finished
"""What can be named: a shipped scenario, a file or a folder, or an object that the API gave."""

NOTHING = Request()


@dataclass(frozen=True)
class Source:
    """A scenario and the replications of it that are meant: those of a run that there is, or to be played."""

    name: str | None
    """The scenario's name where it has one: that of its file, or the shipped name."""
    path: str
    """What was named: a file, a folder or a shipped scenario's name; empty for an object without a folder."""
    seed: int
    """What all chance comes from."""
    replications: int
    """How many replications are meant."""
    overrides: tuple[str, ...] = ()
    """What was changed in the scenario's file: PATH=VALUE, until=DATE."""
    run: Run | Finished | None = None
    """The run, stored or in memory; None for a scenario that is not played yet."""
    assumptions: float | None = None
    """How far its assumptions are drawn apart for this; None where they are not."""
    loaded: Scenario | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Rows of a record that the scenario's past could not take, by reason."""

    @property
    def title(self) -> str:
        """Its name, else the title of its scenario."""
        return self.name or (self.run.header.title if self.run else self.scenario.title)

    @property
    def asked(self) -> dict[str, Any]:
        """The fields that whatever is asked has of its source, the replications left out."""
        return {
            "scenario": self.scenario, "name": self.name, "overrides": self.overrides, "seed": self.seed,
        }  # fmt: skip

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario with its changes. Raises ScenarioError where a stored one is damaged."""
        if self.loaded is not None:
            return self.loaded
        if isinstance(self.run, Run):
            return load(self.run.scenario)
        assert self.run is not None
        return self.run.scenario


def is_run(named: Named) -> bool:
    """Return whether a run is named, stored or in memory, and not a scenario."""
    return isinstance(named, Run | Finished) or (isinstance(named, str | Path) and _is_folder(Path(named)))


def open_scenario(named: Scenario | str | Path, request: Request = NOTHING) -> Source:
    """Return the scenario that is named, to be played as `request` says. Raises InputError, ScenarioError."""
    if isinstance(named, Scenario):
        return _planned(None, "", _loaded(named, request), request)
    return _planned(scenario_name(str(named)), str(named), _loaded(named, request), request)


def open_source(named: Named, request: Request = NOTHING, replay: bool = False) -> Source:
    """Return the scenario or run that is named, with what is asked of it.

    A run has its own replications, seed, changes and end: what `request` gives of these is refused; with
    `replay`, another number of replications is allowed. Raises InputError or ScenarioError.
    """
    if isinstance(named, Scenario):
        return open_scenario(named, request)
    if isinstance(named, str | Path):
        if not is_run(named):
            require_scenario(named)
            return open_scenario(named, request)
        named = open_run(Path(named))
    run, path = named, str(named.folder or "")
    for name in request.specified:
        if not (replay and name == "replications"):
            raise InputError(f"{name}: {path or 'it'} is a run and has its own; give it only with a scenario")
    return Source(run.name, path, run.seed, request.replications or run.asked, run.overrides, run)


def open_sources(named: Sequence[Named], request: Request = NOTHING) -> list[Source]:
    """Return several scenarios and runs, whose replications belong together, the first one the baseline.

    `request` is used on the scenarios, and refused where there is none. They get the seed and the number of
    replications of the first run, unless these are given. Raises InputError or ScenarioError.
    """
    if len(named) == 1:
        return [open_source(named[0], request)]
    runs = [open_source(source) if is_run(source) else None for source in named]
    if all(runs):
        for name in request.specified:
            raise InputError(f"{name}: what is named are runs and have their own; give it with a scenario")
    first = next(filter(None, runs), None)
    if first is not None:
        request = like(first, request)
    return [run or open_source(source, request) for run, source in zip(runs, named, strict=True)]


def changed(source: Source, request: Request) -> Source:
    """Return the scenario of a source with the changes and the end of `request`, to be played like it."""
    where = source.run.scenario if isinstance(source.run, Run) else source.path
    past = _loaded(where or source.scenario, request)
    overrides = tuple(dict.fromkeys((*source.overrides, *request.overrides)))
    return replace(_planned(source.name, str(where), past, like(source, request)), overrides=overrides)


def like(source: Source, request: Request) -> Request:
    """Return `request` with the seed and the number of replications of a source, unless it gives its own."""
    return replace(
        request,
        seed=source.seed if request.seed is None else request.seed,
        replications=source.replications if request.replications is None else request.replications,
    )


def scenario_name(path: str) -> str:
    """Return the name of a scenario: that of its file without ending, or its shipped name."""
    return Path(path.removeprefix(PREFIX)).stem


def require_scenario(path: str | Path) -> None:
    """Raise InputError where `path` names neither a run nor a scenario."""
    if is_file(find(path)):
        return
    if _is_folder(staging_of(Path(path))):
        raise InputError(no_run(Path(path)))
    hint = did_you_mean(str(path), [*shipped_names(), *map(str, stored_folders(RESULTS))])
    raise InputError(
        f"{path}: no such run or scenario; `escalation runs` lists the runs, "
        f"`escalation list` the scenarios{hint}"
    )


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _loaded(named: str | Path | Scenario, request: Request) -> Past:
    if isinstance(named, Scenario) and not (request.changes or request.until):
        past = Past(named, {})
    else:
        past = load_with_past(named, request.changes, request.until)
    if request.assumptions is None:
        return past
    return Past(with_assumptions(past.scenario, request.assumptions), past.left_out)


def _planned(name: str | None, path: str, past: Past, request: Request) -> Source:
    seed = SEED if request.seed is None else request.seed
    return Source(
        name, path, seed, request.total, request.overrides, assumptions=request.assumptions,
        loaded=past.scenario, left_out=past.left_out,
    )  # fmt: skip
