"""Given that: futures in which a condition holds beside the others, as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from escalation.present.format import and_more, capital, command, day, difference, estimate
from escalation.present.page import Page, Table, result_page
from escalation.study.condition import Contrasting, Given

HEADINGS = ("part", "outcome", "holds", "other", "difference", "low", "high")
SHOWN, SIGNS = 12, 8
"""Rows of outcomes, and of early signs, unless all are wanted."""
FAINT = "Nothing that is measured tells them apart so early."


def page(result: Given, full: bool = False) -> Page:
    """Return the page of what holds where a condition does."""
    lines = (
        f"Given {result.condition}: {result.holding:,} of {result.replications:,} futures,"
        f" {estimate(result.share)}. They stand beside the {result.replications - result.holding:,} others;"
        " that they differ does not say that the condition makes them so.",
    )
    early = f"Early signs: come by {day(result.by)}"
    sure = [one for one in result.signs if one.difference.excludes_zero]
    parts = (
        _table("What goes with it", _told(result, full), len(result.outcomes), full),
        _table(early, result.signs if full else sure[:SIGNS], len(sure), full),
    )
    notes = [] if sure else [f"{early}: {FAINT}"]
    return result_page(result.scenario.title, lines, parts, (*notes, *_again(result)))


def rows(result: Given) -> tuple[Sequence[str], Iterator[Sequence[Any]]]:
    """Return a row for each outcome and each early sign, under their headings."""
    parts = (("outcome", result.outcomes), ("sign", result.signs))
    return HEADINGS, (
        (
            part, one.name, one.holds.value, one.other.value, one.difference.value, one.difference.low,
            one.difference.high,
        )
        for part, found in parts
        for one in found
    )  # fmt: skip


def _told(result: Given, full: bool) -> Sequence[Contrasting]:
    if full:
        return result.outcomes
    sure = [one for one in result.outcomes if one.name in result.answer or one.difference.excludes_zero]
    return sure[:SHOWN]


def _table(title: str, shown: Sequence[Contrasting], whole: int, full: bool) -> Table:
    rows = [
        (capital(one.label), estimate(one.holds), estimate(one.other), difference(one.difference))
        for one in shown
    ]
    headings = (title, "where it holds", "elsewhere", "difference")
    note = "" if full else and_more(whole - len(shown))
    return Table("", headings, rows, frozenset({1, 2, 3}), note)


def _again(result: Given) -> list[str]:
    if result.run is None or result.run.folder is None:
        return []
    return [f"All of it: {command('summary', result.run.folder, given=result.condition)} --full"]
