"""What is to be compared: stored runs as they are, scenarios run on the spot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from escalation.ensemble.read import Run, open_run
from escalation.errors import InputError
from escalation.scenario.document import Scenario
from escalation.scenario.load import draft, load
from escalation.study.comparing.compare import compare
from escalation.study.comparing.comparison import Adjustment, Comparison
from escalation.study.comparing.sides import Data, data_of, distinct
from escalation.study.finished import Finished
from escalation.study.perform import Means, Plan, begin, plan

REPLICATIONS, SEED = 200, 1
"""Of a scenario run on the spot, unless they are given or a stored run is compared with it."""

Source = str | Path | Scenario | Run | Finished


@dataclass(frozen=True)
class Terms:
    """How scenarios are run on the spot; None for what the first stored run, or else the default, decides."""

    replications: int | None = None
    seed: int | None = None
    sets: tuple[str, ...] = ()
    until: date | None = None
    out: Path | None = None


@dataclass(frozen=True)
class Entrant:
    """One side to be: a run that there is, or the plan of one; `source` is what was asked for."""

    name: str
    source: str
    run: Run | Finished | None = None
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

    def hold(self, means: Means, adjustment: Adjustment = "holm") -> Comparison:
        """Run what is not run yet, and compare.

        Raises KeyboardInterrupt when a run was interrupted, EnvironmentFault when one could not be stored,
        InputError when a stored run is damaged.
        """
        means = replace(means, on_progress=_begun_once(means.on_progress))
        return compare([self._data(entrant, means) for entrant in self.entrants], adjustment)

    def _data(self, entrant: Entrant, means: Means) -> Data:
        if entrant.plan is None:
            assert entrant.run is not None
            return data_of(entrant.run, entrant.name, entrant.source)
        folder = self.out / entrant.name if self.out else None
        finished = begin(entrant.plan, means, folder, entrant.source, entrant.name)
        if finished.ensemble.interrupted:
            raise KeyboardInterrupt
        if finished.fault:
            raise finished.fault
        return data_of(finished, entrant.name, entrant.source)


def contest(sources: Sequence[Source], terms: Terms) -> Contest:
    """Return the comparison of runs and scenarios, the first of them the baseline, ready to be held.

    A scenario is run with the seed and the replications of the first stored run among the sources. With one
    source only, its baseline is that source as it is, and the other one the same with `terms.sets` and
    `terms.until`. Raises InputError or ScenarioError for what is asked wrongly.
    """
    changed = [terms] * len(sources)
    if len(sources) == 1 and (terms.sets or terms.until):
        changed = [replace(terms, sets=(), until=None), terms]
    elif len(sources) < 2:
        raise InputError(
            f"found {len(sources) or 'no'} run or scenario to compare; name two or more, or give one with"
            " --set PATH=VALUE, to be compared with itself so changed"
        )
    opened = [_opened(source) for source in sources]
    _require_use(opened, terms, len(changed) > len(sources))
    stored = next((run for run in opened if isinstance(run, Run | Finished)), None)
    terms = _settled(terms, stored)
    names = distinct([_name(source) for source in opened] * (len(changed) // len(opened)))
    if len(changed) > len(opened):
        opened.append(_scenario_of(opened[0]))
    entrants = [
        _entrant(source, name, replace(one, replications=terms.replications, seed=terms.seed))
        for source, name, one in zip(opened, names, changed, strict=True)
    ]
    return Contest(tuple(entrants), terms.out)


def _opened(source: Source) -> Source:
    if isinstance(source, str | Path) and Path(source).is_dir():
        return open_run(Path(source))
    return source


def _scenario_of(source: Source) -> Source:
    if isinstance(source, Run):
        return source.folder / "scenario.yaml"
    if isinstance(source, Finished):
        raise InputError("found one run, which is not stored; give its scenario, and what is to be different")
    return source


def _require_use(opened: Sequence[Source], terms: Terms, anew: bool) -> None:
    """Raise InputError for terms that have nothing to be used on."""
    if anew or not all(isinstance(source, Run | Finished) for source in opened):
        return
    given = {
        "replications": terms.replications is not None,
        "seed": terms.seed is not None,
        "set": bool(terms.sets),
        "until": terms.until is not None,
        "out": terms.out is not None,
    }
    for name in (name for name, is_given in given.items() if is_given):
        raise InputError(f"{name}: what is compared are runs and have their own; give it with a scenario")


def _settled(terms: Terms, stored: Run | Finished | None) -> Terms:
    replications = REPLICATIONS if stored is None else stored.asked
    seed = SEED if stored is None else stored.seed
    return replace(
        terms,
        replications=replications if terms.replications is None else terms.replications,
        seed=seed if terms.seed is None else terms.seed,
    )


def _name(source: Source) -> str:
    if isinstance(source, Run):
        return str(source.manifest["scenario"]["name"] or source.header.title)
    if isinstance(source, Finished):
        return source.header.title
    if isinstance(source, Scenario):
        return source.title
    return Path(str(source).removeprefix("shipped:")).stem


def _entrant(source: Source, name: str, terms: Terms) -> Entrant:
    if isinstance(source, Run | Finished):
        return Entrant(name, str(source.folder or ""), run=source)
    assert terms.replications is not None
    assert terms.seed is not None
    overrides = (*terms.sets, *([f"until={terms.until}"] if terms.until else []))
    if isinstance(source, Scenario):
        scenario, where = draft(source, terms.sets, terms.until).scenario(), ""
    else:
        scenario, where = load(source, terms.sets, terms.until), str(source)
    what = plan(scenario, terms.seed, terms.replications, "sample" if terms.out else "none", None, overrides)
    return Entrant(name, where, plan=what)


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
