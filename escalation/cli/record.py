"""`escalation record` and `escalation import`: dated acts, checked, shown, and read from event data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from escalation.cli import options
from escalation.present.output import write
from escalation.present.page import Format, show_page
from escalation.present.screen import as_csv, put, remark

app = typer.Typer(
    help="Check and show records: tables of dated acts.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

RecordFile = Annotated[
    str, typer.Argument(metavar="RECORD", help="A CSV file, or the name of a record that is shipped.")
]


@app.command("check")
def check(record: RecordFile) -> None:
    """Check a record: every mistake with its line and column.

    \b
    Example:
      escalation record check belarus
    """
    from escalation.scenario.record import read_record

    entries = read_record(record).entries
    put(f"{record}: {len(entries):,} rows, no mistake found")


@app.command("show")
def show(record: RecordFile, form: options.FormatOption = Format.TABLE, full: options.Full = False) -> None:
    """Show what a record holds: timeline, package days, silences, answers, what is unmapped.

    \b
    Example:
      escalation record show belarus
      escalation record show belarus --full --format md
    """
    from escalation.present.record import page, rows
    from escalation.scenario.record import read_record
    from escalation.study.record import summarise_record

    result = summarise_record(read_record(record))
    if form is Format.JSON:
        put(result.model_dump_json(indent=1))
    elif form is Format.CSV:
        put(as_csv(*rows(result)))
    else:
        show_page(page(result, full), form)


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of event data.")],
    form: Annotated[
        str, typer.Option("--as", metavar="FORMAT", help="gdelt, polecat, ties, eu-list or csv.")
    ],
    map_file: Annotated[
        Path | None,
        typer.Option("--map", metavar="FILE", help="YAML: actors, codes, targets, columns of your own."),
    ] = None,
    first: Annotated[str | None, typer.Option("--from", metavar="DATE", help="From this day on.")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Up to the day before.")] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="New CSV file; else NAME-record.csv here."),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file where it exists.")] = False,
) -> None:
    """Read event data into a record; say what was dropped, and why.

    \b
    Example:
      escalation import events.tsv --as gdelt --from 2020-08-09 --to 2022-06-04 -o crisis.csv
    """
    days = options.day("--from", first), options.day("--to", last)
    from escalation.present.record import imported_words
    from escalation.scenario.event_data import import_events
    from escalation.scenario.record import write_record

    path = out or Path(f"{file.stem or 'record'}-record.csv")
    imported = import_events(file, form, map_file, *days)
    write(path, write_record(imported.record).encode(), overwrite)
    for line in imported_words(imported, str(path)):
        remark(line)
