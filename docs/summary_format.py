"""Write the tables of docs/summary-format.md and docs/summary.schema.json anew from the code.

python docs/summary_format.py
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from escalation.present.screen import as_json
from escalation.study.summary import json_schema

PAGE = Path(__file__).parent / "summary-format.md"
SCHEMA = Path(__file__).parent / "summary.schema.json"
START, STOP = "<!-- fields -->", "<!-- end -->"
TOP = "Summary"

WORDS = {"integer": "whole number", "boolean": "true or false", "string": "text"}

Schema = dict[str, Any]


def fields() -> str:
    """Return a section with a table for each mapping of the document, in the order of their first mention."""
    schema = json_schema()
    parts = {TOP: schema} | schema["$defs"]
    order = [TOP]
    for name in order:
        new = dict.fromkeys(mentioned(parts[name]["properties"]))
        order += [part for part in new if part not in order]
    return "\n\n".join(section(name, parts[name]) for name in order)


def section(name: str, part: Schema) -> str:
    lines = [
        f"### {heading(name)}",
        "",
        part["description"],
        "",
        "| field | holds | unit | meaning |",
        "|---|---|---|---|",
    ]
    required = part.get("required", ())
    for key, entry in part["properties"].items():
        holds = kind(entry) + ("" if key in required else ", may be left out")
        lines.append(f"| `{key}` | {holds} | {unit(entry)} | {entry['description']} |")
    return "\n".join(lines)


def heading(name: str) -> str:
    """Return the heading of a mapping: `OutcomePart` is Outcome."""
    return name.removesuffix("Part")


def kind(entry: Schema) -> str:
    """Return what a field holds, in words."""
    forms: dict[str, Callable[[Any], str]] = {
        "$ref": lambda ref: link(heading(ref.rpartition("/")[2])),
        "anyOf": lambda options: " or ".join(map(kind, options)),
        "enum": lambda words: "one of " + ", ".join(f"`{word}`" for word in words),
        "const": str,
        "prefixItems": lambda items: "two: " + kind(items[0]),
        "items": lambda item: "list of " + (f"({kind(item)})" if "anyOf" in item else kind(item)),
        "additionalProperties": lambda item: "map to " + kind(item),
        "format": str,
        "type": lambda name: WORDS.get(name, name),
    }
    return next(say(entry[key]) for key, say in forms.items() if key in entry)


def link(name: str) -> str:
    return f"[{name}](#{name.lower()})"


def unit(entry: Schema) -> str:
    """Return what the numbers of a field count, wherever in it that stands."""
    inner = [
        *entry.get("anyOf", ()),
        *entry.get("prefixItems", ()),
        entry.get("items"),
        entry.get("additionalProperties"),
    ]
    units = (unit(one) for one in inner if isinstance(one, dict))
    return str(entry.get("unit") or next(filter(None, units), ""))


def mentioned(schema: Any) -> list[str]:
    """Return the mappings that a schema refers to, in order."""
    if isinstance(schema, list):
        return [name for one in schema for name in mentioned(one)]
    if not isinstance(schema, dict):
        return []
    own = [schema["$ref"].rpartition("/")[2]] if "$ref" in schema else []
    return own + [name for one in schema.values() for name in mentioned(one)]


def main() -> None:
    page = PAGE.read_text(encoding="utf-8")
    start, stop = page.index(START) + len(START), page.index(STOP)
    PAGE.write_text(f"{page[:start]}\n{fields()}\n{page[stop:]}", encoding="utf-8")
    SCHEMA.write_text(as_json(json_schema()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
