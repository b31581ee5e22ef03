"""What the commands of all studies share: how one is played, resumed, shown, and how the command ends."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from escalation.cli import INTERRUPTED, PARTLY
from escalation.cli.options import Work
from escalation.present.screen import progress, remark

if TYPE_CHECKING:
    from escalation.study.runner import Asked, Study
    from escalation.study.values import Result


def play(study: Study[Any, Any], asked: Asked, work: Work) -> None:
    """Play a study, store it, show it, and exit with the status for it."""
    from escalation.study import runner

    folder = work.out or partial(runner.default_folder, study, asked)
    with progress(study.work(asked), work.quiet) as advance:
        result = runner.begin(study, asked, work.execution(advance, hearing(study.kind)), folder)
    finish(result, work)


def resume(study: Study[Any, Any], folder: Path, work: Work) -> None:
    """Finish a study that was interrupted, and show it; one that is complete is shown as it is."""
    from escalation.study import runner, studies

    if not studies.is_unfinished(folder):
        if not work.quiet:
            remark(f"{folder}: is complete; there is nothing to resume")
        finish(studies.open_result(folder), work)
        return
    asked = runner.asked_in(study, folder)
    with progress(study.work(asked), work.quiet) as advance:
        result = runner.resume(study, folder, work.execution(advance, hearing(study.kind)))
    finish(result, work)


def finish(result: Result, work: Work) -> None:
    """Draw and show a result, say how it is resumed where it was interrupted, and exit with its status."""
    from escalation.present.studies import draw_pictures, show_result

    missing = draw_pictures(result)
    if missing and not work.quiet:
        remark(missing)
    show_result(result, work.form, work.full)
    if result.run and result.run.status == "interrupted":
        leave_unfinished(result.run.folder, work.quiet)
    if not result.clean:
        raise typer.Exit(PARTLY)


def hearing(kind: str) -> Callable[[object], None]:
    """Return what says in words what a kind of study reports while it is played."""
    from escalation.present.studies import event_words

    def hear(event: object) -> None:
        if words := event_words(kind, event):
            remark(words)

    return hear


def leave_unfinished(folder: Path | None, quiet: bool) -> NoReturn:
    """Say how what is kept in `folder` is resumed, and exit with the status for it."""
    if folder and not quiet:
        remark(f"`escalation resume {folder}` resumes it")
    raise typer.Exit(INTERRUPTED)
