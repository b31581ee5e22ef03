"""How far a tuning has come: a bar on standard error with the best so far, where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from escalation.scenario.expression import Expression
from escalation.study.tuning.record import Tried


class Watcher(Protocol):
    """Watches a tuning."""

    def trial(self, tried: Tried, known: bool) -> None:
        """Hear of a finished trial, and whether an earlier attempt had finished it."""

    def step(self, done: int, total: int) -> None:
        """Hear of the points that are played at the end."""


class Nobody:
    """Watches, and shows nothing."""

    def trial(self, tried: Tried, known: bool) -> None:
        """Hear of a trial."""

    def step(self, done: int, total: int) -> None:
        """Hear of a point."""


@contextmanager
def watching(trials: int, first: Expression | None, quiet: bool) -> Iterator[Watcher]:
    """Give what shows the progress of so many trials; `first` is the goal whose best is shown, if single."""
    if quiet or not sys.stderr.isatty():
        yield Nobody()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    from escalation.present.screen import console  # noqa: PLC0415

    columns = (
        TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn(), TextColumn("left"),
        TimeRemainingColumn(compact=True), TextColumn("{task.fields[best]}"),
    )  # fmt: skip
    with Progress(*columns, console=console(sys.stderr), transient=True) as bars:
        yield _Bars(bars, trials, first)


class _Bars:
    def __init__(self, bars: object, trials: int, first: Expression | None):
        from rich.progress import Progress  # noqa: PLC0415

        assert isinstance(bars, Progress)
        self._bars, self._first = bars, first
        self._trials = bars.add_task("trials", total=trials, best="")
        self._final = None if trials else self._trials

    def trial(self, tried: Tried, known: bool) -> None:
        if known:  # what was there before says nothing of the speed
            task = self._bars.tasks[0]
            self._bars.reset(self._trials, total=task.total, completed=int(task.completed) + 1, best="")
            return
        self._bars.advance(self._trials)
        if self._first is not None and tried.checked is not None:
            from escalation.present.tuning.words import level  # noqa: PLC0415

            fresh = tried.checked[0][0]
            if len(tried.checked) == 1:
                self._bars.update(self._trials, best=f"best {level(self._first, fresh)}")

    def step(self, done: int, total: int) -> None:
        if self._final is None:
            self._final = self._bars.add_task("held out", total=total, best="")
        self._bars.update(self._final, completed=done, total=total)
