"""The flywheel as people read it: its verdict in sentences, its tables, and its numbers in rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from escalation.present import format as fmt
from escalation.present.page import Table
from escalation.study.flywheel.model import (
    DOES_NOT,
    FEEDS,
    UNKNOWN,
    Chain,
    Flywheel,
    Reading,
    Span,
    SpanReading,
    Verdict,
)  # fmt: skip
from escalation.study.flywheel.reading import MOST_LATE
from escalation.study.values import Estimate

WAYS_SHOWN = 3
LOOPS = ("per step", "Largest loops, and what is done most often in them")
LEVELS = "▁▂▃▄▅▆▇█"
SOURCES = {
    "shocks": "Acts that answer shocks",
    "other": "Acts that answer words, threats and concessions",
    "unknown": "Acts that answer nothing (regular reviews, scripts)",
}
"""What acts answer besides earlier hostile acts, as printed."""
ENDINGS: dict[Verdict, str] = {
    FEEDS: "the flywheel feeds itself",
    DOES_NOT: "the flywheel turns, but does not feed itself",
    UNKNOWN: "whether the flywheel feeds itself cannot be told",
}
PARTLY: dict[Verdict, str] = {
    DOES_NOT: f"{ENDINGS[DOES_NOT]} on the whole",
    UNKNOWN: "whether the flywheel feeds itself on the whole cannot be told",
}
"""The same where it did feed itself in a part of the time."""


# ---- sentences


def sentence(flywheel: Flywheel) -> str:
    """Return the verdict in one sentence, with the parts of the time in which it fed itself."""
    whole = flywheel.counted
    if flywheel.replications == 0:
        return "There is no replication to tell from whether the flywheel turns."
    if whole.R.value is None:
        return "No hostile act was followed long enough to tell whether the flywheel turns."
    within = f"within {window(flywheel)}"
    if whole.R.value == 0.0 and not (whole.cut or whole.late):
        far = "" if whole.R.low is not None else f", as far as {whole.acts} acts can tell"
        return f"No hostile acts answered one another in a circle {within}: the flywheel stands still{far}."
    reasons = list(_reasons(flywheel)) if whole.verdict != DOES_NOT else []
    least, why = ("at least ", f"{', and '.join(reasons)}, so ") if reasons else ("", "")
    if whole.verdict != UNKNOWN:
        why = ""
    parts = "" if why else _at_times(flywheel)  # what is withheld of the whole is not claimed of a part
    ending = f"{PARTLY[whole.verdict]}; {parts}" if parts else ENDINGS[whole.verdict]
    return (
        f"To each hostile act, {least}{_with_ends(whole.R)} further ones are attributed"
        f" {within}{_eventually(whole)}: {why}{ending}."
    )


def check_sentence(source: str | None) -> str:
    """Return what attribution is, and how to hold it against what one act's deletion takes away."""
    return f"Attributed is not caused: `escalation whatif {source or 'SCENARIO'} --check` tests it."


def rival_sentence(flywheel: Flywheel) -> str:
    """Return how much of the clustering of acts goes without answers; empty where it is not known."""
    against = flywheel.rival
    if against is None:
        return ""
    near, part = f"within {against.days:g} days", against.unanswering
    if part.value is None or part.low is None or part.high is None:
        return (
            f"It cannot be told that acts cluster: they come {near} of one another"
            f" {hundredths(against.clustering)} times as often as at an even rate."
        )
    share, low, high = (100 * min(max(value, 0.0), 1.0) for value in (part.value, part.low, part.high))
    rest = "; the rest goes with answers to acts" if part.high < 1.0 else ""
    return (
        "What answers no act (shocks, history, words, and how futures differ) makes"
        f" {share:.0f}% [{low:.0f}, {high:.0f}] of how acts cluster {near}{rest}."
    )


def sources_sentence(flywheel: Flywheel) -> str:
    """Return what hostile acts answer, in shares of all of them; empty without an act."""
    if flywheel.endogenous is None:
        return ""
    parts = {"earlier hostile acts": flywheel.endogenous} | {
        SOURCES[name].removeprefix("Acts that answer "): share
        for name, share in flywheel.sources.items()
        if name in SOURCES
    }
    said = [f"{fmt.percent(share)} answer {what}" for what, share in parts.items() if share >= 0.005]
    return f"Of all hostile acts {fmt.listed(said)}."


def window(flywheel: Flywheel) -> str:
    """Return for how long an act is followed: `112 days`."""
    return f"{flywheel.window:g} day{'s' * (flywheel.window != 1)}"


def hundredths(value: float) -> str:
    """Return `0.53` or `−0.02`; what rounds to 0 has no sign."""
    return fmt.decimal(value, 2)


def ends(of: Estimate) -> str:
    """Return an interval in hundredths, `[0.51, 0.55]`, marked as in all formats; empty without one."""
    if of.low is None or of.high is None:
        return fmt.few(of)
    return f"[{hundredths(of.low)}, {hundredths(of.high)}]{fmt.few(of)}"


def _with_ends(of: Estimate) -> str:
    assert of.value is not None
    return f"{hundredths(of.value)} {ends(of)}".strip()


def _eventually(whole: Reading) -> str:
    """Return R with the late answers, where it is this that the verdict rests on."""
    near, far = whole.R, whole.eventual
    if near.low is None or near.high is None or far.low is None or far.high is None:
        return ""
    same = (near.low > 1.0) == (far.low > 1.0) and (near.high < 1.0) == (far.high < 1.0)
    return "" if same else f", {_with_ends(far)} with the answers that come later"


def _reasons(flywheel: Flywheel) -> Iterator[str]:
    """Yield why R may be higher than it reads."""
    if flywheel.late is not None and flywheel.late > MOST_LATE:
        yield f"{flywheel.late:.0%} of the answers to acts come later than that"
    elif flywheel.window_cut:
        yield "answers may come later than that, which the run is too short to follow"
    if flywheel.counted.cut:
        yield f"{flywheel.truncated:,} of {flywheel.replications:,} replications were cut off"


def _at_times(flywheel: Flywheel) -> str:
    """Return the spans in which it fed itself, where it did not do so on the whole; else nothing."""
    if flywheel.counted.verdict == FEEDS:
        return ""
    fed = [
        (months(reading.span), _with_ends(reading.counted.R))
        for reading in flywheel.spans
        if reading.counted.verdict == FEEDS
    ]
    said = [f"in {when}{' it did' if n == 0 else ''}: {value}" for n, (when, value) in enumerate(fed)]
    return ", ".join(said)


def months(first: Span, last: Span | None = None) -> str:
    """Return the months of a span, or from one to another: `Jan–Mar 2021`."""
    begin = date.fromisoformat(first.label.partition(" to ")[0])
    end = date.fromisoformat((last or first).label.rpartition(" to ")[2])
    names = [fmt.MONTHS[at.month - 1] for at in (begin, end)]
    start, stop = f"{names[0]} {begin.year}", f"{names[1]} {end.year}"
    if start == stop:
        return stop
    return f"{names[0]}–{stop}" if begin.year == end.year else f"{start} – {stop}"


# ---- tables


def flywheel_tables(flywheel: Flywheel | None, start: date, takeover: date) -> list[Table]:
    """Return the tables of the flywheel that hold anything; `start` is the day from which days count."""
    if flywheel is None:
        return []
    parts = list(_parts(flywheel, takeover))
    tables = [
        _readings(flywheel, start),
        Table(
            "What turns the flywheel", ("What turns it", ""), parts, frozenset({1}), rival_sentence(flywheel)
        ),
        Table(
            "Largest loops of the flywheel", LOOPS, list(_loops(flywheel)), frozenset({0}),
            fmt.and_more(len(flywheel.loops) - WAYS_SHOWN),
        ),
    ]  # fmt: skip
    return [table for table in tables if table.rows]


def _readings(flywheel: Flywheel, start: date) -> Table:
    readings = [
        ("All that was followed", flywheel.counted, flywheel.weighted),
        *((dates(reading.span, start), reading.counted, reading.weighted) for reading in flywheel.spans),
    ]
    rows = [
        (label, f"{counted.acts:,}", *_reading(counted), *_reading(weighted))
        for label, counted, weighted in readings
        if counted.R.value is not None
    ]
    far = flywheel.counted.eventual
    later = f"; {_with_ends(far)} with those after" if flywheel.late and far.value is not None else ""
    note = f"R: further hostile acts attributed to each one within {window(flywheel)}{later}."
    headings = ("The flywheel", "acts", "R", "95%", "by severity", "95%")
    return Table("The flywheel", headings, rows, frozenset(range(1, 6)), note)


def dates(span: Span, start: date) -> str:
    """Return a span's first and last day, as printed; `start` is the scenario's."""
    return fmt.days(fmt.day_of(span.first, start), fmt.day_of(span.last - 1, start))


def _reading(reading: Reading) -> tuple[str, str]:
    return ("" if reading.R.value is None else hundredths(reading.R.value)), ends(reading.R)


def _parts(flywheel: Flywheel, takeover: date) -> Iterator[tuple[str, str]]:
    if flywheel.weighted.verdict != flywheel.counted.verdict:
        yield "Verdict, acts counted", flywheel.counted.verdict
        yield "Verdict, acts weighted with severity", flywheel.weighted.verdict
    yield from _through_time(flywheel)
    if flywheel.endogenous is not None:
        yield "Acts that answer earlier hostile acts", fmt.percent(flywheel.endogenous)
    if history := flywheel.sources.get("history"):
        yield f"  those from before {fmt.day(takeover)}", fmt.percent(history)
    for name, share in flywheel.sources.items():
        if name in SOURCES and share:
            yield SOURCES[name], fmt.percent(share)
    if flywheel.late is not None:
        yield f"Answers to acts after {window(flywheel)}, not in R", fmt.percent(flywheel.late)
    if flywheel.acts_per_shock is not None:
        yield "Acts that follow one outside shock", fmt.number(sum(flywheel.acts_per_shock))
    if flywheel.acts_per_outside_act is not None:
        label = "Acts per outside act, itself and late answers included"
        yield label, fmt.number(flywheel.acts_per_outside_act)


def _through_time(flywheel: Flywheel) -> Iterator[tuple[str, str]]:
    """Yield the answers per act of the first and the last stretch of time, and a line of all of them."""
    values = [reading.counted.R.value for reading in flywheel.through_time]
    known = [(n, value) for n, value in enumerate(values) if value is not None]
    if len(known) > 1:
        (first, began), (last, ended) = known[0], known[-1]
        when = months(flywheel.through_time[first].span, flywheel.through_time[last].span)
        line = sparkline(values[first : last + 1])
        yield f"Answers per act, {when}: {hundredths(began)} to {hundredths(ended)}", line


def sparkline(values: Sequence[float | None]) -> str:
    """Return one sign per value, its height from 0 to the largest; a dot where there is none."""
    top = max((value for value in values if value is not None), default=0.0) or 1.0
    last = len(LEVELS) - 1
    return "".join("·" if value is None else LEVELS[round(last * value / top)] for value in values)


def _loops(flywheel: Flywheel) -> Iterator[tuple[str, ...]]:
    for loop in flywheel.loops[:WAYS_SHOWN]:
        yield fmt.number(loop.gain), way(flywheel, loop.dyads)
        if loop.chain:
            yield "", f"  {doings(loop.chain)}"


def doings(chain: Chain) -> str:
    """Return what is done in a chain of acts: `diplomats expelled → people listed → diplomats expelled`."""
    first, *others, last = chain.steps
    ending = "again" if (first.dyad, first.instrument) == (last.dyad, last.instrument) else last.label
    return " → ".join([first.label, *(step.label for step in others), ending])


def way(flywheel: Flywheel, dyads: Iterable[str]) -> str:
    """Return dyads that answer one another: `Poland → Belarus, then Belarus → Poland`."""
    labels = {dyad.name: dyad.label for dyad in flywheel.dyads}
    steps = [labels[name] for name in dyads]
    return ", then ".join(steps if len(steps) > 1 else [*steps, "again"])


# ---- rows of values


class Value(NamedTuple):
    """One number of the flywheel for a table of values."""

    name: str
    label: str
    unit: str
    estimate: Estimate


def flywheel_values(flywheel: Flywheel) -> list[Value]:
    """Return the numbers of the section, by names of their own."""
    return [*_values(flywheel), *_rival(flywheel), *_ways(flywheel)]


def _values(flywheel: Flywheel) -> Iterator[Value]:
    label = "further hostile acts attributed to each one"
    yield Value("flywheel.R", label, "acts per act", flywheel.counted.R)
    yield Value(
        "flywheel.R_eventual", f"{label}, late answers included", "acts per act", flywheel.counted.eventual
    )
    yield Value(
        "flywheel.R_severity_weighted",
        "the same, weighted with severity",
        "acts per act",
        flywheel.weighted.R,
    )
    yield from _by_span("R", "the same for acts from", flywheel.spans)
    yield from _by_span("answers_per_act", "answers per act of", flywheel.through_time)
    yield _single("endogenous", "acts that answer earlier hostile acts", "share", flywheel.endogenous)
    yield _single("late", "answers to acts that come after the window", "share", flywheel.late)
    shock = None if flywheel.acts_per_shock is None else sum(flywheel.acts_per_shock)
    yield _single("acts_per_shock", "acts that follow one outside shock", "acts", shock)
    label = "acts that follow one provoked from outside, itself and late answers included"
    yield _single("acts_per_outside_act", label, "acts", flywheel.acts_per_outside_act)


def _single(name: str, label: str, unit: str, value: float | None) -> Value:
    return Value(f"flywheel.{name}", label, unit, Estimate(value=value))


def _by_span(name: str, label: str, readings: Iterable[SpanReading]) -> Iterator[Value]:
    for reading in readings:
        when = reading.span.label
        yield Value(f"flywheel.{name}.{when}", f"{label} {when}", "acts per act", reading.counted.R)
        weighted = f"{label} {when}, weighted with severity"
        yield Value(f"flywheel.{name}_severity_weighted.{when}", weighted, "acts per act", reading.weighted.R)


def _rival(flywheel: Flywheel) -> Iterator[Value]:
    against = flywheel.rival
    if against is None:
        return
    label = f"pairs of acts within {against.days:g} days, per pair at an even rate"
    yield _single("clustering", label, "pairs per pair", against.clustering)
    if against.unanswering.value is not None:
        label = "clustering by the parts of acts that answer no act"
        yield Value("flywheel.clustering.unanswering", label, "share", against.unanswering)


def _ways(flywheel: Flywheel) -> Iterator[Value]:
    for link in flywheel.links[:WAYS_SHOWN]:
        label = way(flywheel, (link.parent, link.child))
        yield _single(f"K.{link.parent}.{link.child}", label, "acts per act", link.answers)
    for loop in flywheel.loops[:WAYS_SHOWN]:
        label = f"a step along {way(flywheel, loop.dyads)}"
        yield _single(f"ring.{'.'.join(loop.dyads)}", label, "acts per act", loop.gain)
