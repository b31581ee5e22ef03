"""The other kinds of policy: ladder, hazard, scripted, python; and the union of all kinds."""

from __future__ import annotations

from datetime import date as Date
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from escalation.scenario.base import Count, Level, Name, Number, Part, Share, Text
from escalation.scenario.canonical import line
from escalation.scenario.policy import Policy


def _number(value: float) -> Number:
    return Number(value=value)


class Ladder(Part):
    """Goes one rung up whenever it is provoked past a threshold. Kahn 1965."""

    kind: Literal["ladder"]
    """The kind of policy."""
    provocation: Level = _number(4.0)
    """Grievance that counts as a provocation."""
    discharge: Share = _number(1.0)
    """Grievance discharged at adoption per unit of severity."""

    def canonical(self) -> str:
        """Return the policy in one line."""
        return line("ladder", {"provocation": self.provocation, "discharge": self.discharge})


class Hazard(Part):
    """Answers each act with a fixed probability, blind to everything else: the null model. Hawkes 1971.

    Each act that it notices gets an answer of its own, so that acts form a branching process whose matrix is
    these probabilities.
    """

    kind: Literal["hazard"]
    """The kind of policy."""
    answers: Share = _number(0.3)
    """Probability of an answer to an act against itself."""
    answers_for: Annotated[dict[Name, Share], Field(default_factory=dict)]
    """Probability of an answer to an act against another actor."""
    instrument: Name | None = None
    """What it answers with; without a name, the mildest hostile instrument that it has."""

    def canonical(self) -> str:
        """Return the policy in one line."""
        instrument = {"instrument": self.instrument} if self.instrument else {}
        return line("hazard", {"answers": self.answers, "answers_for": self.answers_for, **instrument})


class ScriptedAct(Part):
    """One dated act of a scripted policy."""

    date: Date
    """Day of the act."""
    target: Name
    """Whom it is aimed at."""
    instrument: Name
    """What is done."""
    size: Count | None = None
    """How large it is; the instrument's median when missing."""


class Scripted(Part):
    """Does what is written down, on the day that is written down, and nothing else."""

    kind: Literal["scripted"]
    """The kind of policy."""
    acts: Annotated[dict[Name, ScriptedAct], Field(default_factory=dict, max_length=2000)]
    """The acts."""

    def canonical(self) -> str:
        """Return the policy in one line, in which an ellipsis stands for its acts."""
        return line("scripted", {}, more=True) if self.acts else "scripted()"


class Python(Part):
    """A class that an installed package registers under the entry point `escalation.policies`."""

    kind: Literal["python"]
    """The kind of policy."""
    name: Text
    """The name under which the class is registered."""
    parameters: Annotated[dict[Name, float | int | str | bool], Field(default_factory=dict, max_length=64)]
    """What the class is called with."""

    def canonical(self) -> str:
        """Return the policy in one line."""
        return line("python", {"name": self.name, **self.parameters})


KINDS: tuple[str, ...] = ("proportional", "ladder", "hazard", "scripted", "python")
"""All kinds of policy; the place in this list is the code that the model knows a kind by."""


def _kind(data: Any) -> str:
    kind = data.get("kind") if isinstance(data, dict) else getattr(data, "kind", None)
    return kind if kind in KINDS else "proportional"


AnyPolicy = Annotated[
    Annotated[Policy, Tag("proportional")]
    | Annotated[Ladder, Tag("ladder")]
    | Annotated[Hazard, Tag("hazard")]
    | Annotated[Scripted, Tag("scripted")]
    | Annotated[Python, Tag("python")],
    Discriminator(_kind),
]
"""A policy of any kind; without a `kind` it is proportional."""
