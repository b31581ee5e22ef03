"""A summary as people read it: two sentences, what was asked with its answers, one screen of evidence."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace

from escalation.present import format as fmt
from escalation.present.flywheel import (
    check_sentence,
    flywheel_tables,
    rival_sentence,
    window,
)
from escalation.present.flywheel import sentence as verdict
from escalation.present.outcomes import (
    ACTS,
    COST_NOTE,
    actor_of,
    acts_note,
    acts_row,
    again,
    assumptions_line,
    bands,
    chance,
    dates_of,
    dyad,
    instrument_of,
    is_dated,
    open_range,
    relation,
    rows,
    rung_name,
    sections,
    used_before,
    when_table,
)
from escalation.present.page import Lines, Page, Table, result_page, section
from escalation.scenario.expression import ANSWERS, R
from escalation.study.flywheel.model import DOES_NOT
from escalation.study.summary import AnswerPart, ObjectivePart, OutcomePart, Summary
from escalation.study.values import SHARE

__all__ = ["page", "rows"]

ACTORS, LIKELY, OPEN_FIRSTS = 8, 2, 3
"""Rows at most of what each did, of likely first uses and of open ones."""
OPEN = 0.05
"""A first use is open where its share of futures, and that of its absence, is at least this."""
LEAST_RUNAWAY = 0.05
"""Share of futures from which on it is said at the top that tension ran away."""
FAILURES_SHOWN = 3
ASKED = ("What was asked", "answer", "half of futures", "over assumptions")
BRIEFLY = {
    "acts": "hostile acts", "days": "package days", "peak_rung": "top rung",
    "cost": "cost of its own measures", "listed": "names listed", "mean_pressure": "mean pressure on it",
}  # fmt: skip
"""Whose an outcome is and what it measures, where its label is long."""
FUTURES = "of futures"
UNKNOWN_ANSWER = "cannot be told"
SCALES = {
    "harm": "Harm: 1 is a measure of harm 1 in force against a target wholly exposed to its sender.",
    "grievance": "Grievance: what is felt for acts and shocks, in severities of acts, fading with time.",
    "cost years": COST_NOTE,
}
"""What one of a unit of the model's own is."""


def page(summary: Summary, full: bool = False) -> Page:
    """Return what fits on a screen, or with `full` every table."""
    first = section("", Lines((*above(summary), summary.scenario.question)))
    evidence_ = [Lines(tuple(statistics(summary))), *tables(summary)] if full else evidence(summary)
    parts = [answer_table(summary), *evidence_]
    rest = result_page(summary.scenario.title, opening(summary), parts, closing(summary, full))
    return Page(rest.title, (first, *rest.sections))


def tables(summary: Summary) -> list[Table]:
    """Return every table that holds anything."""
    about = summary.scenario
    return [*sections(summary), *flywheel_tables(summary.flywheel, about.start, about.simulate_from)]


# ---- sentences


def above(summary: Summary) -> list[str]:
    """Return the lines between title and question: that the run was interrupted, and what was changed."""
    return [
        *([_interrupted(summary)] if _is_interrupted(summary) else []),
        *fmt.changed(summary.overrides),
    ]


def _is_interrupted(summary: Summary) -> bool:
    return summary.run is not None and summary.run.status == "interrupted"


def _interrupted(summary: Summary) -> str:
    counts = summary.replications
    return f"Interrupted: {counts.finished:,} of {fmt.plural(counts.asked, 'replication')} finished."


def opening(summary: Summary) -> list[str]:
    """Return the first sentences: the first answer, the flywheel's verdict, objectives, and what ran away."""
    first = [lead(part, summary) for part in summary.answers if part.expression != R][:1]
    flywheel = [verdict(summary.flywheel)] if summary.flywheel else []
    return [*first, *flywheel, *map(objective, summary.objectives), *_ran_away_too(summary)]


def lead(answer: AnswerPart, summary: Summary) -> str:
    """Return one answer as a sentence."""
    of = summary.figures.get(answer.outcome)
    name, came_to, half = answer_row(answer, summary)
    if answer.estimate.unit != SHARE or (of and answer.by is None and used_before(summary, of)):
        return f"{name}: {came_to}" + (f"; half of futures: {half}." if half else ".")
    return f"{name} in {came_to} {FUTURES}" + (f", half of them {half}." if half else ".")


def statistics(summary: Summary) -> Iterator[str]:
    """Yield how far the flywheel's figures are to be trusted: what tests them, and what rivals them."""
    flywheel = summary.flywheel
    if flywheel and flywheel.counted.R.value:
        yield check_sentence(summary.scenario.name)
    if flywheel and flywheel.rival and flywheel.rival.unanswering.value is not None:
        yield rival_sentence(flywheel)


def what(of: OutcomePart, summary: Summary) -> str:
    """Return what an outcome is of, as a sentence begins: `European Union: head of state listed`."""
    if of.measure == "first":
        return f"{actor_of(summary, of)}: {instrument_of(summary, of)}"
    return dyad(summary, of) if of.measure == "relation" else fmt.capital(of.label)


def runaway(of: OutcomePart, summary: Summary) -> str:
    """Return in how many futures tension ran away, as a sentence."""
    assert of.probability
    known = f"{fmt.estimate(of.probability)} {FUTURES}"
    if summary.runaway is None:
        return f"{fmt.capital(of.label)}: {known}."
    return f"Tension passed {fmt.number(summary.runaway)} at some time in {known} (a runaway)."


def objective(of: ObjectivePart) -> str:
    """Return what an objective came to, and whether its limit is kept."""
    verdict = {True: ", kept", False: ", not kept", None: ""}[of.holds]
    came_to = UNKNOWN_ANSWER if of.estimate.value is None else f"{fmt.estimate(of.estimate)}{verdict}"
    return f"{of.name}: {of.expression}: {came_to}."


def _ran_away_too(summary: Summary) -> list[str]:
    """Return how often tension ran away, where that is not rarely and no answer says it."""
    runaways = [of for of in summary.outcomes if of.measure == "runaway" and of.name not in summary.answer]
    if not runaways or chance(runaways[0]) < LEAST_RUNAWAY:
        return []
    said, flywheel = runaway(runaways[0], summary), summary.flywheel
    if flywheel is None or flywheel.counted.verdict != DOES_NOT:
        return [said]
    return [f"{said.removesuffix('.')}; shocks take it there too, and so it can where nothing feeds itself."]


# ---- what was asked


def answer_table(summary: Summary) -> Table:
    """Return a row for each part of the question that an outcome answers."""
    rows: list[tuple[str, ...]] = []
    for before, part in zip((None, *summary.answers), summary.answers, strict=False):
        name, *rest = (*answer_row(part, summary), _open_range(part, summary))
        if part.by and before and before.outcome == part.outcome:
            name = f"  by {fmt.day(part.by)}"
        rows.append((name, *rest))
    note = " ".join(dict.fromkeys(text for part in summary.answers if (text := _scale(part, summary))))
    return Table("", ASKED, rows, frozenset({1}), note).without_empty()


def _scale(answer: AnswerPart, summary: Summary) -> str:
    """Return what one of an answer's unit is, where that is not plain."""
    of = summary.figures.get(answer.outcome)
    if of is None:
        return f"Attributed acts are those within {window(summary.flywheel)}." if summary.flywheel else ""
    if of.measure == "peak_rung" and of.band_50:
        ends = dict.fromkeys((int(of.band_50.low), int(of.band_50.high)))
        names = [f"rung {rung} {rung_name(summary, of.actor, rung)}" for rung in ends]
        return f"{actor_of(summary, of)}: {', '.join(names)}."
    return "" if of.probability else SCALES.get(of.unit, "")


def _open_range(answer: AnswerPart, summary: Summary) -> str:
    """Return where the assumptions put a mean or a probability over the whole time; empty where unknown."""
    assumptions = answer.function in ("mean", "prob") and answer.by is None and summary.assumptions
    ends = assumptions.ranges.get(answer.outcome) if assumptions else None
    return open_range((ends.low, ends.high), answer.function == "prob") if ends else ""


def answer_row(answer: AnswerPart, summary: Summary) -> tuple[str, str, str]:
    """Return what was asked, what it came to, and where half of the futures lie."""
    name, of = asked(answer, summary), summary.figures.get(answer.outcome)
    if answer.estimate.value is None:
        return name, UNKNOWN_ANSWER, ""
    came_to = fmt.estimate(answer.estimate)
    if of is None:
        return name, f"{came_to} acts", ""
    if of.measure == "relation" and answer.function == "mean":
        return name, relation(of, summary), ""
    if answer.by is None and (before := used_before(summary, of)):
        return name, before, ""
    if answer.estimate.unit == SHARE:
        dated = answer.by is None and of.band_50 is not None and is_dated(of)
        return name, came_to, dates_of(of.band_50, summary) if dated and of.band_50 else ""
    unit = f"of {fmt.number(summary.top_rung)}" if of.measure == "peak_rung" and summary.top_rung else of.unit
    half = bands(of)[0] if answer.function == "mean" else ""
    return name, f"{came_to} {unit}", half


def asked(answer: AnswerPart, summary: Summary) -> str:
    """Return what an answer measures, in few words."""
    of = summary.figures.get(answer.outcome)
    if of is None:
        return _attributed(answer, summary)
    if of.measure == "runaway" and summary.runaway is not None:
        said = f"Tension above {fmt.number(summary.runaway)} at some time"
    elif of.measure in BRIEFLY:
        said = f"{dyad(summary, of) if of.target else actor_of(summary, of)}: {BRIEFLY[of.measure]}"
    else:
        said = f"{what(of, summary)}{again(summary, of)}"
    if answer.by:
        return f"{said} by {fmt.day(answer.by)}"
    return said if answer.function in ("mean", "prob") else f"{said}: {answer.expression}"


def _attributed(answer: AnswerPart, summary: Summary) -> str:
    """Return what an answer measures that is the flywheel's: R, or the answers of one actor to another."""
    actor, _, target = answer.outcome.removeprefix(ANSWERS).partition(".")
    if answer.outcome != R:
        of = f" of {summary.actors[target]}" if target else " against it"
        said = f"{fmt.capital(summary.actors[actor])}: answers to each act{of}"
    else:
        said = "Flywheel: further acts to each act"
    return f"{said}{f': {answer.expression}' if answer.function else ''}"


def closing(summary: Summary, full: bool = False) -> list[str]:
    """Return the last lines: what failed or was cut off, how long it took, where it is, how to see all."""
    counts, about, run = summary.replications, summary.scenario, summary.run
    lines = [_interrupted(summary)] if _is_interrupted(summary) else []
    lines += [precision_line(summary)] if summary.precision else []
    lines += [assumptions_line(summary.assumptions)] if summary.assumptions else []
    lines += fmt.failed(counts.failed)
    if counts.failed:
        shown = summary.failures[:FAILURES_SHOWN]
        lines += [
            f"  replication {failure.replication}: {failure.message.split(chr(10), 1)[0]}"
            for failure in shown
        ]
        lines += [f"  {more}"] if (more := fmt.and_more(len(summary.failures) - FAILURES_SHOWN)) else []
    lines += fmt.truncated(counts.truncated, "of acts or events and stopped there; the figures include them.")
    lines.append(
        f"{fmt.plural(counts.finished, 'replication')}, seed {summary.seed}, "
        f"{fmt.day(about.simulate_from)} to {fmt.day(about.end)}{fmt.took(run)}."
    )
    lines += fmt.saved(run)
    if run and run.folder and not full:
        lines.append(f"All of it: escalation summary {shlex.quote(str(run.folder))} --full")
    return lines


def precision_line(summary: Summary) -> str:
    """Return how a run with a wanted precision came to its end."""
    of = summary.precision
    assert of is not None
    known = f"known to ±{of.reached:.3g}" if of.reached is not None else "not known"
    few = ", but too few or too skewed replications to trust that" if of.too_few else ""
    ended = {
        "precision": "Stopped by the precision",
        "limit": f"Stopped by the limit of {of.limit:,} replications",
        "interrupt": "Stopped before the precision was reached",
    }[of.stopped_by]
    return f"{ended}: {of.outcome} is {known}{few} (95%), ±{of.half_width:g} was asked for."


# ---- one screen


def evidence(summary: Summary) -> list[Table]:
    """Return the few tables that say most: at most some twenty lines with their headings."""
    tables = [_busiest(summary), _first_uses(summary)]
    return [table for table in tables if table.rows]


def _busiest(summary: Summary) -> Table:
    """Return one row for each actor that does anything; where they are many, for the most active."""
    means = {of.actor: of.mean.value or 0.0 for of in summary.outcomes if of.measure == "acts" and of.mean}
    busy = [actor for actor in summary.actors if means.get(actor, 0.0) > 0]
    most = sorted(busy, key=lambda actor: -means[actor])[:ACTORS]
    rows = [
        (fmt.capital(summary.actors[actor]), *acts_row(summary, actor)) for actor in busy if actor in most
    ]
    left = len(busy) - len(most)
    more = f" {fmt.plural(left, 'less active actor')} not shown." if left else ""
    note = f"{acts_note(summary)}{more}"
    return Table("What each does", ACTS, rows, frozenset(range(1, 7)), note).without_empty()


def _first_uses(summary: Summary) -> Table:
    """Return first uses that no answer is of: the likeliest, and those nearest to even odds."""
    if not summary.dates:
        return Table("", (), ())
    firsts = [
        of
        for of in summary.outcomes
        if of.measure == "first" and of.name not in summary.answer and chance(of) >= OPEN
    ]
    likely = sorted((of for of in firsts if chance(of) > 1 - OPEN), key=lambda of: -chance(of))[:LIKELY]
    open_ = sorted((of for of in firsts if chance(of) <= 1 - OPEN), key=lambda of: abs(chance(of) - 0.5))
    shown = [*likely, *sorted(open_[:OPEN_FIRSTS], key=lambda of: -chance(of))]
    table = when_table(summary, shown, columns=2)
    headings = ("First uses, likely and open", *(f"by {heading}" for heading in table.headings[1:]))
    note = fmt.and_more(len(firsts) - len(table.rows))
    return replace(table, title=headings[0], headings=headings, note=note)
