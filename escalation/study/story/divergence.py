"""Two stories of one world of chance: the first thing in which they differ, and what made it differ."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date as Date
from typing import Any, ClassVar, Literal, NamedTuple

from escalation.errors import InputError
from escalation.model.choose import TERM_NAMES
from escalation.model.compile import compile_scenario
from escalation.scenario.document import Scenario
from escalation.study.execution import Request
from escalation.study.source import NOTHING, Named, open_sources
from escalation.study.story.model import SIMULATED, Act, Decision, Story, WeighedOption
from escalation.study.story.replay import replay
from escalation.study.values import Days, Result, ResultPart, Share

INERTIA, TEMPERATURE, OPTIONS = "inertia", "temperature", "options"
"""What else than a term of the utility can make a choice differ."""

DiffersIn = Literal["nothing", "act", "choice", "package", "vote", "moment"]


class Influence(ResultPart):
    """One thing that differs between two choices, and what it does alone."""

    name: str
    """A term of the utility, or `inertia`, `temperature` or `options` (what could be done at all)."""
    moved: Share
    """The probability that changes hands (total variation distance) when it alone is changed in the first
    choice to what it is in the second."""
    picked: str | None
    """What the draw falls on then; None for doing nothing."""


class Divergence(Result):
    """Two stories with the same seed and number, and the first thing in which they differ."""

    version: ClassVar[int] = 2

    kind: Literal["divergence"] = "divergence"
    """Which result this is."""
    schema_version: Literal[2] = 2
    """The version of the document."""
    differ_in: DiffersIn
    """`nothing`; `act`: something known to the scenario; `choice`: one deliberation, two choices; `package`:
    the same first choices, another number or target of instruments; `vote`; `moment`: one of them deliberates
    when the other does not."""
    time: Days
    """When, in days from the start."""
    day: Date
    """Its date."""
    shared: int
    """How many decisions to act they have in common until then."""
    stories: tuple[Story, Story]
    """The two stories, whole."""
    decisions: tuple[Decision | None, Decision | None] = (None, None)
    """What each decides there; None for one that does not."""
    acts: tuple[Act | None, Act | None] = (None, None)
    """What each scenario knows there."""
    item: int = 0
    """Of a choice, its place in the package, from 0."""
    draw: float | None = None
    """Of a choice, the uniform in [0, 1) that was inverted in both."""
    influences: tuple[Influence, ...] = ()
    """Of a choice, what made it differ: what alone brings the second choice about first, then what undoes
    the first, then by the probability moved."""


def diverge(
    first: Named, second: Named, replication: int | None = None, request: Request = NOTHING
) -> Divergence:
    """Return where one replication of two runs or scenarios diverges.

    Without `replication` it is the most typical one of the first, if that is a run, else number 0. A scenario
    takes the seed of the run that it is compared with; `request` is for scenarios. Raises InputError where
    the two have no chance in common: another seed, or another first day.
    """
    sources = open_sources([first, second], request)
    leading = 1 if sources[1].run and not sources[0].run else 0
    lead = replay(sources[leading], replication)
    follow = replay(sources[1 - leading], lead.origin.replication)
    stories = (follow, lead) if leading else (lead, follow)
    _require_comparable(*stories)
    return divergence_of(*stories, sources[0].scenario)


def _require_comparable(first: Story, second: Story) -> None:
    for what, left, right in (
        ("seed", first.seed, second.seed),
        ("first day", first.scenario.start, second.scenario.start),
    ):
        if left != right:
            names = f"{first.origin.source} has {left}, {second.origin.source} has {right}"
            raise InputError(f"{what}: {names}; two stories share their chance only where it is the same")


class _Event(NamedTuple):
    """Something that two stories can have in common: what it is by `key`, and where it stands."""

    time: float
    rank: int
    day: Date
    key: tuple[Any, ...]
    decision: Decision | None = None
    act: Act | None = None
    vote: int | None = None


def divergence_of(first: Story, second: Story, scenario: Scenario) -> Divergence:
    """Return where two stories diverge; `scenario` is that of the first."""
    events, same = (_events(first), _events(second)), 0
    while same < min(map(len, events)) and events[0][same].key == events[1][same].key:
        same += 1
    shared = sum(event.decision is not None and not event.decision.refrained for event in events[0][:same])
    common: dict[str, Any] = {
        "scenario": first.scenario, "seed": first.seed, "overrides": first.overrides,
        "stories": (first, second), "shared": shared,
    }  # fmt: skip
    if same == len(events[0]) == len(events[1]):
        return Divergence(**common, differ_in="nothing", time=0.0, day=first.scenario.start)
    a, b = (side[same] if same < len(side) else None for side in events)
    time = min(event.time for event in (a, b) if event)
    a, b = (event if event and event.time == time else None for event in (a, b))
    differ_in, decisions = _differs_in(a, b), (a.decision if a else None, b.decision if b else None)
    return Divergence(
        **common,
        differ_in=differ_in,
        time=time,
        day=next(event.day for event in (a, b) if event),
        decisions=decisions,
        acts=(a.act if a else None, b.act if b else None),
        **(_choice(*decisions, scenario) if differ_in == "choice" else {}),
    )


def _differs_in(a: _Event | None, b: _Event | None) -> DiffersIn:
    if (a and a.act) or (b and b.act):
        return "act"
    if not (a and b and a.decision and b.decision):
        return "moment"
    if (a.decision.actor, a.decision.about) != (b.decision.actor, b.decision.about):
        return "moment"
    if a.vote is not None or b.vote is not None:
        return "vote"
    return "package" if _differing_item(a.decision, b.decision) is None else "choice"


def _events(story: Story) -> list[_Event]:
    events = [
        _Event(
            act.time, 0, act.day, ("act", act.time, act.actor, act.target, act.instrument, act.size), act=act
        )
        for act in story.acts
        if act.origin != SIMULATED
    ]
    for rank, decision in enumerate(story.decisions, 1):
        picks = [(choice.target, choice.picked.instrument) for choice in decision.choices]
        done = [(story.acts[row].target, story.acts[row].instrument) for row in decision.acts]
        about = decision.actor, decision.about
        key = "decision", decision.time, *about, bool(picks), tuple(picks or done)
        events.append(_Event(decision.time, rank, decision.day, key, decision))
        for number, vote in enumerate(decision.votes):
            vote_key = "vote", vote.time, *about, vote.agreed, vote.member
            events.append(_Event(vote.time, rank, vote.day, vote_key, decision, vote=number))
    return sorted(events, key=lambda event: (event.time, event.rank))


def _differing_item(a: Decision, b: Decision) -> int | None:
    """Return the first item of the package with two choices for one target; None where there is none."""
    for item, (left, right) in enumerate(zip(a.choices, b.choices, strict=False)):
        if left.target != right.target:
            return None
        if left.picked.instrument != right.picked.instrument:
            return item
    return None


def _choice(a: Decision | None, b: Decision | None, scenario: Scenario) -> dict[str, Any]:
    """Return the item, its draw, and what made the two choices differ."""
    assert a is not None
    assert b is not None
    item = _differing_item(a, b)
    assert item is not None
    draw = a.choices[item].draw
    order = {name: index for index, name in enumerate(compile_scenario(scenario).names.instruments)}
    first, second = (OrderedChoice.of(decision, item, order) for decision in (a, b))
    had, wanted = (decision.choices[item].picked.instrument for decision in (a, b))
    influences = sorted(
        influences_of(first, second, draw),
        key=lambda alone: (alone.picked != wanted, alone.picked == had, -alone.moved),
    )
    return {"item": item, "draw": draw, "influences": tuple(influences)}


class OrderedChoice(NamedTuple):
    """The options of one choice in the order in which a draw meets them: easing, nothing, hostile."""

    options: tuple[WeighedOption, ...]
    temperature: float

    @classmethod
    def of(cls, decision: Decision, item: int, order: Mapping[str, int]) -> OrderedChoice:
        """Return one choice of a decision; `order` is that of the instruments, by severity."""
        choice, mood = decision.choices[item], decision.mood
        assert mood is not None

        def rank(option: WeighedOption) -> tuple[int, int]:
            if option.instrument is None:
                return (1, 0)
            return (2 if option.hostile else 0, order.get(option.instrument, len(order)))

        return cls(tuple(sorted((choice.picked, *choice.others), key=rank)), mood.temperature)

    def option(self, name: str | None) -> WeighedOption | None:
        """Return an option by its instrument."""
        return next((option for option in self.options if option.instrument == name), None)

    def picked(self, draw: float, weights: Sequence[float]) -> str | None:
        """Return the instrument on which a draw falls where options have `weights`; None for nothing."""
        left = draw * sum(weights)
        for option, weight in zip(self.options, weights, strict=True):
            left -= weight
            if left < 0.0:
                return option.instrument
        return self.options[-1].instrument


def influences_of(a: OrderedChoice, b: OrderedChoice, draw: float) -> list[Influence]:
    """Return what each thing that differs does alone, changed in `a` to what it is in `b`."""
    influences = []
    for name in (*TERM_NAMES, INERTIA):
        shift = [_shift(name, option, b.option(option.instrument)) for option in a.options]
        if any(shift):
            influences.append(_shifted(name, a, draw, shift))
    if a.temperature != b.temperature:
        shift = [option.utility * (a.temperature / b.temperature - 1.0) for option in a.options]
        influences.append(_shifted(TEMPERATURE, a, draw, shift))
    if {option.instrument for option in a.options} != {option.instrument for option in b.options}:
        influences.append(_other_options(a, b, draw))
    return influences


def _shift(name: str, left: WeighedOption, right: WeighedOption | None) -> float:
    if right is None or (left.instrument is None) != (name == INERTIA):
        return 0.0
    if name == INERTIA:
        return right.utility - left.utility
    return right.terms.get(name, 0.0) - left.terms.get(name, 0.0)


def _shifted(name: str, a: OrderedChoice, draw: float, shift: Sequence[float]) -> Influence:
    """Return what a shift of the utilities does: odds grow by exp(shift / temperature)."""
    most = max(shift)
    odds = [
        option.probability * math.exp((by - most) / a.temperature)
        for option, by in zip(a.options, shift, strict=True)
    ]
    whole = sum(odds)
    moved = sum(
        abs(weight / whole - option.probability) for weight, option in zip(odds, a.options, strict=True)
    )
    return Influence(name=name, moved=min(1.0, moved / 2), picked=a.picked(draw, odds))


def _other_options(a: OrderedChoice, b: OrderedChoice, draw: float) -> Influence:
    """Return what it does to choose among the options of `b`: those of `a` keep their odds to one another."""
    common = [(option, other) for option in a.options if (other := b.option(option.instrument))]
    before = sum(option.probability for option, _ in common)
    after = sum(other.probability for _, other in common)
    odds, still = [], 0.0
    for option in b.options:
        left = a.option(option.instrument)
        odds.append(left.probability / before * after if left and before else option.probability)
        still += min(odds[-1], left.probability) if left else 0.0
    return Influence(name=OPTIONS, moved=max(0.0, 1.0 - still), picked=b.picked(draw, odds))
