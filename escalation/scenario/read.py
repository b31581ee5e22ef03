"""YAML text to a tree of located nodes; whatever could hang, fill or fool the program is refused here.

The text is read event by event, so that depth and size are checked before anything is built. YAML features
that a scenario has no use for (tags, merge keys, several documents, keys that are not text) are refused with
their place; small mistakes are collected, so that one reading reports them all.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from escalation.errors import Problem, ScenarioError
from escalation.scenario.tree import Entry, Items, Leaf, Mapping, Node, Place, Refused, Scalar

LARGEST = 2**53
"""Largest whole number that a float holds exactly."""

_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt]|[ \t]+)[0-9]{1,2}:[0-9:.]+.*")


class RefusedScalar(ValueError):
    """A word that looks like a value and is none; its arguments are what was found and what is allowed."""

    def __init__(self, found: str, allowed: str):
        super().__init__(found)
        self.found, self.allowed = found, allowed


def unquoted(text: str) -> Scalar:
    """Return the value of a word without quotes. Raises RefusedScalar."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        return _finite(text)
    if _NOT_FINITE.fullmatch(text):
        raise RefusedScalar(f"{text} is not a finite number", "write a number, or leave the key out")
    if match := _DATE.fullmatch(text):
        return _date(text, *map(int, match.groups()))
    if _TIMESTAMP.fullmatch(text):
        raise RefusedScalar(f"{text} has a time of day", f"write the date alone, {text[:10]}")
    return text


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > LARGEST:
        raise RefusedScalar(f"{_shortened(text)} is too large", "whole numbers go up to 2**53")
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise RefusedScalar(f"{_shortened(text)} is too large for a number", "numbers go up to about 1.8e308")
    return number


def _date(text: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise RefusedScalar(
            f"{text} is not a day of the calendar", "a date is YEAR-MONTH-DAY, as in 2020-08-09"
        ) from None


def _shortened(text: str) -> str:
    return text if len(text) <= 24 else f"{text[:20]}…"


def control_character(text: str) -> str:
    """Return the first character that has no place in a text (a control code, half a pair), or nothing."""
    return next((c for c in text if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cs")), "")


def shown(value: Scalar | Refused) -> str:
    """Return a value in words a reader of the file knows: `'abc'`, `0.9`, `true`, `nothing`."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:57] + "…")
    return str(value)


DEEPEST = 32
"""Levels of nesting that a file may have."""
MOST_NODES = 100_000
"""Keys and values that a file may have, with every alias written out."""

MOST_PROBLEMS = 100
"""Mistakes after which nobody wants to read more."""

_LONG_WORD = re.compile(r"\S{4000}")
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_HINTS = (
    ("\\t", "indent with spaces, never with tabs"),
    ("mapping values are not allowed", "put a text that holds “: ” in quotes, and align keys of one mapping"),
    ("could not find expected ':'", "each line of a mapping is KEY: VALUE"),
    ("expected <block end>", "keys of one mapping start in the same column"),
    ("unexpected end of stream", "close the quotes"),
    ("expected ',' or", "close the bracket, or separate by commas"),
    ("that cannot start any token", "put a text that begins with a special character in quotes"),
)


def read_text(text: str, origin: Place, problems: list[Problem]) -> Node:
    """Return the tree of one YAML document whose first character stands at `origin`.

    Mistakes that do not stop the reading are added to `problems`; the value concerned becomes
    `Refused.VALUE`. Raises ScenarioError (with `problems` so far) when the text cannot be read on.
    """
    return _Reader(origin, problems).document(text)


def joined(path: tuple[str | int, ...]) -> str:
    """Return a path in one word: `actors.eu.instruments[2]`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


class _Reader:
    def __init__(self, origin: Place, problems: list[Problem]):
        self.origin, self.problems, self.in_option = origin, problems, origin.is_option
        self.nodes = 0
        self.anchors: dict[str, tuple[Node, int, int]] = {}

    def document(self, text: str) -> Node:
        text = text.removeprefix("\ufeff")
        if bad := _UNREADABLE.search(text):
            found = f"the character U+{ord(bad.group()):04X}, which no text file holds"
            self.stop(self.seen(text, bad.start()), (), found)
        if bad := _LONG_WORD.search(text):
            self.stop(self.seen(text, bad.start()), (), "a word of 4,000 characters or more")
        self.events = self.parsed(text)
        next(self.events)
        first = next(self.events)
        if isinstance(first, StreamEndEvent):
            self.stop(Place(self.origin.file), (), "the file is empty")
        if getattr(first, "version", None) not in (None, (1, 2)):
            self.stop(self.place(first), (), "a %YAML line with an old version", "leave the line out")
        node, _ = self.node(next(self.events), ())
        self.expect_the_end()
        return node

    def seen(self, text: str, index: int) -> Place:
        if self.in_option:
            return self.origin.right(index)
        line_start = text.rfind("\n", 0, index) + 1
        return Place(self.origin.file, text.count("\n", 0, index) + 1, index - line_start + 1)

    def parsed(self, text: str) -> Iterator[Any]:
        try:
            yield from YAML(typ="safe", pure=True).parse(text)
        except MarkedYAMLError as error:
            self.stop(*self.syntax(error))
        except (YAMLError, ValueError, LookupError, TypeError, AttributeError, AssertionError) as error:
            self.stop(Place(self.origin.file), (), f"this cannot be read as YAML ({type(error).__name__})")

    def syntax(self, error: MarkedYAMLError) -> tuple[Place, tuple[()], str, str]:
        words = str(error.problem or error.context or "this cannot be read as YAML")
        mark = error.problem_mark or error.context_mark
        hint = next((hint for sign, hint in _HINTS if sign in words), "see yaml.org for how YAML is written")
        return self.at(mark) if mark else Place(self.origin.file), (), f"YAML syntax: {words}", hint

    def expect_the_end(self) -> None:
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                self.stop(self.place(event), (), "a second document (---)", "a scenario file holds one")

    def node(self, event: Any, path: tuple[str | int, ...]) -> tuple[Node, int]:
        """Return the node that begins with `event`, and its height in levels."""
        if isinstance(event, AliasEvent):
            return self.alias(event, path)
        self.count(event, path, 1)
        if len(path) > DEEPEST:
            self.stop(self.place(event), path[:3], f"nested more than {DEEPEST} levels deep")
        before = self.nodes
        node, height = self.fresh(event, path)
        if event.anchor:
            self.anchors[event.anchor] = node, self.nodes - before + 1, height
        return node, height

    def fresh(self, event: Any, path: tuple[str | int, ...]) -> tuple[Node, int]:
        if event.ctag is not None:
            tag = str(event.ctag).replace("tag:yaml.org,2002:", "!!")
            place = self.place(event)
            self.note(place, path, f"the tag {tag}", "a scenario file is data and has no tags; leave it out")
            return Leaf(place, Refused.VALUE), self.content(event, path)[1]
        return self.content(event, path)

    def content(self, event: Any, path: tuple[str | int, ...]) -> tuple[Node, int]:
        if isinstance(event, ScalarEvent):
            return self.scalar(event, path), 0
        if isinstance(event, SequenceStartEvent):
            return self.sequence(event, path)
        assert isinstance(event, MappingStartEvent)
        return self.mapping(event, path)

    def scalar(self, event: ScalarEvent, path: tuple[str | int, ...]) -> Leaf:
        place, text = self.place(event), event.value
        try:
            if bad := control_character(text):
                raise RefusedScalar(f"a text with the control character U+{ord(bad):04X}", "leave it out")
            value = text if event.style else unquoted(text)
        except RefusedScalar as refused:
            self.note(place, path, refused.found, refused.allowed)
            return Leaf(place, Refused.VALUE, text, plain=False)
        return Leaf(place, value, text, not event.style)

    def sequence(self, start: SequenceStartEvent, path: tuple[str | int, ...]) -> tuple[Items, int]:
        items: list[Node] = []
        height = 0
        while not isinstance(event := next(self.events), SequenceEndEvent):
            item, levels = self.node(event, (*path, len(items)))
            items.append(item)
            height = max(height, levels + 1)
        return Items(self.place(start), tuple(items)), height

    def mapping(self, start: MappingStartEvent, path: tuple[str | int, ...]) -> tuple[Mapping, int]:
        entries: dict[str, Entry] = {}
        height = 0
        while not isinstance(event := next(self.events), MappingEndEvent):
            place = self.place(event)
            key = self.key(event, path)
            node, levels = self.node(next(self.events), (*path, key or "?"))
            height = max(height, levels + 1)
            if key in entries:
                first = entries[key].key.line
                found = f"the key {key} stands twice, first in line {first}"
                self.note(place, (*path, key), found, "keep one of the two")
            elif key:
                entries[key] = Entry(place, node)
        return Mapping(self.place(start), entries), height

    def key(self, event: Any, path: tuple[str | int, ...]) -> str | None:
        key, _ = self.node(event, (*path, "?"))
        if isinstance(key, Leaf) and key.plain and key.text == "<<":
            self.note(key.place, path, "the merge key <<", "use extends, or write the entries out")
        elif isinstance(key, Leaf) and isinstance(key.value, str) and key.value:
            return key.value
        elif not (isinstance(key, Leaf) and key.value is Refused.VALUE):
            what = key.text or "nothing" if isinstance(key, Leaf) else "a list or mapping"
            self.note(key.place, path, f"{what} as a key", "a key is a text; a number or date needs quotes")
        return None

    def alias(self, event: AliasEvent, path: tuple[str | int, ...]) -> tuple[Node, int]:
        if event.anchor not in self.anchors:
            self.stop(
                self.place(event),
                path,
                f"the alias *{event.anchor} names nothing complete before it",
                f"an anchor &{event.anchor} must stand, and end, earlier in the file",
            )
        node, size, height = self.anchors[event.anchor]
        self.count(event, path, size)
        if len(path) + height > DEEPEST:
            self.stop(self.place(event), path[:3], f"nested more than {DEEPEST} levels deep by an alias")
        return node, height

    def count(self, event: NodeEvent, path: tuple[str | int, ...], more: int) -> None:
        self.nodes += more
        if self.nodes > MOST_NODES:
            found = f"more than {MOST_NODES:,} keys and values, aliases written out"
            self.stop(self.place(event), path[:3], found)

    def place(self, event: Any) -> Place:
        return self.at(event.start_mark)

    def at(self, mark: Any) -> Place:
        if self.in_option:
            return self.origin.right(mark.index)
        first = self.origin.column if mark.line == 0 else 1
        return Place(self.origin.file, self.origin.line + mark.line, first + mark.column)

    def note(self, place: Place, path: tuple[str | int, ...], found: str, allowed: str = "") -> None:
        self.problems.append(place.problem(joined(path), found, allowed))
        if len(self.problems) >= MOST_PROBLEMS:
            raise ScenarioError(self.problems)

    def stop(self, place: Place, path: tuple[str | int, ...], found: str, allowed: str = "") -> NoReturn:
        self.note(place, path, found, allowed)
        raise ScenarioError(self.problems)
