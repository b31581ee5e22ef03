"""A table of texts, in each of the four formats."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from escalation.present.words import harmless

NAME, TEXT, GAP = 20, 12, 2
"""Columns of a terminal that a table's first column and its other texts keep at least; those between two."""
WIDEST_BAND = "95%"
"""Heading of the columns that are left out first."""

if TYPE_CHECKING:
    from rich.table import Table as RichTable


class Format(StrEnum):
    """What a result can be printed as."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MD = "md"


@dataclass(frozen=True)
class Table:
    """Rows under headings. A row may be shorter than the headings; a single cell is a row's own heading.

    `numbers` holds the columns (from 0) that are aligned to the right, `whole` those whose texts a terminal
    does not break. One that is `wrapped` is no wider in a pipe than on a terminal.
    """

    title: str
    headings: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    numbers: frozenset[int] = field(default_factory=frozenset)
    note: str = ""
    whole: frozenset[int] = field(default_factory=frozenset)
    wrapped: bool = False

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
        least, kept = self._least(), list(range(len(self.headings)))
        bands = [column for column in kept[2:] if self.headings[column] == WIDEST_BAND]
        others = [column for column in kept[2:] if column not in bands]
        leaving = [*others, *bands]
        while leaving and sum(least[column] for column in kept) + GAP * (len(kept) - 1) > width:
            kept.remove(leaving.pop())
        return self if len(kept) == len(self.headings) else self._only(kept)

    def _least(self) -> list[int]:
        """Return how narrow each column can be: a number is never broken, a text is."""
        from rich.cells import cell_len  # noqa: PLC0415

        rows = [self.headings, *self.rows]
        natural = [
            max(cell_len(row[column]) for row in rows if column < len(row))
            for column in range(len(self.headings))
        ]
        limits = [NAME, *(TEXT for _ in natural[1:])]
        return [
            size if column in self.numbers | self.whole else min(size, limit)
            for column, (size, limit) in enumerate(zip(natural, limits, strict=True))
        ]

    def _only(self, kept: Sequence[int]) -> Table:
        gone = [heading for column, heading in enumerate(self.headings) if column not in kept]
        said = f"Too narrow here for the columns: {', '.join(dict.fromkeys(gone))}."
        return self._of(kept, f"{self.note} {said}".strip())

    def _of(self, kept: Sequence[int], note: str) -> Table:
        return Table(
            self.title,
            tuple(self.headings[column] for column in kept),
            [tuple(row[column] for column in kept if column < len(row)) for row in self.rows],
            frozenset(place for place, column in enumerate(kept) if column in self.numbers),
            note,
            frozenset(place for place, column in enumerate(kept) if column in self.whole),
            self.wrapped,
        )

    def without_empty(self) -> Table:
        """Return the table without the columns, beyond the first, that are empty in every row."""
        kept = [
            column
            for column in range(len(self.headings))
            if column == 0 or any(row[column] for row in self.rows if column < len(row))
        ]
        return self if len(kept) == len(self.headings) else self._of(kept, self.note)

    def as_rich(self) -> RichTable:
        """Return the table for a terminal; nothing in it is read as markup."""
        from rich.padding import Padding  # noqa: PLC0415 - not wanted for --help
        from rich.table import Table as RichTable  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        def cell(text: str, style: str) -> Padding:
            shown = text.lstrip(" ")
            indent = len(text) - len(shown)
            return Padding(Text(harmless(shown), style=style, overflow="fold"), (0, 0, 0, indent))

        table = RichTable(box=None, padding=(0, GAP, 0, 0), pad_edge=False, header_style="dim")
        least = self._least()
        for column, heading in enumerate(self.headings):
            right = column in self.numbers
            table.add_column(
                Text(heading), justify="right" if right else "left", no_wrap=right, overflow="fold",
                min_width=least[column],
            )  # fmt: skip
        for row in self.rows:
            style = "bold" if len(row) == 1 else ""
            table.add_row(*(cell(text, style) for text in row))
        return table


def as_csv(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return comma-separated values; None is an empty cell."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerows([headings, *rows])
    return stream.getvalue().rstrip("\n")


def as_json(document: Any) -> str:
    """Return one JSON document."""
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)


def markdown(text: str) -> str:
    """Return `text` so that Markdown shows it as it is."""
    escaped = "".join("\\" + sign if sign in "\\`*_[]|#" else sign for sign in harmless(text))
    return escaped.replace("<", "&lt;")


def _markdown_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(map(markdown, cells)) + " |"
