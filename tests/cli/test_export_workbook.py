"""`escalation export -o FILE.xlsx`: a sheet for each table, read with another library."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from escalation.present import workbook
from tests.cli.conftest import Escalation

FAST = "--workers 1 --clock simpy -q"
SETS = (
    *("--set", "outcomes.first_use={eu: [trade_ban], us: [trade_ban]}"),
    *("--set", "actors.eu.name==1+1"),
)


@pytest.fixture
def run(escalation: Escalation) -> None:
    assert escalation(f"run minimal -n 12 {FAST} --acts sample -o run", *SETS).exit_code == 0


def sheets(path: str) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(path)
    assert all(sheet.freeze_panes == "A2" for sheet in book)
    assert all(cell.data_type != "f" for sheet in book for row in sheet for cell in row)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def test_a_workbook_has_answers_outcomes_acts_and_inputs(run: None, escalation: Escalation) -> None:
    done = escalation("export run -o run.xlsx")
    assert done.exit_code == 0, done.output
    found = sheets("run.xlsx")
    assert list(found) == ["answers", "outcomes", "acts", "inputs"]
    outcomes, acts = ([dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
                      for rows in (found["outcomes"], found["acts"]))  # fmt: skip
    assert [row["replication"] for row in outcomes] == list(range(12))
    assert {type(row["first.us.trade_ban"]) for row in outcomes} <= {datetime, type(None)}
    assert {type(row["concession.belarus"]) for row in outcomes} == {bool}
    assert {type(row["date"]) for row in acts} == {datetime}
    assert {row["actor_label"] for row in acts if row["actor"] == "eu"} == {"'=1+1"}
    assert found["answers"][0] == workbook.ANSWERS
    assert all(isinstance(row[2], int | float | datetime) for row in found["answers"][1:])
    inputs = {row[0]: row[1:] for row in found["inputs"][1:]}
    assert inputs["start"][0].date() == date(2020, 9, 23)
    assert inputs["actors.belarus.policy.reciprocity"][:3] == ("uniform 0.5 to 1", None, "uncertain")


def test_a_workbook_of_one_table_has_its_sheet_alone(run: None, escalation: Escalation) -> None:
    done = escalation("export run --what summary -o summary.xlsx")
    assert done.exit_code == 0, done.output
    ((name, rows),) = sheets("summary.xlsx").items()
    assert (name, rows[0][:4]) == ("table", ("outcome", "label", "kind", "unit"))


def test_without_acts_there_is_no_sheet_of_them_and_it_is_said(escalation: Escalation) -> None:
    escalation(f"run minimal -n 3 {FAST} --acts none -o none")
    done = escalation("export none -o none.xlsx")
    assert "no acts were kept" in done.stderr
    assert list(sheets("none.xlsx")) == ["answers", "outcomes", "inputs"]


def test_more_rows_than_a_sheet_takes_are_an_error_and_leave_no_file(
    run: None, escalation: Escalation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 10)
    done = escalation("export run --what outcomes -o run.xlsx -q")
    assert done.exit_code == 2
    assert "table: 12 rows and " in done.stderr
    assert "a sheet takes 9 and 16,384: write .csv or .parquet, or fewer with --replication" in done.stderr
    assert not Path("run.xlsx").exists()
