"""`escalation resume`: on with what was interrupted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from escalation.cli import options
from escalation.cli.options import Work
from escalation.cli.run import conclude
from escalation.cli.study import resume as resume_study
from escalation.cli.summary import summary
from escalation.present.progress import progress


@options.simulating(
    without=("replications", "seed", "sets", "until", "record", "since", "assumptions", "acts", "out")
)
def resume(
    work: Work,
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", help="The run's folder, or the hidden .FOLDER.unfinished beside it."
        ),
    ],
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
    work.execution()

    from escalation.ensemble.store import Complete, look
    from escalation.study.run import resume_run
    from escalation.study.studies import study_at

    if study := study_at(folder):
        resume_study(study, folder, work)
        return
    try:
        count = look(folder).replications
    except Complete as complete:
        if work.say:
            work.say(str(complete))
        summary(folder, work.form, work.full)
        return
    with progress(count, work.quiet) as advance:
        finished = resume_run(folder, work.execution(advance))
    conclude(finished, work)
