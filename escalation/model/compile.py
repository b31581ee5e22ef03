"""Compiling: a scenario becomes columns of numbers, with the names to read results by."""

from __future__ import annotations

from escalation.model.build import Build
from escalation.model.columns import Cells, Keys
from escalation.model.compile_actors import compile_actors, compile_dyads
from escalation.model.compile_events import compile_instruments, compile_scripts, compile_shocks
from escalation.model.layout import lay_out
from escalation.model.strike import strike_columns
from escalation.model.tables import Tables
from escalation.model.world import Names, World
from escalation.scenario.base import FAMILIES
from escalation.scenario.document import Scenario


def compile_scenario(scenario: Scenario) -> World:
    """Return the scenario as a `World`. Raises InputError when two of its names share a hash."""
    actors = tuple(sorted(scenario.actors))
    instruments = tuple(
        sorted(scenario.instruments, key=lambda name: (scenario.instruments[name].severity.nominal, name))
    )
    keys = Keys()
    build = Build(scenario, actors, instruments, keys, Cells(keys))
    build.fields |= {
        "actors": len(actors),
        "instruments": len(instruments),
        "families": len(FAMILIES),
        "shocks": len(scenario.shocks),
        "act_limit": scenario.model.act_limit,
        "event_limit": scenario.model.event_limit,
        "takeover": build.days(scenario.takeover),
        "end": build.days(scenario.end),
        "trace": 0,
    }
    compile_actors(build)
    compile_instruments(build)
    compile_dyads(build)
    compile_shocks(build)
    compile_scripts(build)
    build.fields |= strike_columns(())
    build.cells.add_all(
        scenario.model, ("size_exponent", "habituation_floor", "recent", "reputation"), "model"
    )
    build.cells.add_all(scenario.outcomes, ("runaway", "concession"), "outcomes")
    layout, outcomes = lay_out(scenario, actors, instruments)
    return World(
        tables=Tables(**build.fields, **layout, **build.cells.tables()),
        numbers=build.cells.numbers(),
        names=_names(build),
        outcomes=outcomes,
        start=scenario.start,
        end=scenario.end,
        takeover=scenario.takeover,
    )


def _names(build: Build) -> Names:
    scenario = build.scenario
    return Names(
        actors=build.actors,
        actor_labels=tuple(scenario.actors[name].name for name in build.actors),
        instruments=build.instruments,
        instrument_labels=tuple(scenario.instruments[name].label for name in build.instruments),
        families=tuple(scenario.instruments[name].family for name in build.instruments),
        shocks=tuple(scenario.shocks),
        shock_labels=tuple(shock.label for shock in scenario.shocks.values()),
        vetoes=tuple(
            member for name in build.actors for member in scenario.actors[name].institution.unanimity
        ),
        holds=tuple(hold.member for hold in scenario.holds.values()),
        python={
            build.actors.index(name): actor.policy
            for name, actor in scenario.actors.items()
            if actor.policy.kind == "python"
        },
    )
