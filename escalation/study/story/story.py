"""The story of one replication, as data: what happened, what was weighed, what was voted, what caused it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

SCHEMA_VERSION = 1
SHOCK, HISTORY, SIMULATED, FORCED = "shock", "history", "simulated", "forced"
"""Origins of an act: nobody's choice, known from the scenario, decided by the model, put in from outside."""


@dataclass(frozen=True)
class Share:
    """How much of an act answers the row `cause` of the log; the shares of an act add up to 1 at most."""

    cause: int
    share: float


@dataclass(frozen=True)
class Act:
    """One row of the log: an act or a shock.

    `row` is its number; `time` is in days from the start. For a shock `actor` is who is blamed, `target` is
    None and `instrument` the shock's name. `probability` is that of picking it when it was picked (None for
    history, shocks and policies that do not weigh). `parent` is the row that woke the actor. `counted` is
    true for hostile acts other than words and threats. `in_force` and `lapsed` are days, None for never.
    """

    row: int
    origin: str
    time: float
    day: date
    actor: str
    target: str | None
    instrument: str
    label: str
    family: str | None
    severity: float
    counted: bool
    size: float | None
    unit: str | None
    package: int | None
    parent: int | None
    shares: tuple[Share, ...]
    probability: float | None
    in_force: float | None
    lapsed: float | None


@dataclass(frozen=True)
class Struck:
    """An act that was decided and did not take place, because an intervention struck it out."""

    time: float
    day: date
    actor: str
    target: str
    instrument: str
    label: str
    package: int | None


@dataclass(frozen=True)
class Option:
    """One thing that could be done, with its probability, its utility and the terms that add up to that.

    Terms that are 0 are left out. `instrument` is None for doing nothing, whose utility is the actor's
    inertia and has no terms.
    """

    instrument: str | None
    label: str
    hostile: bool
    probability: float
    utility: float
    terms: Mapping[str, float]


@dataclass(frozen=True)
class Choice:
    """One draw among options: its target, what was picked, and what else was weighed, the likeliest first."""

    target: str
    picked: Option
    others: tuple[Option, ...]


@dataclass(frozen=True)
class Vote:
    """One vote on a package.

    `member` withheld consent (None when all agreed), by a known hold when there is a `held_until`.
    """

    time: float
    day: date
    agreed: bool
    member: str | None
    held_until: date | None


@dataclass(frozen=True)
class Mood:
    """In what state an actor deliberated.

    `grievance` (negative is goodwill) calls for the severity `proportion`; `pressure` is on the actor, which
    considers relief from `yields_at` on; `partners` is how much recent acts of partners call for one more;
    `more` is the probability with which each further instrument joins a package; `temperature` divides
    utilities before they become probabilities.
    """

    grievance: float
    proportion: float
    pressure: float
    yields_at: float
    partners: float
    more: float
    temperature: float
    promise_due: bool


@dataclass(frozen=True)
class Decision:
    """What an actor decided about another: a package, or to do nothing (no acts, no package).

    `policy` is its kind; only `proportional` ones have a mood and choices, one per instrument. `cause` is
    the row that woke the actor, `again` whether that had woken it before, `meets` whether it decides at
    meetings, an emergency aside. `acts` are the rows of the package
    once adopted; without them it was still waiting when the replication ended, unless all were `struck`.
    """

    policy: str
    time: float
    day: date
    actor: str
    about: str
    cause: int | None
    again: bool
    mood: Mood | None
    choices: tuple[Choice, ...]
    package: int | None
    votes: tuple[Vote, ...]
    acts: tuple[int, ...]
    struck: tuple[Struck, ...] = ()
    meets: bool = False

    @property
    def refrained(self) -> bool:
        """True when nothing was what it decided."""
        return self.package is None and not self.acts


@dataclass(frozen=True)
class Branch:
    """Acts of one actor in one package with one main cause, or a shock: a piece of the tree of causes.

    `parent` is the place (from 0) of the branch that it hangs on, None at a root; `share` is how much of it
    answers that one. `below` counts the acts in all branches that hang on this one, near or far.
    """

    acts: tuple[int, ...]
    parent: int | None
    share: float | None
    below: int


@dataclass(frozen=True)
class Answering:
    """How many hostile acts of `actor`, in sum of shares, answer those of `answered` (None: shocks)."""

    actor: str
    answered: str | None
    acts: float


@dataclass(frozen=True)
class Source:
    """Where a story comes from; `run` and `of` (replications asked for) are None without a run.

    `typical` is true for the medoid of the run, false for a replication that was asked for. `matches` says
    whether its outcomes are those stored in the run (None where there is nothing to compare).
    """

    scenario: str
    seed: int
    replication: int
    run: str | None = None
    of: int | None = None
    typical: bool = False
    matches: bool | None = None


@dataclass(frozen=True)
class Story:
    """One replication, told.

    `actors` maps names to labels; `outcomes` holds None for what never happened. `struck` are the acts that
    an intervention kept from taking place. Where only one actor's decisions are told, it is `told_of`.
    """

    source: Source
    title: str
    question: str
    start: date
    takeover: date
    end: date
    truncated: bool
    actors: Mapping[str, str]
    acts: tuple[Act, ...]
    decisions: tuple[Decision, ...]
    tree: tuple[Branch, ...]
    answering: tuple[Answering, ...]
    outcomes: Mapping[str, float | None]
    struck: tuple[Struck, ...] = ()
    told_of: str | None = None

    @property
    def simulated(self) -> tuple[Act, ...]:
        """The acts that the model decided."""
        return tuple(act for act in self.acts if act.origin == SIMULATED)

    def to_json(self) -> dict[str, Any]:
        """Return the story as plain JSON values: one document, dates as text, None for never."""
        document: dict[str, Any] = plain(self)
        return {"schema_version": SCHEMA_VERSION, **document}


def plain(value: Any) -> Any:
    """Return a part of a story as plain JSON values: dates as text, None for what is not finite."""
    if hasattr(value, "__dataclass_fields__"):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {name: plain(entry) for name, entry in value.items()}
    if isinstance(value, tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.isoformat() if isinstance(value, date) else value
