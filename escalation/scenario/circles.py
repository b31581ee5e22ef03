"""Circles in a graph of mentions: members of members, requirements of requirements, answers to answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from escalation.scenario.node import Place

Graph = Mapping[str, Mapping[str, Place]]
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
