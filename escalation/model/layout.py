"""The outcome row: which column measures what, and where each group of columns begins."""

from __future__ import annotations

from typing import Any

import numpy as np

from escalation.model.measure import (
    AT_ACTS,
    AT_AUDIENCE,
    AT_CONCESSION,
    AT_COST,
    AT_DAYS,
    AT_END_PRESSURE,
    AT_END_TENSION,
    AT_FAMILY_ACTS,
    AT_FAMILY_DAYS,
    AT_FIRST,
    AT_FIRST_CONCESSION,
    AT_LISTED,
    AT_MEAN_PRESSURE,
    AT_PEAK,
    AT_PEAK_TENSION,
    AT_PRESSURE,
    AT_RELATION,
    AT_RUNAWAY,
    AT_TENSION,
    AT_TRUNCATED,
)
from escalation.model.world import Outcome
from escalation.scenario.base import FAMILIES
from escalation.scenario.document import Scenario


def lay_out(
    scenario: Scenario, actors: tuple[str, ...], instruments: tuple[str, ...]
) -> tuple[dict[str, Any], tuple[Outcome, ...]]:
    """Return the measuring fields of `Tables` and the description of every outcome, in the row's order."""
    groups = _Groups(scenario, actors)
    ordered = [groups.all[group] for group in sorted(groups.all)]
    first_use = np.full(len(actors) * len(instruments), -1, np.int64)
    for place, (actor, instrument) in enumerate(groups.firsts):
        first_use[actors.index(actor) * len(instruments) + instruments.index(instrument)] = place
    fields = {
        "measure_time": np.array([(day - scenario.start).days for day in groups.dates], float),
        "at": np.cumsum([0, *map(len, ordered)], dtype=np.int64),
        "first_use": first_use,
        "outcomes": sum(map(len, ordered)),
    }
    return fields, tuple(outcome for group in ordered for outcome in group)


class _Groups:
    """The groups of outcomes of one scenario; `all` has each by its number."""

    def __init__(self, scenario: Scenario, actors: tuple[str, ...]):
        self.scenario, self.actors = scenario, actors
        self.label = {name: scenario.actors[name].name for name in actors}
        first_use = scenario.outcomes.first_use
        self.firsts = [(actor, instrument) for actor in actors for instrument in first_use.get(actor, ())]
        self.dates = sorted(set(scenario.outcomes.tension_at))
        self.all = self._counts() | self._levels() | self._events()

    def each(self, name: str, kind: str, unit: str, words: str) -> list[Outcome]:
        """Return one outcome per actor; `{}` is the actor in the name, its label in the words."""
        return [Outcome(name.format(a), kind, unit, words.format(self.label[a])) for a in self.actors]

    def by_family(self, name: str, unit: str, words: str) -> list[Outcome]:
        """Return one count per actor and family."""
        return [
            Outcome(f"{name}.{a}.{family}", "count", unit, f"{words} by {self.label[a]}, {family}")
            for a in self.actors
            for family in FAMILIES
        ]

    def by_pair(self, name: str, unit: str, words: str) -> list[Outcome]:
        """Return one rank per directed dyad."""
        return [
            Outcome(f"{name}.{i}.{j}", "rank", unit, f"{words}, {self.label[i]} towards {self.label[j]}")
            for i in self.actors
            for j in self.actors
        ]

    def _counts(self) -> dict[int, list[Outcome]]:
        return {
            AT_ACTS: self.each("acts.{}", "count", "acts", "hostile acts by {}, words and threats apart"),
            AT_FAMILY_ACTS: self.by_family("acts", "acts", "acts"),
            AT_DAYS: self.each("package_days.{}", "count", "days", "days with a hostile package by {}"),
            AT_FAMILY_DAYS: self.by_family("package_days", "days", "package days"),
            AT_LISTED: self.each("names_listed.{}", "level", "names", "names listed by {}"),
            AT_PEAK: self.by_pair("peak_rung", "rung", "highest rung reached"),
        }

    def _levels(self) -> dict[int, list[Outcome]]:
        return {
            AT_TENSION: [
                Outcome(f"tension.{day}", "level", "grievance", f"tension on {day}") for day in self.dates
            ],
            AT_PRESSURE: [
                Outcome(f"pressure.{a}.{day}", "level", "harm", f"pressure on {self.label[a]} on {day}")
                for day in self.dates
                for a in self.actors
            ],
            AT_END_TENSION: [Outcome("tension.end", "level", "grievance", "tension at the end")],
            AT_PEAK_TENSION: [Outcome("tension.peak", "level", "grievance", "highest tension")],
            AT_END_PRESSURE: self.each("pressure.{}.end", "level", "harm", "pressure on {} at the end"),
            AT_MEAN_PRESSURE: self.each("pressure.{}.mean", "level", "harm", "mean pressure on {}"),
            AT_COST: self.each("cost.{}", "level", "cost years", "cost of its own measures to {}"),
            AT_AUDIENCE: self.each(
                "broken_word.{}", "level", "audience cost", "cost of broken promises to {}"
            ),
        }

    def _events(self) -> dict[int, list[Outcome]]:
        instruments = self.scenario.instruments
        return {
            AT_FIRST: [
                Outcome(
                    f"first.{actor}.{instrument}",
                    "date",
                    "days",
                    f"first use by {self.label[actor]}: {instruments[instrument].label}",
                )
                for actor, instrument in self.firsts
            ],
            AT_RELATION: self.by_pair("relation", "relation", "diplomatic relation at the end"),
            AT_CONCESSION: self.each("concession.{}", "probability", "", "a concession by {}"),
            AT_FIRST_CONCESSION: self.each("first_concession.{}", "date", "days", "first concession by {}"),
            AT_RUNAWAY: [Outcome("runaway", "probability", "", "a runaway of tension")],
            AT_TRUNCATED: [Outcome("truncated", "probability", "", "cut off at a limit")],
        }
