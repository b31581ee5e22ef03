"""How far a run has come: a bar on standard error, where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from escalation.present.screen import console


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
