"""A scenario file as a tree in which every key and value knows the place that it was written in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, NamedTuple

from escalation.errors import Problem
from escalation.scenario.base import DISTRIBUTIONS, Number

Scalar = str | int | float | bool | date | None


class Refused(Enum):
    """Stands where a value was refused on reading, so that the mistake is reported once only."""

    VALUE = "refused"


class Place(NamedTuple):
    """A file as the user knows it, with line and column from 1.

    Line 0 is the whole file, or an option with its value, whose characters `column` then counts from 1.
    """

    file: str
    line: int = 0
    column: int = 0

    @property
    def is_option(self) -> bool:
        """True for a place in an option of the command line."""
        return self.line == 0 and self.column > 0

    def problem(self, path: str, found: str, allowed: str = "", nearest: str = "") -> Problem:
        """Return the mistake `found` at this place."""
        return Problem(self.file, self.line, self.column, path, found, allowed, nearest)

    def right(self, columns: int) -> Place:
        """Return the place so many columns further on the same line."""
        return self._replace(column=self.column + columns)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A single value. `text` is how it was written; `plain` is true when it stood without quotes."""

    place: Place
    value: Scalar | Refused
    text: str = ""
    plain: bool = True


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    place: Place
    items: tuple[Node, ...] = ()


class Entry(NamedTuple):
    """The value of one key, and the place of the key."""

    key: Place
    node: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping. One that is `whole` replaces what it extends instead of being merged into it."""

    place: Place
    entries: dict[str, Entry]
    whole: bool = False

    def get(self, name: str) -> Node | None:
        """Return the value of `name`, or None."""
        entry = self.entries.get(name)
        return entry.node if entry else None

    def with_entries(self, entries: dict[str, Entry]) -> Mapping:
        """Return the same mapping with other entries."""
        return Mapping(self.place, entries, self.whole)


Node = Leaf | Items | Mapping


def plain(node: Node) -> Any:
    """Return the tree as dictionaries, lists and scalars."""
    if isinstance(node, Leaf):
        return node.value
    if isinstance(node, Items):
        return [plain(item) for item in node.items]
    return {name: plain(entry.node) for name, entry in node.entries.items()}


def entries_at(root: Node, *path: str) -> dict[str, Entry]:
    """Return the entries of the mapping at `path`; none where the file has no mapping there."""
    node: Node | None = root
    for name in path:
        node = node.get(name) if isinstance(node, Mapping) else None
    return node.entries if isinstance(node, Mapping) else {}


def is_unreadable(root: Node, *path: str) -> bool:
    """Return whether something else than a mapping stands at `path`; validation reports it."""
    entry = entries_at(root, *path[:-1]).get(path[-1])
    return entry is not None and not isinstance(entry.node, Mapping)


def leaves(node: Node | None) -> Iterator[tuple[str, Leaf]]:
    """Yield the single text that `node` is, or each text of the list that it is, with the path to add."""
    if isinstance(node, Leaf) and isinstance(node.value, str):
        yield "", node
    elif isinstance(node, Items):
        for index, item in enumerate(node.items):
            if isinstance(item, Leaf) and isinstance(item.value, str):
                yield f"[{index}]", item


NOTHING = Entry(Place(""), Leaf(Place(""), None))
"""What stands where a file has no entry."""


_CHOOSERS = ("kind", "preset")
MEANINGS = ("value", *DISTRIBUTIONS)
"""The keys of a number of which it has exactly one."""
_NUMBER_KEYS = frozenset(Number.model_fields)


def merge(base: Mapping, over: Mapping) -> Mapping:
    """Return `base` with `over` laid on it; every node keeps the place that it came from.

    Mappings merge key by key; a list or value replaces; `null` removes what the base has. A mapping that
    names another `kind` or `preset` than the base's replaces it, and the meaning of a number (`value`,
    `uniform`, …) replaces the other. A `null` with nothing to remove stays, for validation to judge.
    """
    if over.whole or _chooses_anew(base, over):
        return over
    entries = _kept(base, over)
    for name, entry in over.entries.items():
        below = entries.get(name)
        if below is not None and isinstance(entry.node, Leaf) and entry.node.value is None:
            del entries[name]
        else:
            entries[name] = Entry(entry.key, _laid(below.node if below else None, entry.node))
    return over.with_entries(entries)


def _laid(base: Node | None, over: Node) -> Node:
    return merge(base, over) if isinstance(base, Mapping) and isinstance(over, Mapping) else over


def _chooses_anew(base: Mapping, over: Mapping) -> bool:
    return any(name in over.entries and _text(base, name) != _text(over, name) for name in _CHOOSERS)


def _text(node: Mapping, name: str) -> object:
    leaf = node.get(name)
    return leaf.value if isinstance(leaf, Leaf) else None


def _kept(base: Mapping, over: Mapping) -> dict[str, Entry]:
    has_meaning = not over.entries.keys().isdisjoint(MEANINGS)
    if has_meaning and base.entries.keys() | over.entries.keys() <= _NUMBER_KEYS:
        return {name: entry for name, entry in base.entries.items() if name not in MEANINGS}
    return dict(base.entries)
