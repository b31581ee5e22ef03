"""`escalation calibrate`: what records say about the numbers of a scenario."""

from __future__ import annotations

from typing import Annotated

import typer

from escalation.cli import options
from escalation.cli.backtest import Shocks
from escalation.cli.options import Work
from escalation.cli.study import play


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
