"""`escalation runs`: the runs and other work that are stored, and what was not finished."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from escalation.cli import options
from escalation.present.screen import remark, show_table
from escalation.present.table import Format, Table

if TYPE_CHECKING:
    from escalation.ensemble.shelf import Seen

HEADINGS = ("run", "scenario", "when", "n", "seed", "status", "with")
RUN = "run"
RESUMED = 3
"""Unfinished runs at most whose `resume` is spelt out."""


def runs(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to look.")] = Path("results"),
    form: options.FormatOption = Format.TABLE,
) -> None:
    """List the stored runs (and sweeps, tunings, …), the latest last, and what was not finished.

    \b
    Example:
      escalation runs
    """
    from escalation.ensemble.shelf import stored, unfinished  # noqa: PLC0415

    hidden = unfinished(folder)
    kept = [path for path in stored(folder) if not _is_replaced(path, hidden)]
    rows = sorted([*map(_row, kept), *map(_begun, hidden)], key=lambda row: row[2])
    if not rows and form is Format.TABLE:
        remark(f"no runs below {folder}; `escalation run minimal` makes one")
        return
    show_table(Table("", HEADINGS, rows, frozenset({3, 4}), _note(rows)), form)


def _row(folder: Path) -> tuple[str, ...]:
    from escalation import api  # noqa: PLC0415
    from escalation.ensemble.shelf import look_at  # noqa: PLC0415
    from escalation.errors import InputError  # noqa: PLC0415

    seen = look_at(folder)
    if seen is None:
        return (str(folder), "", "", "", "", "damaged", "")
    if seen.kind != RUN:
        return _cells(folder, seen)
    try:
        run = api.open_run(folder)
    except InputError:
        return _cells(folder, seen._replace(status="damaged"))
    failed = run.manifest["replications"]["failed"]
    status = seen.status + (f", {failed} failed" if failed else "")
    return _cells(folder, seen._replace(status=status, finished=run.finished))


def _begun(hidden: Path) -> tuple[str, ...]:
    """Return the row of what is under way, or was when its process ended."""
    from escalation.ensemble.place import shown_of  # noqa: PLC0415
    from escalation.ensemble.shelf import glance  # noqa: PLC0415

    seen = glance(hidden)
    if seen is None:
        return (str(shown_of(hidden)), "", "", "", "", "unfinished, nothing kept", "")
    return _cells(shown_of(hidden), seen)


def _cells(folder: Path, seen: Seen) -> tuple[str, ...]:
    count = "" if seen.finished is None else str(seen.finished)
    status = seen.status if seen.kind == RUN else f"{seen.kind}, {seen.status}"
    return (str(folder), seen.scenario, seen.started, count, seen.seed, status, ", ".join(seen.overrides))


def _is_replaced(run: Path, hidden: Sequence[Path]) -> bool:
    """Return whether an interrupted run is being gone on with beside its folder."""
    from escalation.ensemble.place import hidden_of  # noqa: PLC0415

    return hidden_of(run) in [path.absolute() for path in hidden]


def _note(rows: Sequence[tuple[str, ...]]) -> str:
    """Return how to go on with the latest that can be gone on with."""
    open_ = [row[0] for row in rows if row[5].startswith("interrupted") or row[5].endswith("unfinished")]
    commands = [f"`escalation resume {shlex.quote(run)}`" for run in open_[: -RESUMED - 1 : -1]]
    return f"To go on with what is not finished: {', '.join(commands)}" if commands else ""
