"""Numbers, shares and dates as people write them, and text from data made harmless."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from datetime import date

HALF_95 = 1.96
"""Standard errors in half of a 95% interval."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def harmless(text: str, keep: str = "") -> str:
    """Return `text` with breaks as spaces and other control characters as �, but for those in `keep`."""
    spaced = "".join(" " if sign in "\r\n\t" and sign not in keep else sign for sign in text)
    return "".join(
        sign if sign in keep or unicodedata.category(sign) not in ("Cc", "Cf", "Cs") else "�"
        for sign in spaced
    )


def number(value: float) -> str:
    """Return three significant digits at most, two decimals at most: 1,240, 10.2, 0.03, <0.01, >−0.01."""
    if value == 0:
        return "0"
    if not math.isfinite(value) or abs(value) >= 1e12:
        return f"{value:.3g}".replace("-", "−")
    if abs(value) < 0.005:
        return "<0.01" if value > 0 else ">−0.01"
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{min(decimals, 2)}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def mean(value: float, error: float | None) -> str:
    """Return `10.2 ± 0.6` or `9 ± 2`: a mean and, from its standard error, half of its 95% interval.

    It has as many decimals as that has any use for.
    """
    if error is None:
        return number(value)
    if error == 0:
        return f"{number(value)} ± 0"
    half = HALF_95 * error
    decimals = min(4, max(0, -math.floor(math.log10(half / 2))))
    return f"{decimal(value, decimals)} ± {decimal(half, decimals)}"


def decimal(value: float, decimals: int) -> str:
    """Return `1,234.5` or `−0.03`: so many decimals, and no sign before what rounds to nought."""
    return f"{round(value, decimals) + 0.0:,.{decimals}f}".replace("-", "−")


def band(ends: Sequence[float], whole: bool = False) -> str:
    """Return `8–12`, or `−3 to 2` where an end is negative; with `whole`, without decimals."""
    low, high = (number(round(end) if whole else end) for end in ends)
    if low == high:
        return low
    return f"{low} to {high}" if min(ends) < 0 else f"{low}–{high}"


def percent(share: float) -> str:
    """Return `62%`; what is neither nought nor all never reads as such."""
    if 0 < share < 0.005:
        return "<1%"
    if 0.995 <= share < 1:
        return ">99%"
    return f"{share:.0%}"


def chance(share: float, interval: Sequence[float]) -> str:
    """Return `62% [58, 66]`: a share and its 95% interval.

    Its upper end never reads as nought, nor its lower end as all, where they are not.
    """
    low, high = interval
    least = ">99" if low < 1 <= round(100 * low) / 100 else f"{100 * low:.0f}"
    most = "<1" if round(100 * high) <= 0 < high else f"{100 * high:.0f}"
    return f"{percent(share)} [{least}, {most}]"


def day(at: date) -> str:
    """Return `3 Dec 2020`."""
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def days(first: date, last: date) -> str:
    """Return `20 Nov 2020 – 14 Jan 2021`, without what both have in common."""
    if first == last:
        return day(first)
    if first.year != last.year:
        return f"{day(first)} – {day(last)}"
    if first.month != last.month:
        return f"{first.day} {MONTHS[first.month - 1]} – {day(last)}"
    return f"{first.day}–{day(last)}"


def duration(seconds: float) -> str:
    """Return `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def plural(count: int, one: str, many: str = "") -> str:
    """Return `1 replication` or `1,200 replications`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def and_more(left: int) -> str:
    """Return `And 6 more.`, what is said below a table of what it leaves out; empty where that is nothing."""
    return f"And {left:,} more." if left > 0 else ""


def capital(text: str) -> str:
    """Return `text` with a capital first letter."""
    return text[:1].upper() + text[1:]
