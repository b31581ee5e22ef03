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


class Size(Part):
    """How large one use is (names listed, posts cut): log-normal."""

    median: Annotated[Count, *within(1e-6, 1e9)]
    """The size that half of the uses stay below."""
    spread: Level = _number(0.0)
    """Standard deviation of the logarithm."""
    of: Text = "names"
    """What is counted."""


class Instrument(Part):
    """One instrument of the ladder, hostile or conciliatory."""

    label: Text
    """What it is, as printed."""
    family: Family
    """The family it belongs to."""
    cameo: Annotated[str, StringConstraints(pattern=r"^[0-9]{2,4}$")] | None = None
    """CAMEO event code, as text."""
    rung: Annotated[Number, *within(0, 20)]
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
    source: Text | None = None
    """Where its figures come from."""
    assumption: bool = False
    """True when no fact supports its figures."""
