"""`escalation tune`: which levers reach an aim best, how sure that is, and against whom it fails."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from escalation.cli import options
from escalation.cli.guard import PARTLY
from escalation.cli.options import Clock
from escalation.cli.study import Wanted, leave_unfinished, remarks, say_complete
from escalation.present.table import Format

if TYPE_CHECKING:
    from escalation.study.tuning.perform import Tuning

Texts = list[str] | None


class Sampler(StrEnum):
    """What proposes the next point to try."""

    AUTO = "auto"
    CMAES = "cmaes"
    TPE = "tpe"
    NSGA2 = "nsga2"
    RANDOM = "random"


def tune(
    scenario: options.Scenario,
    vary: Annotated[
        Texts,
        typer.Option(
            "--vary", metavar="PATH=VALUES",
            help="A lever: PATH=low:high, PATH=low:high:steps or PATH=a|b|c; can be repeated.",
        ),
    ] = None,
    maximise: Annotated[
        Texts, typer.Option("--maximize", metavar="EXPRESSION", help="Such as prob(concession.belarus).")
    ] = None,
    minimise: Annotated[
        Texts, typer.Option("--minimize", metavar="EXPRESSION", help="Such as mean(cost.eu).")
    ] = None,
    limits: Annotated[
        Texts, typer.Option("--subject-to", metavar="LIMIT", help="Such as prob(runaway) <= 0.05.")
    ] = None,
    actor: Annotated[
        str | None,
        typer.Option("--actor", metavar="NAME", help="Whose levers: paths may start below this actor."),
    ] = None,
    against: Annotated[
        Texts,
        typer.Option(
            "--against", metavar="ACTOR=POLICIES",
            help="Opponents' policies, as in belarus=own,hardline,grit; own is the scenario's.",
        ),
    ] = None,
    uncertain: Annotated[
        Texts,
        typer.Option(
            "--uncertain", metavar="PATH=VALUES",
            help="What nobody chooses: PATH=low:high:steps or PATH=a|b|c.",
        ),
    ] = None,
    robust: Annotated[
        str | None,
        typer.Option(
            "--robust", metavar="mean|worst|regret|quantile=SHARE", help="Which of the cases count (mean)."
        ),
    ] = None,
    trials: Annotated[int, typer.Option("--trials", metavar="N", min=1, help="Points to try.")] = 200,
    replications: options.Replications = 1000,
    held_out: Annotated[
        int | None,
        typer.Option(
            "--held-out", metavar="N", min=20,
            help="Replications for the figures reported; else twice those of a trial.",
        ),
    ] = None,
    sampler: Annotated[Sampler, typer.Option("--sampler", help="What proposes points.")] = Sampler.AUTO,
    racing: Annotated[
        bool, typer.Option("--racing/--no-racing", help="Stop trials early that are clearly worse.")
    ] = True,
    seed: options.Seed = 1,
    sets: options.Sets = None,
    until: options.Until = None,
    workers: options.Workers = None,
    clock: options.ClockOption = Clock.AUTO,
    engine: options.Engine = "local",
    out: options.Out = None,
    form: options.FormatOption = Format.TABLE,
    quiet: options.Quiet = False,
) -> None:  # fmt: skip
    """Find the levers of an actor that reach an aim best, and say how sure that is.

    All trials happen in the same worlds. What is reported is measured on replications that
    were never used for tuning. The chosen policy is stored as a scenario that runs at once.
    Ctrl-C keeps the trials that are finished; `escalation resume FOLDER` goes on.

    \b
    Example:
      escalation tune minimal --actor eu --vary policy.reciprocity=0.1:1.5 \\
        --vary policy.gradualism=0:2 --minimize "mean(package_days.belarus)" \\
        --trials 20 -n 100

    \b
    Exit status: 0 done; 1 the machine or a bug; 2 the input; 3 done, but some
    replications failed or were truncated; 130 interrupted, finished trials kept.
    """
    last_day = options.day("--until", until)
    processes = options.cores(workers)

    from escalation import api  # noqa: PLC0415 - heavy imports only where work is done
    from escalation.present.tuning.progress import watching  # noqa: PLC0415
    from escalation.study.tuning.plan import Asked  # noqa: PLC0415

    asked = Asked(
        vary or (), maximise or (), minimise or (), limits or (), against or (), uncertain or (), robust,
        actor, trials, replications, held_out, sampler.value, racing,
    )  # fmt: skip
    plan = api.plan_tuning(scenario, asked, seed, sets or (), last_day)
    single = plan.goals[0].expression if len(plan.goals) == 1 else None
    with watching(plan.trials, single, quiet) as watcher:
        done = api.tune(
            plan, out or api.tuning_out(scenario, plan), scenario, processes, engine, clock.value,
            remarks(quiet), watcher.trial, watcher.step,
        )  # fmt: skip
    conclude(done, form, quiet)


def conclude(done: Tuning, form: Format, quiet: bool) -> None:
    """Show a tuning, or say how to go on with it, and exit with the status for it."""
    from escalation.present.tuning.tuning import show_tuned  # noqa: PLC0415 - heavy imports only where work is done

    if done.tuned is None:
        if not quiet:
            options.remark(f"Interrupted: {len(done.trials):,} of {done.plan.trials:,} trials finished.")
        leave_unfinished(done.folder, quiet)
    show_tuned(done.tuned, done.folder, form)
    if not done.tuned.clean:
        raise typer.Exit(PARTLY)


def resume_tuning(folder: Path, wanted: Wanted) -> None:
    """Go on with a tuning that was interrupted; show one that is complete as it is."""
    from escalation import api  # noqa: PLC0415 - heavy imports only where work is done
    from escalation.present.tuning.progress import watching  # noqa: PLC0415
    from escalation.present.tuning.tuning import show_tuned  # noqa: PLC0415

    count = api.asked_of_tuning(folder)
    if count is None:
        say_complete(folder, wanted.quiet)
        show_tuned(api.open_tuning(folder), folder, wanted.form)
        return
    with watching(count, None, wanted.quiet) as watcher:
        done = api.resume_tuning(
            folder, wanted.workers, wanted.engine, wanted.clock, remarks(wanted.quiet), watcher.trial,
            watcher.step,
        )  # fmt: skip
    conclude(done, wanted.form, wanted.quiet)
