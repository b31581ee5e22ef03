"""Bars of Sobol indices: what each outcome depends on, alone and in all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escalation.present.charts.figure import Figure, Frame, Row
from escalation.present.charts.parts import short
from escalation.present.charts.theme import GRID, INK, MAIN
from escalation.present.sensitivity import names_of, ranking, tables, title
from escalation.study.sensitivity.sensitivity import Dependence, Index, Sensitivity
from escalation.study.values import Estimate

if TYPE_CHECKING:
    from altair.typing import ChartType

MOST, LEAST = 8, 0.01
"""Quantities drawn for one outcome, at most; the total index that they surely stay below if they are not."""
ALONE, IN_ALL = "alone", "together with others"


def sensitivity_figure(found: Sensitivity) -> Figure | None:
    """Return the bars of every outcome of which something can be said; None without one."""
    explained = [one for one in found.outcomes if one.is_explained]
    if not explained:
        return None
    first, strongest = explained[0], ranking(explained[0])[0]
    share = 100 * (strongest.total.value or 0.0)
    name = names_of(found)[strongest.quantity]
    finding = f"{title(first)} depends most on {name}: {share:.0f}% of what can be explained."
    caption = (
        "Sobol's first and total indices: shares of the variance that the quantities explain, with 95%"
        " intervals. Behind the name of an outcome: how much of its variance between replications the"
        " quantities explain; the rest is chance. What surely makes less than 1% is not drawn."
    )
    return Figure(
        "sensitivity",
        finding,
        caption,
        lambda frame: _draw(found, explained, frame),
        tables(found, full=False),
    )


def _draw(found: Sensitivity, explained: list[Dependence], frame: Frame) -> ChartType:
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    panels = [_panel(found, one, frame) for one in explained]
    return alt.vconcat(*panels, spacing=18).resolve_scale(x="independent")


def _panel(found: Sensitivity, one: Dependence, frame: Frame) -> ChartType:
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    letters = 24 if frame.narrow else 52
    ranked, called = _drawn(one), names_of(found)
    bars = [
        {"n": n, "which": which, **_ends(estimate)}
        for n, index in enumerate(ranked)
        for which, estimate in ((ALONE, index.first), (IN_ALL, index.total))
    ]
    names = alt.Chart(
        alt.InlineData(
            values=[{"n": n, "name": short(called[one.quantity], letters)} for n, one in enumerate(ranked)]
        )
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
    share = 100 * (one.share.value or 0.0)
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


def _drawn(one: Dependence) -> list[Index]:
    """Return the indices that have a bar to be seen; at least the first."""
    ranked = ranking(one)[:MOST]
    return [row for n, row in enumerate(ranked) if n == 0 or (row.total.high or 1.0) >= LEAST]


def _ends(index: Estimate) -> Row:
    """Return an index with its interval, within what an index can be."""
    value = index.value or 0.0
    ends = {"value": value, "low": index.low, "high": index.high}
    return {key: round(min(1.0, max(0.0, value if end is None else end)), 4) for key, end in ends.items()}
