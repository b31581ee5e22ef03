"""Fan charts: tension, and the acts of each actor added up, with where half and nearly all runs lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from escalation.present.charts.figure import Figure, Frame, Row
from escalation.present.charts.parts import apart, moment, short, time_axis
from escalation.present.charts.shocks import Dated, lines, names, said_of
from escalation.present.charts.theme import HOSTILE, INK, MAIN, MUTED
from escalation.present.table import Table
from escalation.present.words import band, capital, day, number
from escalation.study.paths import Paths

if TYPE_CHECKING:
    from altair.typing import ChartType

Ends = dict[str, npt.NDArray[np.float64]]
"""The edges of bands by date, each float64[dates], by the names of ENDS."""

ENDS = {"low_95": 0.025, "low_50": 0.25, "middle": 0.5, "high_50": 0.75, "high_95": 0.975}
"""The edges of the bands and the line in the middle, as quantiles."""
BANDS = "Line: the median of the runs. Dark band: the middle half of them; light band: 95%."
SAME_SCALE = "All runs of this page have the same scale."
HEIGHT = 220
ROWS = 14
"""Rows of a table, about; the picture has more dates."""


def tension_figure(
    paths: Paths, runaway: float | None = None, shocks: Sequence[Dated] = (), reach: float = 0.0
) -> Figure:
    """Return the fan of tension: the sum of all grievances, `runaway` the level called so.

    The scale goes up to `reach` at least.
    """
    ends = quantiles(paths.tension)
    middle = ends["middle"]
    top = int(np.nanargmax(middle))
    title = (
        f"Tension {_course(middle)}: from {number(middle[0])} on {day(paths.dates[0])}"
        f" {_by_way_of(paths, middle, top)}to {_at_the_end(middle)}."
    )
    limit = f" A run has run away where tension passes {number(runaway)}." if runaway else ""
    caption = f"Tension: all grievances of all actors, added up. {BANDS}{said_of(shocks)} {origin(paths)}"
    high = max(reach, tension_reach(paths))
    return Figure(
        "tension", title, caption, lambda frame: _tension(paths, runaway, shocks, high, frame),
        [_tension_table(paths, ends)], alone=limit.strip(), on_page=SAME_SCALE if reach else "",
    )  # fmt: skip


def tension_reach(paths: Paths) -> float:
    """Return how far the bands of tension reach."""
    return float(quantiles(paths.tension)["high_95"].max())


def acts_reach(paths: Paths) -> float:
    """Return how far the bands of any actor's acts reach."""
    return max((float(quantiles(acts)["high_95"][-1]) for acts in paths.acts.values()), default=0.0)


def acts_figure(paths: Paths, shocks: Sequence[Dated] = (), reach: float = 0.0) -> Figure | None:
    """Return the fans of hostile acts since the takeover, one for each actor that acts; None without any.

    The scale goes up to `reach` at least.
    """
    ends = {name: quantiles(acts) for name, acts in _acting(paths).items()}
    if not ends:
        return None
    most = sorted(ends, key=lambda name: -ends[name]["middle"][-1])
    caption = (
        f"Hostile acts since {day(paths.dates[0])}, words and threats apart, added up; the same scale for"
        f" all. {BANDS} The number behind a name: the median at the end.{_idle(paths)}{said_of(shocks)}"
        f" {origin(paths)}"
    )
    top = max(reach, acts_reach(paths))
    return Figure(
        "acts", _most(paths, ends, most), caption, lambda frame: _acts(paths, ends, most, shocks, top, frame),
        [_ends_table(paths, ends, most), _acts_table(paths, ends, most)],
        on_page=SAME_SCALE if reach else "",
    )  # fmt: skip


def quantiles(values: npt.NDArray[np.floating | np.integer]) -> Ends:
    """Return the edges of the bands by date; `values` is [replications, dates]."""
    whole = np.issubdtype(values.dtype, np.integer)
    ends, among = list(ENDS.values()), np.asarray(values, np.float64)
    found = np.quantile(among, ends, axis=0, method="inverted_cdf" if whole else "linear")
    return dict(zip(ENDS, np.asarray(found, np.float64), strict=True))


def origin(paths: Paths) -> str:
    """Return on how many replications a picture rests, and whether they came out as they were stored."""
    said = f"From {paths.replications:,} replications, played again."
    if paths.differing:
        said += (
            f" {paths.differing:,} of them came out differently when the run was stored: another version"
            " made it."
        )
    return said


def _course(middle: npt.NDArray[np.float64]) -> str:
    first, last = float(middle[0]), float(middle[-1])
    if abs(last - first) <= 0.05 * max(abs(first), abs(last), 1e-9):
        return "ends where it began"
    return "rises" if last > first else "falls"


def _at_the_end(middle: npt.NDArray[np.float64]) -> str:
    """Return the last level; no level is known where every replication was cut off before."""
    return (
        "an end that no replication was followed to"
        if np.isnan(middle[-1])
        else f"{number(middle[-1])} at the end"
    )


def _by_way_of(paths: Paths, middle: npt.NDArray[np.float64], top: int) -> str:
    """Return the peak, where it stands out from both ends."""
    if middle[top] < 1.1 * np.nanmax([middle[0], middle[-1]]):
        return ""
    return f"by way of {number(middle[top])} on {day(paths.dates[top])} "


def _acting(paths: Paths) -> dict[str, npt.NDArray[np.int64]]:
    return {name: acts for name, acts in paths.acts.items() if acts.any()}


def _idle(paths: Paths) -> str:
    idle = [paths.actors[name] for name, acts in paths.acts.items() if not acts.any()]
    return f" None in any run by {', '.join(idle)}." if idle else ""


def _most(paths: Paths, ends: Mapping[str, Ends], most: Sequence[str]) -> str:
    parts = [
        f"{capital(paths.actors[name]) if n == 0 else paths.actors[name]} {number(ends[name]['middle'][-1])}"
        f" ({band([ends[name]['low_95'][-1], ends[name]['high_95'][-1]])})"
        for n, name in enumerate(most[:3])
    ]
    return f"Hostile acts by the end, in the median run (and in 95% of runs): {'; '.join(parts)}."


def _tension(
    paths: Paths, runaway: float | None, shocks: Sequence[Dated], reach: float, frame: Frame
) -> ChartType:
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    rows = fan_rows(paths, quantiles(paths.tension))
    high = reach * (1.16 if shocks else 1.06) or 1.0
    width, height = frame.width - 75, 180 if frame.narrow else HEIGHT
    layers = [*lines(shocks), *names(paths.dates, shocks, width)]
    layers += _fan(rows, MAIN, time_axis(paths.dates[0], paths.dates[-1], frame), (0.0, high), "tension")
    last = rows[-1]
    ends = {"middle": "median", "high_50": "50% of runs", "high_95": "95% of runs"}
    places = apart([last[name] for name in ends], 13 * high / height)
    labels = [
        {"date": last["date"], "y": place, "text": text}
        for place, text in zip(places, ends.values(), strict=True)
    ]
    layers.append(
        alt.Chart(alt.InlineData(values=labels))
        .mark_text(align="left", dx=5, color=INK)
        .encode(x="date:T", y="y:Q", text="text:N")
    )
    if runaway and runaway < high:
        layers += _limit(runaway)
    return alt.layer(*layers).properties(width=width, height=height)


def _limit(level: float) -> list[ChartType]:
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    chart = alt.Chart(alt.InlineData(values=[{"level": level, "text": "runaway"}]))
    return [
        chart.mark_rule(color=MUTED, strokeDash=[4, 3]).encode(y="level:Q"),
        chart.mark_text(color=MUTED, align="left", dx=4, dy=-6).encode(
            y="level:Q", x=alt.value(0), text="text:N"
        ),
    ]


def _acts(
    paths: Paths,
    ends: Mapping[str, Ends],
    most: Sequence[str],
    shocks: Sequence[Dated],
    reach: float,
    frame: Frame,
) -> ChartType:
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    letters = 16 if frame.narrow else 25
    labels = [f"{short(paths.actors[name], letters)}  {ends[name]['middle'][-1]:g}" for name in most]
    rows = [
        row | {"actor": label}
        for name, label in zip(most, labels, strict=True)
        for row in fan_rows(paths, ends[name])
    ]
    high = reach * 1.04 or 1.0
    axis = time_axis(paths.dates[0], paths.dates[-1], frame, frame.panel)
    layers = [*_fan([], HOSTILE, axis, (0.0, high), None), *lines(shocks)]
    return (
        alt.layer(*layers, data=alt.InlineData(values=rows))
        .properties(width=frame.panel, height=90 if frame.narrow else 110)
        .facet(facet=alt.Facet("actor:N", sort=labels, title=None), columns=frame.columns)
        .resolve_axis(x="independent")
    )


def fan_rows(paths: Paths, ends: Ends) -> list[Row]:
    """Return one row per date of the grid, with the edges of the bands."""
    return [
        {"date": moment(at), **{name: round(float(values[n]), 3) for name, values in ends.items()}}
        for n, at in enumerate(paths.dates)
    ]


def _fan(
    rows: Sequence[Row], colour: str, axis: object, domain: tuple[float, float], title: str | None
) -> list[ChartType]:
    """Return the layers of a fan; without rows they take the data of the layers around them."""
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    chart = alt.Chart(alt.InlineData(values=list(rows))) if rows else alt.Chart()
    x = alt.X("date:T", axis=axis)
    scale = alt.Scale(domain=list(domain), nice=False)
    y = alt.Axis(title=title, tickCount=5, domain=False, ticks=False)
    return [
        chart.mark_area(color=colour, opacity=0.22).encode(
            x=x, y=alt.Y("low_95:Q", scale=scale, axis=y), y2="high_95:Q"
        ),
        chart.mark_area(color=colour, opacity=0.35).encode(x=x, y="low_50:Q", y2="high_50:Q"),
        chart.mark_line(color=colour, strokeWidth=2).encode(x=x, y="middle:Q"),
    ]


def _tension_table(paths: Paths, ends: Ends) -> Table:
    rows = [
        (
            day(paths.dates[n]), number(ends["middle"][n]),
            band([ends["low_50"][n], ends["high_50"][n]]), band([ends["low_95"][n], ends["high_95"][n]]),
        )
        for n in _shown(paths)
    ]  # fmt: skip
    return Table("Tension by date", ("Date", "median", "50%", "95%"), rows, frozenset({1, 2, 3}))


def _acts_table(paths: Paths, ends: Mapping[str, Ends], most: Sequence[str]) -> Table:
    def cell(one: Ends, n: int) -> str:
        return f"{number(one['middle'][n])} ({band([one['low_95'][n], one['high_95'][n]], whole=True)})"

    rows = [(day(paths.dates[n]), *(cell(ends[name], n) for name in most)) for n in _shown(paths)]
    headings = ("Date", *(paths.actors[name] for name in most))
    return Table("Hostile acts by date: median (95%)", headings, rows, frozenset(range(1, len(headings))))


def _shown(paths: Paths) -> list[int]:
    """Return the places of the dates that stand in a table: some of them, and always the last."""
    step = max(1, (len(paths.days) - 1) // ROWS)
    return sorted({*range(0, len(paths.days), step), len(paths.days) - 1})


def _ends_table(paths: Paths, ends: Mapping[str, Ends], most: Sequence[str]) -> Table:
    rows = [
        (
            capital(paths.actors[name]),
            number(ends[name]["middle"][-1]),
            band([ends[name]["low_50"][-1], ends[name]["high_50"][-1]], whole=True),
            band([ends[name]["low_95"][-1], ends[name]["high_95"][-1]], whole=True),
        )
        for name in most
    ]
    return Table("Hostile acts by the end", ("Actor", "median", "50%", "95%"), rows, frozenset({1, 2, 3}))
