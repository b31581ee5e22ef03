"""The flywheel's part of a summary: every field with its unit and what it means."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from escalation.study.summary.entries import (
    Absent,
    Days,
    Ends,
    Entry,
    Ratio,
    RatioEnds,
    Replications,
    Share,
    Square,
    SquareEnds,
    Text,
    Whole,
    unit,
)


class ReadingEntry(Entry):
    """One estimate of the flywheel's reproduction number."""

    acts: Annotated[int, Field(ge=0, json_schema_extra={"unit": "acts"})]
    """Hostile acts that were followed for the whole window: what R rests on."""
    R: Ratio | None
    """Further hostile acts that each one calls forth within the window: the largest eigenvalue of K. Null
    where no act was followed. Where acts are weighted it is severity per severity."""
    interval_95: RatioEnds | None
    """95% interval of R over replications; null where there are too few."""
    cut_off: bool
    """True when so many replications were truncated that R may be higher than it reads."""
    late: bool
    """True when so many answers come after the window that R may be higher than it reads."""
    verdict: Literal["feeds itself", "does not feed itself", "cannot be told"]
    """Whether R is above 1, below 1, or neither is sure."""


class SpanEntry(Entry):
    """R for the acts of one stretch of time."""

    span: Text
    """The stretch by its dates."""
    first_day: Days
    """Its first day, from the scenario's start."""
    end_day: Days
    """The first day after it."""
    counted: ReadingEntry
    """With every act counted as one."""
    severity_weighted: ReadingEntry
    """With every act weighted with its severity."""


class SourcesEntry(Absent):
    """What the hostile acts answer; the parts add up to 1. Empty where there are no acts."""

    acts: Share | None = None
    """Earlier hostile acts of the simulated time."""
    history: Share | None = None
    """Hostile acts before it."""
    shocks: Share | None = None
    """Shocks."""
    other: Share | None = None
    """Words, threats and concessions."""
    unknown: Share | None = None
    """It is not known what."""


class DyadEntry(Entry):
    """Who acts on whom."""

    name: Text
    """Both names: `belarus.eu`."""
    label: Text
    """As printed: `Belarus → European Union`."""


class LinkEntry(Entry):
    """Acts on one dyad answered by acts on another."""

    parent: Text
    """The dyad that is answered."""
    child: Text
    """The dyad of the answers."""
    answers: Ratio
    """Answers per act: the entry of K."""
    carries: Share
    """The part of R that runs through this link."""


class StepEntry(Entry):
    """One act of a chain."""

    dyad: Text
    """Who acts on whom."""
    instrument: Text
    """What is done."""
    label: Text
    """Both in words."""


class ChainEntry(Entry):
    """Acts that answer one another, the last on the dyad of the first."""

    acts: list[StepEntry]
    """The acts in order."""
    per_future: Annotated[float, Field(ge=0), unit("chains per replication")]
    """How many such chains a replication holds."""


class LoopEntry(Entry):
    """Dyads that answer one another in a circle."""

    dyads: list[str]
    """Their names in order; the last is answered by the first."""
    gain: Ratio
    """What an act becomes per step along the circle."""
    chain: ChainEntry | None
    """What is done along it most often; null where it was not seen."""


class PartEntry(Entry):
    """A part of the clustering of acts in time."""

    share: Annotated[float, unit("share")]
    """The part."""
    interval_95: Annotated[Ends, unit("share")]
    """Its 95% interval over replications."""


class RivalEntry(Entry):
    """How much of the clustering of acts in time is explained without any answers."""

    days: Days
    """How near to each other two acts count as close."""
    clustering: Annotated[float, Field(ge=0), unit("ratio")]
    """How often two acts of one replication are so close, per time that they would be at an even rate."""
    shocks: PartEntry | None
    """The part of its excess over 1 that acts which answer no other act make alone: at least this is no
    answering. Null where it cannot be told that acts cluster."""
    moving_baseline: PartEntry | None
    """The part that a rate moving alike in all replications gives: at most this is no answering."""


class FlywheelEntry(Entry):
    """Whether the spiral of hostile acts feeds itself (`docs/odd.md` says how that is measured)."""

    schema_version: Whole
    """The version of this part of the document."""
    sentence: Text
    """The verdict in words."""
    window_days: Days
    """For how long an act is followed."""
    window_cut: bool
    """True when answers may come later than that, and the run is too short to follow acts for longer."""
    replications: Replications
    """The replications that it rests on."""
    truncated: Replications
    """Those of them that a limit ended early."""
    counted: ReadingEntry
    """R with every act counted as one."""
    severity_weighted: ReadingEntry
    """R with every act weighted with its severity."""
    spans: list[SpanEntry]
    """R in longer stretches of time."""
    through_time: list[SpanEntry]
    """Answers per act for the acts of each month: not R, which needs more of them."""
    endogenous: Share | None
    """The part of the acts that answers earlier hostile acts: `sources.acts` and `sources.history`."""
    sources: SourcesEntry
    """What the hostile acts answer."""
    late: Share | None
    """The part of the answers seen that came after the window and is not in K."""
    dyads: list[DyadEntry]
    """The dyads with hostile acts: the order of the rows and columns below."""
    followed: Annotated[list[float], unit("acts")]
    """By dyad, the acts that were followed: what the rows of K rest on."""
    K: Square
    """Row by column: answers on the column's dyad per act on the row's."""
    K_interval_95: Annotated[SquareEnds, unit("acts per act")] | None
    """The lower ends of their 95% intervals, then the upper ones; null in rows that rest on too few acts, and
    altogether where there are too few replications."""
    K_severity_weighted: Annotated[list[list[float]], unit("severity per severity")]
    """The same, with acts weighted with their severity."""
    K_severity_weighted_interval_95: Annotated[SquareEnds, unit("severity per severity")] | None
    """Their 95% intervals."""
    acts_per_shock: Annotated[list[float], unit("acts per shock")] | None
    """By dyad, the acts that follow one outside shock, with all that answers them; null where R is not below
    1."""
    acts_per_outside_act: Ratio | None
    """The acts that follow one provoked from outside, itself included; null where R is not below 1."""
    links: list[LinkEntry]
    """The strongest links between dyads, the strongest first."""
    loops: list[LoopEntry]
    """The largest circles of dyads, the largest first."""
    chains: list[ChainEntry]
    """The most frequent circles by what is done in them."""
    rival: RivalEntry | None
    """The rival explanation; null where there are too few replications or acts to tell."""
    rival_sentence: Text
    """The same in words; empty where it is not known."""
