"""Names: which of them nothing in the scenario has, and what goes along when their owner is removed.

Works on the tree, so that it also speaks when validation found other mistakes; what has the wrong type there
is left to validation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from functools import cached_property, partial
from itertools import chain

from escalation.errors import Problem, nearest
from escalation.scenario.expression import ExpressionError, is_name, parse
from escalation.scenario.outcomes import KINDS, Outcome, Subjects
from escalation.scenario.read import shown
from escalation.scenario.shape import SCENARIO, Mention, Shape, mentions
from escalation.scenario.tree import (
    Entry,
    Items,
    Leaf,
    Node,
    days_at,
    edited,
    entries_at,
    is_null,
    joined,
    leaves_at,
    node_at,
)
from escalation.scenario.tree import Mapping as Tree

MOST_COMPARED = 2_500
"""Names up to which the nearest is looked for; the format has fewer."""
MOST_ACTORS = 60
"""Actors up to which outcomes are looked up; the format has no more."""
_WHAT = {"actors": "actor", "instruments": "instrument", "events": "act or shock"}


def unknown_names(root: Tree) -> Iterator[Problem]:
    """Yield a problem for each mention of something that the scenario does not have."""
    known = Known(root)
    yield from known.ambiguous_events()
    presets = {leaf.position for _, leaf in _presets(root)}
    for mention in mentions(root):
        if mention.position in presets:
            continue  # a last resort of a preset, which the scenario need not have
        if mention.of.group == "answers" and is_name(mention.name):
            yield from known.outcome(mention)
        elif mention.of.group in ("objectives", "answers"):
            yield from known.objective(mention)
        elif mention.of.required:
            yield from known.name(mention)


def _presets(root: Tree) -> Iterator[tuple[str, Leaf]]:
    for actor in entries_at(root, "actors"):
        yield from leaves_at(root, "actors", actor, "policy", "preset")


class Known:
    """The names that a scenario has."""

    def __init__(self, root: Tree):
        self.root = root
        self.acts, self.shocks = entries_at(root, "history"), entries_at(root, "shocks")
        readable = all(isinstance(root.get(name), Tree | None) for name in ("history", "shocks"))
        self.groups: Mapping[str, Collection[str] | None] = {
            "actors": entries_at(root, "actors") or None,
            "instruments": entries_at(root, "instruments") or None,
            "events": self.acts | self.shocks if readable else None,
        }

    @cached_property
    def outcomes(self) -> set[str] | None:
        """The names of the outcomes; None where there are too many actors to list them."""
        too_many = len(entries_at(self.root, "actors")) > MOST_ACTORS
        return None if too_many else {outcome.name for outcome in outcomes_of(self.root)}

    def name(self, mention: Mention) -> Iterator[Problem]:
        """Yield a problem when no actor, instrument or event has the name."""
        known = self.groups[mention.of.group]
        if known is None or mention.name in known:
            return
        few = f"known are {', '.join(known)}" if 0 < len(known) <= 15 else f"{len(known)} are known"
        near = nearest(mention.name, list(known)) if len(known) <= MOST_COMPARED else ""
        mistake = f"no {_WHAT[mention.of.group]} of the name {shown(mention.name)}"
        yield mention.position.problem(joined(mention.path), mistake, few, near)

    def ambiguous_events(self) -> Iterator[Problem]:
        """Yield a problem for each name of both an act and a shock."""
        for name in self.acts.keys() & self.shocks.keys():
            yield max(self.acts[name].key, self.shocks[name].key).problem(
                name,
                f"{name} names both an act of history and a shock",
                "answers could mean either; rename one",
            )

    def outcome(self, mention: Mention) -> Iterator[Problem]:
        """Yield a problem when there is no such outcome."""
        if self.outcomes is not None and mention.name not in self.outcomes:
            yield mention.position.problem(
                joined(mention.path),
                f"no outcome of the name {shown(mention.name)}",
                _outcome_hint(mention.name),
                nearest(mention.name, sorted(self.outcomes)),
            )

    def objective(self, mention: Mention) -> Iterator[Problem]:
        """Yield a problem when an objective cannot be read, at the sign where it goes wrong."""
        if self.outcomes is None or mention.leaf is None:
            return
        try:
            parse(mention.name, self.outcomes, answer=mention.of.group == "answers")
        except ExpressionError as error:
            position = mention.position.right(error.position + (not mention.leaf.plain))
            yield position.problem(joined(mention.path), error.mistake, error.allowed, error.nearest)


def outcomes_of(root: Tree) -> Iterator[Outcome]:
    """Return the outcomes of the scenario that a tree describes, without labels."""
    first_use = tuple(
        (actor, str(leaf.value))
        for actor in entries_at(root, "outcomes", "first_use")
        for _, leaf in leaves_at(root, "outcomes", "first_use", actor)
    )
    dates = tuple(day.isoformat() for _, _, day in days_at(root, "outcomes", "tension_at"))
    actors = tuple((name, "") for name in entries_at(root, "actors"))
    return chain.from_iterable(Subjects(actors, (), first_use, dates).outcomes())


def _outcome_hint(name: str) -> str:
    if name.startswith("first."):
        return "first.ACTOR.INSTRUMENT is there for what outcomes.first_use lists"
    if name.startswith(("tension.", "pressure.")):
        return "a date here must stand in outcomes.tension_at"
    return f"outcomes begin with {', '.join(sorted(KINDS))}"


GROUPS = {"actors": "actors", "instruments": "instruments", "shocks": "events", "history": "events"}
"""Keys whose entries `null` removes with all that mentions only them, and the group of their names."""


def removed(base: Tree, over: Tree) -> dict[str, set[str]]:
    """Return the names that `over` removes from `base` by `null`, by their group."""
    names: dict[str, set[str]] = {}
    for key, group in GROUPS.items():
        below = entries_at(base, key)
        gone = {name for name in below if is_null(over.get(key)) or is_null(node_at(over, key, name))}
        names[group] = names.get(group, set()) | gone
    return names


def without(root: Tree, base: Tree, gone: dict[str, set[str]], keep: str) -> Tree:
    """Return `root` without what mentions only names that are gone from it; lists lose these names.

    `base` is the tree that still had them, and `gone` names `dates` (ISO) besides what can be mentioned. What
    the file `keep` says is left as it is.
    """
    while any(gone.values()):
        events = {name for key in ("history", "shocks") for name in entries_at(root, key)}
        root = _without(root, gone, keep)
        remaining = {name for key in ("history", "shocks") for name in entries_at(root, key)}
        if events == remaining:
            break
        gone["events"] = gone.get("events", set()) | (events - remaining)
    lost = (
        {outcome.name for outcome in outcomes_of(base) if _is_of(outcome, gone)}
        if any(gone.values())
        else set()
    )
    return _without(root, {"outcomes": lost}, keep) if lost else root


def only_known(root: Tree, known: Mapping[str, Collection[str]]) -> Tree:
    """Return `root` without what mentions only names that are not `known` in their group."""
    gone: dict[str, set[str]] = {}
    for mention in mentions(root):
        if mention.of.required and mention.name not in known.get(mention.of.group, (mention.name,)):
            gone.setdefault(mention.of.group, set()).add(mention.name)
    return _without(root, gone, "")


def _is_of(outcome: Outcome, gone: dict[str, set[str]]) -> bool:
    actors, instruments, dates = (gone.get(name, set()) for name in ("actors", "instruments", "dates"))
    of_actors = outcome.actor in actors or outcome.target in actors
    return of_actors or outcome.instrument in instruments or outcome.date in dates


def _without(root: Tree, gone: dict[str, set[str]], keep: str) -> Tree:
    stripped = _stripped(root, SCENARIO, gone, keep)
    assert isinstance(stripped, Tree)
    return stripped


def _stripped(node: Node, shape: Shape, gone: dict[str, set[str]], keep: str) -> Node | None:
    """Return `node` without the names that are gone; None when nothing that the format allows is left."""
    shape = shape.of(node)
    if not shape.has_mentions:
        return node
    if isinstance(node, Leaf):
        return None if node.position.file != keep and _mentions(node, shape, gone) else node
    if isinstance(node, Items):
        items = [item for item in node.items if _stripped(item, shape, gone, keep)]
        return Items(node.position, tuple(items)) if len(items) >= (shape.limit("min_length") or 0) else None
    entries = {}
    for name, entry in node.entries.items():
        key = shape.key.mention if shape.key else None
        if key and name in gone.get(key.group, ()) and entry.key.file != keep:
            continue
        child = shape.child(name)
        below = _stripped(entry.node, child, gone, keep) if child else entry.node
        if below:
            entries[name] = Entry(entry.key, below)
        elif shape.is_part and shape.type.model_fields[name].is_required():
            return None
    return node.with_entries(entries)


def _mentions(leaf: Leaf, shape: Shape, gone: dict[str, set[str]]) -> bool:
    if shape.mention is None:
        return False
    if shape.mention.group not in ("objectives", "answers"):
        return leaf.value in gone.get(shape.mention.group, ())
    try:
        measured = parse(str(leaf.value), answer=True)
    except ExpressionError:
        return False
    of_actors = gone.get("actors", set()).intersection(measured.exchange)
    return bool(of_actors) or not gone.get("outcomes", set()).isdisjoint(measured.outcomes)


def before(root: Tree, until: date, keep: str) -> tuple[Tree, dict[str, set[str]]]:
    """Return `root` without what is dated `until` or later, and the events and dates that are gone.

    That are dated shocks, scripted acts and dates of record, but for what the file `keep` says.
    """
    events, dates, acts = set[str](), set[str](), set[str]()
    for path, late in (
        (("shocks",), events),
        (("outcomes", "tension_at"), dates),
        (("actors", "*", "policy", "acts"), acts),
    ):
        root = edited(root, path, partial(_early, until, keep, late))
    return root, {"events": events, "dates": dates}


def _early(until: date, keep: str, late: set[str], node: Node, _: str) -> Node:
    def is_late(leaf: Node | None) -> bool:
        day = leaf.day if isinstance(leaf, Leaf) and leaf.position.file != keep else None
        return day is not None and day >= until

    if isinstance(node, Items):
        late |= {str(item.day) for item in node.items if isinstance(item, Leaf) and is_late(item)}
        return Items(node.position, tuple(item for item in node.items if not is_late(item)))
    names = [name for name in entries_at(node) if is_late(node_at(node, name, "date"))]
    late |= set(names)
    return node.without(*names) if isinstance(node, Tree) else node
