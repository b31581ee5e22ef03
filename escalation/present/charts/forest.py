"""The forest plot: how another run differs from the first, outcome by outcome."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from escalation.present.charts.figure import Figure, Frame, Row
from escalation.present.charts.parts import short
from escalation.present.charts.theme import MAIN, MUTED, PAPER
from escalation.present.comparing.words import sentence, shown, title
from escalation.present.story.phrases import listed
from escalation.present.table import Table
from escalation.present.words import capital, plural
from escalation.study.comparing.comparison import Comparison, Contrast, Difference, Side

if TYPE_CHECKING:
    from altair.typing import ChartType

Sides = tuple[Side, Side]
"""The baseline, and the run that is compared with it."""

ADJUSTED = {
    "holm": "Sure: its p-value, adjusted by Holm's method for all outcomes that differ, is below 0.05.",
    "none": "Sure: its p-value, not adjusted for the number of outcomes, is below 0.05.",
}

MOST = 16
"""Outcomes that are drawn: those that answer the question, then the largest differences."""
NAMED = 4
"""Outcomes beyond the scale that are named."""
SHAPES = ("circle", "triangle-right", "triangle-left")
"""The mark of a difference, and of one that lies beyond the scale on either side."""
LARGEST = 5.0
"""Standard deviations at which the scale ends; what lies beyond is marked and named."""


def forest_figures(comparison: Comparison) -> list[Figure]:
    """Return one forest plot for each run that is compared with the first."""
    return [_forest(comparison, contrast, place) for place, contrast in enumerate(comparison.contrasts, 1)]


def _forest(comparison: Comparison, contrast: Contrast, place: int) -> Figure:
    sides = comparison.baseline, comparison.sides[contrast.other]
    drawn = _drawn(contrast)
    left = sum(not one.equal for one in contrast.differences) - sum(not one.equal for one in drawn)
    how = (
        f"{plural(contrast.pairs, 'pair')} of replications in the same world"
        if contrast.paired
        else f"independent replications ({'; '.join(contrast.reasons)})"
    )
    rest = (
        f" Left out: {plural(left, 'further outcome that differs', 'further outcomes that differ')}."
        if left
        else ""
    )
    rest += _beyond(drawn)
    caption = (
        f"Difference: {sides[1].name} less {sides[0].name}, in standard deviations of the outcome between"
        " runs, with its 95% interval; on the right, in its own unit. Filled: surely not 0, allowing for how"
        f" many outcomes are looked at. From {how}.{rest} {' '.join(contrast.notes)}"
    ).strip()
    return Figure(
        f"forest-{place}", _title(contrast, sides), caption, lambda frame: _draw(drawn, sides, frame),
        _tables(comparison, contrast, sides),
    )  # fmt: skip


def _title(contrast: Contrast, sides: Sides) -> str:
    name, first = sides[1].name, sides[0].name
    if contrast.identical:
        return f"{name} and {first} are the same in every replication."
    sure = [one for one in contrast.differences if one.sure]
    if not sure:
        return f"No difference between {name} and {first} is sure."
    strongest = max(sure, key=lambda one: (one.headline, one.measure != "R", one.importance))
    return sentence(strongest, contrast, sides)


def _drawn(contrast: Contrast) -> list[Difference]:
    known = [one for one in contrast.differences if _place(one) is not None]
    ranked = sorted(known, key=_rank)
    return ranked[:MOST]


def _beyond(drawn: Sequence[Difference]) -> str:
    """Return which outcomes lie beyond the scale, and how far."""
    far = [one for one in drawn if _is_far(one)]
    if not far:
        cut = any(LARGEST in map(abs, _place(one) or ()) for one in drawn)
        return f" Intervals are cut off at {LARGEST:g} standard deviations." if cut else ""
    said = [f"{title(one)} ({one.standardised:+.1f})" for one in far[:NAMED]]
    more = [f"{len(far) - NAMED} more"] if len(far) > NAMED else []
    return f" Arrows: beyond the scale: {listed([*said, *more])}."


def _is_far(one: Difference) -> bool:
    return bool(one.standardised) and abs(one.standardised or 0.0) > LARGEST


def _place(one: Difference) -> tuple[float, float, float] | None:
    """Return a difference and its interval in standard deviations; None where that cannot be said."""
    if one.equal:
        return 0.0, 0.0, 0.0
    if one.difference is None or not one.standardised or not one.difference or one.interval is None:
        return None
    scale = one.standardised / one.difference
    low, high = (max(-LARGEST, min(LARGEST, end * scale)) for end in one.interval)
    return max(-LARGEST, min(LARGEST, one.standardised)), low, high


def _draw(drawn: Sequence[Difference], sides: Sides, frame: Frame) -> ChartType:
    """Return the bars with names to their left, or on a phone above them; amounts to their right."""
    import altair as alt  # noqa: PLC0415 - an extra, and slow to import

    rows = [_row(n, one, sides, frame) for n, one in enumerate(drawn)]
    reach = max([0.2, *(max(abs(row["low"]), abs(row["high"])) for row in rows)]) * 1.08
    width = 205 if frame.narrow else frame.width - 370
    below = 7 if frame.narrow else 0
    chart = alt.Chart(alt.InlineData(values=rows))
    y = alt.Y("n:O", axis=None, scale=alt.Scale(paddingInner=0))
    x = alt.Scale(domain=[-reach, reach], nice=False)
    axis = alt.Axis(title="standard deviations", tickCount=5, domain=False, grid=not frame.narrow)
    fill = alt.Scale(domain=[True, False], range=[MAIN, PAPER])
    name = {"align": "left", "dy": -8} if frame.narrow else {"align": "right", "dx": -10}
    return alt.layer(
        alt.Chart(alt.InlineData(values=[{"zero": 0}])).mark_rule(color=MUTED).encode(x="zero:Q"),
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
    ).properties(width=width, height=(34 if frame.narrow else 22) * max(1, len(rows)))  # fmt: skip


def _row(n: int, one: Difference, sides: Sides, frame: Frame) -> Row:
    middle, low, high = _place(one) or (0.0, 0.0, 0.0)
    return {
        "n": n, "middle": round(middle, 4), "low": round(low, 4), "high": round(high, 4), "sure": one.sure,
        "shape": SHAPES[0 if not _is_far(one) else 1 if middle > 0 else 2],
        "name": short(capital(title(one)), 48 if frame.narrow else 56),
        "amount": short(shown(one, sides).difference, 16),
    }  # fmt: skip


def _tables(comparison: Comparison, contrast: Contrast, sides: Sides) -> list[Table]:
    """Return the table of what is drawn, R with it, and that of all else that differs in any replication."""
    drawn = [one for one in contrast.differences if one.measure == "R"] + _drawn(contrast)
    others = [one for one in contrast.differences if one not in drawn and not one.equal]
    first, name = sides[0].name, sides[1].name
    headings = ("Outcome", first, name, "difference", "95%", "sure")
    tables = (
        (f"{name} compared with {first}", drawn, ADJUSTED[comparison.adjustment]),
        ("All other outcomes that differ", sorted(others, key=_rank), ""),
    )
    return [
        Table(heading, headings, [_cells(one, sides) for one in found], frozenset({1, 2, 3, 4}), note)
        for heading, found, note in tables
        if found
    ]


def _cells(one: Difference, sides: Sides) -> tuple[str, ...]:
    return capital(title(one)), *shown(one, sides), "yes" if one.sure else "no"


def _rank(one: Difference) -> tuple[bool, float]:
    return not one.headline, -one.importance
