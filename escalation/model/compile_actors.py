"""Compiling who decides: actors with their institutions and policies, and the dyads between them."""

from __future__ import annotations

from escalation.model.build import Build, floats, ints, starts, words
from escalation.model.calendar import meeting_days, renewal_days
from escalation.model.columns import limits_of
from escalation.model.tables import NOTHING
from escalation.scenario.base import LEVEL, RELATIONS, SHARE
from escalation.scenario.document import Actor, Dyad, Institution
from escalation.scenario.policy import KINDS, Hazard, Ladder, Policy

SENSITIVITIES = (
    "attention",
    "felt",
    "half_life",
    "threshold",
    "emergency",
    "habituation",
    "memory",
    "yield_threshold",
)
INSTITUTION = ("review", "emergency_lag", "linkage")
POLICY = (
    "reciprocity",
    "d_min",
    "inertia",
    "alpha",
    "bite",
    "alignment",
    "own_cost",
    "fear",
    "expected",
    "learning",
    "gradualism",
    "saturation",
    "audience",
    "credibility",
    "yielding",
    "temperature",
    "more",
    "package_limit",
    "discharge",
    "resolve",
    "join",
)


def compile_actors(build: Build) -> None:
    """Fill every column that is indexed by an actor."""
    actors = [build.scenario.actors[name] for name in build.actors]
    for name, actor in zip(build.actors, actors, strict=True):
        build.cells.add_all(actor.sensitivities, SENSITIVITIES, f"actors.{name}.sensitivities")
        _institution(build, actor.institution, f"actors.{name}.institution")
        _policy(build, actor, f"actors.{name}.policy")
        _patron(build, actor, f"actors.{name}.patron")
    start, end = build.scenario.start, build.scenario.end
    meetings = [meeting_days(actor.institution.meetings, start, end) for actor in actors]
    renewals = [renewal_days(actor.institution.renewals, start, end) for actor in actors]
    members = [sorted(actor.members) for actor in actors]
    bloc = {
        member: build.actors.index(name)
        for name, actor in zip(build.actors, actors, strict=True)
        for member in actor.members
    }
    build.fields |= {
        "policy_kind": ints(KINDS.index(actor.policy.kind) for actor in actors),
        "hazard_instrument": ints(_hazard_instrument(build, actor) for actor in actors),
        "stage_start": starts([actor.institution.stages for actor in actors]),
        "meeting_start": starts(meetings),
        "meeting": floats(day for days in meetings for day in days),
        "irregular": ints(actor.institution.irregular for actor in actors),
        "renewal_start": starts(renewals),
        "renewal": floats(day for days in renewals for day in days),
        "veto_start": starts([actor.institution.unanimity for actor in actors]),
        "veto_key": words(
            build.keys("veto", name, member)
            for name, actor in zip(build.actors, actors, strict=True)
            for member in actor.institution.unanimity
        ),
        "member_start": starts(members),
        "member": ints(build.actors.index(member) for group in members for member in group),
        "bloc": ints(bloc.get(name, -1) for name in build.actors),
        "actor_key": words(build.keys("actor", name) for name in build.actors),
    }


def _institution(build: Build, institution: Institution, path: str) -> None:
    cells = build.cells
    cells.add_all(institution, INSTITUTION, path)
    for stage, lag in institution.stages.items():
        cells.add("stage_median", lag.median, f"{path}.stages.{stage}.median", limits_of(lag, "median"))
        cells.add("stage_spread", lag.spread, f"{path}.stages.{stage}.spread", limits_of(lag, "spread"))
    for member, veto in institution.unanimity.items():
        where = f"{path}.unanimity.{member}"
        cells.add("veto_base", veto.base, f"{where}.base", limits_of(veto, "base"))
        cells.add("veto_per_rung", veto.per_rung, f"{where}.per_rung", limits_of(veto, "per_rung"))


def _policy(build: Build, actor: Actor, path: str) -> None:
    """Fill the columns of one policy; what a kind has no number for is filled with what does nothing."""
    policy, cells = actor.policy, build.cells
    proportional = policy if isinstance(policy, Policy) else SILENT
    for name in POLICY:
        if name == "discharge" and isinstance(policy, Ladder):
            cells.add_all(policy, ("discharge",), path)
        else:
            cells.add_all(proportional, (name,), path)
    provocation = policy.provocation if isinstance(policy, Ladder) else 0.0
    cells.add("provocation", provocation, f"{path}.provocation", LEVEL)
    for instrument in build.instruments:
        extra = proportional.last_resort.get(instrument, 0.0)
        cells.add("last_resort", extra, f"{path}.last_resort.{instrument}", LEVEL)
    for victim in build.actors:
        if not isinstance(policy, Hazard):
            cells.add("answers", 0.0)
        elif build.scenario.actors[victim] is actor:
            cells.add("answers", policy.answers, f"{path}.answers", SHARE)
        else:
            odds = policy.answers_for.get(victim, 0.0)
            cells.add("answers", odds, f"{path}.answers_for.{victim}", SHARE)


SILENT = Policy.model_validate({"preset": "passive"})
"""The proportional policy of actors that have another kind: it never acts."""


def _hazard_instrument(build: Build, actor: Actor) -> int:
    if not isinstance(actor.policy, Hazard):
        return -1
    if actor.policy.instrument is not None:
        return build.instruments.index(actor.policy.instrument)
    mine = build.instruments if actor.instruments is None else actor.instruments
    hostile = (
        index
        for index, name in enumerate(build.instruments)
        if name in mine and build.scenario.instruments[name].severity.nominal > 0
    )
    return next(hostile, -1)


def _patron(build: Build, actor: Actor, path: str) -> None:
    if actor.patron is None:
        build.cells.add("absorbs", 0.0)
        build.cells.add("over", 1.0)
    else:
        build.cells.add_all(actor.patron, ("absorbs", "over"), path)


def compile_dyads(build: Build) -> None:
    """Fill every column that is indexed by a dyad, and the holds."""
    dyads = [
        (i, j, build.scenario.dyads.get(i, {}).get(j, Dyad())) for i in build.actors for j in build.actors
    ]
    for i, j, dyad in dyads:
        build.cells.add_all(dyad, ("exposure", "dependence"), f"dyads.{i}.{j}")
        members = build.scenario.actors[i].members
        if i == j:
            build.cells.add("solidarity", 1.0)
        elif j in members:
            build.cells.add("solidarity", members[j], f"actors.{i}.members.{j}", SHARE)
        else:
            build.cells.add_all(dyad, ("solidarity",), f"dyads.{i}.{j}")
    options = [_options(build, i, dyad) for i, _, dyad in dyads]
    holds = list(build.scenario.holds.values())
    build.fields |= {
        "option_start": starts(options),
        "option": ints(option for group in options for option in group),
        "relation": ints(RELATIONS.index(dyad.relation) for _, _, dyad in dyads),
        "dyad_key": words(build.keys("dyad", i, j) for i, j, _ in dyads),
        "hold_actor": ints(build.actors.index(hold.actor) for hold in holds),
        "hold_target": ints(build.actors.index(hold.target) for hold in holds),
        "hold_since": floats(build.days(hold.since) if hold.since else 0.0 for hold in holds),
        "hold_until": floats(build.days(hold.until) for hold in holds),
    }


def _options(build: Build, i: str, dyad: Dyad) -> list[int]:
    """Return what an actor can do on a dyad, in order of severity: easing, nothing, hostility."""
    listed = [
        names for names in (build.scenario.actors[i].instruments, dyad.instruments) if names is not None
    ]
    usable = [k for k, name in enumerate(build.instruments) if all(name in names for names in listed)]
    first = build.fields["first_hostile"]
    return [*(k for k in usable if k < first), NOTHING, *(k for k in usable if k >= first)]
