"""A scenario file as a tree in which every key and value knows its position, and how trees are merged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from enum import Enum
from typing import Any, NamedTuple, NoReturn

from escalation.errors import Problem, ScenarioError
from escalation.scenario.base import FIRST_DAY, LAST_DAY, MEANINGS, Number, day_of

Scalar = str | int | float | bool | date | None
Path = tuple[str | int, ...]


class Refused(Enum):
    """Stands where a value was refused on reading, so that the mistake is reported once only."""

    VALUE = "refused"


class Position(NamedTuple):
    """A file as the user knows it, with line and column from 1.

    Line 0 is the whole file, or an option with its value, whose characters `column` then counts from 1.
    """

    file: str
    line: int = 0
    column: int = 0

    @property
    def is_option(self) -> bool:
        """True for a position in an option of the command line."""
        return self.line == 0 and self.column > 0

    def problem(self, path: str, mistake: str, allowed: str = "", nearest: str = "") -> Problem:
        """Return the mistake `mistake` at this position."""
        return Problem(self.file, self.line, self.column, path, mistake, allowed, nearest)

    def right(self, columns: int) -> Position:
        """Return the position so many columns further on the same line."""
        return self._replace(column=self.column + columns)


class Problems(list[Problem]):
    """The mistakes of all files read so far."""

    def note(self, position: Position, path: str, mistake: str, allowed: str = "", near: str = "") -> None:
        """Add a mistake that does not stop the reading."""
        self.append(position.problem(path, mistake, allowed, near))

    def stop(
        self, position: Position, path: str, mistake: str, allowed: str = "", near: str = ""
    ) -> NoReturn:
        """Raise the ScenarioError with this mistake and all before it."""
        self.note(position, path, mistake, allowed, near)
        raise ScenarioError(dict.fromkeys(self))


class Leaf(NamedTuple):
    """A single value. `text` is how it was written; `plain` is true when it stood without quotes."""

    position: Position
    value: Scalar | Refused
    text: str = ""
    plain: bool = True

    @property
    def day(self) -> date | None:
        """The day that it names, with quotes or without; None beyond the days that the format has."""
        day = self.value if isinstance(self.value, date) else day_of(str(self.value))
        return day if day and FIRST_DAY <= day <= LAST_DAY else None


class Items(NamedTuple):
    """A list."""

    position: Position
    items: tuple[Node, ...] = ()


class Entry(NamedTuple):
    """The value of one key, and the position of the key."""

    key: Position
    node: Node


class Mapping(NamedTuple):
    """A mapping. One that is `whole` replaces what it extends instead of being merged into it."""

    position: Position
    entries: dict[str, Entry]
    whole: bool = False

    def get(self, name: str) -> Node | None:
        """Return the value of `name`, or None."""
        entry = self.entries.get(name)
        return entry.node if entry else None

    def with_entries(self, entries: dict[str, Entry]) -> Mapping:
        """Return the same mapping with other entries."""
        return Mapping(self.position, entries, self.whole)

    def without(self, *names: str) -> Mapping:
        """Return the same mapping without some of its entries."""
        return self.with_entries({name: entry for name, entry in self.entries.items() if name not in names})


Node = Leaf | Items | Mapping


def joined(path: Path) -> str:
    """Return a path in one word: `actors.eu.instruments[2]`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def plain(node: Node) -> Any:
    """Return the tree as dictionaries, lists and scalars."""
    if isinstance(node, Leaf):
        return node.value
    if isinstance(node, Items):
        return [plain(item) for item in node.items]
    return {name: plain(entry.node) for name, entry in node.entries.items()}


def node_of(value: Any, position: Position) -> Node:
    """Return dictionaries, lists and scalars as a tree that stands at one position; trees in it stay."""
    if isinstance(value, Leaf | Items | Mapping):
        return value
    if isinstance(value, dict):
        entries = {name: Entry(position, node_of(below, position)) for name, below in value.items()}
        return Mapping(position, entries)
    if isinstance(value, list | tuple):
        return Items(position, tuple(node_of(item, position) for item in value))
    return Leaf(position, value, str(value))


def node_at(root: Node, *path: str) -> Node | None:
    """Return what stands at `path`; None where the file has nothing there."""
    node: Node | None = root
    for name in path:
        node = node.get(name) if isinstance(node, Mapping) else None
    return node


def value_at(root: Node, *path: str) -> Scalar | Refused:
    """Return the single value at `path`; None where the file has none there."""
    node = node_at(root, *path)
    return node.value if isinstance(node, Leaf) else None


def entries_at(root: Node, *path: str) -> dict[str, Entry]:
    """Return the entries of the mapping at `path`; none where the file has no mapping there."""
    node = node_at(root, *path)
    return node.entries if isinstance(node, Mapping) else {}


def _nodes(root: Node, path: tuple[str, ...], where: Path = ()) -> Iterator[tuple[Path, Node]]:
    if not path:
        yield where, root
    elif isinstance(root, Mapping):
        for name in root.entries if path[0] == "*" else root.entries.keys() & path[:1]:
            yield from _nodes(root.entries[name].node, path[1:], (*where, name))


def _leaves(root: Node, path: tuple[str, ...]) -> Iterator[tuple[str, Leaf]]:
    for where, node in _nodes(root, path):
        if isinstance(node, Leaf):
            yield joined(where), node
        elif isinstance(node, Items):
            items = enumerate(node.items)
            yield from ((joined((*where, n)), item) for n, item in items if isinstance(item, Leaf))


def leaves_at(root: Node, *path: str) -> Iterator[tuple[str, Leaf]]:
    """Yield the text at `path`, or each text of the list there, with its path in one word.

    In `path`, `*` stands for every name.
    """
    return ((where, leaf) for where, leaf in _leaves(root, path) if isinstance(leaf.value, str))


def days_at(root: Node, *path: str) -> Iterator[tuple[str, Leaf, date]]:
    """Yield the day at `path`, or each day of the list there, like `leaves_at`, with its leaf before it."""
    return ((where, leaf, day) for where, leaf in _leaves(root, path) if (day := leaf.day))


def day_at(root: Node, *path: str) -> date | None:
    """Return the day at `path`, if there is one."""
    node = node_at(root, *path)
    return node.day if isinstance(node, Leaf) else None


def edited(
    root: Mapping, path: tuple[str, ...], change: Callable[[Node, str], Node], where: str = ""
) -> Mapping:
    """Return `root` with what `change` makes of each node at `path`, in which `*` stands for every name.

    `change` gets the node and its path in one word, which begins with `where`.
    """
    entries, (first, *rest) = dict(root.entries), path
    for name in root.entries if first == "*" else root.entries.keys() & path[:1]:
        (key, node), below = entries[name], f"{where}{name}"
        if not rest:
            entries[name] = Entry(key, change(node, below))
        elif isinstance(node, Mapping):
            entries[name] = Entry(key, edited(node, path[1:], change, f"{below}."))
    return root.with_entries(entries)


_NUMBER_KEYS = frozenset(Number.model_fields)


def merge(base: Mapping, over: Mapping) -> Mapping:
    """Return `base` with `over` laid on it; every node keeps the position that it came from.

    Mappings merge key by key; a list or value replaces; `null` removes what the base has. A policy of another
    `kind` than the base's replaces it, and the meaning of a number (`value`,
    `uniform`, …) replaces the other. A `null` with nothing to remove stays, for validation to judge.
    """
    chooses_anew = not over.entries.keys().isdisjoint(("kind", "preset")) and _kind(base) != _kind(over)
    if over.whole or chooses_anew:
        return over
    entries = _remaining(base, over)
    for name, entry in over.entries.items():
        below = entries.get(name)
        if below is not None and is_null(entry.node):
            del entries[name]
        elif below is not None and isinstance(below.node, Mapping) and isinstance(entry.node, Mapping):
            entries[name] = Entry(entry.key, merge(below.node, entry.node))
        else:
            entries[name] = entry
    return over.with_entries(entries)


def is_null(node: Node | None) -> bool:
    """Return whether `null` or nothing stands there, as a value."""
    return isinstance(node, Leaf) and node.value is None


def _kind(policy: Mapping) -> object:
    leaf = policy.get("kind")
    return leaf.value if isinstance(leaf, Leaf) else "proportional"


def _remaining(base: Mapping, over: Mapping) -> dict[str, Entry]:
    has_meaning = not over.entries.keys().isdisjoint(MEANINGS)
    if has_meaning and base.entries.keys() | over.entries.keys() <= _NUMBER_KEYS:
        return {name: entry for name, entry in base.entries.items() if name not in MEANINGS}
    return dict(base.entries)
