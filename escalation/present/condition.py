"""Given that: futures in which a condition holds beside the others, as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from escalation.present import format as fmt
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
        f" {fmt.estimate(result.share)}. They stand beside the {result.replications - result.holding:,}"
        " others; that they differ does not say that the condition makes them so.",
    )
    early = f"Early signs: come by {fmt.day(result.by)}"
    sure = [contrast for contrast in result.signs if contrast.difference.excludes_zero]
    parts = (
        _table("What goes with it", _outcomes(result, full), len(result.outcomes), full),
        _table(early, result.signs if full else sure[:SIGNS], len(sure), full),
    )
    notes = [] if sure else [f"{early}: {FAINT}"]
    return result_page(result.scenario.title, lines, parts, (*notes, *_again(result)))


def rows(result: Given) -> tuple[Sequence[str], Iterator[Sequence[Any]]]:
    """Return a row for each outcome and each early sign, under their headings."""
    parts = (("outcome", result.outcomes), ("sign", result.signs))
    return HEADINGS, (
        (
            part, contrast.name, contrast.holds.value, contrast.other.value, contrast.difference.value,
            contrast.difference.low, contrast.difference.high,
        )
        for part, contrasts in parts
        for contrast in contrasts
    )  # fmt: skip


def _outcomes(result: Given, full: bool) -> Sequence[Contrasting]:
    if full:
        return result.outcomes
    sure = [
        contrast
        for contrast in result.outcomes
        if contrast.name in result.answer or contrast.difference.excludes_zero
    ]
    return sure[:SHOWN]


def _table(title: str, shown: Sequence[Contrasting], whole: int, full: bool) -> Table:
    rows = [
        (
            fmt.capital(contrast.label),
            fmt.estimate(contrast.holds),
            fmt.estimate(contrast.other),
            fmt.difference(contrast.difference),
        )
        for contrast in shown
    ]
    headings = (title, "where it holds", "elsewhere", "difference")
    note = "" if full else fmt.and_more(whole - len(shown))
    return Table("", headings, rows, frozenset({1, 2, 3}), note)


def _again(result: Given) -> list[str]:
    if result.run is None or result.run.folder is None:
        return []
    return [f"All of it: {fmt.command('summary', result.run.folder, given=result.condition)} --full"]
