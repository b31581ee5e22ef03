"""The parts of a flywheel as plain JSON values, and back (KeyError, TypeError or ValueError otherwise)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from escalation.study.flywheel.chains import Chain, Step
from escalation.study.flywheel.clustering import Part, Rival
from escalation.study.flywheel.plan import Span
from escalation.study.flywheel.reading import Reading

Array = npt.NDArray[np.float64]


def plain_reading(reading: Reading) -> dict[str, Any]:
    """Return a reading as plain values."""
    interval = None if reading.low is None else [reading.low, reading.high]
    return {
        "acts": reading.acts,
        "R": reading.R,
        "interval_95": interval,
        "cut_off": reading.cut,
        "late": reading.late,
        "verdict": reading.verdict,
    }


def reading_of(plain: Mapping[str, Any]) -> Reading:
    """Return the reading of plain values."""
    low, high = plain["interval_95"] or (None, None)
    cut, late = bool(plain["cut_off"]), bool(plain.get("late", False))
    return Reading(int(plain["acts"]), plain["R"], low, high, cut, late)


def plain_spans(spans: Iterable[tuple[Span, Reading, Reading]]) -> list[dict[str, Any]]:
    """Return readings of stretches of time as plain values."""
    return [
        {
            "span": span.label,
            "first_day": span.first,
            "end_day": span.last,
            "counted": plain_reading(counted),
            "severity_weighted": plain_reading(weighted),
        }
        for span, counted, weighted in spans
    ]


def spans_of(plain: Iterable[Mapping[str, Any]]) -> tuple[tuple[Span, Reading, Reading], ...]:
    """Return the readings of stretches of time of plain values."""
    return tuple(
        (
            Span(one["span"], float(one["first_day"]), float(one["end_day"])),
            reading_of(one["counted"]),
            reading_of(one["severity_weighted"]),
        )
        for one in plain
    )


def plain_ends(ends: tuple[Array, Array] | None) -> list[list[list[float | None]]] | None:
    """Return lower and upper ends as rows of numbers, None for those that cannot be said."""
    if ends is None:
        return None
    return [[[None if math.isnan(end) else end for end in row] for row in one.tolist()] for one in ends]


def ends_of(plain: Sequence[list[list[float]]] | None) -> tuple[Array, Array] | None:
    """Return the ends of intervals that `plain_ends` wrote; NaN for those that cannot be said."""
    if plain is None:
        return None
    low, high = map(square, plain)
    return low, high


def plain_chain(chain: Chain) -> dict[str, Any]:
    """Return a chain of acts as plain values."""
    return {"acts": [step._asdict() for step in chain.steps], "per_future": chain.per_future}


def chain_of(plain: Mapping[str, Any]) -> Chain:
    """Return the chain of plain values."""
    return Chain(tuple(Step(**step) for step in plain["acts"]), float(plain["per_future"]))


def maybe_chain_of(plain: Mapping[str, Any] | None) -> Chain | None:
    """Return the chain of plain values, None of none."""
    return None if plain is None else chain_of(plain)


def plain_rival(rival: Rival | None) -> dict[str, Any] | None:
    """Return the rival explanation as plain values."""
    if rival is None:
        return None
    parts = {"shocks": rival.shocks, "moving_baseline": rival.baseline}
    return {
        "days": rival.days,
        "clustering": rival.clustering,
        **{
            name: None if part is None else {"share": part.share, "interval_95": [part.low, part.high]}
            for name, part in parts.items()
        },
    }


def rival_of(plain: Mapping[str, Any] | None) -> Rival | None:
    """Return the rival explanation of plain values."""
    if plain is None:
        return None
    parts = (
        None if part is None else Part(part["share"], *part["interval_95"])
        for part in (plain["shocks"], plain["moving_baseline"])
    )
    return Rival(plain["days"], plain["clustering"], *parts)


def square(rows: list[list[float]]) -> Array:
    """Return a square matrix, one of no rows too."""
    return np.array(rows, np.float64).reshape(len(rows), len(rows))
