"""What must fit together in a scenario: dates, and the bonds between actors, instruments and acts."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import NamedTuple

from escalation.errors import Problem, nearest
from escalation.scenario.read import joined
from escalation.scenario.tree import NOTHING, Items, Leaf, Mapping, Place, entries_at, is_unreadable, leaves

Graph = dict[str, dict[str, Place]]
"""Who mentions whom, and where."""


class Circle(NamedTuple):
    """The mention that closes a circle, and the circle in words."""

    name: str
    place: Place
    story: str


def circles(graph: Graph) -> Iterator[Circle]:
    """Yield one circle for each mention that leads back to a name on the way to it."""
    done: set[str] = set()
    for start in graph:
        trail = {start: None} if start not in done else {}
        ahead = [iter(graph[start])] if trail else []
        while trail:
            other = next(ahead[-1], None)
            if other is None:
                done.add(trail.popitem()[0])
                ahead.pop()
            elif other in trail:
                last = next(reversed(trail))
                yield Circle(last, graph[last][other], _story(list(trail), other))
            elif other in graph and other not in done:
                trail[other] = None
                ahead.append(iter(graph[other]))


def _story(trail: list[str], other: str) -> str:
    names = [*trail[trail.index(other) :], other]
    return " → ".join(names if len(names) <= 12 else [*names[:6], "…", *names[-5:]])


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


LONGEST = 20
"""Years that a scenario may span."""


class Horizon(NamedTuple):
    """The three dates of a scenario."""

    start: date
    takeover: date
    end: date


def wrong_dates(root: Mapping) -> Iterator[Problem]:
    """Yield a problem for each date that does not fit the others."""
    start, takeover, end = (_dated(root, name) for name in ("start", "simulate_from", "end"))
    if start is None or end is None:
        return
    problems = list(_horizon(start, takeover, end))
    yield from problems
    if not problems:
        horizon = Horizon(_day(start), _day(takeover or start), _day(end))
        yield from _events(root, horizon)
        yield from _holds(root)
    yield from _order(root)


def _horizon(start: Leaf, takeover: Leaf | None, end: Leaf) -> Iterator[Problem]:
    first, last = _day(start), _day(end)
    if takeover and end.place.is_option and first <= _day(takeover) >= last:
        found = f"{last} is not after simulate_from, the first day that is simulated"
        yield end.place.problem("end", found, f"allowed are days after {_day(takeover)}")
    elif last <= first:
        yield end.place.problem("end", f"{last} is not after the start", f"allowed are days after {first}")
    elif (last - first).days > LONGEST * 366:
        yield end.place.problem(
            "end",
            f"{last} is {(last - first).days // 365} years after the start",
            f"a scenario spans at most {LONGEST} years",
        )
    elif takeover and not first <= _day(takeover) < last:
        yield takeover.place.problem(
            "simulate_from",
            f"{_day(takeover)} is outside the scenario",
            f"allowed is {first} up to the day before {last}",
        )


def _events(root: Mapping, horizon: Horizon) -> Iterator[Problem]:
    start, takeover, end = horizon
    for name in entries_at(root, "history"):
        leaf = _dated(root, "history", name, "date")
        if leaf and not start <= _day(leaf) < takeover:
            yield leaf.place.problem(
                f"history.{name}.date",
                f"{_day(leaf)} is outside the known past",
                f"history runs from {start} to the day before simulate_from ({takeover})",
            )
    for name in entries_at(root, "shocks"):
        leaf = _dated(root, "shocks", name, "date")
        if leaf and not start <= _day(leaf) < end:
            yield _outside(leaf, f"shocks.{name}.date", horizon)
    for actor in entries_at(root, "actors"):
        for name in entries_at(root, "actors", actor, "policy", "acts"):
            leaf = _dated(root, "actors", actor, "policy", "acts", name, "date")
            if leaf and not takeover <= _day(leaf) < end:
                yield leaf.place.problem(
                    f"actors.{actor}.policy.acts.{name}.date",
                    f"{_day(leaf)} is not simulated",
                    f"a scripted policy acts from simulate_from ({takeover}) to the day before end ({end})",
                )
    node = entries_at(root, "outcomes").get("tension_at")
    for index, item in enumerate(node.node.items if node and isinstance(node.node, Items) else ()):
        if isinstance(item, Leaf) and isinstance(item.value, date) and not start <= item.value < end:
            yield _outside(item, f"outcomes.tension_at[{index}]", horizon)


def _outside(leaf: Leaf, path: str, horizon: Horizon) -> Problem:
    return leaf.place.problem(
        path,
        f"{_day(leaf)} is outside the scenario",
        f"allowed is {horizon.start} up to the day before end ({horizon.end})",
    )


def _holds(root: Mapping) -> Iterator[Problem]:
    for name in entries_at(root, "holds"):
        since = _dated(root, "holds", name, "since") or _dated(root, "start")
        until = _dated(root, "holds", name, "until")
        if since and until and _day(until) <= _day(since):
            yield until.place.problem(
                f"holds.{name}.until",
                f"{_day(until)} is not after the hold begins",
                f"allowed are days after {_day(since)}",
            )


def _order(root: Mapping) -> Iterator[Problem]:
    """Yield a problem for each act that answers something later, itself, or a shock without a date."""
    shocks = entries_at(root, "shocks")
    same_day: dict[str, dict[str, Place]] = {}
    for name, suffix, leaf in _answers(root):
        path, cause = f"history.{name}.answers{suffix}", str(leaf.value)
        here = _dated(root, "history", name, "date")
        shock = entries_at(root, "shocks", cause)
        there = _dated(root, "shocks" if cause in shocks else "history", cause, "date")
        if "rate" in shock and "date" not in shock:
            yield leaf.place.problem(path, f"{cause} is a random shock", "only a dated shock can be answered")
        elif here and there and _day(there) > _day(here):
            yield leaf.place.problem(
                path,
                f"{cause} is later ({_day(there)}) than the act that answers it ({_day(here)})",
                "an act answers what came before",
            )
        elif here and there and _day(there) == _day(here):
            same_day.setdefault(name, {})[cause] = leaf.place
    for name, place, story in circles(same_day):
        yield place.problem(f"history.{name}.answers", f"acts that answer one another in a circle: {story}")


def _answers(root: Mapping) -> Iterator[tuple[str, str, Leaf]]:
    for name in entries_at(root, "history"):
        entry = entries_at(root, "history", name).get("answers")
        for suffix, leaf in leaves(entry.node if entry else None):
            yield name, suffix, leaf


def _dated(root: Mapping, *path: str) -> Leaf | None:
    entry = entries_at(root, *path[:-1]).get(path[-1])
    node = entry.node if entry else None
    return node if isinstance(node, Leaf) and isinstance(node.value, date) else None


def _day(leaf: Leaf) -> date:
    assert isinstance(leaf.value, date)
    return leaf.value
