"""Pictures of values with their intervals: differences between runs, and what outcomes depend on."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
from altair.typing import ChartType

from escalation.present import sensitivity as sensitivity_page
from escalation.present.charts.theme import GRID, INK, MAIN, MUTED, PAPER, Row, chart_of, short, wrapped
from escalation.present.compare import Sides, levels, sentence, title
from escalation.present.compare_notes import note_words, reason_words
from escalation.present.format import capital, change, change_interval, first_listed, plural
from escalation.present.page import Frame, Picture, Table
from escalation.study.compare.model import Comparison, Contrast, Difference
from escalation.study.sensitivity.sensitivity import Dependence, Index, Sensitivity
from escalation.study.values import Estimate

# ---- forest


ADJUSTED = {
    "holm": "Sure: its p-value, adjusted by Holm's method for all outcomes that differ, is below 0.05.",
    "none": "Sure: its p-value, not adjusted for the number of outcomes, is below 0.05.",
}
FOREST_MOST = 16
"""Outcomes that are drawn: those that answer the question, then the largest differences."""
NAMED = 4
"""Outcomes beyond the scale that are named."""
SHAPES = ("circle", "triangle-right", "triangle-left")
"""The mark of a difference, and of one that lies beyond the scale on either side."""
LARGEST = 5.0
"""Standard deviations at which the scale ends; what lies beyond is marked and named."""


def forest_pictures(comparison: Comparison) -> list[Picture]:
    """Return one forest plot for each run that is compared with the first."""
    return [_forest(comparison, contrast, number) for number, contrast in enumerate(comparison.contrasts, 1)]


def _forest(comparison: Comparison, contrast: Contrast, number: int) -> Picture:
    sides = comparison.baseline, comparison.sides[contrast.other]
    differences = _shown(contrast)
    left = sum(not difference.equal for difference in contrast.differences) - sum(
        not difference.equal for difference in differences
    )
    how = (
        f"{plural(contrast.pairs, 'pair')} of replications in the same world"
        if contrast.paired
        else f"independent replications ({'; '.join(map(reason_words, contrast.reasons))})"
    )
    rest = (
        f" Left out: {plural(left, 'further outcome that differs', 'further outcomes that differ')}."
        if left
        else ""
    )
    rest += _beyond(differences)
    caption = (
        f"Difference: {sides[1].name} less {sides[0].name}, in standard deviations of the outcome between"
        " runs, with its 95% interval; on the right, in its own unit. Filled: surely not 0, allowing for how"
        f" many outcomes are looked at. From {how}.{rest} {' '.join(map(note_words, contrast.notes))}"
    ).strip()
    return Picture(
        f"forest-{number}", _title(contrast, sides), caption,
        lambda frame: _draw_of_forest(differences, frame), _tables(comparison, contrast, sides),
    )  # fmt: skip


def _title(contrast: Contrast, sides: Sides) -> str:
    name, first = sides[1].name, sides[0].name
    if contrast.identical:
        return f"{name} and {first} are the same in every replication."
    sure = [difference for difference in contrast.differences if difference.sure]
    if not sure:
        return f"No difference between {name} and {first} is sure."
    strongest = max(
        sure, key=lambda difference: (difference.headline, difference.statistic != "R", difference.importance)
    )
    return sentence(strongest, contrast, sides)


def _shown(contrast: Contrast) -> list[Difference]:
    known = [difference for difference in contrast.differences if _ends_in_deviations(difference) is not None]
    ranked = sorted(known, key=_rank)
    return ranked[:FOREST_MOST]


def _beyond(differences: Sequence[Difference]) -> str:
    """Return which outcomes lie beyond the scale, and how far."""
    far = [difference for difference in differences if _is_far(difference)]
    if not far:
        cut = any(LARGEST in map(abs, _ends_in_deviations(difference) or ()) for difference in differences)
        return f" Intervals are cut off at {LARGEST:g} standard deviations." if cut else ""
    said = [f"{title(difference)} ({difference.standardised:+.1f})" for difference in far]
    return f" Arrows: beyond the scale: {first_listed(said, NAMED)}."


def _is_far(difference: Difference) -> bool:
    return bool(difference.standardised) and abs(difference.standardised or 0.0) > LARGEST


def _ends_in_deviations(difference: Difference) -> tuple[float, float, float] | None:
    """Return where a difference and the ends of its interval are drawn; None where nothing is known."""
    known = difference.in_deviations
    if known is None:
        return None
    middle, low, high = (
        max(-LARGEST, min(LARGEST, end or 0.0)) for end in (known.value, known.low, known.high)
    )
    return middle, low, high


def _draw_of_forest(differences: Sequence[Difference], frame: Frame) -> ChartType:
    """Return the bars with names to their left, or on a phone above them; amounts to their right."""
    rows = [_row_of_forest(n, difference, frame) for n, difference in enumerate(differences)]
    reach = max([0.2, *(max(abs(row["low"]), abs(row["high"])) for row in rows)]) * 1.08
    width = 205 if frame.narrow else frame.width - 370
    below = 7 if frame.narrow else 0
    high = (34 if frame.narrow else 22) + 9 * any("\n" in row["name"] for row in rows)
    chart = chart_of(rows)
    y = alt.Y("n:O", axis=None, scale=alt.Scale(paddingInner=0))
    x = alt.Scale(domain=[-reach, reach], nice=False)
    axis = alt.Axis(title="standard deviations", tickCount=5, domain=False, grid=not frame.narrow)
    fill = alt.Scale(domain=[True, False], range=[MAIN, PAPER])
    name = {"align": "left", "dy": -8} if frame.narrow else {"align": "right", "dx": -10}
    name |= {"lineBreak": "\n", "baseline": "bottom" if frame.narrow else "middle"}
    return alt.layer(
        chart_of([{"zero": 0}]).mark_rule(color=MUTED).encode(x="zero:Q"),
        chart.mark_rule(color=MAIN, strokeWidth=2.5, yOffset=below).encode(
            x=alt.X("low:Q", scale=x, axis=axis), x2="high:Q", y=y
        ),
        chart.mark_point(size=36, strokeWidth=1.6, opacity=1, stroke=MAIN, yOffset=below).encode(
            x="middle:Q", y=y, fill=alt.Fill("sure:N", legend=None, scale=fill),
            shape=alt.Shape("shape:N", legend=None, scale=alt.Scale(domain=list(SHAPES), range=list(SHAPES))),
        ),
        chart.mark_text(**name, stroke=PAPER, strokeWidth=4).encode(x=alt.value(0), y=y, text="name:N"),
        chart.mark_text(**name).encode(x=alt.value(0), y=y, text="name:N"),
        chart.mark_text(align="left", fontWeight="bold", fontSize=10.5, dy=below).encode(
            x=alt.value(width + 8), y=y, text="amount:N"
        ),
    ).properties(width=width, height=high * max(1, len(rows)))  # fmt: skip


def _row_of_forest(n: int, difference: Difference, frame: Frame) -> Row:
    middle, low, high = _ends_in_deviations(difference) or (0.0, 0.0, 0.0)
    return {
        "n": n, "middle": round(middle, 4), "low": round(low, 4), "high": round(high, 4),
        "sure": difference.sure, "shape": SHAPES[0 if not _is_far(difference) else 1 if middle > 0 else 2],
        "name": wrapped(capital(title(difference)), 48 if frame.narrow else 50),
        "amount": short(change(difference.difference), 16),
    }  # fmt: skip


def _tables(comparison: Comparison, contrast: Contrast, sides: Sides) -> list[Table]:
    """Return the table of what is drawn, R with it, and that of all else that differs in any replication."""
    shown = [difference for difference in contrast.differences if difference.statistic == "R"] + _shown(
        contrast
    )
    others = [
        difference for difference in contrast.differences if difference not in shown and not difference.equal
    ]
    first, name = sides[0].name, sides[1].name
    headings = ("Outcome", first, name, "difference", "95%", "sure")
    tables = (
        (f"{name} compared with {first}", shown, ADJUSTED[comparison.adjustment]),
        ("All other outcomes that differ", sorted(others, key=_rank), ""),
    )
    return [
        Table(
            heading,
            headings,
            [_cells(difference, sides) for difference in differences],
            frozenset({1, 2, 3, 4}),
            note,
        )
        for heading, differences, note in tables
        if differences
    ]


def _cells(difference: Difference, sides: Sides) -> tuple[str, ...]:
    by = change(difference.difference), change_interval(difference.difference)
    return capital(title(difference)), *levels(difference, sides), *by, "yes" if difference.sure else "no"


def _rank(difference: Difference) -> tuple[bool, float]:
    return not difference.headline, -difference.importance


# ---- sensitivity

SENSITIVITY_MOST, LEAST = 8, 0.01
"""Quantities drawn for one outcome, at most; the total index that they surely stay below if they are not."""
ALONE, IN_ALL = "alone", "together with others"


def sensitivity_pictures(analysis: Sensitivity) -> list[Picture]:
    """Return the bars of every outcome of which something can be said; none without one."""
    explained = [dependence for dependence in analysis.outcomes if dependence.is_explained]
    if not explained:
        return []
    first, strongest = explained[0], sensitivity_page.ranking(explained[0])[0]
    share = 100 * (strongest.total.value or 0.0)
    name = sensitivity_page.names_of(analysis)[strongest.quantity]
    finding = (
        f"{sensitivity_page.title(first)} depends most on {name}: {share:.0f}% of what can be explained."
    )
    caption = (
        "Sobol's first and total indices: shares of the variance that the quantities explain, with 95%"
        " intervals. Behind the name of an outcome: how much of its variance between replications the"
        " quantities explain; the rest is chance. What surely makes less than 1% is not drawn."
    )
    picture = Picture(
        "sensitivity",
        finding,
        caption,
        lambda frame: _draw(analysis, explained, frame),
        sensitivity_page.tables(analysis, full=False),
    )
    return [picture]


def _draw(analysis: Sensitivity, explained: list[Dependence], frame: Frame) -> ChartType:
    panels = [_panel(analysis, dependence, frame) for dependence in explained]
    return alt.vconcat(*panels, spacing=18).resolve_scale(x="independent")


def _panel(analysis: Sensitivity, dependence: Dependence, frame: Frame) -> ChartType:
    letters = 24 if frame.narrow else 52
    ranked, called = _visible(dependence), sensitivity_page.names_of(analysis)
    bars = [
        {"n": n, "which": which, **_ends(estimate)}
        for n, index in enumerate(ranked)
        for which, estimate in ((ALONE, index.first), (IN_ALL, index.total))
    ]
    names = alt.Chart(
        alt.InlineData(
            values=[
                {"n": n, "name": short(called[index.quantity], letters)} for n, index in enumerate(ranked)
            ]
        )
    )
    chart = chart_of(bars)
    y = alt.Y("n:O", axis=None, scale=alt.Scale(paddingInner=0.25, paddingOuter=0.1))
    within = alt.YOffset("which:N", sort=[ALONE, IN_ALL])
    percent = alt.Axis(format="%", title=None, tickCount=5, domain=False, grid=True)
    x = alt.X("value:Q", scale=alt.Scale(domain=[0, 1], clamp=True), axis=percent)
    colour = alt.Color(
        "which:N", title=None, legend=alt.Legend(orient="bottom", offset=4),
        scale=alt.Scale(domain=[ALONE, IN_ALL], range=[MAIN, GRID]),
    )  # fmt: skip
    share = 100 * (dependence.share.value or 0.0)
    heading = alt.Title(
        short(f"{sensitivity_page.title(dependence)} ({share:.0f}%)", 40 if frame.narrow else 90),
        fontSize=12, color=INK, offset=4, frame="group", anchor="start",
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


def _visible(dependence: Dependence) -> list[Index]:
    """Return the indices that have a bar to be seen; at least the first."""
    ranked = sensitivity_page.ranking(dependence)[:SENSITIVITY_MOST]
    return [row for n, row in enumerate(ranked) if n == 0 or (row.total.high or 1.0) >= LEAST]


def _ends(index: Estimate) -> Row:
    """Return an index with its interval, within what an index can be."""
    value = index.value or 0.0
    ends = {"value": value, "low": index.low, "high": index.high}
    return {key: round(min(1.0, max(0.0, value if end is None else end)), 4) for key, end in ends.items()}
