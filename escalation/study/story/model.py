"""The story of one replication as data: what happened, what was weighed, what was voted, what caused what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date as Date
from typing import Annotated, ClassVar, Literal

from escalation.scenario.base import named
from escalation.study.values import Days, Result, ResultPart

SHOCK, HISTORY, SIMULATED, FORCED = "shock", "history", "simulated", "forced"
"""Origins of an act: nobody's choice, known from the scenario, decided by the model, put in from outside."""


class CauseShare(ResultPart):
    """How much of an act answers an earlier row of the log."""

    cause: int
    """The row that it answers."""
    share: float
    """The part of the act, from 0 to 1; the shares of an act add up to 1 at most."""


class Act(ResultPart):
    """One row of the log: an act or a shock."""

    row: int
    """Its number in the log, from 0."""
    origin: Literal["shock", "history", "simulated", "forced"]
    """Where it comes from."""
    time: Days
    """When, in days from the start."""
    day: Date
    """Its date."""
    actor: str
    """Who did it; of a shock, who is blamed."""
    target: str | None
    """At whom it was aimed; None for a shock."""
    instrument: str
    """What was done; of a shock, its name."""
    label: str
    """The instrument or the shock as printed."""
    family: str | None
    """The family of the instrument; None for a shock."""
    severity: float
    """Severity from -10 to 10, negative for conciliatory acts; 0 for a shock."""
    counted: bool
    """Whether it is a hostile act, excluding words and threats."""
    size: float | None
    """How many names, people or firms; None for instruments without a size."""
    unit: str | None
    """What the size counts."""
    package: int | None
    """The package that it was adopted with; None outside one."""
    parent: int | None
    """The row that woke the actor; None where a regular review did, and in a script."""
    shares: tuple[CauseShare, ...]
    """What it answers, the largest share first; what the floor of a review adds answers nothing."""
    probability: float | None
    """That of picking it when it was picked; None for history, shocks, words that need no decision, and
    policies that do not weigh."""
    in_force: Days | None
    """Since when it is in force; None for never."""
    lapsed: Days | None
    """When it lapsed or was lifted; None for never."""


class StruckAct(ResultPart):
    """An act that was decided, or a shock, and did not take place, because an intervention struck it out."""

    time: Days
    """When it would have taken place, in days from the start."""
    day: Date
    """Its date."""
    actor: str
    """Who decided on it; of a shock, who is blamed."""
    target: str | None
    """At whom it was aimed; None for a shock."""
    instrument: str
    """What was to be done, or the shock."""
    label: str
    """The same as printed."""
    package: int | None
    """The package that it belonged to; None outside one."""


class WeighedOption(ResultPart):
    """One thing that could be done."""

    instrument: str | None
    """What; None for doing nothing, whose utility is the actor's inertia and has no terms."""
    label: str
    """The instrument as printed."""
    hostile: bool
    """Whether it is hostile, words and threats included."""
    probability: float
    """The probability of picking it."""
    utility: float
    """Its utility, the sum of the terms."""
    terms: Mapping[str, float]
    """Terms of the utility by name; those that are 0 are left out."""


class Choice(ResultPart):
    """One draw among options."""

    target: str
    """At whom the act was to be aimed."""
    draw: float
    """The uniform in [0, 1) that was inverted, options in order of severity."""
    picked: WeighedOption
    """What the draw fell on."""
    others: tuple[WeighedOption, ...]
    """What else was weighed, the likeliest first."""


class Vote(ResultPart):
    """One vote on a package."""

    time: Days
    """When, in days from the start."""
    day: Date
    """Its date."""
    agreed: bool
    """Whether all agreed."""
    member: str | None
    """Who withheld consent; None when all agreed."""
    held_until: Date | None
    """Until when a known hold of this member lasts; None where it is none."""


class Mood(ResultPart):
    """The state in which an actor deliberated."""

    grievance: float
    """Its grievance against the opponent; negative is goodwill."""
    proportion: float
    """The severity that is called for: by this, by a review that is due, or by a promise."""
    floor: float
    """The severity that a regular review of measures in force begins with; 0 where none is due."""
    reciprocity: float
    """The severity that it returns for each unit of grievance."""
    care: float
    """How much it answers this opponent: a factor of its reciprocity."""
    pressure: float
    """The pressure of the other on it."""
    trust: float
    """How far it trusts that this pressure ends when it gives way, 0 to 1."""
    affront: float
    """The affront in what the other has done to it."""
    yields_at: float | None
    """The pressure from which on it considers relief; None for never."""
    partners: float
    """How much recent acts of partners call for one more."""
    more: float
    """The probability with which each further instrument joins a package."""
    temperature: float
    """What utilities are divided by before they become probabilities."""
    promise_due: bool
    """Whether a threat of its own has fallen due."""


class Decision(ResultPart):
    """What an actor decided about another: a package, or to do nothing."""

    policy: str
    """The kind of its policy; only `proportional` ones have a mood and choices."""
    time: Days
    """When, in days from the start; a package that waits, or has a second stage, is adopted later."""
    day: Date
    """Its date."""
    actor: str
    """Who decided."""
    about: str
    """About whom."""
    cause: int | None
    """The row that woke the actor; None where a regular review did, and in a script."""
    again: bool = False
    """Whether that had woken it before."""
    mood: Mood | None = None
    """Its state; None for policies that do not weigh."""
    choices: tuple[Choice, ...] = ()
    """One draw for each instrument of the package."""
    package: int | None = None
    """The number of the package; None without one."""
    votes: tuple[Vote, ...] = ()
    """The votes on the package."""
    acts: tuple[int, ...] = ()
    """Rows of the acts once adopted; empty while the package was waiting to the end, or all were struck."""
    struck: tuple[StruckAct, ...] = ()
    """What of it an intervention struck out."""
    meets: bool = False
    """Whether the actor decides at meetings, an emergency aside."""

    @property
    def refrained(self) -> bool:
        """Whether it decided to do nothing."""
        return self.package is None and not self.acts

    @property
    def spoken(self) -> bool:
        """Whether it is no more than words, which need no deliberation, meeting or vote."""
        return self.policy == "proportional" and not self.choices


class Branch(ResultPart):
    """Acts of one actor in one package with one main cause, or a shock: a piece of the tree of causes."""

    acts: tuple[int, ...]
    """Rows of the log."""
    parent: int | None
    """The place, from 0, of the branch that it hangs on; None at a root."""
    share: float | None
    """How much of it answers that one."""
    below: int = 0
    """How many acts hang on it, near or far."""


class Answering(ResultPart):
    """How many hostile acts of one actor answer those of another."""

    actor: str
    """Who answered."""
    answered: str | None
    """Whom; None for shocks."""
    acts: float
    """Hostile acts, excluding words and threats, in sum of shares."""


class TurningPoint(ResultPart):
    """A decision or a shock that much follows from, or that goes further than anything before."""

    rows: tuple[int, ...]
    """Its acts, by row; of a shock the one row."""
    following: float
    """How many later hostile acts, excluding words and threats, go back to it, in sum of shares."""
    beyond: float
    """By how much the severity of its gravest act (or of its greatest concession) exceeds that of any earlier
    act of the actor; 0 for none."""


class Origin(ResultPart):
    """Which replication a story is of."""

    source: str
    """The scenario as it was named; of a run, the name of its scenario."""
    replication: int
    """Its number, from 0."""
    folder: str | None = None
    """The folder of the stored run; None without one."""
    of: int | None = None
    """How many replications the run was asked for; None without a run."""
    typical: bool = False
    """Whether it is the most typical one (the medoid) of the run; false where it was asked for."""
    matches: bool | None = None
    """Whether its outcomes are those stored in the run; None where there is nothing to compare."""


class Story(Result):
    """One replication, act by act. Acts, decisions and votes stand in the order of time."""

    version: ClassVar[int] = 2

    kind: Literal["story"] = "story"
    """Which result this is."""
    schema_version: Literal[2] = 2
    """The version of the document."""
    origin: Origin
    """Which replication this is."""
    truncated: bool
    """Whether it ended early, by a limit of acts or events."""
    actors: Annotated[Mapping[str, str], named("actor")]
    """The name of each actor with its label as printed."""
    acts: tuple[Act, ...]
    """The log."""
    decisions: tuple[Decision, ...]
    """What was decided; of one actor only where `only` names it."""
    tree: tuple[Branch, ...]
    """What caused what; a branch comes after the one that it hangs on."""
    answering: tuple[Answering, ...]
    """Who answered whom, the strongest first."""
    outcomes: Annotated[Mapping[str, float | None], named("outcome")]
    """The outcome row by name; None for what never happened."""
    struck: tuple[StruckAct, ...] = ()
    """What an intervention kept from taking place."""
    only: str | None = None
    """The actor whose decisions alone are given; None for all."""
    points: tuple[TurningPoint, ...] | None = None
    """The turning points in the order of time, where these alone are shown; None for the whole story."""

    @property
    def simulated(self) -> tuple[Act, ...]:
        """The acts that the model decided."""
        return tuple(act for act in self.acts if act.origin == SIMULATED)
