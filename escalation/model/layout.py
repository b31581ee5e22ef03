"""The outcome row: which column measures what, and where each group of columns begins."""

from __future__ import annotations

from typing import Any

import numpy as np

from escalation.scenario.document import Scenario
from escalation.scenario.outcomes import Measure, Outcome, Subjects


def lay_out(
    scenario: Scenario, actors: tuple[str, ...], instruments: tuple[str, ...]
) -> tuple[dict[str, Any], tuple[Outcome, ...]]:
    """Return the measuring fields of `Tables` and the description of every outcome, in the row's order."""
    dates = sorted(set(scenario.outcomes.tension_at))
    firsts = [
        (actor, instrument) for actor in actors for instrument in scenario.outcomes.first_use.get(actor, ())
    ]
    subjects = Subjects(
        {name: scenario.actors[name].name for name in actors},
        {name: scenario.instruments[name].label for name in instruments},
        firsts,
        list(map(str, dates)),
    )
    groups = [subjects.outcomes(group) for group in Measure]
    first_use = np.full(len(actors) * len(instruments), -1, np.int64)
    for index, (actor, instrument) in enumerate(firsts):
        first_use[actors.index(actor) * len(instruments) + instruments.index(instrument)] = index
    fields = {
        "measure_time": np.array([(day - scenario.start).days for day in dates], float),
        "at": np.cumsum([0, *map(len, groups)], dtype=np.int64),
        "first_use": first_use,
        "outcomes": sum(map(len, groups)),
    }
    return fields, tuple(outcome for group in groups for outcome in group)
