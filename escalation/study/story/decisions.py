"""From the trace of a replication to the decisions of its actors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

import numpy as np

from escalation.model.numbers import Numbers
from escalation.model.result import Trace
from escalation.model.tables import TERM_NAMES, Tables
from escalation.model.world import World
from escalation.scenario.policy import KINDS
from escalation.study.story.model import SIMULATED, Act, Choice, Decision, Mood, Option, StruckAct, Vote

NOTHING = -1
NO_OPTION = "doing nothing"

Ballot = tuple[int, int, Vote]
"""The indices of who votes on a package and whom it is about, with the vote."""


@dataclass(frozen=True, eq=False)
class Traced:
    """A replication played with its trace; `tables` and `numbers` as they were in it."""

    world: World
    tables: Tables
    numbers: Numbers
    trace: Trace

    def policy(self, actor: int) -> str:
        """Return the kind of policy of an actor."""
        return KINDS[self.tables.policy_kind[actor]]

    def meets(self, actor: str) -> bool:
        """Return whether an actor decides at meetings."""
        i = self.world.names.actors.index(actor)
        return self.tables.meeting_start[i] < self.tables.meeting_start[i + 1]


def decisions_of(traced: Traced, acts: Sequence[Act]) -> tuple[Decision, ...]:
    """Return every decision of a replication in the order in which they were made."""
    adopted: dict[int, list[Act]] = defaultdict(list)
    for act in acts:
        if act.package is not None:
            adopted[act.package].append(act)
    votes, struck = _votes(traced), defaultdict[int | None, list[StruckAct]](list)
    for one in struck_acts(traced):
        struck[one.package].append(one)
    numbers = sorted({*adopted, *votes, *(number for number in struck if number is not None)})
    packages = [
        _package(traced, number, adopted[number], votes[number], struck[number]) for number in numbers
    ]
    decisions: list[Decision] = []
    for decision in _weighed(traced):
        package = next((package for package in packages if _comes_of(decision, package, acts)), None)
        if package is not None:
            packages.remove(package)
        decisions.append(_with_package(decision, package))
    decisions += [*packages, *_scripted(traced, acts)]
    return tuple(_completed(traced, sorted(decisions, key=lambda decision: decision.time)))


def _with_package(decision: Decision, package: Decision | None) -> Decision:
    if package is None:
        return decision
    parts = {name: getattr(package, name) for name in ("package", "votes", "acts", "struck")}
    return decision.model_copy(update=parts)


def _comes_of(decision: Decision, package: Decision, acts: Sequence[Act]) -> bool:
    """Return whether a package is what a deliberation came to: both fall on one instant."""
    if (decision.time, decision.actor) != (package.time, package.actor):
        return False
    if package.votes and package.about != decision.about:
        return False
    wanted = [(choice.target, choice.picked.instrument) for choice in decision.choices]
    done = [(acts[row].target, acts[row].instrument) for row in package.acts]
    nothing = wanted[0][1] is None
    for one in package.struck:
        if (one.target, one.instrument) not in wanted:
            return False
        wanted.remove((one.target, one.instrument))
    return not nothing and wanted[: len(done)] == done


def _weighed(traced: Traced) -> Iterator[Decision]:
    """Yield what was deliberated: a deliberation begins with item 0, and each further item is one choice."""
    table = traced.trace.weighings
    count = len(table["item"])
    starts = [*(row for row in range(count) if table["item"][row] == 0), count]
    bounds = np.searchsorted(traced.trace.options["weighing"], np.arange(count + 1))
    for first, last in pairwise(starts):
        rows = [row for row in range(first, last) if row == first or table["picked"][row] != NOTHING]
        choices = tuple(_choice(traced, row, int(bounds[row]), int(bounds[row + 1])) for row in rows)
        actor, cause = int(table["actor"][first]), int(table["cause"][first])
        names = traced.world.names
        yield Decision(
            policy=traced.policy(actor),
            time=float(table["time"][first]),
            day=traced.world.day(table["time"][first]),
            actor=names.actors[actor],
            about=names.actors[table["about"][first]],
            cause=cause if cause >= 0 else None,
            mood=_mood(traced, first),
            choices=choices,
        )


def _mood(traced: Traced, row: int) -> Mood:
    table, actor = traced.trace.weighings, traced.trace.weighings["actor"][row]
    yields_at = float(traced.numbers.yield_threshold[actor])
    return Mood(
        **{name: float(table[name][row]) for name in ("grievance", "proportion", "pressure", "partners")},
        yields_at=yields_at if isfinite(yields_at) else None,
        more=float(traced.numbers.more[actor]),
        temperature=float(traced.numbers.temperature[actor]),
        promise_due=bool(table["due"][row]),
    )


def _choice(traced: Traced, row: int, first: int, last: int) -> Choice:
    table, names = traced.trace.weighings, traced.world.names
    options = [_option(traced, option) for option in range(first, last)]
    picked = names.instruments[table["picked"][row]] if table["picked"][row] != NOTHING else None
    others = [option for option in options if option.instrument != picked]
    return Choice(
        target=names.actors[table["target"][row]],
        picked=next(option for option in options if option.instrument == picked),
        others=tuple(sorted(others, key=lambda option: -option.probability)),
    )


def _option(traced: Traced, row: int) -> Option:
    table, names = traced.trace.options, traced.world.names
    k = int(table["instrument"][row])
    terms = zip(TERM_NAMES, map(float, table["terms"][row]), strict=True)
    return Option(
        instrument=names.instruments[k] if k != NOTHING else None,
        label=names.instrument_labels[k] if k != NOTHING else NO_OPTION,
        hostile=k >= traced.tables.first_hostile,
        probability=float(table["probability"][row]),
        utility=float(table["utility"][row]),
        terms={name: value for name, value in terms if value != 0.0},
    )


def _votes(traced: Traced) -> dict[int, list[Ballot]]:
    """Return the votes on each package."""
    table, world = traced.trace.votes, traced.world
    votes: dict[int, list[Ballot]] = defaultdict(list)
    for row in range(len(table["time"])):
        member, hold = int(table["member"][row]), int(table["hold"][row])
        who = world.names.vetoes[member] if member >= 0 else world.names.holds[hold] if hold >= 0 else None
        vote = Vote(
            time=float(table["time"][row]),
            day=world.day(table["time"][row]),
            agreed=bool(table["agreed"][row]),
            member=who,
            held_until=world.day(traced.tables.hold_until[hold]) if hold >= 0 else None,
        )
        actor, about = int(table["actor"][row]), int(table["about"][row])
        votes[int(table["package"][row])].append((actor, about, vote))
    return votes


def struck_acts(traced: Traced) -> tuple[StruckAct, ...]:
    """Return the acts that an intervention kept from taking place, in the order of time."""
    table, world = traced.trace.struck, traced.world
    return tuple(
        StruckAct(
            time=float(table["time"][row]),
            day=world.day(table["time"][row]),
            actor=world.names.actors[table["actor"][row]],
            target=world.names.actors[table["target"][row]],
            instrument=world.names.instruments[table["instrument"][row]],
            label=world.names.instrument_labels[table["instrument"][row]],
            package=int(table["package"][row]) if table["package"][row] >= 0 else None,
        )
        for row in range(len(table["time"]))
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
        one = acts[0] if acts else struck[0]
        actor, about, time, day = one.actor, str(one.target), one.time, one.day
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
        if decision.cause is not None:
            key = decision.actor, decision.about, decision.cause
            again = key in seen
            seen.add(key)
        yield decision.model_copy(update={"again": again, "meets": traced.meets(decision.actor)})
