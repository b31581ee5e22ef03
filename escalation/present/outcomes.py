"""Outcomes as people read them: their words, every table of them, and rows of values."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from escalation.present.flywheel import flywheel_values
from escalation.present.format import band, capital, day, day_of, days, estimate, number, percent, plural
from escalation.present.page import Table
from escalation.scenario.document import Scenario
from escalation.study.ranges import AssumptionsPart
from escalation.study.summary import OutcomePart, Summary
from escalation.study.values import Band, Estimate

FEWEST_DATED, LEAST_DATED = 5, 0.01
"""Runs, and their share, that must have had an event before its dates are shown."""
AMOUNT = ("mean", "50%", "95%")
ACTS = ("Acts and package days", "acts", "50%", "95%", "days", "50%", "95%")
ACTS_NOTE = "Acts: hostile ones, excluding words and threats; package days: days with at least one."
MEANS_NOTE = "Mean ± half of its 95% interval, and 50% and 95% of futures."
COST_NOTE = "One cost year: a measure of cost 1 in force for a year, on which the sender depends wholly."
FIRSTS_NOTE = (
    "Dates: of the futures in which it happened, where these are not very few; half by [95% interval]."
)
LEVELS = frozenset(
    {"tension", "end_tension", "peak_tension", "cost", "listed", "end_pressure", "mean_pressure"}
)
"""What the table of levels holds; pressure on single dates is in the file alone."""
SAID = ("concession", "truncated")
"""Probabilities that stand in another table, or below them."""
ELSEWHERE = (
    frozenset({"acts", "family_acts", "days", "family_days", "peak_rung", "relation", "pressure"}) | LEVELS
)


# ---- words


def came_to(of: OutcomePart, summary: Summary) -> tuple[str, str]:
    """Return what an outcome came to, and what else is known of it: when it happens, where futures lie."""
    if of.n == 0:
        return "no replication to tell from", ""
    if of.kind == "date" and (before := used_before(summary, of)):
        return f"had happened {before}", ""
    if of.probability is not None:
        when = ""
        if of.median is not None and of.band_50 is not None and is_dated(of):
            start = summary.scenario.start
            when = f"if so, half by {estimate(of.median, start)} (50%: {dates_of(of.band_50, summary)})"
        return f"{estimate(of.probability)}{_left_open(of, summary)}", when
    if of.measure == "relation":
        return relation(of, summary), ""
    assert of.mean is not None
    middle, wide = bands(of)
    left, futures = _left_open(of, summary), f"50%: {middle}, 95%: {wide}"
    further = f"futures {futures}" if left else futures
    return f"{estimate(of.mean)}{left}", further if middle and wide else ""


def _left_open(of: OutcomePart, summary: Summary) -> str:
    """Return what the assumptions leave open of a mean or a probability, to stand behind its estimate."""
    ends = summary.assumptions.ranges.get(of.name) if summary.assumptions else None
    if ends is None:
        return ""
    return f" by luck, {open_range((ends.low, ends.high), of.probability is not None)} over the assumptions"


def open_range(ends: tuple[float, float], is_share: bool) -> str:
    """Return a range over the assumptions: `20 to 40%` or `3–5`."""
    low, high = map(percent, ends)
    return f"{low.removesuffix('%')} to {high}" if is_share else band(ends)


def assumptions_line(of: AssumptionsPart) -> str:
    """Return what stands behind a range over the assumptions."""
    numbers = plural(of.numbers, "uncertain number")
    return (
        f"Over the assumptions: where 95% of {of.draws:,} draws of {numbers} put it,"
        f" {of.each} replications each, what chance adds taken out; R has no such range."
    )


def used_before(summary: Summary, of: OutcomePart) -> str:
    """Return `before 3 Oct 2020` for what was used before the simulation and not in it; else nothing."""
    before = of.name in summary.used_before and not (of.probability and of.probability.value)
    return f"before {day(summary.scenario.simulate_from)}" if before else ""


def again(summary: Summary, of: OutcomePart) -> str:
    """Return what is added to the first simulated use of what had been used before; else nothing."""
    return ", again" if of.name in summary.used_before and of.probability and of.probability.value else ""


def bands(of: OutcomePart) -> tuple[str, str]:
    """Return where 50% and 95% of futures lie; names are counted in whole ones. Empty for a single run."""
    if of.n < 2 or of.band_50 is None or of.band_95 is None:
        return "", ""
    whole = of.measure == "listed"
    return band((of.band_50.low, of.band_50.high), whole), band((of.band_95.low, of.band_95.high), whole)


def is_dated(of: OutcomePart) -> bool:
    """Return whether so many runs had an event that its dates say something."""
    share = chance(of)
    return share >= LEAST_DATED and round(share * of.n) >= FEWEST_DATED


def chance(of: OutcomePart) -> float:
    """Return the share of futures in which an event came; 0 for what is no event."""
    return (of.probability.value or 0.0) if of.probability else 0.0


def relation(of: OutcomePart, summary: Summary) -> str:
    """Return how often each diplomatic relation was the last one, the most frequent first."""
    shares = sorted((of.shares or {}).items(), key=lambda item: -item[1])
    named = [(summary.relations[int(float(rank))].replace("_", " "), share) for rank, share in shares]
    return ", ".join(f"{name} {percent(share)}" for name, share in named)


def dates_of(of: Band, summary: Summary) -> str:
    """Return a band of dates as printed."""
    return days(*(day_of(end, summary.scenario.start) for end in (of.low, of.high)))


def actor_of(summary: Summary, of: OutcomePart) -> str:
    """Return whose an outcome is, as printed."""
    return capital(summary.actors.get(of.actor, of.actor))


def instrument_of(summary: Summary, of: OutcomePart) -> str:
    """Return the instrument of an outcome, as printed."""
    return summary.instruments.get(of.instrument, of.instrument)


def rungs(scenario: Scenario) -> dict[int, list[str]]:
    """Return the labels of the hostile instruments by rung."""
    labels: dict[int, list[str]] = defaultdict(list)
    for instrument in scenario.instruments.values():
        if instrument.severity.nominal > 0:
            labels[int(instrument.rung.nominal)].append(instrument.label)
    return labels


def rung_name(summary: Summary, actor: str, rung: float) -> str:
    """Return what the actor most likely does on a rung, as printed; the number of one where it has nothing.

    Of instruments without a first use among the outcomes, it is the one with the shortest name.
    """
    own = summary.ladders.get(actor, {}).get(int(rung), ())
    firsts = {name: summary.figures.get(f"first.{actor}.{name}") for name in own}
    labels = {name: summary.instruments.get(name, name) for name in own}
    ranked = sorted(own, key=lambda name: (-chance(of) if (of := firsts[name]) else 0.0, len(labels[name])))
    return labels[ranked[0]] if ranked else number(rung)


# ---- every table


def sections(summary: Summary) -> list[Table]:
    """Return the tables of outcomes that hold anything: not what is 0, nor pressure by date."""
    shown = [of for of in summary.outcomes if _speaks(of)]
    tables = [
        _acts(summary, shown),
        _firsts(summary, [of for of in shown if of.kind == "date"]),
        when_table(summary, shown) if summary.dates else Table("", (), ()),
        _chances(summary, [of for of in shown if of.kind == "probability" and of.measure not in SAID]),
        _amounts(
            _limited("Highest rung reached", "of", summary.top_rung), summary,
            [of for of in shown if of.measure == "peak_rung"],
        ),
        _relations(summary, [of for of in shown if of.measure == "relation"]),
        _amounts(
            "Tension, pressure and cost", summary, [of for of in shown if of.measure in LEVELS],
            f"{_limited('Tension: all grievances added up', 'runaway above', summary.runaway)}. {COST_NOTE}",
        ),
        _amounts(
            "Other outcomes", summary,
            [of for of in shown if of.kind not in ("date", "probability") and of.measure not in ELSEWHERE],
        ),
    ]  # fmt: skip
    return [table for table in tables if table.rows]


def _speaks(of: OutcomePart) -> bool:
    if of.target and of.actor == of.target:
        return False
    if of.probability is not None:
        return chance(of) > 0 or of.measure != "first_concession"
    return of.mean is not None and not (of.mean.value == 0 and of.mean.error in (0, None))


def _acts(summary: Summary, shown: Sequence[OutcomePart]) -> Table:
    rows: list[tuple[str, ...]] = []
    for actor, label in summary.actors.items():
        families = dict.fromkeys(
            of.family for of in shown if of.actor == actor and of.measure in ("family_acts", "family_days")
        )
        total = acts_row(summary, actor)
        below = [(f"  {family}", *acts_row(summary, actor, family)) for family in families]
        rows += [(capital(label), *total), *below] if below or any(total) else []
    return Table("What each does", ACTS, rows, frozenset(range(1, 7)), acts_note(summary)).without_empty()


def acts_note(summary: Summary) -> str:
    """Return how to read acts and package days; of a single run there are neither means nor bands."""
    counts = summary.replications
    if counts.finished - counts.failed < 2:
        return ACTS_NOTE
    return f"{MEANS_NOTE} {ACTS_NOTE}"


def acts_row(summary: Summary, actor: str, family: str = "") -> tuple[str, ...]:
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
            rows.append((actor_of(summary, of),))
            previous = of.actor
        label = "a concession" if of.measure == "first_concession" else instrument_of(summary, of)
        said = used_before(summary, of) or (estimate(of.probability) if of.probability else "")
        dates: tuple[str, ...] = ()
        if of.median is not None and of.band_50 is not None and is_dated(of):
            dates = estimate(of.median, summary.scenario.start), dates_of(of.band_50, summary)
        rows.append((f"  {label}{again(summary, of)}", said, *dates))
    headings = ("First use", "probability", "half by", "half of the dates")
    note = FIRSTS_NOTE if any(len(row) > 2 for row in rows) else ""
    return Table("What comes first, and when", headings, rows, frozenset({1, 2, 3}), note)


def dated_acts(summary: Summary) -> list[OutcomePart]:
    """Return the first uses and concessions of which it is known by when they have come."""
    return [of for of in summary.outcomes if of.by_when and of.measure in ("first", "first_concession")]


def when_table(summary: Summary, shown: Iterable[OutcomePart], columns: int = 5) -> Table:
    """Return the share of futures in which each act has come by some dates, the likeliest first."""
    places = [round((len(summary.dates) - 1) * n / columns) for n in range(1, columns + 1)]
    dated = sorted((of for of in shown if of.by_when and is_dated(of)), key=lambda of: -chance(of))
    rows = [(act_of(summary, of), *(percent((of.by_when or ())[at]) for at in places)) for of in dated]
    headings = ("By when, share of futures", *(day(summary.dates[at]) for at in places))
    return Table("By when", headings, rows, frozenset(range(1, columns + 1)))


def act_of(summary: Summary, of: OutcomePart) -> str:
    """Return what a date is of: `European Union: head of state listed`."""
    if of.measure != "first":
        return capital(of.label)
    return f"{actor_of(summary, of)}: {instrument_of(summary, of)}{again(summary, of)}"


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
    headings = ("Relations at the end", "share of futures")
    return Table(headings[0], headings, rows, note="All other relations stay full in every run.")


def _amounts(title: str, summary: Summary, outcomes: Iterable[OutcomePart], note: str = "") -> Table:
    rows = [(dyad(summary, of) if of.target else capital(of.label), *_amount(of), of.unit) for of in outcomes]
    return Table(title, (title, *AMOUNT, "unit"), rows, frozenset({1, 2, 3}), note).without_empty()


def dyad(summary: Summary, of: OutcomePart) -> str:
    """Return who towards whom an outcome is about: `Poland towards Belarus`."""
    sender, target = (summary.actors.get(name, name) for name in (of.actor, of.target))
    return f"{capital(sender)} towards {target}"


# ---- rows of values

TEXTS = ("outcome", "label", "kind", "unit")
NUMBERS = (
    *("n", "mean", "mean_low", "mean_high", "mcse", "too_few", "median", "median_low", "median_high"),
    *("low_50", "high_50", "low_95", "high_95"),
    *("probability", "probability_low", "probability_high"),
    *("estimate", "estimate_low", "estimate_high"),
    *("low_over_assumptions", "high_over_assumptions"),
)
DATES = {
    "median_date": "median",
    **{f"{name}_date": name for name in ("low_50", "high_50", "low_95", "high_95")},
}
"""Further columns of an exported summary: the days of a date outcome as dates."""
TYPES = {
    **dict.fromkeys(NUMBERS, "DOUBLE"), "n": "BIGINT", "too_few": "BIGINT",
    **dict.fromkeys(DATES, "DATE"), "shares": "VARCHAR",
}  # fmt: skip
"""The types of the columns of an exported summary, in SQL, but for the texts of every row."""


def rows(summary: Summary) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:
    """Return the headings, and one row per outcome, then those of the flywheel; None where undefined."""
    headings = (*TEXTS, *NUMBERS)
    return headings, [[row.get(name) for name in headings] for row in _records(summary)]


def _records(summary: Summary) -> Iterator[dict[str, Any]]:
    ranges = summary.assumptions.ranges if summary.assumptions else {}
    for of in summary.outcomes:
        yield _record(of) | _band("over_assumptions", ranges.get(of.name))
    if summary.flywheel:
        for value in flywheel_values(summary.flywheel):
            about = {"outcome": value.name, "label": value.label, "kind": "estimate", "unit": value.unit}
            yield about | {"n": summary.flywheel.replications, **_ends("estimate", value.estimate)}


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
        about |= _band(name, ends)
    return about


def _band(name: str, ends: Band | None) -> dict[str, Any]:
    return {f"low_{name}": ends.low, f"high_{name}": ends.high} if ends else {}


def _ends(name: str, of: Estimate | None) -> dict[str, Any]:
    return {name: of.value, f"{name}_low": of.low, f"{name}_high": of.high} if of else {}


def columns_of(summary: Summary, names: Container[str] | None) -> dict[str, list[Any]]:
    """Return what is exported of a summary as columns, of the outcomes that are called `names` (None: all).

    They are those of `rows`, the days of dates as such, and how often each rank occurred as JSON.
    """
    records = [record for record in _records(summary) if names is None or record["outcome"] in names]
    columns = {name: [record.get(name) for record in records] for name in (*TEXTS, *NUMBERS)}
    for name, day_column in DATES.items():
        columns[name] = [_date(record, day_column, summary) for record in records]
    return columns | {"shares": [_shares(record["outcome"], summary) for record in records]}


def _date(record: Mapping[str, Any], column: str, summary: Summary) -> date | None:
    at = record.get(column)
    return None if record["kind"] != "date" or at is None else day_of(at, summary.scenario.start)


def _shares(name: str, summary: Summary) -> str | None:
    """Return how often each rank occurred, as a JSON object; relations by name."""
    of = summary.figures.get(name)
    if of is None or not of.shares:
        return None
    if of.measure != "relation":
        return json.dumps(of.shares, ensure_ascii=False)
    return json.dumps({summary.relations[int(float(rank))]: share for rank, share in of.shares.items()})
