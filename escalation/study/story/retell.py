"""Playing one replication again, with its trace, to tell its story."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np

from escalation.clocks.simpy_clock import play
from escalation.ensemble.read import Run
from escalation.errors import EscalationError, InputError
from escalation.model.compile import compile_scenario
from escalation.model.result import extract, extract_trace
from escalation.model.world import FAILED, FORCED, HISTORY, SIMULATED, TRUNCATED, Replication, World
from escalation.model.world import SHOCK as SHOCK_ROW
from escalation.scenario.document import Scenario
from escalation.scenario.load import load
from escalation.study.execution import Request
from escalation.study.source import open_source
from escalation.study.story import story as data
from escalation.study.story.causes import answering_of, tree_of
from escalation.study.story.decisions import Traced, decisions_of, struck_of
from escalation.study.story.medoid import compared, same_outcomes, typical_row
from escalation.study.story.story import Act, Decision, Share, Source, Story

LAST = 9_999_999
"""Largest number of a replication that is not in a run."""


class Told(NamedTuple):
    """A story and the scenario that it was played from."""

    story: Story
    scenario: Scenario


def explain(
    source: str | Path,
    replication: int | None = None,
    seed: int | None = None,
    sets: Sequence[str] = (),
    until: date | None = None,
) -> Story:
    """Return the story of a replication of a run's folder, or of a scenario (a file or a shipped name).

    Without `replication` it is the most typical one of a run, and number 0 of a scenario. `seed` (1 unless
    given), `sets` and `until` are for a scenario only: a run has its own. Raises InputError or ScenarioError
    for what is asked wrongly, EscalationError when the replication fails.
    """
    return telling(source, replication, seed, sets, until).story


def telling(
    source: str | Path,
    replication: int | None = None,
    seed: int | None = None,
    sets: Sequence[str] = (),
    until: date | None = None,
) -> Told:
    """Return the story that `explain` tells, with its scenario."""
    named = open_source(source, Request(seed=seed, sets=sets, until=until))
    if isinstance(named.run, Run):
        return Told(explain_run(named.run, replication), named.scenario)
    number = within("replication", replication or 0, LAST)
    return Told(tell(named.scenario, Source(str(source), named.seed, number)), named.scenario)


def explain_run(run: Run, replication: int | None = None) -> Story:
    """Return the story of one replication of a stored run: the most typical one unless a number is given."""
    typical = replication is None
    number = int(run.replications[typical_row(run)]) if replication is None else replication
    within("replication", number, run.asked - 1)
    name = run.manifest["scenario"]["name"] or run.header.title
    told = tell(
        load(run.folder / "scenario.yaml"),
        Source(str(name), run.seed, number, str(run.folder), run.asked, typical),
    )
    return replace(told, source=replace(told.source, matches=_matches(run, told)))


ORIGINS = {HISTORY: data.HISTORY, SIMULATED: data.SIMULATED, FORCED: data.FORCED}


def tell(scenario: Scenario, source: Source, alter: Callable[[World], World] | None = None) -> Story:
    """Return the story of the replication that `source` names: it is played again, exactly as it was.

    With `alter`, it is played in the world that this makes of the scenario's.
    """
    world = compile_scenario(scenario)
    world = alter(world) if alter else world
    try:
        tables, numbers, state = play(world, source.seed, source.replication, trace=True)
    except EscalationError:
        raise
    except Exception as error:
        message = f"replication {source.replication} fails: {type(error).__name__}: {error}"
        raise EscalationError(message) from error
    done = extract(tables, state)
    traced = Traced(world, tables, numbers, extract_trace(state))
    acts = acts_of(scenario, world, done)
    decisions = decisions_of(traced, acts)
    acts = tuple(_with_odds(acts, decisions, traced))
    return Story(
        source=source,
        title=scenario.title,
        question=scenario.question,
        start=world.start,
        takeover=world.takeover,
        end=world.end,
        truncated=done.status == TRUNCATED,
        actors=dict(zip(world.names.actors, world.names.actor_labels, strict=True)),
        acts=acts,
        decisions=decisions,
        tree=tree_of(acts),
        answering=answering_of(acts),
        outcomes={
            outcome.name: None if np.isnan(value) else float(value)
            for outcome, value in zip(world.outcomes, done.outcomes, strict=True)
        },
        struck=struck_of(traced),
    )


def within(name: str, number: int, last: int) -> int:
    """Return `number`, or raise InputError unless it lies between 0 and `last`."""
    if not 0 <= number <= last:
        raise InputError(f"{name}: found {number}; allowed is 0 to {last:,}")
    return number


def acts_of(scenario: Scenario, world: World, done: Replication) -> tuple[Act, ...]:
    """Return the log of a replication in words, without the probabilities of what was picked."""
    shares: dict[int, list[Share]] = defaultdict(list)
    table = done.causes
    for act, cause, share in zip(table["act"], table["cause"], table["share"], strict=True):
        shares[int(act)].append(Share(int(cause), float(share)))
    return tuple(
        _act(scenario, world, done, row, tuple(sorted(shares[row], key=lambda share: -share.share)))
        for row in range(len(done.acts["act"]))
    )


def _act(scenario: Scenario, world: World, done: Replication, row: int, shares: tuple[Share, ...]) -> Act:
    log = {name: column[row] for name, column in done.acts.items()}
    names, k = world.names, int(log["instrument"])
    common = {
        "row": row, "time": float(log["time"]), "day": world.day(log["time"]),
        "actor": names.actors[log["actor"]], "package": _known(log["package"]),
        "parent": _known(log["parent"]), "shares": shares, "probability": None,
    }  # fmt: skip
    if log["origin"] == SHOCK_ROW:
        return Act(
            **common, origin=data.SHOCK, target=None, instrument=names.shocks[k], label=names.shock_labels[k],
            family=None, severity=0.0, counted=False, size=None, unit=None, in_force=None, lapsed=None,
        )  # fmt: skip
    instrument = scenario.instruments[names.instruments[k]]
    return Act(
        **common,
        origin=ORIGINS[int(log["origin"])],
        target=names.actors[log["target"]],
        instrument=names.instruments[k],
        label=instrument.label,
        family=instrument.family,
        severity=instrument.severity.nominal,
        counted=bool(world.tables.counted[k]),
        size=float(log["size"]) if instrument.size else None,
        unit=instrument.size.of if instrument.size else None,
        in_force=None if np.isnan(log["in_force"]) else float(log["in_force"]),
        lapsed=None if np.isnan(log["lapsed"]) else float(log["lapsed"]),
    )


def _known(index: int) -> int | None:
    return int(index) if index >= 0 else None


def _with_odds(acts: Sequence[Act], decisions: Sequence[Decision], traced: Traced) -> list[Act]:
    """Return the acts with the probability of each that was picked, or that a hazard policy gave."""
    odds = {
        row: choice.picked.probability
        for decision in decisions
        for row, choice in zip(decision.acts, decision.choices, strict=False)
    }
    for decision in decisions:
        if not decision.choices and decision.policy == "hazard" and decision.cause is not None:
            odds |= dict.fromkeys(decision.acts, _hazard_odds(acts[decision.cause], decision, traced))
    return [replace(act, probability=odds.get(act.row)) for act in acts]


def _hazard_odds(cause: Act, decision: Decision, traced: Traced) -> float:
    names, n = traced.world.names, traced.tables.actors
    actor = names.actors.index(decision.actor)
    if cause.origin == data.SHOCK:
        return traced.numbers.salience[names.shocks.index(cause.instrument) * n + actor]
    return traced.numbers.answers[actor * n + names.actors.index(str(cause.target))]


def _matches(run: Run, told: Story) -> bool | None:
    """Return whether the outcomes that tell replications apart are those stored; None without any."""
    place = np.flatnonzero(run.replications == told.source.replication)
    if len(place) == 0 or run.statuses[place[0]] == FAILED:
        return None
    names = compared(run.header)
    stored = run.columns(names)
    again = [told.outcomes.get(name) for name in names]
    return same_outcomes(
        [stored[name][place[0]] for name in names],
        [np.nan if value is None else value for value in again],
    )
