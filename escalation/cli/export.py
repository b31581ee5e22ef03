"""`escalation export`: a run as one table, for other programs."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from escalation.cli import options
from escalation.errors import InputError
from escalation.present.export.exported import Form, What, form_of

if TYPE_CHECKING:
    from escalation.ensemble.read import Run

CHUNK = 1 << 16


def export(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")],
    what: Annotated[
        What,
        typer.Option("--what", help="One row per replication, per act, per cause of an act, per outcome."),
    ] = What.OUTCOMES,
    form: Annotated[
        Form | None, typer.Option("--format", help="How to write it; else by the ending of FILE, else CSV.")
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
        typer.Option("--out", "-o", metavar="FILE", help="New file to write; else standard output."),
    ] = None,
    quiet: options.Quiet = False,
) -> None:
    """Write a run as one tidy table with names and dates, for a spreadsheet, R or pandas.

    The columns are described in results/README.md of the project.

    \b
    Example:
      escalation export results/first --outcome "package_days.*" -o days.csv
      escalation export results/first --what acts --format parquet -o acts.parquet
    """
    chosen = [_range(text) for text in replication or ()]
    form = form_of(form, out)
    if out is None and form is Form.PARQUET:
        raise InputError("--format parquet: is no text for a screen; name a file with --out")

    from escalation import api  # noqa: PLC0415 - heavy imports only where work is done

    run = api.open_run(folder)
    if not quiet:
        _say_what_is_missing(run, what)
    if out is not None:
        api.export(run, out, what, form, outcome or (), chosen)
        if not quiet:
            options.remark(f"Written to {out}")
        return
    with TemporaryDirectory() as place:
        file = Path(place) / f"export.{form}"
        api.export(run, file, what, form, outcome or (), chosen)
        _print(file)


def _print(file: Path) -> None:
    with file.open(encoding="utf-8", newline="") as text:
        while part := text.read(CHUNK):
            sys.stdout.write(part)


def _range(text: str) -> tuple[int, int]:
    """Return both ends of `7` or `10-19`."""
    first, _, last = text.partition("-")
    if not first.isdecimal() or not (last.isdecimal() or "-" not in text):
        raise InputError(f"--replication: found {text}; allowed is a number or a range, such as 7 or 10-19")
    return int(first), int(last or first)


def _say_what_is_missing(run: Run, what: What) -> None:
    from escalation.present.export.export import kept  # noqa: PLC0415

    count = kept(run)
    if what in (What.ACTS, What.CAUSES) and 0 < count < run.finished:
        options.remark(f"acts were kept of {count} of {run.finished:,} replications; --acts all keeps all")
