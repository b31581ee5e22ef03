"""The average effect of an act taken out or put in, in each format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from escalation.present.comparing.comparison import lines, seen, show_comparison, tables
from escalation.present.comparing.notes import NAMED, closing
from escalation.present.comparing.words import joined, signed, spoken
from escalation.present.page import Page, show_page
from escalation.present.screen import put
from escalation.present.story.phrases import listed
from escalation.present.table import Format, as_json
from escalation.present.words import percent, plural
from escalation.study.comparing.comparison import Comparison, Difference
from escalation.study.whatif.average import Average

APART = ", words and threats apart"
"""What the labels of hostile acts end with; said once instead."""
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
    return Page(
        found.header.title,
        (*_what(found), *lines(comparison, side, contrast), *_by_construction(found)),
        tuple(tables(comparison, side, contrast, everything)),
        (*closing(comparison, seen(comparison, everything)), *(() if contrast.identical else (HOSTILE,))),
    )


def _with_totals(found: Average) -> Comparison:
    """Return the comparison with every actor's hostile acts among what is told in sentences."""
    marked = tuple(
        replace(one, headline=True, label=one.label.removesuffix(APART)) if _is_total(found, one) else one
        for one in found.contrast.differences
    )
    return replace(found.comparison, contrasts=(replace(found.contrast, differences=marked),))


def _is_total(found: Average, one: Difference) -> bool:
    """Return whether this is how many hostile acts an actor does that ever does any."""
    kind, _, actor = one.name.partition(".")
    never = one.equal and not one.baseline.estimate
    return kind == "acts" and actor in found.header.actors and not never


def _what(found: Average) -> Iterator[str]:
    seed, futures = found.comparison.baseline.seed, plural(found.pairs, "future")
    yield f"A is the world as it is (seed {seed}), B the same {listed(found.words)}."
    if found.none and found.none == found.pairs:
        yield f"In none of {futures} was there such an act."
    elif found.none:
        share = percent(found.none / found.pairs)
        yield f"In {found.none:,} of {futures} ({share}) there was no such act: nothing differs in these."
    if found.struck and found.struck != found.pairs - found.none:
        yield f"Taken out in all: {plural(found.struck, 'act')}."


def _by_construction(found: Average) -> Iterator[str]:
    apart = {one.name: spoken(one.label) for one in found.contrast.differences if not one.equal}
    uses = [apart[name] for name in found.own_uses if name in apart]
    said = [joined(uses, NAMED)] if uses else []
    said += [
        f"{signed(acts, 2)} of the hostile acts by {found.header.actors[actor]}"
        for actor, acts in found.own_acts.items()
        if acts
    ]
    if said:
        yield f"By construction, being what was taken out or put in: {'; '.join(said)}."
