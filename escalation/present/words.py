"""Numbers, shares and dates as people write them, and text from data made harmless."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from datetime import date

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def harmless(text: str, keep: str = "") -> str:
    """Return `text` with breaks as spaces and other control characters as �, but for those in `keep`."""
    spaced = "".join(" " if sign in "\r\n\t" and sign not in keep else sign for sign in text)
    return "".join(
        sign if sign in keep or unicodedata.category(sign) not in ("Cc", "Cf", "Cs") else "�"
        for sign in spaced
    )


def number(value: float) -> str:
    """Return three significant digits at most, two decimals at most: 1,240, 10.2, 0.03, <0.01."""
    if value == 0 or not math.isfinite(value) or abs(value) >= 1e12:
        return f"{value:.3g}"
    if 0 < value < 0.005:
        return "<0.01"
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{min(decimals, 2)}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def mean(value: float, error: float | None) -> str:
    """Return `10.2 ± 0.3` or `9.1 ± 1.2`: as many decimals as the standard error has any use for."""
    if error is None:
        return number(value)
    if error == 0:
        return f"{number(value)} ± 0"
    decimals = min(4, max(0, -math.floor(math.log10(error / 2))))
    return f"{value:,.{decimals}f} ± {error:,.{decimals}f}".replace("-", "−")


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
    """Return `62% [58, 66]`: a share and its 95% interval."""
    return f"{percent(share)} [{100 * interval[0]:.0f}, {100 * interval[1]:.0f}]"


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


def capital(text: str) -> str:
    """Return `text` with a capital first letter."""
    return text[:1].upper() + text[1:]
