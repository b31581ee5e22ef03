"""The dates at which an ensemble is looked at: a grid to measure on, and stretches of time to count in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

MOST_POINTS = 80
"""Points of a grid, at most; a week apart where that is enough."""
MOST_STRETCHES = 30
"""Stretches, at most; months where that is enough, then quarters, half-years and years."""


def grid(first: date, end: date) -> list[date]:
    """Return dates from `first` to `end`, both included, whole weeks apart but for the last step."""
    step = 7 * -(-(end - first).days // (7 * MOST_POINTS))
    return [*(first + timedelta(days=day) for day in range(0, (end - first).days, step)), end]


def stretches(first: date, end: date) -> list[date]:
    """Return the first days of the months between `first` and `end`, or of longer stretches; `first` is one.

    Stretches begin where the calendar's do, so that the first and the last one may be incomplete.
    """
    for months in (1, 3, 6, 12):
        bounds = [first, *first_days(first, end, months)]
        if len(bounds) <= MOST_STRETCHES:
            break
    return bounds


def first_days(first: date, end: date, months: int) -> Iterator[date]:
    """Yield the first days of stretches of so many calendar months, those after `first` and before `end`."""
    ordinal = first.year * 12 + first.month - 1
    while True:
        ordinal += months - ordinal % months
        day = date(ordinal // 12, ordinal % 12 + 1, 1)
        if day >= end:
            return
        yield day


def stretch_name(first: date, until: date) -> str:
    """Return a stretch as printed: `2020-10`, or `2020-10 to 2020-12` for a longer one."""
    names = dict.fromkeys(f"{day:%Y-%m}" for day in (first, until - timedelta(days=1)))
    return " to ".join(names)
