"""Shocks whose day is given, as thin lines in a picture of time: they explain its jumps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from escalation.present.charts.parts import fitting, moment, short
from escalation.present.charts.theme import MUTED
from escalation.present.story.phrases import listed
from escalation.present.words import day

if TYPE_CHECKING:
    from altair.typing import ChartType

NAMED = 4
"""Shocks that are named below a picture."""


class Dated(NamedTuple):
    """A shock of the scenario that falls on the same day in every run."""

    date: date
    label: str


def said_of(shocks: Sequence[Dated]) -> str:
    """Return what the thin lines are, where there are any."""
    if not shocks:
        return ""
    said = [f"{one.label} ({day(one.date)})" for one in shocks[:NAMED]]
    more = [f"{len(shocks) - NAMED} more"] if len(shocks) > NAMED else []
    return f" Thin lines: shocks whose date is given: {listed([*said, *more])}."


def lines(shocks: Sequence[Dated]) -> list[ChartType]:
    """Return a thin line for each dated shock."""
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    rows = [{"date": moment(one.date)} for one in shocks]
    rule = alt.Chart(alt.InlineData(values=rows)).mark_rule(color=MUTED, strokeWidth=0.7)
    return [rule.encode(x="date:T")] if rows else []


def names(dates: Sequence[date], shocks: Sequence[Dated], width: int) -> Iterator[ChartType]:
    """Yield the names of shocks along the upper edge, as many as find room; `width` is that of the plot."""
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    first, last = dates[0], dates[-1]
    per_day = width / max(1, (last - first).days)
    texts = [f" {short(one.label, max(8, width // 12))} " for one in shocks]
    places = [per_day * (one.date - first).days for one in shocks]
    for spot in fitting(zip(places, map(len, texts), strict=True), float(width)):
        row = {"date": moment(shocks[spot.place].date), "text": texts[spot.place].strip()}
        side = {"align": "right", "dx": -4} if spot.to_the_left else {"align": "left", "dx": 4}
        yield (
            alt.Chart(alt.InlineData(values=[row]))
            .mark_text(color=MUTED, fontSize=10, **side)
            .encode(x="date:T", y=alt.value(6), text="text:N")
        )
