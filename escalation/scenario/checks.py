"""What must fit together in a scenario: dates, and the bonds between actors, instruments and acts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import chain

from escalation.errors import Problem, nearest
from escalation.scenario.read import shown
from escalation.scenario.tree import (
    Items,
    Leaf,
    Mapping,
    Position,
    day_at,
    days_at,
    entries_at,
    joined,
    leaves_at,
    node_at,
)

LONGEST = 20
"""Years that a scenario may span."""

Graph = dict[str, dict[str, Position]]
"""Who mentions whom, and where."""


def circles(graph: Graph) -> Iterator[tuple[str, Position, str]]:
    """Yield a circle for each mention that leads back: who closes it, where, and the circle in words."""
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
                yield last, graph[last][other], _story(list(trail), other)
            elif other in graph and other not in done:
                trail[other] = None
                ahead.append(iter(graph[other]))


def _story(trail: list[str], other: str) -> str:
    names = [*trail[trail.index(other) :], other]
    return " → ".join(names if len(names) <= 12 else [*names[:6], "…", *names[-5:]])


def wrong_bonds(root: Mapping) -> Iterator[Problem]:
    """Yield a problem for each actor bound to itself, to two blocs or in a circle, and each idle veto."""
    for sender in entries_at(root, "dyads"):
        if entry := entries_at(root, "dyads", sender).get(sender):
            path = f"dyads.{sender}.{sender}"
            yield entry.key.problem(path, "a dyad of an actor with itself", "leave it out")
        for target in entries_at(root, "dyads", sender):
            yield from _jointly(root, sender, target)
    for group in ("history", "holds"):
        for name in entries_at(root, group):
            for _, leaf in leaves_at(root, group, name, "actor"):
                yield from _aimed_at_itself(root, str(leaf.value), group, name)
    for actor in entries_at(root, "actors"):
        for act in entries_at(root, "actors", actor, "policy", "acts"):
            yield from _aimed_at_itself(root, actor, "actors", actor, "policy", "acts", act)
    for path, leaf in leaves_at(root, "actors", "*", "patron", "name"):
        if path == f"actors.{leaf.value}.patron.name":
            yield leaf.position.problem(path, "an actor as its own patron")
    for shock in entries_at(root, "shocks"):
        yield from _blamed(root, shock)
    yield from _blocs(root)
    for name in entries_at(root, "holds"):
        yield from _holder(root, name)
    requires = {
        name: {str(leaf.value): leaf.position for _, leaf in leaves_at(root, "instruments", name, "requires")}
        for name in entries_at(root, "instruments")
    }
    yield from _circles("instruments", "requires", requires)


def _jointly(root: Mapping, sender: str, target: str) -> Iterator[Problem]:
    for path, leaf in leaves_at(root, "dyads", sender, target, "jointly_with"):
        if leaf.value in (sender, target):
            yield leaf.position.problem(path, f"{leaf.value} is of this dyad itself", "name others")


def _aimed_at_itself(root: Mapping, actor: str, *path: str) -> Iterator[Problem]:
    for target, leaf in leaves_at(root, *path, "target"):
        if leaf.value == actor:
            yield leaf.position.problem(target, f"{actor} is both actor and target", "aim it at another")


def _blamed(root: Mapping, shock: str) -> Iterator[Problem]:
    for _, leaf in leaves_at(root, "shocks", shock, "blamed"):
        if entry := entries_at(root, "shocks", shock, "salience").get(str(leaf.value)):
            yield entry.key.problem(
                f"shocks.{shock}.salience.{leaf.value}",
                f"{leaf.value} is blamed for this shock itself",
                "salience is how much the others care",
            )


def _blocs(root: Mapping) -> Iterator[Problem]:
    members = {actor: entries_at(root, "actors", actor, "members") for actor in entries_at(root, "actors")}
    owner: dict[str, str] = {}
    for bloc, entries in members.items():
        for name, entry in entries.items():
            if name in owner:
                mistake = f"{name} is a member of {owner[name]} already"
                yield entry.key.problem(f"actors.{bloc}.members.{name}", mistake, "one bloc at most")
            owner.setdefault(name, bloc)
    graph = {bloc: {name: entry.key for name, entry in entries.items()} for bloc, entries in members.items()}
    yield from _circles("actors", "members", graph)


def _holder(root: Mapping, name: str) -> Iterator[Problem]:
    for _, bloc in leaves_at(root, "holds", name, "actor"):
        path = ("actors", str(bloc.value))
        if not entries_at(root, *path) or not isinstance(node_at(root, *path, "institution"), Mapping | None):
            continue
        known = [*entries_at(root, *path, "institution", "unanimity"), *entries_at(root, *path, "members")]
        for member, leaf in leaves_at(root, "holds", name, "member"):
            if leaf.value not in known:
                mistake = f"{shown(leaf.value)[1:-1]} has no say in {bloc.value}"
                allowed = f"name it in actors.{bloc.value}.institution.unanimity or members"
                yield leaf.position.problem(member, mistake, allowed, nearest(str(leaf.value), known))


def _circles(group: str, field: str, graph: Graph) -> Iterator[Problem]:
    for name, position, story in circles(graph):
        yield position.problem(
            f"{group}.{name}.{field}", f"a circle: {story}", "break it at one of its places"
        )


def wrong_dates(root: Mapping) -> Iterator[Problem]:
    """Yield a problem for each date that does not fit the others."""
    start, takeover, end = (day_at(root, name) for name in ("start", "simulate_from", "end"))
    if start is None or end is None:
        return
    takeover = takeover or start
    problems = list(_horizon(root, start, takeover, end))
    yield from problems
    if not problems:
        yield from _events(root, start, takeover, end)
        for actor in entries_at(root, "actors"):
            yield from _meetings(root, takeover, end, actor)
        yield from _holds(root, start)
    yield from _order(root)


def _horizon(root: Mapping, start: date, takeover: date, end: date) -> Iterator[Problem]:
    last, first = root.entries["end"].node, root.get("simulate_from")
    if isinstance(first, Leaf) and first.day and last.position.is_option and start <= takeover >= end:
        mistake = f"{end} is not after simulate_from, the first day that is simulated"
        yield last.position.problem("end", mistake, f"allowed are days after {takeover}")
    elif end <= start:
        yield last.position.problem("end", f"{end} is not after the start", f"allowed are days after {start}")
    elif (end - start).days > LONGEST * 366:
        mistake = f"{end} is {(end - start).days // 365} years after the start"
        yield last.position.problem("end", mistake, f"a scenario spans at most {LONGEST} years")
    elif first and not start <= takeover < end:
        mistake = f"{takeover} is outside the scenario"
        yield first.position.problem(
            "simulate_from", mistake, f"allowed is {start} up to the day before {end}"
        )


def _events(root: Mapping, start: date, takeover: date, end: date) -> Iterator[Problem]:
    for path, leaf, day in days_at(root, "history", "*", "date"):
        if not start <= day < takeover:
            mistake = f"{day} is outside the known past"
            allowed = f"history runs from {start} to the day before simulate_from ({takeover})"
            yield leaf.position.problem(path, mistake, allowed)
    for path, leaf, day in days_at(root, "actors", "*", "policy", "acts", "*", "date"):
        if not takeover <= day < end:
            days = f"from simulate_from ({takeover}) to the day before end ({end})"
            yield leaf.position.problem(path, f"{day} is not simulated", f"a scripted policy acts {days}")
    for path, leaf, day in chain(
        days_at(root, "shocks", "*", "date"), days_at(root, "outcomes", "tension_at")
    ):
        if not start <= day < end:
            allowed = f"allowed is {start} up to the day before end ({end})"
            yield leaf.position.problem(path, f"{day} is outside the scenario", allowed)


def _meetings(root: Mapping, takeover: date, end: date, actor: str) -> Iterator[Problem]:
    """Yield a problem for a body that never meets from the takeover to the end."""
    path = ("actors", actor, "institution", "meetings")
    if not isinstance(meetings := node_at(root, *path), Mapping):
        return
    nth, skipped = meetings.get("nth"), meetings.get("skip_months")
    months = (
        {item.value for item in skipped.items if isinstance(item, Leaf)} if isinstance(skipped, Items) else ()
    )
    regular = set(range(1, 13)) - set(months) and not (isinstance(nth, Items) and not nth.items)
    if not regular and not any(takeover <= day < end for _, _, day in days_at(root, *path, "also")):
        yield entries_at(root, *path[:-1])["meetings"].key.problem(
            joined(path),
            "a body that never meets",
            "name a weekday of a month in nth, a month that is not in skip_months, or a date in also from "
            f"{takeover} on; without meetings any day will do",
        )


def _holds(root: Mapping, start: date) -> Iterator[Problem]:
    for name in entries_at(root, "holds"):
        since = day_at(root, "holds", name, "since") or start
        for path, leaf, day in days_at(root, "holds", name, "until"):
            if day <= since:
                mistake = f"{day} is not after the hold begins"
                yield leaf.position.problem(path, mistake, f"allowed are days after {since}")


def _order(root: Mapping) -> Iterator[Problem]:
    """Yield a problem for each act that answers something later, itself, or a shock without a date."""
    shocks = entries_at(root, "shocks")
    same_day: Graph = {}
    for name in entries_at(root, "history"):
        day = day_at(root, "history", name, "date")
        for path, leaf in leaves_at(root, "history", name, "answers"):
            cause = str(leaf.value)
            other = day_at(root, "shocks" if cause in shocks else "history", cause, "date")
            shock = entries_at(root, "shocks", cause)
            if "rate" in shock and "date" not in shock:
                mistake = f"{cause} is a random shock"
                yield leaf.position.problem(path, mistake, "only a dated shock can be answered")
            elif day and other and other > day:
                mistake = f"{cause} is later ({other}) than the act that answers it ({day})"
                yield leaf.position.problem(path, mistake, "an act answers what came before")
            elif day and other == day:
                same_day.setdefault(name, {})[cause] = leaf.position
    for name, position, story in circles(same_day):
        mistake = f"acts that answer one another in a circle: {story}"
        yield position.problem(f"history.{name}.answers", mistake)
