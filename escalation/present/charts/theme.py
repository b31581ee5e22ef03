"""The look of every picture: few colours, told apart by the colour-blind too, and names for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise
from textwrap import wrap
from typing import Any, NamedTuple

import altair as alt

from escalation.present.page import Frame
from escalation.present.screen import harmless

PAPER, INK, MUTED, GRID = "#ffffff", "#1b1f24", "#5b6470", "#d9dde2"
MAIN, HOSTILE, EASING = "#0072b2", "#c04a00", "#00785a"
"""Blue, vermilion and green of Okabe and Ito (2008), the last two darkened to be read on white."""

NAMES = {
    PAPER: "paper", INK: "ink", MUTED: "muted", GRID: "grid",
    MAIN: "main", HOSTILE: "hostile", EASING: "easing",
}  # fmt: skip
"""The name of each colour, by which a page can give it another value in the dark."""

DARK = {
    "paper": "#14181d", "ink": "#e8eaed", "muted": "#a9b2bc", "grid": "#39414b",
    "main": "#56b4e9", "hostile": "#ff9d5c", "easing": "#3ecf9f",
}  # fmt: skip
"""The same colours on a dark page."""

FONT = "sans-serif"

CONFIG: dict[str, Any] = {
    "aria": False,  # the picture has one description, and a table
    "background": PAPER,
    "font": FONT,
    "padding": 6,
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED, "titleColor": MUTED, "labelFontSize": 11, "titleFontSize": 11,
        "titleFontWeight": "normal", "gridColor": GRID, "domainColor": GRID, "tickColor": GRID,
    },
    "header": {
        "labelColor": INK, "labelFontSize": 12, "labelFontWeight": "bold", "labelAnchor": "start",
        "labelPadding": 4, "title": None,
    },
    "title": {
        "color": INK, "subtitleColor": MUTED, "anchor": "start", "frame": "bounds", "fontSize": 15,
        "subtitleFontSize": 11, "offset": 12, "fontWeight": "bold", "lineHeight": 19,
        "subtitleLineHeight": 15,
    },
    "text": {"color": INK, "fontSize": 11},
    "legend": {
        "labelColor": MUTED, "titleColor": MUTED, "titleFontWeight": "normal", "titleFontSize": 11,
        "labelFontSize": 11,
    },
    "concat": {"spacing": 26},
    "facet": {"spacing": 16},
}  # fmt: skip
"""The configuration of Vega-Lite for all drawings."""


# ---- what pictures share

Row = dict[str, Any]
"""One datum of a drawing."""


def chart_of(rows: Sequence[Row]) -> alt.Chart:
    """Return a chart that holds its rows itself."""
    return alt.Chart(alt.InlineData(values=list(rows)))


def limit_lines(field: str, level: float, text: str) -> list[alt.Chart]:
    """Return a dashed line across a picture at a level of a field, and a text above it."""
    chart = chart_of([{field: level, "text": text}])
    words = chart.mark_text(color=MUTED, align="left", dx=4, dy=-6)
    return [
        chart.mark_rule(color=MUTED, strokeDash=[4, 3]).encode(y=f"{field}:Q"),
        words.encode(y=f"{field}:Q", x=alt.value(0), text="text:N"),
    ]


LETTER = 5.3
"""About how wide a letter is, in pixels, at the size of labels."""


def moment(day: date) -> str:
    """Return a day for Vega: with an hour, for a bare date would be read as one in Greenwich."""
    return f"{day.isoformat()}T00:00:00"


def short(text: str, letters: int) -> str:
    """Return a text for a picture, harmless and at most so long."""
    clean = harmless(text)
    return clean if len(clean) <= letters else clean[: letters - 1].rstrip() + "…"


LINES = "split(datum.label, '\\n')"
"""Of an axis or a header: a label of several lines, as `wrapped` makes them."""


def wrapped(text: str, letters: int) -> str:
    """Return a text for a picture whole, harmless, in lines of at most so many letters."""
    return "\n".join(wrap(harmless(text), letters))


def time_axis(first: date, last: date, frame: Frame, width: int | None = None) -> alt.Axis:
    """Return the axis of time: months by name, the year where one begins."""
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
    """Where a label goes: to the right of where it belongs, or to the left."""

    position: int
    to_the_left: bool


def fitting(labels: Iterable[tuple[float, int]], room: float) -> list[Spot]:
    """Return which labels find room in one line, the first ones first; `position` is that in `labels`.

    Each label is where it belongs, in pixels, and how many letters it has; one that would leave the line on
    the right stands to the left of where it belongs.
    """
    taken: list[tuple[float, float]] = []
    spots = []
    for index, (at, letters) in enumerate(labels):
        width = letters * LETTER
        to_the_left = at + width > room
        start = at - width if to_the_left else at
        if start >= 0 and all(start + width + 8 <= left or start >= right + 8 for left, right in taken):
            taken.append((start, start + width))
            spots.append(Spot(index, to_the_left))
    return spots
