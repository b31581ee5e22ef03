"""The answers: one outcome in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from escalation.ensemble.header import Header
from escalation.errors import nearest
from escalation.present.words import band, capital, chance, day, days, mean, percent
from escalation.study.summary import Figure, Summary


def answers(summary: Summary) -> list[str]:
    """Return a sentence for each outcome that answers the scenario's question, in its order."""
    return [
        sentence(summary.figures[name], summary.header)
        if name in summary.figures
        else f"{name}: there is no such outcome{_suggestion(name, summary)}"
        for name in summary.header.answer
    ]


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
    if figure.median is None or figure.band_50 is None:
        return said
    return f"{said}; if so, half by {when(header, figure.median)} (50%: {span(header, figure.band_50)})"


def _amount(figure: Figure) -> str:
    assert figure.mean is not None
    assert figure.band_50 is not None
    assert figure.band_95 is not None
    return f"{mean(figure.mean, figure.mcse)} (50%: {band(figure.band_50)}, 95%: {band(figure.band_95)})"


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
