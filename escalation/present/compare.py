"""A comparison: what differs first in sentences, then in a table, then how sure that is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Literal

from escalation.present import format as fmt
from escalation.present.compare_notes import NAMED, closing, reason_words
from escalation.present.page import Lines, Page, Section, Table, section
from escalation.study.compare.model import Comparison, Contrast, Difference, PastUse, Side
from escalation.study.values import DATE, SHARE, Estimate

LARGEST = 12
"""Rows of the table of the largest differences."""
INPUTS = 8
"""Changed values that are shown, unless all are wanted."""
ABSENT = "—"
"""What is printed for a value that a scenario does not have."""
NONE = "None beside those above"
HEADINGS = (
    *("run", "paired", "outcome", "statistic", "label", "kind", "unit", "headline", "n"),
    *("baseline", "baseline_low", "baseline_high", "other", "other_low", "other_high"),
    *("difference", "low", "high", "too_few", "p", "p_adjusted", "tests", "sure", "equal"),
    *("p_exceeds", "p_exceeds_low", "p_exceeds_high", "p_equal", "variance_ratio", "standardised"),
)
VERDICTS = {
    "feeds itself": "{} feeds itself",
    "does not feed itself": "{} does not feed itself",
    "cannot be told": "whether {} feeds itself cannot be told",
}
"""What is said of a flywheel."""

Sides = tuple[Side, Side]
"""The baseline, and the run that is compared with it."""
Sureness = Literal["sure", "nearly", "unsure", "equal"]
SURENESS: dict[Sureness, str] = {
    "sure": "sure", "nearly": "not sure", "unsure": "cannot be told apart",
    "equal": "the same in every future",
}  # fmt: skip
"""How sure a difference is, in words."""
GROUPS = {
    "sure": "Sure",
    "nearly": "Not sure, though the interval by itself leaves out 0",
    "unsure": "Cannot be told apart",
    "own": "By construction, in whole or in part",
    "equal": "The same in every future",
}
"""The groups of all outcomes, by how sure they are."""
Groups = dict[str, list[Difference]]


def page(comparison: Comparison, full: bool = False) -> Page:
    """Return the page of a comparison; with `full`, with every outcome."""
    sections: list[Section] = []
    for index, (side, contrast) in enumerate(comparison.pairs()):
        several, name = len(comparison.contrasts) > 1, fmt.letter(contrast.other)
        title = f"{name} instead of A: {side.scenario.title}" if several else ""
        lines = Lines(tuple(sentences(comparison, side, contrast)))
        first = section(title, inputs_table(comparison, index, full))
        sections += [first] if first.blocks else []
        others = tables(comparison, side, contrast, full)
        sections.append(section("" if first.blocks else title, lines, *others))
    notes = closing(comparison, shown(comparison, full), full=full)
    opening, ending = (section("", Lines(tuple(lines))) for lines in (legend(comparison), notes))
    return Page("What differs", (opening, *sections, ending))


def inputs_table(comparison: Comparison, index: int, full: bool = False) -> Table | None:
    """Return what was changed in the scenario of one contrast, side by side; None where it is not known."""
    if index >= len(comparison.inputs):
        return None
    changed = comparison.inputs[index]
    shown = changed if full else changed[:INPUTS]
    rows = [(value.path, value.baseline or ABSENT, value.other or ABSENT) for value in shown]
    headings = ("What was changed", "A", fmt.letter(comparison.contrasts[index].other))
    return Table("", headings, rows, note=fmt.and_more(len(changed) - len(shown)), wrapped=True)


def legend(comparison: Comparison) -> list[str]:
    """Return a line for each side: its letter, title, name, and what was changed."""
    lines = []
    for index, side in enumerate(comparison.sides):
        changed = f", with {', '.join(side.overrides)}" if side.overrides else ""
        lines.append(f"{fmt.letter(index)}  {side.scenario.title} ({side.name}{changed})")
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
        yield f"Nothing differs: both are the same in each of {fmt.plural(contrast.pairs, 'future')}."
        return
    sides = (comparison.baseline, side)
    asked = _by_sureness(difference for difference in _asked(contrast) if difference.name not in skipped)
    if not contrast.paired:
        why = "; ".join(map(reason_words, contrast.reasons))
        yield f"Compared as independent runs, which makes less sure: {why}."
    yield from (_past_use(use, comparison) for use in contrast.past_uses if use.headline)
    yield from (sentence(difference, contrast, sides) for difference in asked["sure"])
    yield from _nearly(asked["nearly"], comparison)
    yield from _list(GROUPS["unsure"], [_brief(difference) for difference in asked["unsure"]])
    yield from _list(GROUPS["equal"], [title(difference) for difference in asked["equal"]])


def _asked(contrast: Contrast) -> list[Difference]:
    """Return what answers the question; the average day of what has a probability is said with that."""
    return [
        difference
        for difference in contrast.differences
        if difference.headline and difference.statistic != "restricted_mean"
    ]


def sureness(difference: Difference) -> Sureness:
    """Return how sure a difference is; `nearly`: its interval by itself leaves out 0."""
    if difference.equal:
        return "equal"
    return "sure" if difference.sure else "nearly" if difference.nearly else "unsure"


def _by_sureness(differences: Iterable[Difference], direct: Collection[str] = ()) -> Groups:
    """Sort differences by how sure they are; those of outcomes `direct` differ by construction (`own`)."""
    groups: Groups = {name: [] for name in GROUPS}
    for difference in differences:
        is_own = difference.name in direct and not difference.equal
        groups["own" if is_own else sureness(difference)].append(difference)
    return groups


def sentence(difference: Difference, contrast: Contrast, sides: Sides) -> str:
    """Return a sure difference in one sentence."""
    a, b = levels(difference, sides)
    by = fmt.difference(difference.difference)
    if difference.statistic == "R":
        return (
            f"To each hostile act, {b} instead of {a} further ones are attributed, {by}; {_verdicts(sides)}."
        )
    name = fmt.capital(title(difference)) + (" —" if ": " in difference.outcome.label else ":")
    if difference.statistic == "probability":
        return f"{name} in {b} instead of {a} of futures, {by}{_later(difference, contrast)}."
    return f"{name} {b} instead of {a}, {by}."


def title(difference: Difference) -> str:
    """Return what differs, as it stands in a table or a list."""
    if difference.statistic == "R":
        return "further acts per hostile act (R)"
    return difference.outcome.label + (", average day" if difference.statistic == "restricted_mean" else "")


def levels(difference: Difference, sides: Sides) -> tuple[str, str]:
    """Return both levels as printed."""
    if difference.baseline.value is None or difference.other.value is None:
        return "", ""
    start, other = (side.scenario.start for side in sides)
    return fmt.value(difference.baseline, start), fmt.value(difference.other, other)


def _compared(contrast: Contrast) -> bool:
    return any(difference.statistic != "R" for difference in contrast.differences)


def _nearly(nearly: Sequence[Difference], comparison: Comparison) -> Iterator[str]:
    """Yield what the interval by itself leaves no doubt of, by the family that it was adjusted in."""
    for tests in dict.fromkeys(difference.tests for difference in nearly):
        what = "The interval leaves out 0, the test does not tell them apart"
        if comparison.adjustment == "holm":
            what = f"Not sure after allowing for {tests:,}"
        yield from _list(what, [_brief(difference) for difference in nearly if difference.tests == tests])


def _past_use(use: PastUse, comparison: Comparison) -> str:
    index = [side.name for side in comparison.sides].index(use.run)
    return (
        f"{fmt.capital(use.outcome.label)}: not compared, for in {fmt.letter(index)} that has happened"
        " already when the simulation begins."
    )


def _brief(difference: Difference) -> str:
    by = difference.difference
    return f"{title(difference)} ({fmt.difference(by)})" if fmt.change_interval(by) else title(difference)


def _list(what: str, names: Sequence[str]) -> list[str]:
    return [f"{what}: {fmt.joined(names, NAMED)}."] if names else []


def _later(difference: Difference, contrast: Contrast) -> str:
    """Return how much later something comes on average, where that is sure and it comes in both."""
    if difference.outcome.kind != "date" or 0.0 in (difference.baseline.value, difference.other.value):
        return ""
    mean = contrast.find(difference.name, "restricted_mean")
    by = mean.difference
    if not mean.sure or not by.value or by.low is None or by.high is None:
        return ""
    low, high = sorted((abs(by.low), abs(by.high)))
    word = "later" if by.value > 0 else "earlier"
    return f"; on average {abs(by.value):,.0f} [{low:,.0f}, {high:,.0f}] days {word}"


def _verdicts(sides: Sides) -> str:
    baseline, other = (side.verdict or "cannot be told" for side in sides)
    verdict = VERDICTS[other].format("the flywheel")
    if baseline != other:
        return f"{verdict}, where in A {VERDICTS[baseline].format('it')}"
    return verdict + (" in both" if other == "feeds itself" else " in either")


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
    sides, them = (comparison.baseline, side), fmt.letter(contrast.other)
    groups = _by_sureness(contrast.differences, direct)
    if full:
        name, rows = "All outcomes", list(_all_rows(groups, sides))
    else:
        name = "Largest sure differences"
        rows = [_row(difference, sides) for difference in _largest(contrast, direct)]
    headings = (name, "A", them, "difference", "95% interval", f"{them} above")
    return [Table(name, headings, rows or [(NONE,)], frozenset(range(1, 6)), _rest(groups, full))]


def asked_table(contrast: Contrast, sides: Sides) -> Table:
    """Return a row for each answer to a question: both levels, the difference with its unit, how sure."""
    headings = ("What was asked", "A", "B", "difference", "95% interval", "")
    rows = [_asked_row(difference, sides) for difference in _asked(contrast)]
    return Table("", headings, rows, frozenset(range(1, 5)))


def _asked_row(difference: Difference, sides: Sides) -> tuple[str, ...]:
    by = difference.difference
    change = fmt.change(by, None if by.unit in (SHARE, DATE) else by.unit)
    name, sure = fmt.capital(title(difference)), SURENESS[sureness(difference)]
    return name, *levels(difference, sides), change, fmt.change_interval(by), sure


def _all_rows(groups: Groups, sides: Sides) -> Iterator[tuple[str, ...]]:
    for name, heading in GROUPS.items():
        if group := [difference for difference in groups[name] if not _is_vacuous(difference)]:
            yield (heading,)
            yield from (_row(difference, sides, "  ") for difference in group)


def _is_vacuous(difference: Difference) -> bool:
    """Return whether it is of what an actor does towards itself, where nothing ever happens."""
    of = difference.outcome
    return difference.equal and bool(of.target) and of.target == of.actor


def _row(difference: Difference, sides: Sides, indent: str = "") -> tuple[str, ...]:
    cells = (indent + fmt.capital(title(difference)), *levels(difference, sides))
    if difference.equal:
        return cells
    by, exceeds = difference.difference, difference.p_exceeds
    above = fmt.percent(exceeds.value) if exceeds and exceeds.value is not None else ""
    return *cells, fmt.change(by), fmt.change_interval(by), above


def _largest(contrast: Contrast, direct: Collection[str] = ()) -> list[Difference]:
    """Return the most important sure differences beside the headline, of nearly the same the first one."""
    different: dict[tuple[str, ...], Difference] = {}
    for difference in contrast.differences:
        if difference.sure and not difference.headline and difference.name not in direct:
            different.setdefault(_subject(difference), difference)
    return list(different.values())[:LARGEST]


def _subject(difference: Difference) -> tuple[str, ...]:
    """Return what nearly the same outcomes have in common: acts and their days, a level at several dates."""
    of = difference.outcome
    measure = of.measure.replace("days", "acts")
    if "tension" in measure or "pressure" in measure:
        measure = "tension" if "tension" in measure else "pressure"
    return measure, of.actor, of.target, of.family, of.instrument


def shown(comparison: Comparison, full: bool, direct: Collection[str] = ()) -> list[Difference]:
    """Return the differences that a page shows; those of `direct` differ by construction."""
    differences = [difference for contrast in comparison.contrasts for difference in contrast.differences]
    if full:
        return differences
    largest = [difference for contrast in comparison.contrasts for difference in _largest(contrast, direct)]
    return [difference for difference in differences if difference.headline] + largest


def _rest(groups: Groups, full: bool) -> str:
    """Return how many differences there are of each kind."""
    count = {name: len(group) for name, group in groups.items()}
    own = f"; {count['own']:,} differ by construction" if count["own"] else ""
    return (
        f"{fmt.plural(count['sure'], 'difference')} sure; {count['nearly'] + count['unsure']:,} may be none;"
        f" {count['equal']:,} are none in any future{own}.{'' if full else ' --all shows every one.'}"
    )


def rows(comparison: Comparison) -> tuple[Sequence[str], Iterator[Sequence[Any]]]:
    """Return a row for each difference, under the headings."""
    return HEADINGS, _rows(comparison)


def _rows(comparison: Comparison) -> Iterator[Sequence[Any]]:
    for side, contrast in comparison.pairs():
        for difference in contrast.differences:
            of, by, more = difference.outcome, difference.difference, difference.p_exceeds
            yield (
                side.name, contrast.paired, of.name, difference.statistic, of.label, of.kind, by.unit,
                difference.headline, difference.n, *_ends(difference.baseline), *_ends(difference.other),
                *_ends(by), by.too_few, difference.p, difference.p_adjusted, difference.tests,
                difference.sure, difference.equal, *(_ends(more) if more else (None,) * 3),
                difference.p_equal, difference.variance_ratio, difference.standardised,
            )  # fmt: skip


def _ends(of: Estimate) -> tuple[float | None, float | None, float | None]:
    return of.value, of.low, of.high
