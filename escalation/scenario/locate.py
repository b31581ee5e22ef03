"""Validation errors as problems with a place, in the words of the scenario file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from escalation.errors import Problem, nearest
from escalation.scenario.merge import MEANINGS
from escalation.scenario.messages import words
from escalation.scenario.node import Items, Leaf, Mapping, Node, Place, Refused
from escalation.scenario.read import joined
from escalation.scenario.shape import Spot, spot


class Spotted(NamedTuple):
    """A validation error's place: the path that the file has of it, the node there, and the key above it."""

    path: tuple[str | int, ...]
    node: Node
    key: Place


def problems_of(error: ValidationError, root: Mapping) -> Iterator[Problem]:
    """Yield the problems behind `error`, which validating the tree `root` raised.

    Values that the reader refused already are left out.
    """
    seen: set[tuple[str, int, int]] = set()  # a value of several allowed kinds fails once for each
    for detail in error.errors(include_url=False):
        spotted = _find(root, detail["loc"])
        if not (isinstance(spotted.node, Leaf) and spotted.node.value is Refused.VALUE):
            problem = _problem(detail, spotted, root)
            if (problem.path, problem.line, problem.column) not in seen:
                seen.add((problem.path, problem.line, problem.column))
                yield problem


def _find(root: Mapping, loc: Sequence[str | int]) -> Spotted:
    """Follow `loc` into the tree; what the file does not have (tags, an implied `value`) is skipped."""
    node: Node = root
    key = root.place
    path: tuple[str | int, ...] = ()
    for part in loc:
        if isinstance(node, Mapping) and isinstance(part, str) and part in node.entries:
            key, node = node.entries[part]
        elif isinstance(node, Items) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
            key = node.place
        else:
            continue
        path = (*path, part)
    return Spotted(path, node, key)


def _problem(detail: Any, spotted: Spotted, root: Mapping) -> Problem:
    kind, name = detail["type"], detail["loc"][-1] if detail["loc"] else ""
    if kind == "missing":
        return _missing(spotted, name, root)
    if kind == "extra_forbidden":
        return _unknown(spotted, root)
    place = spotted.key if name == "[key]" else _value_place(spotted)
    found, allowed, near = words(detail, spotted.node, spot(spotted.path, root))
    return place.problem(joined(spotted.path), found, allowed, near)


def _value_place(spotted: Spotted) -> Place:
    """Return where the value stands: of a number with unit and source, where the number itself stands."""
    node = spotted.node
    if isinstance(node, Mapping):
        given = [node.entries[name].node for name in MEANINGS if name in node.entries]
        return given[0].place if len(given) == 1 else spotted.key
    return node.place if isinstance(node, Leaf) else spotted.key


def _missing(spotted: Spotted, name: str | int, root: Mapping) -> Problem:
    path = (*spotted.path, name)
    what = f"the key {name}" if isinstance(name, str) else f"entry {name + 1} of the list"
    found = f"{what} is missing"
    return spotted.key.problem(joined(path), found, _sentence(spot(path, root)))


def _unknown(spotted: Spotted, root: Mapping) -> Problem:
    above = spot(spotted.path[:-1], root)
    known = above.keys if above else ()
    name = str(spotted.path[-1])
    if len(spotted.path) == 1:
        known = (*known, "extends", "catalogue")
    listed = f"known here are {', '.join(known)}"
    return spotted.key.problem(joined(spotted.path), "unknown key", listed, nearest(name, known))


def _sentence(here: Spot | None) -> str:
    text = " ".join(here.description.split()).rstrip(".") if here else ""
    return f"required: {text}" if text else ""
