"""`escalation explain`: the story of one replication, act by act."""

from __future__ import annotations

from typing import Annotated

import typer

from escalation.cli import options
from escalation.present.table import Format


def explain(
    source: Annotated[
        str, typer.Argument(metavar="RUN", help="The folder of a run; or a scenario, to play it once.")
    ],
    replication: Annotated[
        int | None,
        typer.Option(
            "--replication",
            "-r",
            metavar="R",
            help="Which replication, from 0; else the most typical one of a run, or 0 of a scenario.",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="N", min=0, max=2**64 - 1, help="For a scenario; else 1."),
    ] = None,
    sets: options.Sets = None,
    until: options.Until = None,
    form: options.FormatOption = Format.TABLE,
    quiet: options.Quiet = False,
) -> None:
    """Tell the story of one replication: who did what, why, and what caused what.

    \b
    Example:
      escalation explain results/first
      escalation explain minimal --replication 3
    """  # fmt: skip
    last_day = options.day("--until", until)

    from escalation import api  # noqa: PLC0415 - heavy imports only where work is done
    from escalation.present.explain import show_story  # noqa: PLC0415
    from escalation.present.screen import remark  # noqa: PLC0415

    story = api.explain(source, replication, seed, sets or (), last_day)
    if story.source.matches is False and not quiet:
        remark(
            f"{story.source.run}: replication {story.source.replication} came out differently when it was"
            " stored: another version made that run; what follows is what this version does"
        )
    show_story(story, form)
