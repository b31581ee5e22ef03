"""Interventions in words: `first eu head_of_state_listing`, `2020-11-01 eu people_listing belarus`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from escalation.errors import InputError, nearest
from escalation.model.intervene import Forced, intervened
from escalation.model.strike import ANY, EVERY, Strike
from escalation.model.tables import NOTHING
from escalation.model.world import World
from escalation.scenario.base import FAMILIES
from escalation.scenario.document import Scenario
from escalation.study.story.story import SIMULATED, Story

ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
)  # fmt: skip
ALL = ("every", "all")
ANYBODY = "any"
HOSTILE = "hostile"
"""Stands for every hostile act other than words and threats."""
FILLING = frozenset(("the", "a", "an", "by", "of", "act", "acts", "against", "towards", "to", "on"))
"""Words of a pattern that mean nothing."""
NUMBERED = re.compile(r"([1-9][0-9]{0,5})(st|nd|rd|th)")
ROW = re.compile(r"[0-9]{1,7}")
PATTERN = "[first|second|3rd|…|every] ACTOR [INSTRUMENT|FAMILY|hostile] [TARGET]"
FORCE = "DATE ACTOR INSTRUMENT TARGET [SIZE]"


@dataclass(frozen=True)
class Intervention:
    """Acts that do not take place, and acts that take place whatever anybody decides; `words` say which."""

    strikes: tuple[Strike, ...] = ()
    forced: tuple[Forced, ...] = ()
    words: tuple[str, ...] = ()

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
        _row(text, world, story) if ROW.fullmatch(text.strip()) else _Reader(text, world, "without").strike()
        for text in without
    )
    forced = tuple(_Reader(text, world, "force").forced(scenario) for text in force)
    said = [_said(strike, world) for strike in strikes]
    return Intervention(strikes, forced, (*said, *(_put(act, world) for act in forced)))


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


class _Reader:
    """The words of one pattern, read one after the other; `option` is where it was given."""

    def __init__(self, text: str, world: World, option: str):
        self.text, self.world, self.option = text, world, option
        self.words = [word for word in text.lower().split() if word not in FILLING]

    def wrong(self, word: str, what: str, allowed: str, known: Sequence[str] = ()) -> InputError:
        """Return the error that one word is not what it should be."""
        near = nearest(word, known)
        hint = f" (did you mean {near}?)" if near else ""
        where = f"{self.option} {self.text!r}: " + (f"{word}: " if word else "")
        return InputError(f"{where}{what}; {allowed}{hint}")

    def index(self, word: str, what: str, known: Sequence[str]) -> int:
        """Return the place of a word among the names known."""
        if word not in known:
            raise self.wrong(word, f"is no {what}", f"allowed are {_listed(known)}", known)
        return known.index(word)

    def strike(self) -> Strike:
        """Return the strike that a pattern says."""
        ordinal = self._ordinal()
        names = self.world.names
        if not self.words:
            raise self.wrong("", "names no actor", f"write {PATTERN}")
        word = self.words.pop(0)
        actor = ANY if word == ANYBODY else self.index(word, "actor", (*names.actors, ANYBODY))
        instrument, family = self._what()
        target = self.index(self.words.pop(0), "actor", names.actors) if self.words else ANY
        if self.words:
            raise self.wrong(self.words[0], "is one word too many", f"write {PATTERN}")
        self._within_reach(actor, instrument, target)
        return Strike(ordinal, actor, target, instrument, family)

    def _ordinal(self) -> int:
        word = self.words[0] if self.words else ""
        numbered = NUMBERED.fullmatch(word)
        if word == "last":
            raise self.wrong(
                word,
                "which one is the last is not known before the end",
                f"allowed are {', '.join(ORDINALS[:3])}, 4th and so on, every",
            )
        if not (numbered or word in ORDINALS or word in ALL):
            return EVERY
        self.words.pop(0)
        if word in ALL:
            return EVERY
        return int(numbered[1]) if numbered else ORDINALS.index(word) + 1

    def _what(self) -> tuple[int, int]:
        """Return the instrument and the family, ANY where the pattern does not say."""
        names = self.world.names
        if not self.words or self.words[0] in names.actors:
            return ANY, ANY
        word = self.words.pop(0)
        families = (*FAMILIES, HOSTILE)
        if word in families:
            return ANY, families.index(word)
        if word not in names.instruments:
            known = (*names.instruments, *families, *names.actors)
            allowed = f"allowed are an instrument, a family ({', '.join(FAMILIES)}), {HOSTILE}, or a target"
            raise self.wrong(word, "is none of the scenario's instruments", allowed, known)
        return names.instruments.index(word), ANY

    def _within_reach(self, actor: int, instrument: int, target: int) -> None:
        """Raise InputError where this actor never has this instrument, against this target or at all."""
        names = self.world.names
        if ANY in (actor, instrument):
            return
        mine = _can(self.world, actor, range(len(names.actors)) if target == ANY else (target,))
        if instrument not in mine:
            word, who = names.instruments[instrument], names.actors[actor]
            against = "" if target == ANY else f" against {names.actors[target]}"
            known = [names.instruments[k] for k in mine]
            allowed = f"it has {_listed(known)}"
            raise self.wrong(word, f"{who} has no such instrument{against}", allowed, known)

    def forced(self, scenario: Scenario) -> Forced:
        """Return the forced act that the words say."""
        names = self.world.names
        if len(self.words) not in (4, 5):
            raise self.wrong("", f"has {len(self.words)} words", f"write {FORCE}")
        actor = self.index(self.words[1], "actor", names.actors)
        k = self.index(self.words[2], "instrument", names.instruments)
        target = self.index(self.words[3], "actor", names.actors)
        if actor == target:
            raise self.wrong(self.words[3], "acts against itself", "name another target")
        return Forced(self._day(scenario), actor, target, k, self._size(scenario, k))

    def _day(self, scenario: Scenario) -> int:
        word = self.words[0]
        try:
            day = date.fromisoformat(word)
        except ValueError as error:
            raise self.wrong(word, "is not a date", "write year-month-day, such as 2020-11-01") from error
        if not scenario.takeover <= day < scenario.end:
            span = f"allowed is {scenario.takeover} to the day before {scenario.end}"
            raise self.wrong(word, "lies outside the simulated time", span)
        return (day - scenario.start).days

    def _size(self, scenario: Scenario, k: int) -> float:
        size = scenario.instruments[self.world.names.instruments[k]].size
        if len(self.words) < 5:
            return size.median.nominal if size else 0.0
        word = self.words[4]
        if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", word) or not 0 < float(word) < 1e6:
            raise self.wrong(word, "is not a size", "write a number above 0")
        if size is None:
            raise self.wrong(word, f"{self.words[2]} has no size", f"write {FORCE} without SIZE")
        return float(word)


def _can(world: World, actor: int, targets: Iterable[int]) -> list[int]:
    """Return the instruments that an actor can ever use against any of some targets, ascending."""
    tables, found = world.tables, set[int]()
    for target in targets:
        dyad = actor * tables.actors + target
        found |= {int(k) for k in tables.option[tables.option_start[dyad] : tables.option_start[dyad + 1]]}
    return sorted(found - {NOTHING})


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


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
