"""`escalation run`, `summary` and `resume`: an ensemble, its summary on the screen, its folder on disk."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from escalation.cli import INTERRUPTED, PARTLY, options
from escalation.cli.options import Work
from escalation.cli.study import finish
from escalation.cli.study import resume as resume_study
from escalation.errors import InputError
from escalation.present.page import Format
from escalation.present.screen import progress, remark

if TYPE_CHECKING:
    from escalation.study.finished import Finished


@options.simulating(without=())
def run(
    work: Work,
    scenario: options.Scenario,
    precision: Annotated[
        float | None,
        typer.Option(
            "--precision",
            metavar="WIDTH",
            help="Play it until the 95% interval of --outcome is at most WIDTH to either side, in its unit;"
            " --replications is then the limit (100,000).",
        ),
    ] = None,
    outcome: Annotated[
        str | None,
        typer.Option("--outcome", metavar="NAME", help="prob(concession.eu) or mean(package_days.eu)."),
    ] = None,
    fresh: options.Fresh = False,
) -> None:
    """Simulate a scenario many times; show the summary and store the run.

    What a run below results/ has played already is taken from there, unless --out names a folder.

    \b
    Example:
      escalation run minimal --replications 50 --seed 1 --out results/first
      escalation run minimal --precision 0.05 --outcome "prob(concession.belarus)"

    \b
    Exit status: 0 done; 1 the machine or a bug; 2 the input; 3 done, but some
    replications failed or were truncated; 130 interrupted, finished work kept.
    """
    request = work.request(precision, outcome)
    work.execution()

    from escalation.present.format import left_out_words
    from escalation.present.studies import show_result
    from escalation.study.run import answered, default_folder_of, play, stored_run, taken_words
    from escalation.study.source import open_scenario

    source = open_scenario(scenario, request)
    if work.say and (words := left_out_words(source.left_out)):
        work.say(words)
    stored = None if fresh or work.out else stored_run(source, request, work.execution())
    if stored:
        if work.say:
            work.say(taken_words(source, stored))
        show_result(answered(source, stored), work.form, work.full)
        return
    with progress(source.replications, work.quiet) as advance:
        folder = work.out or partial(default_folder_of, source)
        finished = play(source, request, work.execution(advance), folder)
    conclude(finished, work)


def conclude(finished: Finished, work: Work) -> None:
    """Show what came out, say what went wrong, and exit with the status for it.

    With `--debug`, the first failed replication is played again for its traceback.
    """
    from escalation.present.studies import show_result
    from escalation.study.run import failure_trace

    ensemble = finished.ensemble
    show_result(finished.summary.model_copy(update={"run": finished.run}), work.form, work.full)
    if work.debug and (trace := failure_trace(finished)):
        remark(trace)
    if finished.fault:
        left = finished.remains or "The run was not stored; the summary above is all there is of it."
        remark(f"{finished.fault}\n{left}")
        raise typer.Exit(finished.fault.exit_status)
    if ensemble.interrupted:
        if work.say:
            work.say(f"`escalation resume {finished.folder}` resumes it")
        raise typer.Exit(INTERRUPTED)
    if not finished.summary.clean:
        raise typer.Exit(PARTLY)


def summary(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of a run or of a study.")],
    form: options.FormatOption = Format.TABLE,
    full: options.Full = False,
    condition: Annotated[
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
    from escalation.study.summary import run_part, summary_of

    if study_at(folder):
        if condition is not None:
            raise InputError(f"--given: {folder} is no run, of which alone it can be asked")
        finish(open_result(folder), Work(form=form, full=full))
        return
    run = open_run(folder)
    result = summary_of(run) if condition is None else futures_given(run, condition)
    show_result(result.model_copy(update={"run": run_part(run)}), form, full)


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
