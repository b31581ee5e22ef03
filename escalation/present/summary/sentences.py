"""The answers: one outcome in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from escalation.ensemble.header import Header
from escalation.errors import nearest
from escalation.present.words import band, capital, chance, day, days, mean, number, percent
from escalation.study.summary.summary import Figure, Objective, Summary

FEWEST_DATED, LEAST_DATED = 5, 0.01
"""Runs, and their share, that must have had an event before its dates are told."""
LEAST_RUNAWAY = 0.05
"""Share of runs from which on it is said at the top that tension ran away."""


def answers(summary: Summary) -> list[str]:
    """Return a sentence for each outcome that answers the scenario's question, in its order."""
    return [
        sentence(summary.figures[name], summary.header)
        if name in summary.figures
        else f"{name}: there is no such outcome{_suggestion(name, summary)}"
        for name in summary.header.answer
    ]


def objectives(summary: Summary) -> list[str]:
    """Return a sentence for each objective of the scenario: what it came to, and if its limit is kept."""
    return [f"{one.name}: {one.expression}: {_came_to(one)}." for one in summary.objectives]


def _came_to(one: Objective) -> str:
    if one.value is None:
        return "cannot be told"
    said = percent(one.value) if one.share else number(one.value)
    if one.interval and one.share:
        said = chance(one.value, one.interval)
    elif one.interval:
        said += f" [{number(one.interval.low)}, {number(one.interval.high)}]"
    kept = {True: ", kept", False: ", not kept", None: ""}[one.holds]
    return f"{said}{kept}"


def sentence(figure: Figure, header: Header) -> str:
    """Return what came out for one outcome, as a sentence that starts with its label."""
    return f"{capital(figure.label)}: {_said(figure, header)}."


def _said(figure: Figure, header: Header) -> str:
    if figure.n == 0:
        return "no replication to tell from"
    if figure.kind == "date":
        return _first(figure, header)
    if figure.probability is not None and figure.interval is not None:
        return chance(figure.probability, figure.interval)
    if figure.name.startswith("relation."):
        return relation(figure, header)
    return _amount(figure)


def _first(figure: Figure, header: Header) -> str:
    assert figure.probability is not None
    assert figure.interval is not None
    said = chance(figure.probability, figure.interval)
    if figure.median is None or figure.band_50 is None or not dated(figure):
        return said
    return f"{said}; if so, half by {when(header, figure.median)} (50%: {span(header, figure.band_50)})"


def _amount(figure: Figure) -> str:
    assert figure.mean is not None
    assert figure.band_50 is not None
    assert figure.band_95 is not None
    middle, wide = bands(figure)
    return f"{mean(figure.mean, figure.mcse)} (50%: {middle}, 95%: {wide})"


def bands(figure: Figure) -> tuple[str, str]:
    """Return where 50% and 95% of runs lie, as printed; names are counted in whole ones."""
    whole = figure.name.startswith("names_listed.")
    middle, wide = (band(ends, whole) if ends else "" for ends in (figure.band_50, figure.band_95))
    return middle, wide


def dated(figure: Figure) -> bool:
    """Return whether so many runs had an event that its dates say something."""
    share = figure.probability or 0.0
    return share >= LEAST_DATED and round(share * figure.n) >= FEWEST_DATED


def runaway(summary: Summary) -> list[str]:
    """Return a sentence about runs in which tension ran away, where they are not few."""
    figure = summary.figures.get("runaway")
    if figure is None or figure.probability is None or figure.probability < LEAST_RUNAWAY:
        return []
    limit = summary.header.runaway
    above = "" if limit is None else f", above {number(limit)}"
    return [f"In {percent(figure.probability)} of runs tension ran away{above}."]


def relation(figure: Figure, header: Header) -> str:
    """Return how often each diplomatic relation was the last one, the most frequent first."""
    shares = sorted((figure.shares or {}).items(), key=lambda item: -item[1])
    named = [(header.relations[int(float(place))].replace("_", " "), share) for place, share in shares]
    return ", ".join(f"{name} {percent(share)}" for name, share in named)


def when(header: Header, at: float) -> str:
    """Return the date of `at`, in days from the start."""
    return day(_date(header, at))


def span(header: Header, ends: Sequence[float]) -> str:
    """Return the dates of a band of days from the start."""
    return days(_date(header, ends[0]), _date(header, ends[1]))


def _date(header: Header, at: float) -> date:
    return header.start + timedelta(days=int(at))


def _suggestion(name: str, summary: Summary) -> str:
    near = nearest(name, tuple(summary.figures))
    return f" (did you mean {near}?)" if near else ""
