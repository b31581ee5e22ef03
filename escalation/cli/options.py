"""The one group of options of every command that simulates, and what they allow."""

from __future__ import annotations

import os
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from escalation.errors import InputError
from escalation.present.table import Format


class Clock(StrEnum):
    """What decides which event is next."""

    AUTO = "auto"
    COMPILED = "compiled"
    SIMPY = "simpy"


class Acts(StrEnum):
    """Whose acts are stored: nobody's, those of the first 20 replications, everybody's."""

    NONE = "none"
    SAMPLE = "sample"
    ALL = "all"


Scenario = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="A scenario file, or the name of one that is shipped.")
]
Replications = Annotated[
    int,
    typer.Option(
        "--replications", "-n", metavar="N", min=1, max=10_000_000, help="How many times to play it."
    ),
]
ReplicationsOrLimit = Annotated[
    int | None,
    typer.Option(
        "--replications",
        "-n",
        metavar="N",
        min=1,
        max=10_000_000,
        help="How many times to play it (200); with --precision, at most (100000).",
    ),
]
Precision = Annotated[
    float | None,
    typer.Option(
        "--precision",
        metavar="WIDTH",
        help="Play it until the 95% interval of --outcome is at most WIDTH to either side, in its unit.",
    ),
]
OutcomeOption = Annotated[
    str | None,
    typer.Option("--outcome", metavar="NAME", help="Such as prob(concession.eu) or mean(package_days.eu)."),
]
Seed = Annotated[
    int, typer.Option("--seed", metavar="N", min=0, max=2**64 - 1, help="What all chance comes from.")
]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change a value of the scenario; can be repeated."),
]
Until = Annotated[
    str | None, typer.Option("--until", metavar="DATE", help="Stop before this day, such as 2021-04-01.")
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers", metavar="N", min=1, max=1024, help="Processes to use here; all cores when not given."
    ),
]
ClockOption = Annotated[Clock, typer.Option("--clock", help="What drives the simulation.")]
Engine = Annotated[
    str, typer.Option("--engine", metavar="local|dask://HOST:PORT", help="Where replications run.")
]
ActsOption = Annotated[
    Acts, typer.Option("--acts", help="Whose acts to store: nobody's, the first 20 replications', all.")
]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FOLDER", help="New folder for the run; else one below results/."),
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print the result.")]
Full = Annotated[
    bool, typer.Option("--full", help="Show every section of the summary, not one screen of it.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no remarks.")]


def day(option: str, text: str | None) -> date | None:
    """Return the date that `text` says, or raise InputError that names the option."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(
            f"{option} {text}: is not a date; write year-month-day, such as 2021-04-01"
        ) from error


def cores(asked: int | None) -> int:
    """Return how many processes to use: `asked`, else the cores that this process may use."""
    if asked is not None:
        return asked
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def remark(text: str) -> None:
    """Say something about the work, beside its result."""
    typer.echo(text, err=True)
