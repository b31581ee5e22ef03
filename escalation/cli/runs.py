"""`escalation runs`: the runs and other work that are stored, and what was not finished."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from escalation.cli import options
from escalation.ensemble.folder import RESULTS, final_of, staging_of, stored_folders, unfinished_folders
from escalation.errors import LONGEST_NAME, InputError, shortened
from escalation.present.page import Format, Table, show_table
from escalation.present.screen import as_json, put, remark

if TYPE_CHECKING:
    from escalation.ensemble.read import CatalogueEntry

HEADINGS = ("run", "status", "n", "seed", "when", "scenario", "with")
STATUS, NUMBERS, WHEN = 1, (2, 3), 4
"""Their places: the status, the numbers, and when it began, to the second in ISO format."""
RUN = "run"
RESUMED = 3
"""Unfinished runs at most whose `resume` is spelt out."""


def runs(
    folder: Annotated[
        Path, typer.Option("--under", metavar="FOLDER", help="Where to look, six folders deep.")
    ] = Path("results"),
    form: options.FormatOption = Format.TABLE,
) -> None:
    """List the stored runs (and sweeps, tunings, …), the latest last, and what was not finished.

    \b
    Example:
      escalation runs
      escalation runs --under ..
    """

    if folder != RESULTS and not folder.is_dir():
        raise InputError(f"--under {shortened(str(folder), LONGEST_NAME)}: there is no such folder")
    hidden = unfinished_folders(folder)
    resumed = {path.absolute() for path in hidden}  # beside the folders of what was interrupted
    stored = [path for path in stored_folders(folder) if staging_of(path) not in resumed]
    rows = sorted([*map(_row, stored), *map(_begun, hidden)], key=lambda row: row[WHEN])
    if not rows and form is Format.TABLE:
        remark(f"no runs below {folder}; `escalation run minimal` makes one, `--under` looks elsewhere")
        return
    if form is Format.JSON:
        put(as_json([_plain(row) for row in rows]))
        return
    shown = [_to_the_minute(row) for row in rows] if form is Format.TABLE else rows
    show_table(
        Table("", HEADINGS, shown, frozenset(NUMBERS), _note(rows), whole=frozenset({0, WHEN})), form
    )  # fmt: skip


def _plain(row: tuple[str, ...]) -> dict[str, str | int | None]:
    """Return a row as JSON values: its numbers as such, null where there is none."""
    numbers: dict[str, int | None] = {HEADINGS[at]: int(row[at]) if row[at] else None for at in NUMBERS}
    return {**dict(zip(HEADINGS, row, strict=True)), **numbers}


def _to_the_minute(row: tuple[str, ...]) -> tuple[str, ...]:
    return (*row[:WHEN], row[WHEN][:16].replace("T", " "), *row[WHEN + 1 :])


def _row(folder: Path) -> tuple[str, ...]:
    from escalation.ensemble.read import entry_of, open_run
    from escalation.study.runner import is_sound
    from escalation.study.studies import study_at

    seen = entry_of(folder)
    if seen is None:
        return (str(folder), "damaged", "", "", "", "", "")
    if seen.kind != RUN:
        study = study_at(folder)
        sound = study is None or is_sound(study, folder)
        return _cells(folder, seen if sound else seen._replace(status="damaged"))
    try:
        run = open_run(folder)
        run.require_sound()
    except InputError:
        return _cells(folder, seen._replace(status="damaged"))
    failed = run.manifest.replications.failed
    status = seen.status + (f", {failed} failed" if failed else "")
    return _cells(folder, seen._replace(status=status, finished=run.finished))


def _begun(hidden: Path) -> tuple[str, ...]:
    """Return the row of what is under way, or was when its process ended."""
    from escalation.ensemble.read import unfinished_entry

    seen = unfinished_entry(hidden)
    if seen is None:
        return (str(final_of(hidden)), "unfinished, nothing kept", "", "", "", "", "")
    return _cells(final_of(hidden), seen)


def _cells(folder: Path, seen: CatalogueEntry) -> tuple[str, ...]:
    count = "" if seen.finished is None else str(seen.finished)
    status = seen.status if seen.kind == RUN else f"{seen.kind}, {seen.status}"
    return (str(folder), status, count, seen.seed, seen.started, seen.scenario, ", ".join(seen.overrides))


def _note(rows: Sequence[tuple[str, ...]]) -> str:
    """Return how the latest are resumed that can be."""
    open_ = [
        row[0] for row in rows if row[STATUS].startswith("interrupted") or row[STATUS].endswith("unfinished")
    ]
    commands = [f"`escalation resume {shlex.quote(run)}`" for run in open_[: -RESUMED - 1 : -1]]
    return f"What is not finished is resumed by {', '.join(commands)}" if commands else ""
