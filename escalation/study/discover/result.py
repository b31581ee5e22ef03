"""What a scenario discovery finds: boxes, the trajectory of each, and how they do on data not used."""

from __future__ import annotations

from typing import ClassVar, Literal

from escalation.study.sensitivity.space import Quantity
from escalation.study.stats import wilson
from escalation.study.values import SHARE, Count, Estimate, Replications, Result, ResultPart, Share


class BoxFigures(ResultPart):
    """How a box does on some replications."""

    replications: Replications
    """Replications, inside and outside."""
    cases: Replications
    """Those of them with the outcome."""
    mass: Share
    """Share of the replications that lie in the box."""
    coverage: Estimate
    """Share of the cases that lie in it."""
    density: Estimate
    """Share of what lies in it that is a case; undefined where nothing does."""


class PeelStep(ResultPart):
    """A box of a peeling trajectory."""

    number: Count
    """0 for the whole space."""
    quantities: tuple[str, ...]
    """The paths of the numbers that it bounds."""
    fitted: BoxFigures
    """On the replications by which it was found: too good."""
    held_out: BoxFigures
    """On those that it has not seen."""


class Restriction(ResultPart):
    """What a box demands of one uncertain number."""

    quantity: str
    """Its path."""
    low: float | None
    """At least this; None where that side is open."""
    high: float | None
    """At most this; None where that side is open."""
    share: Share
    """Share of all replications that are within these bounds."""
    without: Share
    """The density, where the box was found, without this restriction."""
    p_fitted: Share
    """How probably chance alone makes the box as dense as that, where it was found: too small."""
    p_held_out: Share
    """The same on replications that the box has not seen."""
    repeats: Count
    """In how many halves of the replications where it was found such a bound proved right on the rest."""


class PlottedReplication(ResultPart):
    """A held-out replication in a picture."""

    replication: int
    """Its number."""
    values: tuple[float, ...]
    """What it drew for the two most restricting numbers of a box; one where the box bounds only one."""
    case: bool
    """Whether it has the outcome."""


class ScenarioBox(ResultPart):
    """A box, and the trajectory that it was chosen from."""

    number: Count
    """Its place in the trajectory."""
    recommended: Count
    """The place of the box that is recommended."""
    trajectory: tuple[PeelStep, ...]
    """The whole space first; of a later box, without what lies in earlier ones."""
    stable: tuple[str, ...]
    """The paths of the numbers that it could bound: those of which bounds proved right in enough halves."""
    restrictions: tuple[Restriction, ...]
    """Those without which it loses most density first."""
    points: tuple[PlottedReplication, ...]
    """Held-out replications, the first ones."""

    @property
    def fitted(self) -> BoxFigures:
        """How it does on the replications by which it was found."""
        return self.trajectory[self.number].fitted

    @property
    def held_out(self) -> BoxFigures:
        """How it does on the others."""
        return self.trajectory[self.number].held_out


class Discovery(Result):
    """In which corners of the uncertain numbers an outcome happens."""

    version: ClassVar[int] = 1

    kind: Literal["discover"] = "discover"
    """Which result this is."""
    schema_version: Literal[1] = 1
    """The version of the document."""
    source: str
    """The run: its folder; empty for one in memory."""
    condition: str
    """The outcome, or the condition on outcomes, as it was asked."""
    replications: Replications
    """Replications that did not fail: half of them to find boxes, half held out."""
    cases: Replications
    """Those with the outcome."""
    failed: Replications
    """Replications left out because they failed."""
    same_model: bool
    """False where another version made the run: what its replications drew may be computed wrongly."""
    quantities: tuple[Quantity, ...]
    """The uncertain numbers."""
    wanted: Count
    """How many boxes were asked for."""
    halves: Count
    """Halves of the replications where boxes are found, in which each was looked for before."""
    enough: Count
    """In how many of them bounds of a number have to prove right for a box to bound it."""
    boxes: tuple[ScenarioBox, ...]
    """The boxes, each looked for outside the earlier ones; one that bounds nothing where there is none."""
    fitted: BoxFigures
    """How all boxes together do on the replications by which they were found."""
    held_out: BoxFigures
    """How they do on the others."""

    @property
    def share(self) -> Estimate:
        """The share of cases among all replications."""
        low, high = wilson(self.cases, self.replications)
        return Estimate(value=self.cases / self.replications, low=low, high=high, unit=SHARE)
