"""The one group of options of every command that simulates, and the object that a command gets for it."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, fields
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

import typer

from escalation.ensemble.engine import Acts
from escalation.errors import InputError
from escalation.present.page import Format
from escalation.present.screen import remark
from escalation.study.execution import REPLICATIONS, SEED, ClockName, Execution, Request, day_of
from escalation.study.execution import SPREAD as ASSUMED

Scenario = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="A scenario file, or the name of one that is shipped.")
]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change a value of the scenario; can be repeated."),
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print the result.")]
Full = Annotated[bool, typer.Option("--full", help="Show every section, not one screen of it.")]
Fresh = Annotated[
    bool, typer.Option("--fresh", help="Play anew what a run below results/ has played already.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the file where it exists.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no remarks.")]


@dataclass(frozen=True, kw_only=True)
class Work:
    """The values of the group: what is played, with what, where it is stored, and how it is shown."""

    replications: Annotated[
        int | None,
        typer.Option(
            "--replications", "-n", metavar="N", help=f"How many times to play it ({REPLICATIONS:,})."
        ),
    ] = None
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help=f"What all chance comes from ({SEED}).")
    ] = None
    sets: Sets = None
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Stop before this day, such as 2021-04-01.")
    ] = None
    record: Annotated[
        str | None,
        typer.Option(
            "--record",
            metavar="RECORD",
            help="What this record holds before --from is the past (docs/records.md).",
        ),
    ] = None
    since: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="With --record: from this day on the model decides."),
    ] = None
    assumptions: Annotated[
        float | None,
        typer.Option(
            "--assumptions",
            metavar="[SPREAD]",
            help="Draw every number marked as an assumption, times a log-normal factor of this spread;"
            f" {ASSUMED:g} without a number.",
        ),
    ] = None
    workers: Annotated[
        int | None,
        typer.Option("--workers", metavar="N", help="Processes to use here; all cores when not given."),
    ] = None
    clock: Annotated[
        str,
        typer.Option("--clock", metavar="|".join(get_args(ClockName)), help="What drives the simulation."),
    ] = "auto"
    engine: Annotated[
        str, typer.Option("--engine", metavar="local|dask://HOST:PORT", help="Where replications run.")
    ] = "local"
    acts: Annotated[
        str,
        typer.Option(
            "--acts",
            metavar="|".join(get_args(Acts)),
            help="Whose acts to store: nobody's, the first 20 replications', all.",
        ),
    ] = "sample"
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FOLDER", help="New folder to store it in; else below results/."),
    ] = None
    form: FormatOption = Format.TABLE
    full: Full = False
    quiet: Quiet = False
    debug: bool = False

    def request(self, precision: float | None = None, outcome: str | None = None) -> Request:
        """Return which replications are asked for. Raises InputError, which names the option."""
        return _named(
            Request, replications=self.replications, seed=self.seed, sets=self.sets or (), until=self.until,
            assumptions=self.assumptions, record=self.record, since=self.since, acts=self.acts,
            precision=precision, outcome=outcome,
        )  # fmt: skip

    def execution(
        self, advance: Callable[[int], Any] | None = None, on_event: Callable[[Any], Any] | None = None
    ) -> Execution:
        """Return what they are played with; `advance` gets the progress. Raises InputError like `request`."""
        return _named(
            Execution, workers=cores(self.workers), clock=self.clock,
            engine=self.engine, on_progress=advance, say=self.say, on_event=None if self.quiet else on_event,
        )  # fmt: skip

    @property
    def say(self) -> Callable[[str], Any] | None:
        """What makes remarks on the work; None when nothing is to be said."""
        return None if self.quiet else remark


GROUP = tuple(field.name for field in fields(Work) if field.name != "debug")
CONTEXT = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
Made = TypeVar("Made")


def simulating(
    without: Collection[str] = ("acts",), **texts: str
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the group of options, but for those `without`; it gets them as its parameter `work`.

    `texts` are other words for the help of some.
    """
    defaults = inspect.signature(Work, eval_str=True).parameters
    group = [_with_help(defaults[name], texts.get(name)) for name in GROUP if name not in without]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = [
            parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for parameter in inspect.signature(command, eval_str=True).parameters.values()
            if parameter.name != "work"
        ]
        declared = [CONTEXT, *own, *group]

        def invoked(context: typer.Context, **values: Any) -> None:
            debug = bool(context.find_root().params.get("debug"))
            work = Work(**{option.name: values.pop(option.name) for option in group}, debug=debug)
            command(work=work, **values)

        invoked.__doc__, invoked.__name__ = command.__doc__, command.__name__
        invoked.__signature__ = inspect.Signature(declared)  # type: ignore[attr-defined]
        invoked.__annotations__ = {parameter.name: parameter.annotation for parameter in declared}
        return invoked

    return decorate


def with_spread(arguments: Sequence[str]) -> Iterator[str]:
    """Yield the arguments of a command, the usual spread behind an `--assumptions` without a number."""
    for argument, following in pairwise([*arguments, "--"]):
        yield argument
        if argument == "--assumptions" and re.match(r"-(?![\d.])", following):
            yield f"{ASSUMED:g}"


def _with_help(option: inspect.Parameter, text: str | None) -> inspect.Parameter:
    if text is None:
        return option
    kind, about = get_args(option.annotation)
    about = copy(about)
    about.help = text
    return option.replace(annotation=Annotated[kind, about])


def cores(asked: int | None = None) -> int:
    """Return how many processes to use: `asked`, else the processors that this process may use."""
    if asked is not None:
        return asked
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _named(make: Callable[..., Made], **values: Any) -> Made:
    """Return what `make` makes; its InputError begins with the name of a field, here that of its option."""
    try:
        return make(**values)
    except InputError as error:
        raise InputError(f"--{error}") from error


def day(option: str, text: str | None) -> date | None:
    """Return the date that `text` says, or raise InputError that names the option."""
    return None if text is None else day_of(option, text)
