"""The two streams: results on standard output, remarks on standard error."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

from escalation.present.table import Format, Table, as_csv, as_json
from escalation.present.words import harmless

PIPE, NARROWEST = 100, 60
"""Columns of a wrapped table in a pipe unless COLUMNS says otherwise, and the fewest that it can say."""

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


def console(stream: TextIO) -> Console:
    """Return the console of `stream`: no colour with NO_COLOR; in a pipe no escape codes, no wrapping."""
    from rich.console import Console  # noqa: PLC0415 - not wanted for --help

    terminal = stream.isatty()
    plain = not terminal or bool(os.environ.get("NO_COLOR"))
    return Console(
        file=stream, force_terminal=terminal, color_system=None if plain else "auto", markup=False,
        emoji=False, highlight=False, width=None if terminal else 100_000,
    )  # fmt: skip


def show(*parts: RenderableType, stream: TextIO | None = None, width: int | None = None) -> None:
    """Print texts and tables one below the other; in a pipe nothing is padded, nor wrapped but to `width`."""
    stream = stream or sys.stdout
    if stream.isatty():
        screen = console(stream)
        for part in parts:
            screen.print(part)
        return
    from rich.table import Table as RichTable  # noqa: PLC0415

    buffer = io.StringIO()
    screen = console(buffer)
    for part in parts:
        is_table = isinstance(part, RichTable)
        screen.print(part, soft_wrap=not is_table, width=width if is_table else None)
    stream.write("".join(line.rstrip() + "\n" for line in buffer.getvalue().splitlines()))


def draw(table: Table) -> None:
    """Print a table with its note; columns for which a terminal is too narrow are left out, and named."""
    fitted = table.fitted(console(sys.stdout).width) if sys.stdout.isatty() else table
    width = _columns() if table.wrapped and not sys.stdout.isatty() else None
    show(fitted.as_rich(), *([harmless(fitted.note)] if fitted.note else []), width=width)


def _columns() -> int:
    """Return how wide a wrapped table is in a pipe: as many columns as COLUMNS says."""
    said = os.environ.get("COLUMNS", "")
    return max(NARROWEST, int(said)) if said.isdecimal() else PIPE


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


def put(text: str) -> None:
    """Print `text` as it is on standard output."""
    sys.stdout.write(text + "\n")


def remark(text: str) -> None:
    """Print a remark or an error on standard error, its lines never wrapped."""
    sys.stderr.write(harmless(text, keep="\n") + "\n")
