"""Two stories in one world of chance: the first thing at which they part, and what made it differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from escalation.errors import InputError
from escalation.model.compile import compile_scenario
from escalation.study.story.retell import Told, telling
from escalation.study.story.story import SIMULATED, Act, Decision, Story, plain
from escalation.study.story.weighing import Weighed, Weight, draw_of, weights_of

SCHEMA_VERSION = 1

Kind = Literal["same", "act", "choice", "package", "vote", "moment"]


@dataclass(frozen=True)
class Parting:
    """Two stories and where they part.

    `kind`: `same` (they never do), `act` (something known to the scenario), `choice` (one deliberation, two
    choices), `package` (the same first choices, another number or target of instruments), `vote`, or `moment`
    (one of them deliberates when the other does not). `time` is in days from the start. `decisions` are what
    they decide there (None for one that does not), `acts` what is known of the scenario there. For a `choice`
    `draw` in [0, 1) is the uniform that was inverted in both, `item` its place in the package, and `weights`
    say what made it differ, the first most. `shared` counts the decisions to act that they have in common.
    """

    first: Story
    second: Story
    kind: Kind
    time: float
    day: date
    shared: int
    decisions: tuple[Decision | None, Decision | None] = (None, None)
    acts: tuple[Act | None, Act | None] = (None, None)
    item: int = 0
    draw: float | None = None
    weights: tuple[Weight, ...] = ()

    @property
    def why(self) -> Weight | None:
        """What made the choice differ most."""
        return self.weights[0] if self.weights else None

    def to_json(self) -> dict[str, Any]:
        """Return where they part and what follows as plain JSON values: one document."""
        return {
            "schema_version": SCHEMA_VERSION,
            "parts_by": self.kind,
            "time": self.time,
            "day": self.day.isoformat(),
            "shared_decisions": self.shared,
            "item": self.item,
            "draw": self.draw,
            "weights": [plain(weight) for weight in self.weights],
            "stories": [
                {
                    "source": plain(story.source),
                    "decision": None if decision is None else plain(decision),
                    "known": None if act is None else plain(act),
                    "acts_from_there": [plain(one) for one in story.acts if one.time >= self.time],
                    "outcomes": dict(story.outcomes),
                }
                for story, decision, act in zip(
                    (self.first, self.second), self.decisions, self.acts, strict=True
                )
            ],
        }


def parting(
    first: str | Path,
    second: str | Path,
    replication: int | None = None,
    seed: int | None = None,
    sets: Sequence[str] = (),
    until: date | None = None,
) -> Parting:
    """Return where one replication of two runs or scenarios parts.

    Without `replication` it is the most typical one of the first, if that is a run, else number 0. A scenario
    takes the seed of the run that it is held against. `sets` and `until` are for scenarios. Raises
    InputError where the two cannot be laid side by side: another seed, or another first day.
    """
    runs = [Path(one).is_dir() for one in (first, second)]
    if all(runs) or not any(runs):
        one = telling(first, replication, seed, sets, until)
        other = telling(second, one.story.source.replication, seed, sets, until)
    elif runs[0]:
        one = telling(first, replication, seed)
        other = telling(second, one.story.source.replication, one.story.source.seed, sets, until)
    else:
        other = telling(second, replication, seed)
        one = telling(first, other.story.source.replication, other.story.source.seed, sets, until)
    _comparable(one.story, other.story)
    return part(one, other)


def _comparable(one: Story, other: Story) -> None:
    for what, mine, theirs in (
        ("seed", one.source.seed, other.source.seed),
        ("first day", one.start, other.start),
    ):
        if mine != theirs:
            names = f"{one.source.scenario} has {mine}, {other.source.scenario} has {theirs}"
            raise InputError(f"{what}: {names}; two stories share their chance only where it is the same")


@dataclass(frozen=True)
class _Event:
    """Something that two stories can have in common: what it is by `key`, and where it stands."""

    time: float
    rank: int
    key: tuple[Any, ...]
    decision: Decision | None = None
    act: Act | None = None
    vote: int | None = None


def part(one: Told, other: Told) -> Parting:
    """Return where two told stories part."""
    mine, theirs = (_events(told.story) for told in (one, other))
    same = 0
    while same < min(len(mine), len(theirs)) and mine[same].key == theirs[same].key:
        same += 1
    shared = sum(event.decision is not None and not event.decision.refrained for event in mine[:same])
    if same == len(mine) == len(theirs):
        return Parting(one.story, other.story, "same", 0.0, one.story.start, shared)
    a, b = (events[same] if same < len(events) else None for events in (mine, theirs))
    time = min(event.time for event in (a, b) if event)
    a, b = (event if event and event.time == time else None for event in (a, b))
    kind = _kind(a, b)
    day = next(
        what.day for event in (a, b) if event for what in (event.decision, event.act) if what is not None
    )
    if a and a.vote and a.decision:
        day = a.decision.votes[a.vote].day
    found = Parting(
        one.story, other.story, kind, time, day, shared,
        (a.decision if a else None, b.decision if b else None), (a.act if a else None, b.act if b else None),
    )  # fmt: skip
    return _explained(found, one, other) if kind == "choice" else found


def _kind(a: _Event | None, b: _Event | None) -> Kind:
    if (a and a.act) or (b and b.act):
        return "act"
    if not (a and b and a.decision and b.decision):
        return "moment"
    if (a.decision.actor, a.decision.about) != (b.decision.actor, b.decision.about):
        return "moment"
    if a.vote is not None or b.vote is not None:
        return "vote"
    pair = _differing(a.decision, b.decision)
    return "package" if pair is None else "choice"


def _events(story: Story) -> list[_Event]:
    found = [
        _Event(act.time, 0, ("act", act.time, act.actor, act.target, act.instrument, act.size), act=act)
        for act in story.acts
        if act.origin != SIMULATED
    ]
    for rank, decision in enumerate(story.decisions, 1):
        picks = tuple((choice.target, choice.picked.instrument) for choice in decision.choices)
        done = (
            ()
            if picks
            else tuple((story.acts[row].target, story.acts[row].instrument) for row in decision.acts)
        )
        key: tuple[Any, ...] = ("decision", decision.time, decision.actor, decision.about, picks, done)
        found.append(_Event(decision.time, rank, key, decision))
        for place, vote in enumerate(decision.votes):
            key = ("vote", vote.time, decision.actor, decision.about, vote.agreed, vote.member)
            found.append(_Event(vote.time, rank, key, decision, vote=place))
    return sorted(found, key=lambda event: (event.time, event.rank))


def _differing(one: Decision, other: Decision) -> int | None:
    """Return the first place in the package with two choices for one target; None where there is none."""
    for place, (mine, theirs) in enumerate(zip(one.choices, other.choices, strict=False)):
        if mine.target != theirs.target:
            return None
        if mine.picked.instrument != theirs.picked.instrument:
            return place
    return None


def _explained(found: Parting, one: Told, other: Told) -> Parting:
    mine, theirs = found.decisions
    assert mine
    assert theirs
    item = _differing(mine, theirs)
    assert item is not None
    worlds = [compile_scenario(told.scenario) for told in (one, other)]
    draw = draw_of(worlds[0], one.story, mine, item)
    order = {name: place for place, name in enumerate(worlds[0].names.instruments)}
    a, b = (Weighed.of(decision, item, order) for decision in (mine, theirs))
    weights = sorted(weights_of(a, b, draw), key=lambda weight: weight.moved, reverse=True)
    wanted, had = theirs.choices[item].picked.instrument, mine.choices[item].picked.instrument
    weights.sort(key=lambda weight: (weight.picked != wanted, weight.picked == had))
    return Parting(
        found.first, found.second, found.kind, found.time, found.day, found.shared, found.decisions,
        found.acts, item, draw, tuple(weights),
    )  # fmt: skip
