"""The Python face: one thin function for each thing that can be done; `escalation` shows the public ones.

A function takes what a user names (a shipped scenario, a file, a run's folder, an object that another one
gave), `replications` (1,000 unless given) and `seed` (1), and as further keywords (`Options`) `sets` and
`until`, which change the scenario, `assumptions`, the spread by which numbers marked so are drawn, and the
fields of `Execution`: `workers`, `clock`, `engine`, `on_progress`, `say`, `on_event`. A run has its own
replications, seed and changes. All raise InputError (ScenarioError for a scenario) for what is asked wrongly,
and EnvironmentFault for what the machine lacks, before anything is simulated.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeVar, Unpack, get_args

from escalation.api.files import brief, export, open, open_run, plot, report, several, view  # noqa: A004 - as gzip.open
from escalation.ensemble.engine import Acts
from escalation.ensemble.read import Run
from escalation.ensemble.result import Results
from escalation.errors import ByName
from escalation.present.policies import known as known_policies
from escalation.scenario.document import Scenario
from escalation.scenario.load import load as load_scenario
from escalation.study import studies
from escalation.study.calibrate.asked import SPREAD, calibrate_of
from escalation.study.calibrate.result import Calibration
from escalation.study.calibrate.study import CALIBRATE
from escalation.study.compare.model import Adjustment, Comparison
from escalation.study.compare.study import COMPARE, compare_asked
from escalation.study.condition import Given, futures_given
from escalation.study.discover.discover import DISCOVER, DiscoverAsked
from escalation.study.discover.result import Discovery
from escalation.study.execution import Changes, Execution, Options, Request, day_of, require_choice, split
from escalation.study.finished import Finished
from escalation.study.run import play, resume_run
from escalation.study.runner import A, R, Study
from escalation.study.runner import begin as begin_study
from escalation.study.sensitivity.sensitivity import SENSITIVITY, Sensitivity
from escalation.study.source import Named, open_scenario, open_source
from escalation.study.story.divergence import Divergence
from escalation.study.story.divergence import diverge as diverging
from escalation.study.story.model import Story
from escalation.study.story.replay import explain as explained
from escalation.study.story.why_not import WhyNot
from escalation.study.story.why_not import why_not as asked_why_not
from escalation.study.summary import Summary, summary_of
from escalation.study.summary import summarise as summarise_results
from escalation.study.sweep.sweep import SWEEP, Sweep
from escalation.study.tune.result import Tuned
from escalation.study.tune.study import TUNE
from escalation.study.values import Result
from escalation.study.whatif.average import WHATIF, AverageEffect, ReplayedAsked, WhatIfAsked
from escalation.study.whatif.check import ATTRIBUTION, AttributionCheck
from escalation.study.whatif.replication import Counterfactual, counterfactual

__all__ = [
    "asked_of", "average_whatif", "brief", "calibrate", "check_attribution", "compare", "discover", "diverge",
    "explain", "export", "given", "load", "open", "open_run", "plot", "policies", "report", "resume", "run",
    "sensitivity", "summarise", "sweep", "tune", "view", "whatif", "why_not",
]  # fmt: skip

T = TypeVar("T")


def load(source: str | Path, sets: Sequence[str] = (), until: date | str | None = None) -> Scenario:
    """Return the scenario in a file or of a shipped name; `sets` are PATH=VALUE. Raises ScenarioError."""
    return load_scenario(source, sets, None if until is None else day_of("until", until))


def run(
    scenario: Scenario | str | Path,
    replications: int | None = None,
    seed: int | None = None,
    *,
    out: str | Path | None = None,
    acts: Acts = "sample",
    precision: float | None = None,
    outcome: str | None = None,
    **options: Unpack[Options],
) -> Finished:
    """Run an ensemble and return it with its summary; `out` names the folder to store it in.

    With `precision`, half the width of the 95% interval that is wanted for `outcome` (`concession.eu`,
    `prob(concession.eu)`, `mean(package_days.eu)`) in its own unit, it ends as soon as that is reached at one
    of the counts 256, 512, 1,024, 2,048 and the multiples of 4,096; `replications` is the limit, 100,000
    unless given.

    On the SimPy clock more than one worker needs the usual `if __name__ == "__main__":` around the script.
    Ctrl-C keeps what is finished; without a folder, all outcomes are held in memory.
    """
    asked = {"replications": replications, "seed": seed, "acts": acts}
    request, execution = split(options, **asked, precision=precision, outcome=outcome)
    return play(open_scenario(scenario, request), request, execution, _folder(out))


def resume(folder: str | Path, **execution: Any) -> Finished | Result:
    """Finish a run or a study that was interrupted or killed, to what it would have been without that.

    `folder` is the name that it was to have, or the hidden folder beside it; `execution` are fields of
    `Execution`, which may be others than before. What is finished is kept; a run's unfinished file is
    simulated again. The result of a study that is complete is returned as it is. Raises InputError when
    there is nothing to resume, when another process is at work on it, or when it was begun by other code or
    with another scenario.
    """
    work = Execution(**execution)
    is_study = studies.study_at(Path(folder)) is not None
    return studies.resume(Path(folder), work) if is_study else resume_run(Path(folder), work)


def policies() -> dict[str, str]:
    """Return what each policy does, by its name: the presets of the proportional one, then the kinds."""
    return ByName("policy", {name: about.meaning for name, about in known_policies().items()})


def summarise(run: Results | str | Path) -> Summary:
    """Return the summary of a run; InputError when a stored one is damaged.

    The flywheel is the one of the run: it does not follow from the outcomes.
    """
    results = _opened(run)
    if isinstance(results, Finished):
        return results.summary
    return summary_of(results) if isinstance(results, Run) else summarise_results(results)


def given(run: Run | Finished | str | Path, condition: str, days: int = 60) -> Given:
    """Return the futures of a run in which a condition holds, beside the others, and its early signs.

    The signs are of the first `days` after the takeover; how conditions are written: docs/given.md. Raises
    InputError for one that cannot be read, or that holds in fewer than 10 futures or in all but so many.
    """
    return futures_given(_opened(run), condition, days)


def _opened(run: T | str | Path) -> T | Run:
    return open_run(run) if isinstance(run, str | Path) else run


def explain(
    source: str | Path, replication: int | None = None, seed: int | None = None, **changes: Unpack[Changes]
) -> Story:
    """Return the story of one replication of a run's folder, or of a scenario (a file or a shipped name).

    Without `replication` it is the most typical one of a run, and number 0 of a scenario; `seed` (1 unless
    given) and changes of it are for a scenario only. Raises InputError, ScenarioError, or EscalationError
    when that replication fails.
    """
    return explained(source, replication, split(changes, seed=seed)[0])


def why_not(
    source: str | Path, actor: str, instrument: str, replication: int | None = None, seed: int | None = None,
    **changes: Unpack[Changes],
) -> WhyNot:  # fmt: skip
    """Return why an actor never used an instrument in one replication, and how near it came (see `explain`).

    Without `replication`, a run's is the most typical of those in which it never came.
    """
    return asked_why_not(source, actor, instrument, replication, split(changes, seed=seed)[0])


def compare(
    sources: Named | Sequence[Named],
    replications: int | None = None,
    seed: int | None = None,
    *,
    out: str | Path | None = None,
    adjust: Adjustment = "holm",
    **options: Unpack[Options],
) -> Comparison:
    """Return what differs between runs or scenarios and the first of them, and how sure that is.

    Scenarios are run for it, with the seed and the replications of the first run among the sources unless
    these are given, and stored below `out` beside the comparison, where that is named. Replication r of one
    is compared with replication r of the other wherever these are the same world; where not, the comparison
    says why. A single source is compared with itself as changed by `sets` and `until`. Raises Interrupted on
    Ctrl-C.
    """
    request, execution = split(options, replications=replications, seed=seed)
    require_choice("adjust", adjust, get_args(Adjustment))
    return begin_study(COMPARE, compare_asked(several(sources), request, adjust), execution, _folder(out))


def diverge(
    first: str | Path, second: str | Path, replication: int | None = None, seed: int | None = None,
    **changes: Unpack[Changes],
) -> Divergence:  # fmt: skip
    """Return where the stories of one replication of two runs or scenarios diverge, and why.

    Without `replication` it is the most typical one of the first, if that is a run, else number 0; a scenario
    takes the seed of the run that it is compared with. Changes are for scenarios. Raises
    InputError where the two have another seed or first day.
    """
    return diverging(first, second, replication, split(changes, seed=seed)[0])


def whatif(
    source: Named,
    replication: int | None = None,
    without: Sequence[str] = (),
    force: Sequence[str] = (),
    replications: int | None = None,
    seed: int | None = None,
    **options: Unpack[Options],
) -> Counterfactual | AverageEffect:
    """Return what becomes of a run or scenario without some acts, and with others.

    `without` are patterns (`first eu hostile`) or numbers of acts, `force` acts to put in (`2020-11-02 eu
    trade_ban belarus`). With `replication`, what becomes of each act of that one; else the mean effect over
    `replications`, each played twice with the same draws.
    """
    if replication is None:
        return average_whatif(source, without, force, replications, seed, **options)
    request, _ = split(options, seed=seed)
    return counterfactual(source, replication, without, force, request)


def average_whatif(
    source: Named, without: Sequence[str] = (), force: Sequence[str] = (), replications: int | None = None,
    seed: int | None = None, *, out: str | Path | None = None, **options: Unpack[Options],
) -> AverageEffect:  # fmt: skip
    """Return the mean effect of taking acts out of a run or scenario, or of putting acts in.

    Every replication is played twice, with the same draws: `replications` of them, else those of the run.
    `without` are patterns; the rest is as in `whatif`. The result is stored in `out`, where that is named.
    """
    request, execution = split(options, replications=replications, seed=seed)
    opened = open_source(source, request, replay=True)
    asked = WhatIfAsked.of(opened, without=without, force=force)
    return begin_study(WHATIF, asked, execution, _folder(out))


def check_attribution(
    source: Named, replications: int | None = None, seed: int | None = None, *,
    out: str | Path | None = None, **options: Unpack[Options],
) -> AttributionCheck:  # fmt: skip
    """Return how many acts vanish with one that is deleted, and how many are attributed to it.

    One hostile act is drawn in each replication of a run or scenario, which is played again without it. The
    rest is as in `average_whatif`.
    """
    request, execution = split(options, replications=replications, seed=seed)
    asked = ReplayedAsked.of(open_source(source, request, replay=True))
    return begin_study(ATTRIBUTION, asked, execution, _folder(out))


def sweep(
    scenario: Scenario | str | Path,
    vary: Sequence[str],
    outcomes: Sequence[str] = (),
    design: str = "grid",
    points: int | None = None,
    replications: int | None = None,
    seed: int | None = None,
    *,
    out: str | Path | None = None,
    **options: Unpack[Options],
) -> Sweep:
    """Play a sweep, and store it in the folder `out`, if that is named (docs/objectives.md).

    `vary` are levers, PATH=low:high:steps, PATH=low:high or PATH=a|b|c; `outcomes` are expressions such as
    `prob(concession.eu)`, else the scenario's objectives, else its answers and `R`. `design` is `grid`, `lhs`
    or `sobol`, the last two with so many `points`. Ctrl-C keeps the points that are finished, in a folder for
    `resume`; they are in the result.
    """
    request, execution = split(options, replications=replications, seed=seed)
    fields = {"vary": vary, "outcomes": outcomes, "design": design, "points": points}
    return begin_study(SWEEP, asked_of(SWEEP, scenario, request, **fields), execution, _folder(out))


def sensitivity(
    scenario: Scenario | str | Path,
    outcomes: Sequence[str] = (),
    vary: Sequence[str] = (),
    replications: int | None = None,
    seed: int | None = None,
    *,
    points: int = 512,
    trajectories: int = 20,
    top: int = 8,
    out: str | Path | None = None,
    **options: Unpack[Options],
) -> Sensitivity:
    """Find out what outcomes depend on, and store it in the folder `out`, if that is named.

    `outcomes` are means or probabilities, such as `prob(concession.eu)`, else the scenario's objectives, else
    its answers. `vary` are levers beside the uncertain numbers, PATH=low:high or PATH=a|b|c. Each point is
    played `replications` times (32 unless given); the `top` quantities of `trajectories` of Morris's method
    get indices from `points` rows (docs/sensitivity.md). On Ctrl-C Interrupted, and what is finished is kept
    for `resume`.
    """
    request, execution = split(options, replications=replications, seed=seed)
    asked = asked_of(
        SENSITIVITY, scenario, request, outcomes=outcomes, vary=vary, points=points,
        trajectories=trajectories, top=top,
    )  # fmt: skip
    return begin_study(SENSITIVITY, asked, execution, _folder(out))


def discover(
    source: Named,
    outcome: str,
    *,
    boxes: int = 1,
    box: int | None = None,
    density: float | None = None,
    out: str | Path | None = None,
) -> Discovery:
    """Find the corner of a run's uncertain numbers in which it has an outcome; nothing is simulated.

    `source` is a run's folder, or what `run` or `open_run` gave; `outcome` an outcome or a condition, as for
    `given`. Each of the `boxes` is looked for outside those before it; `box` is a place in the trajectory,
    `density` a share that a box has to reach; else the recommended one is taken (docs/discover.md). Raises
    InputError for a run without uncertain numbers, or with too few replications of either kind.
    """
    asked = DiscoverAsked.of(source, outcome=outcome, boxes=boxes, box=box, density=density)
    return begin_study(DISCOVER, asked, Execution(), _folder(out))


def asked_of(study: Study[A, R], scenario: Scenario | str | Path, request: Request, **fields: Any) -> A:
    """Return what a study is asked of a scenario, checked; `fields` are those of the study's own."""
    source = open_scenario(scenario, request)
    if request.replications is not None:
        fields["replications"] = request.replications
    return study.asked(**source.asked, **fields)


def tune(
    scenario: Scenario | str | Path, vary: Sequence[str], *, maximise: Sequence[str] = (),
    minimise: Sequence[str] = (), subject_to: Sequence[str] = (), replications: int | None = None,
    seed: int | None = None, out: str | Path | None = None, actor: str | None = None,
    against: Sequence[str] = (), uncertain: Sequence[str] = (), robust: str | None = None,
    trials: int = 200, held_out: int | None = None, sampler: str = "auto", racing: bool = True,
    **options: Unpack[Options],
) -> Tuned:  # fmt: skip
    """Find the levers that reach an aim best, and store that in the folder `out`, if that is named.

    What is asked is described in docs/tuning.md; `subject_to` are limits, such as `mean(cost.eu) <= 1`.
    Raises EnvironmentFault without Optuna; on Ctrl-C Interrupted, and the trials that are finished are kept
    for `resume`.
    """
    request, execution = split(options, replications=replications, seed=seed)
    asked = asked_of(
        TUNE, scenario, request, vary=vary, maximise=maximise, minimise=minimise, subject_to=subject_to,
        actor=actor, against=against, uncertain=uncertain, robust=robust, trials=trials, held_out=held_out,
        sampler=sampler, racing=racing,
    )  # fmt: skip
    return begin_study(TUNE, asked, execution, _folder(out))


def calibrate(
    scenario: Scenario | str | Path, records: Sequence[str], replications: int | None = None,
    seed: int | None = None, *, free: Sequence[str] = (), spread: float = SPREAD, target: str | None = None,
    shocks: str = "unknown", out: str | Path | None = None, **options: Unpack[Options],
) -> Calibration:  # fmt: skip
    """Learn a scenario's numbers from records, and store that in the folder `out`, if that is named.

    `records` are files or shipped names, RECORD@SCENARIO for one of another scenario; what they hold from
    `until` on is not looked at. `replications` are draws of the prior (10,000 unless given); the rest is
    described in docs/calibrate.md. On Ctrl-C Interrupted, and what is finished is kept for `resume`.
    """
    until = options.pop("until", None)
    request, execution = split(options, replications=replications, seed=seed)
    source, last = open_scenario(scenario, request), None if until is None else day_of("until", until)
    asked = calibrate_of(source, records, last, replications, free, spread, target, shocks)
    return begin_study(CALIBRATE, asked, execution, _folder(out))


def _folder(out: str | Path | None) -> Path | None:
    return None if out is None else Path(out)
