"""Why something never came about, as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from escalation.present.format import capital, command, day, day_of, estimate, listed, percent, plural, signed
from escalation.present.page import Page, Table, result_page
from escalation.present.story.decision import WITHOUT_REASONS
from escalation.present.story.divergence import TERMS
from escalation.present.story.narrative import which
from escalation.present.story.phrases import named, times, voices
from escalation.study.story.why_not import Draw, WhyNot

HEADINGS = ("day", "about", "target", "proportion", "probability", "utility", "picked", "picked_utility")
REASONS = {
    "words": "it is words, which are answered with at once and weighed in no deliberation",
    "reach": "it cannot be aimed at that target",
    "packed": "it was in the package already",
    "in_force": "it was in force already",
    "relation": "the relation with the target excludes it",
    "posts": "no post was left",
    "nothing_to_lift": "nothing that it lifts was in force",
    "requires": "what it requires had never been used",
    "sign": "what was felt, or was in the package already, called for the other kind of act",
}
"""Why something was no option, in words."""
SMALL = 0.05
"""Differences below this are left out."""


def page(result: WhyNot, full: bool = False) -> Page:  # noqa: ARG001 - it is always whole
    """Return the page of why something never came about."""
    title = f"Why {named(result, result.actor)} did not: {result.label}"
    lines = [_which(result), *_came(result), *_reasons(result)]
    return result_page(title, lines, (_terms(result),), (_closing(result),))


def rows(result: WhyNot) -> tuple[Sequence[str], Iterator[Sequence[Any]]]:
    """Return the draws in which it was an option, under their headings."""
    return HEADINGS, (
        (
            day_of(draw.time, result.scenario.start).isoformat(), draw.about, draw.target, draw.proportion,
            draw.option.probability, draw.option.utility, draw.picked.instrument, draw.picked.utility,
        )
        for draw in result.draws
    )  # fmt: skip


def _which(result: WhyNot) -> str:
    if not (result.origin.typical and result.happened):
        return which(result.origin, result.seed)
    origin = result.origin.model_copy(update={"typical": False})
    kind = "the most typical one" if result.acts else "the most typical of those without it"
    return f"{which(origin, result.seed).removesuffix(', as asked for.')}: {kind}."


def _came(result: WhyNot) -> Iterator[str]:
    if result.happened:
        yield f"It comes in {estimate(result.happened)} of the run's replications."
    if result.acts:
        when = listed([day(act.day) for act in result.acts])
        yield f"In this one it did come: {when}."
    for decision in result.blocked:
        members = dict.fromkeys(str(vote.member) for vote in decision.votes if not vote.agreed)
        who = listed([named(result, name) for name in members])
        why = f"{who} withheld consent" if who else "an intervention struck it out"
        yield f"It was decided on {day(decision.day)} and never took place: {why}."


def _reasons(result: WhyNot) -> Iterator[str]:
    who = capital(named(result, result.actor))
    if not result.usable:
        yield f"{who} cannot aim it at anybody: it is not in its repertoire for any target."
        return
    if result.policy != "proportional":
        yield f"{who} does not weigh what it does. {WITHOUT_REASONS[result.policy]}"
        return
    if not result.wakes:
        yield f"{who} never deliberated: no grievance of its own ever made it sit down to decide."
        return
    yield from _deliberations(result, who)
    yield from _options(result)
    if result.draws:
        yield _nearest(result, result.draws[0])
        yield (
            f"All in all, the chance that one of {plural(len(result.draws), 'such draw')} falls on it was"
            f" {percent(result.chance)}."
        )


def _deliberations(result: WhyNot, who: str) -> Iterator[str]:
    often = {0: "weighed something every time", result.wakes: "weighed nothing every time"}
    said = often.get(result.lulls, f"{times(result.lulls)} weighed nothing, for want of a grievance")
    yield f"{who} sat down to decide {times(result.wakes)}, and {said}."
    if result.closest is not None and result.closest < result.least:
        yield (
            f"Hostile acts are weighed where severity {result.least:.1f} or more is in proportion to the"
            f" grievance; it was {result.closest:.1f} at most."
        )


def _options(result: WhyNot) -> Iterator[str]:
    if not result.weighings:
        return
    options, draws = len(result.draws), plural(result.weighings, "draw")
    why = listed([f"{REASONS[name]} ({count})" for name, count in result.bars.items()])
    bars = f" It was none where {why}." if why else ""
    yield f"It was an option in {options} of {draws}.{bars}"


def _nearest(result: WhyNot, draw: Draw) -> str:
    when, about = day(day_of(draw.time, result.scenario.start)), named(result, draw.about)
    return (
        f"Nearest to it: {when}, about {about}, with probability {percent(draw.option.probability)}"
        f" ({draw.picked.label} was picked, with {percent(draw.picked.probability)}). {voices(draw.option)}"
    )


def _terms(result: WhyNot) -> Table | None:
    """Return what spoke for it and for what was picked instead, the greatest difference first."""
    ranked = sorted(result.differences.items(), key=lambda item: item[1][0] - item[1][1])
    rows = [
        (capital(TERMS[name]), signed(own, 1), signed(other, 1), signed(own - other, 1))
        for name, (own, other) in ranked
        if max(abs(own), abs(other)) >= SMALL
    ]
    headings = ("What outweighed it", "it", "what was picked", "difference")
    note = (
        "Mean contribution to the utility over the draws that fell on something else; doing nothing has none."
    )
    return Table(headings[0], headings, rows, frozenset({1, 2, 3}), note)


def _closing(result: WhyNot) -> str:
    origin = result.origin
    again = command(
        "explain", origin.folder or origin.source, replication=origin.replication, actor=result.actor,
        overrides=() if origin.folder else result.overrides, seed=None if origin.folder else result.seed,
    )  # fmt: skip
    return f"All that it decided: {again}"
