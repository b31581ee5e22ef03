"""`--until DATE`: another end for a scenario, without what would lie beyond it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from escalation.scenario.node import Entry, Items, Leaf, Mapping, Node, Place, entries_at


def until_day(root: Mapping, until: date) -> Mapping:
    """Return `root` with the end moved to `until`.

    An earlier end drops the dated shocks, scripted acts and measuring dates on or after it, and the answers
    and objectives made of the latter.
    """
    place = Place(f"--until {until}", 0, 1)
    entries = root.entries | {"end": Entry(place, Leaf(place, until, str(until)))}
    if not _is_after_takeover(entries, until):
        return root.with_entries(entries)  # a mistake of its own: nothing else should change
    for name in ("shocks", "actors"):
        if name in entries:
            entries[name] = (_before if name == "shocks" else _acting_before)(entries[name], until)
    if "outcomes" in entries:
        entries["outcomes"] = _asked_before(entries["outcomes"], until)
    return root.with_entries(entries)


def _is_after_takeover(entries: dict[str, Entry], until: date) -> bool:
    named = (entries[name].node for name in ("start", "simulate_from") if name in entries)
    days = [leaf.value for leaf in named if isinstance(leaf, Leaf) and isinstance(leaf.value, date)]
    return all(day < until for day in days)


def _before(dated: Entry, until: date) -> Entry:
    if not isinstance(dated.node, Mapping):
        return dated
    kept = {
        name: entry
        for name, entry in dated.node.entries.items()
        if not _is_beyond(entries_at(entry.node).get("date"), until)
    }
    return Entry(dated.key, dated.node.with_entries(kept))


def _acting_before(actors: Entry, until: date) -> Entry:
    """Return the actors, those with a scripted policy without its acts on or after `until`."""
    if not isinstance(actors.node, Mapping):
        return actors
    changed = dict(actors.node.entries)
    for name, (key, node) in changed.items():
        policy = entries_at(node).get("policy")
        acts = entries_at(node, "policy").get("acts")
        if acts and policy and isinstance(node, Mapping) and isinstance(policy.node, Mapping):
            kept = policy.node.with_entries(policy.node.entries | {"acts": _before(acts, until)})
            changed[name] = Entry(key, node.with_entries(node.entries | {"policy": Entry(policy.key, kept)}))
    return Entry(actors.key, actors.node.with_entries(changed))


def _is_beyond(entry: Entry | None, until: date) -> bool:
    leaf = entry.node if entry else None
    return isinstance(leaf, Leaf) and isinstance(leaf.value, date) and leaf.value >= until


def _asked_before(outcomes: Entry, until: date) -> Entry:
    if not isinstance(outcomes.node, Mapping):
        return outcomes
    fields = dict(outcomes.node.entries)
    dropped: list[str] = []
    if "tension_at" in fields:
        fields["tension_at"] = _filtered(
            fields["tension_at"], lambda leaf: isinstance(leaf.value, date) and leaf.value >= until, dropped
        )
    if "answer" in fields:
        fields["answer"] = _filtered(fields["answer"], lambda leaf: _last(leaf) in dropped, [])
    if "objectives" in fields:
        fields["objectives"] = _without(fields["objectives"], dropped)
    return Entry(outcomes.key, outcomes.node.with_entries(fields))


def _without(objectives: Entry, dropped: list[str]) -> Entry:
    """Return the objectives that mention none of the dropped dates."""
    if not isinstance(objectives.node, Mapping):
        return objectives
    kept = {
        name: entry
        for name, entry in objectives.node.entries.items()
        if not (isinstance(entry.node, Leaf) and any(day in str(entry.node.value) for day in dropped))
    }
    return Entry(objectives.key, objectives.node.with_entries(kept))


def _last(leaf: Leaf) -> str:
    return str(leaf.value).rpartition(".")[2]


def _filtered(entry: Entry, beyond: Callable[[Leaf], bool], dropped: list[str]) -> Entry:
    """Return the list without the leaves that are `beyond`; what they say is added to `dropped`."""
    if not isinstance(entry.node, Items):
        return entry
    kept: list[Node] = []
    for item in entry.node.items:
        if isinstance(item, Leaf) and beyond(item):
            dropped.append(str(item.value))
        else:
            kept.append(item)
    return Entry(entry.key, Items(entry.node.place, tuple(kept)))
