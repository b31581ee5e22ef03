from __future__ import annotations

import csv
import io
import json

import pytest

from escalation.present.screen import show_table
from escalation.present.table import Format, Table, markdown

TABLE = Table("Title", ("name", "n"), [("a|b <script>", "1"), ("[red]c[/red]", "22")], frozenset({1}))


@pytest.mark.parametrize("form", list(Format))
def test_every_format_holds_every_cell(form: Format, capsys: pytest.CaptureFixture[str]) -> None:
    show_table(TABLE, form)
    shown = capsys.readouterr().out
    assert "22" in shown
    assert shown.endswith("\n")
    assert not shown.endswith("\n\n")


def test_numbers_stand_to_the_right_and_markup_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(TABLE, Format.TABLE)
    assert capsys.readouterr().out == "name           n\na|b <script>   1\n[red]c[/red]  22\n"


def test_csv_and_json_read_back_as_the_rows(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(TABLE, Format.CSV)
    assert list(csv.reader(io.StringIO(capsys.readouterr().out)))[1:] == [list(row) for row in TABLE.rows]
    show_table(TABLE, Format.JSON)
    assert json.loads(capsys.readouterr().out)[0] == {"name": "a|b <script>", "n": "1"}


def test_markdown_escapes_what_would_be_read_as_something_else(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(TABLE, Format.MD)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == ["## Title", "", "| name | n |", "| --- | ---: |"]
    assert lines[4] == "| a\\|b &lt;script> | 1 |"


def test_a_line_break_in_data_starts_no_new_line() -> None:
    assert markdown("a\n# b") == "a \\# b"
