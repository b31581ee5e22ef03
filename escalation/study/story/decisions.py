"""From the trace of a replication to the decisions of its actors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

from escalation.model.tables import NOTHING, Tables
from escalation.model.trace import TracedOption, Weighing
from escalation.model.world import World
from escalation.scenario.policy import KINDS
from escalation.study.story.model import (
    SIMULATED,
    Act,
    Choice,
    Decision,
    Mood,
    StruckAct,
    Vote,
    WeighedOption,
)

NO_OPTION = "doing nothing"

Ballot = tuple[int, int, Vote]
"""The indices of who votes on a package and whom it is about, with the vote."""


@dataclass(frozen=True, eq=False)
class Traced:
    """A replication played with its trace; `w` is the world as it was at its end."""

    world: World
    w: Tables

    def policy(self, actor: int) -> str:
        """Return the kind of policy of an actor."""
        return KINDS[self.w.actor[actor].policy]

    def meets(self, actor: str) -> bool:
        """Return whether an actor decides at meetings."""
        row = self.w.actor[self.world.names.actors.index(actor)]
        return row.meeting_from < row.meeting_to


def decisions_of(traced: Traced, acts: Sequence[Act]) -> tuple[Decision, ...]:
    """Return every decision of a replication in the order in which they were made."""
    adopted: dict[int, list[Act]] = defaultdict(list)
    for act in acts:
        if act.package is not None:
            adopted[act.package].append(act)
    votes, struck = _votes(traced), defaultdict[int | None, list[StruckAct]](list)
    for act_struck in struck_acts(traced):
        struck[act_struck.package].append(act_struck)
    numbers = sorted({*adopted, *votes, *(number for number in struck if number is not None)})
    packages = {
        number: _package(traced, number, adopted[number], votes[number], struck[number]) for number in numbers
    }
    decisions = [
        _with_package(decision, packages.pop(package, None)) for decision, package in _weighed(traced)
    ]
    decisions += [*packages.values(), *_scripted(traced, acts)]
    return tuple(_completed(traced, sorted(decisions, key=lambda decision: decision.time)))


def _with_package(decision: Decision, package: Decision | None) -> Decision:
    if package is None:
        return decision
    parts = {name: getattr(package, name) for name in ("package", "votes", "acts", "struck")}
    return decision.model_copy(update=parts)


def _weighed(traced: Traced) -> Iterator[tuple[Decision, int]]:
    """Yield what was deliberated, each with its package: a deliberation begins with item 0."""
    weighings, names = traced.w.trace.weighings, traced.world.names
    starts = [row for row, weighing in enumerate(weighings) if weighing.item == 0]
    for start, end in pairwise([*starts, len(weighings)]):
        first, *further = weighings[start:end]
        draws = [first, *(weighing for weighing in further if weighing.picked != NOTHING)]
        decision = Decision(
            policy=traced.policy(first.actor),
            time=first.time,
            day=traced.world.day(first.time),
            actor=names.actors[first.actor],
            about=names.actors[first.about],
            cause=first.cause if first.cause >= 0 else None,
            mood=_mood(first),
            choices=tuple(_choice(traced, weighing) for weighing in draws),
        )
        yield decision, first.package


def _mood(weighing: Weighing) -> Mood:
    same = {name: getattr(weighing, name) for name in Mood.model_fields if name != "promise_due"}
    yields_at = weighing.yields_at if isfinite(weighing.yields_at) else None
    return Mood(**same | {"yields_at": yields_at, "promise_due": weighing.due})


def _choice(traced: Traced, weighing: Weighing) -> Choice:
    picked = [_option(traced, option) for option in weighing.options if option.instrument == weighing.picked]
    others = [_option(traced, option) for option in weighing.options if option.instrument != weighing.picked]
    return Choice(
        target=traced.world.names.actors[weighing.target],
        draw=weighing.draw,
        picked=picked[0],
        others=tuple(sorted(others, key=lambda option: -option.probability)),
    )


def _option(traced: Traced, option: TracedOption) -> WeighedOption:
    names, k = traced.world.names, option.instrument
    utility = option.terms._asdict() if option.terms else {}
    return WeighedOption(
        instrument=names.instruments[k] if k != NOTHING else None,
        label=names.instrument_labels[k] if k != NOTHING else NO_OPTION,
        hostile=k >= traced.w.first_hostile,
        probability=option.probability,
        utility=option.utility,
        terms={name: value for name, value in utility.items() if value != 0.0},
    )


def _votes(traced: Traced) -> dict[int, list[Ballot]]:
    world, names = traced.world, traced.world.names
    votes: dict[int, list[Ballot]] = defaultdict(list)
    for cast in traced.w.trace.votes:
        vetoed = names.vetoes[cast.member] if cast.member >= 0 else None
        vote = Vote(
            time=cast.time,
            day=world.day(cast.time),
            agreed=cast.agreed,
            member=names.holds[cast.hold] if cast.hold >= 0 else vetoed,
            held_until=world.day(traced.w.hold[cast.hold].until) if cast.hold >= 0 else None,
        )
        votes[cast.package].append((cast.actor, cast.about, vote))
    return votes


def struck_acts(traced: Traced) -> tuple[StruckAct, ...]:
    """Return the acts and shocks that an intervention kept from taking place, in the order of time."""
    names = traced.world.names
    return tuple(
        StruckAct(
            time=act.time,
            day=traced.world.day(act.time),
            actor=names.actors[act.actor],
            target=names.actors[act.target] if act.target >= 0 else None,
            instrument=(names.instruments if act.target >= 0 else names.shocks)[act.instrument],
            label=(names.instrument_labels if act.target >= 0 else names.shock_labels)[act.instrument],
            package=act.package if act.package >= 0 else None,
        )
        for act in traced.w.trace.struck
    )


def _package(
    traced: Traced, number: int, acts: Sequence[Act], ballots: Sequence[Ballot], struck: Sequence[StruckAct]
) -> Decision:
    """Return what is known of a package without its weighing: its votes, its acts and what was struck."""
    names = traced.world.names
    if ballots:
        (i, j, vote), *_ = ballots
        actor, about, time, day = names.actors[i], names.actors[j], vote.time, vote.day
    else:
        first = acts[0] if acts else struck[0]
        actor, about, time, day = first.actor, str(first.target), first.time, first.day
    return Decision(
        policy=traced.policy(names.actors.index(actor)),
        time=time,
        day=day,
        actor=actor,
        about=about,
        cause=acts[0].parent if acts else None,
        package=number,
        votes=tuple(vote for _, _, vote in ballots),
        acts=tuple(act.row for act in acts),
        struck=tuple(struck),
    )


def _scripted(traced: Traced, acts: Sequence[Act]) -> Iterator[Decision]:
    for act in acts:
        if act.origin == SIMULATED and act.package is None:
            yield Decision(
                policy=traced.policy(traced.world.names.actors.index(act.actor)),
                time=act.time,
                day=act.day,
                actor=act.actor,
                about=str(act.target),
                cause=act.parent,
                acts=(act.row,),
            )


def _completed(traced: Traced, decisions: Sequence[Decision]) -> Iterator[Decision]:
    """Yield the decisions with whether their actor meets, and was woken by the same thing before."""
    seen: set[tuple[str, str, int]] = set()
    for decision in decisions:
        again = False
        if decision.cause is not None and not decision.spoken:
            key = decision.actor, decision.about, decision.cause
            again = key in seen
            seen.add(key)
        yield decision.model_copy(update={"again": again, "meets": traced.meets(decision.actor)})
