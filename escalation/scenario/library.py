"""The library of actors: what `actors.NAME.library` puts under a file, cut to what the scenario has.

A file of the library describes one actor: `actor` is what stands at `actors.NAME`, `towards` what stands at
`dyads.NAME`. What it says of actors and instruments that the scenario does not have is left out.
"""

from __future__ import annotations

from collections.abc import Mapping as Groups
from typing import NamedTuple

from escalation.errors import ScenarioError, nearest
from escalation.scenario import files
from escalation.scenario.names import only_known
from escalation.scenario.policy_line import with_mappings
from escalation.scenario.read import shown
from escalation.scenario.tree import (
    Entry,
    Leaf,
    Mapping,
    Node,
    Problems,
    Refused,
    entries_at,
    merge,
    plain,
)

KEY = "library"
"""The key of an actor that names its file of the library; it is used up on reading."""
TITLE, ACTOR, TOWARDS = "title", "actor", "towards"


class Described(NamedTuple):
    """An actor of the library, as a list shows it."""

    name: str
    title: str


def library_actors() -> list[Described]:
    """Return the actors of the library, each with what it is. Raises ScenarioError for an unreadable file."""
    names = files.shipped_actors()
    return [Described(name, str(plain(_file(name, Problems())[TITLE].node))) for name in names]


def with_library(root: Mapping, known: Groups[str, set[str]], problems: Problems) -> Mapping:
    """Return a file laid over what its actors take from the library.

    `known` are the names of all actors and instruments that the scenario has. Raises ScenarioError, with the
    mistakes so far, where a name is not in the library.
    """
    chosen = _chosen(root, problems)
    if not chosen:
        return root
    actors: dict[str, Entry] = {}
    dyads: dict[str, Entry] = {}
    for name, leaf in chosen.items():
        file = _file(str(leaf.value), problems)
        actors[name] = Entry(leaf.position, file[ACTOR].node)
        if TOWARDS in file:
            dyads[name] = Entry(leaf.position, file[TOWARDS].node)
    groups = {"actors": Mapping(root.position, actors), "dyads": Mapping(root.position, dyads)}
    tree = {key: Entry(root.position, group) for key, group in groups.items() if group.entries}
    described = with_mappings(only_known(Mapping(root.position, tree), known), problems)
    return merge(described, _without_references(root))


def _chosen(root: Mapping, problems: Problems) -> dict[str, Leaf]:
    """Return the name in the library of each actor that has one."""
    chosen: dict[str, Leaf] = {}
    mistakes = len(problems)
    for name, entry in entries_at(root, "actors").items():
        node = entry.node.get(KEY) if isinstance(entry.node, Mapping) else None
        if isinstance(node, Leaf) and node.value in files.shipped_actors():
            chosen[name] = node
        elif isinstance(node, Leaf) and isinstance(node.value, str):
            mistake, known = (
                f"no actor of the name {shown(node.value)} in the library",
                files.shipped_actors(),
            )
            allowed, near = f"one of {', '.join(known)}", nearest(node.value, known)
            problems.note(node.position, f"actors.{name}.{KEY}", mistake, allowed, near)
        elif node is not None and not (isinstance(node, Leaf) and node.value is Refused.VALUE):
            position = node.position if isinstance(node, Leaf) else entry.key
            problems.note(position, f"actors.{name}.{KEY}", _NO_NAME, _ALLOWED)
    if len(problems) > mistakes:
        raise ScenarioError(dict.fromkeys(problems))
    return chosen


_NO_NAME = "this is no name"
_ALLOWED = "write the name of one actor of the library, or leave the key out"


def _without_references(root: Mapping) -> Mapping:
    key, actors = root.entries["actors"]
    assert isinstance(actors, Mapping)
    entries = {
        name: Entry(entry.key, _without_reference(entry.node)) for name, entry in actors.entries.items()
    }
    return root.with_entries(root.entries | {"actors": Entry(key, actors.with_entries(entries))})


def _without_reference(node: Node) -> Node:
    if not isinstance(node, Mapping):
        return node
    return node.with_entries({name: entry for name, entry in node.entries.items() if name != KEY})


def _file(name: str, problems: Problems) -> dict[str, Entry]:
    path = files.shipped_actor(name)
    root = files.read(path, str(path), problems)
    assert isinstance(root, Mapping)
    return root.entries
