"""`escalation summary`: the summary of a stored run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from escalation.cli import options
from escalation.cli.options import Work
from escalation.cli.study import finish
from escalation.present.page import Format


def summary(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of a run or of a study.")],
    form: options.FormatOption = Format.TABLE,
    full: options.Full = False,
) -> None:
    """Show the result of a stored run, sweep, tuning … again.

    \b
    Example:
      escalation summary results/first --full
    """
    from escalation.ensemble.read import open_run  # noqa: PLC0415 - heavy imports only where work is done
    from escalation.present.studies import show_result  # noqa: PLC0415
    from escalation.study.studies import open_result, study_at  # noqa: PLC0415
    from escalation.study.summary import summary_of  # noqa: PLC0415
    from escalation.study.values import RunPart  # noqa: PLC0415

    if study_at(folder):
        finish(open_result(folder), Work(form=form, full=full))
        return
    run = open_run(folder)
    status = "interrupted" if run.interrupted else "complete"
    about = RunPart(status=status, folder=folder, seconds=run.seconds)
    show_result(summary_of(run).model_copy(update={"run": about}), form, full)
