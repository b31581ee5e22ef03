"""What a record holds, as a page: timeline, package days by quarter, silences, answers, what is unmapped."""

from __future__ import annotations

from collections.abc import Sequence

from escalation.present.format import actor_label, and_more, band, capital, day, days, listed, number, plural
from escalation.present.page import Page, Table, result_page
from escalation.scenario.event_data import Imported
from escalation.scenario.record import catalogue
from escalation.study.record import RecordedAct, RecordSummary

SHOWN = 12
"""Rows of a timeline, and actors of a table, that the first screen has room for."""
KINDS = {"act": "acts", "shock": "shocks", "routine": "routine steps", "unmapped": "unmapped rows"}
TIMELINE = ("date", "actor", "target", "instrument", "size", "note")


def page(result: RecordSummary, full: bool = False) -> Page:
    """Return the page of a record; with `full`, every row and every actor."""
    counts = [f"{result.rows[kind]:,} {words}" for kind, words in KINDS.items() if result.rows.get(kind)]
    opening = [f"{capital(listed(counts))}."] if counts else ["No row."]
    if result.first and result.last:
        opening.insert(0, f"{days(result.first, result.last)}.")
    return result_page(
        f"The record {result.name}",
        opening,
        (
            _quarters(result, full),
            _silences(result, full),
            _answers(result, full),
            _timeline("Timeline", result.timeline, full),
            _timeline("Unmapped: no instrument of the catalogue", result.unmapped, full),
        ),
    )


def rows(result: RecordSummary) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
    """Return the timeline as a table of values."""
    return TIMELINE, [
        (act.date.isoformat(), act.actor, act.target, act.instrument, act.size, act.note)
        for act in result.timeline
    ]


def imported_words(imported: Imported, path: str) -> list[str]:
    """Return what is said of a file that was read: how much of it became acts, and why the rest did not."""
    acts, events = len(imported.record.entries), plural(imported.rows, "event")
    lines = [f"{plural(acts, 'act')} of {events} written to {path}"]
    order = sorted(imported.dropped.items(), key=lambda item: -item[1])
    return lines + [f"  dropped {count:,}: {reason}" for reason, count in order]


def _timeline(title: str, acts: Sequence[RecordedAct], full: bool) -> Table | None:
    if not acts:
        return None
    shown = acts if full else acts[:SHOWN]
    table = [
        (
            day(act.date),
            actor_label(act.actor),
            actor_label(act.target) if act.target else "",
            _what(act),
            act.note,
        )
        for act in shown
    ]
    note = and_more(len(acts) - len(shown))
    return Table(
        title, ("date", "actor", "target", "what", "note"), table, note=note, wrapped=True
    ).without_empty()


def _what(act: RecordedAct) -> str:
    instrument = catalogue().get(act.instrument)
    label = instrument.label if instrument else act.instrument.replace("_", " ")
    label = f"{label} ({number(act.size)})" if act.size else label
    return f"shock: {label}" if act.kind == "shock" else label


def _quarters(result: RecordSummary, full: bool) -> Table | None:
    times = sorted({(entry.year, entry.quarter) for entry in result.quarters})
    counts = {(entry.actor, entry.year, entry.quarter): entry.days for entry in result.quarters}
    actors = [entry.actor for entry in result.silences]
    shown = actors if full else actors[:SHOWN]
    table = [
        (actor_label(actor), *(number(counts.get((actor, *time), 0)) for time in times)) for actor in shown
    ]
    headings = ("Package days", *(f"{year % 100:02}q{quarter}" for year, quarter in times))
    numbers = frozenset(range(1, len(headings)))
    note = "Days with a hostile act, excluding words and threats. " + and_more(len(actors) - len(shown))
    return Table("Package days by quarter", headings, table, numbers, note.strip()) if table else None


def _silences(result: RecordSummary, full: bool) -> Table | None:
    shown = [entry for entry in result.silences if entry.median is not None]
    table = [
        (actor_label(entry.actor), number(entry.package_days), number(entry.median), number(entry.longest),
         day(entry.since))
        for entry in (shown if full else shown[:SHOWN])
        if entry.median is not None and entry.longest is not None and entry.since is not None
    ]  # fmt: skip
    headings = ("Silences, in days", "package days", "median gap", "longest", "from")
    return Table("Silences", headings, table, frozenset({1, 2, 3})) if table else None


def _answers(result: RecordSummary, full: bool) -> Table | None:
    shown = [entry for entry in result.answers if entry.median is not None]
    table = [
        (actor_label(entry.actor), f"{entry.answered} of {entry.package_days}", number(entry.median),
         band((entry.shortest, entry.longest)))
        for entry in (shown if full else shown[:SHOWN])
        if entry.median is not None and entry.shortest is not None and entry.longest is not None
    ]  # fmt: skip
    headings = ("Package days that answer others", "answers", "median lag, days", "range")
    return Table("Answers", headings, table, frozenset({1, 2, 3})) if table else None
