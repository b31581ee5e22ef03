"""Sums by batch as plain arrays, for a run that is interrupted and goes on later."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from escalation.model.world import Columns
from escalation.study.flywheel.cells import Cells
from escalation.study.flywheel.plan import Plan
from escalation.study.flywheel.sums import Sums, Total, Ways

TABLES = ("parents", "answers", "sources", "days")
NUMBERS = {"actors": int, "replications": int, "truncated": int, "late": float, "pairs": int}


def pack(total: Total) -> Columns:
    """Return sums by batch as arrays: one row per batch, and the cells of all batches one below the other."""
    batches = [total[number] for number in total]
    arrays: Columns = {"batch": np.array(list(total), np.int64)}
    for name, kind in NUMBERS.items():
        arrays[name] = np.array([getattr(sums, name) for sums in batches], kind)
    for name in TABLES:
        cells = [getattr(sums, name) for sums in batches]
        arrays[f"{name}.length"] = np.array([len(table.keys) for table in cells], np.int64)
        arrays[f"{name}.keys"] = np.concatenate([table.keys for table in cells])
        arrays[f"{name}.values"] = np.concatenate([table.values for table in cells])
    for name, table in total.ways._asdict().items():
        arrays[f"ways.{name}.keys"], arrays[f"ways.{name}.values"] = table
    return arrays


def unpack(arrays: Columns, plan: Plan) -> Total:
    """Return the sums by batch that `pack` was given; KeyError or ValueError when they are damaged."""
    tables = {name: _cells(arrays, name) for name in TABLES}
    numbers = {name: arrays[name].tolist() for name in NUMBERS}
    lengths = {len(column) for column in (*tables.values(), *numbers.values(), arrays["batch"])}
    if len(lengths) > 1:
        raise ValueError("tables do not agree")
    ways = Ways(*(Cells(*(arrays[f"ways.{name}.{part}"] for part in Cells._fields)) for name in Ways._fields))
    return Total(
        {
            batch: Sums(plan, **{name: column[n] for name, column in (numbers | tables).items()})
            for n, batch in enumerate(arrays["batch"].tolist())
        },
        ways,
    )


def _cells(arrays: Columns, name: str) -> Sequence[Cells]:
    cuts = np.cumsum(arrays[f"{name}.length"])
    keys, values = arrays[f"{name}.keys"], arrays[f"{name}.values"]
    if len(keys) != len(values) or (cuts[-1] if len(cuts) else 0) != len(keys):
        raise ValueError(f"{name}: lengths do not agree")
    parts = zip(np.split(keys, cuts[:-1]), np.split(values, cuts[:-1]), strict=True)
    return [Cells(*part) for part in parts] if len(cuts) else []
