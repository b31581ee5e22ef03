"""`escalation tune`: which levers reach an aim best, how sure that is, and against whom it fails."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from escalation.cli import options
from escalation.cli.options import Work
from escalation.cli.study import play

Texts = list[str] | None


class Sampler(StrEnum):
    """What proposes the next point to try."""

    AUTO = "auto"
    CMAES = "cmaes"
    TPE = "tpe"
    NSGA2 = "nsga2"
    RANDOM = "random"


Vary = Annotated[
    Texts,
    typer.Option(
        "--vary", metavar="PATH=VALUES",
        help="A lever: PATH=low:high, PATH=low:high:steps or PATH=a|b|c; can be repeated.",
    ),
]  # fmt: skip
Maximise = Annotated[
    Texts, typer.Option("--maximize", metavar="EXPRESSION", help="Such as prob(concession.belarus).")
]
Minimise = Annotated[Texts, typer.Option("--minimize", metavar="EXPRESSION", help="Such as mean(cost.eu).")]
SubjectTo = Annotated[
    Texts, typer.Option("--subject-to", metavar="LIMIT", help="Such as prob(runaway) <= 0.05.")
]
Actor = Annotated[
    str | None,
    typer.Option("--actor", metavar="NAME", help="Whose levers: paths may start below this actor."),
]
Against = Annotated[
    Texts,
    typer.Option(
        "--against", metavar="ACTOR=POLICIES",
        help="Opponents' policies, as in belarus=own,hardline,grit; own is the scenario's.",
    ),
]  # fmt: skip
Uncertain = Annotated[
    Texts,
    typer.Option(
        "--uncertain", metavar="PATH=VALUES", help="What nobody chooses: PATH=low:high:steps or PATH=a|b|c."
    ),
]
Robust = Annotated[
    str | None,
    typer.Option(
        "--robust", metavar="mean|worst|regret|quantile=SHARE", help="Which of the cases count (mean)."
    ),
]
Trials = Annotated[int, typer.Option("--trials", metavar="N", min=1, help="Points to try.")]
HeldOut = Annotated[
    int | None,
    typer.Option(
        "--held-out", metavar="N", min=20,
        help="Replications for the figures reported; else twice those of a trial.",
    ),
]  # fmt: skip
SamplerOption = Annotated[Sampler, typer.Option("--sampler", help="What proposes points.")]
Racing = Annotated[
    bool, typer.Option("--racing/--no-racing", help="Stop trials early that are clearly worse.")
]


@options.simulating(without=("acts", "full"))
def tune(
    work: Work,
    scenario: options.Scenario,
    vary: Vary = None,
    maximise: Maximise = None,
    minimise: Minimise = None,
    subject_to: SubjectTo = None,
    actor: Actor = None,
    against: Against = None,
    uncertain: Uncertain = None,
    robust: Robust = None,
    trials: Trials = 200,
    held_out: HeldOut = None,
    sampler: SamplerOption = Sampler.AUTO,
    racing: Racing = True,
) -> None:
    """Find the levers of an actor that reach an aim best, and say how sure that is.

    All trials happen in the same worlds. What is reported is measured on replications that
    were never used for tuning. The chosen policy is stored as a scenario that runs at once.
    Ctrl-C keeps the trials that are finished; `escalation resume FOLDER` finishes it.

    \b
    Example:
      escalation tune minimal --actor eu --vary policy.reciprocity=0.1:1.5 \\
        --vary policy.gradualism=0:2 --minimize "mean(package_days.belarus)" \\
        --trials 20 -n 100

    \b
    Exit status: 0 done; 1 the machine or a bug; 2 the input; 3 done, but some
    replications failed or were truncated; 130 interrupted, finished trials kept.
    """
    from escalation import api
    from escalation.study.tune.study import TUNE

    asked = api.asked_of(
        TUNE, scenario, work.request(), vary=vary or (), maximise=maximise or (), minimise=minimise or (),
        subject_to=subject_to or (), actor=actor, against=against or (), uncertain=uncertain or (),
        robust=robust, trials=trials, held_out=held_out, sampler=sampler.value, racing=racing,
    )  # fmt: skip
    play(TUNE, asked, work)
