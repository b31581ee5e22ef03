"""From a file, a shipped scenario or a text to a validated scenario, or to every mistake in it at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from escalation.errors import Problem, ScenarioError
from escalation.scenario import files, override
from escalation.scenario.base import Part
from escalation.scenario.checks import wrong_bonds, wrong_dates
from escalation.scenario.document import Scenario
from escalation.scenario.layers import Layer, combine, layers
from escalation.scenario.messages import problems_of
from escalation.scenario.names import unknown_names
from escalation.scenario.policy import Policy
from escalation.scenario.read import MOST_PROBLEMS, read_text
from escalation.scenario.tree import Entry, Items, Leaf, Mapping, Node, Place, entries_at, plain
from escalation.scenario.write import dump


def until_day(root: Mapping, until: date) -> Mapping:
    """Return `root` with the end moved to `until`.

    An earlier end drops the dated shocks, scripted acts and measuring dates on or after it, and the answers
    and objectives made of the latter.
    """
    place = Place(f"--until {until}", 0, 1)
    entries = root.entries | {"end": Entry(place, Leaf(place, until, str(until)))}
    if not _is_after_takeover(entries, until):
        return root.with_entries(entries)  # a mistake of its own: nothing else should change
    for name in ("shocks", "actors"):
        if name in entries:
            entries[name] = (_before if name == "shocks" else _acting_before)(entries[name], until)
    if "outcomes" in entries:
        entries["outcomes"] = _asked_before(entries["outcomes"], until)
    return root.with_entries(entries)


def _is_after_takeover(entries: dict[str, Entry], until: date) -> bool:
    named = (entries[name].node for name in ("start", "simulate_from") if name in entries)
    days = [leaf.value for leaf in named if isinstance(leaf, Leaf) and isinstance(leaf.value, date)]
    return all(day < until for day in days)


def _before(dated: Entry, until: date) -> Entry:
    if not isinstance(dated.node, Mapping):
        return dated
    kept = {
        name: entry
        for name, entry in dated.node.entries.items()
        if not _is_beyond(entries_at(entry.node).get("date"), until)
    }
    return Entry(dated.key, dated.node.with_entries(kept))


def _acting_before(actors: Entry, until: date) -> Entry:
    """Return the actors, those with a scripted policy without its acts on or after `until`."""
    if not isinstance(actors.node, Mapping):
        return actors
    changed = dict(actors.node.entries)
    for name, (key, node) in changed.items():
        policy = entries_at(node).get("policy")
        acts = entries_at(node, "policy").get("acts")
        if acts and policy and isinstance(node, Mapping) and isinstance(policy.node, Mapping):
            kept = policy.node.with_entries(policy.node.entries | {"acts": _before(acts, until)})
            changed[name] = Entry(key, node.with_entries(node.entries | {"policy": Entry(policy.key, kept)}))
    return Entry(actors.key, actors.node.with_entries(changed))


def _is_beyond(entry: Entry | None, until: date) -> bool:
    leaf = entry.node if entry else None
    return isinstance(leaf, Leaf) and isinstance(leaf.value, date) and leaf.value >= until


def _asked_before(outcomes: Entry, until: date) -> Entry:
    if not isinstance(outcomes.node, Mapping):
        return outcomes
    fields = dict(outcomes.node.entries)
    dropped: list[str] = []
    if "tension_at" in fields:
        fields["tension_at"] = _filtered(
            fields["tension_at"], lambda leaf: isinstance(leaf.value, date) and leaf.value >= until, dropped
        )
    if "answer" in fields:
        fields["answer"] = _filtered(fields["answer"], lambda leaf: _last(leaf) in dropped, [])
    if "objectives" in fields:
        fields["objectives"] = _without(fields["objectives"], dropped)
    return Entry(outcomes.key, outcomes.node.with_entries(fields))


def _without(objectives: Entry, dropped: list[str]) -> Entry:
    """Return the objectives that mention none of the dropped dates."""
    if not isinstance(objectives.node, Mapping):
        return objectives
    kept = {
        name: entry
        for name, entry in objectives.node.entries.items()
        if not (isinstance(entry.node, Leaf) and any(day in str(entry.node.value) for day in dropped))
    }
    return Entry(objectives.key, objectives.node.with_entries(kept))


def _last(leaf: Leaf) -> str:
    return str(leaf.value).rpartition(".")[2]


def _filtered(entry: Entry, beyond: Callable[[Leaf], bool], dropped: list[str]) -> Entry:
    """Return the list without the leaves that are `beyond`; what they say is added to `dropped`."""
    if not isinstance(entry.node, Items):
        return entry
    kept: list[Node] = []
    for item in entry.node.items:
        if isinstance(item, Leaf) and beyond(item):
            dropped.append(str(item.value))
        else:
            kept.append(item)
    return Entry(entry.key, Items(entry.node.place, tuple(kept)))


class Listed(NamedTuple):
    """What a list of scenarios shows of each."""

    name: str
    title: str
    question: str


def shipped_scenarios() -> list[Listed]:
    """Return name, title and question of every shipped scenario, without validating the rest.

    Raises ScenarioError for a file that cannot be read.
    """
    return [Listed(name, *_words(files.shipped_path(name))) for name in files.shipped_names()]


def _words(path: Path) -> Iterator[str]:
    problems: list[Problem] = []
    chain = layers(files.read(path, str(path), problems), str(path), path, problems)
    for name in ("title", "question"):
        nodes = (layer.root.get(name) for layer in chain)
        yield next((str(plain(node)) for node in nodes if node), "")


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
