"""Interventions: what a user writes (`first eu hostile`, `2020-11-01 eu people_listing belarus`), as a part
of a result, and as what the model strikes out and forces."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date as Date
from difflib import get_close_matches
from operator import attrgetter

from escalation.errors import InputError
from escalation.model.intervene import ANY, EVERY, Forced, Strike, intervened
from escalation.model.tables import NOTHING
from escalation.model.world import World
from escalation.scenario.base import FAMILIES
from escalation.scenario.document import Scenario
from escalation.study.story.model import SHOCK, SIMULATED, Story
from escalation.study.values import ResultPart

ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
)  # fmt: skip
ALL = ("every", "all")
ANYBODY = "any"
HOSTILE = "hostile"
"""Stands for every hostile act, excluding words and threats."""
KINDS_OF_ACT = (*FAMILIES, HOSTILE)
FILLING = frozenset(("the", "a", "an", "by", "of", "act", "acts", "against", "towards", "to", "on"))
"""Words of a pattern that mean nothing."""
ROW, NUMBERED = re.compile(r"[0-9]{1,7}"), re.compile(r"([1-9][0-9]{0,5})(st|nd|rd|th)")
TOO_LARGE = 1_000_000
PATTERN = "[first|second|3rd|…|every] ACTOR [INSTRUMENT|FAMILY|hostile] [TARGET], or SHOCK"
FORCE = "DATE ACTOR INSTRUMENT TARGET [SIZE]"

FEW, NEAREST = 10, 5
"""Names up to this many are all listed as allowed; of more, so many are."""
ALIKE, LEAST = 0.7, 3
"""How alike a name must be to be suggested (`difflib`), and letters that part of one must have."""


class RemovedActs(ResultPart):
    """Acts that are decided, or shocks, and do not take place. None stands for any."""

    ordinal: int | None
    """Which of the acts that fit, from 1; None for every one."""
    actor: str | None
    """Who does it."""
    target: str | None
    """At whom it is aimed."""
    instrument: str | None
    """What is done."""
    family: str | None
    """The family of the instrument; `hostile` for hostile acts, excluding words and threats."""
    shock: str | None = None
    """The shock that does not come; None for acts."""


class ForcedAct(ResultPart):
    """An act that takes place whatever its actor decides."""

    day: Date
    """When."""
    actor: str
    """Who does it."""
    target: str
    """At whom it is aimed."""
    instrument: str
    """What is done."""
    size: float | None
    """How many names, people or firms; None for an instrument without a size."""
    usual: bool
    """Whether the scenario lets this actor do it to this target."""


class Intervention(ResultPart):
    """What is changed in the world."""

    without: tuple[RemovedActs, ...]
    """What is taken out."""
    force: tuple[ForcedAct, ...]
    """What is put in."""


@dataclass(frozen=True)
class Compiled:
    """An intervention with its indices in one world."""

    part: Intervention
    strikes: tuple[Strike, ...] = ()
    forced: tuple[Forced, ...] = ()

    def alter(self, world: World) -> World:
        """Return the world with this intervention."""
        return intervened(world, self.strikes, self.forced)


def compiled(
    scenario: Scenario, world: World, without: Sequence[str], force: Sequence[str], story: Story | None = None
) -> Compiled:
    """Return what `without` and `force` say of `scenario`, compiled to `world`.

    Each of `without` is a pattern, or the number of an act of `story`. Raises InputError where they say
    nothing at all, or something that this world has not.
    """
    if not without and not force:
        raise InputError(f"neither without nor force: give one, such as --without 'first eu {HOSTILE}'")
    strikes = tuple(
        _strike_of_row(text, world, story)
        if ROW.fullmatch(text.strip())
        else _Words(text, scenario, world, "without").strike()
        for text in without
    )
    forced = tuple(_Words(text, scenario, world, "force").forced() for text in force)
    part = Intervention(
        without=tuple(_removed(strike, world) for strike in strikes),
        force=tuple(_put_in(act, scenario, world) for act in forced),
    )
    return Compiled(part, strikes, forced)


def _strike_of_row(text: str, world: World, story: Story | None) -> Strike:
    """Return the strike of one act of a story: which of those just like it it was."""
    if story is None:
        raise InputError(
            f"without {text}: is an act of one replication: say which with --replication, or name acts by a"
            f" pattern: {PATTERN}"
        )
    row, takeover = int(text), story.scenario.simulate_from
    chosen = [act for act in story.acts if act.origin in (SIMULATED, SHOCK) and act.day >= takeover]
    act = next((act for act in chosen if act.row == row), None)
    if act is None:
        span = f"{chosen[0].row} to {chosen[-1].row}" if chosen else "none: nothing happened"
        what = f"is no act decided in this replication, and no shock of it; allowed are {span}"
        raise InputError(f"without {text}: {what} (`escalation explain` prints their numbers)")
    names, deed = world.names, attrgetter("origin", "actor", "target", "instrument")
    ordinal = sum(deed(other) == deed(act) for other in chosen if other.row <= row)
    if act.origin == SHOCK:
        return Strike(ordinal, shock=names.shocks.index(act.instrument))
    i, j = names.actors.index(act.actor), names.actors.index(str(act.target))
    return Strike(ordinal, i, j, names.instruments.index(act.instrument))


def _removed(strike: Strike, world: World) -> RemovedActs:
    def name(names: Sequence[str], index: int) -> str | None:
        return None if index == ANY else names[index]

    return RemovedActs(
        ordinal=None if strike.ordinal == EVERY else strike.ordinal,
        actor=name(world.names.actors, strike.actor),
        target=name(world.names.actors, strike.target),
        instrument=name(world.names.instruments, strike.instrument),
        family=name(KINDS_OF_ACT, strike.family),
        shock=name(world.names.shocks, strike.shock),
    )


def _put_in(act: Forced, scenario: Scenario, world: World) -> ForcedAct:
    names = world.names
    instrument = names.instruments[act.instrument]
    return ForcedAct(
        day=world.day(act.day),
        actor=names.actors[act.actor],
        target=names.actors[act.target],
        instrument=instrument,
        size=act.size if scenario.instruments[instrument].size else None,
        usual=act.instrument in options(world, act.actor, (act.target,)),
    )


def options(world: World, actor: int, targets: Iterable[int]) -> list[int]:
    """Return the instruments that an actor can ever use against any of some targets, ascending."""
    tables, usable = world.tables, set[int]()
    for target in targets:
        dyad = tables.dyad[actor * tables.actors + target]
        usable |= {int(k) for k in tables.option[dyad["option_from"] : dyad["option_to"]]}
    return sorted(usable - {NOTHING})


class _Words:
    """The words of one intervention, read one after the other; `option` is where it was written."""

    def __init__(self, text: str, scenario: Scenario, world: World, option: str):
        self.text, self.scenario, self.world, self.option = text, scenario, world, option
        self.words = [word for word in _with_names(text, scenario).split() if word not in FILLING]

    def wrong(self, word: str, what: str, allowed: str, known: Sequence[str] = ()) -> InputError:
        """Return the error that one word is not what it should be."""
        hint = f" (did you mean {names[0]}?)" if (names := _near(word, known)) else ""
        where = f"{self.option} {self.text!r}: " + (f"{word}: " if word else "")
        return InputError(f"{where}{what}; {allowed}{hint}")

    def index(self, word: str, what: str, known: Sequence[str], other: Sequence[str] = ()) -> int:
        """Return the place of a word among the names known; `other` words it may have meant as well."""
        if word not in known:
            raise self.wrong(word, f"is no {what}", _allowed(word, known, f"{what}s"), (*known, *other))
        return known.index(word)

    def strike(self) -> Strike:
        """Return the strike that a pattern says."""
        count = len(self.words)
        ordinal = self._ordinal()
        ordinals = () if len(self.words) < count else (*ORDINALS, *ALL)
        names = self.world.names
        if not self.words:
            raise self.wrong("", "names no actor", f"write {PATTERN}")
        word = self.words.pop(0)
        if word in names.shocks and word not in names.actors:
            return self._shock(word, ordinal)
        known = (*names.shocks, *ordinals)
        what = "actor or shock" if names.shocks else "actor"
        actor = ANY if word == ANYBODY else self.index(word, what, (*names.actors, ANYBODY), known)
        instrument, family = self._what()
        target = self.index(self.words.pop(0), "actor", names.actors) if self.words else ANY
        if self.words:
            raise self.wrong(self.words[0], "is one word too many", f"write {PATTERN}")
        self._require_usable(actor, instrument, target)
        return Strike(ordinal, actor, target, instrument, family)

    def _shock(self, name: str, ordinal: int) -> Strike:
        """Return the strike of a shock, which came after the takeover and is not followed by other words."""
        if self.words:
            raise self.wrong(
                self.words[0], "is one word too many", f"after a shock stands nothing: {PATTERN}"
            )
        day = self.scenario.shocks[name].date
        if day and day < self.scenario.takeover:
            known = f"what comes from {self.scenario.takeover} on can be taken out"
            raise self.wrong(name, f"came on {day} and is history", known)
        return Strike(ordinal, shock=self.world.names.shocks.index(name))

    def _ordinal(self) -> int:
        word = self.words[0] if self.words else ""
        numbered = NUMBERED.fullmatch(word)
        if word == "last":
            allowed = f"allowed are {', '.join(ORDINALS[:3])}, 4th and so on, every"
            raise self.wrong(word, "which one is the last is not known before the end", allowed)
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
        if word in KINDS_OF_ACT:
            return ANY, KINDS_OF_ACT.index(word)
        if word not in names.instruments:
            known = (*names.instruments, *KINDS_OF_ACT, *names.actors)
            allowed = f"allowed are an instrument, a family ({', '.join(FAMILIES)}), {HOSTILE}, or a target"
            raise self.wrong(word, "is none of the scenario's instruments", allowed, known)
        return names.instruments.index(word), ANY

    def _require_usable(self, actor: int, instrument: int, target: int) -> None:
        """Raise InputError where this actor never has this instrument, against this target or at all."""
        names = self.world.names
        if ANY in (actor, instrument):
            return
        usable = options(self.world, actor, range(len(names.actors)) if target == ANY else (target,))
        if instrument not in usable:
            word, who = names.instruments[instrument], names.actors[actor]
            against = "" if target == ANY else f" against {names.actors[target]}"
            known = [names.instruments[k] for k in usable]
            allowed = _allowed(word, known, "instruments", "it has")
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
            day = Date.fromisoformat(word)
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


def _with_names(text: str, scenario: Scenario) -> str:
    """Return a text in lower case with labels (`European Union`) replaced by names (`eu`), the longest first.

    Labels of one word are left alone where a name reads the same.
    """
    names = {instrument.label.lower(): name for name, instrument in scenario.instruments.items()}
    names |= {shock.label.lower(): name for name, shock in scenario.shocks.items()}
    names |= {actor.name.lower(): name for name, actor in scenario.actors.items()}
    text = " ".join(text.lower().split())
    for label in sorted(set(names) - set(names.values()), key=len, reverse=True):
        text = re.sub(rf"(?<![\w-]){re.escape(label)}(?![\w-])", names[label], text)
    return text


def _near(word: str, known: Sequence[str]) -> list[str]:
    """Return at most five names that `word` may have meant: those it is a part of, then those alike."""
    part = [name for name in known if len(word) >= LEAST and word in name]
    alike = get_close_matches(word, known, n=NEAREST, cutoff=ALIKE)
    return list(dict.fromkeys([*sorted(part, key=len), *alike]))[:NEAREST]


def _allowed(word: str, known: Sequence[str], what: str, are: str = "allowed are") -> str:
    """Return what is allowed instead of `word`, some `what`: all if they are few, else the nearest."""
    if len(known) <= FEW:
        return f"{are} {', '.join(known) or 'none'}"
    if names := _near(word, known):
        return f"of {len(known)} {what} the nearest: {', '.join(names)}"
    return f"{are} {len(known)} {what}, such as {', '.join(known[:NEAREST])}"
