"""From a file, a shipped scenario or a text to a validated scenario, or to every mistake in it at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from escalation.errors import ByName, Problem, ScenarioError
from escalation.scenario import files, override
from escalation.scenario.checks import wrong_bonds, wrong_dates
from escalation.scenario.document import Scenario
from escalation.scenario.layers import combine, lay, layers
from escalation.scenario.messages import problems_of
from escalation.scenario.names import unknown_names
from escalation.scenario.past import LeftOut, past_of, with_record
from escalation.scenario.policy import Policy
from escalation.scenario.read import MOST_PROBLEMS, read_text
from escalation.scenario.record import Record
from escalation.scenario.tree import Entry, Leaf, Mapping, Node, Position, Problems, node_of, plain
from escalation.scenario.write import dump


def load(source: str | Path, sets: Sequence[str] = (), until: date | None = None) -> Scenario:
    """Return the scenario that `source` names: a path, or a shipped one (`minimal`, `shipped:minimal`).

    `sets` are overrides PATH=VALUE, the later one winning; `until` moves the end, like `end=DATE` after all
    of them: an earlier end drops what lies beyond it. Raises ScenarioError with every mistake found, in the
    order of the files.
    """
    return load_with_past(source, sets, until).scenario


class Past(NamedTuple):
    """A scenario, and how many rows of the record in its history it could not take, by reason."""

    scenario: Scenario
    left_out: LeftOut


def load_with_past(
    source: str | Path | Scenario, sets: Sequence[str] = (), until: date | None = None
) -> Past:
    """Return what `load` does, also of a loaded scenario, and what its past leaves out of a record."""
    problems = Problems()
    loaded = _of(source, sets, until, problems)
    return Past(loaded.scenario((), problems), loaded.left_out)


def load_text(
    text: str, name: str = "<text>", sets: Sequence[str] = (), until: date | None = None,
    beside: Path | None = None,
) -> Scenario:  # fmt: skip
    """Return the scenario written in `text`, called `name` in errors.

    It can extend shipped scenarios, and files of the folder `beside` as if it lay there. Raises
    ScenarioError.
    """
    problems = Problems()
    root = read_text(text, Position(name, 1, 1), problems)
    return _draft(root, name, beside and beside / name, sets, until, problems).scenario((), problems)


@dataclass(frozen=True)
class Draft:
    """A scenario read and put together once, from which variants are made without reading anything again.

    `files` are the names of what was read, in the order of errors; `left_out` counts the rows of a record
    that its history could not take, by reason.
    """

    root: Mapping
    until: date | None
    files: tuple[str, ...]
    left_out: LeftOut

    def scenario(
        self, overrides: Iterable[override.Override] = (), problems: Iterable[Problem] = ()
    ) -> Scenario:
        """Return the scenario with overrides laid on it, validated like any other.

        `problems` are mistakes known already. Raises ScenarioError with all there are.
        """
        mistakes, root = Problems(problems), self.root
        for change in overrides:
            root = override.apply(root, change, mistakes)
        if self.until is not None:
            root = lay(root, _ending(self.until))
        scenario = _validated(root, mistakes)
        if mistakes or scenario is None:
            raise ScenarioError(_in_order(mistakes, list(self.files)))
        return _without_idle_presets(scenario)


def draft(source: str | Path | Scenario, sets: Sequence[str] = (), until: date | None = None) -> Draft:
    """Return the draft of a file, of a shipped or a loaded scenario. Raises ScenarioError like `load`."""
    problems = Problems()
    loaded = _of(source, sets, until, problems)
    loaded.scenario((), problems)
    return loaded


def with_past(
    scenario: Scenario, record: Record, day: date, horizon: int | None = None, shocks_known: bool = False
) -> Past:
    """Return `scenario` from `day` on, with what `record` holds before that day as its history.

    It ends `horizon` days later; without one it keeps its end, or its length where that is past. What is
    known of shocks, and what is raised, is as with `with_record`; ScenarioError where the result is no
    scenario.
    """
    bare = scenario.model_copy(update={"history": {}})
    loaded, at = _of(bare, (), None, Problems()), Position(f"record {record.name}")
    root, left_out = with_record(loaded.root, record, day, at, shocks_known)
    end = None if horizon is None else day + timedelta(horizon)
    if end is not None and end > scenario.end:
        root = lay(root, _ending(end))
    return Past(Draft(root, end, (record.shown, *loaded.files), left_out).scenario(), left_out)


class Listed(NamedTuple):
    """What a list of scenarios shows of each."""

    name: str
    title: str
    question: str
    answer: str
    """What 1,000 futures answer (seed 1); empty where that is not stored."""
    record: str
    """How its forecasts do against the record of its case; empty without one."""


def shipped_scenarios() -> list[Listed]:
    """Return every shipped scenario as a list shows it, without validating the rest.

    Raises ScenarioError for a file that cannot be read.
    """
    answers = files.shipped_answers()
    return [
        Listed(name, *_words(files.shipped_path(name)), *answers.get(name, ("", "")))
        for name in files.shipped_names()
    ]


def _words(path: Path) -> Iterator[str]:
    problems = Problems()
    chain = layers(files.read(path, str(path), problems), str(path), path, problems)
    for name in ("title", "question"):
        nodes = (layer.root.get(name) for layer in chain)
        yield next((str(plain(node)) for node in nodes if node), "")


def _of(source: str | Path | Scenario, sets: Sequence[str], until: date | None, problems: Problems) -> Draft:
    if isinstance(source, Scenario):
        root = read_text(dump(source), Position(source.title, 1, 1), problems)
        return _draft(root, source.title, None, sets, until, problems)
    path = files.find(source)
    return _draft(files.read(path, str(path), problems), str(path), path, sets, until, problems)


def _draft(
    root: Node, shown: str, path: Path | None, sets: Sequence[str], until: date | None, problems: Problems
) -> Draft:
    chain = layers(root, shown, path, problems)
    catalogue, overrides = None, []
    for text in sets:
        change = override.parse(text, problems)
        if change and change.is_catalogue and isinstance(change.value, Leaf):
            catalogue = change.value
        elif change:
            overrides.append(change)
    merged = combine(chain, catalogue, problems)
    for change in overrides:
        merged = override.apply(merged, change, problems)
    merged, left_out = past_of(merged, chain, problems)
    return Draft(merged, until, tuple(layer.shown for layer in chain), left_out)


def _ending(until: date) -> Mapping:
    position = Position(f"--until {until}", 0, 1)
    return Mapping(position, {"end": Entry(position, node_of(until, position))})


def _validated(root: Mapping, problems: Problems) -> Scenario | None:
    scenario = None
    try:
        scenario = Scenario.model_validate(plain(root))
    except ValidationError as error:
        problems += problems_of(error, root)
    for check in (unknown_names, wrong_bonds, wrong_dates):
        problems += islice(check(root), MOST_PROBLEMS)
    return scenario


def _in_order(problems: Iterable[Problem], files_read: list[str]) -> list[Problem]:
    """Return the first problems without repetition: the file, what it extends, the rest; by place in each."""
    rank = {name: index for index, name in enumerate(files_read)}
    ordered = sorted(
        dict.fromkeys(problems),
        key=lambda problem: (rank.get(problem.file, len(rank)), problem.file, problem.line, problem.column),
    )
    if len(ordered) > MOST_PROBLEMS:
        more = Position(files_read[0]).problem("", f"more than {MOST_PROBLEMS} mistakes in all")
        ordered[MOST_PROBLEMS:] = [more]
    return ordered


def _without_idle_presets(scenario: Scenario) -> Scenario:
    """Drop from presets the last resorts that this scenario has no instrument for."""
    actors = dict(scenario.actors)
    for name, actor in actors.items():
        if isinstance(policy := actor.policy, Policy):
            usable = {key: price for key, price in policy.last_resort.items() if key in scenario.instruments}
            policy = policy.model_copy(update={"last_resort": usable})
            actors[name] = actor.model_copy(update={"policy": policy})
    return scenario.model_copy(update={"actors": ByName("actor", actors)})
