"""`escalation sweep`: some outcomes at many points of a scenario's levers."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from escalation.cli import options
from escalation.cli.guard import PARTLY
from escalation.cli.options import Clock
from escalation.cli.study import Wanted, leave_unfinished, remarks, say_complete
from escalation.present.table import Format

if TYPE_CHECKING:
    from escalation.study.sweep.sweep import Sweep


class Design(StrEnum):
    """How the points lie: every combination of values, or spread over the space of the levers."""

    GRID = "grid"
    LHS = "lhs"
    SOBOL = "sobol"


def sweep(
    scenario: options.Scenario,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            metavar="PATH=VALUES",
            help="What to vary: PATH=low:high:steps, PATH=low:high, or PATH=a|b|c; can be repeated.",
        ),
    ] = None,
    outcome: Annotated[
        list[str] | None,
        typer.Option(
            "--outcome",
            metavar="EXPRESSION",
            help="Such as prob(concession.eu), quantile(tension.end, 0.95) or R; can be repeated.",
        ),
    ] = None,
    design: Annotated[Design, typer.Option("--design", help="How the points lie.")] = Design.GRID,
    points: Annotated[
        int | None,
        typer.Option("--points", metavar="N", min=1, help="How many points; not for a grid."),
    ] = None,
    replications: options.Replications = 1000,
    seed: options.Seed = 1,
    sets: options.Sets = None,
    until: options.Until = None,
    workers: options.Workers = None,
    clock: options.ClockOption = Clock.AUTO,
    engine: options.Engine = "local",
    out: options.Out = None,
    form: options.FormatOption = Format.TABLE,
    quiet: options.Quiet = False,
) -> None:
    """Simulate a scenario at many points, all in the same worlds, and show what moves with what.

    Without --outcome it looks at the scenario's objectives, else at what answers its
    question and at R, the further acts that each hostile act calls forth.

    \b
    Example:
      escalation sweep minimal --vary actors.eu.policy.reciprocity=0.2:1.4:4 -n 100
      escalation sweep minimal --vary "actors.eu.policy=restrained|graduated|hardline" -n 100
    """
    last_day = options.day("--until", until)
    processes = options.cores(workers)

    from escalation import api  # noqa: PLC0415 - heavy imports only where work is done
    from escalation.present.progress import progress  # noqa: PLC0415

    plan = api.plan_sweep(
        scenario, vary or (), outcome or (), design.value, points, replications, seed, sets or (), last_day
    )
    with progress(len(plan.points) * replications, quiet) as advance:
        done = api.sweep(
            plan, out or api.sweep_out(scenario, plan), scenario, processes, advance, engine, clock.value,
            remarks(quiet),
        )  # fmt: skip
    _draw(done, quiet)
    conclude(done, form, quiet)


def conclude(done: Sweep, form: Format, quiet: bool) -> None:
    """Show a sweep, say how to go on with it, and exit with the status for it."""
    from escalation.present.sweep.sweep import show_sweep  # noqa: PLC0415 - heavy imports only where work is done

    show_sweep(done, form)
    if not done.complete:
        leave_unfinished(done.folder, quiet)
    if done.failed or done.truncated:
        raise typer.Exit(PARTLY)


def resume_sweep(folder: Path, wanted: Wanted) -> None:
    """Go on with a sweep that was interrupted; show one that is complete as it is."""
    from escalation import api  # noqa: PLC0415 - heavy imports only where work is done
    from escalation.present.progress import progress  # noqa: PLC0415

    count = api.asked_of_sweep(folder)
    if count is None:
        say_complete(folder, wanted.quiet)
        conclude(api.open_sweep(folder), wanted.form, wanted.quiet)
        return
    with progress(count, wanted.quiet) as advance:
        done = api.resume_sweep(
            folder, wanted.workers, advance, wanted.engine, wanted.clock, remarks(wanted.quiet)
        )
    _draw(done, wanted.quiet)
    conclude(done, wanted.form, wanted.quiet)


def _draw(done: Sweep, quiet: bool) -> None:
    """Put a picture into the sweep's folder; where the means are missing, say how to get them."""
    from escalation.errors import EnvironmentFault  # noqa: PLC0415
    from escalation.present.sweep.picture import draw  # noqa: PLC0415

    if not done.complete or done.folder is None:
        return
    try:
        draw(done, done.folder / "sweep.svg")
    except EnvironmentFault as fault:
        if not quiet:
            options.remark(f"no picture was drawn: {fault}")
