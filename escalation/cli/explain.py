"""`escalation explain`: the story of one replication, act by act."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from escalation.cli import options
from escalation.cli.options import Work
from escalation.errors import InputError
from escalation.present.screen import remark

if TYPE_CHECKING:
    from escalation.study.story.model import Story


WhyNot = Annotated[
    tuple[str, str] | None,
    typer.Option(
        "--why-not",
        metavar="ACTOR INSTRUMENT",
        help="Tell why an actor never did this: not weighed, no option, outweighed by what.",
    ),
]
"""An act that never came about."""


@options.simulating(
    without=("replications", "workers", "clock", "engine", "acts", "out", "full"),
    seed="For a scenario; else 1.",
)
def explain(
    work: Work,
    source: Annotated[
        str, typer.Argument(metavar="RUN", help="The folder of a run; or a scenario, to play it once.")
    ],
    other: Annotated[
        str | None,
        typer.Argument(metavar="[OTHER]", help="Another run or scenario: where do the two stories part?"),
    ] = None,
    replication: Annotated[
        int | None,
        typer.Option(
            "--replication",
            "-r",
            metavar="R",
            help="Which replication, from 0; else the most typical one of a run, or 0 of a scenario.",
        ),
    ] = None,
    actor: Annotated[
        str | None, typer.Option("--actor", metavar="NAME", help="Tell only what this actor decided.")
    ] = None,
    brief: Annotated[
        bool, typer.Option("--brief", help="Tell the ten turning points on one page, not the whole story.")
    ] = False,
    why_not: WhyNot = None,
) -> None:
    """Tell the story of one replication: who did what, why, and what caused what.

    \b
    Example:
      escalation explain results/first --brief
      escalation explain belarus_2020 --why-not eu swift_cut
      escalation explain minimal --replication 3
      escalation explain belarus_2020 belarus_restrained --replication 3
    """
    request = work.request()
    _require_one_question(other, {"--actor": actor, "--brief": brief, "--why-not": why_not})

    from escalation.present.story.narrative import only
    from escalation.present.studies import show_result
    from escalation.study.story import causes, divergence, replay
    from escalation.study.story import why_not as why

    if why_not:
        show_result(why.why_not(source, *why_not, replication, request), work.form)
        return
    if other is not None:
        diverging = divergence.diverge(source, other, replication, request)
        for diverged in () if work.quiet else diverging.stories:
            remark_if_other(diverged)
        show_result(diverging, work.form)
        return
    story = replay.explain(source, replication, request)
    if not work.quiet:
        remark_if_other(story)
    story = only(story, actor) if actor is not None else story
    show_result(causes.brief(story) if brief else story, work.form)


def _require_one_question(other: str | None, options_of_one: Mapping[str, object]) -> None:
    named = [name for name, value in options_of_one.items() if value]
    if other is not None and named:
        raise InputError(f"{named[0]}: tells of one story; leave it out where two are laid side by side")
    if "--why-not" in named and len(named) > 1:
        raise InputError(f"--why-not: answers a question of its own; leave out {named[0]}")


def remark_if_other(story: Story) -> None:
    """Say so when a stored replication came out differently from its story: another version made it."""
    if story.origin.matches is False:
        remark(
            f"{story.origin.folder}: replication {story.origin.replication} came out differently when it was"
            " stored: another version made that run; what follows is what this version does"
        )
