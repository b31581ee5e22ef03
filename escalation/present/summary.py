"""A summary as people read it: answers in sentences, one screen of evidence, every table, rows of values."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from escalation.errors import nearest
from escalation.present.flywheel import (
    check_sentence,
    flywheel_tables,
    flywheel_values,
    rival_sentence,
)  # fmt: skip
from escalation.present.flywheel import (
    sentence as verdict,
)
from escalation.present.format import (
    and_more,
    band,
    capital,
    day,
    day_of,
    days,
    duration,
    estimate,
    number,
    percent,
    plural,
    value,
)  # fmt: skip
from escalation.present.page import Page, Table, result_page
from escalation.present.sensitivity import assumptions_line, left_open
from escalation.study.flywheel.model import DOES_NOT
from escalation.study.summary import ObjectivePart, OutcomePart, Summary
from escalation.study.values import Band, Estimate

if TYPE_CHECKING:
    import duckdb

ACTORS, FIRSTS, RELATIONS = 8, 4, 4
"""Rows at most of what each did, of first uses, and of relations, on one screen."""
OPEN = 0.05
"""A first use is open where its share of runs, and that of its absence, is at least this."""
FULL = "0"
"""Full relations, as the shares of an outcome name them."""
FEWEST_DATED, LEAST_DATED = 5, 0.01
"""Runs, and their share, that must have had an event before its dates are shown."""
LEAST_RUNAWAY = 0.05
"""Share of runs from which on it is said at the top that tension ran away."""
FAILURES_SHOWN = 3
AMOUNT = ("mean", "50%", "95%")
ACTS = ("Acts and package days", "acts", "50%", "95%", "days", "50%", "95%")
ACTS_NOTE = (
    "Totals: hostile acts, excluding words and threats; a package day is a day with at least one such act."
)
MEANS_NOTE = "Mean ± half of its 95% interval; where 50% and 95% of runs lie."
FIRSTS_NOTE = "Dates: of the runs in which it happened, where these are not very few; half by [95% interval]."
LEVELS = frozenset(
    {"tension", "end_tension", "peak_tension", "cost", "listed", "end_pressure", "mean_pressure"}
)
"""What the table of levels holds; pressure on single dates is in the file alone."""
SAID = ("concession", "truncated")
"""Probabilities that stand in another table, or below them."""
ELSEWHERE = (
    frozenset({"acts", "family_acts", "days", "family_days", "peak_rung", "relation", "pressure"}) | LEVELS
)


def page(summary: Summary, full: bool = False) -> Page:
    """Return what fits on a screen, or with `full` every table."""
    opening_lines = [*above(summary), summary.scenario.question, *opening(summary)]
    parts = tables(summary) if full else evidence(summary)
    return result_page(summary.scenario.title, opening_lines, parts, closing(summary, full))


def tables(summary: Summary) -> list[Table]:
    """Return every table that holds anything."""
    about = summary.scenario
    return [*sections(summary), *flywheel_tables(summary.flywheel, about.start, about.simulate_from)]


# ---- sentences


def above(summary: Summary) -> list[str]:
    """Return the lines between title and question: that the run was interrupted, and what was changed."""
    return [
        *([_interrupted(summary)] if _is_interrupted(summary) else []),
        *([f"With: {', '.join(summary.overrides)}"] if summary.overrides else []),
    ]


def _is_interrupted(summary: Summary) -> bool:
    return summary.run is not None and summary.run.status == "interrupted"


def _interrupted(summary: Summary) -> str:
    counts = summary.replications
    return f"Interrupted: {counts.finished:,} of {plural(counts.asked, 'replication')} finished."


def opening(summary: Summary) -> list[str]:
    """Return the lines after the question: its answers and objectives, the flywheel, and what ran away."""
    wheel, lines = summary.flywheel, [*answers(summary), *map(objective, summary.objectives)]
    if wheel:
        lines.append(verdict(wheel))
        if wheel.counted.R.value:
            lines.append(check_sentence(summary.scenario.name))
        if wheel.rival and wheel.rival.unanswering.value is not None:
            lines.append(rival_sentence(wheel))
    return lines + _ran_away_too(summary)


def answers(summary: Summary) -> list[str]:
    """Return a sentence for each outcome that answers the scenario's question, in its order."""
    return [
        sentence(summary.figures[name], summary)
        if name in summary.figures
        else f"{name}: there is no such outcome{_suggestion(name, summary)}"
        for name in summary.answer
    ]


def objective(of: ObjectivePart) -> str:
    """Return what an objective came to, and whether its limit is kept."""
    kept = {True: ", kept", False: ", not kept", None: ""}[of.holds]
    came_to = "cannot be told" if of.estimate.value is None else f"{estimate(of.estimate)}{kept}"
    return f"{of.name}: {of.expression}: {came_to}."


def sentence(of: OutcomePart, summary: Summary) -> str:
    """Return what came out for one outcome, as a sentence that starts with its label."""
    if of.measure == "runaway" and of.probability and summary.runaway is not None:
        limit = number(summary.runaway)
        chance = f"{estimate(of.probability)} of runs{_left_open(of, summary)}"
        return f"Tension passed {limit} at some time in {chance} (a runaway)."
    came, further = came_to(of, summary)
    follows = of.probability is not None or _left_open(of, summary)
    rest = f"; {further}" if follows else f" ({further})"
    return f"{capital(of.label)}{again(summary, of)}: {came}{rest if further else ''}."


def came_to(of: OutcomePart, summary: Summary) -> tuple[str, str]:
    """Return what an outcome came to, and what else is known of it: when it happens, where runs lie."""
    if of.n == 0:
        return "no replication to tell from", ""
    if of.kind == "date" and (before := used_before(summary, of)):
        return f"had happened {before}", ""
    if of.probability is not None:
        when = ""
        if of.median is not None and of.band_50 is not None and is_dated(of):
            start = summary.scenario.start
            when = f"if so, half by {estimate(of.median, start)} (50%: {_dates(of.band_50, summary)})"
        return f"{estimate(of.probability)}{_left_open(of, summary)}", when
    if of.measure == "relation":
        return relation(of, summary), ""
    assert of.mean is not None
    middle, wide = bands(of)
    left, runs = _left_open(of, summary), f"50%: {middle}, 95%: {wide}"
    further = f"runs {runs}" if left else runs
    return f"{estimate(of.mean)}{left}", further if middle and wide else ""


def _left_open(of: OutcomePart, summary: Summary) -> str:
    ends = summary.assumptions.ranges.get(of.name) if summary.assumptions else None
    return left_open((ends.low, ends.high), of.probability is not None) if ends else ""


def used_before(summary: Summary, of: OutcomePart) -> str:
    """Return `before 3 Oct 2020` for what was used before the simulation and not in it; else nothing."""
    before = of.name in summary.used_before and not (of.probability and of.probability.value)
    return f"before {day(summary.scenario.simulate_from)}" if before else ""


def again(summary: Summary, of: OutcomePart) -> str:
    """Return what is added to the first simulated use of what had been used before; else nothing."""
    return ", again" if of.name in summary.used_before and of.probability and of.probability.value else ""


def bands(of: OutcomePart) -> tuple[str, str]:
    """Return where 50% and 95% of runs lie; names are counted in whole ones. Empty for a single run."""
    if of.n < 2 or of.band_50 is None or of.band_95 is None:
        return "", ""
    whole = of.measure == "listed"
    return band((of.band_50.low, of.band_50.high), whole), band((of.band_95.low, of.band_95.high), whole)


def is_dated(of: OutcomePart) -> bool:
    """Return whether so many runs had an event that its dates say something."""
    share = _chance(of)
    return share >= LEAST_DATED and round(share * of.n) >= FEWEST_DATED


def _chance(of: OutcomePart) -> float:
    return (of.probability.value or 0.0) if of.probability else 0.0


def _ran_away_too(summary: Summary) -> list[str]:
    """Return a sentence on runs in which tension ran away, where they are not few and no answer says it."""
    found = [of for of in summary.outcomes if of.measure == "runaway" and of.name not in summary.answer]
    if not found or _chance(found[0]) < LEAST_RUNAWAY:
        return []
    said, wheel = sentence(found[0], summary), summary.flywheel
    if wheel is None or wheel.counted.verdict != DOES_NOT:
        return [said]
    return [f"{said.removesuffix('.')}; shocks take it there too, and so it can where nothing feeds itself."]


def relation(of: OutcomePart, summary: Summary) -> str:
    """Return how often each diplomatic relation was the last one, the most frequent first."""
    shares = sorted((of.shares or {}).items(), key=lambda item: -item[1])
    named = [(summary.relations[int(float(rank))].replace("_", " "), share) for rank, share in shares]
    return ", ".join(f"{name} {percent(share)}" for name, share in named)


def _dates(of: Band, summary: Summary) -> str:
    return days(*(day_of(end, summary.scenario.start) for end in (of.low, of.high)))


def _suggestion(name: str, summary: Summary) -> str:
    near = nearest(name, tuple(summary.figures))
    return f" (did you mean {near}?)" if near else ""


def closing(summary: Summary, full: bool = False) -> list[str]:
    """Return the last lines: what failed or was cut off, how long it took, where it is, how to see all."""
    counts, about, run = summary.replications, summary.scenario, summary.run
    lines = [_interrupted(summary)] if _is_interrupted(summary) else []
    lines += [precision_line(summary)] if summary.precision else []
    lines += [assumptions_line(summary.assumptions)] if summary.assumptions else []
    if counts.failed:
        lines.append(f"Failed: {plural(counts.failed, 'replication')}, left out of all figures.")
        shown = summary.failures[:FAILURES_SHOWN]
        lines += [f"  replication {one.replication}: {one.message.split(chr(10), 1)[0]}" for one in shown]
        lines += [f"  {more}"] if (more := and_more(len(summary.failures) - FAILURES_SHOWN)) else []
    if counts.truncated:
        lines.append(
            f"Truncated: {plural(counts.truncated, 'replication')} hit a limit of acts or events "
            "and stopped there; the figures include them."
        )
    took = f", in {duration(run.seconds)}" if run else ""
    lines.append(
        f"{plural(counts.finished, 'replication')}, seed {summary.seed}, "
        f"{day(about.simulate_from)} to {day(about.end)}{took}."
    )
    if run and run.folder:
        lines.append(f"Saved in {run.folder}")
        if not full:
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
    found = [_busiest(summary), _most_uncertain(summary), _least_full(summary)]
    return [table for table in found if table.rows]


def _busiest(summary: Summary) -> Table:
    """Return one row for each actor that does anything; where they are many, for the most active."""
    means = {of.actor: _mean(of) for of in summary.outcomes if of.measure == "acts"}
    busy = [actor for actor in summary.actors if means.get(actor, 0.0) > 0]
    most = sorted(busy, key=lambda actor: -means[actor])[:ACTORS]
    rows = [(capital(summary.actors[actor]), *_acts_row(summary, actor)) for actor in busy if actor in most]
    left = len(busy) - len(most)
    more = f" {plural(left, 'less active actor')} not shown." if left else ""
    note = f"{acts_note(summary)}{more}"
    return Table("What each does", ACTS, rows, frozenset(range(1, 7)), note).without_empty()


def _mean(of: OutcomePart) -> float:
    return (of.mean.value or 0.0) if of.mean else 0.0


def _most_uncertain(summary: Summary) -> Table:
    """Return the first uses that are neither rare nor near certain, those nearest to even odds."""
    open_ = [
        of
        for of in summary.outcomes
        if of.measure == "first" and of.name not in summary.answer and OPEN <= _chance(of) <= 1 - OPEN
    ]
    nearest_ = sorted(open_, key=lambda of: abs(_chance(of) - 0.5))[:FIRSTS]
    rows = [
        (
            f"{_actor(summary, of)}: {_instrument(summary, of)}{again(summary, of)}",
            estimate(of.probability) if of.probability else "",
            value(of.median, summary.scenario.start) if of.median and is_dated(of) else "",
        )
        for of in sorted(nearest_, key=lambda of: -_chance(of))
    ]
    headings = ("Most uncertain first uses", "probability", "if so, half by")
    return Table(headings[0], headings, rows, frozenset({1, 2}), and_more(len(open_) - FIRSTS))


def _actor(summary: Summary, of: OutcomePart) -> str:
    return capital(summary.actors.get(of.actor, of.actor))


def _instrument(summary: Summary, of: OutcomePart) -> str:
    return summary.instruments.get(of.instrument, of.instrument)


def _least_full(summary: Summary) -> Table:
    """Return the relations that are not full in most runs, the least full first."""
    changed = [of for of in summary.outcomes if of.measure == "relation" and of.shares and _full(of) < 0.5]
    least = sorted(changed, key=_full)
    rows = [(dyad(summary, of), relation(of, summary)) for of in least[:RELATIONS]]
    headings = ("Relations no longer full", "at the end, share of runs")
    return Table(headings[0], headings, rows, note=and_more(len(least) - RELATIONS))


def _full(of: OutcomePart) -> float:
    return (of.shares or {}).get(FULL, 0.0)


# ---- every table


def sections(summary: Summary) -> list[Table]:
    """Return the tables of outcomes that hold anything: not what is 0, nor pressure by date."""
    shown = [of for of in summary.outcomes if _speaks(of)]

    def of(wanted: Callable[[OutcomePart], bool]) -> list[OutcomePart]:
        return [one for one in shown if wanted(one)]

    found = [
        _acts(summary, shown),
        _firsts(summary, of(lambda one: one.kind == "date")),
        _chances(summary, of(lambda one: one.kind == "probability" and one.measure not in SAID)),
        _amounts(
            _limited("Highest rung reached", "of", summary.top_rung), summary,
            of(lambda one: one.measure == "peak_rung"),
        ),
        _relations(summary, of(lambda one: one.measure == "relation")),
        _amounts(
            "Tension, pressure and cost", summary, of(lambda one: one.measure in LEVELS),
            _limited("Tension: all grievances added up", "runaway above", summary.runaway) + ".",
        ),
        _amounts(
            "Other outcomes", summary,
            of(lambda one: one.kind not in ("date", "probability") and one.measure not in ELSEWHERE),
        ),
    ]  # fmt: skip
    return [table for table in found if table.rows]


def _speaks(of: OutcomePart) -> bool:
    if of.target and of.actor == of.target:
        return False
    if of.probability is not None:
        return _chance(of) > 0 or of.measure != "first_concession"
    return of.mean is not None and not (of.mean.value == 0 and of.mean.error in (0, None))


def _acts(summary: Summary, shown: Sequence[OutcomePart]) -> Table:
    rows: list[tuple[str, ...]] = []
    for actor, label in summary.actors.items():
        families = dict.fromkeys(
            of.family for of in shown if of.actor == actor and of.measure in ("family_acts", "family_days")
        )
        total = _acts_row(summary, actor)
        below = [(f"  {family}", *_acts_row(summary, actor, family)) for family in families]
        rows += [(capital(label), *total), *below] if below or any(total) else []
    return Table("What each does", ACTS, rows, frozenset(range(1, 7)), acts_note(summary)).without_empty()


def acts_note(summary: Summary) -> str:
    """Return how to read acts and package days; of a single run there are neither means nor bands."""
    counts = summary.replications
    if counts.finished - counts.failed < 2:
        return ACTS_NOTE
    return f"{MEANS_NOTE} {ACTS_NOTE}"


def _acts_row(summary: Summary, actor: str, family: str = "") -> tuple[str, ...]:
    """Return acts and package days of an actor, of one family or in all: mean, 50% and 95% of each."""
    names = (f"{form}.{actor}{'.' * bool(family)}{family}" for form in ("acts", "package_days"))
    return tuple(cell for name in names for cell in _amount(summary.figures.get(name)))


def _amount(of: OutcomePart | None) -> tuple[str, str, str]:
    if of is None or of.mean is None or not _speaks(of):
        return "", "", ""
    return (estimate(of.mean), *bands(of))


def _firsts(summary: Summary, outcomes: Iterable[OutcomePart]) -> Table:
    rows: list[tuple[str, ...]] = []
    order, previous = list(summary.actors), None
    for of in sorted(outcomes, key=lambda of: order.index(of.actor) if of.actor in order else -1):
        if of.actor != previous:
            rows.append((_actor(summary, of),))
            previous = of.actor
        label = "a concession" if of.measure == "first_concession" else _instrument(summary, of)
        said = used_before(summary, of) or (estimate(of.probability) if of.probability else "")
        dates: tuple[str, ...] = ()
        if of.median is not None and of.band_50 is not None and is_dated(of):
            dates = estimate(of.median, summary.scenario.start), _dates(of.band_50, summary)
        rows.append((f"  {label}{again(summary, of)}", said, *dates))
    headings = ("First use", "probability", "half by", "half of the dates")
    note = FIRSTS_NOTE if any(len(row) > 2 for row in rows) else ""
    return Table("What comes first, and when", headings, rows, frozenset({1, 2, 3}), note)


def _limited(text: str, word: str, limit: float | None) -> str:
    """Return `Highest rung reached, of 10`."""
    return text if limit is None else f"{text}, {word} {number(limit)}"


def _chances(summary: Summary, outcomes: Iterable[OutcomePart]) -> Table:
    rows = [(_likely(summary, of), estimate(of.probability)) for of in outcomes if of.probability]
    return Table("How likely", ("How likely", "probability"), rows, frozenset({1}))


def _likely(summary: Summary, of: OutcomePart) -> str:
    if of.measure == "runaway" and summary.runaway is not None:
        return f"A runaway: tension passed {number(summary.runaway)} at some time"
    return capital(of.label)


def _relations(summary: Summary, outcomes: Iterable[OutcomePart]) -> Table:
    rows = [(dyad(summary, of), relation(of, summary)) for of in outcomes if of.shares]
    headings = ("Relations at the end", "share of runs")
    return Table(headings[0], headings, rows, note="All other relations stay full in every run.")


def _amounts(title: str, summary: Summary, outcomes: Iterable[OutcomePart], note: str = "") -> Table:
    rows = [(dyad(summary, of) if of.target else capital(of.label), *_amount(of)) for of in outcomes]
    return Table(title, (title, *AMOUNT), rows, frozenset({1, 2, 3}), note).without_empty()


def dyad(summary: Summary, of: OutcomePart) -> str:
    """Return who towards whom an outcome is about: `Poland towards Belarus`."""
    sender, target = (summary.actors.get(name, name) for name in (of.actor, of.target))
    return f"{capital(sender)} towards {target}"


# ---- rows of values

TEXTS = ("outcome", "label", "kind", "unit")
WHOLE = {"n": "BIGINT", "too_few": "BIGINT"}
NUMBERS = (
    *("n", "mean", "mean_low", "mean_high", "mcse", "too_few", "median", "median_low", "median_high"),
    *("low_50", "high_50", "low_95", "high_95"),
    *("probability", "probability_low", "probability_high"),
    *("estimate", "estimate_low", "estimate_high"),
)
DATES = {
    "median_date": "median",
    **{f"{name}_date": name for name in ("low_50", "high_50", "low_95", "high_95")},
}
"""Further columns of an exported summary: the days of a date outcome as dates."""


def rows(summary: Summary) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:
    """Return the headings, and one row per outcome, then those of the flywheel; None where undefined."""
    headings = (*TEXTS, *NUMBERS)
    return headings, [[row.get(name) for name in headings] for row in _records(summary)]


def _records(summary: Summary) -> Iterator[dict[str, Any]]:
    for of in summary.outcomes:
        yield _record(of)
    if summary.flywheel:
        for one in flywheel_values(summary.flywheel):
            about = {"outcome": one.name, "label": one.label, "kind": "estimate", "unit": one.unit}
            yield about | {"n": summary.flywheel.replications, **_ends("estimate", one.estimate)}


def _record(of: OutcomePart) -> dict[str, Any]:
    about: dict[str, Any] = {
        "outcome": of.name,
        "label": of.label,
        "kind": of.kind,
        "unit": of.unit,
        "n": of.n,
    }
    for name in ("mean", "median", "probability"):
        about |= _ends(name, getattr(of, name))
    if of.mean:
        about |= {"mcse": of.mean.error, "too_few": int(of.mean.too_few)}
    for name, ends in (("50", of.band_50), ("95", of.band_95)):
        about |= {f"low_{name}": ends.low, f"high_{name}": ends.high} if ends else {}
    return about


def _ends(name: str, of: Estimate | None) -> dict[str, Any]:
    return {name: of.value, f"{name}_low": of.low, f"{name}_high": of.high} if of else {}


def register_summary(
    connection: duckdb.DuckDBPyConnection, summary: Summary, names: Container[str] | None
) -> str:
    """Give a database the rows of a summary and return the query for them; `names` are all when None."""
    records = [row for row in _records(summary) if names is None or row["outcome"] in names]
    table: dict[str, Any] = {name: np.array([row.get(name) for row in records], object) for name in TEXTS}
    table |= {name: np.array([row.get(name) for row in records], np.float64) for name in NUMBERS}
    table["shares"] = np.array([_shares(row["outcome"], summary) for row in records], object)
    for name, column in DATES.items():
        table[name] = np.array([_iso(row, column, summary) for row in records], object)
    connection.register("summary_rows", table)
    cells = [
        f"CAST(CASE WHEN NOT isnan({name}) THEN {name} END AS {WHOLE.get(name, 'DOUBLE')}) AS {name}"
        for name in NUMBERS
    ]
    dates = [f"CAST(nullif({name}, '') AS DATE) AS {name}" for name in DATES]
    every = (*TEXTS, *cells, *dates, "nullif(shares, '') AS shares")
    return f"SELECT {', '.join(every)} FROM summary_rows"


def _iso(row: dict[str, Any], column: str, summary: Summary) -> str:
    at = row.get(column)
    if row["kind"] != "date" or at is None:
        return ""
    return (summary.scenario.start + timedelta(days=int(at))).isoformat()


def _shares(name: str, summary: Summary) -> str:
    """Return how often each rank occurred, as a JSON object; relations by name."""
    of = summary.figures.get(name)
    if of is None or not of.shares:
        return ""
    if of.measure != "relation":
        return json.dumps(of.shares, ensure_ascii=False)
    return json.dumps({summary.relations[int(float(rank))]: share for rank, share in of.shares.items()})
