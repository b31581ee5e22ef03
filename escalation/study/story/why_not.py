"""Why something never came about in a replication: not weighed, no option, outweighed, or blocked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import prod
from typing import ClassVar, Literal

import numpy as np

from escalation.model.compile import compile_scenario
from escalation.model.trace import BARS, Trace
from escalation.model.world import FAILED
from escalation.scenario.policy import KINDS
from escalation.study.execution import Request, require_choice
from escalation.study.objective import share_of
from escalation.study.source import NOTHING, Named, Source, open_source
from escalation.study.story.decisions import Traced
from escalation.study.story.model import Act, Decision, Origin, Story, WeighedOption
from escalation.study.story.replay import origin_of, played, story_in, typical_row
from escalation.study.values import Count, Days, Estimate, Result, ResultPart, Share


class Draw(ResultPart):
    """One draw among options in which what is asked about was one."""

    time: Days
    """When, in days from the start."""
    about: str
    """Against whom the grievance is."""
    target: str
    """At whom it would have been aimed."""
    proportion: float
    """The severity that the grievance called for."""
    option: WeighedOption
    """What is asked about."""
    picked: WeighedOption
    """What the draw fell on."""


class WhyNot(Result):
    """Why an actor did not use an instrument in one replication, and how near it came to that."""

    version: ClassVar[int] = 1

    kind: Literal["why_not"] = "why_not"
    """Which result this is."""
    schema_version: Literal[1] = 1
    """The version of the document."""
    origin: Origin
    """Which replication this is."""
    actors: Mapping[str, str]
    """The name of each actor with its label as printed."""
    actor: str
    """Who."""
    instrument: str
    """What is asked about."""
    label: str
    """The same as printed."""
    policy: str
    """The kind of the actor's policy; only a `proportional` one weighs."""
    usable: bool
    """Whether the actor can aim it at anybody at all."""
    acts: tuple[Act, ...]
    """Where it was done all the same, by the model's choice."""
    blocked: tuple[Decision, ...]
    """Packages with it that were never adopted."""
    happened: Estimate | None
    """The share of the run's replications in which it was done; None without a run that measures it."""
    wakes: Count
    """How often the actor came to the matter of another, whether it weighed anything or not."""
    lulls: Count
    """How often it then weighed nothing, for want of grievance, of a promise and of pressure."""
    least: float
    """The severity in proportion to the grievance from which on hostile acts are weighed."""
    closest: float | None
    """The largest such severity at any of its wakes; None without one."""
    weighings: Count
    """How many draws among options there were."""
    bars: Mapping[str, Count]
    """In how many of them it was no option, by reason (see `escalation.model.trace.BARS`)."""
    draws: tuple[Draw, ...]
    """The draws in which it was an option, the likeliest first."""

    @property
    def chance(self) -> Share:
        """The probability that one of these draws had fallen on it, all else as it was."""
        return 1.0 - prod(1.0 - draw.option.probability for draw in self.draws)

    @property
    def differences(self) -> Mapping[str, tuple[float, float]]:
        """Each term's mean over the draws that fell on something else: of it, and of what was picked."""
        lost = [draw for draw in self.draws if draw.picked.instrument != self.instrument]
        names = dict.fromkeys(name for draw in lost for name in (*draw.option.terms, *draw.picked.terms))
        return {
            name: (
                sum(draw.option.terms.get(name, 0.0) for draw in lost) / len(lost),
                sum(draw.picked.terms.get(name, 0.0) for draw in lost) / len(lost),
            )
            for name in names
        }


def why_not(
    named: Named, actor: str, instrument: str, replication: int | None = None, request: Request = NOTHING
) -> WhyNot:
    """Return why an actor did not use an instrument in a replication of a run or a scenario.

    Without `replication` it is the most typical one of a run, if need be among those in which it never came,
    and number 0 of a scenario. Raises InputError for an actor or instrument that there is not.
    """
    source = open_source(named, request)
    scenario = source.scenario
    require_choice("actor", actor, scenario.actors)
    require_choice("instrument", instrument, scenario.instruments)
    happened, number = _in_run(source, f"first.{actor}.{instrument}")
    origin = origin_of(source, number if replication is None else replication)
    origin = origin.model_copy(update={"typical": source.run is not None and replication is None})
    world = compile_scenario(scenario)
    asked = world.names.actors.index(actor), world.names.instruments.index(instrument)
    traced = played(source, origin.replication, world, Trace(watched=asked))
    story = story_in(source, origin, traced)
    return _answer(story, traced, actor, instrument, happened)


def _in_run(source: Source, outcome: str) -> tuple[Estimate | None, int | None]:
    """Return in which share of a run's replications it came, and a typical number in which it did not."""
    run = source.run
    if run is None or outcome not in run.header.columns:
        return None, None
    came = ~np.isnan(run.columns([outcome])[outcome])
    good = run.statuses != FAILED
    hits, n = int(np.count_nonzero(came & good)), int(np.count_nonzero(good))
    number = int(run.replications[typical_row(run, ~came if hits < n else None)])
    return share_of(hits, n), number


def _answer(story: Story, traced: Traced, actor: str, instrument: str, happened: Estimate | None) -> WhyNot:
    w, names = traced.w, traced.world.names
    i, k = names.actors.index(actor), names.instruments.index(instrument)
    trace = w.trace
    lulls = [lull for lull in trace.lulls if lull.actor == i]
    own = [decision for decision in story.decisions if decision.actor == actor]
    weighings = [weighing for weighing in trace.weighings if weighing.actor == i]
    called_for = [weighing.proportion for weighing in weighings]
    called_for += [w.actor[i].reciprocity * lull.grievance for lull in lulls]
    reach = (w.option[n] for j in range(w.actors) for n in _options(traced, i, j))
    bars = Counter(name for _, name in trace.bars)
    return WhyNot(
        scenario=story.scenario, seed=story.seed, overrides=story.overrides, origin=story.origin,
        actors=story.actors, actor=actor, instrument=instrument, label=names.instrument_labels[k],
        policy=KINDS[w.actor[i].policy],
        usable=k in reach,
        acts=tuple(
            act for act in story.simulated if (act.actor, act.instrument) == (actor, instrument)
        ),
        blocked=tuple(decision for decision in own if _is_blocked(decision, instrument)),
        happened=happened,
        wakes=len(lulls) + sum(bool(decision.choices) for decision in own),
        lulls=len(lulls),
        least=w.actor[i].d_min,
        closest=max(called_for, default=None),
        weighings=len(weighings),
        bars={name: bars[name] for name in BARS if bars[name]},
        draws=_draws(own, instrument),
    )  # fmt: skip


def _options(traced: Traced, i: int, j: int) -> range:
    dyad = traced.w.dyad[i * traced.w.actors + j]
    return range(dyad.option_from, dyad.option_to)


def _is_blocked(decision: Decision, instrument: str) -> bool:
    wanted = any(choice.picked.instrument == instrument for choice in decision.choices)
    return wanted and not decision.acts


def _draws(decisions: Sequence[Decision], instrument: str) -> tuple[Draw, ...]:
    draws = [
        Draw(
            time=decision.time,
            about=decision.about,
            target=choice.target,
            proportion=decision.mood.proportion if decision.mood else 0.0,
            option=option,
            picked=choice.picked,
        )
        for decision in decisions
        for choice in decision.choices
        for option in (choice.picked, *choice.others)
        if option.instrument == instrument
    ]
    return tuple(sorted(draws, key=lambda draw: -draw.option.probability))
