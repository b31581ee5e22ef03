"""`--set PATH=VALUE`: one value laid over a scenario, with the option itself as its position in errors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from escalation.errors import Problem, ScenarioError, nearest, shortened
from escalation.scenario.base import MEANINGS
from escalation.scenario.layers import LIBRARY, lay
from escalation.scenario.policy_line import with_mappings
from escalation.scenario.read import read_text, shown
from escalation.scenario.shape import Shape, shape_at
from escalation.scenario.tree import Entry, Leaf, Mapping, Node, Position, Problems, entries_at


class Override(NamedTuple):
    """A path into the scenario and the value to be laid there."""

    origin: Position
    path: tuple[str, ...]
    value: Node

    @property
    def is_catalogue(self) -> bool:
        """True for the choice of the catalogue, which comes before all merging."""
        return self.path == ("catalogue",)


_EXAMPLE = "as in actors.eu.policy.reciprocity=0.9"


def parse(text: str, problems: Problems, option: str = "--set") -> Override | None:
    """Return the override written as PATH=VALUE (VALUE in YAML); None, with a problem, when it is not.

    `option` is what errors call the position of the text.
    """
    origin = Position(f"{option} {text}", 0, 1)
    path, equals, value = text.partition("=")
    words = tuple(part.strip() for part in path.split("."))
    if not equals or not all(words):
        problems.note(origin, "", "this is not PATH=VALUE", _EXAMPLE)
    elif "/" in path:
        mistake, dotted = "there are slashes in the path", path.strip("/ ").replace("/", ".")
        problems.note(origin, path, mistake, "names are parted by dots, " + _EXAMPLE, dotted)
    elif not value.strip():
        problems.note(origin, path, "no value", "a value in YAML; null removes an entry")
    elif words == ("extends",):
        mistake = "what a file extends cannot be overridden"
        problems.note(origin, "extends", mistake, "name that file itself")
    elif words[0] == "actors" and words[2:] == (LIBRARY,):
        mistake = "what an actor takes from the library cannot be overridden"
        problems.note(origin, ".".join(words), mistake, "set its values, or name another actor in a file")
    else:
        return _parsed(origin, words, value, len(path) + 1, problems)
    return None


def _parsed(
    origin: Position, path: tuple[str, ...], value: str, offset: int, problems: Problems
) -> Override | None:
    own = Problems()
    try:
        node = read_text(value, origin.right(offset), own)
    except ScenarioError:
        node = None
    whole = ".".join(path)
    problems += (replace(problem, path=problem.path or whole) for problem in own)
    if path == ("catalogue",) and node and not (isinstance(node, Leaf) and isinstance(node.value, str)):
        problems.note(node.position, whole, "this is no name", "write the name of one catalogue")
        return None
    return Override(origin, path, node) if node else None


def apply(root: Mapping, override: Override, problems: Problems) -> Mapping:
    """Return `root` with the override laid on it; a wrong path is added to `problems` instead."""
    problem = _wrong_step(root, override)
    if problem:
        problems.append(problem)
        return root
    layer = with_mappings(_tree(override, root), problems)
    return lay(root, layer)


def layer_of(root: Mapping, overrides: Iterable[Override]) -> Mapping:
    """Return what a file that extends `root` would say to change the same; what it says is laid in order."""
    layer = Mapping(root.position, {})
    for override in overrides:
        layer = _over(layer, with_mappings(_tree(override, root), Problems()))
    return layer


def _over(base: Mapping, over: Mapping) -> Mapping:
    """Return `base` with the entries of `over`, mappings key by key; here `null` is an entry like another."""
    entries = dict(base.entries)
    for name, entry in over.entries.items():
        below = entries.get(name)
        if below and isinstance(below.node, Mapping) and isinstance(entry.node, Mapping):
            entries[name] = Entry(entry.key, _over(below.node, entry.node))
        else:
            entries[name] = entry
    return over.with_entries(entries)


def _tree(override: Override, root: Mapping) -> Mapping:
    node, path = override.value, override.path
    if (above := shape_at(path[:-1], root)) and above.is_number and path[-1] in MEANINGS:
        node, path = Mapping(node.position, {path[-1]: Entry(node.position, node)}), path[:-1]
    if (here := shape_at(path, root)) and here.is_number:
        node = _credited(node)
    for name in reversed(path):
        node = Mapping(override.origin, {name: Entry(override.origin, node)})
    assert isinstance(node, Mapping)
    return node


def _wrong_step(root: Mapping, override: Override) -> Problem | None:
    """Return the first part of the path that the scenario does not have."""
    offset = 0
    for depth, name in enumerate(override.path):
        above = override.path[:depth]
        here = shape_at(above, root)
        known = _known(root, here, above)
        may_be_new = here is not None and here.is_map and depth == len(override.path) - 1
        if known is None or (name not in known and not may_be_new):
            position = override.origin.right(offset)
            reached = ".".join(override.path[: depth + 1])
            if known is None:
                return position.problem(reached, f"{shortened('.'.join(above), 60)} has nothing inside")
            return position.problem(
                reached, f"unknown name {shown(name)}", f"one of {_listed(known)}", nearest(name, known)
            )
        offset += len(name) + 1
    return None


def _known(root: Mapping, here: Shape | None, above: tuple[str, ...]) -> list[str] | None:
    if here is None or not (here.is_part or here.is_map):
        return None
    if here.is_part:
        return [*here.keys, *(() if above else ("catalogue",))]
    return list(entries_at(root, *above)) + (list(entries_at(root, "actors")) if above[0] == "dyads" else [])


def names_below(root: Mapping, above: str) -> list[str]:
    """Return what a path that begins with `above` (empty, or ending in a dot) can go on with; often nothing.

    What is below a number belongs to its distribution, and is left out.
    """
    path = tuple(above.split(".")[:-1])
    here = shape_at(path, root)
    return [] if here is None or here.is_number else list(dict.fromkeys(_known(root, here, path) or ()))


def _listed(names: list[str]) -> str:
    names = list(dict.fromkeys(names))
    return ", ".join(names if len(names) <= 12 else [*names[:12], f"… ({len(names)} in all)"])


def _credited(node: Node) -> Node:
    """Return a number as a mapping that keeps the unit below it; what supports the value below does not."""
    if isinstance(node, Leaf) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        node = Mapping(node.position, {"value": Entry(node.position, node)})
    if isinstance(node, Mapping):
        provenance = {
            "source": Leaf(node.position, "--set", "--set"),
            "assumption": Leaf(node.position, False, "false"),
        }
        added = {
            name: Entry(node.position, leaf) for name, leaf in provenance.items() if name not in node.entries
        }
        node = node.with_entries(node.entries | added)
    return node
