"""The cases in which a policy has to stand: opponents' policies, and values of uncertain numbers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Sequence
from typing import NamedTuple

from escalation.errors import InputError, nearest
from escalation.study.points.levers import Lever, Point, lever_of, levers_of, short_names, split, value_text

OWN = "own"
"""Stands for the policy that an actor has in the scenario."""
MOST_CASES = 64
_FORM = "write ACTOR=POLICY,POLICY, as in belarus=hardline,grit,own"


class Case(NamedTuple):
    """One case: its name, and where the scenario stands in it."""

    name: str
    point: Point


def cases_of(
    against: Sequence[str], uncertain: Sequence[str], actors: Collection[str]
) -> tuple[tuple[Case, ...], tuple[Lever, ...]]:
    """Return every combination of opponents' policies and uncertain values, and the levers that make them.

    `against` are ACTOR=POLICY,POLICY (`own` for the scenario's), `uncertain` are PATH=low:high:steps or
    PATH=a|b|c. Without either there is one case, the scenario as it is. Raises InputError.
    """
    levers = (
        *(_opponent(text, actors) for text in against),
        *(lever_of(text, "--uncertain") for text in uncertain),
    )
    levers_of([f"{lever.path}=0|1" for lever in levers], "--against or --uncertain")
    count = math.prod(len(lever.values()) for lever in levers)
    if count > MOST_CASES:
        raise InputError(
            f"--against and --uncertain: {count:,} cases; allowed are {MOST_CASES}; name fewer policies, or"
            " fewer steps, as in PATH=low:high:2"
        )
    names = short_names(levers)
    return tuple(
        _case(levers, names, values) for values in itertools.product(*(lever.values() for lever in levers))
    ), levers


def _opponent(text: str, actors: Collection[str]) -> Lever:
    actor, equals, rest = (part.strip() for part in text.partition("="))
    policies = split(rest, ",")
    if not equals or not actor or "" in policies:
        raise InputError(f"--against {text}: this is not ACTOR=POLICIES; {_FORM}")
    if actor not in actors:
        near = nearest(actor, list(actors))
        hint = f" (did you mean {near}?)" if near else ""
        raise InputError(f"--against {text}: no actor {actor!r}; one of {', '.join(actors)}{hint}")
    twice = next((one for n, one in enumerate(policies) if one in policies[:n]), None)
    if twice is not None:
        raise InputError(f"--against {text}: the policy {twice} stands twice; name each once")
    return Lever(path=f"actors.{actor}.policy", text=f"actors.{actor}.policy={rest}", choices=tuple(policies))


def _case(levers: Sequence[Lever], names: Sequence[str], values: Sequence[float | str]) -> Case:
    point = {
        lever.path: value for lever, value in zip(levers, values, strict=True) if not _is_own(lever, value)
    }
    said = [_name(lever, name, value) for lever, name, value in zip(levers, names, values, strict=True)]
    return Case(", ".join(said), point)


def _is_own(lever: Lever, value: float | str) -> bool:
    return value == OWN and _is_policy(lever)


def _is_policy(lever: Lever) -> bool:
    parts = lever.path.split(".")
    return len(parts) == 3 and (parts[0], parts[2]) == ("actors", "policy")


def _name(lever: Lever, name: str, value: float | str) -> str:
    """Return a value with what it is of: `belarus grit`, `belarus reciprocity 0.5`, `magnitude 3`."""
    actors, actor, *rest = lever.path.split(".")
    if actors == "actors" and rest[:1] == ["policy"]:
        name = " ".join([actor, *rest[1:]])
    return f"{name} {value_text(value)}"
