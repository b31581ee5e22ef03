"""`escalation report`: all that a run says, as one file for a reader who was not there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from escalation.cli import options
from escalation.cli.exhibits import Overwrite, Replications, Seed, conclude, opened
from escalation.present.output import PageForm, form_of, require_new, write

PICTURES = 8
"""Pictures of a run, about, for the bar."""


def report(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN...",
            help="The folder of a run, or a scenario; further ones are compared with the first.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="New file, .html.")] = Path(
        "report.html"
    ),
    overwrite: Overwrite = False,
    replications: Replications = None,
    seed: Seed = None,
    sets: options.Sets = None,
    until: options.Until = None,
    workers: options.Workers = None,
    quiet: options.Quiet = False,
) -> None:
    """Write a report: the question, the answer, pictures with their numbers, assumptions, sources.

    It is one HTML file that opens offline, in a browser, on a phone or in print.

    \b
    Example:
      escalation report results/first -o first.html
      escalation report belarus_2020 belarus_hardline -n 20 -o compared.html
    """
    from escalation import api  # noqa: PLC0415
    from escalation.present.charts.render import need_pictures  # noqa: PLC0415
    from escalation.present.progress import progress  # noqa: PLC0415
    from escalation.present.screen import put  # noqa: PLC0415

    form_of(PageForm, out)
    require_new(out, overwrite)
    need_pictures()
    with opened(sources, replications, seed, sets, until, workers, quiet) as exhibits:
        for exhibit in exhibits:
            if exhibit.manifest and not quiet:
                options.remark(f"{exhibit.name}: played again for its pictures")
            _ = exhibit.paths  # what has to be simulated, before the drawings and under a bar of its own
    with progress(PICTURES * len(sources) - 1, quiet) as advance:
        page = api.report(exhibits, advance).encode()
    write(out, page, overwrite)
    put(f"{out} written, {len(page) / 1e6:.1f} MB: open it in a browser")
    conclude(exhibits)
