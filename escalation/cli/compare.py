"""`escalation compare`: what differs between runs or scenarios, and how sure that is."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from escalation.cli import options
from escalation.cli.guard import PARTLY
from escalation.cli.options import Clock
from escalation.present.table import Format


class Adjust(StrEnum):
    """How it is allowed for that many outcomes are compared at once."""

    HOLM = "holm"
    NONE = "none"


def compare(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="A B…", help="Runs' folders, or scenarios to run; the first is the baseline."),
    ],
    replications: Annotated[
        int | None,
        typer.Option(
            "--replications", "-n", metavar="N", min=1, max=10_000_000,
            help="How many times to play a scenario; else as many as the first run has, or 1,000.",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed", metavar="N", min=0, max=2**64 - 1, help="Of a scenario; else the first run's, or 1."
        ),
    ] = None,
    sets: options.Sets = None,
    until: options.Until = None,
    workers: options.Workers = None,
    clock: options.ClockOption = Clock.AUTO,
    engine: options.Engine = "local",
    adjust: Annotated[
        Adjust, typer.Option("--adjust", help="Allow for many outcomes at once, or do not.")
    ] = Adjust.HOLM,
    everything: Annotated[bool, typer.Option("--all", help="Show every outcome.")] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FOLDER", help="Store the runs made here below it; else not."),
    ] = None,
    form: options.FormatOption = Format.TABLE,
    quiet: options.Quiet = False,
) -> None:  # fmt: skip
    """Say what differs between two or more runs or scenarios, and how sure that is.

    Replication r of one is compared with replication r of the other: the same chance, another
    policy. With --set, scenarios that are run here are changed; a single one, or a single run,
    is compared with itself so changed.

    \b
    Example:
      escalation compare minimal --set actors.us.policy=hardline
      escalation compare belarus_2020 belarus_hardline -n 50

    \b
    Exit status: 0 done; 1 the machine or a bug; 2 the input; 3 done, but some
    replications failed or were truncated; 130 interrupted.
    """
    last_day = options.day("--until", until)
    processes = options.cores(workers)

    from escalation import api  # noqa: PLC0415 - heavy imports only where work is done
    from escalation.present.progress import progress  # noqa: PLC0415
    from escalation.present.studies import show_result  # noqa: PLC0415

    planned, execution = api.plan_comparison(
        sources, replications, seed, out=out, sets=sets or (), until=last_day, workers=processes,
        engine=engine, clock=clock.value, say=None if quiet else options.remark,
    )  # fmt: skip
    with progress(planned.total, quiet) as advance:
        comparison = api.run_comparison(planned, replace(execution, on_progress=advance), adjust.value)
    show_result(comparison, form, everything)
    if not comparison.clean:
        raise typer.Exit(PARTLY)
