"""One tree laid over another, key by key: the rule behind `extends`, the catalogue and `--set`."""

from __future__ import annotations

from escalation.scenario.base import DISTRIBUTIONS, Number
from escalation.scenario.node import Entry, Leaf, Mapping, Node

_CHOOSERS = ("kind", "preset")
MEANINGS = ("value", *DISTRIBUTIONS)
"""The keys of a number of which it has exactly one."""
_NUMBER_KEYS = frozenset(Number.model_fields)


def merge(base: Mapping, over: Mapping) -> Mapping:
    """Return `base` with `over` laid on it; every node keeps the place that it came from.

    Mappings merge key by key; a list or value replaces; `null` removes what the base has. A mapping that
    names another `kind` or `preset` than the base's replaces it, and the meaning of a number (`value`,
    `uniform`, …) replaces the other. A `null` with nothing to remove stays, for validation to judge.
    """
    if over.whole or _chooses_anew(base, over):
        return over
    entries = _kept(base, over)
    for name, entry in over.entries.items():
        below = entries.get(name)
        if below is not None and isinstance(entry.node, Leaf) and entry.node.value is None:
            del entries[name]
        else:
            entries[name] = Entry(entry.key, _laid(below.node if below else None, entry.node))
    return over.with_entries(entries)


def _laid(base: Node | None, over: Node) -> Node:
    return merge(base, over) if isinstance(base, Mapping) and isinstance(over, Mapping) else over


def _chooses_anew(base: Mapping, over: Mapping) -> bool:
    return any(name in over.entries and _text(base, name) != _text(over, name) for name in _CHOOSERS)


def _text(node: Mapping, name: str) -> object:
    leaf = node.get(name)
    return leaf.value if isinstance(leaf, Leaf) else None


def _kept(base: Mapping, over: Mapping) -> dict[str, Entry]:
    has_meaning = not over.entries.keys().isdisjoint(MEANINGS)
    if has_meaning and base.entries.keys() | over.entries.keys() <= _NUMBER_KEYS:
        return {name: entry for name, entry in base.entries.items() if name not in MEANINGS}
    return dict(base.entries)
