"""Two choices that one draw made: what differs between them, and what each difference does alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from escalation.model.draws import CHOICE, mix, uniform
from escalation.model.tables import TERM_NAMES
from escalation.model.world import World
from escalation.study.story.story import Choice, Decision, Option, Story

INERTIA, TEMPERATURE, OPTIONS = "inertia", "temperature", "options"
"""What else than a term of the utility can make a choice differ."""


@dataclass(frozen=True)
class Weight:
    """One thing that differs between two choices, and what it does alone.

    `name` is a term of the utility, or `inertia`, `temperature` or `options` (what could be done at all).
    `moved` is the probability that changes hands (the total variation distance, 0 to 1) when it alone is
    changed in the first choice to what it is in the second; `picked` is what the draw falls on then, None for
    nothing.
    """

    name: str
    moved: float
    picked: str | None


def draw_of(world: World, story: Story, decision: Decision, item: int) -> float:
    """Return the uniform in [0, 1) that made a choice: the one of its dyad, day and place in the package."""
    names, day = world.names, math.floor(decision.time)
    ij = names.actors.index(decision.actor) * len(names.actors) + names.actors.index(decision.about)
    earlier = sum(
        (one.actor, one.about, math.floor(one.time)) == (decision.actor, decision.about, day)
        and one.mood is not None
        for one in story.decisions[: story.decisions.index(decision)]
    )
    seed = story.source.seed
    stream = [seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF, story.source.replication]
    key = mix(mix(int(world.tables.dyad_key[ij]), day), earlier)
    return uniform(stream, CHOICE, item, key)


@dataclass(frozen=True)
class Weighed:
    """The options of one choice in the order in which a draw meets them."""

    options: tuple[Option, ...]
    temperature: float

    @classmethod
    def of(cls, decision: Decision, item: int, order: Mapping[str, int]) -> Weighed:
        """Return one choice of a decision: easing by severity, nothing, hostile by severity."""
        choice, mood = decision.choices[item], decision.mood
        assert mood

        def place(option: Option) -> tuple[int, int]:
            if option.instrument is None:
                return (1, 0)
            return (2 if option.hostile else 0, order.get(option.instrument, len(order)))

        return cls(tuple(sorted((choice.picked, *choice.others), key=place)), mood.temperature)

    def of_name(self, name: str | None) -> Option | None:
        """Return an option by its instrument."""
        return next((option for option in self.options if option.instrument == name), None)


def picked_by(draw: float, options: Sequence[Option], odds: Sequence[float]) -> str | None:
    """Return the instrument on which a draw falls, among options in order of severity; None for nothing."""
    left = draw * sum(odds)
    for option, share in zip(options, odds, strict=True):
        left -= share
        if left < 0.0:
            return option.instrument
    return options[-1].instrument


def options_in_order(choice: Choice, order: Mapping[str, int], decision: Decision) -> tuple[Option, ...]:
    """Return the options of a choice in the order in which a draw meets them."""
    return Weighed.of(decision, decision.choices.index(choice), order).options


def weights_of(a: Weighed, b: Weighed, draw: float) -> list[Weight]:
    """Return what each thing that differs does alone, changed in `a` to what it is in `b`."""
    found = []
    for name in (*TERM_NAMES, INERTIA):
        shift = [_change(name, option, b.of_name(option.instrument)) for option in a.options]
        if any(shift):
            found.append(_alone(name, a, draw, shift))
    if a.temperature != b.temperature:
        shift = [option.utility * (a.temperature / b.temperature - 1.0) for option in a.options]
        found.append(_alone(TEMPERATURE, a, draw, shift))
    if {option.instrument for option in a.options} != {option.instrument for option in b.options}:
        found.append(_other_options(a, b, draw))
    return found


def _change(name: str, mine: Option, theirs: Option | None) -> float:
    if theirs is None or (mine.instrument is None) != (name == INERTIA):
        return 0.0
    if name == INERTIA:
        return theirs.utility - mine.utility
    return theirs.terms.get(name, 0.0) - mine.terms.get(name, 0.0)


def _alone(name: str, a: Weighed, draw: float, shift: Sequence[float]) -> Weight:
    """Return what a shift of the utilities does: odds grow by exp(shift / temperature)."""
    most = max(shift)
    odds = [
        option.probability * math.exp((by - most) / a.temperature)
        for option, by in zip(a.options, shift, strict=True)
    ]
    whole = sum(odds)
    moved = sum(
        abs(share / whole - option.probability) for share, option in zip(odds, a.options, strict=True)
    )
    return Weight(name, moved / 2, picked_by(draw, a.options, odds))


def _other_options(a: Weighed, b: Weighed, draw: float) -> Weight:
    """Return what it does to choose among the options of `b`: those of `a` keep their odds to one another."""
    common = [option for option in a.options if b.of_name(option.instrument)]
    kept = sum(option.probability for option in common)
    theirs = sum(other.probability for option in common if (other := b.of_name(option.instrument)))
    odds = []
    for option in b.options:
        mine = a.of_name(option.instrument)
        odds.append(mine.probability / kept * theirs if mine and kept else option.probability)
    moved = 1.0 - sum(
        min(share, mine.probability)
        for option, share in zip(b.options, odds, strict=True)
        if (mine := a.of_name(option.instrument))
    )
    return Weight(OPTIONS, max(0.0, moved), picked_by(draw, b.options, odds))
