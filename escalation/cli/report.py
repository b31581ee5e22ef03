"""`escalation report`: all that a run says, as one file for a reader who was not there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from escalation.cli import options
from escalation.cli.options import Work
from escalation.cli.views import Overwrite, exit_if_partial, opened
from escalation.errors import InputError, require_extra
from escalation.present.output import BriefForm, form_of, need_pictures, require_new, write
from escalation.present.progress import progress
from escalation.present.screen import put, remark

if TYPE_CHECKING:
    from escalation.study.view import RunView

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
    overwrite: Overwrite = False,
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
    need_pictures()
    if form == BriefForm.DOCX:
        require_extra("office", "Word documents need")
    study = open_result(Path(sources[0])) if len(sources) == 1 and study_at(Path(sources[0])) else None
    if brief and (study or len(sources) > 2):
        what = f"a {study.kind}" if study else f"{len(sources)} runs"
        raise InputError(f"--brief: found {what}; allowed are one run or two")
    if study:
        _write(out, report_of(study), overwrite)
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
        _write(out, page, overwrite)
    exit_if_partial(views)


def _simulate(view: RunView, quiet: bool) -> None:
    """Play what the pictures need, before they are drawn and under a bar of its own."""
    if view.manifest and not quiet:
        remark(f"{view.name}: played again for its pictures")
    _ = view.paths


def _write(out: Path, page: str, overwrite: bool) -> None:
    content = page.encode()
    write(out, content, overwrite)
    put(f"{out} written, {len(content) / 1e6:.1f} MB: open it in a browser")
