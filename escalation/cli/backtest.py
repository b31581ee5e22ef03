"""`escalation backtest`: forecasts held against a record."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from escalation.cli import options
from escalation.cli.options import Work
from escalation.cli.study import play


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
