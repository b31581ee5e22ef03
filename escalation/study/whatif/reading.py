"""Reading an intervention: `first eu head_of_state_listing`, `2020-11-01 eu people_listing belarus`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from escalation.errors import InputError
from escalation.model.intervene import Forced
from escalation.model.strike import ANY, EVERY, Strike
from escalation.model.tables import NOTHING
from escalation.model.world import World
from escalation.scenario.base import FAMILIES
from escalation.scenario.document import Scenario
from escalation.study.whatif.names import choice, named, near

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
TOO_LARGE = 1_000_000
PATTERN = "[first|second|3rd|…|every] ACTOR [INSTRUMENT|FAMILY|hostile] [TARGET]"
FORCE = "DATE ACTOR INSTRUMENT TARGET [SIZE]"


class Reader:
    """The words of one pattern, read one after the other; `option` is where it was given."""

    def __init__(self, text: str, scenario: Scenario, world: World, option: str):
        self.text, self.scenario, self.world, self.option = text, scenario, world, option
        self.words = [word for word in named(text, _labels(scenario)).split() if word not in FILLING]

    def wrong(self, word: str, what: str, allowed: str, known: Sequence[str] = ()) -> InputError:
        """Return the error that one word is not what it should be."""
        hint = f" (did you mean {some[0]}?)" if (some := near(word, known)) else ""
        where = f"{self.option} {self.text!r}: " + (f"{word}: " if word else "")
        return InputError(f"{where}{what}; {allowed}{hint}")

    def index(self, word: str, what: str, known: Sequence[str], other: Sequence[str] = ()) -> int:
        """Return the place of a word among the names known; `other` words it may have meant as well."""
        if word not in known:
            raise self.wrong(word, f"is no {what}", choice(word, known, f"{what}s"), (*known, *other))
        return known.index(word)

    def strike(self) -> Strike:
        """Return the strike that a pattern says."""
        count = len(self.words)
        ordinal = self._ordinal()
        ordered = len(self.words) < count
        names = self.world.names
        if not self.words:
            raise self.wrong("", "names no actor", f"write {PATTERN}")
        word = self.words.pop(0)
        ordinals = () if ordered else (*ORDINALS, *ALL)
        actor = ANY if word == ANYBODY else self.index(word, "actor", (*names.actors, ANYBODY), ordinals)
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
        mine = can(self.world, actor, range(len(names.actors)) if target == ANY else (target,))
        if instrument not in mine:
            word, who = names.instruments[instrument], names.actors[actor]
            against = "" if target == ANY else f" against {names.actors[target]}"
            known = [names.instruments[k] for k in mine]
            allowed = choice(word, known, "instruments").replace("allowed are", "it has", 1)
            raise self.wrong(word, f"{who} has no such instrument{against}", allowed, known)

    def forced(self) -> Forced:
        """Return the forced act that the words say."""
        names = self.world.names
        if len(self.words) not in (4, 5):
            raise self.wrong("", f"has {len(self.words)} words", f"write {FORCE}")
        actor = self.index(self.words[1], "actor", names.actors)
        k = self.index(self.words[2], "instrument", names.instruments)
        target = self.index(self.words[3], "actor", names.actors)
        if actor == target:
            raise self.wrong(self.words[3], "acts against itself", "name another target")
        return Forced(self._day(), actor, target, k, self._size(k))

    def _day(self) -> int:
        word, scenario = self.words[0], self.scenario
        try:
            day = date.fromisoformat(word)
        except ValueError as error:
            raise self.wrong(word, "is not a date", "write year-month-day, such as 2020-11-01") from error
        if not scenario.takeover <= day < scenario.end:
            span = f"allowed is {scenario.takeover} to the day before {scenario.end}"
            raise self.wrong(word, "lies outside the simulated time", span)
        return (day - scenario.start).days

    def _size(self, k: int) -> float:
        size = self.scenario.instruments[self.world.names.instruments[k]].size
        if len(self.words) < 5:
            return size.median.nominal if size else 0.0
        word = self.words[4]
        if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", word) or not 0 < float(word) < TOO_LARGE:
            raise self.wrong(word, "is not a size", f"write a number above 0 and below {TOO_LARGE:,}")
        if size is None:
            raise self.wrong(word, f"{self.words[2]} has no size", f"write {FORCE} without SIZE")
        return float(word)


def _labels(scenario: Scenario) -> dict[str, str]:
    """Return the name that each label stands for: `European Union` for eu."""
    actors = {actor.name: name for name, actor in scenario.actors.items()}
    return {one.label: name for name, one in scenario.instruments.items()} | actors


def can(world: World, actor: int, targets: Iterable[int]) -> list[int]:
    """Return the instruments that an actor can ever use against any of some targets, ascending."""
    tables, found = world.tables, set[int]()
    for target in targets:
        dyad = actor * tables.actors + target
        found |= {int(k) for k in tables.option[tables.option_start[dyad] : tables.option_start[dyad + 1]]}
    return sorted(found - {NOTHING})
