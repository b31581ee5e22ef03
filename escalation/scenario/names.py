"""Names that must exist: every place of a scenario that mentions an actor, an instrument, an act or a shock.

Works on the tree, so that it also speaks when validation found other mistakes; what has the wrong type there
is left to validation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from escalation.errors import Problem, nearest
from escalation.scenario.expression import ExpressionError, parse
from escalation.scenario.outcomes import KINDS, Measure, Subjects
from escalation.scenario.read import joined
from escalation.scenario.tree import NOTHING, Items, Leaf, Node, Place, entries_at, is_unreadable, leaves
from escalation.scenario.tree import Mapping as Tree

Path = tuple[str | int, ...]

MOST_COMPARED = 2_500
"""Names up to which the nearest is looked for; the format has fewer."""
MOST_ACTORS = 60
"""Actors up to which outcomes are looked up; the format has no more."""

_INSTRUMENT_FIELDS = (
    ("history", "instrument"),
    ("actors", "instruments"),
    ("instruments", "requires"),
    ("instruments", "lifts"),
)


def unknown_names(root: Tree) -> Iterator[Problem]:
    """Yield a problem for each mention of something that the scenario does not have."""
    if actors := entries_at(root, "actors"):
        yield from _unknown_actors(root, actors)
    if instruments := entries_at(root, "instruments"):
        yield from _unknown_instruments(root, instruments)
    yield from _answered(root)
    yield from _asked(root)


def _unknown_actors(root: Tree, actors: Collection[str]) -> Iterator[Problem]:
    for path, node in _actor_mentions(root):
        yield from _unknown("actor", path, node, actors)
    for path in (("dyads",), ("outcomes", "first_use")):
        yield from _unknown_keys("actor", root, path, actors)
    for sender in entries_at(root, "dyads"):
        yield from _unknown_keys("actor", root, ("dyads", sender), actors)
    for actor in actors:
        for path in (("actors", actor, "members"), ("actors", actor, "policy", "answers_for")):
            yield from _unknown_keys("actor", root, path, actors)
    for shock in entries_at(root, "shocks"):
        yield from _unknown_keys("actor", root, ("shocks", shock, "salience"), actors)


def _actor_mentions(root: Tree) -> Iterator[tuple[Path, Node]]:
    for actor in entries_at(root, "actors"):
        yield from _field(root, "actors", actor, "patron", "name")
        for act in entries_at(root, "actors", actor, "policy", "acts"):
            yield from _field(root, "actors", actor, "policy", "acts", act, "target")
    for shock in entries_at(root, "shocks"):
        yield from _field(root, "shocks", shock, "blamed")
    roles = (("history", "actor"), ("history", "target"), ("holds", "actor"), ("holds", "target"))
    for group, field in roles:
        for name in entries_at(root, group):
            yield from _field(root, group, name, field)


def _unknown_instruments(root: Tree, instruments: Collection[str]) -> Iterator[Problem]:
    for path, node in _instrument_mentions(root):
        yield from _unknown("instrument", path, node, instruments)
    for actor in entries_at(root, "actors"):
        path = ("actors", actor, "policy", "last_resort")
        yield from _unknown_keys("instrument", root, path, instruments)


def _instrument_mentions(root: Tree) -> Iterator[tuple[Path, Node]]:
    for group, field in _INSTRUMENT_FIELDS:
        for name in entries_at(root, group):
            yield from _field(root, group, name, field)
    for actor in entries_at(root, "outcomes", "first_use"):
        yield from _field(root, "outcomes", "first_use", actor)
    for actor in entries_at(root, "actors"):
        yield from _field(root, "actors", actor, "policy", "instrument")
        for act in entries_at(root, "actors", actor, "policy", "acts"):
            yield from _field(root, "actors", actor, "policy", "acts", act, "instrument")


def _answered(root: Tree) -> Iterator[Problem]:
    if is_unreadable(root, "history") or is_unreadable(root, "shocks"):
        return
    acts, shocks = entries_at(root, "history"), entries_at(root, "shocks")
    for name in acts.keys() & shocks.keys():
        yield max(acts[name].key, shocks[name].key).problem(
            name, f"{name} names both an act of history and a shock", "answers could mean either; rename one"
        )
    known = acts | shocks
    for act in acts:
        for path, node in _field(root, "history", act, "answers"):
            yield from _unknown("act or shock", path, node, known)


def _asked(root: Tree) -> Iterator[Problem]:
    if len(entries_at(root, "actors")) > MOST_ACTORS:
        return
    uses = entries_at(root, "outcomes", "first_use")
    first_use = [(actor, str(leaf.value)) for actor, entry in uses.items() for _, leaf in leaves(entry.node)]
    when = entries_at(root, "outcomes").get("tension_at", NOTHING).node
    listed = when.items if isinstance(when, Items) else ()
    dates = [str(item.value) for item in listed if isinstance(item, Leaf)]
    subjects = Subjects(dict.fromkeys(entries_at(root, "actors"), ""), {}, first_use, dates)
    known = {outcome.name for group in Measure for outcome in subjects.outcomes(group)}
    yield from _objectives(root, known)
    for suffix, leaf in leaves(entries_at(root, "outcomes").get("answer", NOTHING).node):
        name = str(leaf.value)
        if name not in known:
            yield leaf.place.problem(
                f"outcomes.answer{suffix}",
                f"no outcome of the name {name!r}",
                _outcome_hint(name),
                nearest(name, sorted(known)),
            )


def _objectives(root: Tree, known: Collection[str]) -> Iterator[Problem]:
    """Yield a problem for each objective that cannot be read, at the sign where it goes wrong."""
    for name, entry in entries_at(root, "outcomes", "objectives").items():
        for _, leaf in leaves(entry.node):
            try:
                parse(str(leaf.value), known)
            except ExpressionError as error:
                place = leaf.place.right(error.position + (not leaf.plain))
                path = f"outcomes.objectives.{name}"
                yield place.problem(path, error.found, error.allowed, error.nearest)


def _outcome_hint(name: str) -> str:
    if name.startswith("first."):
        return "first.ACTOR.INSTRUMENT is there for what outcomes.first_use lists"
    if name.startswith(("tension.", "pressure.")):
        return "a date here must stand in outcomes.tension_at"
    return f"outcomes begin with {', '.join(sorted(KINDS))}"


def _field(root: Tree, *path: str) -> Iterator[tuple[Path, Node]]:
    entry = entries_at(root, *path[:-1]).get(path[-1])
    if entry:
        yield path, entry.node


def _unknown(what: str, path: Path, node: Node, known: Collection[str]) -> Iterator[Problem]:
    for suffix, leaf in leaves(node):
        if leaf.value not in known:
            yield _no_such(what, joined(path) + suffix, leaf.place, str(leaf.value), known)


def _unknown_keys(what: str, root: Tree, path: tuple[str, ...], known: Collection[str]) -> Iterator[Problem]:
    for name, entry in entries_at(root, *path).items():
        if name not in known:
            yield _no_such(what, joined((*path, name)), entry.key, name, known)


def _no_such(what: str, path: str, place: Place, name: str, known: Collection[str]) -> Problem:
    few = f"known are {', '.join(known)}" if 0 < len(known) <= 15 else f"{len(known)} are known"
    near = nearest(name, list(known)) if len(known) <= MOST_COMPARED else ""
    return place.problem(path, f"no {what} of the name {name!r}", few, near)
