"""The two streams, results on standard output and remarks on standard error, and texts for machines.

Machine formats (JSON, CSV, Markdown) are UTF-8 bytes whatever the console; what is for people is approximated
where the console's alphabet lacks a sign.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:  # rich is not wanted for --help and machine formats
    from rich.console import Console, RenderableType

FORMULA = "=+-@\t\r"
"""What a spreadsheet may take for the beginning of a formula."""
NUMBER_PATTERN = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
"""What is a number, though it begins like a formula."""
APPROXIMATE = {
    "−": "-", "–": "-", "—": "-", "±": "+-", "×": "x", "→": "->", "←": "<-", "↓": "v", "…": "...",
    "≤": "<=", "≥": ">=", "“": '"', "”": '"', "’": "'", "·": ".", "└": "`", "├": "|", "│": "|", "─": "-",
    "μ": "mu", "σ": "sigma", "\N{NO-BREAK SPACE}": " ",
}  # fmt: skip
"""What stands for our own signs on a console whose alphabet has none of them."""


APPROXIMATED = "escalation.approximated"
"""The name of the error handler that puts them there."""


# ---- machine formats


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return comma-separated values; None is an empty cell, and no text begins a formula."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerows([safe_cell(cell) for cell in row] for row in [headings, *rows])
    return stream.getvalue().rstrip("\n")


def safe_cell(cell: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula: texts that begin like one get a `'` in front."""
    if isinstance(cell, str) and cell.startswith(tuple(FORMULA)) and not re.fullmatch(NUMBER_PATTERN, cell):
        return "'" + cell
    return cell


def as_json(document: Any) -> str:
    """Return one JSON document."""
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)


# ---- the two streams


def console(stream: TextIO) -> Console:
    """Return the console of `stream`: no colour with NO_COLOR; in a pipe no escape codes, no wrapping."""
    from rich.console import Console  # noqa: PLC0415 - not wanted for --help

    terminal = stream.isatty()
    plain = not terminal or bool(os.environ.get("NO_COLOR"))
    return Console(
        file=stream, force_terminal=terminal, color_system=None if plain else "auto", markup=False,
        emoji=False, highlight=False, width=None if terminal else 100_000,
    )  # fmt: skip


def show(*parts: RenderableType, width: int | None = None) -> None:
    """Print texts and tables one below the other; in a pipe nothing is padded, nor wrapped but to `width`."""
    if sys.stdout.isatty():
        screen = console(sys.stdout)
        for part in parts:
            screen.print(part)
        return
    from rich.table import Table as RichTable  # noqa: PLC0415 - not wanted for --help

    buffer = io.StringIO()
    screen = console(buffer)
    for part in parts:
        is_table = isinstance(part, RichTable)
        screen.print(part, soft_wrap=not is_table, width=width if is_table else None)
    sys.stdout.write("".join(line.rstrip() + "\n" for line in buffer.getvalue().splitlines()))


def put(text: str) -> None:
    """Print `text` as it is on standard output, as UTF-8 whatever the console."""
    put_bytes((text + "\n").encode())


def put_bytes(content: bytes) -> None:
    """Write bytes on standard output, after what was printed there before."""
    sys.stdout.flush()
    stream = getattr(sys.stdout, "buffer", None)
    if stream is None:  # a stream of text in the place of standard output
        sys.stdout.write(content.decode())
        return
    stream.write(content)
    stream.flush()


def remark(text: str) -> None:
    """Print a remark or an error on standard error, its lines never wrapped."""
    sys.stderr.write(harmless(text, keep="\n") + "\n")


def harmless(text: str, keep: str = "") -> str:
    """Return `text` with breaks as spaces and other control characters as �, but for those in `keep`."""
    spaced = "".join(" " if sign in "\r\n\t" and sign not in keep else sign for sign in text)
    return "".join(
        sign if sign in keep or unicodedata.category(sign) not in ("Cc", "Cf", "Cs") else "�"
        for sign in spaced
    )


def approximated(error: UnicodeError) -> tuple[str, int]:
    """Return what stands for the signs that a console's alphabet lacks: a letter without its accent, else ?.

    It is the error handler APPROXIMATED of codecs.
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_approximation(sign) for sign in lacking), error.end


def _approximation(sign: str) -> str:
    for near in (APPROXIMATE.get(sign, ""), unicodedata.normalize("NFKD", sign)):
        plain = "".join(part for part in near if not unicodedata.combining(part))
        if plain and plain.isascii():
            return plain
    return "?"


# ---- how far a run has come


@contextmanager
def progress(total: int, quiet: bool) -> Iterator[Callable[[int], Any] | None]:
    """Give a function to call with how many more replications are done; None where nothing is shown."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (
        BarColumn(bar_width=30), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TextColumn("left"),
        TimeRemainingColumn(compact=True),
    )  # fmt: skip
    with ExitStack() as stack:
        bars = Progress(*columns, console=console(sys.stderr), transient=True)
        task = bars.add_task("", total=total, rate="")

        def advance(count: int) -> None:
            if not count:
                stack.enter_context(bars)
            bars.advance(task, count)
            speed = bars.tasks[0].speed
            bars.update(task, rate=f"{speed:,.0f}/s" if speed and speed >= 1 else "")

        yield advance


codecs.register_error(APPROXIMATED, approximated)
