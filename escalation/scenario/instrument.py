"""What an actor can do: the instruments of the ladder."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from escalation.scenario.base import (
    Count,
    Days,
    Family,
    Level,
    Name,
    Number,
    Part,
    Relation,
    Severity,
    Text,
    within,
)


def _number(value: float) -> Number:
    return Number(value=value)


Rung = Annotated[Number, *within(0, 20)]
"""A place on the ladder, 0 to 20."""
Promised = Annotated[Number, *within(0, 10)]
"""A severity that is threatened, 0 to 10."""


class Size(Part):
    """How large one use is (names listed, posts cut): log-normal."""

    median: Annotated[Count, *within(1e-6, 1e9)]
    """The size that half of the uses stay below."""
    spread: Level = _number(0.0)
    """Standard deviation of the logarithm."""
    of: Text = "names"
    """What is counted."""


class Threat(Part):
    """What a threat promises, and when the promise falls due."""

    severity: Promised
    """Severity that is promised: an act at least as grave keeps the word."""
    rung: Rung = _number(2.0)
    """The next act of the target at or above this rung makes the promise fall due."""
    within: Days = _number(90.0)
    """Days for which the threat stands."""
    demand: bool = False
    """True when it also falls due at the end of that time unless the target has made a concession."""


class Instrument(Part):
    """One instrument of the ladder, hostile or conciliatory."""

    label: Text
    """What it is, as printed."""
    family: Family
    """The family it belongs to."""
    cameo: Annotated[str, StringConstraints(pattern=r"^[0-9]{2,4}$")] | None = None
    """CAMEO event code, as text."""
    rung: Rung
    """Place on the ladder."""
    severity: Severity
    """How grave it is for the target, -10 to 10; negative is conciliatory."""
    harm: Level = _number(0.0)
    """Material harm to a fully exposed target, in units of severity."""
    cost: Level = _number(0.0)
    """Cost to a fully dependent sender."""
    relief: Level = _number(0.0)
    """Relief from pressure that a conciliatory act can hope for."""
    delay: Level = _number(0.0)
    """Days from adoption to force."""
    term: Days | None = None
    """Days after which it lapses by itself."""
    size: Size | None = None
    """Size of one use, where there is one."""
    once: bool = False
    """True when it cannot be used again on a target while it is in force."""
    requires: Annotated[tuple[Name, ...], Field(strict=False, max_length=8)] = ()
    """Instruments that must have been used on the same target before."""
    relation: Relation | None = None
    """Diplomatic relation that it brings about."""
    threat: Threat | None = None
    """What it promises, when it is a threat."""
    lifts: Annotated[tuple[Name, ...], Field(strict=False, max_length=40)] = ()
    """Instruments of the same sender of which one use in force is ended by this one."""
    source: Text | None = None
    """Where its figures come from."""
    assumption: bool = False
    """True when no fact supports its figures."""
