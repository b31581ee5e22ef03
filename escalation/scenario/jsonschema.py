"""The file format as a JSON Schema: an editor completes, explains and checks a scenario while it is written.

It is laxer than `load` where a file may leave to others what it does not say: no key is required below the
top, and none at all with `extends`; `null` (which removes an inherited entry) is allowed everywhere.
"""

from __future__ import annotations

from typing import Any

from escalation.scenario import shipped
from escalation.scenario.document import Scenario
from escalation.scenario.extend import NO_CATALOGUE
from escalation.scenario.presets import PRESETS

Schema = dict[str, Any]

_DROPPED = ("required", "minProperties", "default", "title", "discriminator")
_RENAMED = {"oneOf": "anyOf"}  # without its kind, a mapping may fit several kinds of policy
_NULL = {"type": "null"}
_BY_NAME = {"properties", "patternProperties"}
_HEADER: Schema = {
    "extends": {
        "type": "string",
        "description": "A file of the same folder or below, or shipped:NAME, on which this one is laid: "
        "mappings merge key by key, lists and values replace, null removes.",
    },
}


def json_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of a scenario file."""
    raw = Scenario.model_json_schema()
    complete = [name for name in raw["required"] if name != "instruments"]  # a catalogue may have them
    for part in (raw, *raw["$defs"].values()):
        _explain(part, raw["$defs"])
    parts = {name: _relaxed(part) for name, part in raw.pop("$defs").items()}
    top = _relaxed(raw)
    parts["Actor"]["properties"]["policy"] = _policy(parts["Actor"]["properties"]["policy"])
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
        "enum": [*shipped.catalogues(), NO_CATALOGUE],
        "description": "The shared instruments that the scenario starts from; standard when it says nothing.",
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
    if "patternProperties" in result:
        result["additionalProperties"] = False
    return result


def _or_null(schema: Schema) -> Schema:
    words = {key: schema[key] for key in ("description",) if key in schema}
    rest = {key: value for key, value in schema.items() if key not in words}
    options = rest["anyOf"] if list(rest) == ["anyOf"] else [rest]
    return {**words, "anyOf": [*(option for option in options if option != _NULL), _NULL]}
