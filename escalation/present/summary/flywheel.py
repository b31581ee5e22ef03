"""The flywheel as a reader sees it: its readings, what it rests on, and the ways that carry it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from escalation.present.table import Table
from escalation.present.words import and_more, day, days, number, percent
from escalation.study.flywheel.chains import Chain
from escalation.study.flywheel.plan import Span
from escalation.study.flywheel.reading import Reading
from escalation.study.flywheel.verdict import ends, hundredths, months
from escalation.study.flywheel.wheel import Flywheel
from escalation.study.summary.summary import Summary

WAYS_SHOWN = 3
LOOPS = ("per step", "Largest loops, and what is done most often in them")
LEVELS = "▁▂▃▄▅▆▇█"
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
    note, more = wheel.rival_sentence(), and_more(len(wheel.rings) - WAYS_SHOWN)
    tables = [
        _readings(wheel, summary.header.start),
        Table(
            "What turns the flywheel",
            ("What turns it", ""),
            list(_parts(wheel, summary)),
            frozenset({1}),
            note,
        ),
        Table("Largest loops of the flywheel", LOOPS, list(_loops(wheel)), frozenset({0}), more),
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
    return ("" if reading.R is None else hundredths(reading.R)), ends(reading)


def _parts(wheel: Flywheel, summary: Summary) -> Iterator[tuple[str, str]]:
    if wheel.weighted.verdict != wheel.counted.verdict:
        yield "Verdict, acts counted", wheel.counted.verdict
        yield "Verdict, acts weighted with severity", wheel.weighted.verdict
    yield from _through_time(wheel)
    if wheel.endogenous is not None:
        yield "Acts that answer earlier hostile acts", percent(wheel.endogenous)
    if wheel.sources.get("history"):
        yield f"  those from before {day(summary.header.takeover)}", percent(wheel.sources["history"])
    for name, label in SOURCES.items():
        if wheel.sources.get(name):
            yield label, percent(wheel.sources[name])
    if wheel.late is not None:
        yield f"Answers seen after more than {wheel.window}, not in R", percent(wheel.late)
    if wheel.per_shock is not None:
        yield "Acts that follow one outside shock", number(float(wheel.per_shock.sum()))
    if wheel.per_outside is not None:
        yield "Acts per act provoked from outside, itself included", number(wheel.per_outside)
    if wheel.rival is not None and wheel.rival.baseline is not None:
        share = min(max(wheel.rival.baseline.share, 0.0), 1.0)
        yield "Clustering at a rate common to all futures", percent(share)


def _through_time(wheel: Flywheel) -> Iterator[tuple[str, str]]:
    """Yield the answers per act of the first and the last stretch of time, and a line of all of them."""
    values = [reading.R for _, reading, _ in wheel.through_time]
    known = [(n, value) for n, value in enumerate(values) if value is not None]
    if len(known) > 1:
        (first, began), (last, ended) = known[0], known[-1]
        spans = [wheel.through_time[n][0] for n in (first, last)]
        label = f"{spans[0].label.partition(' to ')[0]} to {spans[1].label.rpartition(' to ')[2]}"
        when = months(Span(label, spans[0].first, spans[1].last))
        line = sparkline(values[first : last + 1])
        yield f"Answers per act, {when}: {hundredths(began)} to {hundredths(ended)}", line


def sparkline(values: Sequence[float | None]) -> str:
    """Return one sign per value, its height from 0 to the largest; a dot where there is none."""
    top = max((value for value in values if value is not None), default=0.0) or 1.0
    last = len(LEVELS) - 1
    return "".join("·" if value is None else LEVELS[round(last * value / top)] for value in values)


def _loops(wheel: Flywheel) -> Iterator[tuple[str, ...]]:
    for ring in wheel.rings[:WAYS_SHOWN]:
        yield number(ring.gain), way(wheel, ring.dyads)
        if ring.chain:
            yield "", f"  {doings(ring.chain)}"


def doings(chain: Chain) -> str:
    """Return what is done in a chain of acts: `diplomats expelled → people listed → diplomats expelled`."""
    first, *others, last = chain.steps
    ending = "again" if (first.dyad, first.instrument) == (last.dyad, last.instrument) else last.label
    return " → ".join([first.label, *(step.label for step in others), ending])


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
    return [*_values(wheel), *_rival(wheel), *_ways(wheel)]


def _values(wheel: Flywheel) -> Iterator[Value]:
    yield _value("flywheel.R", "further hostile acts that each one calls forth", wheel.counted)
    yield _value("flywheel.R_severity_weighted", "the same, weighted with severity", wheel.weighted)
    for span, counted, weighted in wheel.spans:
        yield _value(f"flywheel.R.{span.label}", f"the same for acts from {span.label}", counted)
        label = f"the same for acts from {span.label}, weighted with severity"
        yield _value(f"flywheel.R_severity_weighted.{span.label}", label, weighted)
    for span, counted, weighted in wheel.through_time:
        yield _value(f"flywheel.answers_per_act.{span.label}", f"answers per act of {span.label}", counted)
        label = f"answers per act of {span.label}, weighted with severity"
        yield _value(f"flywheel.answers_per_act_severity_weighted.{span.label}", label, weighted)
    yield Value("flywheel.endogenous", "acts that answer earlier hostile acts", "share", wheel.endogenous)
    yield Value("flywheel.late", "answers seen after the window", "share", wheel.late)
    shock = None if wheel.per_shock is None else float(wheel.per_shock.sum())
    yield Value("flywheel.acts_per_shock", "acts that follow one outside shock", "acts", shock)
    label = "acts that follow one provoked from outside, itself included"
    yield Value("flywheel.acts_per_outside_act", label, "acts", wheel.per_outside)


def _rival(wheel: Flywheel) -> Iterator[Value]:
    against = wheel.rival
    if against is None:
        return
    label = f"pairs of acts within {against.days:g} days, per pair at an even rate"
    yield Value("flywheel.clustering", label, "pairs per pair", against.clustering)
    labels = ("clustering by acts that answer no act", "clustering by a rate common to all futures")
    for name, label, part in zip(
        ("shocks", "baseline"), labels, (against.shocks, against.baseline), strict=True
    ):
        if part is not None:
            yield Value(f"flywheel.clustering.{name}", label, "share", *part)


def _ways(wheel: Flywheel) -> Iterator[Value]:
    for link in wheel.links[:WAYS_SHOWN]:
        label = way(wheel, (link.parent, link.child))
        yield Value(f"flywheel.K.{link.parent}.{link.child}", label, "acts per act", link.answers)
    for ring in wheel.rings[:WAYS_SHOWN]:
        label = f"a step along {way(wheel, ring.dyads)}"
        yield Value(f"flywheel.ring.{'.'.join(ring.dyads)}", label, "acts per act", ring.gain)


def _value(name: str, label: str, reading: Reading) -> Value:
    return Value(name, label, "acts per act", reading.R, reading.low, reading.high)
