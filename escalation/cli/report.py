"""`escalation plot` and `escalation report`: the pictures of runs and studies, and all they say, as files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from escalation.cli import PARTLY, options
from escalation.cli.options import Work
from escalation.errors import InputError
from escalation.present.output import (
    BriefForm,
    PictureForm,
    PictureName,
    form_of,
    need_pictures,
    require_new,
    write,
)
from escalation.present.screen import progress, put, remark

if TYPE_CHECKING:
    from escalation.study.view import RunView


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


@options.simulating(without=("acts", "out", "form", "full"))
def plot(
    work: Work,
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN...",
            help="The folder of a run or study, or a scenario; several runs are drawn over one another.",
        ),
    ],
    what: Annotated[
        PictureName | None, typer.Option("--what", "-w", help="What to draw of a run; else the fan.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="New file, .svg or .png; else RUN-WHAT.svg here."),
    ] = None,
    overwrite: options.Overwrite = False,
    fresh: options.Fresh = False,
) -> None:
    """Draw one picture of a run, or of a scenario played for it; or all pictures of another study.

    Of several runs, what lies along time is drawn over one another; of the rest each has its own.

    \b
    fan       tension, and acts of each actor added up: median, 50%, 95%
    when      by when each act has happened, in which share of the futures
    timeline  the most typical replication on real dates
    ladder    the share of runs on each rung, by actor and month
    flywheel  who answers whom how often; R through time
    tree      what caused what in the most typical replication
    forest    how other runs differ from the first one

    \b
    Example:
      escalation plot results/first --what ladder -o ladder.png
      escalation plot belarus_2020 belarus_hardline -n 50 --what when
    """
    from escalation import api
    from escalation.study.studies import study_at

    study = study_at(Path(sources[0])) if len(sources) == 1 else None
    name = study.kind if study else what or PictureName.FAN
    path = out or Path(f"{Path(sources[0]).name.removesuffix('.yaml')}-{name}.svg")
    form_of(PictureForm, path)
    if study and what:
        raise InputError(f"--what {what}: {sources[0]} is a {study.kind}; leave it out, all is drawn")
    if name == PictureName.FOREST and len(sources) < 2:
        raise InputError(
            "--what forest: found one run; give two or more, the others are compared with the first"
        )
    require_new(path, overwrite)
    need_pictures()
    if study:
        put(f"{path} written: {api.plot(sources[0], path, overwrite=overwrite)}")
        return
    with opened(sources, work, fresh) as views:
        title = api.plot(views, path, name, overwrite=overwrite)
    put(f"{path} written: {title}")
    exit_if_partial(views)


PICTURES = 8
"""Pictures of a run, about, for the bar."""


@options.simulating(without=("acts", "out", "form", "full"))
def report(
    work: Work,
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN...",
            help="The folder of a run or study, or a scenario; further runs are compared with the first.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="New file, .html; a brief .docx too."),
    ] = None,
    brief: Annotated[
        bool, typer.Option("--brief", help="Two pages to print instead, of one run or of two.")
    ] = False,
    overwrite: options.Overwrite = False,
    fresh: options.Fresh = False,
) -> None:
    """Write a report: the question, the answer, pictures with their numbers, assumptions, sources.

    It is one HTML file that opens offline, in a browser, on a phone or in print. Of a sweep or
    another study it holds what `escalation summary --full` says, and its pictures.

    With --brief, two pages of A4 for a reader with five minutes, as HTML or for Word.

    \b
    Example:
      escalation report results/first -o first.html
      escalation report results/first --brief -o brief.docx
      escalation report belarus_2020 belarus_hardline -n 20 -o compared.html
    """
    from escalation import api
    from escalation.present.studies import report_of
    from escalation.study.studies import open_result, study_at

    out = out or Path("brief.html" if brief else "report.html")
    form = form_of(BriefForm, out)
    if form == BriefForm.DOCX and not brief:
        raise InputError(f"{out}: a whole report is .html; .docx is for --brief")
    require_new(out, overwrite)
    need_pictures(form)
    study = open_result(Path(sources[0])) if len(sources) == 1 and study_at(Path(sources[0])) else None
    if brief and (study or len(sources) > 2):
        what = f"a {study.kind}" if study else f"{len(sources)} runs"
        raise InputError(f"--brief: found {what}; allowed are one run or two")
    if study:
        _write_page(out, report_of(study), overwrite)
        return
    with opened(sources, work, fresh) as views:
        for view in () if brief else views:
            _simulate(view, work.quiet)
    if brief:
        api.brief(views, out, overwrite=overwrite)
        put(f"{out} written, two pages of A4")
    else:
        with progress(PICTURES * len(sources) - 1, work.quiet) as advance:
            page = api.report(views, advance)
        _write_page(out, page, overwrite)
    exit_if_partial(views)


def _simulate(view: RunView, quiet: bool) -> None:
    """Play what the pictures need, before they are drawn and under a bar of its own."""
    if view.manifest and not quiet:
        remark(f"{view.name}: played again for its pictures")
    _ = view.paths


def _write_page(out: Path, page: str, overwrite: bool) -> None:
    content = page.encode()
    write(out, content, overwrite)
    put(f"{out} written, {len(content) / 1e6:.1f} MB: open it in a browser")
