"""A run as one tidy table in a file: outcomes, acts, causes or the summary; as CSV, JSON or Parquet.

DuckDB reads the run's files and writes the table row group by row group: what is in memory does not grow with
the number of replications.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from escalation.ensemble.durable import appearing
from escalation.ensemble.header import Header
from escalation.ensemble.parquet import connect, copy_parquet, literal, scan
from escalation.ensemble.read import Run
from escalation.ensemble.result import SAMPLE
from escalation.errors import EnvironmentFault, InputError, nearest
from escalation.present.export.exported import Form, Wanted, What
from escalation.present.export.tidy import (
    act_columns,
    cause_columns,
    cause_source,
    outcome_columns,
    within,
)
from escalation.present.summary.rows import register_summary
from escalation.scenario.outcomes import Outcome
from escalation.study.summary.summary import Summary

ROWS = 16_384
"""Rows of a Parquet file that are written at once."""
COPY = {
    Form.CSV: "FORMAT csv, HEADER true",
    Form.JSON: "FORMAT json, ARRAY true",
    Form.PARQUET: f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS}",
}


def export(run: Run, summary: Summary | None, wanted: Wanted, file: Path) -> None:
    """Write what is wanted of `run` to `file`, whole or not at all; `summary` is read for What.SUMMARY only.

    Raises InputError when the file exists, when nothing of the run is what is wanted, or the run is damaged;
    EnvironmentFault when the file cannot be written.
    """
    if os.path.lexists(file):
        raise InputError(f"{file}: exists already, and an export never overwrites; name another file")
    if not file.parent.is_dir():
        raise InputError(f"{file}: there is no folder {file.parent}")
    _require_sense(run, wanted)
    try:
        with (
            appearing(file) as part,
            TemporaryDirectory(dir=file.parent, prefix=".export-") as scratch,
            connect() as connection,
        ):
            query = _query(connection, run, summary, wanted, Path(scratch))
            connection.execute(f"COPY ({query}) TO {literal(str(part.absolute()))} ({COPY[wanted.form]})")
    except OSError as error:
        raise EnvironmentFault(f"{file}: cannot be written: {error.strerror or error}") from error
    except duckdb.Error as error:
        raise _told(run, file, error) from error


def _told(run: Run, file: Path, error: duckdb.Error) -> InputError | EnvironmentFault:
    reason = str(error).split("\n")[0]
    if isinstance(error, duckdb.IOException) and str(file.parent) in reason and ".parquet" not in reason:
        return EnvironmentFault(f"{file}: cannot be written: {reason}")
    return InputError(f"{run.folder}: damaged or unreadable: {reason}")


def _require_sense(run: Run, wanted: Wanted) -> None:
    """Raise InputError for what does not go together, or is not in the run."""
    if wanted.outcomes and wanted.what in (What.ACTS, What.CAUSES):
        raise InputError(f"outcome: {wanted.what} have no outcomes; give it with outcomes or summary")
    if wanted.replications and wanted.what is What.SUMMARY:
        raise InputError("replication: the summary is of all replications; give it with another table")
    last = run.asked - 1
    if wanted.what in (What.ACTS, What.CAUSES):
        last = min(last, kept(run) - 1)
        if last < 0:
            raise InputError(f"{run.folder}: no acts were kept; run it with --acts sample or --acts all")
    for first, final in wanted.replications:
        if not 0 <= first <= final <= last:
            found = f"{first}" if first == final else f"{first}-{final}"
            what = " of which acts were kept" if last < run.asked - 1 else ""
            raise InputError(f"replication: found {found}; allowed is 0 to {last:,}{what}")


def kept(run: Run) -> int:
    """Return of how many replications, the first ones, the acts were kept."""
    return {"none": 0, "sample": min(SAMPLE, run.asked)}.get(str(run.manifest["acts"]), run.asked)


def chosen_outcomes(header: Header, patterns: Sequence[str]) -> list[Outcome]:
    """Return the outcomes that any pattern fits, in their order; InputError for one that fits none."""
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in header.columns):
            near = nearest(pattern, header.columns)
            hint = f" (did you mean {near}?)" if near else ""
            raise InputError(
                f"outcome: no outcome is called {pattern}; `export RUN --what summary` lists them, "
                f"and * stands for any letters{hint}"
            )
    return [
        outcome
        for outcome in header.outcomes
        if not patterns or any(fnmatchcase(outcome.name, pattern) for pattern in patterns)
    ]


def _query(
    connection: duckdb.DuckDBPyConnection, run: Run, summary: Summary | None, wanted: Wanted, scratch: Path
) -> str:
    if wanted.what is What.SUMMARY:
        assert summary is not None
        names = {outcome.name for outcome in chosen_outcomes(run.header, wanted.outcomes)}
        return register_summary(connection, summary, names if wanted.outcomes else None)
    where = within(wanted.replications)
    if wanted.what is What.OUTCOMES:
        cells = outcome_columns(run.header, chosen_outcomes(run.header, wanted.outcomes))
        return f"SELECT {', '.join(cells)} FROM {scan(_parts(run, 'outcomes'))} WHERE {where}"
    if wanted.what is What.ACTS:
        cells = act_columns(run.header)
        return f"SELECT {', '.join(cells)} FROM {scan(_parts(run, 'acts'))} WHERE {where}"
    return _joined_causes(connection, run, wanted, scratch)


def _joined_causes(connection: duckdb.DuckDBPyConnection, run: Run, wanted: Wanted, scratch: Path) -> str:
    """Join each file of causes with the acts of its replications alone, so that little is held at a time.

    The acts are looked up for each cause in turn: the order of the causes stays.
    """
    connection.execute("SET disabled_optimizers = 'build_side_probe_side'")
    joined = []
    for part in _parts(run, "causes"):
        source = cause_source(part, run.folder / "acts" / part.name)
        where = within(wanted.replications, "causes.replication")
        query = f"SELECT {', '.join(cause_columns())} FROM {source} WHERE {where}"
        joined.append(scratch / part.name)
        copy_parquet(connection, query, joined[-1], f", ROW_GROUP_SIZE {ROWS}")
    return f"SELECT * FROM {scan(joined)}"


def _parts(run: Run, table: str) -> list[Path]:
    parts = sorted((run.folder / table).glob("*.parquet"))
    if not parts:
        raise InputError(f"{run.folder / table}: holds no files; the run is damaged or nothing was kept")
    return parts
