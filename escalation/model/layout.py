"""The outcome row: which column measures what, and where each group of columns begins."""

from __future__ import annotations

from itertools import accumulate

from escalation.model.build import Build
from escalation.scenario.outcomes import Measure, Outcome, Subjects


def lay_out(build: Build) -> tuple[Outcome, ...]:
    """Return the description of every outcome in the row's order, and set what measures them."""
    scenario = build.scenario
    dates = sorted(set(scenario.outcomes.tension_at))
    wanted = scenario.outcomes.first_use
    firsts = [(actor, instrument) for actor in build.actors for instrument in wanted.get(actor, ())]
    subjects = Subjects(
        {name: scenario.actors[name].name for name in build.actors},
        {name: scenario.instruments[name].label for name in build.instruments},
        firsts,
        list(map(str, dates)),
    )
    groups = [subjects.outcomes(group) for group in Measure]
    for index, (actor, instrument) in enumerate(firsts):
        i, k = build.actors.index(actor), build.instruments.index(instrument)
        build.columns["repertoire"][i * len(build.instruments) + k].first_use = index
    build.extend("measure_time", map(build.days, dates))
    build.extend("at", accumulate(map(len, groups), initial=0))
    return tuple(outcome for group in groups for outcome in group)
