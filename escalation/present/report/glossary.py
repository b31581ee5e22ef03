"""How to read a report: what its words, numbers and measures mean, for the scenario at hand."""

from __future__ import annotations

from collections.abc import Iterator

from escalation.present.words import number
from escalation.scenario.document import Scenario
from escalation.study.exhibit import Exhibit
from escalation.study.flywheel.wheel import Flywheel

RUNS = (
    "A run, or replication: the scenario played once, by chance; each time the same rules, other luck, and"
    " other draws of the uncertain numbers.",
    "A hostile act: anything done against another that is graver than words and threats. A package day: a day"
    " with at least one such act by an actor.",
)
LEVELS = (
    "Rung: the place of an act on the ladder of escalation, from words (0) to the gravest.",
    "Tension: all grievances of all actors, added up; a grievance grows with what is done and fades in time.",
)
NUMBERS = (
    "10.2 ± 0.3: a mean over the runs, and half of its 95% interval: how far it may be off because there are"
    " not more runs. 62% [58, 66]: a share of the runs, with its 95% interval.",
    "50% and 95% bands: where the middle half and nearly all of the runs lie. They say how different futures"
    " of this scenario are, not how sure its assumptions are.",
)
RIVAL = (
    "A moving baseline: shocks, what happened before the simulation, and words can make several actors act at"
    " about the same time without any of them answering another. The share that it explains of how acts"
    " cluster would look like a spiral and is none."
)
EXAMPLES = 2
"""Concessions that are named."""


def glossary(exhibit: Exhibit) -> list[str]:
    """Return what a reader who was not there has to know, one point for each thing."""
    limit, wheel = exhibit.header.runaway, exhibit.summary.flywheel
    runaway = [f"A runaway: a run in which tension passes {number(limit)} at some time."] if limit else []
    return [*RUNS, *_concession(exhibit.scenario), *LEVELS, *runaway, *_measures(wheel), *NUMBERS]


def _concession(scenario: Scenario) -> Iterator[str]:
    """Yield what counts as a concession, where anything does."""
    least = scenario.outcomes.concession.nominal
    labels = [one.label for one in scenario.instruments.values() if one.severity.nominal <= -least]
    if labels:
        such = " or ".join(labels[:EXAMPLES])
        yield f"A concession: a conciliatory act of some weight, such as {such}."


def _measures(wheel: Flywheel | None) -> Iterator[str]:
    if wheel is None:
        return
    yield (
        "R, of the flywheel: how many further hostile acts one such act calls forth directly, within"
        f" {wheel.window} (the window: what comes later is not counted). An act that answers several is"
        " shared out among them. Below 1 each round of answers is smaller than the one before, and the spiral"
        " dies out without new shocks; above 1 it feeds itself."
    )
    if wheel.rival is not None:
        yield RIVAL
