"""`escalation sweep`: some outcomes at many points of a scenario's levers."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from escalation.cli import options
from escalation.cli.options import Work
from escalation.cli.study import play


class Design(StrEnum):
    """How the points lie: every combination of values, or spread over the space of the levers."""

    GRID = "grid"
    LHS = "lhs"
    SOBOL = "sobol"


@options.simulating()
def sweep(
    work: Work,
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
        typer.Option("--points", metavar="N", help="How many points; not for a grid."),
    ] = None,
) -> None:
    """Simulate a scenario at many points, all in the same worlds, and show what moves with what.

    Without --outcome it looks at the scenario's objectives, else at what answers its
    question and at R, the further acts attributed to each hostile act.

    \b
    Example:
      escalation sweep minimal --vary actors.eu.policy.reciprocity=0.2:1.4:4 -n 100
      escalation sweep minimal --vary "actors.eu.policy=restrained|graduated|hardline" -n 100
    """
    from escalation import api
    from escalation.study.sweep.sweep import SWEEP

    asked = api.asked_of(
        SWEEP, scenario, work.request(), vary=tuple(vary or ()), outcomes=tuple(outcome or ()),
        design=design.value, points=points,
    )  # fmt: skip
    play(SWEEP, asked, work)
