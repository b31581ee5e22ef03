"""Pictures along time: fans of tension and of acts, and the answers per act."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import altair as alt
import numpy as np
import numpy.typing as npt
from altair.typing import ChartType

from escalation.present.charts.theme import (
    HOSTILE,
    INK,
    MAIN,
    MUTED,
    Row,
    apart,
    chart_of,
    fitting,
    limit_lines,
    moment,
    short,
    time_axis,
)
from escalation.present.flywheel import dates, window
from escalation.present.format import band, capital, day, first_listed, number
from escalation.present.page import Frame, Picture, Table
from escalation.present.screen import harmless
from escalation.study.flywheel.model import Flywheel, Reading, Span, SpanReading
from escalation.study.paths import Ends, Paths, bands_of

# ---- shocks

NAMED = 4
"""Shocks that are named below a picture."""


class Dated(NamedTuple):
    """A shock of the scenario that falls on the same day in every run."""

    date: date
    label: str


def shock_words(shocks: Sequence[Dated]) -> str:
    """Return what the thin lines are, where there are any."""
    if not shocks:
        return ""
    said = first_listed([f"{shock.label} ({day(shock.date)})" for shock in shocks], NAMED)
    return f" Thin lines: shocks whose date is given: {said}."


def shock_lines(shocks: Sequence[Dated]) -> list[ChartType]:
    """Return a thin line for each dated shock."""
    rows = [{"date": moment(shock.date)} for shock in shocks]
    rule = chart_of(rows).mark_rule(color=MUTED, strokeWidth=0.7)
    return [rule.encode(x="date:T")] if rows else []


def shock_names(dates: Sequence[date], shocks: Sequence[Dated], width: int) -> Iterator[ChartType]:
    """Yield the names of shocks along the upper edge, as many as find room; `width` is that of the plot."""
    first, last = dates[0], dates[-1]
    per_day = width / max(1, (last - first).days)
    texts = [f" {harmless(shock.label)} " for shock in shocks]
    places = [per_day * (shock.date - first).days for shock in shocks]
    for spot in fitting(zip(places, map(len, texts), strict=True), float(width)):
        row = {"date": moment(shocks[spot.position].date), "text": texts[spot.position].strip()}
        side = {"align": "right", "dx": -4} if spot.to_the_left else {"align": "left", "dx": 4}
        yield (
            chart_of([row])
            .mark_text(color=MUTED, fontSize=10, **side)
            .encode(x="date:T", y=alt.value(6), text="text:N")
        )


# ---- fan

BANDS = "Line: the median of the runs. Dark band: the middle half of them; light band: 95%."
HEIGHT = 220
ROWS = 14
"""Rows of a table, about; the picture has more dates."""


def tension_picture(paths: Paths, runaway: float | None = None, shocks: Sequence[Dated] = ()) -> Picture:
    """Return the fan of tension: the sum of all grievances, `runaway` the level called so."""
    ends = bands_of(paths.tension)
    middle = ends["middle"]
    top = int(np.nanargmax(middle))
    title = (
        f"Tension {_course_of_fan(middle)}: from {number(middle[0])} on {day(paths.dates[0])}"
        f" {_by_way_of(paths, middle, top)}to {_at_the_end(middle)}."
    )
    limit = f" A run has run away where tension passes {number(runaway)}." if runaway else ""
    caption = f"Tension: all grievances of all actors, added up. {BANDS}{shock_words(shocks)} {origin(paths)}"
    return Picture(
        "tension", title, caption, lambda frame: _tension(paths, ends, runaway, shocks, frame),
        [tension_table(paths, ends)], alone=limit.strip(),
    )  # fmt: skip


def acts_picture(paths: Paths, shocks: Sequence[Dated] = ()) -> Picture | None:
    """Return the fans of hostile acts since the takeover, one for each actor that acts; None without any."""
    ends = {name: bands_of(acts) for name, acts in paths.acts.items() if acts.any()}
    if not ends:
        return None
    most = sorted(ends, key=lambda name: -ends[name]["middle"][-1])
    caption = (
        f"Hostile acts since {day(paths.dates[0])}, excluding words and threats, added up; the same scale for"
        f" all. {BANDS} The number behind a name: the median at the end.{_idle(paths)}{shock_words(shocks)}"
        f" {origin(paths)}"
    )
    return Picture(
        "acts", _most(paths, ends, most), caption, lambda frame: _acts(paths, ends, most, shocks, frame),
        [_table_of_ends(paths, ends, most), _acts_table(paths, ends, most)],
    )  # fmt: skip


def origin(paths: Paths) -> str:
    """Return on how many replications a picture rests, and whether they came out as they were stored."""
    said = f"From {paths.replications:,} replications, played again."
    if paths.differing:
        said += (
            f" {paths.differing:,} of them came out differently when the run was stored: another version"
            " made it."
        )
    return said


def _course_of_fan(middle: npt.NDArray[np.float64]) -> str:
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


def _idle(paths: Paths) -> str:
    idle = [paths.actors[name] for name, acts in paths.acts.items() if not acts.any()]
    return f" None in any run by {', '.join(idle)}." if idle else ""


def _most(paths: Paths, ends: Mapping[str, Ends], most: Sequence[str]) -> str:
    parts = [
        f"{capital(paths.actors[name]) if n == 0 else paths.actors[name]} {number(ends[name]['middle'][-1])}"
        f" ({_band(ends[name], 95, -1)})"
        for n, name in enumerate(most[:3])
    ]
    return f"Hostile acts by the end, in the median run (and in 95% of runs): {'; '.join(parts)}."


def _tension(
    paths: Paths, edges: Ends, runaway: float | None, shocks: Sequence[Dated], frame: Frame
) -> ChartType:
    rows = fan_rows(paths, edges)
    high = float(edges["high_95"].max()) * (1.16 if shocks else 1.06) or 1.0
    width, height = frame.width - 75, 180 if frame.narrow else HEIGHT
    layers = [*shock_lines(shocks), *shock_names(paths.dates, shocks, width)]
    layers += _fan(rows, MAIN, time_axis(paths.dates[0], paths.dates[-1], frame), (0.0, high), "tension")
    last = rows[-1]
    ends = {"middle": "median", "high_50": "50% of runs", "high_95": "95% of runs"}
    places = apart([last[name] for name in ends], 13 * high / height)
    labels = [
        {"date": last["date"], "y": y, "text": text} for y, text in zip(places, ends.values(), strict=True)
    ]
    layers.append(
        chart_of(labels).mark_text(align="left", dx=5, color=INK).encode(x="date:T", y="y:Q", text="text:N")
    )
    if runaway and runaway < high:
        layers += limit_lines("level", runaway, "runaway")
    return alt.layer(*layers).properties(width=width, height=height)


def _acts(
    paths: Paths,
    ends: Mapping[str, Ends],
    most: Sequence[str],
    shocks: Sequence[Dated],
    frame: Frame,
) -> ChartType:
    letters = 16 if frame.narrow else 25
    labels = [f"{short(paths.actors[name], letters)}  {ends[name]['middle'][-1]:g}" for name in most]
    rows = [
        row | {"actor": label}
        for name, label in zip(most, labels, strict=True)
        for row in fan_rows(paths, ends[name])
    ]
    high = max(float(bands["high_95"][-1]) for bands in ends.values()) * 1.04 or 1.0
    axis = time_axis(paths.dates[0], paths.dates[-1], frame, frame.panel)
    layers = [*_fan([], HOSTILE, axis, (0.0, high), None), *shock_lines(shocks)]
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
    chart = chart_of(list(rows)) if rows else alt.Chart()
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


def _band(ends: Ends, share: int, n: int, whole: bool = False) -> str:
    return band([ends[f"low_{share}"][n], ends[f"high_{share}"][n]], whole)


def tension_table(paths: Paths, ends: Ends) -> Table:
    """Return tension by date; `ends` are its bands."""
    rows = [
        (
            day(paths.dates[n]), number(ends["middle"][n]),
            _band(ends, 50, n), _band(ends, 95, n),
        )
        for n in _shown(paths)
    ]  # fmt: skip
    return Table("Tension by date", ("Date", "median", "50%", "95%"), rows, frozenset({1, 2, 3}))


def _acts_table(paths: Paths, ends: Mapping[str, Ends], most: Sequence[str]) -> Table:
    def cell(bands: Ends, n: int) -> str:
        return f"{number(bands['middle'][n])} ({_band(bands, 95, n, whole=True)})"

    rows = [(day(paths.dates[n]), *(cell(ends[name], n) for name in most)) for n in _shown(paths)]
    headings = ("Date", *(paths.actors[name] for name in most))
    return Table("Hostile acts by date: median (95%)", headings, rows, frozenset(range(1, len(headings))))


def _shown(paths: Paths) -> list[int]:
    """Return the places of the dates that stand in a table: some of them, and always the last."""
    step = max(1, (len(paths.days) - 1) // ROWS)
    return sorted({*range(0, len(paths.days), step), len(paths.days) - 1})


def _table_of_ends(paths: Paths, ends: Mapping[str, Ends], most: Sequence[str]) -> Table:
    rows = [
        (
            capital(paths.actors[name]),
            number(ends[name]["middle"][-1]),
            _band(ends[name], 50, -1, whole=True),
            _band(ends[name], 95, -1, whole=True),
        )
        for name in most
    ]
    return Table("Hostile acts by the end", ("Actor", "median", "50%", "95%"), rows, frozenset({1, 2, 3}))


# ---- through time

Readings = Sequence[tuple[Span, Reading]]
"""Stretches of time with what is known of them."""


class Course(NamedTuple):
    """A way to look at the flywheel through time: what it is called, what it means, and its table's title."""

    title: str
    meaning: str
    table: str


MONTHLY = Course(
    "Answers per hostile act",
    "How many hostile answers, by all actors together, the hostile acts of a month get, per act.",
    "Answers per act by month",
)
IN_SPANS = Course("R", "R: further hostile acts attributed to each one.", "R through time")


def time_tables(flywheel: Flywheel, start: date) -> list[Table]:
    """Return the answers per act by month and in longer stretches, as far as there are any."""
    courses = ((MONTHLY, flywheel.through_time), (IN_SPANS, flywheel.spans))
    return [_time_table(name.table, readings, start) for name, readings in courses if readings]


def known_through_time(flywheel: Flywheel) -> tuple[Readings, Course]:
    """Return what is known of the flywheel by month, or else in longer stretches."""
    months = _known(flywheel.through_time)
    return (months, MONTHLY) if months else (_known(flywheel.spans), IN_SPANS)


def time_picture(flywheel: Flywheel, start: date) -> Picture | None:
    """Return the flywheel through time, by month and in longer stretches; None where it is not known."""
    known, name = known_through_time(flywheel)
    if not known:
        return None
    (first, began), (last, other) = known[0], known[-1]
    title = f"{name.title}: {began.R.value:.2f} for those of {dates(first, start)}"
    if len(known) > 1:
        title += f", {other.R.value:.2f} for those of {dates(last, start)}"
    caption = (
        f"{name.meaning} Line: the estimate for the acts of that time; band: its 95% interval. Above 1 the"
        f" spiral feeds itself. Acts of the last {window(flywheel)} are not followed."
    )
    return Picture(
        "flywheel-time", f"{title}.", caption, lambda frame: _through_time(known, start, frame),
        time_tables(flywheel, start),
    )  # fmt: skip


def _known(readings: Sequence[SpanReading]) -> list[tuple[Span, Reading]]:
    return [(reading.span, reading.counted) for reading in readings if reading.counted.R.value is not None]


def _through_time(known: Readings, start: date, frame: Frame) -> ChartType:
    rows = [_step(reading, start) for reading in known]
    top = 1.15 * max(1.0, *(row["high"] for row in rows))
    first, last = (date.fromisoformat(text[:10]) for text in (rows[0]["first"], rows[-1]["last"]))
    y = alt.Y(
        "R:Q", scale=alt.Scale(domain=[0, top], nice=False),
        axis=alt.Axis(title="answers per act", tickCount=5, domain=False, ticks=False),
    )  # fmt: skip
    x = alt.X("first:T", axis=time_axis(first, last, frame))
    level = chart_of([{"R": 1, "text": "above 1 it feeds itself"}])
    chart = chart_of(rows)
    return alt.layer(
        level.mark_rule(color=MUTED, strokeDash=[4, 3]).encode(y=y),
        level.mark_text(color=MUTED, align="left", dx=4, dy=-7).encode(y=y, x=alt.value(0), text="text:N"),
        chart.mark_rect(color=MAIN, opacity=0.25).encode(x=x, x2="last:T", y="low:Q", y2="high:Q"),
        chart.mark_rule(color=MAIN, strokeWidth=2.5).encode(x=x, x2="last:T", y=y),
        chart.mark_text(dy=-9, fontWeight="bold", fontSize=9 if frame.narrow else 11).encode(
            x="middle:T", y="high:Q", text="shown:N"
        ),
    ).properties(width=frame.width - 45, height=180)


def _step(known: tuple[Span, Reading], start: date) -> Row:
    span, reading = known
    R = reading.R.value or 0.0
    low, high = (R if end is None else end for end in (reading.R.low, reading.R.high))
    first, last = (start + timedelta(days=int(day)) for day in (span.first, span.last))
    return {
        "first": moment(first), "last": moment(last), "middle": moment(first + (last - first) / 2),
        "R": round(R, 4), "low": round(low, 4), "high": round(high, 4), "shown": f"{R:.2f}",
    }  # fmt: skip


def _time_table(title: str, readings: Sequence[SpanReading], start: date) -> Table:
    rows = [
        (
            dates(reading.span, start), f"{reading.counted.acts:,}",
            "" if R.value is None else f"{R.value:.2f}", "" if R.low is None else f"{R.low:.2f}–{R.high:.2f}",
        )
        for reading in readings
        for R in [reading.counted.R]
    ]  # fmt: skip
    return Table(title, ("Acts of", "acts", "answers", "95%"), rows, frozenset({1, 2, 3}))
