"""`escalation sweep`: some outcomes at many points of a scenario's levers."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from escalation.cli import options
from escalation.cli.options import Clock
from escalation.cli.study import Work, play
from escalation.present.table import Format


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

    from escalation import api  # noqa: PLC0415 - heavy imports only where work is done
    from escalation.study.sweep.sweep import SWEEP  # noqa: PLC0415

    asked = api.plan_sweep(
        scenario, vary or (), outcome or (), design.value, points, replications, seed, sets or (), last_day
    )
    play(SWEEP, asked, Work(workers, clock, engine, out, form, quiet=quiet))
