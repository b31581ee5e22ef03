"""The one page: what a result says in sections, and its renderers for a terminal and as Markdown.

A page is sections of sentences, passages, tables, trees and pictures. A terminal and Markdown show no
pictures; the report renders the same page as HTML (report/documents.py).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from textwrap import fill
from typing import TYPE_CHECKING, Any, NamedTuple

from escalation.present.screen import as_csv, as_json, console, harmless, put, show

if TYPE_CHECKING:  # rich is not wanted for --help and machine formats
    from rich.table import Table as RichTable

WIDEST = 80
"""Columns at which a terminal wraps sentences, where it is not narrower."""
PIPE, NARROWEST = 100, 60
"""Columns of a wrapped table in a pipe unless COLUMNS says otherwise, and the fewest that it can say."""
NAME, TEXT, GAP = 20, 12, 2
"""Columns of a terminal that a table's first column and its other texts keep at least; those between two."""
FEW = "*"
"""Stands behind every interval that is not to be trusted (`Estimate.too_few`)."""
FEW_NOTE = f"{FEW} Too few replications, or too rare or skewed an outcome, to trust the interval."
"""What a section says below where the sign stands in it."""
WIDEST_BAND = "95%"
"""Heading of the columns that are left out first."""


class Format(StrEnum):
    """What a result can be printed as."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MD = "md"


# ---- what a page is made of

Cell = str | int | float | None
"""A text as people read it, or in rows of values a number or nothing."""


@dataclass(frozen=True)
class Table:
    """Rows under headings. A row may be shorter than the headings; a single cell is a row's own heading.

    `numbers` holds the columns (from 0) that are aligned to the right, `whole` those whose texts a terminal
    does not break. One that is `wrapped` is no wider in a pipe than on a terminal; one that is `folded` is
    opened by the reader of a report.
    """

    title: str
    headings: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    numbers: frozenset[int] = frozenset()
    note: str = ""
    whole: frozenset[int] = frozenset()
    wrapped: bool = False
    folded: bool = False

    def as_markdown(self) -> str:
        """Return the table in Markdown, below its title."""
        rule = ["---:" if column in self.numbers else "---" for column in range(len(self.headings))]
        lines = [_markdown_row(self.headings), "| " + " | ".join(rule) + " |"]
        lines += [_markdown_row(row + ("",) * (len(self.headings) - len(row))) for row in self.rows]
        title = [f"## {markdown(self.title)}", ""] if self.title else []
        return "\n".join([*title, *lines, *(["", markdown(self.note)] if self.note else [])])

    def fitted(self, width: int) -> Table:
        """Return the table without the columns for which `width` is too small, named in its note.

        The 95% bands are left out first, then columns from the right; the first two always stay.
        """
        least, columns = self.least_widths(), list(range(len(self.headings)))
        bands = [column for column in columns[2:] if self.headings[column] == WIDEST_BAND]
        leaving = [*(column for column in columns[2:] if column not in bands), *bands]
        while leaving and sum(least[column] for column in columns) + GAP * (len(columns) - 1) > width:
            columns.remove(leaving.pop())
        if len(columns) == len(self.headings):
            return self
        gone = [heading for column, heading in enumerate(self.headings) if column not in columns]
        note = f"Too narrow here for the columns: {', '.join(dict.fromkeys(gone))}."
        return self._with_columns(columns, f"{self.note} {note}".strip())

    def least_widths(self) -> list[int]:
        """Return how narrow each column can be: a number is never broken, a text is."""
        from rich.cells import cell_len  # noqa: PLC0415 - not wanted for --help

        rows, widths = [self.headings, *self.rows], []
        for column in range(len(self.headings)):
            natural = max(cell_len(_text(row[column])) for row in rows if column < len(row))
            is_whole = column in self.numbers | self.whole
            widths.append(natural if is_whole else min(natural, TEXT if column else NAME))
        return widths

    def without_empty(self) -> Table:
        """Return the table without the columns, beyond the first, that are empty in every row."""
        columns = [
            column
            for column in range(len(self.headings))
            if column == 0 or any(row[column] not in ("", None) for row in self.rows if column < len(row))
        ]
        return self if len(columns) == len(self.headings) else self._with_columns(columns, self.note)

    def _with_columns(self, columns: Sequence[int], note: str) -> Table:
        return replace(
            self,
            headings=tuple(self.headings[column] for column in columns),
            rows=[tuple(row[column] for column in columns if column < len(row)) for row in self.rows],
            numbers=frozenset(position for position, column in enumerate(columns) if column in self.numbers),
            whole=frozenset(position for position, column in enumerate(columns) if column in self.whole),
            note=note,
        )


class Line(NamedTuple):
    """One line of a tree: what is drawn before it, before what wraps, its level from 0, and its text."""

    guide: str
    below: str
    level: int
    text: str


@dataclass(frozen=True)
class Tree:
    """Lines of a tree under a title, with a note on how to read it."""

    title: str
    note: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Lines:
    """Sentences, each on a line of its own: a list in Markdown and in a report, `alarming` ones set off."""

    lines: tuple[str, ...]
    alarming: bool = False


@dataclass(frozen=True)
class Passage:
    """A headline and the paragraphs below it; without these a mere paragraph."""

    head: str
    body: tuple[str, ...] = ()


class Frame(NamedTuple):
    """How much room a picture has: the width of its plot in pixels, and whether it is for a phone."""

    width: int
    narrow: bool

    @property
    def columns(self) -> int:
        """How many small pictures stand side by side."""
        return 2 if self.narrow else 3

    @property
    def panel(self) -> int:
        """The width of each of them."""
        return 118 if self.narrow else 198


WIDE, NARROW = Frame(660, False), Frame(285, True)


@dataclass(frozen=True)
class Picture:
    """A picture: a title that says the finding, how to read it, the drawing, and the numbers in it.

    `name` is unique on a page; `draw` gives the drawing (an Altair chart) for the room there is. `caption` is
    how to read it anywhere; `alone` is said besides where it stands alone, `on_page` on a page, where its
    tables and a glossary are at hand.
    """

    name: str
    title: str
    caption: str
    draw: Callable[[Frame], Any]
    tables: Sequence[Table | Tree]
    alone: str = ""
    on_page: str = ""

    def caption_where(self, alone: bool) -> str:
        """Return the caption of a picture that stands alone, or on a page with its tables below it."""
        return f"{self.caption} {self.alone if alone else self.on_page}".strip()


Block = str | Lines | Passage | Table | Tree | Picture
"""What a section holds; a text is a paragraph."""


@dataclass(frozen=True)
class Section:
    """Blocks, under a title or without one; `name` is its anchor in a report."""

    blocks: tuple[Block, ...]
    title: str = ""
    name: str = ""


@dataclass(frozen=True)
class Page:
    """Sections under a title."""

    title: str
    sections: tuple[Section, ...]


def section(title: str, *blocks: Block | None, name: str = "") -> Section:
    """Return a section of the blocks that hold anything: no empty text, no list or table without rows.

    Where an estimate in it is marked as not to be trusted, its last line says what the mark means.
    """
    full = [block for block in blocks if block is not None and _holds_anything(block)]
    note = [FEW_NOTE] if any(FEW in text for block in full for text in _estimates(block)) else []
    return Section((*full, *note), title, name)


def _estimates(block: Block) -> Iterator[str]:
    """Yield the texts of a block that estimates can stand in."""
    if isinstance(block, Lines):
        yield from block.lines
    elif isinstance(block, Table):
        yield from (_text(cell) for row in block.rows for cell in row[1:])
    elif isinstance(block, Picture):
        yield from (text for table in block.tables for text in _estimates(table))


def result_page(
    title: str, opening: Iterable[str], parts: Iterable[Block | None] = (), closing: Iterable[str] = ()
) -> Page:
    """Return the usual page of a result: sentences, then tables, trees and pictures, then last lines."""
    sections = section("", Lines(tuple(opening)), *parts), section("", Lines(tuple(closing)))
    return Page(title, tuple(part for part in sections if part.blocks))


def _holds_anything(block: Block) -> bool:
    if isinstance(block, Lines | Tree):
        return bool(block.lines)
    return bool(block.rows) if isinstance(block, Table) else bool(block)


# ---- one renderer for a terminal


def show_page(shown: Page, form: Format = Format.TABLE) -> None:
    """Print a page on standard output, as Markdown or for a terminal."""
    if form is Format.MD:
        put(as_markdown(shown))
        return
    _paragraph(shown.title, bold=True)
    for position, part in enumerate(shown.sections):
        if part.title or position:
            show("")
        if part.title:
            _paragraph(part.title, bold=True)
        for number, block in enumerate(part.blocks):
            _show_block(block, first=number == 0)


def _show_block(block: Block, first: bool) -> None:
    if isinstance(block, str):
        _paragraph(block)
    elif isinstance(block, Lines):
        for line in block.lines:
            indent = " " * (len(line) - len(line.lstrip(" ")))
            _paragraph(line.lstrip(" "), indent, indent)
    elif isinstance(block, Passage):
        if block.body:
            show("")
        _paragraph(block.head, bold=bool(block.body))
        for text in block.body:
            _paragraph(text, "  ", "  ")
    elif not isinstance(block, Picture):
        if not first:
            show("")
        draw(block) if isinstance(block, Table) else _show_tree(block)


def _show_tree(tree: Tree) -> None:
    _paragraph(tree.title, bold=True)
    _paragraph(tree.note)
    for line in tree.lines:
        _paragraph(line.text, line.guide, line.below)


def _paragraph(text: str, first: str = "", rest: str = "", bold: bool = False) -> None:
    """Print a paragraph, wrapped on a terminal and not wrapped in a pipe; paths and commands stay whole."""
    from rich.text import Text  # noqa: PLC0415 - not wanted for --help

    wide = min(WIDEST, console(sys.stdout).width) if sys.stdout.isatty() else 0
    shown = harmless(text)
    if wide:
        shown = fill(
            shown, wide, initial_indent=first, subsequent_indent=rest, break_long_words=False,
            break_on_hyphens=False,
        )  # fmt: skip
    show(Text(shown if wide else first + shown, style="bold" if bold else ""))


def draw(table: Table) -> None:
    """Print a table with its note; columns for which a terminal is too narrow are left out, and named."""
    fitted = table.fitted(console(sys.stdout).width) if sys.stdout.isatty() else table
    said = os.environ.get("COLUMNS", "")
    columns = max(NARROWEST, int(said)) if said.isdecimal() else PIPE
    width = columns if table.wrapped and not sys.stdout.isatty() else None
    show(_rich(fitted), *([harmless(fitted.note)] if fitted.note else []), width=width)


def _rich(table: Table) -> RichTable:
    """Return a table for a terminal; nothing in it is read as markup."""
    from rich.padding import Padding  # noqa: PLC0415 - not wanted for --help
    from rich.table import Table as RichTable  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    def cell(content: Cell, style: str) -> Padding:
        text = _text(content)
        shown = text.lstrip(" ")
        indent = len(text) - len(shown)
        return Padding(Text(harmless(shown), style=style, overflow="fold"), (0, 0, 0, indent))

    rich = RichTable(box=None, padding=(0, GAP, 0, 0), pad_edge=False, header_style="dim")
    for column, (heading, least) in enumerate(zip(table.headings, table.least_widths(), strict=True)):
        right = column in table.numbers
        rich.add_column(
            Text(harmless(heading)), justify="right" if right else "left", no_wrap=right, overflow="fold",
            min_width=least,
        )  # fmt: skip
    for row in table.rows:
        rich.add_row(*(cell(content, "bold" if len(row) == 1 else "") for content in row))
    return rich


def _text(content: Cell) -> str:
    return "" if content is None else str(content)


# ---- one renderer for Markdown


def as_markdown(shown: Page) -> str:
    """Return a page in Markdown, without its pictures."""
    parts = [f"# {markdown(shown.title)}"]
    for part in shown.sections:
        parts += [f"## {markdown(part.title)}"] if part.title else []
        parts += [text for block in part.blocks for text in _markdown_block(block)]
    return "\n\n".join(parts)


def _markdown_block(block: Block) -> list[str]:
    if isinstance(block, str):
        return [markdown(block)]
    if isinstance(block, Lines):
        return ["\n".join(f"- {markdown(line.strip())}" for line in block.lines)]
    if isinstance(block, Passage):
        return [("### " if block.body else "") + markdown(block.head), *map(markdown, block.body)]
    if isinstance(block, Table):
        return [block.as_markdown()]
    if isinstance(block, Tree):
        items = "\n".join(f"{'  ' * line.level}- {markdown(line.text)}" for line in block.lines)
        return [f"## {markdown(block.title)}", markdown(block.note), items]
    return []


def markdown(text: str) -> str:
    """Return `text` so that Markdown shows it as it is."""
    escaped = "".join("\\" + sign if sign in "\\`*_[]|#" else sign for sign in harmless(text))
    return escaped.replace("<", "&lt;")


def _markdown_row(cells: Sequence[Cell]) -> str:
    return "| " + " | ".join(markdown(_text(cell)) for cell in cells) + " |"


# ---- tables that are a whole result


def show_table(table: Table, form: Format) -> None:
    """Print one table as the whole result of a command."""
    if form is Format.TABLE:
        draw(table)
    elif form is Format.MD:
        put(table.as_markdown())
    elif form is Format.CSV:
        put(as_csv(table.headings, table.rows))
    else:
        put(as_json([dict(zip(table.headings, row, strict=True)) for row in table.rows]))
