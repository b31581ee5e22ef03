"""`escalation export`: a run, or another study, as one table for other programs."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from escalation.cli import options
from escalation.errors import InputError
from escalation.present.output import FileForm, RunTable, form_of
from escalation.present.screen import put_bytes, remark

if TYPE_CHECKING:
    from escalation.ensemble.read import Run

CHUNK = 1 << 20
What = Annotated[
    RunTable | None,
    typer.Option(
        "--what",
        help="Of a run: one row per replication (outcomes, unless given), act, cause of an act, or outcome;"
        " hub: forecasts in hubverse form.",
    ),
]
"""Which table of a run."""


def export(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of a run, or of a study.")],
    what: What = None,
    form: Annotated[
        FileForm | None,
        typer.Option("--format", help="How to write it; else by the ending of FILE, else CSV."),
    ] = None,
    outcome: Annotated[
        list[str] | None,
        typer.Option(
            "--outcome", metavar="NAME", help="Only this outcome; * for any letters; can be repeated."
        ),
    ] = None,
    replication: Annotated[
        list[str] | None,
        typer.Option(
            "--replication", "-r", metavar="R", help="Only this one, or a range: 10-19; can be repeated."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="New file: .csv, .json, .parquet or .xlsx; else here."
        ),
    ] = None,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
) -> None:
    """Write a run as one tidy table with names and dates, for a spreadsheet, R or pandas.

    Of a sweep or another study it writes the table that its --format csv prints. A workbook
    (.xlsx) of a run has sheets of its answers, outcomes, acts and inputs, unless --what names one
    table. The columns are described in results/README.md of the project.

    \b
    Example:
      escalation export results/first --outcome "package_days.*" -o days.csv
      escalation export results/first --what acts --format parquet -o acts.parquet
      escalation export results/first -o first.xlsx
      escalation export results/first --what hub -o 2020-10-03-team-escalation.csv
    """
    ranges = [_range(text) for text in replication or ()]
    form = form or (form_of(FileForm, out) if out else FileForm.CSV)
    if out is None and form in (FileForm.PARQUET, FileForm.XLSX):
        raise InputError(f"--format {form}: is no text for a screen; name a file with --out")

    from escalation import api

    source = api.open(folder)
    if not quiet:
        _say_what_is_missing(source, what or (RunTable.ACTS if form is FileForm.XLSX else RunTable.OUTCOMES))
    with TemporaryDirectory() as scratch:
        file = out or Path(scratch) / f"export.{form}"
        api.export(source, file, what, form, outcome or (), ranges, overwrite)
        if out is None:
            _print(file)
        elif not quiet:
            remark(f"Written to {out}")


def _print(file: Path) -> None:
    with file.open("rb") as content:
        while part := content.read(CHUNK):
            put_bytes(part)


def _range(text: str) -> tuple[int, int]:
    """Return both ends of `7` or `10-19`."""
    first, _, last = text.partition("-")
    if not first.isdecimal() or not (last.isdecimal() or "-" not in text):
        raise InputError(f"--replication: found {text}; allowed is a number or a range, such as 7 or 10-19")
    return int(first), int(last or first)


def _say_what_is_missing(source: Run | object, what: RunTable) -> None:
    from escalation.ensemble.read import Run

    if isinstance(source, Run) and what in (RunTable.ACTS, RunTable.CAUSES):
        count = source.with_acts
        if not count:
            remark("no acts were kept: there is no sheet of them; --acts all keeps all")
        elif count < source.finished:
            remark(f"acts were kept of {count} of {source.finished:,} replications; --acts all keeps all")
