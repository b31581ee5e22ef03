"""`escalation summary`: the summary of a stored run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from escalation.cli import options
from escalation.cli.options import Work
from escalation.cli.study import finish
from escalation.errors import InputError
from escalation.present.page import Format


def summary(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of a run or of a study.")],
    form: options.FormatOption = Format.TABLE,
    full: options.Full = False,
    given: Annotated[
        str | None,
        typer.Option(
            "--given",
            metavar="CONDITION",
            help="Of a run, show the futures in which it holds beside the others, and its early signs:"
            " OUTCOME, not OUTCOME, OUTCOME >= NUMBER, <= DATE, < or >.",
        ),
    ] = None,
) -> None:
    """Show the result of a stored run, sweep, tuning … again.

    \b
    Example:
      escalation summary results/first --full
      escalation summary results/first --given "acts.belarus >= 2"
    """
    from escalation.ensemble.read import open_run
    from escalation.present.studies import show_result
    from escalation.study.condition import futures_given
    from escalation.study.studies import open_result, study_at
    from escalation.study.summary import summary_of
    from escalation.study.values import RunPart

    if study_at(folder):
        if given is not None:
            raise InputError(f"--given: {folder} is no run, of which alone it can be asked")
        finish(open_result(folder), Work(form=form, full=full))
        return
    run = open_run(folder)
    status = "interrupted" if run.interrupted else "complete"
    about = RunPart(status=status, folder=folder, seconds=run.seconds)
    result = summary_of(run) if given is None else futures_given(run, given)
    show_result(result.model_copy(update={"run": about}), form, full)
