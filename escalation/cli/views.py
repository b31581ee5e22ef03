"""What `plot` and `report` share: their options, and opening what is to be shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from escalation.cli.guard import PARTLY
from escalation.cli.options import Work
from escalation.present.progress import progress

if TYPE_CHECKING:
    from escalation.study.view import RunView

Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the file where it exists.")]


@contextmanager
def opened(sources: Sequence[str], work: Work, fresh: bool = False) -> Iterator[list[RunView]]:
    """Give what is to be shown of runs and scenarios; all that is simulated for it shows its progress.

    What is for a scenario is given to scenarios; where there is none among the sources, it is refused.
    """
    from escalation.study.paths import MOST
    from escalation.study.run import if_stored
    from escalation.study.source import open_sources
    from escalation.study.view import view_of

    request = work.request()
    chosen = open_sources(sources, request)
    chosen = chosen if fresh else [if_stored(source, request, work.execution()) for source in chosen]
    counts = [
        (0 if source.run else source.replications) + min(source.replications, MOST) for source in chosen
    ]
    with progress(sum(counts), work.quiet) as advance:
        yield [view_of(source, work.execution(advance)) for source in chosen]


def exit_if_partial(views: Sequence[RunView]) -> None:
    """Exit with the status for what was simulated here, where some of it failed or was truncated."""
    from escalation.study.finished import Finished

    if not all(view.summary.clean for view in views if isinstance(view.results, Finished)):
        raise typer.Exit(PARTLY)
