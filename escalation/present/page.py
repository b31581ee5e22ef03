"""A page of a result: a title, lines, tables and drawn lines, for the screen and as Markdown."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import fill

from escalation.present.screen import console, draw, put, show
from escalation.present.story.causes import Line
from escalation.present.table import Format, Table, markdown
from escalation.present.words import harmless

WIDEST = 80


@dataclass(frozen=True)
class Tree:
    """Lines of a tree under a title, with a note on how to read it."""

    title: str
    note: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Page:
    """Paragraphs under a title, then tables and trees, then last lines."""

    title: str
    lines: tuple[str, ...]
    parts: tuple[Table | Tree, ...] = ()
    closing: tuple[str, ...] = ()


def show_page(page: Page, form: Format) -> None:
    """Print a page on standard output, as Markdown or for the screen."""
    if form is Format.MD:
        put("\n\n".join(_markdown(page)))
    else:
        _show(page)


def block(text: str, first: str = "", rest: str = "", bold: bool = False) -> None:
    """Print a paragraph, wrapped at 80 columns at most on a terminal, and not wrapped in a pipe."""
    from rich.text import Text  # noqa: PLC0415 - not wanted for --help

    wide = min(WIDEST, console(sys.stdout).width) if sys.stdout.isatty() else 0
    shown = harmless(text)
    lines = fill(shown, wide, initial_indent=first, subsequent_indent=rest) if wide else first + shown
    show(Text(lines, style="bold" if bold else ""))


def _show(page: Page) -> None:
    block(page.title, bold=True)
    for line in page.lines:
        block(line)
    for part in page.parts:
        show("")
        if isinstance(part, Tree):
            block(part.title, bold=True)
            block(part.note)
            for drawn in part.lines:
                block(drawn.text, drawn.guide, drawn.below)
        else:
            draw(part)
    if page.closing:
        show("")
    for line in page.closing:
        block(line)


def _markdown(page: Page) -> Sequence[str]:
    found = [f"# {markdown(page.title)}", *map(markdown, page.lines)]
    for part in page.parts:
        if isinstance(part, Tree):
            items = "\n".join(f"{'  ' * line.level}- {markdown(line.text)}" for line in part.lines)
            found += [f"## {markdown(part.title)}", markdown(part.note), items]
        else:
            found.append(part.as_markdown())
    return [*found, *map(markdown, page.closing)]
