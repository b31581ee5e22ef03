"""The compiled scenario, as the rules read it: `Tables`, which also holds the `State` that they write.

An index over a dyad is `i * actors + j` (sender i, target j), over an actor and an instrument
`i * instruments + k`, over a dyad and an instrument `(i * actors + j) * instruments + k`. Fields that end in
`_from` and `_to` bound the rows of a column that belong to a record. Times are days from the start.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from escalation.model.kernel import Column, Floats, Ints, Word, as_one
from escalation.model.state import NEVER, NONE, State
from escalation.scenario.base import FAMILIES, RELATIONS
from escalation.scenario.policy import KINDS

MEASURE, SHOCKED, SCRIPTED, LAPSE, IN_FORCE, TAKEOVER, DEADLINE, ANNOUNCED, RENEWAL, SPEAK, WAKE, ANSWER = (
    range(12)
)
"""Kinds of events, in the order in which they happen at one instant."""

PACKAGE = 16
"""Most instruments that one package can hold."""

NOTHING = -1
"""The option of doing nothing, among the instruments."""

PROPORTIONAL, LADDER, HAZARD = map(KINDS.index, ("proportional", "ladder", "hazard"))
"""Codes of the kinds of policy."""

FAMILY_COUNT = len(FAMILIES)
INDIVIDUAL = FAMILIES.index("individual")
"""The family whose sizes are names listed."""
DIPLOMATIC = FAMILIES.index("diplomatic")
"""The family that needs a relation, and whose sizes are posts of the target."""
BROKEN = RELATIONS.index("broken")
"""The relation that it takes one to break, and that both lose."""

YEAR = 365.25
"""Days of a year."""


@dataclass(slots=True)
class ModelRow:
    """Numbers of the whole model."""

    size_exponent: float = 0.0
    habituation_floor: float = 0.0
    recent: float = 0.0
    reputation: float = 0.0
    aftermath: float = 0.0
    runaway: float = 0.0
    concession: float = 0.0


@dataclass(slots=True)
class ActorRow:
    """An actor: what it notices and feels, its institution, its policy, its patron."""

    attention: float = 0.0
    felt: float = 0.0
    half_life: float = 0.0
    voice: float = 0.0
    threshold: float = 0.0
    emergency: float = 0.0
    habituation: float = 0.0
    memory: float = 0.0
    fatigue: float = 0.0
    fatigue_memory: float = 1.0
    yield_threshold: float = 0.0
    review: float = 0.0
    review_spread: float = 0.0
    backoff: float = 1.0
    floor: float = 0.0
    floor_half_life: float = 1.0
    crisis: float = NEVER
    crisis_days: float = 0.0
    crisis_median: float = 0.0
    crisis_spread: float = 0.0
    adoption_median: float = 0.0
    adoption_spread: float = 0.0
    statement_median: float = 0.0
    statement_spread: float = 0.0
    emergency_lag: float = 0.0
    linkage: float = 0.0
    reciprocity: float = 0.0
    d_min: float = 0.0
    inertia: float = 0.0
    alpha: float = 0.0
    bite: float = 0.0
    alignment: float = 0.0
    fit: float = 0.0
    own_cost: float = 0.0
    fear: float = 0.0
    expected: float = 0.0
    learning: float = 0.0
    gradualism: float = 0.0
    saturation: float = 0.0
    audience: float = 0.0
    credibility: float = 0.0
    yielding: float = 0.0
    trust: float = 0.0
    first_move: float = 0.0
    face: float = 0.0
    temperature: float = 0.0
    outspoken: float = 0.0
    more: float = 0.0
    package_limit: float = 0.0
    discharge: float = 0.0
    resolve: float = 0.0
    join: float = 0.0
    provocation: float = 0.0
    absorbs: float = 0.0
    over: float = 1.0
    key: Word = 0
    policy: int = PROPORTIONAL
    bloc: int = NONE
    hazard_instrument: int = NONE
    irregular: int = 0
    working_week: int = 0
    two_stages: int = 0
    renewal_from: int = 0
    renewal_to: int = 0
    stage_from: int = 0
    stage_to: int = 0
    meeting_from: int = 0
    meeting_to: int = 0
    veto_from: int = 0
    veto_to: int = 0
    member_from: int = 0
    member_to: int = 0


@dataclass(slots=True)
class DyadRow:
    """What binds one actor to another.

    `solidarity` is 1 on the diagonal and the member's weight from a bloc to its member; `answers` is the
    probability with which a hazard policy of the first answers an act against the second; `joint` has a bit
    for each actor that an act on a group reaches beside the second.
    """

    exposure: float = 0.0
    dependence: float = 0.0
    solidarity: float = 0.0
    care: float = 1.0
    posts: float = NEVER
    answers: float = 0.0
    key: Word = 0
    relation: int = 0
    joint: int = 0
    option_from: int = 0
    option_to: int = 0


@dataclass(slots=True)
class InstrumentRow:
    """An instrument; `words` are hostile ones that are words or threats, `counted` the other hostile ones.

    `everyone` is 1 for one that is addressed to all, `group` for one that is to a group, `posts` for one that
    uses up posts of the target.
    """

    rung: float = 0.0
    severity: float = 0.0
    harm: float = 0.0
    cost: float = 0.0
    relief: float = 0.0
    delay: float = 0.0
    term: float = NEVER
    median: float = 1.0
    spread: float = 0.0
    promise: float = 0.0
    condition: float = 0.0
    within: float = 0.0
    family: int = 0
    counted: int = 0
    words: int = 0
    sized: int = 0
    conditional: int = 0
    once: int = 0
    everyone: int = 0
    group: int = 0
    posts: int = 0
    demand: int = 0
    relation_to: int = NONE
    requires_from: int = 0
    requires_to: int = 0
    lifts_from: int = 0
    lifts_to: int = 0


@dataclass(slots=True)
class RepertoireRow:
    """An instrument in the hands of an actor; `first_use` is its place among the first uses measured."""

    last_resort: float = 0.0
    first_use: int = NONE


@dataclass(slots=True)
class RenewalRow:
    """A day on which measures are renewed or lapse; `families` has a bit for each family that is."""

    time: float = 0.0
    families: int = 0


@dataclass(slots=True)
class StageRow:
    """A stage between a provocation and a decision, in days."""

    median: float = 0.0
    spread: float = 0.0


@dataclass(slots=True)
class VetoRow:
    """A member whose consent is needed and not certain."""

    base: float = 0.0
    per_rung: float = 0.0
    key: Word = 0


@dataclass(slots=True)
class HoldRow:
    """A known hold of an institution on acts against a target."""

    since: float = 0.0
    until: float = 0.0
    actor: int = 0
    target: int = 0


@dataclass(slots=True)
class ShockRow:
    """A dated shock, or one that comes at a rate per year."""

    magnitude: float = 0.0
    spread: float = 0.0
    rate: float = 0.0
    time: float = NEVER
    key: Word = 0
    blamed: int = 0
    foreseen: int = 0
    suggest_from: int = 0
    suggest_to: int = 0


@dataclass(slots=True)
class SuggestRow:
    """An instrument that a shock suggests, and how much."""

    weight: float = 0.0
    instrument: int = 0


@dataclass(slots=True)
class SalienceRow:
    """How much an actor cares about a shock: by shock and actor."""

    salience: float = 0.0


@dataclass(slots=True)
class ScriptRow:
    """A dated act; what it answers are rows of `script_cause`: scripts, or -1 - shock."""

    size: float = 0.0
    time: float = 0.0
    actor: int = 0
    target: int = 0
    instrument: int = 0
    origin: int = 0
    cause_from: int = 0
    cause_to: int = 0


@dataclass(slots=True)
class StrikeRow:
    """Acts or shocks that do not take place; see `intervene.Strike`."""

    ordinal: int = -1
    actor: int = -1
    target: int = -1
    instrument: int = -1
    family: int = -1
    replication: int = -1
    shock: int = -1


@dataclass(slots=True)
class CellRow:
    """An uncertain number: where it lies in `Tables.numbers`, its distribution, and its allowed range."""

    a: float = 0.0
    b: float = 0.0
    c: float = 0.0
    low: float = 0.0
    high: float = 0.0
    key: Word = 0
    at: int = 0
    kind: int = 0
    choice_from: int = 0


@dataclass(slots=True)
class Tables:
    """The compiled scenario in tables, and in `state` one replication of it: what every rule is called with.

    Instruments stand in order of severity; `first_hostile` is the first with one above 0. `option` holds for
    each dyad the instruments that one can use against the other, in order, and NOTHING among them. `renewed`
    has for each actor and family the days from a measure's adoption to its renewal. `numbers`
    is one column with all tables that may hold uncertain numbers; `at` says where each group of outcomes
    begins in the row.
    """

    actors: int
    instruments: int
    first_hostile: int
    outcomes: int
    act_limit: int
    event_limit: int
    weekday: int
    takeover: float
    end: float
    numbers: Floats
    model: ModelRow
    actor: Column[ActorRow]
    dyad: Column[DyadRow]
    instrument: Column[InstrumentRow]
    repertoire: Column[RepertoireRow]
    stage: Column[StageRow]
    veto: Column[VetoRow]
    shock: Column[ShockRow]
    salience: Column[SalienceRow]
    suggest: Column[SuggestRow]
    script: Column[ScriptRow]
    hold: Column[HoldRow]
    strike: Column[StrikeRow]
    cell: Column[CellRow]
    cell_choice: Floats
    option: Ints
    requires: Ints
    lifts: Ints
    member: Ints
    renewal: Column[RenewalRow]
    renewed: Floats
    meeting: Floats
    script_cause: Ints
    measure_time: Floats
    at: Ints
    state: State
    trace: Any = None

    def laid_out(self) -> Tables:
        """Return tables of arrays in which those that may hold uncertain numbers are parts of `numbers`."""
        numbers, tables = as_one({name: getattr(self, name) for name in UNCERTAIN}, float)
        return replace(self, **tables, numbers=numbers)


UNCERTAIN = (
    *("model", "actor", "dyad", "instrument", "repertoire", "stage", "veto", "shock", "salience", "suggest"),
    "script",
)
"""The tables that may hold uncertain numbers, in the order in which `Tables.numbers` has them."""


def lengths(w: Tables) -> dict[str, int]:
    """Return the number of rows of every column and table of `State` that is not a log."""
    n, k = w.actors, w.instruments
    return {
        "stream": 3,
        "dyad": n * n,
        "use": n * n * k,
        "draft": n * n * PACKAGE,
        "actor": n,
        "script": len(w.script),
        "shock": len(w.shock),
        "package_day": n * FAMILY_COUNT + n,
        "seen": len(w.strike),
        "alike": FAMILY_COUNT,
        "suggested": k,
        "choice": k + 1,
        "row": w.outcomes,
    }
