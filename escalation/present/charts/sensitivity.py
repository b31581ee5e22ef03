"""Bars of Sobol indices: what each outcome depends on, alone and in all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escalation.errors import EnvironmentFault
from escalation.present.charts.figure import Figure, Frame, Row
from escalation.present.charts.parts import short
from escalation.present.charts.render import svg
from escalation.present.charts.theme import GRID, INK, MAIN
from escalation.present.sensitivity.sensitivity import tables_of
from escalation.present.sensitivity.words import Ranked, ranking, title
from escalation.study.sensitivity.sensitivity import Sensitive, Sensitivity
from escalation.study.sensitivity.sobol import Known

if TYPE_CHECKING:
    from altair.typing import ChartType

MOST, LEAST = 8, 0.01
"""Quantities drawn for one outcome, at most; the total index that they surely stay below if they are not."""
ALONE, IN_ALL = "alone", "together with others"


def sensitivity_files(found: Sensitivity) -> dict[str, bytes]:
    """Return the picture as a file by name; none without anything to draw, or to draw it with."""
    figure = sensitivity_figure(found)
    try:
        return {"sensitivity.svg": svg([figure]).encode()} if figure else {}
    except EnvironmentFault:
        return {}


def sensitivity_figure(found: Sensitivity) -> Figure | None:
    """Return the bars of every outcome of which something can be said; None without one."""
    told = [one for one in found.outcomes if one.indices.told]
    if not told:
        return None
    first = told[0]
    name, _, total = ranking(found, first)[0]
    finding = (
        f"{title(first)} depends most on {name}: {100 * (total.value or 0):.0f}% of what can be explained."
    )
    caption = (
        "Sobol's first and total indices: shares of the variance that the quantities explain, with 95%"
        " intervals. Behind the name of an outcome: how much of its variance between replications the"
        " quantities explain; the rest is chance. What surely makes less than 1% is not drawn."
    )
    return Figure(
        "sensitivity", finding, caption, lambda frame: _draw(found, told, frame), tables_of(found, full=False)
    )


def _draw(found: Sensitivity, told: list[Sensitive], frame: Frame) -> ChartType:
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    panels = [_panel(found, one, frame) for one in told]
    return alt.vconcat(*panels, spacing=18).resolve_scale(x="independent")


def _panel(found: Sensitivity, one: Sensitive, frame: Frame) -> ChartType:
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    letters = 24 if frame.narrow else 52
    ranked = _drawn(found, one)
    bars = [
        {"n": n, "which": which, **_ends(known)}
        for n, (_, first, total) in enumerate(ranked)
        for which, known in ((ALONE, first), (IN_ALL, total))
    ]
    names = alt.Chart(
        alt.InlineData(values=[{"n": n, "name": short(row[0], letters)} for n, row in enumerate(ranked)])
    )
    chart = alt.Chart(alt.InlineData(values=bars))
    y = alt.Y("n:O", axis=None, scale=alt.Scale(paddingInner=0.25, paddingOuter=0.1))
    within = alt.YOffset("which:N", sort=[ALONE, IN_ALL])
    percent = alt.Axis(format="%", title=None, tickCount=5, domain=False, grid=True)
    x = alt.X("value:Q", scale=alt.Scale(domain=[0, 1], clamp=True), axis=percent)
    colour = alt.Color(
        "which:N", title=None, legend=alt.Legend(orient="bottom", offset=4),
        scale=alt.Scale(domain=[ALONE, IN_ALL], range=[MAIN, GRID]),
    )  # fmt: skip
    share = 100 * (one.indices.share.value or 0.0)
    heading = alt.Title(
        short(f"{title(one)} ({share:.0f}%)", 40 if frame.narrow else 90), fontSize=12, color=INK, offset=4,
        frame="group", anchor="start",
    )  # fmt: skip
    return alt.layer(
        chart.mark_bar().encode(x=x, y=y, yOffset=within, color=colour),
        chart.mark_rule(color=INK, strokeWidth=1).encode(x="low:Q", x2="high:Q", y=y, yOffset=within),
        names.mark_text(align="right", fontSize=10 if frame.narrow else 11).encode(
            x=alt.value(-8), y=y, text="name:N"
        ),
    ).properties(
        width=frame.width - (130 if frame.narrow else 270), height=26 * len(ranked), title=heading
    )  # fmt: skip


def _drawn(found: Sensitivity, one: Sensitive) -> list[Ranked]:
    """Return the quantities that have a bar to be seen; at least the first."""
    ranked = ranking(found, one)[:MOST]
    return [row for n, row in enumerate(ranked) if n == 0 or (row[2].high or 1.0) >= LEAST]


def _ends(known: Known) -> Row:
    """Return an index with its interval, within what an index can be."""
    value = known.value or 0.0
    ends = {"value": value, "low": known.low, "high": known.high}
    return {key: round(min(1.0, max(0.0, value if end is None else end)), 4) for key, end in ends.items()}
