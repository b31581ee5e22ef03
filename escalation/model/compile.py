"""Compiling: a scenario becomes tables of numbers, with the names to read results by."""

from __future__ import annotations

from itertools import accumulate

from escalation.model.build import Build
from escalation.model.compile_events import (
    compile_instruments,
    compile_scripts,
    compile_shocks,
    meeting_days,
    renewal_days,
    renewed_after,
)
from escalation.model.header import header_of
from escalation.model.state import NONE
from escalation.model.tables import (
    NOTHING,
    ActorRow,
    DyadRow,
    HoldRow,
    ModelRow,
    RepertoireRow,
    StageRow,
    VetoRow,
)
from escalation.model.world import Names, World
from escalation.scenario.actor import Actor, Institution, Sensitivities
from escalation.scenario.base import LEVEL, RELATIONS, SHARE
from escalation.scenario.document import Dyad, Scenario
from escalation.scenario.outcomes import Outcome, Subjects
from escalation.scenario.policy import KINDS, PARAMETERS, Hazard, Ladder, Policy

INSTITUTION = (
    "review", "review_spread", "backoff", "floor", "floor_half_life", "emergency_lag", "linkage"
)  # fmt: skip
"""The numbers of an institution."""
LOG_NORMAL = ("median", "spread")
"""The numbers of a time that differs from act to act."""
SILENT = Policy.model_validate({"preset": "passive"})
"""The proportional policy of actors that have another kind: it never acts."""


def compile_scenario(scenario: Scenario) -> World:
    """Return the scenario as a `World`. Raises InputError when two of its names share a hash."""
    build = Build(scenario)
    for name in build.actors:
        compile_actor(build, name, scenario.actors[name])
    compile_instruments(build)
    for i in build.actors:
        for j in build.actors:
            compile_dyad(build, i, j)
    compile_holds(build)
    compile_shocks(build)
    compile_scripts(build)
    build.add("model", ModelRow())
    names = ("size_exponent", "habituation_floor", "recent", "reputation", "aftermath")
    build.set_all("model", scenario.model, names, "model")
    build.set_all("model", scenario.outcomes, ("runaway", "concession"), "outcomes")
    outcomes = lay_out(build)
    tables = build.tables(
        actors=len(build.actors),
        instruments=len(build.instruments),
        first_hostile=build.first_hostile,
        outcomes=len(outcomes),
        act_limit=scenario.model.act_limit,
        event_limit=scenario.model.event_limit,
        weekday=scenario.start.weekday(),
        takeover=build.days(scenario.takeover),
        end=build.days(scenario.end),
        state=None,
    )
    return World(
        tables=tables,
        cells=tuple(build.cells),
        names=names_of(build),
        outcomes=outcomes,
        start=scenario.start,
        end=scenario.end,
        takeover=scenario.takeover,
        header=header_of(scenario, build.actors, build.instruments, outcomes),
    )


def lay_out(build: Build) -> tuple[Outcome, ...]:
    """Return the description of every outcome in the row's order, and set what measures them."""
    scenario = build.scenario
    dates = sorted(set(scenario.outcomes.tension_at))
    wanted = scenario.outcomes.first_use
    firsts = [(actor, instrument) for actor in build.actors for instrument in wanted.get(actor, ())]
    subjects = Subjects(
        tuple((name, scenario.actors[name].name) for name in build.actors),
        tuple((name, scenario.instruments[name].label) for name in build.instruments),
        tuple(firsts),
        tuple(map(str, dates)),
    )
    groups = subjects.outcomes()
    for index, (actor, instrument) in enumerate(firsts):
        i, k = build.actors.index(actor), build.instruments.index(instrument)
        build.columns["repertoire"][i * len(build.instruments) + k].first_use = index
    build.extend("measure_time", map(build.days, dates))
    build.extend("at", accumulate(map(len, groups), initial=0))
    return tuple(outcome for group in groups for outcome in group)


def names_of(build: Build) -> Names:
    """Return the names behind the indices of the tables."""
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


def compile_actor(build: Build, name: str, actor: Actor) -> None:
    """Add the record of one actor, and the rows that belong to it."""
    path, scenario, institution = f"actors.{name}", build.scenario, actor.institution
    start, end = scenario.start, scenario.end
    row = ActorRow(
        key=build.key("actor", name),
        policy=KINDS.index(actor.policy.kind),
        bloc=max(
            (n for n, bloc in enumerate(build.actors) if name in scenario.actors[bloc].members), default=NONE
        ),
        hazard_instrument=hazard_instrument(build, actor),
        irregular=int(institution.irregular),
        working_week=int(institution.working_week),
        two_stages=int(institution.adoption is not None),
    )
    row.meeting_from, row.meeting_to = build.extend("meeting", meeting_days(institution.meetings, start, end))
    renewals = institution.renewals if isinstance(actor.policy, Policy) else {}
    row.renewal_from, row.renewal_to = build.extend("renewal", renewal_days(renewals, start, end))
    build.extend("renewed", renewed_after(renewals))
    row.member_from, row.member_to = build.extend("member", map(build.actors.index, sorted(actor.members)))
    build.add("actor", row)
    build.set_all("actor", actor.sensitivities, Sensitivities.model_fields, f"{path}.sensitivities")
    compile_institution(build, row, name, institution)
    compile_policy(build, actor, f"{path}.policy")
    if actor.patron is not None:
        build.set_all("actor", actor.patron, ("absorbs", "over"), f"{path}.patron")


def compile_institution(build: Build, row: ActorRow, name: str, institution: Institution) -> None:
    """Set the numbers of an actor's institution, and add its stages and vetoes."""
    path = f"actors.{name}.institution"
    build.set_all("actor", institution, INSTITUTION, path)
    build.set_all("actor", institution.statement, LOG_NORMAL, f"{path}.statement", "statement_")
    if institution.adoption is not None:
        build.set_all("actor", institution.adoption, LOG_NORMAL, f"{path}.adoption", "adoption_")
    if (crisis := institution.crisis) is not None:
        build.set_from("actor", "crisis", crisis, "felt", f"{path}.crisis")
        build.set_all("actor", crisis, ("days",), f"{path}.crisis", "crisis_")
        build.set_all("actor", crisis.lag, LOG_NORMAL, f"{path}.crisis.lag", "crisis_")
    row.stage_from = len(build.columns["stage"])
    for stage, lag in institution.stages.items():
        build.add("stage", StageRow())
        build.set_all("stage", lag, LOG_NORMAL, f"{path}.stages.{stage}")
    row.stage_to, row.veto_from = len(build.columns["stage"]), len(build.columns["veto"])
    for member, veto in institution.unanimity.items():
        build.add("veto", VetoRow(key=build.key("veto", name, member)))
        build.set_all("veto", veto, ("base", "per_rung"), f"{path}.unanimity.{member}")
    row.veto_to = len(build.columns["veto"])


def compile_policy(build: Build, actor: Actor, path: str) -> None:
    """Set the numbers of one policy; what a kind has no number for is what does nothing."""
    policy = actor.policy
    proportional = policy if isinstance(policy, Policy) else SILENT
    for name in PARAMETERS:
        part = policy if name == "discharge" and isinstance(policy, Ladder) else proportional
        build.set_all("actor", part, (name,), path)
    if isinstance(policy, Ladder):
        build.set_all("actor", policy, ("provocation",), path)
    for instrument in build.instruments:
        build.add("repertoire", RepertoireRow())
        extra = proportional.last_resort.get(instrument, 0.0)
        build.set("repertoire", "last_resort", extra, f"{path}.last_resort.{instrument}", LEVEL)


def hazard_instrument(build: Build, actor: Actor) -> int:
    """Return what a hazard policy answers with: its instrument, else the mildest hostile one; -1 for none."""
    if not isinstance(actor.policy, Hazard):
        return NONE
    if actor.policy.instrument is not None:
        return build.instruments.index(actor.policy.instrument)
    usable = build.instruments if actor.instruments is None else actor.instruments
    hostile = (
        k for k in range(build.first_hostile, len(build.instruments)) if build.instruments[k] in usable
    )
    return next(hostile, NONE)


def compile_dyad(build: Build, i: str, j: str) -> None:
    """Add the record of what binds `i` to `j`."""
    actor, dyad = build.scenario.actors[i], build.scenario.dyads.get(i, {}).get(j, Dyad())
    path = f"dyads.{i}.{j}"
    row = DyadRow(
        key=build.key("dyad", i, j),
        relation=RELATIONS.index(dyad.relation),
        joint=sum(1 << build.actors.index(name) for name in dyad.jointly_with),
    )
    row.option_from, row.option_to = build.extend("option", options(build, actor, dyad))
    build.add("dyad", row)
    build.set_all("dyad", dyad, ("exposure", "dependence", "care"), path)
    if dyad.posts is not None:
        build.set_all("dyad", dyad, ("posts",), path)
    if i == j:
        row.solidarity = 1.0
    elif j in actor.members:
        build.set("dyad", "solidarity", actor.members[j], f"actors.{i}.members.{j}", SHARE)
    else:
        build.set_all("dyad", dyad, ("solidarity",), path)
    if isinstance(actor.policy, Hazard):
        path = f"actors.{i}.policy"
        if i == j:
            build.set("dyad", "answers", actor.policy.answers, f"{path}.answers", SHARE)
        else:
            odds = actor.policy.answers_for.get(j, 0.0)
            build.set("dyad", "answers", odds, f"{path}.answers_for.{j}", SHARE)


def options(build: Build, actor: Actor, dyad: Dyad) -> list[int]:
    """Return what an actor can do on a dyad, in order of severity: easing, nothing, hostility."""
    listed = [names for names in (actor.instruments, dyad.instruments) if names is not None]
    usable = [k for k, name in enumerate(build.instruments) if all(name in names for names in listed)]
    first = build.first_hostile
    return [*(k for k in usable if k < first), NOTHING, *(k for k in usable if k >= first)]


def compile_holds(build: Build) -> None:
    """Add the known holds."""
    for hold in build.scenario.holds.values():
        since, until = build.days(hold.since) if hold.since else 0.0, build.days(hold.until)
        actor, target = build.actors.index(hold.actor), build.actors.index(hold.target)
        build.add("hold", HoldRow(since, until, actor, target))
