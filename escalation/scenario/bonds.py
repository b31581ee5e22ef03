"""Bonds that make no sense: an actor bound to itself, a member of two blocs, a circle, an outsider's veto."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from escalation.errors import Problem, nearest
from escalation.scenario.circles import Graph, circles
from escalation.scenario.node import NOTHING, Mapping, entries_at, is_unreadable, leaves
from escalation.scenario.read import joined


def wrong_bonds(root: Mapping) -> Iterator[Problem]:
    """Yield a problem for each actor bound to itself, to two blocs or in a circle, and each idle veto."""
    yield from _dyads_and_acts(root)
    yield from _patrons(root)
    yield from _blamed(root)
    yield from _blocs(root, entries_at(root, "actors"))
    yield from _requirements(root)


def _dyads_and_acts(root: Mapping) -> Iterator[Problem]:
    for sender in entries_at(root, "dyads"):
        if entry := entries_at(root, "dyads", sender).get(sender):
            path = f"dyads.{sender}.{sender}"
            yield entry.key.problem(path, "a dyad of an actor with itself", "leave it out")
    for group, one, other in (("history", "actor", "target"), ("holds", "actor", "target")):
        for name in entries_at(root, group):
            yield from _same(root, (group, name), one, other)
    for actor in entries_at(root, "actors"):
        for act in entries_at(root, "actors", actor, "policy", "acts"):
            yield from _aimed_at(root, actor, ("actors", actor, "policy", "acts", act), "target")


def _patrons(root: Mapping) -> Iterator[Problem]:
    for actor in entries_at(root, "actors"):
        for suffix, leaf in leaves(entries_at(root, "actors", actor, "patron").get("name", NOTHING).node):
            if leaf.value == actor:
                yield leaf.place.problem(f"actors.{actor}.patron.name{suffix}", "an actor as its own patron")


def _blamed(root: Mapping) -> Iterator[Problem]:
    for shock in entries_at(root, "shocks"):
        fields = entries_at(root, "shocks", shock)
        for _, leaf in leaves(fields.get("blamed", NOTHING).node):
            if entry := entries_at(root, "shocks", shock, "salience").get(str(leaf.value)):
                yield entry.key.problem(
                    f"shocks.{shock}.salience.{leaf.value}",
                    f"{leaf.value} is blamed for this shock itself",
                    "salience is how much the others care",
                )


def _same(root: Mapping, path: tuple[str, ...], one: str, other: str) -> Iterator[Problem]:
    for _, leaf in leaves(entries_at(root, *path).get(one, NOTHING).node):
        yield from _aimed_at(root, str(leaf.value), path, other)


def _aimed_at(root: Mapping, actor: str, path: tuple[str, ...], field: str) -> Iterator[Problem]:
    for suffix, leaf in leaves(entries_at(root, *path).get(field, NOTHING).node):
        if leaf.value == actor:
            yield leaf.place.problem(
                joined((*path, field)) + suffix, f"{actor} is both actor and target", "aim it at another"
            )


def _blocs(root: Mapping, actors: Collection[str]) -> Iterator[Problem]:
    members = {actor: entries_at(root, "actors", actor, "members") for actor in actors}
    owner: dict[str, str] = {}
    for bloc, entries in members.items():
        for name, entry in entries.items():
            path = f"actors.{bloc}.members.{name}"
            if name in owner:
                found = f"{name} is a member of {owner[name]} already"
                yield entry.key.problem(path, found, "one bloc at most")
            owner.setdefault(name, bloc)
    graph = {bloc: {name: entry.key for name, entry in entries.items()} for bloc, entries in members.items()}
    yield from _circles("actors", "members", graph)
    for hold in entries_at(root, "holds"):
        yield from _holder(root, hold)


def _holder(root: Mapping, hold: str) -> Iterator[Problem]:
    fields = entries_at(root, "holds", hold)
    blocs = [str(leaf.value) for _, leaf in leaves(fields.get("actor", NOTHING).node)]
    for bloc in blocs:
        if not entries_at(root, "actors", bloc) or is_unreadable(root, "actors", bloc, "institution"):
            continue
        known = [
            *entries_at(root, "actors", bloc, "institution", "unanimity"),
            *entries_at(root, "actors", bloc, "members"),
        ]
        for _, leaf in leaves(fields.get("member", NOTHING).node):
            if leaf.value not in known:
                yield leaf.place.problem(
                    f"holds.{hold}.member",
                    f"{leaf.value} has no say in {bloc}",
                    f"name it in actors.{bloc}.institution.unanimity or members",
                    nearest(str(leaf.value), known),
                )


def _requirements(root: Mapping) -> Iterator[Problem]:
    graph = {
        name: {str(leaf.value): leaf.place for _, leaf in leaves(node)}
        for name in entries_at(root, "instruments")
        for node in [entries_at(root, "instruments", name).get("requires", NOTHING).node]
    }
    yield from _circles("instruments", "requires", graph)


def _circles(group: str, field: str, graph: Graph) -> Iterator[Problem]:
    for name, place, story in circles(graph):
        yield place.problem(f"{group}.{name}.{field}", f"a circle: {story}", "break it at one of its places")
