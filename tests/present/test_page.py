from __future__ import annotations

import csv
import io
import json

import pytest

from escalation.present.format import difference, estimate
from escalation.present.page import (
    FEW_NOTE,
    Format,
    Line,
    Lines,
    Page,
    Passage,
    Table,
    Tree,
    as_markdown,
    markdown,
    result_page,
    section,
    show_page,
    show_table,
)
from escalation.present.report.documents import as_html
from escalation.present.screen import as_csv
from escalation.study.values import Estimate

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


def test_a_page_says_what_the_mark_of_an_estimate_means_where_it_stands() -> None:
    sure, unsure = (
        Estimate(value=4.0, low=3.0, high=5.0),
        Estimate(value=4.0, low=3.0, high=5.0, too_few=True),
    )

    def shown(of: Estimate, line: str) -> str:
        table = Table("Levels", ("who", "mean"), [("a", estimate(of))])
        return as_markdown(result_page("Title", [line], [table], ["The last line."]))

    note = markdown(FEW_NOTE)
    assert note not in shown(sure, "Nothing.")
    for text in shown(unsure, "Nothing."), shown(sure, f"It is {difference(unsure)}."):
        assert text.count(note) == 1
        assert text.index(note) < text.index("The last line.")


BANDS = Table(
    "Bands",
    ("name", "n", "50%", "95%", "days", "95%"),
    [("An actor with a long name", "1.0", "0–2", "0–9", "4.0", "0–8"), ("A heading",)],
    frozenset(range(1, 6)),
    "A note.",
)


@pytest.mark.parametrize(
    ("width", "left", "gone"),
    [
        # numbers take 16 columns, gaps 2 each, and the name may shrink from 25 to 20
        (46, "name n 50% 95% days 95%", ""),
        (45, "name n 50% 95% days", "95%"),
        (40, "name n 50% days", "95%"),
        (35, "name n 50%", "95%, days"),
        (1, "name n", "50%, 95%, days"),
    ],
)
def test_a_narrow_table_loses_its_95_percent_bands_first_and_then_from_the_right(
    width: int, left: str, gone: str
) -> None:
    fitted = BANDS.fitted(width)
    assert " ".join(fitted.headings) == left
    assert [len(row) for row in fitted.rows] == [len(fitted.headings), 1]
    assert fitted.note == ("A note." if not gone else f"A note. Too narrow here for the columns: {gone}.")


def test_what_is_left_of_a_narrow_table_keeps_its_sides(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(BANDS.fitted(40), Format.TABLE)
    assert capsys.readouterr().out.splitlines()[:2] == [
        "name                         n  50%  days",
        "An actor with a long name  1.0  0–2   4.0",
    ]


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


PAGE = result_page(
    "A title",
    ["A first sentence.", "  An indented one."],
    [
        TABLE,
        Tree("A tree", "How to read it.", (Line("", "", 0, "a root"), Line("└─ ", "   ", 1, "a branch"))),
    ],
    ["A last line."],
)
STORY = Page("A story", (section("A part", "A paragraph.", Passage("A head.", ("A body.",)), Lines(())),))


@pytest.mark.parametrize(
    ("page", "texts"),
    [
        (PAGE, ["A first sentence.", "22", "a branch", "A last line."]),
        (STORY, ["A part", "A paragraph.", "A head.", "A body."]),
    ],
)
def test_a_terminal_markdown_and_html_hold_the_same_page(
    page: Page, texts: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    show_page(page)
    for shown in (capsys.readouterr().out, as_markdown(page), as_html(page)):
        assert page.title in shown
        places = [shown.rindex(text) for text in texts]
        assert places == sorted(places)


def test_what_holds_nothing_is_left_out_of_a_section() -> None:
    assert section("", "", Lines(()), Table("Empty", ("a",), []), None).blocks == ()
    assert len(result_page("Title", ["One."]).sections) == 1


def test_cells_that_begin_a_formula_are_texts_and_numbers_are_numbers() -> None:
    cells = ["=1+1", "+x", "-1+1", "@x", "\tx", "-0.5", "+3e5", -0.5, "−3", "plain", None]
    row = as_csv(["=heading", *"bcdefghijk"], [cells]).split("\n", 1)
    assert row[0].startswith("'=heading,")
    assert next(csv.reader(io.StringIO(row[1]))) == [
        "'=1+1", "'+x", "'-1+1", "'@x", "'\tx", "-0.5", "+3e5", "-0.5", "−3", "plain", ""
    ]  # fmt: skip
