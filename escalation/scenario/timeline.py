"""Dates that must fit together: the horizon, what is known, what is to come, and what answers what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from escalation.errors import Problem
from escalation.scenario.circles import circles
from escalation.scenario.node import Items, Leaf, Mapping, Place, entries_at, leaves

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
