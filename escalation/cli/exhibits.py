"""What `plot` and `report` share: their options, and opening what is to be shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from escalation.cli import options
from escalation.cli.guard import PARTLY

if TYPE_CHECKING:
    from escalation.study.exhibit import Exhibit

Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the file where it exists.")]
Replications = Annotated[
    int | None,
    typer.Option(
        "--replications", "-n", metavar="N", min=1, max=10_000_000,
        help="For a scenario: how many times to play it (200).",
    ),
]  # fmt: skip
Seed = Annotated[
    int | None, typer.Option("--seed", metavar="N", min=0, max=2**64 - 1, help="For a scenario; else 1.")
]


@contextmanager
def opened(
    sources: Sequence[str],
    replications: int | None,
    seed: int | None,
    sets: Sequence[str] | None,
    until: str | None,
    workers: int | None,
    quiet: bool,
) -> Iterator[list[Exhibit]]:
    """Give what is to be shown of runs and scenarios; all that is simulated for it shows its progress.

    What is for a scenario is given to scenarios; where there is none among the sources, it is refused.
    """
    from escalation import api  # noqa: PLC0415 - heavy imports only where work is done
    from escalation.present.progress import progress  # noqa: PLC0415
    from escalation.study.source import is_run  # noqa: PLC0415

    last_day = options.day("--until", until)
    given: Any = {"replications": replications, "seed": seed, "sets": sets or (), "until": last_day}
    mixed = any(not is_run(source) for source in sources)
    say = None if quiet else options.remark
    with progress(_work(sources, replications), quiet) as advance:
        yield [
            api.exhibit(
                source,
                **({} if mixed and is_run(source) else given),
                workers=options.cores(workers),
                on_progress=advance,
                say=say,
            )
            for source in sources
        ]


def _work(sources: Sequence[str], replications: int | None) -> int:
    """Return how many replications are simulated at most: those of a scenario are played twice."""
    from escalation import api  # noqa: PLC0415
    from escalation.study.execution import REPLICATIONS  # noqa: PLC0415
    from escalation.study.paths import MOST  # noqa: PLC0415
    from escalation.study.source import is_run  # noqa: PLC0415

    count = replications or REPLICATIONS
    return sum(min(api.open_run(one).finished, MOST) if is_run(one) else count + min(count, MOST)
               for one in sources)  # fmt: skip


def conclude(exhibits: Sequence[Exhibit]) -> None:
    """Exit with the status for what was simulated here, where some of it failed or was truncated."""
    from escalation.study.finished import Finished  # noqa: PLC0415

    if not all(one.summary.clean for one in exhibits if isinstance(one.results, Finished)):
        raise typer.Exit(PARTLY)
