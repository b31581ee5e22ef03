"""What is measured of a replication: one table of all outcomes, and its expansion for a scenario.

A new outcome is a line of `Measure` here and the rule that fills it in, in the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import product
from typing import Literal

from escalation.scenario.base import FAMILIES

Kind = Literal["count", "level", "probability", "date", "rank"]


class Measure(IntEnum):
    """One group of outcomes; its number is its place in the outcome row.

    Written as name, kind, unit and label. In name and label, `{actor}`, `{target}`, `{family}`,
    `{instrument}` and `{date}` say what the group has one outcome for each of.
    """

    form: str
    kind: Kind
    unit: str
    words: str

    def __new__(cls, form: str, kind: Kind, unit: str, words: str) -> Measure:
        """Number the groups in the order in which they are written."""
        group = int.__new__(cls, len(cls.__members__))
        group._value_ = len(cls.__members__)
        group.form, group.kind, group.unit, group.words = form, kind, unit, words
        return group

    ACTS = "acts.{actor}", "count", "acts", "hostile acts by {actor}, excluding words and threats"
    FAMILY_ACTS = "acts.{actor}.{family}", "count", "acts", "acts by {actor}, {family}"
    DAYS = "package_days.{actor}", "count", "days", "days with a hostile package by {actor}"
    FAMILY_DAYS = "package_days.{actor}.{family}", "count", "days", "package days by {actor}, {family}"
    LISTED = "names_listed.{actor}", "level", "names", "names listed by {actor}"
    PEAK_RUNG = "peak_rung.{actor}.{target}", "rank", "rung", "highest rung reached, {actor} towards {target}"
    FIRST = "first.{actor}.{instrument}", "date", "days", "first use by {actor}: {instrument}"
    TENSION = "tension.{date}", "level", "grievance", "tension on {date}"
    PRESSURE = "pressure.{actor}.{date}", "level", "harm", "pressure on {actor} on {date}"
    END_TENSION = "tension.end", "level", "grievance", "tension at the end"
    PEAK_TENSION = "tension.peak", "level", "grievance", "highest tension"
    END_PRESSURE = "pressure.{actor}.end", "level", "harm", "pressure on {actor} at the end"
    MEAN_PRESSURE = "pressure.{actor}.mean", "level", "harm", "mean pressure on {actor}"
    COST = "cost.{actor}", "level", "cost years", "cost of its own measures to {actor}"
    RELATION = (
        "relation.{actor}.{target}", "rank", "relation",
        "diplomatic relation at the end, {actor} towards {target}",
    )  # fmt: skip
    CONCESSION = "concession.{actor}", "probability", "", "a concession by {actor}"
    FIRST_CONCESSION = "first_concession.{actor}", "date", "days", "first concession by {actor}"
    RUNAWAY = "runaway", "probability", "", "a runaway of tension"
    TRUNCATED = "truncated", "probability", "", "cut off at a limit"
    BROKEN_WORD = "broken_word.{actor}", "level", "audience cost", "cost of broken promises to {actor}"


SPANS = ("date", "actor", "target", "family", "instrument")
"""What a group may have one outcome for each of; in the row, the first of them changes slowest."""
KINDS: Mapping[str, Kind] = {group.form.split(".")[0]: group.kind for group in Measure}
"""The kind of each outcome by the word that its name begins with."""


@dataclass(frozen=True)
class Outcome:
    """One column of the outcome row.

    `kind` is `count`, `level`, `probability` (0 or 1 in a replication), `date` (days from the start; NaN
    when it never happened) or `rank` (a place on an ordered scale). `measure` is what it measures, by the
    name of its `Measure` in lower case; `actor`, `target`, `instrument`, `family` and `date` (ISO) are what
    it measures that of, empty where its measure has none.
    """

    name: str
    kind: str
    unit: str
    label: str
    measure: str = ""
    actor: str = ""
    target: str = ""
    instrument: str = ""
    family: str = ""
    date: str = ""


@dataclass(frozen=True)
class Subjects:
    """What the outcomes of one scenario are of: names with their labels, first uses, and dates of record.

    `actors` and `instruments` have (name, label), `first_use` (actor, instrument), `dates` are in ISO form.
    """

    actors: tuple[tuple[str, str], ...]
    instruments: tuple[tuple[str, str], ...]
    first_use: tuple[tuple[str, str], ...] = ()
    dates: tuple[str, ...] = ()

    @lru_cache(maxsize=32)  # noqa: B019 - it holds names alone; a scenario changed by one number asks again
    def outcomes(self) -> tuple[tuple[Outcome, ...], ...]:
        """Return the outcomes group by group, in the order of the row."""
        return tuple(tuple(self._outcome(group, parts) for parts in self._parts(group)) for group in Measure)

    def _parts(self, group: Measure) -> Iterator[dict[str, str]]:
        if group is Measure.FIRST:
            return ({"actor": actor, "instrument": instrument} for actor, instrument in self.first_use)
        actors = [name for name, _ in self.actors]
        each: dict[str, Iterable[str]] = {
            "date": self.dates, "actor": actors, "target": actors, "family": FAMILIES
        }  # fmt: skip
        spans = [span for span in SPANS if f"{{{span}}}" in group.form]
        return (dict(zip(spans, parts, strict=True)) for parts in product(*(each[span] for span in spans)))

    def _outcome(self, group: Measure, parts: dict[str, str]) -> Outcome:
        actors = dict(self.actors)
        labels = {"actor": actors, "target": actors, "instrument": dict(self.instruments)}
        shown = {span: labels.get(span, {}).get(name, name) for span, name in parts.items()}
        name, label = group.form.format(**parts), group.words.format(**shown)
        return Outcome(name, group.kind, group.unit, label, group.name.lower(), **parts)


def kind_of(name: str) -> Kind:
    """Return how an outcome of this name is measured: `probability`, `date`, `count`, `rank` or `level`."""
    return KINDS.get(name.split(".", maxsplit=1)[0], "level")
