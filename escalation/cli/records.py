"""Commands on records: `record` and `import`, `backtest` and `scores`, `calibrate`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from escalation.cli import options
from escalation.cli.options import Work
from escalation.cli.study import play
from escalation.errors import InputError
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


class Shocks(StrEnum):
    """Whether dated shocks after an origin are known at it."""

    UNKNOWN = "unknown"
    KNOWN = "known"


@options.simulating(without=("acts", "until", "record", "since"))
def backtest(
    work: Work,
    scenario: options.Scenario,
    record: Annotated[
        str, typer.Option("--record", metavar="RECORD", help="A CSV file, or the name of a shipped record.")
    ],
    origins: Annotated[
        str,
        typer.Option("--origins", metavar="MONTH:MONTH", help="Months, as 2020-11:2022-04."),
    ],
    horizons: Annotated[
        str, typer.Option("--horizons", metavar="DAYS", help="Days that are forecast, divided by commas.")
    ] = "30,90,180",
    shocks: Annotated[
        Shocks, typer.Option("--shocks", help="What is known of later shocks.")
    ] = Shocks.UNKNOWN,
    actor: Annotated[
        list[str] | None,
        typer.Option("--actor", metavar="NAME", help="Whose package days to forecast; can be repeated."),
    ] = None,
    target: Annotated[
        str | None, typer.Option("--target", metavar="NAME", help="Who answers the others.")
    ] = None,
    refit: Annotated[
        bool,
        typer.Option("--refit", help="Learn parameters anew at each origin, from what lies before it."),
    ] = False,
) -> None:
    """Hold forecasts against a record: at the first of each month the record so far is the past.

    The model plays on from there, knowing nothing of what the record holds later, and is
    scored beside nine simple rivals that are fitted on the same past.

    \b
    Example:
      escalation backtest belarus_from_election --record belarus --origins 2021-06:2021-07 -n 50
    """
    from escalation.study.backtest.asked import backtest_of
    from escalation.study.backtest.backtest import BACKTEST
    from escalation.study.source import open_scenario

    source = open_scenario(scenario, work.request())
    asked = backtest_of(source, record, origins, horizons, shocks.value, tuple(actor or ()), target, refit)
    play(BACKTEST, asked, work)


def scores(
    folders: Annotated[list[Path], typer.Argument(metavar="FOLDER...", help="Folders of backtests.")],
    form: options.FormatOption = Format.TABLE,
) -> None:
    """Show how well the model forecasts several records, together and one by one.

    \b
    Example:
      escalation backtest belarus_from_election --record belarus --origins 2021-06:2021-07 -n 50 -o held
      escalation scores held
    """
    from escalation.present.backtest import pooled_page, pooled_rows
    from escalation.study.backtest.pooling import pooled
    from escalation.study.backtest.result import Backtest
    from escalation.study.studies import open_result

    results = []
    for folder in folders:
        result = open_result(folder)
        if not isinstance(result, Backtest):
            raise InputError(f"{folder}: is no backtest, but {result.kind}")
        results.append(result)
    together = pooled(results)
    if form is Format.JSON:
        put(together.model_dump_json(indent=1))
    elif form is Format.CSV:
        put(as_csv(*pooled_rows(together)))
    else:
        show_page(pooled_page(together), form)


@options.simulating(
    without=("acts", "until", "record", "since"), replications="Draws of the prior (10,000).",
    full="Show every window and correlation.",
)  # fmt: skip
def calibrate(
    work: Work,
    scenario: options.Scenario,
    record: Annotated[
        list[str],
        typer.Option(
            "--record",
            metavar="RECORD[@SCENARIO]",
            help="A CSV file or a shipped record, of this or another scenario; can be repeated.",
        ),
    ],
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="DATE", help="Look at nothing that a record holds from this day on."),
    ] = None,
    free: Annotated[
        list[str] | None,
        typer.Option(
            "--free",
            metavar="NAME",
            help="What is free, not the usual: target.PATH, senders.PATH or shocks.PATH; can be repeated.",
        ),
    ] = None,
    spread: Annotated[
        float,
        typer.Option("--spread", metavar="F", help="Prior of what has no distribution: a log-normal factor."),
    ] = 0.5,
    shocks: Annotated[
        Shocks, typer.Option("--shocks", help="What is known of shocks in a window.")
    ] = Shocks.UNKNOWN,
    target: Annotated[
        str | None, typer.Option("--target", metavar="NAME", help="Who answers the others.")
    ] = None,
) -> None:
    """Learn from records how a scenario's actors answer: a posterior that another scenario extends.

    Each record is cut into quarters, and each is simulated, from what stood before it, at draws
    of the prior. It says what the records tell of each number and what they do not, and holds
    the posterior against them.

    \b
    Example:
      escalation calibrate belarus_from_election --record belarus --until 2021-06-01 -n 500
    """
    from escalation.study.calibrate.asked import calibrate_of
    from escalation.study.calibrate.study import CALIBRATE
    from escalation.study.source import open_scenario

    source = open_scenario(scenario, work.request())
    asked = calibrate_of(
        source, record, options.day("--until", until), work.replications, tuple(free or ()), spread, target,
        shocks.value,
    )  # fmt: skip
    play(CALIBRATE, asked, work)
