"""A comparison in each format: what differs first in sentences, then in a table, then what is unsure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from escalation.present.comparing.notes import NAMED, closing
from escalation.present.comparing.words import (
    brief,
    joined,
    legend,
    letter,
    sentence,
    shown,
    spoken,
    title,
)
from escalation.present.page import draw
from escalation.present.screen import put, show
from escalation.present.table import Format, Table, as_csv, as_json, markdown
from escalation.present.words import capital, harmless, percent, plural
from escalation.study.comparing.comparison import Comparison, Contrast, Difference, Side, Told

LARGEST = 12
"""Rows of the table of the largest differences."""
NONE = "None beside those above"
UNTOLD = "The interval leaves out 0, the test does not tell them apart"
CSV_HEADINGS = (
    *("run", "paired", "outcome", "measure", "label", "kind", "unit", "headline", "n"),
    *("baseline", "baseline_low", "baseline_high", "other", "other_low", "other_high"),
    *("difference", "low", "high", "p", "p_adjusted", "tests", "sure", "equal"),
    *("p_exceeds", "p_equal", "variance_ratio", "standardised"),
)


def show_comparison(comparison: Comparison, form: Format, everything: bool = False) -> None:
    """Print a comparison on standard output; `everything` shows every outcome."""
    if form is Format.JSON:
        put(as_json(comparison.to_json()))
    elif form is Format.CSV:
        put(as_csv(CSV_HEADINGS, list(_csv_rows(comparison))))
    elif form is Format.MD:
        put(_as_markdown(comparison, everything))
    else:
        _show(comparison, everything)


def _show(comparison: Comparison, everything: bool) -> None:
    from rich.text import Text  # noqa: PLC0415 - not wanted for --help

    show(*map(harmless, legend(comparison)))
    for side, contrast in comparison.pairs():
        if len(comparison.contrasts) > 1:
            show("", Text(harmless(_heading(comparison, contrast)), style="bold"))
        show(*map(harmless, lines(comparison, side, contrast)))
        for table in tables(comparison, side, contrast, everything):
            show("")
            draw(table)
    show("", *map(harmless, closing(comparison, seen(comparison, everything))))


def _as_markdown(comparison: Comparison, everything: bool) -> str:
    parts = ["\n".join(f"- {markdown(line)}" for line in legend(comparison))]
    for side, contrast in comparison.pairs():
        parts.append(f"# {markdown(_heading(comparison, contrast))}")
        parts.append("\n".join(f"- {markdown(line)}" for line in lines(comparison, side, contrast)))
        parts += [table.as_markdown() for table in tables(comparison, side, contrast, everything)]
    notes = closing(comparison, seen(comparison, everything))
    parts.append("\n".join(f"- {markdown(line)}" for line in notes))
    return "\n\n".join(parts)


def _heading(comparison: Comparison, contrast: Contrast) -> str:
    return f"{letter(contrast.other)} instead of A: {comparison.sides[contrast.other].title}"


def lines(comparison: Comparison, side: Side, contrast: Contrast, apart: Collection[str] = ()) -> list[str]:
    """Return the sentences of one contrast: what answers the question, and what of it is unsure.

    Outcomes that are named `apart` are told elsewhere.
    """
    if not _compared(contrast):
        return ["There is no replication of both to compare."]
    if contrast.identical:
        return [f"Nothing differs: both are the same in each of {plural(contrast.pairs, 'future')}."]
    sides = (comparison.baseline, side)
    # the average day of what is told by its probability stands in the same sentence
    head = [one for one in contrast.differences if one.headline and one.measure != "restricted_mean"]
    head = [one for one in head if one.name not in apart]
    unsure = [one for one in head if not one.sure and not one.equal]
    return [
        *_unpaired(contrast),
        *(_told(one, comparison) for one in contrast.told if one.headline),
        *(sentence(one, contrast, sides) for one in head if one.sure),
        *_nearly(unsure, comparison, sides),
        *_listed("Cannot be told apart", [brief(one, sides) for one in unsure if not one.nearly]),
        *_listed("The same in every future", [title(one) for one in head if one.equal]),
    ]


def _compared(contrast: Contrast) -> bool:
    """Return whether there is any replication of both."""
    return any(one.measure != "R" for one in contrast.differences)


def _nearly(unsure: Sequence[Difference], comparison: Comparison, sides: tuple[Side, Side]) -> Iterator[str]:
    """Yield what the interval by itself leaves no doubt of, by the family that it was adjusted in."""
    nearly = [one for one in unsure if one.nearly]
    for tests in dict.fromkeys(one.tests for one in nearly):
        what = f"Not sure after allowing for {tests:,}" if comparison.adjustment == "holm" else UNTOLD
        yield from _listed(what, [brief(one, sides) for one in nearly if one.tests == tests])


def _unpaired(contrast: Contrast) -> Iterator[str]:
    if not contrast.paired:
        yield f"Compared as independent runs, which makes less sure: {'; '.join(contrast.reasons)}."


def _told(told: Told, comparison: Comparison) -> str:
    place = [side.name for side in comparison.sides].index(told.run)
    return (
        f"{capital(spoken(told.label))}: not compared, for in {letter(place)} that has happened already when"
        " the simulation begins."
    )


def _listed(what: str, names: Sequence[str]) -> list[str]:
    return [f"{what}: {joined(names, NAMED)}."] if names else []


def tables(
    comparison: Comparison, side: Side, contrast: Contrast, everything: bool, apart: Collection[str] = ()
) -> list[Table]:
    """Return the table of one contrast: the largest sure differences, or all of them.

    The outcomes `apart` differ by construction: they are none of the largest, and among all a group of their
    own.
    """
    if contrast.identical or not _compared(contrast):
        return []
    sides, them = (comparison.baseline, side), letter(contrast.other)
    if everything:
        name, rows = "All outcomes", list(_all_rows(contrast, sides, apart))
    else:
        name, rows = "Largest sure differences", [_row(one, sides) for one in _largest(contrast, apart)]
    headings = (name, "A", them, "difference", "95% interval", f"{them} above")
    note = _rest(contrast, everything, apart)
    return [Table(name, headings, rows or [(NONE,)], frozenset(range(1, 6)), note)]


def _all_rows(
    contrast: Contrast, sides: tuple[Side, Side], apart: Collection[str]
) -> Iterator[tuple[str, ...]]:
    others = [one for one in contrast.differences if one.name not in apart]
    unsure = [one for one in others if not one.sure and not one.equal]
    groups = {
        "Sure": [one for one in others if one.sure],
        "Not sure, though the interval by itself leaves out 0": [one for one in unsure if one.nearly],
        "Cannot be told apart": [one for one in unsure if not one.nearly],
        "By construction, in whole or in part": [
            one for one in contrast.differences if one.name in apart and not one.equal
        ],
        "The same in every future": [
            one for one in contrast.differences if one.equal and not _of_itself(one.name)
        ],
    }
    for name, some in groups.items():
        if some:
            yield (name,)
            yield from (_row(one, sides, "  ") for one in some)


def _of_itself(name: str) -> bool:
    """Return whether an outcome is of an actor towards itself, which is nothing to anybody."""
    parts = name.split(".")
    return len(parts) == 3 and parts[1] == parts[2]


def _row(one: Difference, sides: tuple[Side, Side], indent: str = "") -> tuple[str, ...]:
    name, said = indent + capital(title(one)), shown(one, sides)
    if one.equal:
        return name, said.baseline, said.other
    return (name, *said, "" if one.p_exceeds is None else percent(one.p_exceeds))


def _largest(contrast: Contrast, apart: Collection[str] = ()) -> list[Difference]:
    """Return the most important sure differences beside the headline, of nearly the same the first one."""
    different: dict[tuple[str, ...], Difference] = {}
    for one in contrast.differences:
        if one.sure and not one.headline and one.name not in apart:
            different.setdefault(_told_by(one.name), one)
    return list(different.values())[:LARGEST]


def seen(comparison: Comparison, everything: bool, apart: Collection[str] = ()) -> list[Difference]:
    """Return the differences that are printed; those `apart` differ by construction."""
    found = [one for contrast in comparison.contrasts for one in contrast.differences]
    if everything:
        return found
    largest = [one for contrast in comparison.contrasts for one in _largest(contrast, apart)]
    return [*(one for one in found if one.headline), *largest]


def _told_by(name: str) -> tuple[str, ...]:
    """Return what nearly the same outcomes have in common: acts and their days, a level at several dates."""
    first, *rest = name.split(".")
    if first in ("acts", "package_days"):
        return ("acts", *rest)
    return (first, *rest[:-1]) if first in ("tension", "pressure") else (first, *rest)


def _rest(contrast: Contrast, everything: bool, apart: Collection[str]) -> str:
    own = sum(one.name in apart and not one.equal for one in contrast.differences)
    sure = sum(one.sure and one.name not in apart for one in contrast.differences)
    equal = sum(one.equal for one in contrast.differences)
    unsure = len(contrast.differences) - sure - equal - own
    made = f"; {own:,} differ by construction" if own else ""
    return (
        f"{plural(sure, 'difference')} sure; {unsure:,} may be none; {equal:,} are none in any future{made}."
        f"{'' if everything else ' --all shows every one.'}"
    )


def _csv_rows(comparison: Comparison) -> Iterator[Sequence[Any]]:
    nothing = (None, None)
    for side, contrast in comparison.pairs():
        for one in contrast.differences:
            a, b = one.baseline, one.other
            yield (
                side.name, contrast.paired, one.name, one.measure, one.label, one.kind, one.unit,
                one.headline, one.n, a.estimate, *(a.interval or nothing), b.estimate,
                *(b.interval or nothing), one.difference, *(one.interval or nothing), one.p, one.p_adjusted,
                one.tests, one.sure, one.equal, one.p_exceeds, one.p_equal, one.variance_ratio,
                one.standardised,
            )  # fmt: skip
