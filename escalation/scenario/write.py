"""A scenario as text that loads again to an equal one: the record of what a run was told."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from escalation.scenario.base import Number, Part
from escalation.scenario.document import Scenario
from escalation.scenario.extend import NO_CATALOGUE
from escalation.scenario.policy import Policy
from escalation.scenario.scalar import RefusedScalar, control_character, unquoted

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 _.;()/'-]*")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.]*")
_WIDTH = 100


def dump(scenario: Scenario) -> str:
    """Return the resolved scenario in YAML: complete, resting on no other file, catalogue or preset."""
    tree = _tree(scenario)
    head = {"schema_version": tree.pop("schema_version"), "catalogue": NO_CATALOGUE}
    return "\n".join(_lines(head | tree, 0)) + "\n"


def content_hash(scenario: Scenario) -> str:
    """Return the SHA-256 of the scenario's canonical JSON, in hexadecimal.

    The order of entries counts: acts of one day happen in the order in which they are written.
    """
    data = scenario.model_dump(mode="json")
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _tree(value: Any) -> Any:
    """Return a part of the scenario as dictionaries, lists and scalars, without what says nothing."""
    if isinstance(value, Number):
        fields = {name: _plainly(entry) for name, entry in _fields(value).items()}
        return fields["value"] if list(fields) == ["value"] else fields
    if isinstance(value, Part):
        return _fields(value)
    if isinstance(value, dict):
        return {name: _tree(entry) for name, entry in value.items()}
    if isinstance(value, tuple):
        return [_tree(entry) for entry in value]
    return value


def _plainly(value: Any) -> Any:
    """Return whole numbers without a decimal point, in lists as well."""
    if isinstance(value, list):
        return [_plainly(entry) for entry in value]
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15 and repr(value) != "-0.0"
    return int(value) if whole else value


def _fields(part: Part) -> dict[str, Any]:
    names = (name for name in type(part).model_fields if not _is_silent(part, name))
    return {name: _tree(getattr(part, name)) for name in names}


def _is_silent(part: Part, name: str) -> bool:
    """Return whether a field says nothing: absent, false or empty, as it is when left out."""
    value = getattr(part, name)
    if isinstance(part, Policy) and name == "last_resort":
        return False  # a preset may fill it
    default = type(part).model_fields[name].get_default(call_default_factory=True, validated_data={})
    return value is None or (value in (False, (), {}) and value == default)


def _lines(tree: dict[str, Any], depth: int) -> Iterator[str]:
    indent = "  " * depth
    for name, value in tree.items():
        if not isinstance(value, dict | list):
            yield f"{indent}{name}: {_scalar(value, _PLAIN)}"
        elif (flow := _flow(value)) is not None and (depth or not value) and _fits(indent, name, flow):
            yield f"{indent}{name}: {flow}"
        elif isinstance(value, dict):
            yield f"{indent}{name}:"
            yield from _lines(value, depth + 1)
        else:
            yield f"{indent}{name}:"
            yield from (f"{indent}- {_flow(item)}" for item in value)


def _fits(indent: str, name: str, flow: str) -> bool:
    return len(indent) + len(name) + len(flow) + 2 <= _WIDTH


def _flow(value: Any) -> str | None:
    """Return `value` on one line, or None for a mapping that reads better on several."""
    if isinstance(value, list):
        return f"[{', '.join(str(_flow(item)) for item in value)}]"
    if isinstance(value, dict):
        if any(isinstance(entry, dict) for entry in value.values()) or len(value) > 4:
            return None
        return f"{{{', '.join(f'{name}: {_flow(entry)}' for name, entry in value.items())}}}"
    return _scalar(value, _WORD)


def _scalar(value: Any, bare: re.Pattern[str]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, int | date):
        return str(value)
    return value if bare.fullmatch(value) and _stays_text(value) else quoted(value)


def _stays_text(text: str) -> bool:
    try:
        return unquoted(text) == text and not text.endswith(" ")
    except RefusedScalar:
        return False


def quoted(text: str) -> str:
    """Return `text` as a YAML text in double quotes."""
    return "".join(['"', *(_escaped(character) for character in text), '"'])


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character in "\n\t":
        return "\\n" if character == "\n" else "\\t"
    if control_character(character) or character in "\x85\u2028\u2029\ufeff":
        return f"\\u{ord(character):04x}"
    return character
