"""The look of every picture: few colours, told apart by the colour-blind too, and names for them."""

from __future__ import annotations

from typing import Any

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
