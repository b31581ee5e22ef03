"""One tidy table of a run or of another study, in a file: as CSV, JSON, Parquet or the sheet of a workbook.

DuckDB reads a run's files and writes the table row group by row group: what is in memory does not grow with
the number of replications. One row is one replication (outcomes), one act or shock (acts), one cause of an
act (causes), one outcome (summary), one statement about a task or one sample of it (hub).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from escalation.ensemble.parquet import connect, copy_parquet, create_rows, identifier, literal, scan
from escalation.ensemble.read import Run
from escalation.errors import EnvironmentFault, InputError, did_you_mean, require_extra
from escalation.model.header import Header
from escalation.present.outcomes import TYPES, columns_of
from escalation.present.output import FileForm, RunTable, brief, new_file
from escalation.present.screen import FORMULA, NUMBER_PATTERN
from escalation.present.studies import presenter_of
from escalation.present.workbook import Sheet, answers_sheet, inputs_sheet, selected, write_workbook
from escalation.scenario.load import load
from escalation.scenario.outcomes import Outcome
from escalation.study.hub import HubTask, statements, tasks
from escalation.study.summary import summary_of
from escalation.study.values import Result

ROWS = 16_384
"""Rows of a Parquet file that are written at once."""
COPY = {
    FileForm.CSV: "FORMAT csv, HEADER true",
    FileForm.JSON: "FORMAT json, ARRAY true",
    FileForm.PARQUET: f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS}",
}
HUB = (
    ("origin_date", "DATE"), ("target", "VARCHAR"), ("horizon", "BIGINT"), ("target_end_date", "DATE"),
    ("location", "VARCHAR"), ("output_type", "VARCHAR"), ("output_type_id", "VARCHAR"), ("value", "DOUBLE"),
)  # fmt: skip
"""Columns of the hubverse's model output."""
ABOUT = ("date", "actor", "target", "instrument")
"""What stands of an act beside its number, where it is an effect or a cause."""

Ranges = Sequence[tuple[int, int]]
"""First and last number of each range of replications; none at all stands for every one."""


@dataclass(frozen=True)
class Wanted:
    """A table of a run, and which of its columns and replications.

    `outcomes` are names or patterns (`package_days.*`); none stands for all.
    """

    table: RunTable = RunTable.OUTCOMES
    outcomes: tuple[str, ...] = ()
    replications: Ranges = ()


def export_table(
    source: Run | Result, table: RunTable | None, outcomes: tuple[str, ...], replications: Ranges, file: Path,
    form: FileForm, overwrite: bool = False,
) -> None:  # fmt: skip
    """Write a table of a run, its workbook where none is named, or the table of a study's result, to `file`.

    It is there whole or not at all. Raises InputError when the file exists, when nothing of the run is what
    is wanted, or the run is damaged; EnvironmentFault when the file cannot be written, or the extra for
    workbooks is missing.
    """
    if form is FileForm.XLSX:
        require_extra("office", "workbooks need")
    wanted = Wanted(table or RunTable.OUTCOMES, outcomes, replications)
    if isinstance(source, Run):
        _require_sense(source, wanted)
    elif wanted != Wanted():
        raise InputError(f"{source.kind}: has one table; --what, --outcome and --replication are for a run")
    with new_file(file, overwrite) as part, connect() as connection:
        if not isinstance(source, Run):
            _write_result(connection, source, part, file, form)
        elif form is FileForm.XLSX and table is None:
            with _errors(file, source):
                write_workbook(_sheets(connection, source, wanted), part)
        else:
            _write_table(connection, source, wanted, part, file, form)


def _write_table(
    connection: duckdb.DuckDBPyConnection, run: Run, wanted: Wanted, part: Path, file: Path, form: FileForm
) -> None:
    with (
        TemporaryDirectory(dir=file.parent, prefix=".export-") as scratch,
        _errors(file, run, part.name, Path(scratch).name, "No space left"),
    ):
        query = _query(connection, run, wanted, Path(scratch))
        _copy(connection, query, part, form, "NA" if wanted.table is RunTable.HUB else "")


def _sheets(connection: duckdb.DuckDBPyConnection, run: Run, wanted: Wanted) -> Iterator[Sheet]:
    """Yield the sheets of a run's workbook: its answers, outcomes, acts (where any were kept) and inputs."""
    yield answers_sheet(summary_of(run))
    for table in (RunTable.OUTCOMES, *((RunTable.ACTS,) if run.with_acts else ())):
        yield selected(connection, table, _query(connection, run, replace(wanted, table=table), Path()))
    yield inputs_sheet(load(run.scenario))


def _write_result(
    connection: duckdb.DuckDBPyConnection, result: Result, part: Path, file: Path, form: FileForm
) -> None:
    headings, rows = presenter_of(result.kind).rows(result)
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(headings)
    with _errors(file):
        create_rows(connection, dict(zip(headings, columns, strict=True)))
        _copy(connection, "SELECT * FROM rows", part, form)


@contextmanager
def _errors(file: Path, run: Run | None = None, *written: str) -> Iterator[None]:
    """Turn an error of the database into one of the run; into one of `file` if it names what is `written`."""
    try:
        yield
    except duckdb.Error as error:
        reason = str(error).split("\n")[0]
        if run is None or any(name in reason for name in written):
            raise EnvironmentFault(f"{brief(file)}: cannot be written: {reason}") from error
        raise InputError(f"{run.folder}: damaged or unreadable: {reason}") from error


def chosen_outcomes(header: Header, patterns: Sequence[str]) -> list[Outcome]:
    """Return the outcomes that any pattern fits, in their order; InputError for one that fits none."""
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in header.columns):
            hint = did_you_mean(pattern, header.columns)
            raise InputError(
                f"outcome: no outcome is called {pattern}; `export RUN --what summary` lists them, "
                f"and * stands for any letters{hint}"
            )
    return [
        outcome
        for outcome in header.outcomes
        if not patterns or any(fnmatchcase(outcome.name, pattern) for pattern in patterns)
    ]


def _require_sense(run: Run, wanted: Wanted) -> None:
    """Raise InputError for what does not go together, or is not in the run."""
    if wanted.outcomes and wanted.table in (RunTable.ACTS, RunTable.CAUSES):
        raise InputError(f"outcome: {wanted.table} have no outcomes; give it with outcomes or summary")
    if wanted.replications and wanted.table in (RunTable.SUMMARY, RunTable.HUB):
        raise InputError(
            f"replication: the {wanted.table} table is of all replications; give it with another table"
        )
    last = run.asked - 1
    if wanted.table in (RunTable.ACTS, RunTable.CAUSES):
        last = min(last, run.with_acts - 1)
        if last < 0:
            raise InputError(f"{run.folder}: no acts were kept; run it with --acts sample or --acts all")
    for first, final in wanted.replications:
        if not 0 <= first <= final <= last:
            asked = f"{first}" if first == final else f"{first}-{final}"
            what = " of which acts were kept" if last < run.asked - 1 else ""
            raise InputError(f"replication: found {asked}; allowed is 0 to {last:,}{what}")


def _copy(
    connection: duckdb.DuckDBPyConnection, query: str, part: Path, form: FileForm, missing: str = ""
) -> None:
    """Write the rows of a query; in CSV and XLSX no text begins a formula, in CSV `missing` is no value."""
    if form is FileForm.XLSX:
        write_workbook([selected(connection, "table", query)], part)
        return
    options = COPY[form]
    if form is FileForm.CSV:
        columns = connection.execute(f"DESCRIBE {query}").fetchall()
        texts = [identifier(name) for name, kind, *_ in columns if kind == "VARCHAR"]
        if texts:
            query = f"SELECT * REPLACE ({', '.join(map(_harmless, texts))}) FROM ({query})"
        options += f", NULLSTR {literal(missing)}"
    connection.execute(f"COPY ({query}) TO {literal(str(part.absolute()))} ({options})")


def _harmless(column: str) -> str:
    begins = " OR ".join(f"starts_with({column}, chr({ord(sign)}))" for sign in FORMULA)
    number = f"regexp_full_match({column}, {literal(NUMBER_PATTERN)})"
    return f"CASE WHEN ({begins}) AND NOT {number} THEN '''' || {column} ELSE {column} END AS {column}"


# ---- the tables of a run, as SQL over its files


def _query(connection: duckdb.DuckDBPyConnection, run: Run, wanted: Wanted, scratch: Path) -> str:
    if wanted.table is RunTable.SUMMARY:
        names = {outcome.name for outcome in chosen_outcomes(run.header, wanted.outcomes)}
        columns = columns_of(summary_of(run), names if wanted.outcomes else None)
        create_rows(connection, columns, TYPES)
        return "SELECT * FROM rows"
    if wanted.table is RunTable.HUB:
        return _hub(connection, run, chosen_outcomes(run.header, wanted.outcomes))
    where = _within(wanted.replications)
    if wanted.table is RunTable.OUTCOMES:
        cells = _outcome_columns(run.header, chosen_outcomes(run.header, wanted.outcomes))
        return f"SELECT {', '.join(cells)} FROM {scan(_parts(run, 'outcomes'))} WHERE {where}"
    if wanted.table is RunTable.ACTS:
        cells = _act_columns(run.header)
        return f"SELECT {', '.join(cells)} FROM {scan(_parts(run, 'acts'))} WHERE {where}"
    return _causes(connection, run, wanted, scratch)


def _hub(connection: duckdb.DuckDBPyConnection, run: Run, chosen: Sequence[Outcome]) -> str:
    """Select all statements about each task, then its samples, whose index is the replication."""
    wanted = tasks(run.header, chosen)
    if not wanted:
        raise InputError(f"{run.folder}: none of these outcomes is read after the first simulated day")
    cells = [(*_task_cells(statement.task), statement.output_type, statement.output_type_id, statement.value)
             for statement in statements(run, wanted)]  # fmt: skip
    connection.execute(f"CREATE TEMP TABLE statements ({', '.join(map(' '.join, HUB))})")
    if cells:
        connection.executemany(f"INSERT INTO statements VALUES ({', '.join('?' * len(HUB))})", cells)
    source, parts = scan(_parts(run, "outcomes")), ["SELECT * FROM statements"]
    for task in wanted:
        if task.is_numeric:
            values = [literal(str(cell)) for cell in _task_cells(task)]
            columns = [
                *(
                    f"CAST({value} AS {kind}) AS {name}"
                    for value, (name, kind) in zip(values, HUB, strict=False)
                ),
                "'sample' AS output_type, CAST(replication AS VARCHAR) AS output_type_id",
                f"CAST({identifier(task.outcome.name)} AS DOUBLE) AS value",
            ]
            parts.append(f"SELECT {', '.join(columns)} FROM {source} WHERE status <> 'failed'")
    return " UNION ALL ".join(parts)


def _task_cells(task: HubTask) -> tuple[date | str | int, ...]:
    return task.origin_date, task.target, task.horizon, task.target_end_date, task.location


def _causes(connection: duckdb.DuckDBPyConnection, run: Run, wanted: Wanted, scratch: Path) -> str:
    """Join each file of causes with the acts of its replications alone, so that little is held at a time.

    The acts are looked up for each cause in turn: the order of the causes stays.
    """
    connection.execute("SET disabled_optimizers = 'build_side_probe_side'")
    columns = ", ".join([
        *("causes.replication", "causes.act"),
        *(f"effect.{name} AS {name}" for name in ABOUT),
        *("causes.share", "causes.cause"),
        *(f"origin.{name} AS cause_{name}" for name in ABOUT),
    ])  # fmt: skip
    where = _within(wanted.replications, "causes.replication")
    joined = []
    files = {part.name: part for part in _parts(run, "acts")}
    for part in _parts(run, "causes"):
        acts = scan([files[part.name]])
        source = (
            f"{scan([part])} AS causes"
            f" LEFT JOIN {acts} AS effect"
            " ON effect.replication = causes.replication AND effect.act = causes.act"
            f" LEFT JOIN {acts} AS origin"
            " ON origin.replication = causes.replication AND origin.act = causes.cause"
        )
        joined.append(scratch / part.name)
        query = f"SELECT {columns} FROM {source} WHERE {where}"
        copy_parquet(connection, query, joined[-1], f", ROW_GROUP_SIZE {ROWS}")
    return f"SELECT * FROM {scan(joined)}"


def _parts(run: Run, table: str) -> list[Path]:
    parts = run.files(table)
    if not parts:
        raise InputError(f"{run.folder / table}: holds no files; the run is damaged or nothing was kept")
    return parts


def _outcome_columns(header: Header, chosen: Sequence[Outcome]) -> list[str]:
    """Return what is selected from `outcomes`: days as dates, events as true or false, relations by name."""
    return ["replication", "status", *(_outcome(header, outcome) for outcome in chosen)]


def _outcome(header: Header, outcome: Outcome) -> str:
    name = identifier(outcome.name)
    cell = name
    if outcome.kind == "date":
        cell = _date(header.start, name)
    elif outcome.kind == "probability":
        cell = f"CAST({name} AS BOOLEAN)"
    elif outcome.kind == "count":
        cell = f"CAST({name} AS BIGINT)"
    elif outcome.measure == "relation":
        cell = f"list_extract({_texts(header.relations)}, CAST({name} AS BIGINT) + 1)"
    return f"{cell} AS {name}"


def _act_columns(header: Header) -> list[str]:
    """Return what is selected from `acts`: each name with its label, days in force as dates."""
    labels = dict(header.shocks) | dict(header.instruments)
    return [
        *("replication", "act", "origin", "date", "time"),
        *(f"{role}, {_label(header.actors, role)} AS {role}_label" for role in ("actor", "target")),
        f"instrument, {_label(labels, 'instrument')} AS instrument_label",
        *("family", "size", "CAST(package AS BIGINT) AS package", "CAST(parent AS BIGINT) AS parent"),
        *(f"{_date(header.start, name)} AS {name}" for name in ("in_force", "lapsed")),
    ]


def _within(chosen: Ranges, column: str = "replication") -> str:
    """Return the condition that a row is of one of the chosen replications."""
    return " OR ".join(f"{column} BETWEEN {first} AND {last}" for first, last in chosen) or "true"


def _date(start: date, days: str) -> str:
    return f"CAST(DATE {literal(start.isoformat())} + CAST(floor({days}) AS INTEGER) AS DATE)"


def _label(labels: Mapping[str, str], column: str) -> str:
    names, texts = _texts(tuple(labels)), _texts(tuple(labels.values()))
    return f"list_extract({texts}, list_position({names}, {column}))"


def _texts(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(literal, texts))}]::VARCHAR[]"
