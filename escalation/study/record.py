"""What a record holds: package days, silences, and how soon packages are answered. Nothing is simulated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date as Date
from itertools import pairwise
from statistics import median
from typing import ClassVar, Literal

from escalation.scenario.base import WORDS
from escalation.scenario.document import Instrument
from escalation.scenario.record import Record, RecordRow, catalogue
from escalation.study.values import Count, Days, ResultPart


class Quarter(ResultPart):
    """Package days of one actor in one quarter of a year."""

    actor: str
    year: int
    quarter: Literal[1, 2, 3, 4]
    days: Count
    """Days with a hostile act, excluding words and threats."""


class Silence(ResultPart):
    """The gaps between one actor's package days."""

    actor: str
    package_days: Count
    median: Days | None
    """Median gap; None with fewer than two package days."""
    longest: Days | None
    """Longest gap."""
    since: Date | None
    """The package day before the longest gap."""


class Answers(ResultPart):
    """How often one actor answers packages, and after how many days."""

    actor: str
    answered: Count
    """Its package days that answer at least one earlier decision."""
    package_days: Count
    """All of its package days."""
    median: Days | None
    """Median number of days from the latest answered decision to the answer; None without one."""
    shortest: Days | None
    longest: Days | None


class RecordedAct(ResultPart):
    """One row, as a timeline shows it."""

    date: Date
    actor: str
    target: str
    instrument: str
    kind: str
    size: float | None
    note: str


class RecordSummary(ResultPart):
    """What a record holds. Days are counted as in the model: one a day and actor, however many acts."""

    version: ClassVar[int] = 1

    kind: Literal["record"] = "record"
    schema_version: Literal[1] = 1
    name: str
    first: Date | None
    """Date of the first row; None for an empty record."""
    last: Date | None
    rows: dict[str, Count]
    """Rows by kind: act, shock, routine, unmapped."""
    quarters: tuple[Quarter, ...]
    silences: tuple[Silence, ...]
    answers: tuple[Answers, ...]
    timeline: tuple[RecordedAct, ...]
    """Acts and shocks in the order of their dates."""
    unmapped: tuple[RecordedAct, ...]
    """Rows that no instrument expresses; the reason stands in `note`."""


Instruments = Mapping[str, Instrument]


def is_hostile(entry: RecordRow, instruments: Instruments) -> bool:
    """Return whether a row makes its day a package day of its actor."""
    instrument = instruments.get(entry.instrument)
    if entry.kind != "act" or instrument is None:
        return False
    return instrument.severity.nominal > 0 and instrument.family not in WORDS


def package_days(
    entries: Iterable[RecordRow], instruments: Instruments | None = None
) -> dict[str, list[Date]]:
    """Return the days of each actor with a hostile act, excluding words and threats, in order.

    `instruments` are those of the standard catalogue unless given.
    """
    known = catalogue() if instruments is None else instruments
    days: dict[str, set[Date]] = {}
    for entry in entries:
        if is_hostile(entry, known):
            days.setdefault(entry.actor, set()).add(entry.date)
    return {actor: sorted(dates) for actor, dates in sorted(days.items(), key=lambda item: -len(item[1]))}


def summarise_record(record: Record) -> RecordSummary:
    """Return what a record holds."""
    days = package_days(record.entries)
    dates = [entry.date for entry in record.entries]
    kinds = Counter(entry.kind for entry in record.entries)
    return RecordSummary(
        name=record.name,
        first=min(dates, default=None),
        last=max(dates, default=None),
        rows=dict(kinds),
        quarters=tuple(_quarters(days)),
        silences=tuple(_silence(actor, dates) for actor, dates in days.items()),
        answers=tuple(_answers(record, actor, dates) for actor, dates in days.items()),
        timeline=tuple(_act(entry) for entry in record.entries if entry.kind in ("act", "shock")),
        unmapped=tuple(_act(entry) for entry in record.entries if entry.kind == "unmapped"),
    )


def _act(entry: RecordRow) -> RecordedAct:
    return RecordedAct(**{name: getattr(entry, name) for name in RecordedAct.model_fields})


def _quarters(days: dict[str, list[Date]]) -> Iterable[Quarter]:
    for actor, dates in days.items():
        counts = Counter((day.year, (day.month + 2) // 3) for day in dates)
        for (year, quarter), count in sorted(counts.items()):
            yield Quarter.model_validate({"actor": actor, "year": year, "quarter": quarter, "days": count})


def _silence(actor: str, dates: Sequence[Date]) -> Silence:
    gaps = [((later - earlier).days, earlier) for earlier, later in pairwise(dates)]
    longest = max(gaps, default=None, key=lambda gap: gap[0])
    return Silence(
        actor=actor,
        package_days=len(dates),
        median=float(median(gap for gap, _ in gaps)) if gaps else None,
        longest=float(longest[0]) if longest else None,
        since=longest[1] if longest else None,
    )


def _answers(record: Record, actor: str, dates: Sequence[Date]) -> Answers:
    """Return the lags of an actor's answers, from the latest decision of others that an act answers."""
    first: dict[str, Date] = {}
    for entry in record.entries:
        first.setdefault(entry.package, entry.date)
    shocks = {entry.package for entry in record.entries if entry.kind == "shock"}
    lags: dict[Date, int] = {}
    for entry in record.entries:
        answered = [first[name] for name in entry.answers if name not in shocks]
        if entry.actor == actor and answered and is_hostile(entry, catalogue()):
            lag = (entry.date - max(answered)).days
            lags[entry.date] = min(lag, lags.get(entry.date, lag))
    values = sorted(lags.values())
    return Answers(
        actor=actor,
        answered=len(values),
        package_days=len(dates),
        median=float(median(values)) if values else None,
        shortest=float(values[0]) if values else None,
        longest=float(values[-1]) if values else None,
    )
