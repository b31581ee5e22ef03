"""What is allowed and probably not meant: actors that cannot act, laws enacted again and again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from escalation.scenario.base import WORDS
from escalation.scenario.document import Scenario
from escalation.scenario.policy import Policy, Scripted
from escalation.scenario.record import catalogue

TALK = (*WORDS, "conciliatory")
LAWS = ("programme", "transport", "economic", "financial")


class Remark(NamedTuple):
    """Something that is probably not meant, at a path of the scenario."""

    path: str
    text: str


def remarks(scenario: Scenario) -> list[Remark]:
    """Return what is probably not meant. Nothing is played: it takes no time."""
    return [
        *_without_reason(scenario),
        *_without_means(scenario),
        *_never_agreed(scenario),
        *_never_jointly(scenario),
        *_enacted_again(scenario),
    ]


def _acts(scenario: Scenario, name: str) -> bool:
    """Return whether an actor is meant to act of its own accord."""
    policy = scenario.actors[name].policy
    return not isinstance(policy, Scripted) and not (
        isinstance(policy, Policy) and policy.preset == "passive"
    )


def _without_reason(scenario: Scenario) -> Iterator[Remark]:
    """Yield the actors that nothing in the scenario can move."""
    moved = {
        name
        for shock in scenario.shocks.values()
        for name, care in shock.salience.items()
        if care.support()[1]
    }
    moved |= {target for act in scenario.history.values() for target in act.target}
    for name, actor in scenario.actors.items():
        if moved & actor.members.keys():
            moved.add(name)
    if not moved:
        yield Remark("shocks", "nothing happens: no shock that an actor cares about, and no history")
    quarrels = {shock.blamed for shock in scenario.shocks.values()} | moved
    partners = {
        first
        for first, others in scenario.dyads.items()
        for second, dyad in others.items()
        if dyad.solidarity.support()[1] and second in quarrels
    }
    for name in scenario.actors.keys() - quarrels - partners if moved else ():
        if _acts(scenario, name):
            yield Remark(
                f"actors.{name}",
                "never acts: no shock that it cares about or is blamed for, no act of history against it, no "
                "solidarity with whom they concern",
            )


def _without_means(scenario: Scenario) -> Iterator[Remark]:
    """Yield the actors that can do nothing but talk, and instruments that can never be used."""
    for name, actor in scenario.actors.items():
        if not _acts(scenario, name):
            continue
        own = scenario.instruments if actor.instruments is None else actor.instruments
        if all(scenario.instruments[key].family in TALK for key in own):
            yield Remark(
                f"actors.{name}.instruments", "it can only talk: no instrument beyond words and threats"
            )
        for key in own:
            lacking = [other for other in scenario.instruments[key].requires if other not in own]
            used = {act.instrument for act in scenario.history.values() if act.actor == name}
            if set(lacking) - used:
                needs = f"{key} is never used: it requires {', '.join(lacking)}, which {name} does not have"
                yield Remark(f"actors.{name}.instruments", needs)


def _never_agreed(scenario: Scenario) -> Iterator[Remark]:
    for name, actor in scenario.actors.items():
        for member, veto in actor.institution.unanimity.items():
            if veto.base.support()[0] >= 1 and actor.institution.linkage.support()[1] == 0:
                path = f"actors.{name}.institution.unanimity.{member}"
                yield Remark(path, f"{name} never acts: {member} withholds its consent at every meeting")


def _never_jointly(scenario: Scenario) -> Iterator[Remark]:
    for sender, dyads in scenario.dyads.items():
        own = scenario.actors[sender].instruments or scenario.instruments
        if not any(scenario.instruments[name].addressed == "group" for name in own):
            for target in (target for target, dyad in dyads.items() if dyad.jointly_with):
                text = f"no act reaches them: {sender} has no instrument that is addressed: group"
                yield Remark(f"dyads.{sender}.{target}.jointly_with", text)


def _enacted_again(scenario: Scenario) -> Iterator[Remark]:
    """Yield laws that a scenario adds to the catalogue and that nothing keeps from being enacted again."""
    own = scenario.instruments.keys() - catalogue()
    for name, instrument in scenario.instruments.items():
        hostile = instrument.severity.support()[0] > 0
        is_law = instrument.family in LAWS and instrument.size is None and hostile
        if name in own and is_law and not instrument.once:
            text = "a measure without a size that can be enacted again while it is in force"
            yield Remark(f"instruments.{name}", f"{text}; say once: true if not")
