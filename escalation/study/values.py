"""What results are made of: one base for their parts, one value with its interval, one envelope.

A result is one frozen model. It is the Python object, the JSON document (`model_dump_json`), its schema
(`model_json_schema`) and what pages are made from. `None` means undefined.
"""

from __future__ import annotations

from datetime import date as Date
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field

from escalation.ensemble.prompt import PAGES, brief
from escalation.model.header import Header
from escalation.scenario import base
from escalation.scenario.document import Scenario


class ResultPart(base.Part):
    """A part of a result: immutable, every field known, no infinity and no NaN."""

    model_config = ConfigDict(strict=False)


def unit(words: str) -> Any:
    """Return the annotation of what a number counts; it stands in the JSON Schema as `unit`."""
    return Field(json_schema_extra={"unit": words})


Count = Annotated[int, Field(ge=0)]
Replications = Annotated[int, Field(ge=0, json_schema_extra={"unit": "replications"})]
Share = Annotated[float, Field(ge=0, le=1, json_schema_extra={"unit": "share"})]
Days = Annotated[float, unit("days")]

SHARE, DATE = "share", "date"
"""Units of estimates that are printed in a way of their own: a probability, and a day counted from the start
of the scenario."""


class Estimate(ResultPart):
    """A value with its 95% interval and standard error, in a unit. None where undefined.

    A value that is an end of an interval has no interval of its own.
    """

    value: float | None
    """The value itself."""
    low: float | None = None
    """Lower end of the 95% interval."""
    high: float | None = None
    """Upper end of the 95% interval."""
    error: float | None = None
    """Standard error."""
    unit: str = ""
    """What it counts: `share` for a probability, `date` for days from the start, else the outcome's unit."""
    too_few: bool = False
    """True where simulation shows that such an interval often misses: too few replications, or too rare or
    skewed an outcome, to trust it."""

    @property
    def half_width(self) -> float | None:
        """Half the width of the interval; None without one."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2

    @property
    def excludes_zero(self) -> bool:
        """Whether the whole interval lies on one side of 0; False without an interval."""
        return self.low is not None and self.high is not None and not self.low <= 0.0 <= self.high


UNDEFINED = Estimate(value=None)


class Band(ResultPart):
    """Where the middle part of the replications lies."""

    low: float
    """Its lower end."""
    high: float
    """Its upper end."""


class ScenarioPart(ResultPart):
    """The scenario of a result."""

    name: str | None
    """Its name where it has one: that of its file, or the shipped name."""
    title: str
    """Its title."""
    question: str
    """The question that it asks."""
    start: Date
    """The day from which days are counted: time 0."""
    simulate_from: Date
    """The first simulated day; what happened before is history."""
    end: Date
    """The first day that is no longer simulated."""

    @classmethod
    def of(cls, scenario: Scenario | Header, name: str | None) -> ScenarioPart:
        """Return the part for a scenario, or for a run by what its columns mean."""
        return cls(
            name=name, title=scenario.title, question=scenario.question, start=scenario.start,
            simulate_from=scenario.takeover, end=scenario.end,
        )  # fmt: skip


class ReplicationsPart(ResultPart):
    """How many replications there are, and how they ended."""

    asked: Replications
    """Asked for; where a precision ended the run, as many as were enough."""
    finished: Replications
    """Finished, failed and truncated ones included."""
    failed: Replications
    """Failed: they are in no figure."""
    truncated: Replications
    """Ended early by a limit of acts or events: they are in all figures."""

    @property
    def clean(self) -> bool:
        """True when none failed and none was truncated."""
        return not (self.failed or self.truncated)


class RunPart(ResultPart):
    """How a result came about: not part of what it says, and not stored with it."""

    status: Literal["complete", "interrupted"]
    """Whether all that was asked for is there."""
    folder: Path | None
    """Where it is stored; None when it is not."""
    seconds: Annotated[float, Field(ge=0), unit("seconds")]
    """How long it took by the wall clock, earlier attempts included."""


class Result(ResultPart):
    """The envelope of every result; each kind adds its own fields.

    `kind` and `schema_version` are narrowed to literals by each kind; `version` rises when a field goes or
    changes its meaning.
    """

    version: ClassVar[int]

    kind: str
    """What was asked: `summary`, `compare`, `sweep` …"""
    schema_version: int
    """The version of the document."""
    scenario: ScenarioPart
    """The scenario; of a comparison, that of the baseline."""
    seed: Annotated[int, Field(ge=0, lt=2**64)]
    """What all chance comes from."""
    overrides: tuple[str, ...] = ()
    """What was changed in the scenario's file: `PATH=VALUE`, `until=DATE`, `assumptions=SPREAD`."""
    run: RunPart | None = None
    """How it came about; left out in the stored file."""

    @property
    def clean(self) -> bool:
        """True when no replication failed and none was truncated."""
        return True

    def __repr__(self) -> str:
        """Return at most three lines."""
        where = f"seed {self.seed}, {self.scenario.simulate_from} to {self.scenario.end}"
        return brief(self.kind, self.scenario.title, where, "print() shows its page; .model_dump() its parts")

    def __str__(self) -> str:
        """Return the page of its command, as in a pipe."""
        return PAGES["text"](self) if PAGES else repr(self)

    def _repr_html_(self) -> str:
        return PAGES["html"](self) if PAGES else repr(self)
