"""Tables as a workbook: a sheet for each, numbers as numbers, dates as dates, no text a formula."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from escalation.errors import InputError
from escalation.present.format import day_of
from escalation.present.screen import safe_cell
from escalation.present.summary import asked
from escalation.scenario.document import Scenario
from escalation.study.assumptions import inputs_of
from escalation.study.summary import Summary
from escalation.study.values import DATE

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
"""Rows, that of the headings included, and columns that a sheet takes."""
ANSWERS = ("asked", "expression", "value", "low", "high", "unit")
INPUTS = ("path", "value", "unit", "standing", "source")
CHUNK = 1_000


class Sheet(NamedTuple):
    """What a sheet holds: its name, its headings, its rows of values and how many these are (`size`)."""

    name: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Any]]
    size: int


def write_workbook(sheets: Iterable[Sheet], file: Path) -> None:
    """Write sheets, one after another, to a file. Raises InputError for what a sheet does not take.

    It needs the extra `office`.
    """
    from xlsxwriter import Workbook  # noqa: PLC0415 - an extra

    with Workbook(file, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        bold = book.add_format({"bold": True})
        for sheet in sheets:
            if sheet.size >= MOST_ROWS or len(sheet.headings) > MOST_COLUMNS:
                raise InputError(
                    f"{sheet.name}: {sheet.size:,} rows and {len(sheet.headings):,} columns; a sheet takes"
                    f" {MOST_ROWS - 1:,} and {MOST_COLUMNS:,}: write .csv or .parquet, or fewer with"
                    " --replication or --outcome"
                )
            written = book.add_worksheet(sheet.name)
            written.freeze_panes(1, 0)
            written.set_column(0, len(sheet.headings) - 1, 16)
            for column, heading in enumerate(sheet.headings):
                written.write_string(0, column, safe_cell(heading), bold)
            for number, row in enumerate(sheet.rows, 1):
                for column, cell in enumerate(row):
                    _write(written, number, column, cell)


def _write(sheet: Any, row: int, column: int, cell: Any) -> None:
    """Write a value as what it is; nothing where it is undefined or empty."""
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, date):
        sheet.write_datetime(row, column, cell)
    elif isinstance(cell, int | float) and isfinite(cell):
        sheet.write_number(row, column, cell)
    elif isinstance(cell, str) and cell:
        sheet.write_string(row, column, safe_cell(cell))


def selected(connection: duckdb.DuckDBPyConnection, name: str, query: str) -> Sheet:
    """Return the rows of a query as a sheet; they are read when it is written, before another query."""
    (count,) = connection.execute(f"SELECT count(*) FROM ({query})").fetchone() or (0,)
    result = connection.execute(query)
    return Sheet(name, [column[0] for column in result.description or ()], _fetched(result), count)


def _fetched(result: duckdb.DuckDBPyConnection) -> Iterator[Sequence[Any]]:
    while rows := result.fetchmany(CHUNK):
        yield from rows


def answers_sheet(summary: Summary) -> Sheet:
    """Return what answers the question: value and interval of each, days as dates."""
    rows = []
    for answer in summary.answers:
        of = answer.estimate
        known = (of.value, of.low, of.high)
        if of.unit == DATE:
            start = summary.scenario.start
            known = tuple(None if at is None else day_of(at, start) for at in known)  # type: ignore[assignment]
        rows.append((asked(answer, summary), answer.expression, *known, of.unit))
    return Sheet("answers", ANSWERS, rows, len(rows))


def inputs_sheet(scenario: Scenario) -> Sheet:
    """Return every value of a scenario by its path."""
    rows = list(inputs_of(scenario))
    return Sheet("inputs", INPUTS, rows, len(rows))
