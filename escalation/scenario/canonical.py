"""A policy written in one line: the way back from `policyline`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from escalation.scenario.base import Number
from escalation.scenario.scalar import RefusedScalar, unquoted

UNSAID = "…"
"""Stands in a line for what only a mapping can say: distributions, scripted acts, texts with spaces."""

_WORD = re.compile(r"[^\s=,()#]+")


class Said(NamedTuple):
    """One argument of a line, empty when a line cannot hold it, and whether it says all of its value."""

    text: str
    whole: bool = True


def line(name: str, arguments: Mapping[str, object], more: bool = False) -> str:
    """Return `name(argument=value, …)`; `more` says that there is something else that no line can hold.

    A value is a number, a text or a map of numbers, whose entries are written `argument.entry=value`. Of a
    distribution the median is written, and the line ends with an ellipsis: it is no policy to be read back.
    """
    said = list(_said(arguments))
    texts = [one.text for one in said if one.text]
    if more or not all(one.whole for one in said):
        texts.append(UNSAID)
    return f"{name}({', '.join(texts)})" if texts else name


def number(value: float) -> str:
    """Return the shortest text that reads back as exactly this number: `0.5`, `3`."""
    return repr(float(value)).removesuffix(".0")


def _said(arguments: Mapping[str, object]) -> Iterable[Said]:
    for name, value in arguments.items():
        if isinstance(value, Mapping):
            yield from _said({f"{name}.{entry}": part for entry, part in value.items()})
        elif isinstance(value, Number):
            text = f"{value.nominal:g}" if value.uncertain else number(value.nominal)
            yield Said(f"{name}={text}", not value.uncertain)
        else:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            yield Said(f"{name}={text}") if _reads_as(text, value) else Said("", False)


def _reads_as(text: str, value: object) -> bool:
    try:
        found = unquoted(text)
    except RefusedScalar:
        return False
    return _WORD.fullmatch(text) is not None and found == value and type(found) is type(value)
