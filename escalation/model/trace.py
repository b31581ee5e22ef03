"""Tracing: what was weighed, voted and struck in each decision, watched only where `Tables.trace` is set.

Watching changes nothing that happens, and compiled rules leave it out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from escalation.model.choose import BARRIERS, Outlook, Terms, barrier, drafted, terms
from escalation.model.kernel import observer
from escalation.model.tables import NOTHING, Tables
from escalation.model.wake import floor_of


@dataclass(frozen=True, slots=True)
class TracedOption:
    """One option: an instrument or NOTHING, its probability, utility and terms (None for doing nothing)."""

    instrument: int
    probability: float
    utility: float
    terms: Terms | None


@dataclass(frozen=True, slots=True)
class Weighing:
    """One draw among options: the `item`-th of a package (from 0).

    `picked` is an instrument or NOTHING, `package` the number of the package that comes of it (-1 for none),
    `cause` the row of the log that woke the actor (-1 for none; as a rule the largest recent part of its
    grievance), `options` stand in the order in which the draw meets them; without those that cannot be
    drawn. `floor` is what a review that is due begins with. `reciprocity`, `care`, `more`, `temperature` and
    `yields_at` are the actor's in this replication.
    """

    time: float
    actor: int
    about: int
    target: int
    item: int
    picked: int
    package: int
    cause: int
    draw: float
    grievance: float
    proportion: float
    floor: float
    pressure: float
    trust: float
    affront: float
    partners: float
    due: bool
    reciprocity: float
    care: float
    more: float
    temperature: float
    yields_at: float
    options: tuple[TracedOption, ...]


@dataclass(frozen=True, slots=True)
class TracedVote:
    """One vote on a package: `member` (a veto) or `hold` withheld consent, by index; -1 for nobody."""

    time: float
    actor: int
    about: int
    package: int
    member: int
    hold: int
    agreed: bool


@dataclass(frozen=True, slots=True)
class TracedStrike:
    """An act that was decided and did not take place; `package` is -1 outside one."""

    time: float
    actor: int
    target: int
    instrument: int
    package: int


@dataclass(frozen=True, slots=True)
class Lull:
    """A wake at which nothing was weighed: neither grievance, a promise nor pressure called for it."""

    time: float
    actor: int
    about: int
    grievance: float


@dataclass(slots=True)
class Trace:
    """What was weighed, voted and struck in a replication, in the order in which it happened.

    `watched` is an actor and an instrument, by index: `bars` then has, for each weighing of this actor in
    which the instrument was no option, the number of the weighing and why.
    """

    weighings: list[Weighing] = field(default_factory=list)
    votes: list[TracedVote] = field(default_factory=list)
    struck: list[TracedStrike] = field(default_factory=list)
    lulls: list[Lull] = field(default_factory=list)
    watched: tuple[int, int] | None = None
    bars: list[tuple[int, str]] = field(default_factory=list)


BARS = ("words", "reach", "packed", *BARRIERS[1:], "sign")
"""Why an instrument is no option: it is words, which are no matter of a deliberation, it cannot be aimed at
this target, is in the package already, one of `BARRIERS`; or the grievance (or the package so far) calls for
acts of the other sign."""


def bar(w: Tables, x: Outlook, k: int) -> str:
    """Return why instrument `k` cannot be picked, one of `BARS`; empty where it can."""
    il = x.i * w.actors + x.target
    options = [w.option[n] for n in range(w.dyad[il].option_from, w.dyad[il].option_to)]
    if w.instrument[k].words:
        return "words"
    if k not in options:
        return "reach"
    if drafted(w, x.i * w.actors + x.j, k):
        return "packed"
    choices = (w.state.choice[n] for n in range(w.state.tally.choices))
    if any(choice.option == k and choice.weight > 0.0 for choice in choices):
        return ""
    return BARRIERS[barrier(w, il, k)] or "sign"


@observer
def watch_lull(w: Tables, i: int, j: int, G: float, now: float) -> None:
    """Note a wake at which nothing was weighed."""
    if w.trace is not None:
        w.trace.lulls.append(Lull(now, i, j, G))


@observer
def watch_weighing(w: Tables, x: Outlook, picked: int, G: float, draw: float, now: float) -> None:
    """Note one weighing with its options, their utilities, terms and probabilities."""
    if w.trace is None:
        return
    if w.trace.watched is not None and w.trace.watched[0] == x.i:
        why = bar(w, x, w.trace.watched[1])
        w.trace.bars += [(len(w.trace.weighings), why)] if why else []
    ij, i = x.i * w.actors + x.j, w.actor[x.i]
    item = w.state.dyad[ij].draft
    choices = [w.state.choice[n] for n in range(w.state.tally.choices)]
    total = 0.0
    for choice in choices:
        total += choice.weight
    w.trace.weighings.append(
        Weighing(
            time=now,
            actor=x.i,
            about=x.j,
            target=x.target,
            item=item,
            picked=picked,
            package=w.state.tally.packages if item > 0 or picked != NOTHING else -1,
            cause=w.state.dyad[ij].wake_cause,
            draw=draw,
            grievance=G,
            proportion=x.D,
            floor=floor_of(w, x.i, x.j, now),
            pressure=x.P,
            trust=x.Q,
            affront=x.F,
            partners=x.partners,
            due=bool(w.state.dyad[ij].due),
            reciprocity=i.reciprocity,
            care=w.dyad[ij].care,
            more=i.more,
            temperature=i.temperature,
            yields_at=i.yield_threshold,
            options=tuple(
                TracedOption(
                    choice.option,
                    choice.weight / total,
                    choice.utility,
                    None if choice.option == NOTHING else terms(w, x, choice.option),
                )
                for choice in choices
                if choice.weight > 0.0
            ),
        )
    )


@observer
def watch_vote(w: Tables, i: int, j: int, member: int, hold: int, agreed: bool, now: float) -> None:
    """Note the outcome of one vote."""
    if w.trace is not None:
        package = w.state.dyad[i * w.actors + j].draft_package
        w.trace.votes.append(TracedVote(now, i, j, package, member, hold, agreed))


@observer
def watch_strike(w: Tables, i: int, target: int, k: int, package: int, now: float) -> None:
    """Note an act that was decided and does not take place."""
    if w.trace is not None:
        w.trace.struck.append(TracedStrike(now, i, target, k, package))
