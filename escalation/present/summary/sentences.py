"""The answers: one outcome in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from escalation.errors import nearest
from escalation.model.header import Header
from escalation.present.words import band, capital, chance, day, days, mean, number, percent
from escalation.study.summary.summary import Figure, Objective, Summary

FEWEST_DATED, LEAST_DATED = 5, 0.01
"""Runs, and their share, that must have had an event before its dates are told."""
RUNAWAY = "runaway"
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
    if figure.name == RUNAWAY and figure.n and header.runaway is not None:
        return _ran_away(figure, header.runaway)
    return f"{capital(figure.label)}{again(header, figure)}: {_said(figure, header)}."


def _said(figure: Figure, header: Header) -> str:
    if figure.n == 0:
        return "no replication to tell from"
    if figure.kind == "date":
        before = told(header, figure)
        return f"had happened {before}" if before else _first(figure, header)
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


def told(header: Header, figure: Figure) -> str:
    """Return `before 3 Oct 2020` for what was used before the simulation and not in it; else nothing."""
    return (
        f"before {day(header.takeover)}" if figure.name in header.scripted and not figure.probability else ""
    )


def again(header: Header, figure: Figure) -> str:
    """Return what is added to the first simulated use of what had been used before; else nothing."""
    return ", again" if figure.name in header.scripted and figure.probability else ""


def _amount(figure: Figure) -> str:
    assert figure.mean is not None
    middle, wide = bands(figure)
    said = mean(figure.mean, figure.mcse)
    return f"{said} (50%: {middle}, 95%: {wide})" if middle and wide else said


def bands(figure: Figure) -> tuple[str, str]:
    """Return where 50% and 95% of runs lie, as printed; names are counted in whole ones.

    Both are empty for a single run.
    """
    if figure.n < 2:
        return "", ""
    whole = figure.name.startswith("names_listed.")
    middle, wide = (band(ends, whole) if ends else "" for ends in (figure.band_50, figure.band_95))
    return middle, wide


def dated(figure: Figure) -> bool:
    """Return whether so many runs had an event that its dates say something."""
    share = figure.probability or 0.0
    return share >= LEAST_DATED and round(share * figure.n) >= FEWEST_DATED


def runaway(summary: Summary) -> list[str]:
    """Return a sentence on runs in which tension ran away, where they are not few and no answer says it."""
    figure = summary.figures.get(RUNAWAY)
    if figure is None or RUNAWAY in summary.header.answer or (figure.probability or 0.0) < LEAST_RUNAWAY:
        return []
    return [sentence(figure, summary.header)]


def _ran_away(figure: Figure, limit: float) -> str:
    assert figure.probability is not None
    assert figure.interval is not None
    share = chance(figure.probability, figure.interval)
    return f"Tension passed {number(limit)} at some time in {share} of runs (a runaway)."


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
