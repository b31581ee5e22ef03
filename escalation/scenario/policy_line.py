"""A policy in one line, `graduated(reciprocity=0.8)`, as the mapping that it stands for.

The name is a kind of policy or else a preset. `last_resort.border_closure=2` is an entry of the map
`last_resort`. The arguments of `python(name=…, …)` beside its name go under `parameters`. `canonical` writes
such a line.
"""

from __future__ import annotations

import re

from escalation.scenario.policy import ELLIPSIS, KINDS, PRESETS
from escalation.scenario.read import RefusedScalar, shown, unquoted
from escalation.scenario.tree import (
    Entry,
    Leaf,
    Mapping,
    Node,
    Position,
    Problems,
    Refused,
    edited,
    is_null,
    node_of,
)

_LINE = re.compile(r"\s*(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*(?:\((?P<arguments>[^()]*)\))?\s*")
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_ARGUMENT = re.compile(rf"\s*(?P<name>{_NAME})(\.(?P<entry>{_NAME}))?\s*=\s*(?P<value>[^\s=]+)\s*")
_LONGEST = 2000
_NO_LINE = f"{ELLIPSIS} stands for what no line can say; write the policy as a mapping"
_FORM = "a policy in one line is NAME or NAME(parameter=number, …), as in graduated(reciprocity=0.8)"


def with_mappings(root: Mapping, problems: Problems) -> Mapping:
    """Return `root` with each `actors.*.policy` as a mapping that says what its preset sets.

    What a preset sets stands where its name does. Mistakes in a line are added to `problems`.
    """

    def mapping(node: Node, path: str) -> Node:
        if isinstance(node, Leaf) and isinstance(node.value, str):
            node = _mapping(node, node.value, path, problems)
        return _with_attitude(node) if isinstance(node, Mapping) else node

    return edited(root, ("actors", "*", "policy"), mapping)


def _with_attitude(policy: Mapping) -> Mapping:
    """Return a policy with what its preset sets, beside what it says itself; its last resorts are all."""
    leaf, kind = policy.get("preset"), policy.get("kind")
    if leaf is None or is_null(leaf) or (isinstance(kind, Leaf) and kind.value != "proportional"):
        return policy
    preset = PRESETS.get(leaf.value) if isinstance(leaf, Leaf) and isinstance(leaf.value, str) else None
    tree = node_of(preset.parameters if preset else {"last_resort": {}}, leaf.position)
    assert isinstance(tree, Mapping)
    entries = tree.entries | policy.entries
    resorts = entries["last_resort"]
    if isinstance(resorts.node, Mapping):
        entries["last_resort"] = Entry(resorts.key, resorts.node._replace(whole=True))
    return policy.with_entries(entries)


def _mapping(leaf: Leaf, text: str, path: str, problems: Problems) -> Node:
    match = _LINE.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        hint = "" if leaf.text.count("(") == leaf.text.count(")") else "; inside { } put the line in quotes"
        problems.note(leaf.position, path, f"{shown(text)} cannot be read as a policy", _FORM + hint)
        return Leaf(leaf.position, Refused.VALUE)
    start = leaf.position if leaf.plain else leaf.position.right(1)
    name = match["name"]
    key = "kind" if name in KINDS else "preset"
    entries = {key: Entry(leaf.position, Leaf(start.right(match.start("name")), name, name))}
    if match["arguments"] and match["arguments"].strip():
        entries |= _arguments(match["arguments"], start.right(match.start("arguments")), path, problems)
    entries = _as_python(entries, leaf.position) if name == "python" else entries
    return Mapping(leaf.position, entries, whole=key == "kind")


def _as_python(entries: dict[str, Entry], position: Position) -> dict[str, Entry]:
    own = {name: entry for name, entry in entries.items() if name in ("kind", "name")}
    rest = {name: entry for name, entry in entries.items() if name not in own}
    return own | {"parameters": Entry(position, Mapping(position, rest))}


def _arguments(text: str, start: Position, path: str, problems: Problems) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    offset = 0
    for argument in text.split(","):
        position = start.right(offset + len(argument) - len(argument.lstrip()))
        offset += len(argument) + 1
        match = _ARGUMENT.fullmatch(argument)
        if match is None:
            mistake = f"{shown(argument.strip())} is no parameter of a policy"
            allowed = _NO_LINE if argument.strip() == ELLIPSIS else _FORM
            problems.note(position, path, mistake, allowed)
            continue
        name = match["name"] if match["entry"] is None else f"{match['name']}.{match['entry']}"
        value_position = position.right(match.start("value") - match.start("name"))
        value = Entry(position, _number(match["value"], value_position, f"{path}.{name}", problems))
        if not _added(entries, match["name"], match["entry"], value):
            problems.note(position, f"{path}.{name}", "the parameter stands twice", _FORM)
    return entries


def _added(entries: dict[str, Entry], name: str, entry: str | None, value: Entry) -> bool:
    """Put a value under its name, or as an entry of the map of that name; False where there is one."""
    if entry is None:
        return entries.setdefault(name, value) is value
    group = entries.setdefault(name, Entry(value.key, Mapping(value.key, {}))).node
    return isinstance(group, Mapping) and group.entries.setdefault(entry, value) is value


def _number(text: str, position: Position, path: str, problems: Problems) -> Leaf:
    try:
        return Leaf(position, unquoted(text), text)
    except RefusedScalar as refused:
        problems.note(position, path, refused.mistake, refused.allowed)
        return Leaf(position, Refused.VALUE, text)
