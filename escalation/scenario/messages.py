"""Validation errors as problems with a place: what was found and what is allowed, in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple, Union, get_args, get_origin

from pydantic import ValidationError

from escalation.errors import Problem, nearest
from escalation.scenario.document import MonthDay
from escalation.scenario.policy import KINDS, Policy
from escalation.scenario.read import RefusedScalar, joined, shown, unquoted
from escalation.scenario.shape import Spot, spot
from escalation.scenario.tree import MEANINGS, Items, Leaf, Mapping, Node, Place, Refused

_REMOVES = "; null removes an inherited entry, and here there is none to remove"
_NAME = "a name has lower-case letters, digits and _, and begins with a letter, as in belarus_2020"

Words = tuple[str, str, str]
"""What was found, what is allowed, the nearest valid name."""


def words(detail: Any, node: Node, here: Spot | None) -> Words:
    """Return the words for the error `detail` at `node`, where the format has `here`."""
    if here and get_origin(here.type) is Union:
        return _wanted("a number, a text, true or false")(detail, None, node, here)
    say = _SAID.get(detail["type"])
    if say is None:
        return _told(node), detail["msg"].replace("Input should", "must").removesuffix("."), ""
    return say(detail.get("ctx", {}), detail["input"], node, here)


def _told(node: Node) -> str:
    """Return what stands in the file, and of which kind it is."""
    if not isinstance(node, Leaf):
        return "a list" if isinstance(node, Items) else "a mapping"
    value = node.value
    if isinstance(value, bool | None) or value is Refused.VALUE:
        return shown(value)
    if isinstance(value, str):
        return f"the text {shown(value)}"
    return f"the date {value}" if isinstance(value, date) else f"the number {node.text}"


def _wanted(what: str) -> Callable[..., Words]:
    def say(_ctx: Any, _found: Any, node: Node, _here: Spot | None) -> Words:
        removes = _REMOVES if isinstance(node, Leaf) and node.value is None else ""
        return _told(node), what + removes, ""

    return say


def _text(_ctx: Any, _found: Any, node: Node, _here: Spot | None) -> Words:
    if not isinstance(node, Leaf) or node.value is None:
        return _wanted("a text")(_ctx, _found, node, _here)
    return _told(node), f'a text, which here needs quotes: "{node.text}"', ""


def _number(ctx: Any, found: Any, node: Node, here: Spot | None) -> Words:
    limits = f", {here.range}" if here and here.range else ""
    if isinstance(node, Leaf) and not node.plain and _is_number(node.text):
        return _told(node), f"a number without quotes{limits}", ""
    return _wanted(f"a number{limits}, or a mapping with value or a distribution")(ctx, found, node, here)


def _is_number(text: str) -> bool:
    try:
        return isinstance(unquoted(text), int | float)
    except RefusedScalar:
        return False


def _range(ctx: Any, _found: Any, _node: Node, _here: Spot | None) -> Words:
    return f"{ctx['found']} is out of range", f"allowed is {ctx['allowed']}", ""


def _choice(_ctx: Any, found: Any, node: Node, here: Spot | None) -> Words:
    allowed = [str(option) for option in get_args(here.type)] if here else []
    if set(allowed) <= set(KINDS):
        allowed = list(KINDS)
    near = nearest(found, allowed) if isinstance(found, str) else ""
    names = ", ".join(allowed)
    listed = f"one of {names}" if len(allowed) > 1 else f"only {names} is known"
    return f"unknown value {shown(found)}" if isinstance(node, Leaf) else _told(node), listed, near


def _pattern(ctx: Any, found: Any, _node: Node, _here: Spot | None) -> Words:
    if ctx["pattern"] == r"^[a-z][a-z0-9_]*$":
        better = re.sub(r"[^a-z0-9]+", "_", str(found).lower()).strip("_0123456789")
        return f"{shown(found)} is not a name", _NAME, better
    if ctx["pattern"] == get_args(MonthDay)[1].pattern:
        return f"{shown(found)} is no day of every year", "month-day up to the 28th, as in 02-28", ""
    if ctx["pattern"] == r"^[0-9]{2,4}$":
        return f"{shown(found)} is not an event code", 'two to four digits in quotes, as in "0233"', ""
    return f"{shown(found)} has the wrong form", f"the form {ctx['pattern']}", ""


def _longer(ctx: Any, found: Any, _node: Node, _here: Spot | None) -> Words:
    if isinstance(found, str):
        return f"a text of {len(found)} characters", f"at least {ctx['min_length']}", ""
    return f"{len(found)} entries", f"at least {ctx['min_length']}", ""


def _shorter(ctx: Any, found: Any, _node: Node, _here: Spot | None) -> Words:
    if isinstance(found, str):
        return f"a text of {len(found)} characters", f"at most {ctx['max_length']}", ""
    return f"{len(found)} entries", f"at most {ctx['max_length']}", ""


def _part(ctx: Any, found: Any, node: Node, here: Spot | None) -> Words:
    also = ", or a policy in one line, as in graduated(reciprocity=0.8)"
    line = also if here and here.type is Policy else ""
    return _wanted(f"a mapping, with KEY: VALUE lines{line}")(ctx, found, node, here)


def _limit(_ctx: Any, found: Any, _node: Node, here: Spot | None) -> Words:
    return f"{shown(found)} is out of range", f"allowed is {here.range if here else ''}", ""


def _meaning(ctx: Any, _found: Any, _node: Node, _here: Spot | None) -> Words:
    found = "a number without a value" if ctx["given"] == "none" else f"a number with {ctx['given']} at once"
    return found, "exactly one of value, uniform, normal, lognormal, triangular, choice", ""


def _shape(ctx: Any, _found: Any, _node: Node, _here: Spot | None) -> Words:
    return "a distribution that cannot be", ctx["words"], ""


def _time(_ctx: Any, found: Any, _node: Node, _here: Spot | None) -> Words:
    both = isinstance(found, dict) and found.get("date") is not None
    given = "both a date and a rate" if both else "neither a date nor a rate"
    return given, "a shock has exactly one of them", ""


_SAID: dict[str, Callable[..., Words]] = {
    "string_type": _text,
    "string_pattern_mismatch": _pattern,
    "string_too_short": _longer,
    "string_too_long": _shorter,
    "too_short": _longer,
    "too_long": _shorter,
    "literal_error": _choice,
    "number_type": _number,
    "number_range": _range,
    "number_meaning": _meaning,
    "number_shape": _shape,
    "shock_time": _time,
    "float_type": _wanted("a number"),
    "int_type": _wanted("a whole number"),
    "int_from_float": _wanted("a whole number"),
    "bool_type": _wanted("true or false"),
    "date_type": _wanted("a date, YEAR-MONTH-DAY without quotes, as in 2020-08-09"),
    "tuple_type": _wanted("a list, as in [a, b]"),
    "dict_type": _wanted("a mapping, with KEY: VALUE lines"),
    "model_type": _part,
    "greater_than_equal": _limit,
    "less_than_equal": _limit,
}


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
