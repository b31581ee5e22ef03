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
    label = {name: scenario.actors[name].name for name in actors}
    firsts = [
        (actor, instrument) for actor in actors for instrument in scenario.outcomes.first_use.get(actor, ())
    ]
    dates = sorted(set(scenario.outcomes.tension_at))
    pairs = [(i, j) for i in actors for j in actors]

    def each(prefix: str, kind: str, unit: str, words: str) -> list[Outcome]:
        return [Outcome(prefix.format(a), kind, unit, words.format(label[a])) for a in actors]

    def by_family(prefix: str, unit: str, words: str) -> list[Outcome]:
        return [
            Outcome(f"{prefix}.{a}.{family}", "count", unit, f"{words} by {label[a]}, {family}")
            for a in actors
            for family in FAMILIES
        ]

    def by_pair(prefix: str, unit: str, words: str) -> list[Outcome]:
        return [
            Outcome(f"{prefix}.{i}.{j}", "rank", unit, f"{words}, {label[i]} towards {label[j]}")
            for i, j in pairs
        ]

    groups: dict[int, list[Outcome]] = {
        AT_ACTS: each("acts.{}", "count", "acts", "hostile acts by {}, words and threats apart"),
        AT_FAMILY_ACTS: by_family("acts", "acts", "acts"),
        AT_DAYS: each("package_days.{}", "count", "days", "days with a hostile package by {}"),
        AT_FAMILY_DAYS: by_family("package_days", "days", "package days"),
        AT_LISTED: each("names_listed.{}", "level", "names", "names listed by {}"),
        AT_PEAK: by_pair("peak_rung", "rung", "highest rung reached"),
        AT_FIRST: [
            Outcome(
                f"first.{actor}.{instrument}",
                "date",
                "days",
                f"first use by {label[actor]}: {scenario.instruments[instrument].label}",
            )
            for actor, instrument in firsts
        ],
        AT_TENSION: [Outcome(f"tension.{day}", "level", "grievance", f"tension on {day}") for day in dates],
        AT_PRESSURE: [
            Outcome(f"pressure.{a}.{day}", "level", "harm", f"pressure on {label[a]} on {day}")
            for day in dates
            for a in actors
        ],
        AT_END_TENSION: [Outcome("tension.end", "level", "grievance", "tension at the end")],
        AT_PEAK_TENSION: [Outcome("tension.peak", "level", "grievance", "highest tension")],
        AT_END_PRESSURE: each("pressure.{}.end", "level", "harm", "pressure on {} at the end"),
        AT_MEAN_PRESSURE: each("pressure.{}.mean", "level", "harm", "mean pressure on {}"),
        AT_COST: each("cost.{}", "level", "cost years", "cost of its own measures to {}"),
        AT_RELATION: by_pair("relation", "relation", "diplomatic relation at the end"),
        AT_CONCESSION: each("concession.{}", "probability", "", "a concession by {}"),
        AT_FIRST_CONCESSION: each("first_concession.{}", "date", "days", "first concession by {}"),
        AT_RUNAWAY: [Outcome("runaway", "probability", "", "a runaway of tension")],
        AT_TRUNCATED: [Outcome("truncated", "probability", "", "cut off at a limit")],
        AT_AUDIENCE: each("broken_word.{}", "level", "audience cost", "cost of broken promises to {}"),
    }
    sizes = [len(groups[group]) for group in sorted(groups)]
    first_use = np.full(len(actors) * len(instruments), -1, np.int64)
    for place, (actor, instrument) in enumerate(firsts):
        first_use[actors.index(actor) * len(instruments) + instruments.index(instrument)] = place
    fields = {
        "measure_time": np.array([(day - scenario.start).days for day in dates], float),
        "at": np.cumsum([0, *sizes], dtype=np.int64),
        "first_use": first_use,
        "outcomes": sum(sizes),
    }
    return fields, tuple(outcome for group in sorted(groups) for outcome in groups[group])
