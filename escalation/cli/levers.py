"""Commands on levers and uncertain numbers: `sweep`, `sensitivity`, `discover`, `tune`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from escalation.cli import options
from escalation.cli.options import Work
from escalation.cli.study import play


class Design(StrEnum):
    """How the points lie: every combination of values, or spread over the space of the levers."""

    GRID = "grid"
    LHS = "lhs"
    SOBOL = "sobol"


@options.simulating()
def sweep(
    work: Work,
    scenario: options.Scenario,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            metavar="PATH=VALUES",
            help="What to vary: PATH=low:high:steps, PATH=low:high, or PATH=a|b|c; can be repeated.",
        ),
    ] = None,
    outcome: Annotated[
        list[str] | None,
        typer.Option(
            "--outcome",
            metavar="EXPRESSION",
            help="Such as prob(concession.eu), quantile(tension.end, 0.95) or R; can be repeated.",
        ),
    ] = None,
    design: Annotated[Design, typer.Option("--design", help="How the points lie.")] = Design.GRID,
    points: Annotated[
        int | None,
        typer.Option("--points", metavar="N", help="How many points; not for a grid."),
    ] = None,
) -> None:
    """Simulate a scenario at many points, all in the same worlds, and show what moves with what.

    Without --outcome it looks at the scenario's objectives, else at what answers its
    question and at R, the further acts attributed to each hostile act.

    \b
    Example:
      escalation sweep minimal --vary actors.eu.policy.reciprocity=0.2:1.4:4 -n 100
      escalation sweep minimal --vary "actors.eu.policy=restrained|graduated|hardline" -n 100
    """
    from escalation import api
    from escalation.study.sweep.sweep import SWEEP

    asked = api.asked_of(
        SWEEP, scenario, work.request(), vary=tuple(vary or ()), outcomes=tuple(outcome or ()),
        design=design.value, points=points,
    )  # fmt: skip
    play(SWEEP, asked, work)


@options.simulating(replications="How many times to play each point (32).", full="Show the screening, too.")
def sensitivity(
    work: Work,
    scenario: options.Scenario,
    outcome: Annotated[
        list[str] | None,
        typer.Option(
            "--outcome",
            metavar="EXPRESSION",
            help="A mean or a probability, such as mean(cost.eu) or runaway; can be repeated.",
        ),
    ] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            metavar="PATH=VALUES",
            help="A lever beside the uncertain numbers: PATH=low:high or PATH=a|b|c; can be repeated.",
        ),
    ] = None,
    top: Annotated[
        int, typer.Option("--top", metavar="K", help="How many quantities get indices of their own.")
    ] = 8,
    points: Annotated[
        int, typer.Option("--points", metavar="N", help="Rows of the Sobol design, a power of two.")
    ] = 512,
    trajectories: Annotated[
        int, typer.Option("--trajectories", metavar="R", help="Morris trajectories of the screening.")
    ] = 20,
) -> None:
    """Find out which uncertain numbers and levers an outcome depends on, and how much is chance.

    All quantities are screened by Morris's method; those that do most get Sobol indices: the
    share of the variance that comes from each alone, and with what it does together with others.
    Without --outcome it looks at the scenario's objectives, else at what answers its question.

    \b
    Example:
      escalation sensitivity minimal --points 64
      escalation sensitivity minimal --points 64 --vary actors.eu.policy.reciprocity=0.2:1.4
    """
    from escalation import api
    from escalation.study.sensitivity.sensitivity import SENSITIVITY

    asked = api.asked_of(
        SENSITIVITY, scenario, work.request(), outcomes=tuple(outcome or ()), vary=tuple(vary or ()),
        points=points, trajectories=trajectories, top=top,
    )  # fmt: skip
    play(SENSITIVITY, asked, work)


SIMULATION = (
    "replications", "seed", "sets", "until", "record", "since", "assumptions", "workers", "clock", "engine",
    "acts",
)  # fmt: skip
"""Options of the group that a run has answered."""


@options.simulating(without=SIMULATION, full="Show every box of the trajectory.")
def discover(
    work: Work,
    run: Annotated[str, typer.Argument(metavar="RUN", help="The folder of a run.")],
    outcome: Annotated[
        str,
        typer.Option(
            "--outcome",
            metavar="CONDITION",
            help="What happens: OUTCOME, not OUTCOME, OUTCOME >= NUMBER, <= DATE, < or >.",
        ),
    ],
    boxes: Annotated[
        int, typer.Option("--boxes", metavar="K", help="How many boxes, each outside those before it.")
    ] = 1,
    box: Annotated[
        int | None,
        typer.Option("--box", metavar="N", help="Take box N of the trajectory, not the recommended one."),
    ] = None,
    density: Annotated[
        float | None,
        typer.Option("--density", metavar="SHARE", help="Take the first box that is so dense, such as 0.8."),
    ] = None,
) -> None:
    """Find the corner of the uncertain numbers in which an outcome happens.

    Boxes are found by PRIM from what is stored: nothing is simulated. Half of the replications
    are held out to see whether a box holds there. A run has more uncertain numbers with
    `escalation run SCENARIO --assumptions 0.3`.

    \b
    Example:
      escalation run minimal --replications 300 --out results/many
      escalation discover results/many --outcome "package_days.belarus >= 3"
      escalation discover results/many --outcome "package_days.eu >= 2" --boxes 2
    """
    from escalation.study.discover.discover import DISCOVER, DiscoverAsked

    play(DISCOVER, DiscoverAsked.of(run, outcome=outcome, boxes=boxes, box=box, density=density), work)


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
