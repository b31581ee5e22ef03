"""A comparison: what differs first in sentences, then in a table, then how sure that is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from statistics import median
from typing import Any

from escalation.present.format import (
    and_more,
    capital,
    change,
    change_interval,
    day,
    difference,
    joined,
    letter,
    number,
    percent,
    plural,
    value,
)
from escalation.present.page import Lines, Page, Section, Table, section
from escalation.study.compare.model import Comparison, Contrast, Difference, Note, PastUse, Reason, Side
from escalation.study.values import DATE, SHARE, Estimate

LARGEST, NAMED = 12, 6
"""Rows of the table of the largest differences; outcomes of one kind that are named one by one."""
WORTH_SAYING = 1.2
"""Pairs that tell as much as fewer times as many independent replications are not remarked."""
INPUTS = 8
"""Changed values that are shown, unless all are wanted."""
ABSENT = "—"
"""What is printed for a value that a scenario does not have."""
QUESTIONS = "the questions of the scenario"
NONE = "None beside those above"
HEADINGS = (
    *("run", "paired", "outcome", "statistic", "label", "kind", "unit", "headline", "n"),
    *("baseline", "baseline_low", "baseline_high", "other", "other_low", "other_high"),
    *("difference", "low", "high", "too_few", "p", "p_adjusted", "tests", "sure", "equal"),
    *("p_exceeds", "p_exceeds_low", "p_exceeds_high", "p_equal", "variance_ratio", "standardised"),
)
VERDICTS = {
    "feeds itself": ("the flywheel feeds itself", "it feeds itself"),
    "does not feed itself": ("the flywheel does not feed itself", "it does not feed itself"),
    "cannot be told": (
        "whether the flywheel feeds itself cannot be told",
        "whether it feeds itself cannot be told",
    ),
}
"""What is said of a flywheel, first and again."""

Sides = tuple[Side, Side]
"""The baseline, and the run that is compared with it."""


def page(comparison: Comparison, full: bool = False) -> Page:
    """Return the page of a comparison; with `full`, with every outcome."""
    sections: list[Section] = []
    for place, (side, contrast) in enumerate(comparison.pairs()):
        title = ""
        if len(comparison.contrasts) > 1:
            title = f"{letter(contrast.other)} instead of A: {side.scenario.title}"
        lines = Lines(tuple(sentences(comparison, side, contrast)))
        first = section(title, inputs_table(comparison, place, full))
        sections += [first] if first.blocks else []
        found = tables(comparison, side, contrast, full)
        sections.append(section("" if first.blocks else title, lines, *found))
    notes = closing(comparison, shown(comparison, full), full=full)
    opening, ending = (section("", Lines(tuple(lines))) for lines in (legend(comparison), notes))
    return Page("What differs", (opening, *sections, ending))


def inputs_table(comparison: Comparison, place: int, full: bool = False) -> Table | None:
    """Return what was changed in the scenario of one contrast, side by side; None where it is not known."""
    if place >= len(comparison.inputs):
        return None
    changed = comparison.inputs[place]
    shown = changed if full else changed[:INPUTS]
    rows = [(one.path, one.baseline or ABSENT, one.other or ABSENT) for one in shown]
    headings = ("What was changed", "A", letter(comparison.contrasts[place].other))
    return Table("", headings, rows, note=and_more(len(changed) - len(shown)), wrapped=True)


def legend(comparison: Comparison) -> list[str]:
    """Return a line for each side: its letter, title, name, and what was changed."""
    lines = []
    for place, side in enumerate(comparison.sides):
        changed = f", with {', '.join(side.overrides)}" if side.overrides else ""
        lines.append(f"{letter(place)}  {side.scenario.title} ({side.name}{changed})")
    return lines


# ---- sentences


def sentences(
    comparison: Comparison, side: Side, contrast: Contrast, skipped: Collection[str] = ()
) -> Iterator[str]:
    """Yield the sentences of one contrast: what answers the question, and what of it is unsure.

    Outcomes whose names are `skipped` are left out.
    """
    if not _compared(contrast):
        yield "There is no replication of both to compare."
        return
    if contrast.identical:
        yield f"Nothing differs: both are the same in each of {plural(contrast.pairs, 'future')}."
        return
    sides = (comparison.baseline, side)
    # the average day of what has a probability stands in the same sentence
    head = [one for one in contrast.differences if one.headline and one.statistic != "restricted_mean"]
    head = [one for one in head if one.name not in skipped]
    unsure = [one for one in head if not one.sure and not one.equal]
    if not contrast.paired:
        yield f"Compared as independent runs, which makes less sure: {'; '.join(reasons(contrast))}."
    yield from (_past_use(use, comparison) for use in contrast.past_uses if use.headline)
    yield from (sentence(one, contrast, sides) for one in head if one.sure)
    yield from _nearly(unsure, comparison)
    yield from _list("Cannot be told apart", [_brief(one) for one in unsure if not one.nearly])
    yield from _list("The same in every future", [title(one) for one in head if one.equal])


def sentence(one: Difference, contrast: Contrast, sides: Sides) -> str:
    """Return a sure difference in one sentence."""
    a, b = levels(one, sides)
    by = difference(one.difference)
    if one.statistic == "R":
        return (
            f"To each hostile act, {b} instead of {a} further ones are attributed, {by}; {_verdicts(sides)}."
        )
    name = capital(title(one)) + (" —" if ": " in one.outcome.label else ":")
    if one.statistic == "probability":
        return f"{name} in {b} instead of {a} of futures, {by}{_later(one, contrast)}."
    return f"{name} {b} instead of {a}, {by}."


def title(one: Difference) -> str:
    """Return what differs, as it stands in a table or a list."""
    if one.statistic == "R":
        return "further acts per hostile act (R)"
    return one.outcome.label + (", average day" if one.statistic == "restricted_mean" else "")


def levels(one: Difference, sides: Sides) -> tuple[str, str]:
    """Return both levels as printed."""
    if one.baseline.value is None or one.other.value is None:
        return "", ""
    start, other = (side.scenario.start for side in sides)
    return value(one.baseline, start), value(one.other, other)


def reasons(contrast: Contrast) -> list[str]:
    """Return why replications could not be paired."""
    return [_reason(reason) for reason in contrast.reasons]


def _reason(reason: Reason) -> str:
    days = {"start": "their history begins", "takeover": "they are simulated from then on", "end": "they end"}
    if reason.code in days:
        one, other = (day(at) for at in (reason.baseline, reason.other))  # type: ignore[arg-type]
        return f"{days[reason.code]} on different days ({one} and {other})"
    return {
        "seed": f"their seeds differ ({reason.baseline} and {reason.other})",
        "model": "they were made with different versions of the model",
        "replications": "they have no replication in common",
    }[reason.code]


def _compared(contrast: Contrast) -> bool:
    return any(one.statistic != "R" for one in contrast.differences)


def _nearly(unsure: Sequence[Difference], comparison: Comparison) -> Iterator[str]:
    """Yield what the interval by itself leaves no doubt of, by the family that it was adjusted in."""
    nearly = [one for one in unsure if one.nearly]
    for tests in dict.fromkeys(one.tests for one in nearly):
        what = "The interval leaves out 0, the test does not tell them apart"
        if comparison.adjustment == "holm":
            what = f"Not sure after allowing for {tests:,}"
        yield from _list(what, [_brief(one) for one in nearly if one.tests == tests])


def _past_use(use: PastUse, comparison: Comparison) -> str:
    place = [side.name for side in comparison.sides].index(use.run)
    return (
        f"{capital(use.outcome.label)}: not compared, for in {letter(place)} that has happened already when"
        " the simulation begins."
    )


def _brief(one: Difference) -> str:
    return f"{title(one)} ({difference(one.difference)})" if change_interval(one.difference) else title(one)


def _list(what: str, names: Sequence[str]) -> list[str]:
    return [f"{what}: {joined(names, NAMED)}."] if names else []


def _later(one: Difference, contrast: Contrast) -> str:
    """Return how much later something comes on average, where that is sure and it comes in both."""
    if one.outcome.kind != "date" or 0.0 in (one.baseline.value, one.other.value):
        return ""
    mean = contrast.find(one.name, "restricted_mean")
    by = mean.difference
    if not mean.sure or not by.value or by.low is None or by.high is None:
        return ""
    low, high = sorted((abs(by.low), abs(by.high)))
    word = "later" if by.value > 0 else "earlier"
    return f"; on average {abs(by.value):,.0f} [{low:,.0f}, {high:,.0f}] days {word}"


def _verdicts(sides: Sides) -> str:
    baseline, other = (side.verdict or "cannot be told" for side in sides)
    if baseline != other:
        return f"{VERDICTS[other][0]}, where in A {VERDICTS[baseline][1]}"
    return VERDICTS[other][0] + (" in both" if other == "feeds itself" else " in either")


# ---- tables


def tables(
    comparison: Comparison, side: Side, contrast: Contrast, full: bool, direct: Collection[str] = ()
) -> list[Table]:
    """Return the table of one contrast: the largest sure differences, or all of them.

    The outcomes `direct` differ by construction: they are none of the largest, and among all a group of their
    own.
    """
    if contrast.identical or not _compared(contrast):
        return []
    sides, them = (comparison.baseline, side), letter(contrast.other)
    if full:
        name, rows = "All outcomes", list(_all_rows(contrast, sides, direct))
    else:
        name, rows = "Largest sure differences", [_row(one, sides) for one in _largest(contrast, direct)]
    headings = (name, "A", them, "difference", "95% interval", f"{them} above")
    note = _rest(contrast, full, direct)
    return [Table(name, headings, rows or [(NONE,)], frozenset(range(1, 6)), note)]


def asked_table(contrast: Contrast, sides: Sides) -> Table:
    """Return a row for each answer to a question: both levels, the difference with its unit, how sure."""
    head = [one for one in contrast.differences if one.headline and one.statistic != "restricted_mean"]
    rows = [
        (capital(title(one)), *levels(one, sides), change(one.difference, _unit(one)),
         change_interval(one.difference), _sureness(one))
        for one in head
    ]  # fmt: skip
    headings = ("What was asked", "A", "B", "difference", "95% interval", "")
    return Table("", headings, rows, frozenset(range(1, 5)))


def _unit(one: Difference) -> str | None:
    return None if one.difference.unit in (SHARE, DATE) else one.difference.unit


def _sureness(one: Difference) -> str:
    if one.equal:
        return "the same in every future"
    return "sure" if one.sure else "not sure" if one.nearly else "cannot be told apart"


def _all_rows(contrast: Contrast, sides: Sides, direct: Collection[str]) -> Iterator[tuple[str, ...]]:
    others = [one for one in contrast.differences if one.name not in direct]
    unsure = [one for one in others if not one.sure and not one.equal]
    groups = {
        "Sure": [one for one in others if one.sure],
        "Not sure, though the interval by itself leaves out 0": [one for one in unsure if one.nearly],
        "Cannot be told apart": [one for one in unsure if not one.nearly],
        "By construction, in whole or in part": [
            one for one in contrast.differences if one.name in direct and not one.equal
        ],
        "The same in every future": [
            # towards oneself nothing ever happens
            one
            for one in contrast.differences
            if one.equal and (not one.outcome.target or one.outcome.target != one.outcome.actor)
        ],
    }
    for name, group in groups.items():
        if group:
            yield (name,)
            yield from (_row(one, sides, "  ") for one in group)


def _row(one: Difference, sides: Sides, indent: str = "") -> tuple[str, ...]:
    cells = (indent + capital(title(one)), *levels(one, sides))
    if one.equal:
        return cells
    above = percent(one.p_exceeds.value) if one.p_exceeds and one.p_exceeds.value is not None else ""
    return *cells, change(one.difference), change_interval(one.difference), above


def _largest(contrast: Contrast, direct: Collection[str] = ()) -> list[Difference]:
    """Return the most important sure differences beside the headline, of nearly the same the first one."""
    different: dict[tuple[str, ...], Difference] = {}
    for one in contrast.differences:
        if one.sure and not one.headline and one.name not in direct:
            different.setdefault(_subject(one), one)
    return list(different.values())[:LARGEST]


def _subject(one: Difference) -> tuple[str, ...]:
    """Return what nearly the same outcomes have in common: acts and their days, a level at several dates."""
    of = one.outcome
    measure = of.measure.replace("days", "acts")
    if "tension" in measure or "pressure" in measure:
        measure = "tension" if "tension" in measure else "pressure"
    return measure, of.actor, of.target, of.family, of.instrument


def shown(comparison: Comparison, full: bool, direct: Collection[str] = ()) -> list[Difference]:
    """Return the differences that a page shows; those of `direct` differ by construction."""
    differences = [one for contrast in comparison.contrasts for one in contrast.differences]
    if full:
        return differences
    largest = [one for contrast in comparison.contrasts for one in _largest(contrast, direct)]
    return [*(one for one in differences if one.headline), *largest]


def _rest(contrast: Contrast, full: bool, direct: Collection[str]) -> str:
    differences = contrast.differences
    own = sum(one.name in direct and not one.equal for one in differences)
    sure = sum(one.sure and one.name not in direct for one in differences)
    equal = sum(one.equal for one in differences)
    unsure = len(differences) - sure - equal - own
    constructed = f"; {own:,} differ by construction" if own else ""
    return (
        f"{plural(sure, 'difference')} sure; {unsure:,} may be none; {equal:,} are none in any"
        f" future{constructed}.{'' if full else ' --all shows every one.'}"
    )


# ---- how it was compared


def closing(
    comparison: Comparison, printed: Sequence[Difference], questions: str = QUESTIONS, full: bool = False
) -> tuple[str, ...]:
    """Return the notes: how it was compared, how sure `sure` is, what was left out.

    `printed` are the differences that a reader sees, `questions` says what the family of questions is; with
    `full`, statistics are called by their names.
    """
    differing = any(not one.equal for one in printed)
    return (
        *_worlds(comparison),
        *(_certainty(comparison, printed, questions, full) if differing else ()),
        *(line for place, side in enumerate(comparison.sides) for line in _unwell(letter(place), side)),
        *(line for contrast in comparison.contrasts for line in _left_out(contrast)),
    )


def _worlds(comparison: Comparison) -> Iterator[str]:
    baseline = comparison.baseline
    period = f"{day(baseline.scenario.simulate_from)} to {day(baseline.scenario.end)}"
    for side, contrast in comparison.pairs():
        them = letter(contrast.other)
        if contrast.paired:
            futures = plural(contrast.pairs, "future")
            yield f"{futures}, {period}, each with the same chance in A and {them}{_worth(contrast)}."
        else:
            one, other = (of.replications.finished for of in (baseline, side))
            yield f"{one:,} futures in A and {other:,} in {them}, {period} in A."


def _worth(contrast: Contrast) -> str:
    """Return how many independent replications would tell as much, for the median outcome."""
    ratios = [one.variance_ratio for one in contrast.differences if one.variance_ratio is not None]
    if not ratios or median(ratios) < WORTH_SAYING:
        return ""
    count = float(f"{contrast.pairs * median(ratios):.2g}")
    return f": they tell as much as {count:,.0f} independent ones"


def _certainty(
    comparison: Comparison, printed: Sequence[Difference], questions: str, full: bool
) -> Iterator[str]:
    if comparison.adjustment == "holm":
        method = " (Holm's method)" if full else ""
        yield f"Sure: 95% sure {_families(comparison, questions)}{method}. Each interval is for itself."
    else:
        yield "Sure: 95% sure of each by itself. Of 20 differences that are none, one looks sure."
    if any(contrast.paired for contrast in comparison.contrasts):
        yield f"Above: in how many futures it is more, or later{_give_or_take(printed)}."
    if not all(contrast.paired for contrast in comparison.contrasts):
        yield "Above, of independent runs: how often any future of the one has more than any of A, or later."
    if any(one.statistic == "restricted_mean" for one in printed):
        yield "An average day counts what never comes as the last day."
    if any(one.outcome.measure == "relation" for one in printed):
        places = (
            f"{place} {name.replace('_', ' ')}" for place, name in enumerate(comparison.baseline.relations)
        )
        yield f"Relations: {', '.join(places)}."


def _give_or_take(printed: Sequence[Difference]) -> str:
    """Return how far the shares of what lies above are known: the widest half of an interval."""
    halves = [one.p_exceeds.half_width for one in printed if one.p_exceeds and not one.equal]
    widest = max((half for half in halves if half is not None), default=0.0)
    return f", give or take {100 * widest:.0f} points at most" if widest else ""


def _families(comparison: Comparison, name: str) -> str:
    """Return what is sure at once: the questions are one family, everything else another."""
    questions, others = comparison.questions, comparison.tests - comparison.questions
    if not questions or not others:
        return f"of all {plural(comparison.tests, 'difference')} at once"
    return (
        f"of a whole family at once: {name} are one family of {questions:,}, everything else another of"
        f" {others:,}"
    )


def _unwell(name: str, side: Side) -> Iterator[str]:
    failed, truncated = side.replications.failed, side.replications.truncated
    if failed:
        yield f"Failed: {plural(failed, 'replication')} of {name}, left out."
    if truncated:
        yield f"Truncated: {plural(truncated, 'replication')} of {name} stopped at a limit; included."


def _left_out(contrast: Contrast) -> Iterator[str]:
    them = letter(contrast.other)
    if contrast.dropped:
        yield f"Left out: {plural(contrast.dropped, 'pair')} of A and {them}, one or both of which failed."
    if past := [use.outcome.label for use in contrast.past_uses if not use.headline]:
        yield f"Not compared, being in the history of one scenario alone: {joined(past, NAMED)}."
    for name, only in ("A", contrast.only_baseline), (them, contrast.only_other):
        if only:
            yield f"Not compared, for only {name} has it: {joined(only, NAMED)}."
    yield from notes(contrast)


def notes(contrast: Contrast) -> list[str]:
    """Return what else a reader must know of a contrast."""
    return [_note(note) for note in contrast.notes]


def _note(note: Note) -> str:
    one, other = (number(of) if of is not None else "" for of in (note.baseline, note.other))
    runs = " and ".join(note.runs)
    independent = "R is compared as that of independent runs"
    return {
        "horizon": (
            f"Dates are compared over the first {note.value or 0:,.0f} days from the start; everything else"
            " covers what each run covers."
        ),
        "runaway": f"A runaway is tension above {one} in one and {other} in the other.",
        "window": f"Acts are followed for {one} days in one and {other} days in the other.",
        "few": (
            f"Means of fewer than {note.value or 0:.0f} replications have no interval; nothing is sure of"
            " them."
        ),
        "no_flywheel": f"R is not compared: the version that made {runs} did not store it.",
        "other_batches": (
            f"{independent}: of different numbers of replications, they are divided into other batches."
        ),
        "no_batches": f"{independent}: {runs} did not keep its batches.",
    }[note.code]


def rows(comparison: Comparison) -> tuple[Sequence[str], Iterator[Sequence[Any]]]:
    """Return a row for each difference, under its headings."""
    return HEADINGS, _rows(comparison)


def _rows(comparison: Comparison) -> Iterator[Sequence[Any]]:
    for side, contrast in comparison.pairs():
        for one in contrast.differences:
            of, by, more = one.outcome, one.difference, one.p_exceeds
            yield (
                side.name, contrast.paired, of.name, one.statistic, of.label, of.kind, by.unit, one.headline,
                one.n, *(part for level in (one.baseline, one.other) for part in _ends(level)), *_ends(by),
                by.too_few, one.p, one.p_adjusted, one.tests, one.sure, one.equal,
                *(_ends(more) if more else (None,) * 3), one.p_equal, one.variance_ratio, one.standardised,
            )  # fmt: skip


def _ends(of: Estimate) -> tuple[float | None, float | None, float | None]:
    return of.value, of.low, of.high
