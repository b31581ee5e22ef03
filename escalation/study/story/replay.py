"""One replication played again with its trace, and what it leaves behind as a story."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from escalation.clocks.simpy_clock import play
from escalation.ensemble.read import Run
from escalation.ensemble.result import Results
from escalation.errors import EscalationError, InputError
from escalation.model.compile import compile_scenario
from escalation.model.header import Header
from escalation.model.trace import Trace
from escalation.model.world import FAILED, TRUNCATED, Replication, World, extract
from escalation.model.world import FORCED as FORCED_ROW
from escalation.model.world import HISTORY as HISTORY_ROW
from escalation.model.world import SHOCK as SHOCK_ROW
from escalation.model.world import SIMULATED as SIMULATED_ROW
from escalation.scenario.document import Scenario
from escalation.study.execution import Request, require_whole
from escalation.study.source import NOTHING, Named, Source, open_source
from escalation.study.story.causes import answering_of, tree_of
from escalation.study.story.decisions import Traced, decisions_of, struck_acts
from escalation.study.story.model import (
    FORCED,
    HISTORY,
    SHOCK,
    SIMULATED,
    Act,
    CauseShare,
    Decision,
    Origin,
    Story,
)
from escalation.study.values import ScenarioPart

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

LAST = 9_999_999
"""Largest number of a replication that is not in a run."""
ORIGINS = {HISTORY_ROW: HISTORY, SIMULATED_ROW: SIMULATED, FORCED_ROW: FORCED}


COMPARED = frozenset(("acts", "days", "first", "tension", "end_tension", "peak_tension"))
"""Measures by which replications are compared."""


def explain(named: Named, replication: int | None = None, request: Request = NOTHING) -> Story:
    """Return the story of a replication of a run or a scenario.

    Without `replication` it is the most typical one of a run, and number 0 of a scenario. Raises InputError
    or ScenarioError for what is asked wrongly, EscalationError when the replication fails.
    """
    return replay(open_source(named, request), replication)


def replay(
    source: Source, replication: int | None = None, alter: Callable[[World], World] | None = None
) -> Story:
    """Return the story of a replication of what has been opened, in the world that `alter` makes of it."""
    origin = origin_of(source, replication)
    story = story_of(source, origin, alter)
    if isinstance(source.run, Run):
        origin = origin.model_copy(update={"matches": _matches(source.run, story)})
    return story.model_copy(update={"origin": origin})


def origin_of(source: Source, replication: int | None) -> Origin:
    """Return which replication is meant: a number, or the most typical one. Raises InputError."""
    run = source.run
    if run is None:
        number = require_whole("replication", replication or 0, 0, LAST)
        return Origin(source=source.path or source.title, replication=number)
    number = int(run.replications[typical_row(run)]) if replication is None else replication
    return Origin(
        source=source.title,
        replication=require_whole("replication", number, 0, run.asked - 1),
        folder=str(run.folder) if run.folder else None,
        of=run.asked,
        typical=replication is None,
    )


def story_of(source: Source, origin: Origin, alter: Callable[[World], World] | None = None) -> Story:
    """Return the story of the replication that `origin` names: it is played again, exactly as it was.

    With `alter`, it is played in the world that this makes of the scenario's.
    """
    world = compile_scenario(source.scenario)
    traced = played(source, origin.replication, alter(world) if alter else world, Trace())
    return story_in(source, origin, traced)


def played(source: Source, replication: int, world: World, trace: Trace) -> Traced:
    """Return a replication of a world played with its trace. Raises EscalationError where it fails."""
    try:
        return Traced(world, play(world, source.seed, replication, trace))
    except EscalationError:
        raise
    except Exception as error:
        message = f"replication {replication} fails: {type(error).__name__}: {error}"
        raise EscalationError(message) from error


def story_in(source: Source, origin: Origin, traced: Traced) -> Story:
    """Return the story of a replication that has been played."""
    scenario, world, done = source.scenario, traced.world, extract(traced.w)
    acts = acts_of(scenario, world, done)
    decisions = decisions_of(traced, acts)
    acts = _with_probabilities(acts, decisions, traced)
    return Story(
        scenario=ScenarioPart.of(scenario, source.name),
        seed=source.seed,
        overrides=source.overrides,
        origin=origin,
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
        struck=struck_acts(traced),
    )


def acts_of(scenario: Scenario, world: World, done: Replication) -> tuple[Act, ...]:
    """Return the log of a replication, without the probabilities of what was picked."""
    shares: dict[int, list[CauseShare]] = defaultdict(list)
    table = done.causes
    for act, cause, share in zip(table["act"], table["cause"], table["share"], strict=True):
        shares[int(act)].append(CauseShare(cause=int(cause), share=float(share)))
    return tuple(
        _act(scenario, world, done, row, tuple(sorted(shares[row], key=lambda share: -share.share)))
        for row in range(len(done.acts["act"]))
    )


def _act(
    scenario: Scenario, world: World, done: Replication, row: int, shares: tuple[CauseShare, ...]
) -> Act:
    log = {name: column[row] for name, column in done.acts.items()}
    names, k = world.names, int(log["instrument"])
    common = {
        "row": row, "time": float(log["time"]), "day": world.day(log["time"]),
        "actor": names.actors[log["actor"]], "package": _index(log["package"]),
        "parent": _index(log["parent"]), "shares": shares, "probability": None,
    }  # fmt: skip
    if log["origin"] == SHOCK_ROW:
        return Act(
            **common, origin=SHOCK, target=None, instrument=names.shocks[k], label=names.shock_labels[k],
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
        counted=bool(world.tables.instrument["counted"][k]),
        size=float(log["size"]) if instrument.size else None,
        unit=instrument.size.of if instrument.size else None,
        in_force=None if np.isnan(log["in_force"]) else float(log["in_force"]),
        lapsed=None if np.isnan(log["lapsed"]) else float(log["lapsed"]),
    )


def _index(number: int) -> int | None:
    return int(number) if number >= 0 else None


def _with_probabilities(
    acts: Sequence[Act], decisions: Sequence[Decision], traced: Traced
) -> tuple[Act, ...]:
    """Return the acts with the probability of each that was picked, or that a hazard policy gave."""
    odds = {
        row: choice.picked.probability
        for decision in decisions
        for row, choice in zip(decision.acts, decision.choices, strict=False)
    }
    for decision in decisions:
        if not decision.choices and decision.policy == "hazard" and decision.cause is not None:
            odds |= dict.fromkeys(decision.acts, _hazard_probability(acts[decision.cause], decision, traced))
    return tuple(act.model_copy(update={"probability": odds.get(act.row)}) for act in acts)


def _hazard_probability(cause: Act, decision: Decision, traced: Traced) -> float:
    names, w = traced.world.names, traced.w
    actor = names.actors.index(decision.actor)
    if cause.origin == SHOCK:
        return w.salience[names.shocks.index(cause.instrument) * w.actors + actor].salience
    return w.dyad[actor * w.actors + names.actors.index(str(cause.target))].answers


def _matches(run: Run, story: Story) -> bool | None:
    """Return whether the outcomes that tell replications apart are those stored; None without any."""
    rows = np.flatnonzero(run.replications == story.origin.replication)
    if len(rows) == 0 or run.statuses[rows[0]] == FAILED:
        return None
    names = compared_outcomes(run.header)
    stored = run.columns(names)
    again = [story.outcomes.get(name) for name in names]
    values = np.array([stored[name][rows[0]] for name in names])
    return bool(same_outcomes(values, np.array(again, np.float64)).all())


# ---- which replication is the most typical of a run


def typical_row(results: Results, among: Mask | None = None) -> int:
    """Return the row (from 0) of the medoid: the replication nearest to all others, the first of equals.

    Replications are compared by their acts and package days per actor, whether each notable first use
    happened, and tension, each divided by its standard deviation. The sum of squared distances to all others
    is least for the one nearest to the mean. Failed replications do not count, nor those that are not
    `among` the marked ones (all unless given); InputError when none is left.
    """
    good = (results.statuses != FAILED) & (True if among is None else among)
    if not good.any():
        raise InputError("no replication was finished without failing: none is typical")
    distance = np.where(good, 0.0, np.inf)
    for outcome in results.header.outcomes:
        if outcome.measure in COMPARED:
            values = results.columns([outcome.name])[outcome.name][good]
            distance[good] += _squares(values, outcome.kind == "date")
    return int(np.argmin(distance))


def compared_outcomes(header: Header) -> list[str]:
    """Return the outcomes by which replications are compared."""
    return [outcome.name for outcome in header.outcomes if outcome.measure in COMPARED]


def same_outcomes(stored: Array, again: Array) -> Mask:
    """Return which outcomes agree, NaN with NaN, but for rounding on another machine, bool[n]."""
    return np.isclose(stored, again, rtol=1e-6, atol=1e-9, equal_nan=True)


def _squares(values: Array, dated: bool) -> Array:
    """Return the squared standardised distance of each value from the mean; 0 where all are equal."""
    values = ~np.isnan(values) * 1.0 if dated else values
    spread = np.std(values)
    if spread == 0.0 or not np.isfinite(spread):
        return np.zeros(len(values))
    return np.asarray(np.square((values - np.mean(values)) / spread), np.float64)
