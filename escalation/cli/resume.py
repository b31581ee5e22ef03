"""`escalation resume`: on with what was interrupted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from escalation.cli import options
from escalation.cli.conclude import conclude, wants_debug
from escalation.cli.options import Clock
from escalation.cli.study import Work, remarks
from escalation.cli.study import resume as resume_study
from escalation.cli.summary import summary
from escalation.present.table import Format


def resume(
    context: typer.Context,
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", help="The run's folder, or the hidden .FOLDER.unfinished beside it."
        ),
    ],
    workers: options.Workers = None,
    clock: options.ClockOption = Clock.AUTO,
    engine: options.Engine = "local",
    form: options.FormatOption = Format.TABLE,
    full: options.Full = False,
    quiet: options.Quiet = False,
) -> None:
    """Go on with a run or a study that was interrupted, killed, or stopped by a full disk, to its end.

    Name the folder that the run was given or would have got. Every finished file of 4,096
    replications is kept, and what was under way in the next is simulated again; of a sweep
    or a sensitivity analysis, every finished point; of a tuning, every finished trial. The
    result is the same, byte for byte, as without the interruption; so the version has to be
    the same too.

    A run that is complete already is shown as it is.

    \b
    Example:
      escalation resume results/first
    """
    processes = options.cores(workers)

    from escalation import api  # noqa: PLC0415 - heavy imports only where work is done
    from escalation.ensemble.store import Complete  # noqa: PLC0415
    from escalation.present.progress import progress  # noqa: PLC0415
    from escalation.present.screen import remark  # noqa: PLC0415
    from escalation.study.studies import study_at  # noqa: PLC0415

    if study := study_at(folder):
        resume_study(study, folder, Work(workers, clock, engine, None, form, full, quiet))
        return
    try:
        count = api.replications_left(folder)
    except Complete as complete:
        if not quiet:
            remark(str(complete))
        summary(folder, form, full)
        return
    with progress(count, quiet) as advance:
        finished = api.resume(
            folder,
            workers=processes,
            on_progress=advance,
            engine=engine,
            clock=clock.value,
            say=remarks(quiet),
        )
    conclude(finished, form, quiet, wants_debug(context), full)
