"""The world in the middle of one replication: records of what the rules change."""

from __future__ import annotations

from dataclasses import dataclass

from escalation.model.kernel import Column, Floats, Ints, Log, Words

NEVER = float("inf")
NONE = -1
"""No such row, day or part."""


@dataclass(slots=True)
class Tally:
    """How many rows each log has, how many events were handled and packages numbered, and the status."""

    acts: int = 0
    causes: int = 0
    parts: int = 0
    out: int = 0
    events: int = 0
    packages: int = 0
    choices: int = 0
    struck: int = 0
    status: int = 0


@dataclass(slots=True)
class DyadState:
    """What one actor holds against, and has done to, another.

    Grievance has two parts that decay alike, current at `felt_at`, and a list of its parts by source.
    `pending` is the wake to come, of generation `generation`; one that is `fast` needs no meeting and no
    second stage, a `routine` one is a review that any provocation may come before. `reviewed_at` is the last
    own package, or the last review since, of which there were `reviews` without result. `speech` is 1 while
    an answer in words is on its way. `threat` is the act of the threat that stands, `due_cause` the row
    through which it fell due. `draft` describes the package that waits for consent or, `agreed`, for the
    legal act. `received_day` is the last day on which a package came from the other, `discharged` the
    severity by which scripted acts have discharged the grievance on `discharged_day`. `lasting` and `fading`
    are the pressure on the other, in two parts. `trust` says how far pressure by the other ends on giving
    way; `affront` is the decayed sum of severities of what the other did; `gave_way_at` is the last
    concession to the other.
    """

    from_acts: float = 0.0
    from_shocks: float = 0.0
    felt_at: float = 0.0
    part: int = NONE
    pending: float = NEVER
    generation: int = 0
    wake_cause: int = NONE
    fast: int = 0
    routine: int = 0
    packages: int = 0
    reviews: int = 0
    reviewed_at: float = -1.0
    shocked_at: float = 0.0
    crisis_until: float = -1.0
    speech: int = 0
    last_day: int = NONE
    day_ordinal: int = 0
    acts: int = 0
    stock: int = 0
    adopted_at: float = -1.0
    top: float = 0.0
    pull: float = 0.0
    pull_at: float = 0.0
    last_act: int = NONE
    relation: int = 0
    posts: float = NEVER
    expected: float = 0.0
    sent: float = 0.0
    received: float = 0.0
    received_day: int = NONE
    discharged: float = 0.0
    discharged_day: int = NONE
    threat: int = NONE
    threat_until: float = 0.0
    announced: int = NONE
    due: int = 0
    due_cause: int = 0
    credibility: float = 0.0
    lasting: float = 0.0
    fading: float = 0.0
    trust: float = 0.0
    affront: float = 0.0
    affront_at: float = 0.0
    gave_way_at: float = -NEVER
    draft: int = 0
    agreed: int = 0
    draft_blocks: int = 0
    draft_share: int = NONE
    draft_parent: int = 0
    draft_package: int = 0


@dataclass(slots=True)
class UseState:
    """An instrument as used on a dyad: the decayed count of uses, and how many are in force."""

    uses: float = 0.0
    uses_at: float = 0.0
    active: int = 0
    ever: int = 0


@dataclass(slots=True)
class DraftState:
    """One instrument of a draft package."""

    instrument: int = 0
    target: int = 0
    size: float = 0.0


@dataclass(slots=True)
class ActorState:
    """The sum of pressure on an actor over time until `pressure_at`, and its cost so far.

    `conceded_at` is its last concession that no shock has undone. `packages` is the decayed count of the
    packages that it has received, current at `packages_at`.
    """

    pressure_at: float = 0.0
    conceded_at: float = -NEVER
    pressure_sum: float = 0.0
    cost_rate: float = 0.0
    cost_at: float = 0.0
    cost: float = 0.0
    audience_cost: float = 0.0
    packages: float = 0.0
    packages_at: float = 0.0


@dataclass(slots=True)
class PartState:
    """One part of a grievance, or one frozen share of a draft: an entry of a linked list."""

    source: int = 0
    amount: float = 0.0
    time: float = 0.0
    next: int = NONE
    level: float = 0.0


@dataclass(slots=True)
class ActState:
    """One row of the log: an act or a shock; `reach` has a bit for each further actor it is addressed to."""

    origin: int = 0
    time: float = 0.0
    actor: int = 0
    target: int = 0
    instrument: int = 0
    size: float = 0.0
    package: int = 0
    parent: int = 0
    in_force: float = NEVER
    lapsed: float = NEVER
    lifted: int = 0
    reach: int = 0


@dataclass(slots=True)
class CauseState:
    """How much of an act answers which row of the log."""

    act: int = 0
    cause: int = 0
    share: float = 0.0


@dataclass(slots=True)
class OutState:
    """An event that follows: when, of what kind, for whom, and its two arguments."""

    time: float = 0.0
    kind: int = 0
    actor: int = 0
    a: int = 0
    b: int = 0


@dataclass(slots=True)
class ChoiceState:
    """One option that is weighed."""

    option: int = 0
    utility: float = 0.0
    weight: float = 0.0


@dataclass(slots=True)
class RowState:
    """The row of the log in which a scripted act, or the first shock of a kind, stands."""

    row: int = NONE


@dataclass(slots=True)
class DayState:
    """The last day with a package, by actor and family and then by actor."""

    day: int = NONE


@dataclass(slots=True)
class State:
    """One replication: what the rules change."""

    stream: Words
    tally: Tally
    dyad: Column[DyadState]
    use: Column[UseState]
    draft: Column[DraftState]
    actor: Column[ActorState]
    script: Column[RowState]
    shock: Column[RowState]
    package_day: Column[DayState]
    seen: Ints
    alike: Ints
    suggested: Floats
    choice: Column[ChoiceState]
    row: Floats
    part: Log[PartState]
    act: Log[ActState]
    cause: Log[CauseState]
    out: Log[OutState]
