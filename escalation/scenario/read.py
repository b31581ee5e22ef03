"""YAML text to a tree of located nodes; whatever could hang, fill or fool the program is refused here.

The text is read event by event, so that depth and size are checked before anything is built. YAML features
that a scenario has no use for (tags, merge keys, several documents, keys that are not text) are refused with
their position; small mistakes are collected, so that one reading reports them all. JSON is read likewise.

An unquoted word means what YAML 1.2's core rules say, or a date, and nothing else: `NO` is a text (YAML 1.1
read it as false), `1e-3` a number, `2020-10-02` a date. What two readers could read in two ways (`0x1F`,
`1_000`, `12:30:00`) stays text: the field that wants a number refuses it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import date
from typing import Any, NoReturn

from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import (
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

try:
    from yaml import CSafeLoader as Parser
except ImportError:  # a PyYAML built without its C library gives the same events, more slowly
    from yaml import SafeLoader as Parser

from escalation.errors import ScenarioError, shortened
from escalation.scenario.tree import (
    Entry,
    Items,
    Leaf,
    Mapping,
    Node,
    Path,
    Position,
    Problems,
    Refused,
    Scalar,
    joined,
)

DEEPEST = 32
"""Levels of nesting that a file may have."""
MOST_NODES = 100_000
"""Keys and values that a file may have, with every alias written out."""

MOST_PROBLEMS = 100
"""Mistakes after which nobody wants to read more."""

_LONG_WORD = re.compile(r"\S{4000}")
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_PAIR = re.compile(r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)
_SYNTAX = (("did not find expected", "expected"), ("in this context", "here"))
_HINTS = (
    ("'\\t'", "indent with spaces, never with tabs"),
    ("mapping values are not allowed", "put a text that holds “: ” in quotes, and align keys of one mapping"),
    ("could not find expected ':'", "each line of a mapping is KEY: VALUE"),
    ("expected key", "keys of one mapping start in the same column"),
    ("expected '-'", "the dashes of one list start in the same column"),
    ("unexpected end of stream", "close the quotes"),
    ("expected ',' or", "close the bracket, or separate by commas"),
    ("expected <document start>", "nothing stands after the end of the mapping"),
    ("cannot start any token", "put a text that begins with a special character in quotes"),
)
_OLD = ("a %YAML line with an old version", "leave the line out")


def read_text(text: str, origin: Position, problems: Problems) -> Node:
    """Return the tree of one YAML document whose first character stands at `origin`.

    Mistakes that do not stop the reading are added to `problems`; the value concerned becomes
    `Refused.VALUE`. Raises ScenarioError (with `problems` so far) when the text cannot be read on.
    """
    return _Reader(origin, problems).document(text)


class _Reader:
    def __init__(self, origin: Position, problems: Problems):
        self.origin, self.problems, self.in_option = origin, problems, origin.is_option
        self.nodes = 0
        self.pairs: list[Position] = []
        self.anchors: dict[str, tuple[Node, int, int]] = {}

    def document(self, text: str) -> Node:
        text = text.removeprefix("\ufeff")
        if bad := _UNREADABLE.search(text):
            mistake = f"the character U+{ord(bad.group()):04X}, which no text file holds"
            self.stop(self.seen(text, bad.start()), (), mistake)
        if bad := _LONG_WORD.search(text):
            self.stop(self.seen(text, bad.start()), (), "a word of 4,000 characters or more")
        self.events = self.parsed(text)
        first = next(self.events)
        if isinstance(first, StreamEndEvent):
            self.stop(Position(self.origin.file), (), "the file is empty")
        if getattr(first, "version", None) not in (None, (1, 2)):
            self.stop(self.position(first), (), *_OLD)
        node, _ = self.node(next(self.events), ())
        self.expect_the_end()
        return node

    def seen(self, text: str, index: int) -> Position:
        if self.in_option:
            return self.origin.right(index)
        line_start = text.rfind("\n", 0, index) + 1
        return Position(self.origin.file, text.count("\n", 0, index) + 1, index - line_start + 1)

    def parsed(self, text: str) -> Iterator[Any]:
        """Yield the parser's events after the first, which says nothing."""
        try:
            parser = Parser(self.without_pairs(text))
            parser.get_event()
            yield from iter(parser.get_event, None)
        except MarkedYAMLError as error:
            self.stop(*self.syntax(error, text))
        except (YAMLError, ValueError, RecursionError) as error:
            self.stop(Position(self.origin.file), (), f"this cannot be read as YAML ({type(error).__name__})")

    def without_pairs(self, text: str) -> str:
        """Return the text with each character that JSON escapes in two halves escaped as YAML does it."""
        if not text.lstrip().startswith("{") or "\\u" not in text:
            return text
        self.pairs = [self.seen(text, match.start()) for match in _PAIR.finditer(text)]
        return _PAIR.sub(_whole, text)

    def syntax(self, error: MarkedYAMLError, text: str) -> tuple[Position, tuple[()], str, str]:
        words = str(error.problem or error.context or "this cannot be read as YAML")
        mark = error.problem_mark or error.context_mark
        if mark is None:
            return Position(self.origin.file), (), f"YAML syntax: {words}", ""
        if "incompatible YAML document" in words:
            return self.at(mark), (), *_OLD
        for sign, better in _SYNTAX:
            words = words.replace(sign, better)
        words = words.replace("found character", f"found character {text[mark.index : mark.index + 1]!r}")
        hint = next((hint for sign, hint in _HINTS if sign in words), "see yaml.org for how YAML is written")
        return self.at(mark), (), f"YAML syntax: {words}", hint

    def expect_the_end(self) -> None:
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                self.stop(self.position(event), (), "a second document (---)", "a scenario file holds one")

    def node(self, event: Any, path: Path) -> tuple[Node, int]:
        """Return the node that begins with `event`, and its height in levels."""
        if isinstance(event, AliasEvent):
            return self.alias(event, path)
        self.count(event, path, 1)
        if len(path) > DEEPEST:
            self.stop(self.position(event), path[:3], f"nested more than {DEEPEST} levels deep")
        before = self.nodes
        node, height = self.content(event, path)
        if event.tag is not None:
            tag = shortened(event.tag.replace("tag:yaml.org,2002:", "!!"), 60)
            allowed = "a scenario file is data and has no tags; leave it out"
            node = Leaf(self.position(event), Refused.VALUE)
            self.note(node.position, path, f"the tag {tag}", allowed)
        if event.anchor:
            self.anchors[event.anchor] = node, self.nodes - before + 1, height
        return node, height

    def content(self, event: Any, path: Path) -> tuple[Node, int]:
        if isinstance(event, ScalarEvent):
            return self.scalar(event, path), 0
        if isinstance(event, SequenceStartEvent):
            return self.sequence(event, path)
        assert isinstance(event, MappingStartEvent)
        return self.mapping(event, path)

    def scalar(self, event: ScalarEvent, path: Path) -> Leaf:
        position, text = self.position(event), event.value
        try:
            if bad := control_character(text):
                raise RefusedScalar(f"a text with the control character U+{ord(bad):04X}", "leave it out")
            value = text if event.style else unquoted(text)
        except RefusedScalar as refused:
            self.note(position, path, refused.mistake, refused.allowed)
            return Leaf(position, Refused.VALUE, text, plain=False)
        return Leaf(position, value, text, not event.style)

    def sequence(self, start: SequenceStartEvent, path: Path) -> tuple[Items, int]:
        items: list[Node] = []
        height = 0
        while not isinstance(event := next(self.events), SequenceEndEvent):
            item, levels = self.node(event, (*path, len(items)))
            items.append(item)
            height = max(height, levels + 1)
        return Items(self.position(start), tuple(items)), height

    def mapping(self, start: MappingStartEvent, path: Path) -> tuple[Mapping, int]:
        entries: dict[str, Entry] = {}
        height = 0
        while not isinstance(event := next(self.events), MappingEndEvent):
            position = self.position(event)
            key = self.key(event, path)
            node, levels = self.node(next(self.events), (*path, key or "?"))
            height = max(height, levels + 1)
            if key in entries:
                first = entries[key].key.line
                mistake = f"the key {shortened(key, 60)} stands twice, first in line {first}"
                self.note(position, (*path, key), mistake, "keep one of the two")
            elif key:
                entries[key] = Entry(position, node)
        return Mapping(self.position(start), entries), height

    def key(self, event: Any, path: Path) -> str | None:
        key, _ = self.node(event, (*path, "?"))
        if isinstance(key, Leaf) and key.plain and key.text == "<<":
            self.note(key.position, path, "the merge key <<", "use extends, or write the entries out")
        elif isinstance(key, Leaf) and isinstance(key.value, str) and key.value:
            return key.value
        elif not (isinstance(key, Leaf) and key.value is Refused.VALUE):
            what = shortened(key.text, 60) or "nothing" if isinstance(key, Leaf) else "a list or mapping"
            self.note(
                key.position, path, f"{what} as a key", "a key is a text; a number or date needs quotes"
            )
        return None

    def alias(self, event: AliasEvent, path: Path) -> tuple[Node, int]:
        if event.anchor not in self.anchors:
            self.stop(
                self.position(event),
                path,
                f"the alias *{shortened(event.anchor, 60)} names nothing complete before it",
                f"an anchor &{shortened(event.anchor, 60)} must stand, and end, earlier in the file",
            )
        node, size, height = self.anchors[event.anchor]
        self.count(event, path, size)
        if len(path) + height > DEEPEST:
            self.stop(self.position(event), path[:3], f"nested more than {DEEPEST} levels deep by an alias")
        return node, height

    def count(self, event: NodeEvent, path: Path, more: int) -> None:
        self.nodes += more
        if self.nodes > MOST_NODES:
            mistake = f"more than {MOST_NODES:,} keys and values, aliases written out"
            self.stop(self.position(event), path[:3], mistake)

    def position(self, event: Any) -> Position:
        return self.at(event.start_mark)

    def at(self, mark: Any) -> Position:
        if self.in_option:
            return self.origin.right(mark.index)
        first = self.origin.column if mark.line == 0 else 1
        position = Position(self.origin.file, self.origin.line + mark.line, first + mark.column)
        for pair in self.pairs:  # the escape that the parser saw was shorter
            if pair.line == position.line and pair.column < position.column:
                position = position.right(2)
        return position

    def note(self, position: Position, path: Path, mistake: str, allowed: str = "") -> None:
        self.problems.note(position, joined(path), mistake, allowed)
        if len(self.problems) >= MOST_PROBLEMS:
            raise ScenarioError(self.problems)

    def stop(self, position: Position, path: Path, mistake: str, allowed: str = "") -> NoReturn:
        self.problems.stop(position, joined(path), mistake, allowed)


def _whole(pair: re.Match[str]) -> str:
    """Return one escape in place of two."""
    high, low = (int(half, 16) for half in pair.groups())
    return f"\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"


LARGEST = 2**53
"""Largest whole number that a float holds exactly."""

_WORDS: dict[str, bool | None] = {
    spelling: value
    for word, value in (("", None), ("~", None), ("null", None), ("true", True), ("false", False))
    for spelling in (word, word.capitalize(), word.upper())
}
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt]|[ \t]+)[0-9]{1,2}:[0-9:.]+.*")


class RefusedScalar(ValueError):
    """A word that looks like a value and is none; its arguments are what was found and what is allowed."""

    def __init__(self, mistake: str, allowed: str):
        super().__init__(mistake)
        self.mistake, self.allowed = mistake, allowed


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


def read_word(text: str) -> Scalar | Refused:
    """Return the value of a word without quotes; Refused.VALUE where it looks like a value and is none."""
    try:
        return unquoted(text)
    except RefusedScalar:
        return Refused.VALUE


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > LARGEST:
        raise RefusedScalar(f"{shortened(text, 21)} is too large", "whole numbers go up to 2**53")
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise RefusedScalar(
            f"{shortened(text, 21)} is too large for a number", "numbers go up to about 1.8e308"
        )
    return number


def _date(text: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise RefusedScalar(
            f"{text} is not a day of the calendar", "a date is YEAR-MONTH-DAY, as in 2020-08-09"
        ) from None


def control_character(text: str) -> str:
    """Return the first character that does not belong in a text (a control code, half a pair), or nothing."""
    bad = _CONTROL.search(text)
    return bad.group() if bad else ""


def shown(value: Scalar | Refused) -> str:
    """Return a value in words a reader of the file knows: `'abc'`, `0.9`, `true`, `nothing`."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return repr(shortened(value, 60))
    return str(value)
