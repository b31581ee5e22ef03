"""What was found and what is allowed, in plain words, for every kind of validation error."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Union, get_args, get_origin

from escalation.errors import nearest
from escalation.scenario.actor import MonthDay
from escalation.scenario.kinds import KINDS
from escalation.scenario.node import Items, Leaf, Node, Refused
from escalation.scenario.policy import Policy
from escalation.scenario.scalar import RefusedScalar, shown, unquoted
from escalation.scenario.shape import Spot

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
