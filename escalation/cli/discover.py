"""`escalation discover`: in which corner of the uncertain numbers an outcome happens."""

from __future__ import annotations

from typing import Annotated

import typer

from escalation.cli import options
from escalation.cli.options import Work
from escalation.cli.study import play

SIMULATION = (
    "replications", "seed", "sets", "until", "record", "since", "assumptions", "workers", "clock", "engine",
    "acts",
)  # fmt: skip
"""Options of the group that a run has answered."""


@options.simulating(without=SIMULATION, full="Show every box of the trajectory.")
def discover(
    work: Work,
    run: Annotated[str, typer.Argument(metavar="RUN", help="The folder of a run.")],
    outcome: Annotated[
        str,
        typer.Option(
            "--outcome",
            metavar="CONDITION",
            help="What happens: OUTCOME, not OUTCOME, OUTCOME >= NUMBER, <= DATE, < or >.",
        ),
    ],
    boxes: Annotated[
        int, typer.Option("--boxes", metavar="K", help="How many boxes, each outside those before it.")
    ] = 1,
    box: Annotated[
        int | None,
        typer.Option("--box", metavar="N", help="Take box N of the trajectory, not the recommended one."),
    ] = None,
    density: Annotated[
        float | None,
        typer.Option("--density", metavar="SHARE", help="Take the first box that is so dense, such as 0.8."),
    ] = None,
) -> None:
    """Find the corner of the uncertain numbers in which an outcome happens.

    Boxes are found by PRIM from what is stored: nothing is simulated. Half of the replications
    are held out to see whether a box holds there. A run has more uncertain numbers with
    `escalation run SCENARIO --assumptions 0.3`.

    \b
    Example:
      escalation run minimal --replications 300 --out results/many
      escalation discover results/many --outcome "package_days.belarus >= 3"
      escalation discover results/many --outcome "package_days.eu >= 2" --boxes 2
    """
    from escalation.study.discover.discover import DISCOVER, DiscoverAsked

    play(DISCOVER, DiscoverAsked.of(run, outcome=outcome, boxes=boxes, box=box, density=density), work)
