"""The average effect of an act taken out or put in, in each format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from escalation.present.comparing.comparison import lines, seen, show_comparison, tables
from escalation.present.comparing.notes import NAMED, closing
from escalation.present.comparing.words import joined, shown, signed, spoken, title
from escalation.present.page import Page, result_page, show_page
from escalation.present.screen import put
from escalation.present.story.phrases import listed
from escalation.present.table import Format, as_json
from escalation.present.words import capital, percent, plural
from escalation.study.comparing.comparison import Comparison, Difference
from escalation.study.whatif.average import Average, totals

APART = ", words and threats apart"
"""What the labels of hostile acts end with; said once instead."""
ASKED = "the scenario's questions and all hostile acts of each actor"
HOSTILE = "Hostile acts: words and threats apart."


def show_average(found: Average, form: Format, everything: bool = False) -> None:
    """Print the average effect of an intervention on standard output; `everything` shows every outcome."""
    if form is Format.JSON:
        put(as_json(found.to_json()))
    elif form is Format.CSV:
        show_comparison(found.comparison, form)
    else:
        show_page(average_page(found, everything), form)


def average_page(found: Average, everything: bool = False) -> Page:
    """Return the page of the average effect of an intervention."""
    comparison = _with_totals(found)
    ((side, contrast),) = comparison.pairs()
    return result_page(
        found.header.title,
        (
            *_what(found),
            *lines(comparison, side, contrast, found.gone),
            *_gone(found),
            *_by_construction(found),
        ),
        tuple(tables(comparison, side, contrast, everything, found.own)),
        (
            *closing(comparison, seen(comparison, everything, found.own), ASKED),
            *(() if contrast.identical else (HOSTILE,)),
        ),
    )


def _with_totals(found: Average) -> Comparison:
    """Return the comparison without the hostile acts of those that never do any among what is told."""
    total, answer = totals(found.header), found.header.answer
    marked = tuple(
        replace(
            one, headline=_is_total(found, one) or one.name in answer, label=one.label.removesuffix(APART)
        )
        if one.name in total
        else one
        for one in found.contrast.differences
    )
    return replace(found.comparison, contrasts=(replace(found.contrast, differences=marked),))


def _is_total(found: Average, one: Difference) -> bool:
    """Return whether this is how many hostile acts an actor does that ever does any."""
    never = one.equal and not one.baseline.estimate
    return one.name in totals(found.header) and not never


def _what(found: Average) -> Iterator[str]:
    seed, futures = found.comparison.baseline.seed, plural(found.pairs, "future")
    yield f"A is the world as it is (seed {seed}), B the same {listed(found.words)}."
    yield from (f"{capital(remark)}." for remark in found.remarks)
    if found.none and found.none == found.pairs:
        yield f"In none of {futures} was there such an act."
    elif found.none:
        share = percent(found.none / found.pairs)
        yield f"In {found.none:,} of {futures} ({share}) there was no such act: nothing differs in these."
    if found.struck and found.struck != found.pairs - found.none:
        yield f"Taken out in all: {plural(found.struck, 'act')}."


def _gone(found: Average) -> Iterator[str]:
    """Yield what cannot happen any more, being what was taken out, and how much of it there was."""
    rows = [
        one
        for one in found.contrast.differences
        if one.name in found.gone and not one.equal and one.measure != "restricted_mean"
    ]
    rows.sort(key=lambda one: not (one.headline or _is_total(found, one)))
    sides = found.comparison.sides[0], found.comparison.sides[1]
    told = [f"{title(one).removesuffix(APART)} ({shown(one, sides).baseline})" for one in rows]
    if told:
        yield f"By construction no longer, in brackets what there was: {joined(told, NAMED)}."


def _by_construction(found: Average) -> Iterator[str]:
    apart = {one.name: spoken(one.label) for one in found.contrast.differences if not one.equal}
    uses = [apart[name] for name in found.own_uses if name in apart and name not in found.gone]
    said = [joined(uses, NAMED)] if uses else []
    said += [
        f"{signed(acts, 2)} of the hostile acts by {found.header.actors[actor]}"
        for actor, acts in found.own_acts.items()
        if acts
    ]
    if said:
        yield f"By construction, being what was taken out or put in: {'; '.join(said)}."
