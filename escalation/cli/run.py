"""`escalation run`: an ensemble, its summary on the screen, its folder on disk."""

from __future__ import annotations

import typer

from escalation.cli import options
from escalation.cli.conclude import conclude, wants_debug
from escalation.cli.options import Acts, Clock
from escalation.errors import InputError
from escalation.present.table import Format


def run(
    context: typer.Context,
    scenario: options.Scenario,
    replications: options.ReplicationsOrLimit = None,
    seed: options.Seed = 1,
    sets: options.Sets = None,
    until: options.Until = None,
    workers: options.Workers = None,
    clock: options.ClockOption = Clock.AUTO,
    engine: options.Engine = "local",
    acts: options.ActsOption = Acts.SAMPLE,
    precision: options.Precision = None,
    outcome: options.OutcomeOption = None,
    out: options.Out = None,
    form: options.FormatOption = Format.TABLE,
    full: options.Full = False,
    quiet: options.Quiet = False,
) -> None:
    """Simulate a scenario many times; show the summary and store the run.

    \b
    Example:
      escalation run minimal --replications 50 --seed 1 --out results/first
      escalation run minimal --precision 0.05 --outcome "prob(concession.belarus)"

    \b
    Exit status: 0 done; 1 the machine or a bug; 2 the input; 3 done, but some
    replications failed or were truncated; 130 interrupted, finished work kept.
    """
    last_day = options.day("--until", until)
    processes = options.cores(workers)
    if (precision is None) != (outcome is None):
        raise InputError("--precision and --outcome: found one of them; give both or neither")

    from escalation import api  # noqa: PLC0415 - heavy imports only where work is done
    from escalation.present.progress import progress  # noqa: PLC0415
    from escalation.study.execution import LIMIT, REPLICATIONS  # noqa: PLC0415

    count = replications or (REPLICATIONS if precision is None else LIMIT)
    with progress(count, quiet) as advance:
        finished = api.run(
            scenario, replications, seed, out=out or api.default_out(scenario, seed, count), acts=acts.value,
            precision=precision, outcome=outcome, sets=sets or (), until=last_day, workers=processes,
            on_progress=advance, engine=engine, clock=clock.value, say=None if quiet else options.remark,
        )  # fmt: skip
    conclude(finished, form, quiet, wants_debug(context), full)
