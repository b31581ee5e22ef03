"""What several pictures share: dates for Vega, the axis of time, labels that do not lie on one another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from escalation.present.charts.figure import Frame
from escalation.present.words import harmless

if TYPE_CHECKING:
    import altair as alt

LETTER = 5.3
"""About how wide a letter is, in pixels, at the size of labels."""


def moment(day: date) -> str:
    """Return a day for Vega: with an hour, for a bare date would be read as one in Greenwich."""
    return f"{day.isoformat()}T00:00:00"


def short(text: str, letters: int) -> str:
    """Return a text for a picture, harmless and at most so long."""
    clean = harmless(text)
    return clean if len(clean) <= letters else clean[: letters - 1].rstrip() + "…"


def time_axis(first: date, last: date, frame: Frame, width: int | None = None) -> alt.Axis:
    """Return the axis of time: months by name, the year where one begins."""
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    months = (last.year - first.year) * 12 + last.month - first.month + 1
    room = max(2, (width or frame.width) // 38)
    step = next((n for n in (1, 2, 3, 6, 12, 24, 60) if months / n <= room), 120)
    year = "timeFormat(datum.value, '%Y')"
    label = year if step >= 12 else f"month(datum.value) == 0 ? {year} : timeFormat(datum.value, '%b')"
    interval = {"interval": "year", "step": step // 12} if step >= 12 else {"interval": "month", "step": step}
    return alt.Axis(
        title=None, grid=False, labelExpr=label, tickCount=interval, labelFlush=False, labelOverlap=True
    )  # fmt: skip


def apart(places: Sequence[float], gap: float) -> list[float]:
    """Return places moved as little as is needed to lie `gap` apart, in the order of the given ones."""
    order = sorted(range(len(places)), key=lambda n: places[n])
    moved = list(places)
    for below, above in pairwise(order):
        moved[above] = max(moved[above], moved[below] + gap)
    return moved


class Spot(NamedTuple):
    """Where a label goes: to the right of its place, or to the left."""

    place: int
    to_the_left: bool


def fitting(labels: Iterable[tuple[float, int]], room: float) -> list[Spot]:
    """Return which labels find room in one line, the first ones first; `place` is that in `labels`.

    Each label is where it belongs, in pixels, and how many letters it has; one that would leave the line on
    the right stands to the left of where it belongs.
    """
    taken: list[tuple[float, float]] = []
    found = []
    for place, (at, letters) in enumerate(labels):
        width = letters * LETTER
        to_the_left = at + width > room
        start = at - width if to_the_left else at
        if start >= 0 and all(start + width + 8 <= left or start >= right + 8 for left, right in taken):
            taken.append((start, start + width))
            found.append(Spot(place, to_the_left))
    return found
