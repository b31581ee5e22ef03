"""A tuning: the policy found, how sure that is, its rivals, and against whom it fails."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from escalation.present import format as fmt
from escalation.present.page import Page, Table, result_page
from escalation.present.sweep import edges
from escalation.study.points.levers import Value, short_names
from escalation.study.tune.result import Deviation, Finalist, OutcomeChange, Trial, Tuned
from escalation.study.values import DATE, Estimate

VERDICTS = {"yes": "kept", "no": "not kept", "unsure": "too close to tell"}
SAMPLERS = {
    "cmaes": "CMA-ES", "tpe": "TPE", "nsga2": "NSGA-II", "random": "random points",
    "every point": "every point there is",
}  # fmt: skip
CRITERIA = {"mean": "mean", "worst": "worst", "regret": "largest regret"}
MARK = "←"
FAULTS_SHOWN = 3


def page(tuned: Tuned, full: bool = False) -> Page:  # noqa: ARG001 - nothing more to show
    """Return what was found, the tables, and how it came about."""
    tables = (finalists(tuned), cases(tuned), importance(tuned), deviations(tuned), compared(tuned))
    return result_page(tuned.scenario.title, opening(tuned), tables, closing(tuned))


def rows(tuned: Tuned) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:
    """Return the untuned policy and the finalists as one tidy table: headings and rows."""
    measures = [*goal_names(tuned), *limit_names(tuned)]
    ends = [f"{measure} {end}" for measure in measures for end in ("value", "low", "high")]
    verdicts = [f"{limit} kept" for limit in limit_names(tuned)]
    headings = ["policy", "chosen", *(lever.path for lever in tuned.levers), *ends, *verdicts]
    return headings, [_row(tuned, finalist) for finalist in (tuned.untuned, *tuned.finalists)]


def event_words(trial: Trial) -> str:
    """Return the best so far of a single goal, where somebody watches; empty for any other trial."""
    if not sys.stderr.isatty() or trial.checked is None or len(trial.checked) != 1:
        return ""
    best = trial.checked[0][0]
    return "" if best is None else f"best so far, on fresh replications: {best:.4g} (trial {trial.number})"


def _row(tuned: Tuned, finalist: Finalist) -> list[Any]:
    ends = [
        end
        for estimate in (*finalist.goals, *finalist.limits)
        for end in (estimate.value, estimate.low, estimate.high)
    ]
    chosen = "yes" if finalist == tuned.chosen else "no"
    levers = (finalist.point.get(lever.path) for lever in tuned.levers)
    return [policy_name(finalist), chosen, *levers, *ends, *finalist.kept]


def opening(tuned: Tuned) -> list[str]:
    """Return the lines below the title: whether anything was gained, what was asked, and what was found."""
    whose = f" of {tuned.actor}" if tuned.actor else ""
    lines = list(_first(tuned))
    lines += fmt.changed(tuned.overrides)
    lines.append(f"Tuned: {', '.join(short_names(tuned.levers))}{whose}, to {_aim(tuned)}.")
    if tuned.cases:
        lines.append(f"In {fmt.plural(len(tuned.cases), 'case')} ({tuned.robust}): {'; '.join(tuned.cases)}.")
    return [*lines, *sentences(tuned)]


def closing(tuned: Tuned) -> list[str]:
    """Return the last lines: what was played, what went wrong, where it is, how to run the policy."""
    stopped = f", {tuned.stopped:,} stopped early" if tuned.stopped else ""
    each = " in each case" if tuned.cases else ""
    seconds = f" In {fmt.duration(tuned.run.seconds)}." if tuned.run else ""
    lines = [
        f"{fmt.plural(len(tuned.trials), 'trial')}{stopped}, of {tuned.replications:,} replications{each},"
        f" seed {tuned.seed}; {SAMPLERS[tuned.sampler]}.",
        f"Held out: {tuned.held_out:,} replications of seed {tuned.held_out_seed}.{seconds}",
    ]
    if tuned.faults:
        lines.append(f"Points that the scenario does not allow: {fmt.plural(len(tuned.faults), 'kind')}.")
        lines += [f"  {fault}" for fault in tuned.faults[:FAULTS_SHOWN]]
    if tuned.unknown:
        lines.append(f"{fmt.plural(tuned.unknown, 'trial')} could not be measured and were left out.")
    lines += fmt.failed(tuned.failed)
    lines += fmt.truncated(tuned.truncated, "and stopped there.")
    folder = tuned.run.folder if tuned.run else None
    return [*lines, *(_where(tuned, folder) if folder else [])]


def _where(tuned: Tuned, folder: Path) -> list[str]:
    picture = ", the picture in tune.svg" if (folder / "tune.svg").is_file() else ""
    which, file = "chosen" if tuned.satisfied else "nearest", shlex.quote(str(folder / tuned.file))
    return [
        f"Saved in {folder}{picture}",
        f"The {which} policy: escalation run {file} --seed {tuned.held_out_seed} -n {tuned.held_out}",
    ]


# ---- names


def policy_name(finalist: Finalist) -> str:
    """Return what a policy of the final choice is called."""
    return "untuned" if finalist.trial is None else f"trial {finalist.trial}"


def goal_names(tuned: Tuned) -> list[str]:
    """Return what the goals over all cases are: the goals, or their regrets."""
    names = [goal.measure.expression for goal in tuned.goals]
    return [f"regret of {name}" for name in names] if tuned.has_regret else names


def limit_names(tuned: Tuned) -> list[str]:
    """Return the limits."""
    return [limit.expression for limit in tuned.limits]


def _of_cases(tuned: Tuned, is_goal: bool) -> str:
    """Return what a figure over all cases is of: `mean of 3 cases`; empty for a single case.

    A limit has no regret: with that criterion it is kept in the worst case.
    """
    if not tuned.cases:
        return ""
    cases = f"of {fmt.plural(len(tuned.cases), 'case')}"
    criterion, _, share = tuned.robust.partition("=")
    if share:
        return f"what {float(share):.0%} {cases} keep to"
    return f"{CRITERIA['worst' if criterion == 'regret' and not is_goal else criterion]} {cases}"


def _aim(tuned: Tuned) -> str:
    """Return what was wanted: `maximise prob(…) and minimise mean(…), subject to …`."""
    aims = fmt.listed([f"{goal.direction} {goal.measure.expression}" for goal in tuned.goals])
    return f"{aims}, subject to {fmt.listed(limit_names(tuned))}" if tuned.limits else aims


def _at(tuned: Tuned, point: dict[str, Value]) -> str:
    """Return where the levers stand: `reciprocity 0.656, gradualism 1.62`."""
    pairs = zip(short_names(tuned.levers), tuned.levers, strict=True)
    return ", ".join(f"{name} {fmt.setting(point[lever.path])}" for name, lever in pairs)


# ---- sentences


def _first(tuned: Tuned) -> Iterator[str]:
    """Yield what has to be known before all else: that no policy keeps the limits, or nothing was gained."""
    if not tuned.satisfied:
        count = fmt.plural(len(tuned.trials), "trial")
        yield f"No policy of the {count} keeps {fmt.listed(limit_names(tuned))}."
    elif not tuned.gained:
        where = " in any goal" if len(tuned.goals) > 1 else ""
        yield f"The untuned policy is no worse{where}: nothing gained, as far as held-out replications tell."


def sentences(tuned: Tuned) -> Iterator[str]:
    """Yield what was found: the policy, its goals and limits, and against whom it does worst."""
    chosen = f"{_at(tuned, tuned.chosen.point)} (trial {tuned.chosen.trial})"
    if not tuned.satisfied:
        yield f"The nearest: {chosen}."
    elif len(tuned.goals) > 1:
        yield _front(tuned)
        is_beaten = tuned.beaten(tuned.chosen)
        yield f"The compromise: {chosen}" + (
            ", though another policy beats it on held-out replications." if is_beaten else "."
        )
    else:
        yield f"Best found: {chosen}."
    if edge := edges(tuned.levers, tuned.chosen.point):
        yield f"It lies at the edge of what was tried, {edge}: a better policy may lie beyond."
    for n in range(len(tuned.goals)):
        yield from _goal(tuned, n)
    for n, limit in enumerate(tuned.limits):
        of = _of_cases(tuned, is_goal=False)
        name = f"{limit.expression} ({of})" if of else limit.expression
        verdict = VERDICTS[tuned.chosen.kept[n]]
        yield f"{name}: {fmt.estimate(tuned.chosen.limits[n])}, {verdict}."
    if tuned.in_cases:
        yield from _worst(tuned)


def _front(tuned: Tuned) -> str:
    """Return how many finalists are a Pareto set, the untuned policy being one of their rivals."""
    front = sum(not tuned.beaten(finalist) for finalist in tuned.finalists)
    are = "is" if front == 1 else "are"
    return (
        f"{front:,} of {fmt.plural(len(tuned.finalists), 'finalist')} {are} not beaten in every goal by"
        " another or by the untuned policy (the Pareto set)."
    )


def _goal(tuned: Tuned, n: int) -> Iterator[str]:
    expression, of = tuned.goals[n].measure.expression, _of_cases(tuned, is_goal=True)
    name = f"{fmt.capital(of)}, {expression}" if of else expression
    each = " in each case" if tuned.cases else ""
    yield f"{name}: {fmt.estimate(tuned.chosen.goals[n])}, on {tuned.held_out:,} held-out replications{each}."
    yield (
        f"  Untuned it is {fmt.estimate(tuned.untuned.goals[n])}: the tuning changes it by"
        f" {fmt.difference(tuned.gains[n])}."
    )
    before = tuned.goals[n].measure.of(Estimate(value=tuned.chosen.tuned[n]))
    yield f"  In the tuning it was {fmt.value(before)}: optimism {fmt.difference(tuned.optimism[n])}."


def _worst(tuned: Tuned) -> Iterator[str]:
    """Yield in which case the policy does worst, where it is worse than untuned, and where limits fail."""
    for n, goal in enumerate(tuned.goals):
        known = [case for case in tuned.in_cases if case.tuned[n].value is not None]
        if known:
            worst = max(known, key=lambda case: goal.sign * (case.tuned[n].value or 0.0))
            yield (
                f"It does worst with {worst.case}: {goal.measure.expression} {fmt.estimate(worst.tuned[n])}."
            )
        where = f" in {goal.measure.expression}" if len(tuned.goals) > 1 else ""
        harmed = [case.case for case in tuned.in_cases if _is_worse(case.gains[n], goal.sign)]
        if harmed:
            yield f"It is surely worse than the untuned policy{where} with {fmt.listed(harmed)}."
    for n, limit in enumerate(tuned.limits):
        failing = [case.case for case in tuned.in_cases if case.kept[n] == "no"]
        if failing:
            yield f"It does not keep {limit.expression} with {fmt.listed(failing)}."


def _is_worse(gain: Estimate, sign: float) -> bool:
    ends = [end for end in (gain.low, gain.high) if end is not None]
    return len(ends) == 2 and all(sign * end > 0 for end in ends)


# ---- tables


def finalists(tuned: Tuned) -> Table:
    """Return the policies of the final choice, the untuned one first."""
    limits = [name.replace("<=", "≤").replace(">=", "≥") for name in limit_names(tuned)]
    if limits:
        limits.append("kept")
    headings = ("Finalists", *short_names(tuned.levers), *goal_names(tuned), *limits, "")
    rows = [_cells(tuned, finalist) for finalist in (tuned.untuned, *tuned.finalists)]
    note = (
        f"All on the same {tuned.held_out:,} held-out replications; {MARK} is {tuned.file}, chosen on other"
        " replications than these: so it need not be the best row."
    )
    if tuned.cases:
        goals, limited = _of_cases(tuned, is_goal=True), _of_cases(tuned, is_goal=False)
        parts = f"Goals: {goals}; limits: {limited}" if goals != limited else f"Goals and limits: {goals}"
        note += f" {parts if tuned.limits else f'Goals: {goals}'}."
    return Table("Finalists", headings, rows, frozenset(range(1, len(headings) - 1)), note)


def _cells(tuned: Tuned, finalist: Finalist) -> tuple[str, ...]:
    is_beaten = len(tuned.goals) > 1 and tuned.beaten(finalist)
    marks = [*([MARK] if finalist == tuned.chosen else []), *(["beaten"] if is_beaten else [])]
    return (
        policy_name(finalist), *(fmt.setting(finalist.point.get(lever.path)) for lever in tuned.levers),
        *map(fmt.estimate, (*finalist.goals, *finalist.limits)),
        *((keeps(finalist),) if tuned.limits else ()), " ".join(marks),
    )  # fmt: skip


def keeps(finalist: Finalist) -> str:
    """Return whether a policy keeps all limits: the worst of the verdicts."""
    return "no" if "no" in finalist.kept else "unsure" if "unsure" in finalist.kept else "yes"


def cases(tuned: Tuned) -> Table:
    """Return how the chosen and the untuned policy do in each case."""
    several = len(tuned.goals) > 1
    rows: list[tuple[str, ...]] = []
    for n, goal in enumerate(tuned.goals if tuned.in_cases else ()):
        rows += [(goal.measure.expression,)] if several else []
        rows += [
            (
                f"{'  ' if several else ''}{case.case}", fmt.estimate(case.untuned[n]),
                fmt.estimate(case.tuned[n]), fmt.difference(case.gains[n], ""),
                ", ".join(VERDICTS[verdict] for verdict in case.kept),
            )
            for case in tuned.in_cases
        ]  # fmt: skip
    first = "Against" if several else f"Against: {tuned.goals[0].measure.expression}"
    headings: tuple[str, ...] = (first, "untuned", "tuned", "difference", "limits")
    if not tuned.limits:
        headings, rows = headings[:-1], [row[:4] for row in rows]
    return Table("Case by case", headings, rows, frozenset({1, 2, 3}))


def importance(tuned: Tuned) -> Table:
    """Return how much each lever matters for being among the best trials."""
    rows = [
        (name, *("" if share is None else fmt.percent(share) for share in importance.shares))
        for name, importance in zip(short_names(tuned.levers), tuned.importance, strict=True)
        if any(share is not None for share in importance.shares)
    ]
    note = "Shares in whether a trial is among the best tenth (PED-ANOVA)."
    headings = ("Importance of levers", *goal_names(tuned))
    return Table("Importance of levers", headings, rows, frozenset(range(1, len(headings))), note)


def deviations(tuned: Tuned) -> Table:
    """Return what it does to set one lever otherwise than the chosen policy."""
    paths = [lever.path for lever in tuned.levers]
    names = dict(zip(paths, short_names(tuned.levers), strict=True))
    broken = ("limits missed",) if tuned.limits else ()
    headings = ("To deviate", "from", "to", *goal_names(tuned), *broken)
    rows = [_deviation(tuned, names[deviation.lever], deviation) for deviation in tuned.deviations]
    note = "The other levers as chosen; differences from the chosen policy in the same replications."
    return Table("What it costs to deviate", headings, rows, frozenset(range(1, 3 + len(tuned.goals))), note)


def _deviation(tuned: Tuned, name: str, deviation: Deviation) -> tuple[str, ...]:
    broken = (", ".join(deviation.broken) or "none",) if tuned.limits else ()
    before, after = fmt.setting(tuned.chosen.point[deviation.lever]), fmt.setting(deviation.value)
    return (name, before, after, *map(fmt.difference, deviation.changes), *broken)


def compared(tuned: Tuned) -> Table:
    """Return how the scenario's outcomes differ under the tuned policy, as `compare` has it."""
    rows = [
        (
            _label(change), fmt.value(change.untuned, tuned.scenario.start),
            fmt.value(change.tuned, tuned.scenario.start), fmt.difference(change.difference),
            "yes" if change.is_sure else "no",
        )
        for change in tuned.compared
    ]  # fmt: skip
    note = "Paired in the same replications, p-values adjusted (Holm)."
    if any(change.difference.unit == DATE for change in tuned.compared):
        note += " An average day counts what never comes as the last day."
    headings = ("Compared with the untuned policy", "untuned", "tuned", "difference", "sure")
    return Table("Compared with the untuned policy", headings, rows, frozenset({1, 2, 3}), note)


def _label(change: OutcomeChange) -> str:
    more = {"restricted_mean": ", average day", "R": " (R)"}.get(change.measure, "")
    return f"{fmt.capital(change.label)}{more}"
