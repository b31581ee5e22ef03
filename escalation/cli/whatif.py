"""`escalation whatif`: the same world with an act taken out, or put in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from escalation.cli import options
from escalation.cli.explain import remark_if_other
from escalation.cli.guard import PARTLY
from escalation.cli.options import Clock
from escalation.errors import InputError
from escalation.present.table import Format

if TYPE_CHECKING:
    from escalation.study.values import Result
    from escalation.study.whatif.intervention import Intervention

Without = Annotated[
    list[str] | None,
    typer.Option(
        "--without",
        metavar="ACT",
        help="An act to take out: '[first|second|…|every] ACTOR [INSTRUMENT|FAMILY|hostile] [TARGET]', or its"
        " number in one replication; can be repeated.",
    ),
]
Force = Annotated[
    list[str] | None,
    typer.Option(
        "--force",
        metavar="ACT",
        help="An act to put in: 'DATE ACTOR INSTRUMENT TARGET [SIZE]'; can be repeated.",
    ),
]

ANOTHER = (
    "another version made that run: it comes out differently now; what follows is what this version does"
)


def whatif(
    source: Annotated[str, typer.Argument(metavar="RUN", help="The folder of a run; or a scenario.")],
    without: Without = None,
    force: Force = None,
    replication: Annotated[
        int | None,
        typer.Option("--replication", "-r", metavar="R", help="Look at one replication, act by act."),
    ] = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Delete one act in each replication: is what was attributed to it gone?"
        ),
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="Show every outcome of the average.")] = False,
    replications: Annotated[
        int | None,
        typer.Option(
            "--replications",
            "-n",
            metavar="N",
            min=1,
            max=10_000_000,
            help="How many; else those of the run, or 1,000.",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="N", min=0, max=2**64 - 1, help="For a scenario; else 1."),
    ] = None,
    sets: options.Sets = None,
    until: options.Until = None,
    workers: options.Workers = None,
    clock: options.ClockOption = Clock.AUTO,
    engine: options.Engine = "local",
    form: options.FormatOption = Format.TABLE,
    quiet: options.Quiet = False,
) -> None:
    """Play the same world without an act, or with one more: what no longer happens?

    The numbers of acts are those that `escalation explain` prints.

    \b
    Example:
      escalation whatif minimal --without "first eu hostile"
      escalation whatif minimal --replication 3 --force "2020-11-02 eu trade_ban belarus"
      escalation whatif minimal --replication 0 --without 5
      escalation whatif minimal --check

    \b
    Exit status: 0 done; 1 the machine or a bug; 2 the input; 3 done, but some
    replications failed or were truncated; 130 interrupted.
    """
    last_day = options.day("--until", until)
    processes = options.cores(workers)
    if check and (without or force or replication is not None):
        raise InputError("--check: draws the acts itself, over all replications; give no act or replication")
    if everything and (check or replication is not None):
        raise InputError("--all: is for the average over all replications; leave it out")
    if replication is not None and replications is not None:
        raise InputError("--replication and --replications: one replication or many; give one of them")

    alike: Any = {"sets": sets or (), "until": last_day, "seed": seed}
    if replication is not None:
        _one_replication(source, replication, without or [], force or [], form, quiet, alike)
        return
    work: Any = {
        "workers": processes, "engine": engine, "clock": clock.value, "say": None if quiet else options.remark
    }  # fmt: skip
    result = _all_replications(
        source, None if check else (without or [], force or []), replications, quiet, {**alike, **work}
    )

    from escalation.present.studies import show_result  # noqa: PLC0415 - heavy imports

    show_result(result, form, everything)
    if not result.clean:
        raise typer.Exit(PARTLY)


def _one_replication(
    source: str,
    replication: int,
    without: Sequence[str],
    force: Sequence[str],
    form: Format,
    quiet: bool,
    alike: Mapping[str, Any],
) -> None:
    """Show what becomes of one replication, act by act."""
    from escalation import api  # noqa: PLC0415 - heavy imports only where work is done
    from escalation.present.studies import show_result  # noqa: PLC0415

    counterfactual = api.whatif(source, replication, without, force, **alike)
    if not quiet:
        remark_if_other(counterfactual.before)
        _remark_unusual(counterfactual.intervention)
    show_result(counterfactual, form)


def _all_replications(
    source: str,
    intervention: tuple[Sequence[str], Sequence[str]] | None,
    replications: int | None,
    quiet: bool,
    asked: Mapping[str, Any],
) -> Result:
    """Return the average effect of an intervention, or without one the check of attribution."""
    from escalation import api  # noqa: PLC0415 - heavy imports only where work is done
    from escalation.present.progress import progress  # noqa: PLC0415

    count = api.replications_of(source, replications)
    with progress(2 * count, quiet) as advance:
        common: Any = {**asked, "replications": replications, "on_progress": advance}
        if intervention is None:
            return api.check_attribution(source, **common)
        effect = api.average_whatif(source, *intervention, **common)
    if effect.matches is False and not quiet:
        options.remark(f"{source}: {ANOTHER}")
    if not quiet:
        _remark_unusual(effect.intervention)
    return effect


def _remark_unusual(intervention: Intervention) -> None:
    """Say what is put in though the scenario does not let its actor do it."""
    from escalation.present.whatif import remarks  # noqa: PLC0415 - heavy imports

    for remark in remarks(intervention):
        options.remark(f"--force: {remark}")
