"""`escalation runs`: the runs that are stored."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from escalation.cli import options
from escalation.present.screen import remark, show_table
from escalation.present.table import Format, Table

HEADINGS = ("run", "scenario", "when", "n", "seed", "status", "with")


def runs(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to look.")] = Path("results"),
    form: options.FormatOption = Format.TABLE,
) -> None:
    """List the stored runs, the latest last.

    \b
    Example:
      escalation runs
    """
    rows = sorted((_row(path.parent) for path in folder.rglob("manifest.json")), key=lambda row: row[2])
    if not rows and form is Format.TABLE:
        remark(f"no runs below {folder}; `escalation run minimal` makes one")
        return
    show_table(Table("", HEADINGS, rows, frozenset({3, 4})), form)


def _row(folder: Path) -> tuple[str, ...]:
    from escalation import api  # noqa: PLC0415
    from escalation.errors import InputError  # noqa: PLC0415

    try:
        run = api.open_run(folder)
    except InputError:
        return (str(folder), "", "", "", "", "damaged", "")
    counts = run.manifest["replications"]
    status = run.manifest["status"] + (f", {counts['failed']} failed" if counts["failed"] else "")
    name = run.manifest["scenario"]["name"] or run.header.title
    count, changed = str(counts["finished"]), ", ".join(run.manifest.get("overrides", ()))
    return (str(folder), name, run.manifest["started"], count, str(run.seed), status, changed)
