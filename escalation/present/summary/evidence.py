"""The most telling part of a summary, on one screen: what each did, what is open, which relations changed."""

from __future__ import annotations

from collections.abc import Iterable

from escalation.present.summary.sections import acts_note, acts_row, dyad
from escalation.present.summary.sentences import again, dated, relation, when
from escalation.present.table import Table
from escalation.present.words import and_more, capital, chance, plural
from escalation.study.summary.summary import Figure, Summary

ACTORS, FIRSTS, RELATIONS = 8, 4, 4
"""Rows at most of what each did, of first uses, and of relations."""
OPEN = 0.05
"""A first use is open where its share of runs, and that of its absence, is at least this."""
FULL = "0"
"""The place of full relations among `relations`, as the shares of an outcome name it."""


def evidence(summary: Summary) -> list[Table]:
    """Return the few tables that say most: at most some twenty lines with their headings."""
    tables = [_acts(summary), _firsts(summary), _relations(summary)]
    return [table for table in tables if table.rows]


def _acts(summary: Summary) -> Table:
    """Return one row for each actor that does anything; where they are many, for the most active."""
    labels = summary.header.actors
    busy = [actor for actor in labels if _mean(summary, f"acts.{actor}") > 0]
    most = sorted(busy, key=lambda actor: -_mean(summary, f"acts.{actor}"))[:ACTORS]
    rows = [(capital(labels[actor]), *acts_row(summary.figures, actor)) for actor in busy if actor in most]
    headings = ("Acts and package days", "acts", "50%", "95%", "days", "50%", "95%")
    note = f"{acts_note(summary)}{_left(busy, most)}"
    return Table("What each does", headings, rows, frozenset(range(1, 7)), note).without_empty()


def _left(busy: list[str], most: list[str]) -> str:
    return (
        f" {plural(len(busy) - len(most), 'less active actor')} not shown." if len(busy) > len(most) else ""
    )


def _mean(summary: Summary, name: str) -> float:
    figure = summary.figures.get(name)
    return (figure.mean or 0.0) if figure else 0.0


def _firsts(summary: Summary) -> Table:
    """Return the first uses that are neither rare nor near certain, those nearest to even odds."""
    open_ = [figure for figure in summary.figures.values() if _is_open(figure, summary.header.answer)]
    nearest = sorted(open_, key=lambda figure: abs((figure.probability or 0.0) - 0.5))[:FIRSTS]
    rows = [_first(summary, figure) for figure in sorted(nearest, key=lambda one: -(one.probability or 0.0))]
    headings = ("Most uncertain first uses", "probability", "if so, half by")
    note = and_more(len(open_) - FIRSTS)
    return Table("Most uncertain first uses", headings, rows, frozenset({1, 2}), note)


def _is_open(figure: Figure, told: Iterable[str]) -> bool:
    share = figure.probability
    if figure.kind != "date" or share is None or figure.name in told:
        return False
    doubled = figure.name.startswith("first_concession.")  # its parts stand here, or its chance above
    return not doubled and OPEN <= share <= 1 - OPEN


def _first(summary: Summary, figure: Figure) -> tuple[str, ...]:
    _, actor, instrument = figure.name.split(".", 2)
    header = summary.header
    label = f"{capital(header.actors.get(actor, actor))}: {header.instruments.get(instrument, instrument)}"
    label += again(header, figure)
    assert figure.probability is not None
    assert figure.interval is not None
    by = when(header, figure.median) if figure.median is not None and dated(figure) else ""
    return (label, chance(figure.probability, figure.interval), by)


def _relations(summary: Summary) -> Table:
    """Return the relations that are not full in most runs, the least full first."""
    figures = [figure for figure in summary.figures.values() if _changed(figure)]
    least = sorted(figures, key=_full)
    rows = [(dyad(summary, figure.name), relation(figure, summary.header)) for figure in least[:RELATIONS]]
    headings = ("Relations no longer full", "at the end, share of runs")
    note = and_more(len(least) - RELATIONS)
    return Table("Relations no longer full", headings, rows, note=note)


def _changed(figure: Figure) -> bool:
    return figure.name.startswith("relation.") and bool(figure.shares) and _full(figure) < 0.5


def _full(figure: Figure) -> float:
    return (figure.shares or {}).get(FULL, 0.0)
