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
from escalation.present.whatif.intervention import described, remarks
from escalation.present.words import capital, percent, plural
from escalation.study.comparing.comparison import Comparison, Difference
from escalation.study.whatif.average import AverageEffect

APART = ", words and threats apart"
"""What the labels of hostile acts end with; said once instead."""
ASKED = "the scenario's questions and all hostile acts of each actor"
HOSTILE = "Hostile acts: words and threats apart."


def show_average(found: AverageEffect, form: Format, everything: bool = False) -> None:
    """Print the average effect of an intervention on standard output; `everything` shows every outcome."""
    if form is Format.JSON:
        put(as_json(found.model_dump(mode="json")))
    elif form is Format.CSV:
        show_comparison(found.comparison, form)
    else:
        show_page(average_page(found, everything), form)


def average_page(found: AverageEffect, everything: bool = False) -> Page:
    """Return the page of the average effect of an intervention."""
    comparison = _with_totals(found)
    ((side, contrast),) = comparison.pairs()
    return result_page(
        found.scenario.title,
        (
            *_what(found),
            *lines(comparison, side, contrast, found.direct.impossible),
            *_gone(found),
            *_by_construction(found),
        ),
        tuple(tables(comparison, side, contrast, everything, found.direct.outcomes)),
        (
            *closing(comparison, seen(comparison, everything, found.direct.outcomes), ASKED),
            *(() if contrast.identical else (HOSTILE,)),
        ),
    )


def _with_totals(found: AverageEffect) -> Comparison:
    """Return the comparison without the hostile acts of those that never do any among what is told."""
    marked = tuple(
        replace(
            one,
            headline=_is_total(found, one) or one.name in found.answer,
            label=one.label.removesuffix(APART),
        )
        if one.name in found.hostile_totals
        else one
        for one in found.contrast.differences
    )
    return replace(found.comparison, contrasts=(replace(found.contrast, differences=marked),))


def _is_total(found: AverageEffect, one: Difference) -> bool:
    """Return whether this is how many hostile acts an actor does that ever does any."""
    never = one.equal and not one.baseline.estimate
    return one.name in found.hostile_totals and not never


def _what(found: AverageEffect) -> Iterator[str]:
    seed, futures = found.seed, plural(found.pairs, "future")
    yield f"A is the world as it is (seed {seed}), B the same {listed(described(found.intervention))}."
    yield from (f"{capital(remark)}." for remark in remarks(found.intervention))
    if found.unaffected and found.unaffected == found.pairs:
        yield f"In none of {futures} was there such an act."
    elif found.unaffected:
        share = percent(found.unaffected / found.pairs)
        yield (
            f"In {found.unaffected:,} of {futures} ({share}) there was no such act: nothing differs in these."
        )
    if found.struck and found.struck != found.pairs - found.unaffected:
        yield f"Taken out in all: {plural(found.struck, 'act')}."


def _gone(found: AverageEffect) -> Iterator[str]:
    """Yield what cannot happen any more, being what was taken out, and how much of it there was."""
    rows = [
        one
        for one in found.contrast.differences
        if one.name in found.direct.impossible and not one.equal and one.measure != "restricted_mean"
    ]
    rows.sort(key=lambda one: not (one.headline or _is_total(found, one)))
    sides = found.comparison.sides[0], found.comparison.sides[1]
    told = [f"{title(one).removesuffix(APART)} ({shown(one, sides).baseline})" for one in rows]
    if told:
        yield f"By construction no longer, in brackets what there was: {joined(told, NAMED)}."


def _by_construction(found: AverageEffect) -> Iterator[str]:
    apart = {one.name: spoken(one.label) for one in found.contrast.differences if not one.equal}
    uses = [
        apart[name]
        for name in found.direct.first_uses
        if name in apart and name not in found.direct.impossible
    ]
    said = [joined(uses, NAMED)] if uses else []
    said += [
        f"{signed(acts, 2)} of the hostile acts by {found.actors[actor]}"
        for actor, acts in found.direct.hostile_acts.items()
        if acts
    ]
    if said:
        yield f"By construction, being what was taken out or put in: {'; '.join(said)}."
