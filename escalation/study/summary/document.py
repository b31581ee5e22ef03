"""The document of a summary, `summary.json`: every field with its unit and what it means.

`Summary.to_json` and `Flywheel.as_dict` write it; these models say what they write. The JSON Schema and the
page docs/summary-format.md are made from them. What cannot be said is null; in an `Absent` mapping it is left
out.
"""

from __future__ import annotations

from datetime import date as Date
from typing import Annotated, Any, Literal

from pydantic import Field

from escalation.study.summary.entries import (
    Absent,
    Ends,
    Entry,
    Own,
    OwnEnds,
    Replications,
    Share,
    Text,
    Whole,
    unit,
)
from escalation.study.summary.flywheel_entries import FlywheelEntry

Schema = dict[str, Any]


class ScenarioEntry(Entry):
    """What was asked: the scenario's title, question and time."""

    title: Text
    """The title of the scenario."""
    question: Text
    """The question that it asks."""
    start: Annotated[Date, unit("date")]
    """The day from which all days are counted: time 0 of every outcome in days."""
    simulate_from: Annotated[Date, unit("date")]
    """The first day that is simulated; what happened before is told by the scenario."""
    end: Annotated[Date, unit("date")]
    """The first day that is no longer simulated."""


class ReplicationsEntry(Entry):
    """How many replications there are."""

    asked: Replications
    """Asked for; where a precision ended the run, as many as were enough."""
    finished: Replications
    """Finished, failed and truncated ones included."""
    failed: Replications
    """Failed: they are in no figure."""
    truncated: Replications
    """Ended early by a limit of acts or events: they are in all figures."""


class DatesEntry(Entry):
    """The days of a date outcome as dates."""

    median: Annotated[Date, unit("date")]
    """`median` as a date."""
    band_50: Annotated[tuple[Date, Date], unit("date")]
    """`band_50` as dates."""
    band_95: Annotated[tuple[Date, Date], unit("date")]
    """`band_95` as dates."""


class OutcomeEntry(Absent):
    """One outcome over the replications that did not fail."""

    name: Text
    """Its name: `package_days.eu`."""
    kind: Literal["count", "level", "rank", "probability", "date"]
    """What it is: a number of things, a quantity, a place in an order, something that happens or not, or the
    day on which it first happens. Which of the following fields there are depends on it."""
    unit: Text
    """The unit of `mean`, `mcse`, `median` and the bands."""
    label: Text
    """What it is in words."""
    n: Replications
    """The replications that it rests on; without any, no field follows."""
    mean: Own | None = None
    """Mean over replications. Counts, levels and ranks."""
    mcse: Own | None = None
    """Monte Carlo standard error of `mean`; from two replications on."""
    median: Own | None = None
    """Median over replications; of a date, over those in which it happened."""
    band_50: OwnEnds | None = None
    """Where the middle half of these replications lies."""
    band_95: OwnEnds | None = None
    """Where the middle 95% of them lies."""
    probability: Share | None = None
    """Share of replications in which it happens, from `simulate_from` on: what the scenario tells before does
    not count. Probabilities and dates."""
    interval: Annotated[Ends, unit("share")] | None = None
    """95% interval of `probability` (Wilson 1927)."""
    shares: Annotated[dict[str, Share], unit("share")] | None = None
    """Share of replications by value, the value written as text. Ranks; a `relation.*` is 0 full, 1 envoy
    recalled, 2 downgraded, 3 broken."""
    mode: Own | None = None
    """The most frequent value. Ranks."""
    dates: DatesEntry | None = None
    """The same days as dates. Dates that happened in any replication."""


class ObjectiveEntry(Entry):
    """An expression that the scenario names under `outcomes.objectives`."""

    name: Text
    """Its name."""
    expression: Text
    """The expression: `prob(runaway) <= 0.05` (docs/objectives.md)."""
    value: Own | None
    """What it came to."""
    interval: OwnEnds | None
    """95% interval of `value`."""
    holds: bool | None
    """Whether `value` keeps to the limit; null without one."""
    share: bool
    """Whether it is a probability, a share from 0 to 1."""


class FailureEntry(Entry):
    """A replication that failed."""

    replication: Annotated[int, Field(ge=0)]
    """Its number, from 0."""
    message: Text
    """What stopped it."""


class PrecisionEntry(Entry):
    """How a run with `--precision` came to its end."""

    outcome: Text
    """What was to be known: `prob(concession.eu)`."""
    half_width: Own
    """How well it was to be known: half the width of its 95% interval."""
    reached: Own | None
    """How well it is known."""
    too_few: bool
    """Whether the replications are too few, or the outcome too skewed, to trust that."""
    limit: Replications
    """How many replications there could be at most."""
    stopped_by: Literal["precision", "limit", "interrupt"]
    """What ended the run."""


class RunEntry(Absent):
    """Where the run is and how it went. Only in what `--format json` prints, not in the file."""

    status: Literal["complete", "interrupted"]
    """Whether all replications that were asked for are there."""
    folder: Text | None
    """The folder of the run; null when it was not stored."""
    seconds: Annotated[float, Field(ge=0), unit("seconds")]
    """How long the replications took."""
    overrides: list[str]
    """What was changed in the scenario, as it was asked for: `--set` and `--until`."""
    precision: PrecisionEntry | None = None
    """How a run with `--precision` came to its end; left out without it."""


class SummaryEntry(Absent):
    """The summary of a run: every outcome as a distribution, and the flywheel."""

    schema_version: Literal[2]
    """The version of the document. It changes when a field goes or changes its meaning; fields may be added
    without."""
    scenario: ScenarioEntry
    """What was asked."""
    seed: Whole
    """The seed of the run."""
    replications: ReplicationsEntry
    """How many there are, and how they ended."""
    answer: list[str]
    """The names of the outcomes that answer the question, in order."""
    objectives: list[ObjectiveEntry]
    """What the scenario's objectives came to, in order."""
    flywheel: FlywheelEntry | None
    """The flywheel; null where the acts were not looked at."""
    outcomes: list[OutcomeEntry]
    """Every outcome."""
    failures: list[FailureEntry]
    """Every replication that failed."""
    run: RunEntry | None = None
    """Where the run is and how it went; left out in the file."""


ABSENT = tuple(model.__name__ for model in Absent.__subclasses__())
NULLABLE = (("RunEntry", "folder"), ("SummaryEntry", "flywheel"))
"""Null all the same in a mapping that otherwise leaves out what cannot be said."""
NULL = {"type": "null"}


def json_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of a summary; `unit` says what the numbers of a field count."""
    raw = SummaryEntry.model_json_schema()
    parts = raw.pop("$defs")
    for name, part in {**parts, SummaryEntry.__name__: raw}.items():
        part.pop("title", None)
        part["description"] = _line(part["description"])
        for key, entry in part["properties"].items():
            _tidy(entry, name in ABSENT and (name, key) not in NULLABLE)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The summary of a run of escalation",
        **raw,
        "$defs": parts,
    }


def _tidy(entry: Schema, said: bool) -> None:
    """Put words and unit where a reader looks for them; with `said`, null is not allowed."""
    entry.pop("title", None)
    entry.pop("default", None)
    entry["description"] = _line(entry["description"])
    options = [option for option in entry.get("anyOf", []) if option != NULL]
    for option in options:
        if "unit" in option:
            entry["unit"] = option.pop("unit")
    if said and options:
        del entry["anyOf"]
        (only,) = options
        entry |= only


def _line(text: str) -> str:
    return " ".join(text.split())
