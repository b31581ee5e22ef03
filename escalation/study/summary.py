"""The summary of a run, `summary.json`: each outcome as a distribution, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date as Date
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from escalation.ensemble.read import Run
from escalation.ensemble.result import Results, tally
from escalation.errors import ByName
from escalation.model.world import FAILED
from escalation.scenario.base import named
from escalation.scenario.expression import Expression, parse
from escalation.scenario.outcomes import Kind, Outcome
from escalation.study.calendar import grid
from escalation.study.flywheel.gather import stored_flywheel
from escalation.study.flywheel.model import Flywheel
from escalation.study.objective import estimate, probability_of
from escalation.study.ranges import AssumptionsPart, stored_ranges
from escalation.study.stats import bands, quantile_intervals, quantiles, student_reach, too_few
from escalation.study.values import (
    DATE,
    UNDEFINED,
    Band,
    Count,
    Estimate,
    Replications,
    ReplicationsPart,
    Result,
    ResultPart,
    RunPart,
    ScenarioPart,
    Share,
)  # fmt: skip

Array = npt.NDArray[np.float64]
BLOCK = 16_000_000
"""Bytes of outcomes read at a time: a million replications of two."""
SPANS = ("measure", "actor", "target", "instrument", "family", "date")


class OutcomePart(ResultPart):
    """One outcome over the replications that did not fail.

    Counts, levels and ranks have a mean; probabilities and dates a probability. The median and the bands of a
    date are over the replications in which it came, in days from the start.
    """

    name: str
    """Its name: `package_days.eu`."""
    measure: str
    """What it measures: `days`."""
    actor: str
    """Whose it is; empty where it is nobody's."""
    target: str
    """Towards whom; empty where towards nobody."""
    instrument: str
    """With which instrument; empty where with none."""
    family: str
    """With which family of instruments; empty where with none."""
    date: str
    """On which date (ISO); empty where on none."""
    kind: Kind
    """What it is: a number of things, a quantity, a place in an order, something that happens or not, or the
    day on which it first happens."""
    unit: str
    """The unit of its mean, median and bands."""
    label: str
    """What it is in words."""
    n: Replications
    """The replications it rests on."""
    mean: Estimate | None = None
    """Mean over replications."""
    probability: Estimate | None = None
    """Share of replications in which it happens, from `simulate_from` on."""
    median: Estimate | None = None
    """Median over replications."""
    band_50: Band | None = None
    """Where the middle half of the replications lies."""
    band_95: Band | None = None
    """Where the middle 95% of them lies."""
    shares: dict[str, Share] | None = None
    """Of a rank, the share of replications by value, the value written as text; a relation is 0 full, 1 envoy
    recalled, 2 downgraded, 3 broken."""
    mode: float | None = None
    """Of a rank, the most frequent value."""
    by_when: tuple[Share, ...] | None = None
    """Of a date that ever came, the share of replications in which it has come by the end of each day of the
    summary's `dates`."""


class AnswerPart(ResultPart):
    """What one answer to the scenario's question came to."""

    expression: str
    """What is measured: `prob(first.eu.trade_ban, 2020-11-30)`."""
    function: str
    """How: `mean`, `prob`, `median` …; empty for `R`."""
    outcome: str
    """The outcome that it is measured from; `R` for the flywheel's."""
    by: Date | None
    """The last day that counts, of the chance of an event by a date; null for the whole time."""
    estimate: Estimate
    """What it came to."""


class ObjectivePart(ResultPart):
    """An expression that the scenario names under `outcomes.objectives`."""

    name: str
    """Its name."""
    expression: str
    """The expression: `prob(runaway) <= 0.05`."""
    estimate: Estimate
    """What it came to."""
    holds: bool | None
    """Whether the value keeps to the limit; null without one."""


class FailurePart(ResultPart):
    """A replication that failed."""

    replication: Count
    """Its number, from 0."""
    message: str
    """What stopped it."""


class PrecisionPart(ResultPart):
    """How a run with `--precision` came to its end."""

    outcome: str
    """What was to be known: `prob(concession.eu)`."""
    half_width: float
    """How well it was to be known: half the width of its 95% interval, in its own unit."""
    reached: float | None
    """How well it is known."""
    too_few: bool = False
    """Whether the replications are too few, or the outcome too skewed, to trust that."""
    limit: Replications
    """How many replications there could be at most."""
    stopped_by: Literal["precision", "limit", "interrupt"]
    """What ended the run."""


class Summary(Result):
    """The summary of a run: every outcome as a distribution, and the flywheel."""

    version: ClassVar[int] = 3

    kind: Literal["summary"] = "summary"
    """What was asked."""
    schema_version: Literal[3] = 3
    """The version of the document."""
    replications: ReplicationsPart
    """How many there are, and how they ended."""
    precision: PrecisionPart | None = None
    """How a run with `--precision` came to its end."""
    assumptions: AssumptionsPart | None = None
    """What the assumptions leave open, where a run drew them."""
    answer: tuple[str, ...]
    """The outcomes that answer the question, in order."""
    answers: tuple[AnswerPart, ...] = ()
    """What each answer came to."""
    objectives: tuple[ObjectivePart, ...]
    """What the scenario's objectives came to."""
    flywheel: Flywheel | None
    """The flywheel; null where the acts were not looked at."""
    outcomes: tuple[OutcomePart, ...]
    """Every outcome."""
    failures: tuple[FailurePart, ...]
    """Every replication that failed."""
    actors: Annotated[dict[str, str], named("actor")]
    """Actors as printed, by name."""
    instruments: Annotated[dict[str, str], named("instrument")]
    """Instruments as printed, by name."""
    relations: tuple[str, ...]
    """The values of a relation, the best first."""
    top_rung: float | None
    """The highest rung of the ladder."""
    runaway: Annotated[float | None, Field(json_schema_extra={"unit": "grievance"})]
    """The tension above which a replication has run away."""
    used_before: tuple[str, ...]
    """The first uses that happened before `simulate_from` already."""
    ladders: Annotated[dict[str, dict[int, tuple[str, ...]]], Field(default_factory=dict)]
    """The hostile instruments that each actor has, by rung."""
    dates: tuple[Date, ...] = ()
    """The dates of `by_when`, from `simulate_from` to `end`."""

    @cached_property
    def figures(self) -> Mapping[str, OutcomePart]:
        """The outcomes by name."""
        return ByName("outcome", {outcome.name: outcome for outcome in self.outcomes})

    @property
    def clean(self) -> bool:
        """True when no replication failed or was truncated."""
        return self.replications.clean


def summarise(
    results: Results, flywheel: Flywheel | None = None, name: str | None = None,
    overrides: Sequence[str] = (), precision: Mapping[str, Any] | None = None,
    assumptions: AssumptionsPart | None = None,
) -> Summary:  # fmt: skip
    """Return the summary of an ensemble or a stored run; failed replications are counted, not averaged.

    `name` is the scenario's, `precision` how a run with one came to its end, as in its manifest,
    `assumptions` what they leave open.
    """
    header, good = results.header, results.statuses != FAILED
    outcomes: list[OutcomePart] = []
    dates = tuple(grid(header.takeover, header.end))
    days = np.array([(day - header.start).days + 1 for day in dates], np.float64)
    for block in _blocks(header.outcomes, max(1, BLOCK // (8 * max(1, len(good))))):
        columns = results.columns([outcome.name for outcome in block])
        outcomes += summarised(block, np.stack([columns[outcome.name][good] for outcome in block]), days)
    return Summary(
        scenario=ScenarioPart.of(header, name),
        seed=results.seed,
        overrides=tuple(overrides),
        replications=ReplicationsPart(**tally(results)),
        precision=None if precision is None else PrecisionPart.model_validate(dict(precision)),
        assumptions=assumptions,
        answer=header.answered,
        answers=tuple(_answer(results, text, flywheel) for text in header.answer),
        objectives=tuple(_objective(results, objective, flywheel) for objective in header.objectives),
        flywheel=flywheel,
        outcomes=tuple(outcomes),
        failures=tuple(FailurePart(replication=at, message=text) for at, text in results.failures.items()),
        actors=dict(header.actors),
        instruments=dict(header.instruments),
        relations=header.relations,
        top_rung=header.top_rung,
        runaway=header.runaway,
        used_before=header.scripted,
        ladders={actor: dict(rungs) for actor, rungs in header.ladders.items()},
        dates=dates,
    )


def summary_of(run: Run) -> Summary:
    """Return the summary of a stored run. Raises InputError where it is damaged."""
    about = run.manifest
    flywheel, ranges = stored_flywheel(run), stored_ranges(run)
    return summarise(run, flywheel, about.scenario.name, about.overrides, about.precision, ranges)


def run_part(run: Run) -> RunPart:
    """Return how a stored run ended, where it is, and how long it took."""
    status: Literal["interrupted", "complete"] = "interrupted" if run.interrupted else "complete"
    return RunPart(status=status, folder=run.folder, seconds=run.seconds)


def summarised(outcomes: Sequence[Outcome], values: Array, days: Array | None = None) -> list[OutcomePart]:
    """Return outcomes summed up; `values` is float64[outcomes, n], NaN for a date that never came.

    `days` are the ends of those by which it is counted how often a date has come, float64[m].
    """
    ordered = np.sort(values, axis=1)  # NaN last
    parts: list[dict[str, Any]] = [{} for _ in outcomes]
    if values.shape[1]:
        for whole in (True, False):
            rows = [row for row, outcome in enumerate(outcomes) if _is_amount(outcome, whole)]
            for row, part in zip(rows, _amounts(values[rows], ordered[rows], whole), strict=True):
                parts[row] = part
        for row, outcome in enumerate(outcomes):
            if outcome.kind in ("probability", "date"):
                parts[row] = _event(outcome, values[row], ordered[row], days)
            elif outcome.kind == "rank":
                parts[row] |= _ranks(values[row])
    return [_part(outcome, part, values.shape[1]) for outcome, part in zip(outcomes, parts, strict=True)]


def _part(outcome: Outcome, part: Mapping[str, Any], n: int) -> OutcomePart:
    about = {name: getattr(outcome, name) for name in ("name", "kind", "unit", "label", *SPANS)}
    units = {
        name: figure.model_copy(update={"unit": outcome.unit})
        for name, figure in part.items()
        if isinstance(figure, Estimate) and not figure.unit
    }
    return OutcomePart(**about, n=n, **{**part, **units})


def _is_amount(outcome: Outcome, whole: bool) -> bool:
    return outcome.kind in ("count", "rank") if whole else outcome.kind == "level"


def _amounts(values: Array, ordered: Array, whole: bool) -> Iterator[dict[str, Any]]:
    """Yield mean, median and bands of each row."""
    n = values.shape[1]
    means, few = values.mean(axis=1), too_few(values)
    errors = values.std(axis=1, ddof=1) / np.sqrt(n) if n > 1 else np.full(len(values), np.nan)
    errors[np.ptp(values, axis=1) == 0.0] = 0.0 if n > 1 else np.nan
    half = (student_reach(n) if n > 1 else np.nan) * errors
    numbers = np.stack([means, means - half, means + half, errors], axis=1).tolist()
    for row, middle in enumerate(_middles(ordered, whole)):
        value, low, high, error = numbers[row]
        known = {"low": low, "high": high, "error": error, "too_few": bool(few[row])} if n > 1 else {}
        yield {"mean": Estimate(value=value, **known), **middle}


def _middles(ordered: Array, whole: bool, unit: str = "") -> Iterator[dict[str, Any]]:
    """Yield median and bands of each row."""
    medians, ends = quantiles(ordered, 0.5, whole).tolist(), quantile_intervals(ordered, 0.5)
    half, most = (bands(ordered, share, whole).T.tolist() for share in (0.5, 0.95))
    known = not np.isnan(ends).any()
    for median, (low, high), inner, outer in zip(medians, ends.T.tolist(), half, most, strict=True):
        around = {"low": low, "high": high} if known else {}
        yield {
            "median": Estimate(value=median, unit=unit, **around),
            "band_50": Band(low=inner[0], high=inner[1]),
            "band_95": Band(low=outer[0], high=outer[1]),
        }


def _event(outcome: Outcome, values: Array, ordered: Array, days: Array | None) -> dict[str, Any]:
    """Return the probability of an event, and of a date the median and bands of those that came."""
    n, date = len(values), outcome.kind == "date"
    hits = int(np.count_nonzero(~np.isnan(values) if date else values))
    probability = probability_of(hits, n)
    if not (date and hits):
        return {"probability": probability}
    middle = next(_middles(ordered[None, :hits], True, DATE))
    by = {} if days is None else {"by_when": tuple((np.searchsorted(ordered[:hits], days) / n).tolist())}
    return {"probability": probability, **middle, **by}


def _ranks(values: Array) -> dict[str, Any]:
    ranks, counts = np.unique(values, return_counts=True)
    shares = {f"{rank:g}": float(count / len(values)) for rank, count in zip(ranks, counts, strict=True)}
    return {"shares": shares, "mode": float(ranks[np.argmax(counts)])}


def _answer(results: Results, text: str, flywheel: Flywheel | None) -> AnswerPart:
    expression = parse(text, results.header.columns, answer=True)
    outcome = next((entry for entry in results.header.outcomes if entry.name == expression.outcome), None)
    answer = _measured(results, expression, flywheel)
    if outcome is not None and not answer.unit:
        answer = answer.model_copy(update={"unit": outcome.unit})
    return AnswerPart(
        expression=expression.measured, function=expression.function, outcome=expression.outcome,
        by=expression.by, estimate=answer,
    )  # fmt: skip


def _objective(results: Results, name: str, flywheel: Flywheel | None) -> ObjectivePart:
    expression = parse(results.header.objectives[name], results.header.columns)
    value = _measured(results, expression, flywheel)
    return ObjectivePart(
        name=name, expression=str(expression), estimate=value, holds=expression.holds(value.value)
    )


def _measured(results: Results, expression: Expression, flywheel: Flywheel | None) -> Estimate:
    good = results.statuses != FAILED
    read = results.columns(expression.outcomes) if expression.outcomes else {}
    columns = {name: values[good] for name, values in read.items()}
    unknown = expression.needs_flywheel and flywheel is None
    return UNDEFINED if unknown else estimate(expression, columns, flywheel, results.header.start)


def _blocks(outcomes: Sequence[Outcome], size: int) -> Iterator[Sequence[Outcome]]:
    return (outcomes[first : first + size] for first in range(0, len(outcomes), size))


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a summary; `unit` says what the numbers of a field count."""
    schema = Summary.model_json_schema(mode="serialization")
    for part in (schema, *schema["$defs"].values()):
        part["description"] = " ".join(part["description"].split())
        for field in part["properties"].values():
            field["description"] = " ".join(field["description"].split())
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
