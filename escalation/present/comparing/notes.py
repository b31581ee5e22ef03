"""What stands below a comparison: how it was made, how sure `sure` is, what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from escalation.present.comparing.words import joined, letter, spoken
from escalation.present.words import day, plural
from escalation.study.comparing.comparison import Comparison, Contrast, Difference, Side

WORTH_SAYING = 1.2
"""Pairs that tell as much as fewer times as many independent replications are not boasted of."""
ASKED = "the questions of the scenario"
NAMED = 6
"""Outcomes of one kind that are named one by one."""


def closing(comparison: Comparison, printed: Sequence[Difference], asked: str = ASKED) -> list[str]:
    """Return the notes: how it was compared, how sure `sure` is, what was left out.

    `printed` are the differences that a reader sees, `asked` says what the family of questions is.
    """
    return [
        *_worlds(comparison),
        *(_certainty(comparison, printed, asked) if any(not one.equal for one in printed) else []),
        *(line for place, side in enumerate(comparison.sides) for line in _unwell(letter(place), side)),
        *(line for contrast in comparison.contrasts for line in _left_out(contrast)),
    ]


def _worlds(comparison: Comparison) -> Iterator[str]:
    baseline = comparison.baseline
    period = f"{day(baseline.takeover)} to {day(baseline.end)}"
    for side, contrast in comparison.pairs():
        them = letter(contrast.other)
        if contrast.paired:
            yield (
                f"{plural(contrast.pairs, 'future')}, {period}, each with the same chance in A and"
                f" {them}{_worth(contrast)}."
            )
        else:
            yield f"{baseline.finished:,} futures in A and {side.finished:,} in {them}, {period} in A."


def _worth(contrast: Contrast) -> str:
    """Return how many independent replications would tell as much, for the median outcome."""
    ratios = [one.variance_ratio for one in contrast.differences if one.variance_ratio is not None]
    if not ratios or median(ratios) < WORTH_SAYING:
        return ""
    count = contrast.pairs * median(ratios)
    return f": they tell as much as {float(f'{count:.2g}'):,.0f} independent ones"


def _certainty(comparison: Comparison, printed: Sequence[Difference], asked: str) -> Iterator[str]:
    if comparison.adjustment == "holm":
        yield f"Sure: 95% sure {_families(comparison, asked)} (Holm's method). Each interval is for itself."
    else:
        yield "Sure: 95% sure of each by itself. Of 20 differences that are none, one looks sure."
    if any(contrast.paired for contrast in comparison.contrasts):
        yield "Above: in how many futures it is more, or later."
    if not all(contrast.paired for contrast in comparison.contrasts):
        yield "Above, of independent runs: how often any future of the one has more than any of A, or later."
    if any(one.measure == "restricted_mean" for one in printed):
        yield "An average day counts what never comes as the last day."
    if any(one.kind == "rank" and one.name.startswith("relation.") for one in printed):
        places = (
            f"{place} {name.replace('_', ' ')}" for place, name in enumerate(comparison.baseline.relations)
        )
        yield f"Relations: {', '.join(places)}."


def _families(comparison: Comparison, asked: str) -> str:
    """Return what is sure at once: what was asked is one family, everything else another."""
    questions, others = comparison.questions, comparison.tests - comparison.questions
    if not questions or not others:
        return f"of all {plural(comparison.tests, 'difference')} at once"
    return (
        f"of a whole family at once: {asked} are one family of {questions:,}, everything else another of"
        f" {others:,}"
    )


def _unwell(name: str, side: Side) -> Iterator[str]:
    if side.failed:
        yield f"Failed: {plural(side.failed, 'replication')} of {name}, left out."
    if side.truncated:
        yield f"Truncated: {plural(side.truncated, 'replication')} of {name} stopped at a limit; included."


def _left_out(contrast: Contrast) -> Iterator[str]:
    them = letter(contrast.other)
    if contrast.dropped:
        yield f"Left out: {plural(contrast.dropped, 'pair')} of A and {them}, one or both of which failed."
    if told := [spoken(one.label) for one in contrast.told if not one.headline]:
        yield f"Not compared, for one scenario tells of it and the other does not: {joined(told, NAMED)}."
    for name, only in ("A", contrast.only_baseline), (them, contrast.only_other):
        if only:
            yield f"Not compared, for only {name} has it: {joined(only, NAMED)}."
    yield from contrast.notes
