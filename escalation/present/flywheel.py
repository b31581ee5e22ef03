"""The flywheel as a reader sees it: its readings, what it rests on, and the ways that carry it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from escalation.present.table import Table
from escalation.present.words import day, days, number, percent
from escalation.study.branching import Span
from escalation.study.reading import Reading
from escalation.study.summary import Summary
from escalation.study.wheel import Flywheel

WAYS_SHOWN = 3
SOURCES = {
    "shocks": "Acts that answer shocks",
    "other": "Acts that answer words, threats and concessions",
    "unknown": "Acts of which it is not known what they answer",
}
"""What acts answer besides earlier hostile acts, as printed."""


def flywheel_tables(summary: Summary) -> list[Table]:
    """Return the section of the flywheel: only what there is anything to say of."""
    wheel = summary.flywheel
    if wheel is None:
        return []
    links, rings = ("Strongest links", "answers", "part of R"), ("Largest rings", "per step")
    tables = [
        _readings(wheel, summary.header.start),
        Table("What turns the flywheel", ("What turns it", ""), list(_parts(wheel, summary)), frozenset({1})),
        Table("Strongest links of the flywheel", links, list(_links(wheel)), frozenset({1, 2})),
        Table("Largest rings of the flywheel", rings, list(_rings(wheel)), frozenset({1})),
    ]
    return [table for table in tables if table.rows]


def _readings(wheel: Flywheel, start: date) -> Table:
    readings = [
        ("All that was followed", wheel.counted, wheel.weighted),
        *((dates(span, start), counted, weighted) for span, counted, weighted in wheel.spans),
    ]
    rows = [
        (label, f"{counted.acts:,}", *_reading(counted), *_reading(weighted))
        for label, counted, weighted in readings
        if counted.R is not None
    ]
    note = f"R: further hostile acts that each one calls forth within {wheel.window}."
    headings = ("The flywheel", "acts", "R", "95%", "by severity", "95%")
    return Table("The flywheel", headings, rows, frozenset(range(1, 6)), note)


def dates(span: Span, start: date) -> str:
    """Return a span's first and last day, as printed; `start` is the scenario's."""
    return days(start + timedelta(days=int(span.first)), start + timedelta(days=int(span.last) - 1))


def _reading(reading: Reading) -> tuple[str, str]:
    interval = "" if reading.low is None else f"[{reading.low:.2f}, {reading.high:.2f}]"
    return ("" if reading.R is None else f"{reading.R:.2f}"), interval


def _parts(wheel: Flywheel, summary: Summary) -> Iterator[tuple[str, str]]:
    takeover = day(summary.header.takeover)
    if wheel.counted.R is not None:
        yield "Verdict, acts counted", wheel.counted.verdict
        yield "Verdict, acts weighted with severity", wheel.weighted.verdict
    if wheel.endogenous is not None:
        yield "Acts that answer earlier hostile acts", percent(wheel.endogenous)
        yield f"  since {takeover}", percent(wheel.sources["acts"])
        yield f"  before {takeover}", percent(wheel.sources["history"])
    for name, label in SOURCES.items():
        if wheel.sources.get(name):
            yield label, percent(wheel.sources[name])
    if wheel.late is not None:
        yield f"Answers seen after more than {wheel.window}, not in R", percent(wheel.late)
    if wheel.per_shock is not None:
        yield "Acts that follow one outside shock", number(float(wheel.per_shock.sum()))
    if wheel.per_outside is not None:
        yield "Acts per act provoked from outside, itself included", number(wheel.per_outside)


def _links(wheel: Flywheel) -> Iterator[tuple[str, str, str]]:
    for link in wheel.links[:WAYS_SHOWN]:
        yield way(wheel, (link.parent, link.child)), number(link.answers), percent(link.carries)


def _rings(wheel: Flywheel) -> Iterator[tuple[str, str]]:
    for ring in wheel.rings[:WAYS_SHOWN]:
        yield way(wheel, ring.dyads), number(ring.gain)


def way(wheel: Flywheel, dyads: Iterable[str]) -> str:
    """Return dyads that answer one another: `Poland → Belarus, then Belarus → Poland`."""
    labels = dict(wheel.dyads)
    steps = [labels[name] for name in dyads]
    return ", then ".join(steps if len(steps) > 1 else [*steps, "again"])


class Value(NamedTuple):
    """One number of the flywheel for a table of values; None where it cannot be said."""

    name: str
    label: str
    unit: str
    estimate: float | None
    low: float | None = None
    high: float | None = None


def flywheel_values(wheel: Flywheel) -> list[Value]:
    """Return the numbers of the section, by names of their own."""
    return [*_values(wheel), *_ways(wheel)]


def _values(wheel: Flywheel) -> Iterator[Value]:
    yield _value("flywheel.R", "further hostile acts that each one calls forth", wheel.counted)
    yield _value("flywheel.R_severity_weighted", "the same, weighted with severity", wheel.weighted)
    for span, counted, weighted in wheel.spans:
        yield _value(f"flywheel.R.{span.label}", f"the same for acts from {span.label}", counted)
        label = f"the same for acts from {span.label}, weighted with severity"
        yield _value(f"flywheel.R_severity_weighted.{span.label}", label, weighted)
    yield Value("flywheel.endogenous", "acts that answer earlier hostile acts", "share", wheel.endogenous)
    yield Value("flywheel.late", "answers seen after the window", "share", wheel.late)
    shock = None if wheel.per_shock is None else float(wheel.per_shock.sum())
    yield Value("flywheel.acts_per_shock", "acts that follow one outside shock", "acts", shock)
    label = "acts that follow one provoked from outside, itself included"
    yield Value("flywheel.acts_per_outside_act", label, "acts", wheel.per_outside)


def _ways(wheel: Flywheel) -> Iterator[Value]:
    for link in wheel.links[:WAYS_SHOWN]:
        label = way(wheel, (link.parent, link.child))
        yield Value(f"flywheel.K.{link.parent}.{link.child}", label, "acts per act", link.answers)
    for ring in wheel.rings[:WAYS_SHOWN]:
        label = f"a step along {way(wheel, ring.dyads)}"
        yield Value(f"flywheel.ring.{'.'.join(ring.dyads)}", label, "acts per act", ring.gain)


def _value(name: str, label: str, reading: Reading) -> Value:
    return Value(name, label, "acts per act", reading.R, reading.low, reading.high)
