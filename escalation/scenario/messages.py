"""Validation errors as problems with a position: what was found and what is allowed, in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from itertools import islice
from typing import Any, NamedTuple, Union, get_args, get_origin

from pydantic import ValidationError

from escalation.errors import Problem, nearest
from escalation.scenario.actor import Actor, Renewal
from escalation.scenario.base import MEANINGS
from escalation.scenario.policy import KINDS, Policy
from escalation.scenario.read import MOST_PROBLEMS, read_word, shown
from escalation.scenario.shape import Shape, shape_at
from escalation.scenario.tree import Items, Leaf, Mapping, Node, Path, Position, Refused, is_null, joined

Words = tuple[str, str, str]
"""What was found, what is allowed, the nearest valid name."""


class Where(NamedTuple):
    """Where a validation error is: the path that the file has of it, the node there, and the key above it.

    `value` and `context` are what Pydantic says of the error.
    """

    path: Path
    node: Node
    key: Position
    shape: Shape | None = None
    value: Any = None
    context: Any = None

    @property
    def position(self) -> Position:
        """Where the value stands: of a number with unit and source, where the number itself stands."""
        if isinstance(self.node, Mapping):
            meanings = [self.node.entries[name].node for name in MEANINGS if name in self.node.entries]
            return meanings[0].position if len(meanings) == 1 else self.key
        return self.node.position if isinstance(self.node, Leaf) else self.key


def problems_of(error: ValidationError, root: Mapping) -> Iterator[Problem]:
    """Yield the problems behind `error`, which validating the tree `root` raised, up to a limit.

    Values that the reader refused already are left out.
    """
    seen: dict[tuple[str, int, int], Problem] = {}  # a value of several allowed kinds fails once for each
    for detail in error.errors(include_url=False):
        where = _find(root, detail["loc"])
        if not (isinstance(where.node, Leaf) and where.node.value is Refused.VALUE):
            problem = _problem(detail, where, root)
            seen.setdefault((problem.path, problem.line, problem.column), problem)
    return islice(seen.values(), MOST_PROBLEMS)


def _find(root: Mapping, loc: tuple[str | int, ...]) -> Where:
    """Follow `loc` into the tree; what the file does not have (tags, an implied `value`) is skipped."""
    node: Node = root
    key = root.position
    path: Path = ()
    for part in loc:
        if isinstance(node, Mapping) and isinstance(part, str) and part in node.entries:
            key, node = node.entries[part]
        elif isinstance(node, Items) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
            key = node.position
        else:
            continue
        path = (*path, part)
    return Where(path, node, key)


def _problem(detail: Any, where: Where, root: Mapping) -> Problem:
    kind, name = detail["type"], detail["loc"][-1] if detail["loc"] else ""
    if kind == "missing":
        return _missing(where, name, root)
    if kind == "extra_forbidden" or (kind == "literal_error" and name == "[key]"):
        return _unknown(where, root)
    if kind == "distinct":
        where = _find(root, (*where.path, detail["ctx"]["index"]))
    position = where.key if name == "[key]" else where.position
    shape, context = shape_at(where.path, root), detail.get("ctx", {})
    where = where._replace(shape=shape, value=detail["input"], context=context)
    mistake, allowed, near = _words(kind, detail["msg"], where)
    return position.problem(joined(where.path), mistake, allowed, near)


def _missing(where: Where, name: str | int, root: Mapping) -> Problem:
    path = (*where.path, name)
    what = f"the key {name}" if isinstance(name, str) else f"entry {name + 1} of the list"
    shape = shape_at(path, root)
    meaning = " ".join(shape.description.split()).rstrip(".") if shape else ""
    required = f"required: {meaning}" if meaning else ""
    return where.key.problem(joined(path), f"{what} is missing", required, _misspelt(where.path, root))


def _misspelt(path: Path, root: Mapping) -> str:
    """Return the entry of a map by name whose name that of a new entry resembles: an override, misspelt."""
    above, shape = _find(root, path[:-1]).node, shape_at(path[:-1], root)
    if not path or not isinstance(above, Mapping) or (shape and shape.keys):
        return ""
    near = nearest(str(path[-1]), [name for name in above.entries if name != path[-1]])
    return joined((*path[:-1], near)) if near else ""


def _unknown(where: Where, root: Mapping) -> Problem:
    above = shape_at(where.path[:-1], root)
    known = above.keys if above else ()
    if len(where.path) == 1:
        known = (*known, "extends", "catalogue")
    elif above and above.type is Actor:
        known = (*known, "library")
    listed = f"known here are {', '.join(known)}"
    return where.key.problem(joined(where.path), "unknown key", listed, nearest(str(where.path[-1]), known))


def _words(kind: str, message: str, where: Where) -> Words:
    if where.shape and get_origin(where.shape.type) is Union:
        return _wanted("a number, a text, true or false", where)
    if what := _WANTED.get(kind):
        return _wanted(what, where)
    if words := _WORDS.get(kind):
        return words(where)
    return _described(where.node), message.replace("Input should", "must").removesuffix("."), ""


def _described(node: Node) -> str:
    """Return what stands in the file, and of which kind it is."""
    if not isinstance(node, Leaf):
        return "a list" if isinstance(node, Items) else "a mapping"
    value = node.value
    if isinstance(value, bool | None) or value is Refused.VALUE:
        return shown(value)
    if isinstance(value, str):
        return f"the text {shown(value)}"
    return f"the date {value}" if isinstance(value, date) else f"the number {node.text}"


def _wanted(what: str, where: Where) -> Words:
    removes = "; null removes an inherited entry, and here there is none to remove"
    return _described(where.node), what + (removes if is_null(where.node) else ""), ""


def _text(where: Where) -> Words:
    if not isinstance(where.node, Leaf) or where.node.value is None:
        return _wanted("a text", where)
    return _described(where.node), f'a text, which here needs quotes: "{where.node.text}"', ""


def _number(where: Where) -> Words:
    node, limits = where.node, f", {where.shape.range}" if where.shape and where.shape.range else ""
    if isinstance(node, Leaf) and not node.plain and isinstance(read_word(node.text), int | float):
        return _described(node), f"a number without quotes{limits}", ""
    return _wanted(f"a number{limits}, or a mapping with value or a distribution", where)


def _choice(where: Where) -> Words:
    allowed = [str(option) for option in get_args(where.shape.type)] if where.shape else []
    if set(allowed) <= set(KINDS):
        allowed = list(KINDS)
    mistake = (
        f"unknown value {shown(where.value)}" if isinstance(where.node, Leaf) else _described(where.node)
    )
    listed = f"one of {', '.join(allowed)}" if len(allowed) > 1 else f"only {allowed[0]} is known"
    return mistake, listed, nearest(where.value, allowed) if isinstance(where.value, str) else ""


_PATTERNS = {
    r"^[a-z][a-z0-9_]*$": (
        "not a name",
        "a name has lower-case letters, digits and _, and begins with a letter, as in belarus_2020",
    ),
    get_args(Renewal)[1].pattern: (
        "no day of every year and no time",
        'month-day, as in "07-31", or months after adoption, as in 12 months',
    ),
    r"^[0-9]{2,4}$": ("not an event code", 'two to four digits in quotes, as in "0233"'),
}


def _pattern(where: Where) -> Words:
    what, allowed = _PATTERNS[where.context["pattern"]]
    better = re.sub(r"[^a-z0-9]+", "_", str(where.value).lower()).strip("_0123456789")
    return f"{shown(where.value)} is {what}", allowed, better[:48] if what == "not a name" else ""


def _length(relation: str, limit: str, where: Where) -> Words:
    is_text, length = isinstance(where.value, str), len(where.value)
    size = f"a text of {length} characters" if is_text else f"{length} entries"
    return size, f"{relation} {where.context[limit]}", ""


def _part(where: Where) -> Words:
    is_policy = where.shape is not None and where.shape.type is Policy
    line = ", or a policy in one line, as in graduated(reciprocity=0.8)" if is_policy else ""
    return _wanted(f"a mapping, with KEY: VALUE lines{line}", where)


def _range(where: Where) -> Words:
    return f"{where.context['found']} is out of range", f"allowed is {where.context['allowed']}", ""


def _limit(where: Where) -> Words:
    return (
        f"{shown(where.value)} is out of range",
        f"allowed is {where.shape.range if where.shape else ''}",
        "",
    )


def _meaning(where: Where) -> Words:
    names = where.context["meanings"]
    mistake = "a number without a value" if names == "none" else f"a number with {names} at once"
    return mistake, f"exactly one of {', '.join(MEANINGS)}", ""


def _time(where: Where) -> Words:
    both = isinstance(where.value, dict) and where.value.get("date") is not None
    mistake = "both a date and a rate" if both else "neither a date nor a rate"
    return mistake, "a shock has exactly one of them", ""


_WANTED = {
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "date_type": "a date, YEAR-MONTH-DAY, as in 2020-08-09",
    "tuple_type": "a list, as in [a, b]",
    "dict_type": "a mapping, with KEY: VALUE lines",
}
_WORDS: dict[str, Callable[[Where], Words]] = {
    "string_type": _text,
    "string_pattern_mismatch": _pattern,
    "string_too_short": partial(_length, "at least", "min_length"),
    "string_too_long": partial(_length, "at most", "max_length"),
    "too_short": partial(_length, "at least", "min_length"),
    "too_long": partial(_length, "at most", "max_length"),
    "literal_error": _choice,
    "number_type": _number,
    "number_range": _range,
    "number_meaning": _meaning,
    "number_shape": lambda where: ("a distribution that cannot be", where.context["words"], ""),
    "shock_time": _time,
    "distinct": lambda where: (f"{where.context['entry']} stands twice", "leave one of the two out", ""),
    "model_type": _part,
    "greater_than": _limit,
    "greater_than_equal": _limit,
    "less_than_equal": _limit,
}
