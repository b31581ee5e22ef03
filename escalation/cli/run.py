"""`escalation run`: an ensemble, its summary on the screen, its folder on disk."""

from __future__ import annotations

import typer

from escalation.cli import options
from escalation.cli.guard import INTERRUPTED, PARTLY
from escalation.cli.options import Acts, Clock
from escalation.present.table import Format


def run(
    scenario: options.Scenario,
    replications: options.Replications = 200,
    seed: options.Seed = 1,
    sets: options.Sets = None,
    until: options.Until = None,
    workers: options.Workers = None,
    clock: options.ClockOption = Clock.AUTO,
    engine: options.Engine = "local",
    acts: options.ActsOption = Acts.SAMPLE,
    out: options.Out = None,
    form: options.FormatOption = Format.TABLE,
    quiet: options.Quiet = False,
) -> None:
    """Simulate a scenario many times; show the summary and store the run.

    \b
    Example:
      escalation run minimal --replications 50 --seed 1 --out results/first

    \b
    Exit status: 0 done; 1 the machine or a bug; 2 the input; 3 done, but some
    replications failed or were truncated; 130 interrupted, finished work kept.
    """
    options.require_built(clock, engine)
    last_day = options.day("--until", until)
    processes = options.cores(workers)

    from escalation import api  # noqa: PLC0415 - heavy imports only where work is done
    from escalation.present.progress import progress  # noqa: PLC0415
    from escalation.present.screen import remark  # noqa: PLC0415
    from escalation.present.summary import Ending, show_summary  # noqa: PLC0415

    with progress(replications, quiet) as advance:
        finished = api.run(
            scenario, replications, seed, processes, acts.value, sets or (), last_day,
            out or api.default_out(scenario, seed, replications), advance,
        )  # fmt: skip
    ensemble = finished.ensemble
    show_summary(finished.summary, Ending(ensemble.seconds, finished.folder, ensemble.interrupted), form)
    if finished.fault:
        remark(f"{finished.fault}\nThe run was not stored; the summary above is all there is of it.")
        raise typer.Exit(finished.fault.exit_status)
    if ensemble.interrupted:
        raise typer.Exit(INTERRUPTED)
    if not finished.summary.clean:
        raise typer.Exit(PARTLY)
