"""The tidy table of a sweep: one row for each point and expression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from escalation.ensemble.durable import appearing
from escalation.ensemble.parquet import connect, copy_parquet, identifier, read_columns
from escalation.study.points.levers import Lever
from escalation.study.sweep.sweep import Sweep, SweepPlan, Swept
from escalation.study.values import Estimate

ESTIMATE = ("value", "low", "high", "error")
COLUMNS = ("expression", *ESTIMATE, "holds", "replications", "failed", "truncated")
"""Columns after `point` and one per lever, which has its path as its name."""


def table(sweep: Sweep) -> dict[str, list[Any]]:
    """Return a sweep as tidy columns, one row for each point and expression; None for what cannot be said."""
    columns: dict[str, list[Any]] = {
        name: [] for name in ("point", *(lever.path for lever in sweep.plan.levers), *COLUMNS)
    }
    for one in sweep.done:
        for expression, found in zip(sweep.plan.expressions, one.estimates, strict=True):
            row = {
                "point": one.number, **one.point, "expression": str(expression),
                **found.model_dump(include=set(ESTIMATE)),
                "holds": expression.holds(found.value), "replications": sweep.plan.replications,
                "failed": one.failed, "truncated": one.truncated,
            }  # fmt: skip
            for name, values in columns.items():
                values.append(row[name])
    return columns


def write_table(path: Path, sweep: Sweep) -> None:
    """Write the tidy table of a sweep as Parquet. Raises OSError or duckdb.Error."""
    columns = table(sweep)
    texts = {lever.path for lever in sweep.plan.levers if not lever.is_numeric} | {"expression"}
    kinds = dict.fromkeys(columns, "DOUBLE") | dict.fromkeys(texts, "VARCHAR") | {"holds": "BOOLEAN"}
    kinds |= dict.fromkeys(("point", "replications", "failed", "truncated"), "BIGINT")
    with appearing(path) as part, connect() as connection:
        cells = ", ".join(f"{identifier(name)} {kind}" for name, kind in kinds.items())
        connection.execute(f"CREATE TABLE rows ({cells})")
        marks = ", ".join("?" * len(columns))
        connection.executemany(
            f"INSERT INTO rows VALUES ({marks})", list(zip(*columns.values(), strict=True))
        )
        copy_parquet(connection, "FROM rows", part)


def read_table(path: Path, plan: SweepPlan) -> tuple[Swept, ...]:
    """Return the points in a sweep's table. Raises OSError, duckdb.Error, or ValueError when torn."""
    rows = read_columns([path], ["point", *(lever.path for lever in plan.levers), *COLUMNS])
    width = len(plan.expressions)
    count, rest = divmod(len(rows["point"]), width)
    if rest:
        raise ValueError("a point without all of its rows")
    return tuple(_swept(plan.levers, rows, n, width) for n in range(0, count * width, width))


def write_batches(path: Path, sweep: Sweep) -> None:
    """Write all batches, one array float64[points, batches] for each expression. Raises OSError."""
    arrays = {}
    for n in range(len(sweep.plan.expressions)):
        rows = [one.batches[n] if one.batches else () for one in sweep.done]
        width = max(map(len, rows), default=0)
        arrays[f"expression_{n}"] = np.array([row or (np.nan,) * width for row in rows], np.float64)
    with appearing(path) as part, part.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def with_batches(path: Path, done: Sequence[Swept]) -> tuple[Swept, ...]:
    """Return the points with their batches. Raises OSError or ValueError when these are missing or torn."""
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        columns = [arrays[f"expression_{n}"] for n in range(len(arrays.files))]
    return tuple(
        replace(
            one, batches=tuple(() if np.isnan(rows[n]).any() else tuple(rows[n].tolist()) for rows in columns)
        )
        for n, one in enumerate(done)
    )


def _swept(levers: Sequence[Lever], rows: Mapping[str, Any], first: int, width: int) -> Swept:
    point = {
        lever.path: float(rows[lever.path][first]) if lever.is_numeric else str(rows[lever.path][first])
        for lever in levers
    }
    estimates = tuple(
        Estimate(**{name: _number(rows[name][first + n]) for name in ESTIMATE}) for n in range(width)
    )
    return Swept(
        int(rows["point"][first]), point, estimates, int(rows["failed"][first]), int(rows["truncated"][first])
    )


def _number(value: Any) -> float | None:
    return None if value is None or np.isnan(value) else float(value)
