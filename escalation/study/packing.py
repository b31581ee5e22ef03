"""Sums by batch as plain arrays, for a run that is interrupted and goes on later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from escalation.model.world import Columns
from escalation.study.branching import Cells, Plan, Sums

TABLES = ("parents", "answers", "sources")


def pack(total: Mapping[int, Sums]) -> Columns:
    """Return sums by batch as arrays: one row per batch, and the cells of all batches one below the other."""
    batches = [total[number] for number in sorted(total)]
    arrays: Columns = {
        "batch": np.array(sorted(total), np.int64),
        "actors": np.array([sums.actors for sums in batches], np.int64),
        "replications": np.array([sums.replications for sums in batches], np.int64),
        "truncated": np.array([sums.truncated for sums in batches], np.int64),
        "late": np.array([sums.late for sums in batches], np.float64),
    }
    for name in TABLES:
        cells = [getattr(sums, name) for sums in batches]
        arrays[f"{name}.length"] = np.array([len(table.keys) for table in cells], np.int64)
        arrays[f"{name}.keys"] = np.concatenate([np.empty(0, np.int64), *(table.keys for table in cells)])
        arrays[f"{name}.values"] = np.concatenate([np.empty((0, 2)), *(table.values for table in cells)])
    return arrays


def unpack(arrays: Columns, plan: Plan) -> dict[int, Sums]:
    """Return the sums by batch that `pack` was given; KeyError or ValueError when they are damaged."""
    tables = [_cells(arrays, name) for name in TABLES]
    rows = zip(
        *(arrays[name].tolist() for name in ("batch", "actors", "replications", "truncated", "late")),
        *tables,
        strict=True,
    )
    return {
        batch: Sums(plan, actors, replications, truncated, parents, answers, sources, late)
        for batch, actors, replications, truncated, late, parents, answers, sources in rows
    }


def _cells(arrays: Columns, name: str) -> Sequence[Cells]:
    cuts = np.cumsum(arrays[f"{name}.length"])
    keys, values = arrays[f"{name}.keys"], arrays[f"{name}.values"]
    if len(keys) != len(values) or (cuts[-1] if len(cuts) else 0) != len(keys):
        raise ValueError(f"{name}: lengths do not agree")
    parts = zip(np.split(keys, cuts[:-1]), np.split(values, cuts[:-1]), strict=True)
    return [Cells(*part) for part in parts] if len(cuts) else []
