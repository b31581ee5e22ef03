"""`escalation explain` and `whatif`: why a replication went as it did, and how it goes without an act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from escalation.cli import PARTLY, options
from escalation.cli.options import Work
from escalation.errors import InputError
from escalation.present.screen import progress, remark

if TYPE_CHECKING:
    from escalation.study.story.model import Story
    from escalation.study.values import Result
    from escalation.study.whatif.intervention import Intervention

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
            _remark_if_other(diverged)
        show_result(diverging, work.form)
        return
    story = replay.explain(source, replication, request)
    if not work.quiet:
        _remark_if_other(story)
    story = only(story, actor) if actor is not None else story
    show_result(causes.brief(story) if brief else story, work.form)


def _require_one_question(other: str | None, options_of_one: Mapping[str, object]) -> None:
    named = [name for name, value in options_of_one.items() if value]
    if other is not None and named:
        raise InputError(f"{named[0]}: tells of one story; leave it out where two are laid side by side")
    if "--why-not" in named and len(named) > 1:
        raise InputError(f"--why-not: answers a question of its own; leave out {named[0]}")


def _remark_if_other(story: Story) -> None:
    """Say so when a stored replication came out differently from its story: another version made it."""
    if story.origin.matches is False:
        remark(
            f"{story.origin.folder}: replication {story.origin.replication} came out differently when it was"
            " stored: another version made that run; what follows is what this version does"
        )


Without = Annotated[
    list[str] | None,
    typer.Option(
        "--without",
        metavar="ACT",
        help="An act to take out: '[first|second|…|every] ACTOR [INSTRUMENT|FAMILY|hostile] [TARGET]', or a"
        " shock by its name, or the number of either in one replication; can be repeated.",
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


@options.simulating(
    without=("acts", "full"),
    replications="How many; else those of the run, or 1,000.",
    out="Store the average or the check there; else not.",
)
def whatif(
    work: Work,
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
    everything: Annotated[
        bool, typer.Option("--all", "--full", help="Show every outcome of the average.")
    ] = False,
) -> None:
    """Play the same world without an act, or with one more: what no longer happens?

    The numbers of acts are those that `escalation explain` prints.

    \b
    Example:
      escalation whatif minimal --without "first eu hostile"
      escalation whatif minimal --replication 3 --force "2020-11-02 eu trade_ban belarus"
      escalation whatif minimal --replication 2 --without 5
      escalation whatif belarus_forced_landing --without forced_landing
      escalation whatif minimal --check

    \b
    Exit status: 0 done; 1 the machine or a bug; 2 the input; 3 done, but some
    replications failed or were truncated; 130 interrupted.
    """
    if check and (without or force or replication is not None):
        raise InputError("--check: draws the acts itself, over all replications; give no act or replication")
    if everything and (check or replication is not None):
        raise InputError("--all: is for the average over all replications; leave it out")
    if replication is not None and work.out is not None:
        raise InputError("--out: is for the average and the check over all replications; leave it out")
    if replication is not None and work.replications is not None:
        raise InputError("--replication and --replications: one replication or many; give one of them")

    if replication is not None:
        _one_replication(source, replication, without or [], force or [], work)
        return
    result = _all_replications(source, None if check else (without or [], force or []), work)

    from escalation.present.studies import show_result

    show_result(result, work.form, everything)
    if not result.clean:
        raise typer.Exit(PARTLY)


def _one_replication(
    source: str, replication: int, without: Sequence[str], force: Sequence[str], work: Work
) -> None:
    from escalation.present.studies import show_result
    from escalation.study.whatif.replication import counterfactual

    result = counterfactual(source, replication, without, force, work.request())
    if not work.quiet:
        _remark_if_other(result.before)
        _remark_unusual(result.intervention)
    show_result(result, work.form)


def _all_replications(
    source: str, intervention: tuple[Sequence[str], Sequence[str]] | None, work: Work
) -> Result:
    """Return the average effect of an intervention, or without one the check of attribution."""
    from escalation.study.runner import begin
    from escalation.study.source import open_source
    from escalation.study.whatif.average import WHATIF, ReplayedAsked, WhatIfAsked
    from escalation.study.whatif.check import ATTRIBUTION

    opened = open_source(source, work.request(), replay=True)
    with progress(2 * opened.replications, work.quiet) as advance:
        if intervention is None:
            return begin(ATTRIBUTION, ReplayedAsked.of(opened), work.execution(advance), work.out)
        without, force = map(tuple, intervention)
        asked = WhatIfAsked.of(opened, without=without, force=force)
        effect = begin(WHATIF, asked, work.execution(advance), work.out)
    if effect.matches is False and work.say:
        work.say(f"{source}: {ANOTHER}")
    if not work.quiet:
        _remark_unusual(effect.intervention)
    return effect


def _remark_unusual(intervention: Intervention) -> None:
    """Say what is put in though the scenario does not let its actor do it."""
    from escalation.present.whatif import remarks

    for text in remarks(intervention):
        remark(f"--force: {text}")
