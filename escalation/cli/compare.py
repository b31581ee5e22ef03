"""`escalation compare`: what differs between runs or scenarios, and how sure that is."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from escalation.cli import PARTLY, options
from escalation.cli.options import Work
from escalation.present.screen import progress


class Adjust(StrEnum):
    """How it is allowed for that many outcomes are compared at once."""

    HOLM = "holm"
    NONE = "none"


@options.simulating(
    without=("acts", "full"),
    replications="How many times to play a scenario; else as many as the first run has, or 1,000.",
    seed="Of a scenario; else the first run's, or 1.",
    out="Store it there, with the runs made for it; else not.",
)
def compare(
    work: Work,
    sources: Annotated[
        list[str],
        typer.Argument(metavar="A B…", help="Runs' folders, or scenarios to run; the first is the baseline."),
    ],
    adjust: Annotated[
        Adjust, typer.Option("--adjust", help="Allow for many outcomes at once, or do not.")
    ] = Adjust.HOLM,
    fresh: options.Fresh = False,
    everything: Annotated[bool, typer.Option("--all", "--full", help="Show every outcome.")] = False,
) -> None:
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
    request = work.request()
    work.execution()

    from escalation.present.studies import show_result
    from escalation.study.compare.study import COMPARE, compare_asked
    from escalation.study.runner import begin

    asked = compare_asked(sources, request, adjust.value, None if fresh or work.out else work.execution())
    with progress(COMPARE.work(asked), work.quiet) as advance:
        comparison = begin(COMPARE, asked, work.execution(advance), work.out)
    show_result(comparison, work.form, everything)
    if not comparison.clean:
        raise typer.Exit(PARTLY)
