"""The tables of a summary: what each actor did, what came first, relations, levels, and all that is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from escalation.present.summary.sentences import RUNAWAY, again, bands, dated, relation, span, told, when
from escalation.present.table import Table
from escalation.present.words import capital, chance, mean, number
from escalation.study.summary.summary import Figure, Summary

AMOUNT = ("mean", "50%", "95%")
ACTS_NOTE = (
    "Totals: hostile acts, excluding words and threats; a package day is a day with at least one such act."
)
MEANS_NOTE = "Mean ± half of its 95% interval; where 50% and 95% of runs lie."
FIRSTS_NOTE = "Dates: of the runs in which it happened, where these are not very few."


class Named(NamedTuple):
    """A figure with the parts of its name."""

    parts: tuple[str, ...]
    figure: Figure


def sections(summary: Summary) -> list[Table]:
    """Return the tables that have anything to say: not what is nought, nor pressure by date."""
    named = [Named(tuple(name.split(".")), figure) for name, figure in summary.figures.items()]
    named = [entry for entry in named if _speaks(entry)]
    firsts = [entry for entry in named if entry.figure.kind == "date"]
    levels = [entry for entry in named if _is_level(entry)]
    chances = [entry for entry in named if entry.figure.kind == "probability" and not _told(entry)]
    tables = [
        _acts(summary, named),
        _firsts(summary, firsts),
        _chances(summary, chances),
        _amounts(
            _of("Highest rung reached", "of", summary.header.top_rung),
            summary,
            [entry for entry in named if entry.parts[0] == "peak_rung"],
        ),
        _relations(summary, [entry for entry in named if entry.parts[0] == "relation"]),
        _amounts("Tension, pressure and cost", summary, levels, _tension_note(summary)),
        _amounts("Other outcomes", summary, [entry for entry in named if _is_other(entry)]),
    ]
    return [table for table in tables if table.rows]


PLACED = ("acts", "package_days", "peak_rung", "relation", "tension", "pressure", "cost", "names_listed")


def _speaks(entry: Named) -> bool:
    figure = entry.figure
    if entry.parts[0] in ("peak_rung", "relation") and entry.parts[1] == entry.parts[-1]:
        return False
    if figure.probability is not None:
        return figure.probability > 0 or entry.parts[0] != "first_concession"
    return figure.mean is not None and not (figure.mean == 0 and figure.mcse in (0, None))


def _told(entry: Named) -> bool:
    """True for a probability that stands in another table or below them."""
    return entry.parts[0] in ("concession", "truncated")


def _is_level(entry: Named) -> bool:
    first, last = entry.parts[0], entry.parts[-1]
    return first in ("tension", "cost", "names_listed") or (first == "pressure" and last in ("end", "mean"))


def _is_other(entry: Named) -> bool:
    return entry.figure.kind not in ("date", "probability") and entry.parts[0] not in PLACED


def _acts(summary: Summary, named: Iterable[Named]) -> Table:
    figures = {entry.figure.name: entry.figure for entry in named}
    rows: list[tuple[str, ...]] = []
    for actor, label in summary.header.actors.items():
        total = (capital(label), *acts_row(figures, actor))
        families = dict.fromkeys(
            name.split(".")[2]
            for name in figures
            if name.startswith((f"acts.{actor}.", f"package_days.{actor}."))
        )
        below: list[tuple[str, ...]] = [
            (f"  {family}", *acts_row(figures, f"{actor}.{family}")) for family in families
        ]
        rows += [total, *below] if below or any(total[1:]) else []
    headings = ("Acts and package days", "acts", "50%", "95%", "days", "50%", "95%")
    note = acts_note(summary)
    return Table("What each does", headings, rows, frozenset(range(1, 7)), note).without_empty()


def acts_note(summary: Summary) -> str:
    """Return how to read acts and package days; of a single run there are neither means nor bands."""
    counts = summary.replications
    return ACTS_NOTE if counts["finished"] - counts["failed"] < 2 else f"{MEANS_NOTE} {ACTS_NOTE}"


def acts_row(figures: Mapping[str, Figure], key: str) -> tuple[str, ...]:
    """Return the acts and the package days of `key` (`eu`, `eu.verbal`): mean, 50% and 95% of each."""
    acts, package_days = figures.get(f"acts.{key}"), figures.get(f"package_days.{key}")
    return (*_amount(acts), *_amount(package_days))


def _amount(figure: Figure | None) -> tuple[str, str, str]:
    if figure is None or figure.mean is None or figure.band_50 is None or figure.band_95 is None:
        return ("", "", "")
    return mean(figure.mean, figure.mcse), *bands(figure)


def _firsts(summary: Summary, entries: Iterable[Named]) -> Table:
    rows: list[tuple[str, ...]] = []
    previous = ""
    for actor, label, figure in _by_actor(summary, entries):
        if actor != previous:
            rows.append((capital(summary.header.actors.get(actor, actor)),))
            previous = actor
        assert figure.probability is not None
        assert figure.interval is not None
        dates: tuple[str, ...] = ()
        if figure.median is not None and figure.band_50 is not None and dated(figure):
            dates = when(summary.header, figure.median), span(summary.header, figure.band_50)
        said = told(summary.header, figure) or chance(figure.probability, figure.interval)
        rows.append((f"  {label}{again(summary.header, figure)}", said, *dates))
    headings = ("First use", "probability", "half by", "half of the dates")
    note = FIRSTS_NOTE if any(len(row) > 2 for row in rows) else ""
    return Table("What comes first, and when", headings, rows, frozenset({1, 2, 3}), note)


def _by_actor(summary: Summary, entries: Iterable[Named]) -> Iterator[tuple[str, str, Figure]]:
    order = list(summary.header.actors)
    ranked = sorted(entries, key=lambda entry: order.index(entry.parts[1]) if entry.parts[1] in order else -1)
    for parts, figure in ranked:
        label = summary.header.instruments.get(parts[-1], figure.label)
        yield parts[1], "a concession" if parts[0] == "first_concession" else label, figure


def _of(text: str, word: str, limit: float | None) -> str:
    """Return `Highest rung reached, of 10`."""
    return text if limit is None else f"{text}, {word} {number(limit)}"


def _tension_note(summary: Summary) -> str:
    return _of("Tension: all grievances added up", "runaway above", summary.header.runaway) + "."


def _chances(summary: Summary, entries: Iterable[Named]) -> Table:
    rows = [
        (_likely(summary, figure), chance(figure.probability, figure.interval))
        for _, figure in entries
        if figure.probability is not None and figure.interval is not None
    ]
    return Table("How likely", ("How likely", "probability"), rows, frozenset({1}))


def _likely(summary: Summary, figure: Figure) -> str:
    limit = summary.header.runaway
    if figure.name == RUNAWAY and limit is not None:
        return f"A runaway: tension passed {number(limit)} at some time"
    return capital(figure.label)


def _relations(summary: Summary, entries: Iterable[Named]) -> Table:
    rows = [
        (dyad(summary, entry.figure.name), relation(entry.figure, summary.header))
        for entry in entries
        if entry.figure.shares
    ]
    headings = ("Relations at the end", "share of runs")
    return Table("Relations at the end", headings, rows, note="All other relations stay full in every run.")


def _amounts(title: str, summary: Summary, entries: Iterable[Named], note: str = "") -> Table:
    rows = [
        (dyad(summary, entry.figure.name) if entry.parts[0] == "peak_rung" else capital(entry.figure.label),
         *_amount(entry.figure))
        for entry in entries
    ]  # fmt: skip
    return Table(title, (title, *AMOUNT), rows, frozenset({1, 2, 3}), note).without_empty()


def dyad(summary: Summary, name: str) -> str:
    """Return who towards whom an outcome (`relation.eu.belarus`) is about, as printed."""
    sender, target = (summary.header.actors.get(part, part) for part in name.split(".")[1:3])
    return f"{capital(sender)} towards {target}"
