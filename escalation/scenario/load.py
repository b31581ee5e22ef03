"""From a file, a shipped scenario or a text to a validated scenario, or to every mistake in it at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

from pydantic import ValidationError

from escalation.errors import Problem, ScenarioError
from escalation.scenario import files, override
from escalation.scenario.base import Part
from escalation.scenario.bonds import wrong_bonds
from escalation.scenario.document import Scenario
from escalation.scenario.extend import Layer, combine, layers
from escalation.scenario.horizon import until_day
from escalation.scenario.locate import problems_of
from escalation.scenario.node import Leaf, Mapping, Node, Place, plain
from escalation.scenario.policy import Policy
from escalation.scenario.read import MOST_PROBLEMS, read_text
from escalation.scenario.references import unknown_names
from escalation.scenario.timeline import wrong_dates
from escalation.scenario.write import dump


def load(source: str | Path, sets: Sequence[str] = (), until: date | None = None) -> Scenario:
    """Return the scenario that `source` names: a path, or a shipped one (`minimal`, `shipped:minimal`).

    `sets` are overrides PATH=VALUE, the later one winning; `until` moves the end and, when that is earlier,
    drops the shocks and measuring dates beyond it. Raises ScenarioError with every mistake found, in the
    order of the files.
    """
    path = files.find(source)
    problems: list[Problem] = []
    root = files.read(path, str(path), problems)
    return _scenario(root, str(path), path, sets, until, problems)


def load_text(
    text: str, name: str = "<text>", sets: Sequence[str] = (), until: date | None = None
) -> Scenario:
    """Return the scenario written in `text`, called `name` in errors; it can extend shipped scenarios only.

    Raises ScenarioError.
    """
    problems: list[Problem] = []
    root = read_text(text, Place(name, 1, 1), problems)
    return _scenario(root, name, None, sets, until, problems)


@dataclass(frozen=True)
class Draft:
    """A scenario read and put together once, from which variants are made without reading anything again.

    `files` are the names of what was read, in the order of errors.
    """

    root: Mapping
    until: date | None
    files: tuple[str, ...]

    def scenario(
        self, overrides: Iterable[override.Override] = (), problems: Iterable[Problem] = ()
    ) -> Scenario:
        """Return the scenario with overrides laid on it, validated like any other.

        `problems` are mistakes known already. Raises ScenarioError with all there are.
        """
        found, root = list(problems), self.root
        for one in overrides:
            root = override.apply(root, one, found)
        if self.until is not None:
            root = until_day(root, self.until)
        scenario = _validated(root, found)
        if found or scenario is None:
            raise ScenarioError(_in_order(found, list(self.files)))
        return _without_idle_presets(scenario)


def draft(source: str | Path | Scenario, sets: Sequence[str] = (), until: date | None = None) -> Draft:
    """Return the draft of a file, of a shipped or a loaded scenario. Raises ScenarioError like `load`."""
    problems: list[Problem] = []
    if isinstance(source, Scenario):
        path, shown = None, source.title
        root = read_text(dump(source), Place(shown, 1, 1), problems)
    else:
        path = files.find(source)
        shown = str(path)
        root = files.read(path, shown, problems)
    made = _draft(root, shown, path, sets, until, problems)
    made.scenario((), problems)
    return made


def _scenario(
    root: Node,
    shown: str,
    path: Path | None,
    sets: Sequence[str],
    until: date | None,
    problems: list[Problem],
) -> Scenario:
    return _draft(root, shown, path, sets, until, problems).scenario((), problems)


def _draft(
    root: Node,
    shown: str,
    path: Path | None,
    sets: Sequence[str],
    until: date | None,
    problems: list[Problem],
) -> Draft:
    chain = layers(root, shown, path, problems)
    overrides = [parsed for text in sets if (parsed := override.parse(text, problems))]
    return Draft(_merged(chain, overrides, problems), until, tuple(layer.shown for layer in chain))


def _merged(chain: list[Layer], overrides: Iterable[override.Override], problems: list[Problem]) -> Mapping:
    catalogue = None
    rest = []
    for one in overrides:
        if one.is_catalogue and isinstance(one.value, Leaf):
            catalogue = one.value
        else:
            rest.append(one)
    merged = combine(chain, catalogue, problems)
    for one in rest:
        merged = override.apply(merged, one, problems)
    return merged


def _validated(root: Mapping, problems: list[Problem]) -> Scenario | None:
    scenario = None
    try:
        scenario = Scenario.model_validate(plain(root))
    except ValidationError as error:
        problems += islice(problems_of(error, root), MOST_PROBLEMS)
    problems += islice(unknown_names(root), MOST_PROBLEMS)
    problems += islice(wrong_bonds(root), MOST_PROBLEMS)
    problems += islice(wrong_dates(root), MOST_PROBLEMS)
    return scenario


def _in_order(problems: Iterable[Problem], files_read: list[str]) -> list[Problem]:
    """Return the first problems without repetition: the file, what it extends, the rest; by place in each."""
    rank = {name: index for index, name in enumerate(files_read)}
    ordered = sorted(
        dict.fromkeys(problems),
        key=lambda problem: (rank.get(problem.file, len(rank)), problem.file, problem.line, problem.column),
    )
    if len(ordered) > MOST_PROBLEMS:
        more = Place(files_read[0]).problem("", f"more than {MOST_PROBLEMS} mistakes in all")
        ordered[MOST_PROBLEMS:] = [more]
    return ordered


def _without_idle_presets(scenario: Scenario) -> Scenario:
    """Drop from presets the last resorts that this scenario has no instrument for."""
    actors = {
        name: actor.model_copy(update={"policy": _usable(actor.policy, scenario)})
        for name, actor in scenario.actors.items()
    }
    return scenario.model_copy(update={"actors": actors})


def _usable(policy: Part, scenario: Scenario) -> Part:
    if not isinstance(policy, Policy):
        return policy
    last_resort = {name: price for name, price in policy.last_resort.items() if name in scenario.instruments}
    return policy.model_copy(update={"last_resort": last_resort})
