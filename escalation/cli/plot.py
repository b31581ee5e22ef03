"""`escalation plot`: one picture of a run, as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from escalation.cli import options
from escalation.cli.exhibits import Overwrite, Replications, Seed, conclude, opened
from escalation.errors import InputError
from escalation.present.charts.what import What
from escalation.present.output import PictureForm, form_of, require_new, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from escalation.present.charts.figure import Figure
    from escalation.study.exhibit import Exhibit


def plot(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="RUN...", help="A run's folder, or a scenario; several for a forest plot."),
    ],
    what: Annotated[What, typer.Option("--what", "-w", help="What to draw.")] = What.FAN,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="New file, .svg or .png; else RUN-WHAT.svg here."),
    ] = None,
    overwrite: Overwrite = False,
    replications: Replications = None,
    seed: Seed = None,
    sets: options.Sets = None,
    until: options.Until = None,
    workers: options.Workers = None,
    quiet: options.Quiet = False,
) -> None:
    """Draw one picture of a run, or of a scenario played for it.

    \b
    fan       tension, and acts of each actor added up: median, 50%, 95%
    timeline  the most typical replication on real dates
    ladder    the share of runs on each rung, by actor and month
    flywheel  who answers whom how often; R through time
    tree      what caused what in the most typical replication
    forest    how other runs differ from the first one

    \b
    Example:
      escalation plot results/first --what ladder -o ladder.png
      escalation plot belarus_2020 belarus_hardline -n 50 --what forest
    """
    from escalation.present.charts.render import need_pictures, png, svg  # noqa: PLC0415
    from escalation.present.screen import put  # noqa: PLC0415

    _require_sources(sources, what)
    path = out or Path(f"{Path(sources[0]).name.removesuffix('.yaml')}-{what}.svg")
    form = form_of(PictureForm, path)
    require_new(path, overwrite)
    need_pictures()
    with opened(sources, replications, seed, sets, until, workers, quiet) as exhibits:
        drawn = _figures(exhibits, what)
        content = png(drawn) if form is PictureForm.PNG else svg(drawn).encode()
    write(path, content, overwrite)
    put(f"{path} written: {drawn[0].title}")
    conclude(exhibits)


def _require_sources(sources: Sequence[str], what: What) -> None:
    if what is What.FOREST and len(sources) < 2:
        raise InputError(
            "--what forest: found one run; give two or more, the others are compared with the first"
        )
    if what is not What.FOREST and len(sources) > 1:
        raise InputError(f"--what {what}: found {len(sources)} runs; allowed is one (forest takes several)")


def _figures(exhibits: Sequence[Exhibit], what: What) -> list[Figure]:
    from escalation.present.charts.forest import forest_figures  # noqa: PLC0415
    from escalation.present.charts.gallery import NOTHING, figures  # noqa: PLC0415
    from escalation.study.exhibit import compared  # noqa: PLC0415

    if what is What.FOREST:
        comparison = compared(exhibits)
        return forest_figures(comparison) if comparison else []
    found = figures(exhibits[0], what)
    if not found:
        raise InputError(f"{exhibits[0].name}: {NOTHING[what]}")
    return found
