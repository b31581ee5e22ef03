"""`escalation run`: an ensemble, its summary on the screen, its folder on disk."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from escalation.cli import options
from escalation.cli.guard import INTERRUPTED, PARTLY
from escalation.cli.options import Work
from escalation.present.progress import progress
from escalation.present.screen import remark

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
