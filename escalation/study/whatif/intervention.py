"""Interventions in words: `first eu head_of_state_listing`, `2020-11-01 eu people_listing belarus`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from escalation.errors import InputError
from escalation.model.intervene import Forced, intervened
from escalation.model.strike import ANY, EVERY, Strike
from escalation.model.world import World
from escalation.scenario.base import FAMILIES
from escalation.scenario.document import Scenario
from escalation.study.story.story import SIMULATED, Story
from escalation.study.whatif.reading import HOSTILE, ORDINALS, PATTERN, Reader, can

ROW = re.compile(r"[0-9]{1,7}")


@dataclass(frozen=True)
class Intervention:
    """Acts that do not take place, and acts that take place whatever anybody decides; `words` say which.

    `remarks` say which of these the scenario does not let their actor do.
    """

    strikes: tuple[Strike, ...] = ()
    forced: tuple[Forced, ...] = ()
    words: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def alter(self, world: World) -> World:
        """Return the world with this intervention."""
        return intervened(world, self.strikes, self.forced)


def intervention(
    scenario: Scenario, world: World, without: Sequence[str], force: Sequence[str], story: Story | None = None
) -> Intervention:
    """Return what `without` and `force` say of `scenario`, compiled to `world`.

    Each of `without` is a pattern, or the number of an act of `story`. Raises InputError where they say
    nothing at all, or something that this world has not.
    """
    if not without and not force:
        raise InputError(f"neither without nor force: give one, such as --without 'first eu {HOSTILE}'")
    strikes = tuple(
        _row(text, world, story)
        if ROW.fullmatch(text.strip())
        else Reader(text, scenario, world, "without").strike()
        for text in without
    )
    forced = tuple(Reader(text, scenario, world, "force").forced() for text in force)
    said = [_said(strike, world) for strike in strikes]
    words = (*said, *(_put(act, world) for act in forced))
    return Intervention(strikes, forced, words, tuple(dict.fromkeys(_unusual(forced, world))))


def _unusual(forced: Sequence[Forced], world: World) -> Iterator[str]:
    """Yield what is put in though its actor never has this instrument against this target."""
    names = world.names
    for act in forced:
        if act.instrument not in can(world, act.actor, (act.target,)):
            who, whom = names.actors[act.actor], names.actors[act.target]
            what = names.instruments[act.instrument]
            yield f"in this scenario {who} has no {what} against {whom}; it is put in all the same"


def _row(text: str, world: World, story: Story | None) -> Strike:
    """Return the strike of one act of a story: which of those just like it it was."""
    if story is None:
        raise InputError(
            f"without {text}: is an act of one replication: say which with --replication, or name acts by a"
            f" pattern: {PATTERN}"
        )
    row = int(text)
    if row >= len(story.acts) or story.acts[row].origin != SIMULATED:
        mine = [act.row for act in story.simulated]
        span = f"{mine[0]} to {mine[-1]}, shocks apart" if mine else "none: nobody did anything"
        what = f"is no act decided in this replication; allowed are {span}"
        raise InputError(f"without {text}: {what} (`escalation explain` prints their numbers)")
    act, names = story.acts[row], world.names
    alike = [
        one
        for one in story.simulated[: row + 1]
        if (one.actor, one.target, one.instrument) == (act.actor, act.target, act.instrument)
        and one.row <= row
    ]
    return Strike(
        len(alike),
        names.actors.index(act.actor),
        names.actors.index(str(act.target)),
        names.instruments.index(act.instrument),
    )


def _said(strike: Strike, world: World) -> str:
    """Return a strike in words: `without the first head_of_state_listing by eu against belarus`."""
    names, families = world.names, (*FAMILIES, HOSTILE)
    what = "act"
    if strike.instrument != ANY:
        what = names.instruments[strike.instrument]
    elif strike.family != ANY:
        what = f"{families[strike.family]} act"
    who = f" by {names.actors[strike.actor]}" if strike.actor != ANY else ""
    whom = f" against {names.actors[strike.target]}" if strike.target != ANY else ""
    which = "any" if strike.ordinal == EVERY else f"the {_nth(strike.ordinal)}"
    return f"without {which} {what}{who}{whom}"


def _nth(ordinal: int) -> str:
    if ordinal <= len(ORDINALS):
        return ORDINALS[ordinal - 1]
    ending = "th" if ordinal % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(ordinal % 10, "th")
    return f"{ordinal}{ending}"


def _put(act: Forced, world: World) -> str:
    names = world.names
    who, what, whom = names.actors[act.actor], names.instruments[act.instrument], names.actors[act.target]
    return f"with {what} by {who} against {whom} on {world.day(act.day)}"
