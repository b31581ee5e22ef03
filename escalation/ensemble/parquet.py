"""Columns to Parquet files and back, through DuckDB with one thread: the same rows give the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from escalation.ensemble.folder import atomic, pattern_of
from escalation.model.header import Header
from escalation.model.world import FORCED, HISTORY, SHOCK, SIMULATED, Columns

STATUS_NAMES = ("done", "truncated", "failed")
ORIGIN_NAMES = {SHOCK: "shock", HISTORY: "history", SIMULATED: "simulated", FORCED: "forced"}


TidyTable = Mapping[str, Sequence[Any]]
"""A tidy table: columns of equal length, each of one type; None where undefined."""
TYPES = {str: "VARCHAR", bool: "BOOLEAN", int: "BIGINT", float: "DOUBLE"}


def columns_of(rows: Sequence[Mapping[str, Any]]) -> TidyTable:
    """Return rows of the same names, one or more, as columns."""
    return {name: [row[name] for row in rows] for name in rows[0]}


def connect() -> duckdb.DuckDBPyConnection:
    """Return a connection to a database in memory that uses one thread and nothing from the network.

    Its registered names and temporary tables are its own; others would be seen by all connections.
    """
    return _database().cursor()


@cache
def _database() -> duckdb.DuckDBPyConnection:
    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    return duckdb.connect(config=settings)


def write_outcomes(
    replications: npt.NDArray[np.int64],
    statuses: npt.NDArray[np.int8],
    outcomes: npt.NDArray[np.float64],
    header: Header,
    path: Path,
) -> None:
    """Write one row per replication: `replication`, `status`, then every outcome (NULL for never).

    `outcomes` is float64[n, k], NaN for never.
    """
    table = {f"c{number}": outcomes[:, number] for number in range(len(header.columns))}
    # to look for NaN in columns that have none would double the time
    holed: npt.NDArray[np.bool_] = np.any(np.isnan(outcomes), axis=0)
    cells = [
        f"{f'CASE WHEN NOT isnan(c{number}) THEN c{number} END' if holed[number] else f'c{number}'}"
        f" AS {identifier(name)}"
        for number, name in enumerate(header.columns)
    ]
    status = f"{_pick(STATUS_NAMES, 'status')} AS status"
    _write(
        {"replication": replications, "status": statuses, **table},
        ["replication", status, *cells], path,
    )  # fmt: skip


def write_acts(acts: Columns, header: Header, path: Path) -> None:
    """Write one row per act or shock of the kept replications, with names in place of indices."""
    start = f"DATE {literal(header.start.isoformat())}"
    instrument = (
        f"CASE WHEN origin = {SHOCK} THEN {_pick(tuple(header.shocks), 'instrument')} "
        f"ELSE {_pick(tuple(header.instruments), 'instrument')} END"
    )
    family = f"CASE WHEN origin <> {SHOCK} THEN {_pick(tuple(header.families.values()), 'instrument')} END"
    cells = [
        "replication",
        "act",
        f"{_pick(tuple(ORIGIN_NAMES[code] for code in sorted(ORIGIN_NAMES)), 'origin')} AS origin",
        f"CAST({start} + CAST(floor(time) AS INTEGER) AS DATE) AS date",
        "time",
        f"{_pick(tuple(header.actors), 'actor')} AS actor",
        f"{_pick(tuple(header.actors), 'target')} AS target",
        f"{instrument} AS instrument",
        f"{family} AS family",
        "size",
        *(f"CASE WHEN {name} >= 0 THEN {name} END AS {name}" for name in ("package", "parent")),
        *(f"CASE WHEN NOT isnan({name}) THEN {name} END AS {name}" for name in ("in_force", "lapsed")),
    ]
    _write(acts, cells, path)


def write_causes(causes: Columns, path: Path) -> None:
    """Write one row per share: `replication`, `act`, `cause`, `share`."""
    _write(causes, ["replication", "act", "cause", "share"], path)


def write_table(path: Path, columns: TidyTable) -> None:
    """Write a tidy table. Raises OSError or duckdb.Error."""
    with atomic(path) as part, connect() as connection:
        create_rows(connection, columns)
        copy_parquet(connection, "FROM rows", part)


def create_rows(
    connection: duckdb.DuckDBPyConnection, columns: TidyTable, types: Mapping[str, str] | None = None
) -> None:
    """Make a tidy table the temporary table `rows` of a connection. Raises duckdb.Error.

    `types` are those of columns by name, in SQL; of the others they follow from the values.
    """
    known = types or {}
    cells = [
        f"unnest(?::{known.get(name) or _type(values)}[]) AS {identifier(name)}"
        for name, values in columns.items()
    ]
    query = f"CREATE TEMP TABLE rows AS SELECT {', '.join(cells)}"
    connection.execute(query, list(map(list, columns.values())))


def _type(values: Sequence[Any]) -> str:
    return next((TYPES[type(value)] for value in values if value is not None), "DOUBLE")


def read_columns(paths: Sequence[Path], columns: Iterable[str]) -> dict[str, npt.NDArray[Any]]:
    """Return `columns` of the files, in the order of the files' rows.

    NULL comes back as NaN among numbers (whole ones too, which makes them float64), NaT among dates, None
    among texts. Raises duckdb.Error for a damaged file or a missing column, OSError for a missing file.
    """
    if not paths:
        return {name: np.empty(0) for name in columns}
    with connect() as connection:
        rows = connection.execute(f"SELECT {', '.join(map(identifier, columns))} FROM {scan(paths)}")
        return {name: _filled(values) for name, values in rows.fetchnumpy().items()}


def scan(paths: Iterable[Path]) -> str:
    """Return the SQL table of the rows of exactly these files: their names are no patterns, and no data.

    Raises InputError for a name that DuckDB has no pattern for.
    """
    files = ", ".join(literal(pattern_of(path)) for path in paths)
    return f"read_parquet([{files}], hive_partitioning = false)"


def copy_parquet(connection: duckdb.DuckDBPyConnection, query: str, path: Path, options: str = "") -> None:
    """Write the rows of a query to `path`. Raises duckdb.Error."""
    target = literal(str(path.absolute()))
    connection.execute(f"COPY ({query}) TO {target} (FORMAT parquet, COMPRESSION zstd{options})")


def identifier(name: str) -> str:
    """Return `name` as SQL writes the name of a column."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return `text` as SQL writes a string."""
    return "'" + text.replace("'", "''") + "'"


def _pick(names: Sequence[str], index: str) -> str:
    return f"list_extract([{', '.join(map(literal, names))}]::VARCHAR[], CAST({index} AS BIGINT) + 1)"


def _write(table: Mapping[str, npt.NDArray[Any]], cells: Sequence[str], path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    with atomic(path) as part, connect() as connection:
        connection.register("rows", {name: np.ascontiguousarray(values) for name, values in table.items()})
        copy_parquet(connection, f"SELECT {', '.join(cells)} FROM rows", part)


def _filled(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if not isinstance(values, np.ma.MaskedArray):
        return values
    mask, kind = np.ma.getmaskarray(values), values.dtype.kind
    filled = values.data.astype(np.float64 if kind == "i" and mask.any() else values.dtype)
    filled[mask] = {"M": "NaT", "O": None}.get(kind, np.nan)
    return filled
