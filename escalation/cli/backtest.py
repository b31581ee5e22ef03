"""`escalation backtest` and `scores`: forecasts held against a record, and backtests of several together."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from escalation.cli import options
from escalation.cli.options import Work
from escalation.cli.study import play
from escalation.errors import InputError
from escalation.present.page import Format, show_page
from escalation.present.screen import as_csv, put


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
