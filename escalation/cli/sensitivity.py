"""`escalation sensitivity`: which uncertain numbers and levers matter."""

from __future__ import annotations

from typing import Annotated

import typer

from escalation.cli import options
from escalation.cli.options import Work
from escalation.cli.study import play


@options.simulating(replications="How many times to play each point (32).", full="Show the screening, too.")
def sensitivity(
    work: Work,
    scenario: options.Scenario,
    outcome: Annotated[
        list[str] | None,
        typer.Option(
            "--outcome",
            metavar="EXPRESSION",
            help="A mean or a probability, such as mean(cost.eu) or runaway; can be repeated.",
        ),
    ] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            metavar="PATH=VALUES",
            help="A lever beside the uncertain numbers: PATH=low:high or PATH=a|b|c; can be repeated.",
        ),
    ] = None,
    top: Annotated[
        int, typer.Option("--top", metavar="K", help="How many quantities get indices of their own.")
    ] = 8,
    points: Annotated[
        int, typer.Option("--points", metavar="N", help="Rows of the Sobol design, a power of two.")
    ] = 512,
    trajectories: Annotated[
        int, typer.Option("--trajectories", metavar="R", help="Morris trajectories of the screening.")
    ] = 20,
) -> None:
    """Find out which uncertain numbers and levers an outcome depends on, and how much is chance.

    All quantities are screened by Morris's method; those that do most get Sobol indices: the
    share of the variance that comes from each alone, and with what it does together with others.
    Without --outcome it looks at the scenario's objectives, else at what answers its question.

    \b
    Example:
      escalation sensitivity minimal --points 64
      escalation sensitivity minimal --points 64 --vary actors.eu.policy.reciprocity=0.2:1.4
    """
    from escalation import api
    from escalation.study.sensitivity.sensitivity import SENSITIVITY

    asked = api.asked_of(
        SENSITIVITY, scenario, work.request(), outcomes=tuple(outcome or ()), vary=tuple(vary or ()),
        points=points, trajectories=trajectories, top=top,
    )  # fmt: skip
    play(SENSITIVITY, asked, work)
