"""Which outcomes an intervention changes of itself: those that count what it takes out or puts in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from escalation.model.measure import INDIVIDUAL
from escalation.model.strike import ANY, EVERY, Strike
from escalation.model.tables import NOTHING
from escalation.model.world import World
from escalation.scenario.base import FAMILIES
from escalation.scenario.outcomes import Outcome
from escalation.study.whatif.intervention import Intervention

Deed = tuple[int, int, int]
"""An actor, a target and an instrument, as indices."""


class Own(NamedTuple):
    """Names of outcomes: of those that count what is `touched`, some are `gone`, for all they count is."""

    touched: tuple[str, ...]
    gone: tuple[str, ...]


def by_construction(asked: Intervention, world: World) -> Own:
    """Return the outcomes that an intervention changes before anybody has reacted.

    A first use is touched where every such act, or the first with this very instrument, is taken out, or
    where one is put in: for the loss of one act out of many kinds it need not come later.
    """
    doable = frozenset(_doable(world))
    fit = [(one, {deed for deed in doable if _fits(one, deed, world)}) for one in asked.strikes]
    once = {deed for _, deeds in fit for deed in deeds}
    out = {deed for one, deeds in fit if one.ordinal == EVERY for deed in deeds}
    named = {deed for one, deeds in fit if one.ordinal == 1 and one.instrument != ANY for deed in deeds}
    put = {(one.actor, one.target, one.instrument) for one in asked.forced}
    touched, gone = [], []
    for outcome in world.outcomes:
        counted = {deed for deed in doable | put if _counts(outcome, deed, world)}
        if counted & ((out | named | put) if outcome.name.startswith("first.") else (once | put)):
            touched.append(outcome.name)
        if counted and counted <= out - put:
            gone.append(outcome.name)
    return Own(tuple(touched), tuple(gone))


def _doable(world: World) -> Iterable[Deed]:
    tables = world.tables
    for dyad in range(tables.actors**2):
        for k in tables.option[tables.option_start[dyad] : tables.option_start[dyad + 1]].tolist():
            if k != NOTHING:
                yield dyad // tables.actors, dyad % tables.actors, int(k)


def _fits(strike: Strike, deed: Deed, world: World) -> bool:
    actor, target, k = deed
    hostile = strike.family == len(FAMILIES) and bool(world.tables.counted[k])
    return (
        strike.actor in (ANY, actor)
        and strike.target in (ANY, target)
        and strike.instrument in (ANY, k)
        and (hostile or strike.family in (ANY, int(world.tables.family[k])))
    )


def _counts(outcome: Outcome, deed: Deed, world: World) -> bool:
    """Return whether an outcome counts this deed itself, and not what comes of it (`measure_act`)."""
    kind, *rest = outcome.name.split(".")
    actor, target, k = deed
    tables, names, numbers = world.tables, world.names, world.numbers
    if not rest or rest[0] != names.actors[actor]:
        return False
    if kind in ("acts", "package_days"):
        return rest[1] == FAMILIES[tables.family[k]] if len(rest) > 1 else bool(tables.counted[k])
    if kind == "names_listed":
        return bool(tables.family[k] == INDIVIDUAL and tables.sized[k])
    if kind == "peak_rung":
        return rest[1] == names.actors[target] and bool(numbers.severity[k] > 0.0)
    if kind == "first":
        return rest[1] == names.instruments[k]
    return kind in ("concession", "first_concession") and bool(numbers.severity[k] <= -numbers.concession[0])
