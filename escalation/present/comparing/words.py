"""Differences in words: levels, signs and intervals as people write them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import NamedTuple

from escalation.present.words import capital, day, percent
from escalation.study.comparing.comparison import Comparison, Contrast, Difference, Side
from escalation.study.stats import Z95

FIRST_USE = "first use by "
"""What the labels of first uses begin with: `first use by European Union: airspace closed`."""
VERDICTS = {
    "feeds itself": "the flywheel feeds itself",
    "does not feed itself": "the flywheel does not feed itself",
    "cannot be told": "whether the flywheel feeds itself cannot be told",
}


class Shown(NamedTuple):
    """A difference as printed: both levels, the difference, its interval."""

    baseline: str
    other: str
    difference: str
    interval: str


def letter(place: int) -> str:
    """Return what a side is called in a table: A, B, … Z, AA, …"""
    first, last = divmod(place, 26)
    return (letter(first - 1) if first else "") + chr(ord("A") + last)


def spoken(label: str) -> str:
    """Return an outcome's label without the words that its numbers say: `European Union, airspace closed`."""
    return label.removeprefix(FIRST_USE).replace(": ", ", ", 1) if label.startswith(FIRST_USE) else label


def title(one: Difference) -> str:
    """Return what differs, as it stands in a table or a list."""
    if one.measure == "R":
        return "further acts per hostile act (R)"
    return spoken(one.label) + (", average day" if one.measure == "restricted_mean" else "")


def shown(one: Difference, sides: tuple[Side, Side]) -> Shown:
    """Return a difference as it stands in a table."""
    a, b = one.baseline.estimate, one.other.estimate
    if one.measure == "probability":
        written = _share(a), _share(b), f"{_points(one, one.difference)} points"
        return Shown(*written, _ends(one, _points))
    if one.measure == "restricted_mean":
        written = _day(sides[0], a), _day(sides[1], b), f"{_days(one, one.difference)} days"
        return Shown(*written, _ends(one, _days))
    return Shown(_level(one, a), _level(one, b), _amount(one, one.difference), _ends(one, _amount))


def sentence(one: Difference, contrast: Contrast, sides: tuple[Side, Side]) -> str:
    """Return a sure difference in one sentence."""
    said, name = shown(one, sides), capital(title(one))
    change = f"{said.difference} {said.interval}"
    if one.measure == "R":
        return (
            f"Each hostile act calls forth {said.other} instead of {said.baseline} further ones, {change};"
            f" {_verdicts(sides)}."
        )
    if one.measure == "probability":
        later = _later(one, contrast)
        return f"{name}: in {said.other} instead of {said.baseline} of futures, {change}{later}."
    return f"{name}: {said.other} instead of {said.baseline}, {change}."


def brief(one: Difference, sides: tuple[Side, Side]) -> str:
    """Return an unsure difference in a few words, for a list of them."""
    said = shown(one, sides)
    return f"{title(one)} ({said.difference} {said.interval})" if said.interval else title(one)


def legend(comparison: Comparison) -> list[str]:
    """Return a line for each side: its letter, title, name, and what was changed."""
    return [
        f"{letter(place)}  {side.title} ({side.name}{_changed(side)})"
        for place, side in enumerate(comparison.sides)
    ]


def signed(value: float, decimals: int) -> str:
    """Return `+2.1`, `−0.3` or `0.0`: what rounds to nought has no sign."""
    sign = "+" if round(value, decimals) else ""
    return f"{abs(value) if not sign else value:{sign},.{decimals}f}".replace("-", "−")


def joined(names: Sequence[str], most: int) -> str:
    """Return names one after another, the rest of them counted."""
    rest = len(names) - most
    return "; ".join(names[:most]) + (f"; and {rest:,} more" if rest > 0 else "")


def _changed(side: Side) -> str:
    return f", with {', '.join(side.overrides)}" if side.overrides else ""


def _later(one: Difference, contrast: Contrast) -> str:
    """Return how much later something comes on average, where that is sure and it comes in both."""
    if one.kind != "date":
        return ""
    mean = contrast.find(one.name, "restricted_mean")
    never = 0.0 in (one.baseline.estimate, one.other.estimate)
    if never or not mean.sure or not mean.difference or mean.interval is None:
        return ""
    word = "later" if mean.difference > 0 else "earlier"
    low, high = sorted(abs(end) for end in mean.interval)
    return f"; on average {abs(mean.difference):,.0f} [{low:,.0f}, {high:,.0f}] days {word}"


def _verdicts(sides: tuple[Side, Side]) -> str:
    baseline, other = (side.verdict or "cannot be told" for side in sides)
    if baseline != other:
        return f"{VERDICTS[other]}, where in A {VERDICTS[baseline].replace('the flywheel', 'it', 1)}"
    return VERDICTS[other] + (" in both" if other == "feeds itself" else " in either")


def _share(value: float | None) -> str:
    return "" if value is None else percent(value)


def _day(side: Side, value: float | None) -> str:
    return "" if value is None else day(side.start + timedelta(days=int(value)))


def _level(one: Difference, value: float | None) -> str:
    return "" if value is None else f"{value:,.{_decimals(one)}f}".replace("-", "−")


def _amount(one: Difference, value: float | None) -> str:
    return "" if value is None else signed(value, _decimals(one))


def _points(one: Difference, value: float | None) -> str:
    small = one.difference is not None and 0 < abs(one.difference) < 0.02
    return "" if value is None else signed(100 * value, 1 if small else 0)


def _days(one: Difference, value: float | None) -> str:
    small = one.difference is not None and 0 < abs(one.difference) < 2
    return "" if value is None else signed(value, 1 if small else 0)


def _decimals(one: Difference) -> int:
    """Return as many decimals as the interval has use for; R has two or three."""
    least, most = (2, 3) if one.measure == "R" else (0, 4)
    if one.interval is None or one.interval.high == one.interval.low:
        return 2
    error = (one.interval.high - one.interval.low) / (2 * Z95)
    return min(most, max(least, -math.floor(math.log10(error))))


def _ends(one: Difference, write: Callable[[Difference, float], str]) -> str:
    return (
        "" if one.interval is None else f"[{write(one, one.interval.low)}, {write(one, one.interval.high)}]"
    )
