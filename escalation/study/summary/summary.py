"""The summary of an ensemble: each outcome as a distribution, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from escalation.ensemble.result import Results, tally
from escalation.model.header import Header
from escalation.model.world import FAILED
from escalation.scenario.expression import parse
from escalation.scenario.outcomes import Outcome
from escalation.study.flywheel.wheel import Flywheel
from escalation.study.objective import estimate
from escalation.study.stats import Interval, central, middle, standard_error, wilson
from escalation.study.values import UNDEFINED

SCHEMA_VERSION = 2
"""2: with the flywheel."""
BLOCK = 64_000_000
"""Bytes of outcomes read at a time: a million replications of eight."""


@dataclass(frozen=True)
class Figure:
    """One outcome over the `n` replications that did not fail; None where it cannot be said.

    Counts, levels and ranks: `mean` with its Monte Carlo standard error `mcse`, `median`, and the bands that
    hold the middle 50% and 95% of replications. Ranks: also `shares` by value, and the `mode`.
    Probabilities and dates: `probability` with its Wilson 95% interval. Dates: `median` and bands of those
    that happened, in days from the scenario's start.
    """

    name: str
    kind: str
    unit: str
    label: str
    n: int
    mean: float | None = None
    mcse: float | None = None
    median: float | None = None
    band_50: Interval | None = None
    band_95: Interval | None = None
    probability: float | None = None
    interval: Interval | None = None
    shares: Mapping[str, float] | None = None
    mode: float | None = None


@dataclass(frozen=True)
class Objective:
    """What an expression that the scenario names came to; None where it cannot be said.

    `holds` says whether the value keeps to the expression's limit, None without one. `share` is true for a
    probability.
    """

    name: str
    expression: str
    value: float | None
    interval: Interval | None
    holds: bool | None
    share: bool


@dataclass(frozen=True)
class Summary:
    """What came out of an ensemble; `replications` counts asked, finished, failed and truncated ones.

    `flywheel` is None where the acts of the replications were not looked at; `objectives` are those of the
    scenario.
    """

    header: Header
    seed: int
    replications: Mapping[str, int]
    figures: Mapping[str, Figure]
    failures: Mapping[int, str]
    flywheel: Flywheel | None = None
    objectives: tuple[Objective, ...] = ()

    @property
    def clean(self) -> bool:
        """True when no replication failed or was truncated."""
        return not (self.replications["failed"] or self.replications["truncated"])

    def to_json(self) -> dict[str, Any]:
        """Return the summary as plain JSON values: one document, None for what cannot be said."""
        header = self.header
        scenario = {
            "title": header.title,
            "question": header.question,
            "start": header.start.isoformat(),
            "simulate_from": header.takeover.isoformat(),
            "end": header.end.isoformat(),
        }
        return {
            "schema_version": SCHEMA_VERSION,
            "scenario": scenario,
            "seed": self.seed,
            "replications": dict(self.replications),
            "answer": list(header.answer),
            "objectives": [asdict(objective) for objective in self.objectives],
            "flywheel": self.flywheel.as_dict() if self.flywheel else None,
            "outcomes": [_plain(figure, header) for figure in self.figures.values()],
            "failures": [{"replication": at, "message": text} for at, text in self.failures.items()],
        }


def summarise(results: Results, flywheel: Flywheel | None = None) -> Summary:
    """Return the summary of an ensemble or a stored run, with its flywheel where there is one.

    Failed replications are counted, not averaged.
    """
    good = results.statuses != FAILED
    header = results.header
    figures: dict[str, Figure] = {}
    for block in _blocks(header.outcomes, max(1, BLOCK // (8 * max(1, len(good))))):
        columns = results.columns([spec.name for spec in block])
        figures |= {spec.name: figure(spec, columns[spec.name][good]) for spec in block}
    found = tuple(_objective(results, name, flywheel) for name in header.objectives)
    return Summary(header, results.seed, tally(results), figures, dict(results.failures), flywheel, found)


def _objective(results: Results, name: str, flywheel: Flywheel | None) -> Objective:
    """Return what the objective of this name came to."""
    expression = parse(results.header.objectives[name], results.header.columns)
    unknown = expression.needs_flywheel and flywheel is None
    good = results.statuses != FAILED
    columns = {one: values[good] for one, values in results.columns(expression.outcomes).items()}
    found = UNDEFINED if unknown else estimate(expression, columns, flywheel)
    ends = None if found.low is None or found.high is None else Interval(found.low, found.high)
    holds = expression.holds(found.value)
    return Objective(name, str(expression), found.value, ends, holds, expression.is_share)


def figure(spec: Outcome, values: npt.NDArray[np.float64]) -> Figure:
    """Return the figure of one outcome; `values` is float64[n], NaN for a date that never came."""
    measures = {"probability": _probability, "date": _first, "rank": _rank, "count": _count}
    measure = measures.get(spec.kind, _amount)
    parts = measure(values) if len(values) else {}
    return Figure(spec.name, spec.kind, spec.unit, spec.label, len(values), **parts)


def _blocks(specs: Sequence[Outcome], size: int) -> Iterator[Sequence[Outcome]]:
    return (specs[first : first + size] for first in range(0, len(specs), size))


def _amount(values: npt.NDArray[np.float64], whole: bool = False) -> dict[str, Any]:
    return {"mean": float(np.mean(values)), "mcse": standard_error(values), **_middle(values, whole)}


def _count(values: npt.NDArray[np.float64]) -> dict[str, Any]:
    return _amount(values, whole=True)


def _middle(values: npt.NDArray[np.float64], whole: bool) -> dict[str, Any]:
    return {
        "median": middle(values, whole),
        "band_50": central(values, 0.5, whole),
        "band_95": central(values, 0.95, whole),
    }


def _probability(values: npt.NDArray[np.float64]) -> dict[str, Any]:
    hits = int(np.count_nonzero(values))
    return {"probability": hits / len(values), "interval": wilson(hits, len(values))}


def _first(values: npt.NDArray[np.float64]) -> dict[str, Any]:
    happened = values[~np.isnan(values)]
    return _probability(~np.isnan(values)) | (_middle(happened, whole=True) if len(happened) else {})


def _rank(values: npt.NDArray[np.float64]) -> dict[str, Any]:
    places, counts = np.unique(values, return_counts=True)
    shares = {f"{place:g}": float(count / len(values)) for place, count in zip(places, counts, strict=True)}
    return {**_count(values), "shares": shares, "mode": float(places[np.argmax(counts)])}


def _plain(figure: Figure, header: Header) -> dict[str, Any]:
    plain = {name: value for name, value in asdict(figure).items() if value is not None}
    for name in ("band_50", "band_95", "interval"):
        if name in plain:
            plain[name] = list(plain[name])
    if figure.kind == "date" and figure.median is not None:
        bands = {name: [_date(header, day) for day in plain[name]] for name in ("band_50", "band_95")}
        plain["dates"] = {"median": _date(header, figure.median), **bands}
    return plain


def _date(header: Header, days: float) -> str:
    return (header.start + timedelta(days=int(days))).isoformat()
