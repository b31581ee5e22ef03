"""What is written about scenarios: a resolved one, a new one, and the format as a JSON Schema."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from escalation.scenario import files
from escalation.scenario.base import Number, Part
from escalation.scenario.document import Scenario
from escalation.scenario.layers import LIBRARY, NO_CATALOGUE
from escalation.scenario.policy import PRESETS, Policy
from escalation.scenario.read import control_character, read_word
from escalation.scenario.tree import Mapping, plain

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 _.;()/'-]*")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.]*")
_WIDTH = 100
_ABOUT = frozenset(("title", "question", "source", "note", "assumption"))
"""Fields that say something about a scenario and its numbers, and decide nothing."""


def dump(scenario: Scenario) -> str:
    """Return the resolved scenario in YAML: complete, resting on no other file, catalogue or preset."""
    tree = _tree(scenario)
    head = {"schema_version": tree.pop("schema_version"), "catalogue": NO_CATALOGUE}
    return "\n".join(_lines(head | tree, 0)) + "\n"


def extending(name: str, changes: Mapping) -> str:
    """Return a small file that extends another by its name, and says only what `changes` does."""
    tree = plain(changes)
    assert isinstance(tree, dict)
    return "\n".join(_lines({"extends": name} | tree, 0)) + "\n"


def content_hash(scenario: Scenario) -> str:
    """Return the SHA-256 of the canonical JSON of all that decides what comes of a scenario, in hexadecimal.

    Of acts and shocks the order counts: those of one day happen in the order in which they are written. That
    of any other map does not, nor where a value was written, nor the title, the question, notes and sources.
    """
    data = _deciding(scenario, scenario.model_dump(mode="json"))
    data |= {name: list(data[name].items()) for name in ("history", "shocks")}
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _deciding(value: Any, data: Any) -> Any:
    """Return the JSON `data` of a part of the scenario without what is said about it."""
    if isinstance(value, Part) and isinstance(data, dict):
        return {
            name: _deciding(getattr(value, name, None), below)
            for name, below in data.items()
            if name not in _ABOUT
        }
    if isinstance(value, dict):
        return {name: _deciding(below, data[name]) for name, below in value.items()}
    if isinstance(value, tuple) and isinstance(data, list):
        return [_deciding(*pair) for pair in zip(value, data, strict=True)]
    return data


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
    if value is None or value not in (False, (), {}):
        return value is None
    default = type(part).model_fields[name].get_default(call_default_factory=True, validated_data={})
    return bool(value == default)


def _lines(tree: dict[str, Any], depth: int) -> Iterator[str]:
    indent = "  " * depth
    for name, value in tree.items():
        if not isinstance(value, dict | list):
            yield f"{indent}{name}: {_scalar(value, _PLAIN)}"
        elif (
            (flow := _flow(value)) is not None
            and (depth or not value)
            and len(line := f"{indent}{name}: {flow}") <= _WIDTH
        ):
            yield line
        elif isinstance(value, dict):
            yield f"{indent}{name}:"
            yield from _lines(value, depth + 1)
        else:
            yield f"{indent}{name}:"
            yield from (f"{indent}- {_flow(item)}" for item in value)


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
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, int | date):
        return str(value)
    is_plain = bare.fullmatch(value) and read_word(value) == value and not value.endswith(" ")
    return value if is_plain else quoted(value)


def quoted(text: str) -> str:
    """Return `text` as a YAML text in double quotes."""
    return "".join(['"', *(_escaped(character) for character in text), '"'])


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character in "\n\t":
        return "\\n" if character == "\n" else "\\t"
    if control_character(character) or character in "\x85\u2028\u2029\ufeff\ufffe\uffff":
        return f"\\u{ord(character):04x}"
    return character


_TEMPLATE = """\
# yaml-language-server: $schema=schema.json
#
# {name}: written by `escalation new`. With `escalation schema > schema.json` beside it, an editor explains
# each key.
# Check it with `escalation validate {name}.yaml`, run it with `escalation run {name}.yaml`.
# Every number here is invented: put yours in place, with `{{value: 0.9, source: ...}}` where it comes from.

schema_version: 1
title: {title}
question: Who answers whom in the year after the shock, and does it stop?

start: 2024-01-01           # the clock begins
simulate_from: 2024-01-15   # from this day on the model decides
end: 2025-01-15             # the first day that is not simulated

catalogue: standard         # the instruments; `none` to begin without any

actors:
  sender:
    name: Sender
    institution:
      stages: {{reaction: {{median: 10, spread: 0.5}}}}   # days from a provocation to a decision
      meetings: {{weekday: monday, nth: [3]}}           # decisions fall on the third Monday of a month
    policy: graduated                                 # `escalation policies` lists them
  target:
    name: Target
    policy:
      preset: tit_for_tat
      reciprocity: {{uniform: [0.5, 1.0], assumption: true}}   # uncertain: drawn anew in each replication

dyads:                      # dyads.SENDER.TARGET
  sender:
    target: {{exposure: 0.2, dependence: 0.02}}         # the target's exposure, the sender's own cost
  target:
    sender: {{exposure: 0.02, dependence: 0.2}}

shocks:                     # what no actor chose
  crackdown:
    label: protests put down
    date: 2024-01-08
    blamed: target
    magnitude: 5.0
    salience: {{sender: 1.0}}

history: {{}}                 # what is known to have been done between start and simulate_from

outcomes:
  answer: [answers.target, answers.sender, R, package_days.sender, package_days.target]
  tension_at: [2024-07-01]
  # objectives:             # what is wanted, by names of its own; the summary says what it came to
  #   calm: prob(runaway) <= 0.05
  #   cheap: mean(cost.sender)
"""


def template(name: str, title: str) -> str:
    """Return the text of a new scenario file `name`.yaml with this title; it loads as it stands."""
    return _TEMPLATE.format(name=name, title=quoted(title))


Schema = dict[str, Any]

_DROPPED = ("required", "minProperties", "default", "title", "discriminator", "ge", "le")
_RENAMED = {"oneOf": "anyOf"}  # without its kind, a mapping may fit several kinds of policy
_NULL = {"type": "null"}
_BY_NAME = {"properties", "patternProperties"}
_HEADER: Schema = {
    "extends": {
        "type": "string",
        "description": "A file of the same folder or below, or a shipped scenario, on which this is laid: "
        "mappings merge key by key, lists and values replace, null removes.",
    },
}
_PAST: Schema = {
    "type": "object",
    "properties": {
        "record": {
            "type": "string",
            "description": "A shipped record, or a CSV file of the same folder or below: what it holds "
            "before `until` is the past.",
        },
        "until": {
            "type": "string",
            "format": "date",
            "description": "The day from which the model decides; what the record holds later is unknown.",
        },
    },
    "additionalProperties": False,
}
"""A record as history; acts may be written beside it."""


def json_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of a scenario file."""
    raw = Scenario.model_json_schema()
    complete = [name for name in raw["required"] if name != "instruments"]  # a catalogue may have them
    for part in (raw, *raw["$defs"].values()):
        _explain(part, raw["$defs"])
    parts = {name: _relaxed(part) for name, part in raw.pop("$defs").items()}
    top = _relaxed(raw)
    actor = parts["Actor"]["properties"]
    actor |= {LIBRARY: _library(), "policy": _policy(actor["policy"])}
    history = top["properties"]["history"]["anyOf"]
    act = next(iter(history[0]["patternProperties"].values()))
    history.insert(1, _PAST | {"patternProperties": {r"^(?!(?:record|until)$)[a-z][a-z0-9_]*$": act}})
    top["properties"] = _HEADER | {"catalogue": _catalogue()} | top["properties"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A scenario of sanctions escalation",
        **top,
        "if": {"not": {"required": ["extends"]}},
        "then": {"required": complete},
        "$defs": parts,
    }


def _explain(part: Schema, parts: Schema) -> None:
    """Give each key the words of what it refers to, where the two are the same and were said only there."""
    for entry in part.get("properties", {}).values():
        if "description" not in entry and "$ref" in entry:
            entry["description"] = parts[entry["$ref"].rpartition("/")[2]]["description"]


def _catalogue() -> Schema:
    return {
        "enum": [*files.shipped_names(files.CATALOGUES), NO_CATALOGUE],
        "description": "The shared instruments that the scenario starts from; standard when it says nothing.",
    }


def _library() -> Schema:
    return {
        "enum": files.shipped_names(files.ACTORS),
        "description": "The actor of the library on which this one is laid; its dyads come along.",
    }


def _policy(mapping: Schema) -> Schema:
    line = {
        "type": "string",
        "pattern": r"^\s*[a-z][a-z0-9_]*\s*(\([^()]*\))?\s*$",
        "description": f"In one line: proportional, {', '.join(PRESETS)}; parameters in brackets.",
        "examples": ["graduated(reciprocity=0.8)"],
    }
    return {"description": mapping.get("description", ""), "anyOf": [line, *mapping["anyOf"]]}


def _relaxed(schema: Any) -> Any:
    """Return a schema in which nothing is required and null may stand for any entry of a mapping."""
    if isinstance(schema, list):
        return [_relaxed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {_RENAMED.get(key, key): value for key, value in schema.items()}
    result = {key: _relaxed(value) for key, value in schema.items() if key not in _DROPPED}
    for key in _BY_NAME & schema.keys():
        result[key] = {name: _or_null(_relaxed(value)) for name, value in schema[key].items()}
    if isinstance(entry := result.get("additionalProperties"), dict):
        result["additionalProperties"] = _or_null(entry)
    if "patternProperties" in result:
        result["additionalProperties"] = False
    return result


def _or_null(schema: Schema) -> Schema:
    words = {key: schema[key] for key in ("description",) if key in schema}
    rest = {key: value for key, value in schema.items() if key not in words}
    options = rest["anyOf"] if list(rest) == ["anyOf"] else [rest]
    return {**words, "anyOf": [*(option for option in options if option != _NULL), _NULL]}
