"""What if an act had not taken place, or another had, over all replications: the average effect.

Each replication is played twice, as it is and with the intervention, with the same draws. The two ensembles
are compared as any two runs are (`escalation.study.compare.compare`), in pairs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple, Self

from escalation.ensemble.read import Run, open_run
from escalation.model.intervene import ANY, EVERY, Strike
from escalation.model.tables import FAMILY_COUNT, INDIVIDUAL
from escalation.model.world import Replication, World
from escalation.scenario.base import FAMILIES
from escalation.scenario.outcomes import Outcome
from escalation.study.compare.compare import compare
from escalation.study.compare.model import Comparison, Contrast
from escalation.study.compare.sides import matched, side_of
from escalation.study.execution import Execution
from escalation.study.finished import Finished
from escalation.study.flywheel.gather import FlywheelReducer
from escalation.study.flywheel.model import Flywheel
from escalation.study.flywheel.sums import Total
from escalation.study.journal import Journal
from escalation.study.run import EnsemblePlan, plan, play_in_memory
from escalation.study.runner import A, Asked, R, Study
from escalation.study.source import Source
from escalation.study.story.replay import compared_outcomes, same_outcomes
from escalation.study.values import Replications, Result, ResultPart
from escalation.study.whatif.intervention import Compiled, Intervention, compiled, options

AS_IT_IS, ALTERED = "as it is", "altered"
"""The names of the two sides."""

Observe = Callable[[World, int, Replication], Any]
"""Observes one replication, by its number, failed or not; it can be pickled."""


class DirectEffects(ResultPart):
    """What an intervention changes before anybody has reacted."""

    outcomes: tuple[str, ...]
    """Outcomes that count what was taken out or put in."""
    impossible: tuple[str, ...]
    """Those of them that count only what was taken out: they can no longer happen."""
    first_uses: tuple[str, ...]
    """Those of them that are first uses."""
    hostile_acts: Mapping[str, float]
    """By how many acts per pair the hostile acts of an actor differ, as far as that can be said."""


class AverageEffect(Result):
    """An ensemble as it is and with an intervention, replication by replication."""

    version: ClassVar[int] = 2

    kind: Literal["whatif"] = "whatif"
    """Which result this is."""
    schema_version: Literal[2] = 2
    """The version of the document."""
    intervention: Intervention
    """What was changed."""
    unaffected: Replications
    """Pairs in which nothing was taken out and nothing put in: nothing differs in them."""
    struck: int
    """Acts taken out, over all pairs together."""
    forced: int
    """Acts put into each pair."""
    actors: Mapping[str, str]
    """The name of each actor with its label as printed."""
    answer: tuple[str, ...]
    """Outcomes that answer the scenario's question."""
    hostile_totals: tuple[str, ...]
    """Outcomes that count an actor's hostile acts: questions as well."""
    direct: DirectEffects
    """What differs before anybody has reacted."""
    matches: bool | None
    """Whether a stored run still has the outcomes that it was stored with; None for a scenario."""
    comparison: Comparison
    """The two ensembles compared: the one as it is is the baseline."""

    @property
    def contrast(self) -> Contrast:
        """What differs between the two."""
        return self.comparison.contrasts[0]

    @property
    def pairs(self) -> int:
        """How many replications were compared with themselves: those that failed in neither."""
        return self.contrast.pairs

    @property
    def clean(self) -> bool:
        """True when no replication of either failed or was truncated."""
        return self.comparison.clean


class ReplayedAsked(Asked):
    """An ensemble that is played again with something changed."""

    source: str = ""
    """What was named."""
    folder: str | None = None
    """The folder of the stored run that it is, if it is one."""

    @classmethod
    def of(cls, source: Source, **fields: Any) -> Self:
        """Return what is asked of a run or scenario. Raises InputError."""
        folder = str(source.run.folder) if isinstance(source.run, Run) else None
        return cls(
            **source.asked, replications=source.replications, source=source.path, folder=folder, **fields
        )

    @property
    def plan(self) -> EnsemblePlan:
        """The plan of the ensemble, which is played in memory."""
        return plan(self.scenario, self.seed, self.replications, "none", overrides=self.overrides)


class WhatIfAsked(ReplayedAsked):
    """An intervention."""

    without: tuple[str, ...] = ()
    """Patterns of acts to take out (docs/whatif.md)."""
    force: tuple[str, ...] = ()
    """Acts to put in."""


class PlayedTwice(Study[A, R]):
    """A study of an ensemble that is played as it is and with something changed."""

    def work(self, asked: A) -> int:
        """Return how many replications are played."""
        return 2 * asked.replications


class WhatIf(PlayedTwice[WhatIfAsked, AverageEffect]):
    """What an intervention changes."""

    kind = "whatif"
    asked = WhatIfAsked
    result = AverageEffect

    def play(self, asked: WhatIfAsked, execution: Execution, journal: Journal) -> AverageEffect:  # noqa: ARG002
        """Return the average effect. Raises InputError for an intervention that the scenario has not."""
        what = asked.plan
        intervention = compiled(what.scenario, what.world, asked.without, asked.force)
        before, _ = observed(what, execution, _struck)
        after, struck = observed(what, execution, _struck, intervention.alter)
        runs = {AS_IT_IS: before, ALTERED: after}
        sides = [side_of(run, name, asked.source, asked.name) for name, run in runs.items()]
        counts = [struck[number] for number in sides[0].replications[matched(*sides).baseline].tolist()]
        direct = direct_effects(intervention, before.world, sum(counts) / max(1, len(counts)))
        header = before.header
        totals = tuple(outcome.name for outcome in header.outcomes if outcome.measure == "acts")
        questions = [name for name in totals if name not in direct.impossible]
        return AverageEffect(
            **asked.envelope,
            intervention=intervention.part,
            unaffected=0 if intervention.forced else counts.count(0),
            struck=sum(counts),
            forced=len(intervention.forced),
            actors=header.actors,
            answer=header.answered,
            hostile_totals=totals,
            direct=direct,
            matches=_matches(asked.folder, before),
            comparison=compare(sides, questions=questions),
        )


WHATIF = WhatIf()


def _struck(_world: World, _number: int, replication: Replication) -> int:
    return replication.struck


def _matches(folder: str | None, again: Finished) -> bool | None:
    """Return whether a run played again has the outcomes that are stored; None without a stored run."""
    if folder is None:
        return None
    run = open_run(Path(folder))
    names, shorter = compared_outcomes(run.header), min(len(run.statuses), len(again.statuses))
    if not set(names) <= set(again.header.columns):
        return False
    stored, now = run.columns(names), again.columns(names)
    return all(same_outcomes(stored[name][:shorter], now[name][:shorter]).all() for name in names)


class Observed(NamedTuple):
    """The sums of some replications, and what was observed of each."""

    sums: Total
    observations: dict[int, Any]


@dataclass(frozen=True)
class ObservingReducer(FlywheelReducer):
    """A flywheel's reducer that observes every replication too; its total is `Observed`.

    Observations are kept in memory only: such an ensemble cannot be stored.
    """

    observe: Observe

    def __call__(self, world: World, first: int, replications: Sequence[Replication]) -> Any:
        """Return the sums and the observations of consecutive replications."""
        numbered = enumerate(replications, first)
        observations = {number: self.observe(world, number, done) for number, done in numbered}
        return Observed(super().__call__(world, first, replications), observations)

    def add(self, total: Any, part: Any) -> Any:
        """Return the total with the sums and observations of one more chunk."""
        if total is None:
            return part
        total.observations.update(part.observations)
        return Observed(super().add(total.sums, part.sums), total.observations)

    def flywheel(self, world: World, total: Any) -> Flywheel:
        """Return the flywheel of a total."""
        return super().flywheel(world, total.sums if total else None)


def observed(
    what: EnsemblePlan, execution: Execution, observe: Observe, alter: Callable[[World], World] | None = None
) -> tuple[Finished, dict[int, Any]]:
    """Run an ensemble in memory, and return it with what was observed, by replication.

    With `alter`, in the world that this makes of the plan's: window and batches stay those of the plan.
    Raises KeyboardInterrupt when it was interrupted: half of a pair is worth nothing.
    """
    reducer = ObservingReducer(what.reducer.asked, what.reducer.plan, observe)
    world = alter(what.world) if alter else what.world
    finished = play_in_memory(replace(what, world=world, reducer=reducer), execution)
    sums, observations = finished.ensemble.reduced
    ensemble = replace(finished.ensemble, reduced=sums)
    return replace(finished, ensemble=ensemble, reducer=what.reducer), observations


# ---- what differs before anybody has reacted


class Deed(NamedTuple):
    """Something that can be done, by the indices of who does what to whom."""

    actor: int
    target: int
    instrument: int


def direct_effects(intervention: Compiled, world: World, struck: float) -> DirectEffects:
    """Return what an intervention changes before anybody has reacted, `struck` acts taken out per pair.

    A first use is touched where every such act, or the first with this very instrument, is taken out, or
    where one is put in: for the loss of one act out of many kinds it need not come later.
    """
    actors = range(len(world.names.actors))
    feasible = {Deed(i, j, k) for i in actors for j in actors for k in options(world, i, (j,))}
    fitting = [
        (strike, {deed for deed in feasible if _fits(strike, deed, world)}) for strike in intervention.strikes
    ]
    removed = {deed for _, deeds in fitting for deed in deeds}
    every = {deed for strike, deeds in fitting if strike.ordinal == EVERY for deed in deeds}
    first = {
        deed
        for strike, deeds in fitting
        if strike.ordinal == 1 and strike.instrument != ANY
        for deed in deeds
    }
    put_in = {Deed(act.actor, act.target, act.instrument) for act in intervention.forced}
    touched, impossible, first_uses = [], [], []
    for outcome in world.outcomes:
        counted = {deed for deed in feasible | put_in if _counts(outcome, deed, world)}
        if outcome.measure == "first" and counted & (every | first | put_in):
            first_uses.append(outcome.name)
            touched.append(outcome.name)
        elif outcome.measure != "first" and counted & (removed | put_in):
            touched.append(outcome.name)
        if counted and counted <= every - put_in:
            impossible.append(outcome.name)
    return DirectEffects(
        outcomes=tuple(touched),
        impossible=tuple(impossible),
        first_uses=tuple(first_uses),
        hostile_acts=_hostile_acts(intervention, world, struck),
    )


def _hostile_acts(intervention: Compiled, world: World, struck: float) -> dict[str, float]:
    """Return how many hostile acts less or more an actor does, before anybody has reacted.

    Of several acts taken out, the later ones are another world's, and so is what is taken out after an act
    was put in: of these nothing is said.
    """
    counted, actors = world.tables.instrument["counted"], world.names.actors
    if not intervention.strikes:
        put_in = Counter(actors[act.actor] for act in intervention.forced if counted[act.instrument])
        return {actor: float(number) for actor, number in put_in.items()}
    strike, *others = intervention.strikes
    hostile = strike.family == FAMILY_COUNT or (strike.instrument != ANY and counted[strike.instrument])
    alone = not others and not intervention.forced and strike.ordinal != EVERY
    return {actors[strike.actor]: -struck} if hostile and alone and strike.actor != ANY else {}


def _fits(strike: Strike, deed: Deed, world: World) -> bool:
    hostile = strike.family == FAMILY_COUNT and bool(world.tables.instrument["counted"][deed.instrument])
    return (
        strike.shock == ANY
        and strike.actor in (ANY, deed.actor)
        and strike.target in (ANY, deed.target)
        and strike.instrument in (ANY, deed.instrument)
        and (hostile or strike.family in (ANY, int(world.tables.instrument["family"][deed.instrument])))
    )


def _counts(outcome: Outcome, deed: Deed, world: World) -> bool:
    """Return whether an outcome counts this deed itself, and not what comes of it (`measure_act`)."""
    names, what = world.names, world.tables.instrument[deed.instrument]
    if outcome.actor != names.actors[deed.actor]:
        return False
    family, severity = int(what["family"]), float(what["severity"])
    counts: Mapping[str, bool] = {
        "acts": bool(what["counted"]),
        "days": bool(what["counted"]),
        "family_acts": outcome.family == FAMILIES[family],
        "family_days": outcome.family == FAMILIES[family],
        "listed": family == INDIVIDUAL and bool(what["sized"]),
        "peak_rung": outcome.target == names.actors[deed.target] and severity > 0.0,
        "first": outcome.instrument == names.instruments[deed.instrument],
        "concession": severity <= -float(world.tables.model["concession"][0]),
        "first_concession": severity <= -float(world.tables.model["concession"][0]),
    }
    return counts.get(outcome.measure, False)
