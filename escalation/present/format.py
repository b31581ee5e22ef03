"""The one formatter: estimates, numbers, shares, dates, lists and plurals as people read them.

Every command, report and picture prints an estimate by `estimate`, a difference by `difference`.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from escalation.present.page import FEW
from escalation.study.values import DATE, SHARE, Estimate, RunPart

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
HALF_95 = 1.959963984540054
"""Standard errors in half of a 95% interval."""
MOST_DECIMALS = 4
UNKNOWN = "unknown"
"""What is printed for an undefined value."""


# ---- estimates


def estimate(of: Estimate, start: date | None = None) -> str:
    """Return a value with its 95% interval; `start` is the day from which dates are counted.

    A share reads `62% [58, 66]`, an amount `10.2 ± 0.6` where the interval is symmetric about it and
    `10.2 [9.1, 12.0]` where it is not, a date `3 Dec 2020 [28 Nov – 9 Dec 2020]`; without an interval, the
    value alone. One that is not to be trusted is marked: `10.2 ± 0.6*`.
    """
    if of.value is None:
        return UNKNOWN
    if of.low is None or of.high is None:
        return f"{value(of, start)}{few(of)}"
    if of.unit not in (SHARE, DATE) and _is_symmetric(of):
        half = (of.high - of.low) / 2
        return f"{value(of, start)} ± {'0' if _is_nothing(of) else _least(half, _decimals(of))}{few(of)}"
    return f"{value(of, start)} {interval(of, start)}{few(of)}"


def few(of: Estimate) -> str:
    """Return the sign of an interval that is not to be trusted; empty for all others."""
    return FEW if of.too_few else ""


def value(of: Estimate, start: date | None = None) -> str:
    """Return the value of an estimate without its interval, with the decimals that this has use for."""
    if of.value is None:
        return UNKNOWN
    if of.unit == SHARE:
        return percent(of.value, _decimals(of))
    if of.unit == DATE and start is not None:
        return day(day_of(of.value, start))
    if of.low is None or of.high is None or _is_nothing(of):
        return number(of.value)
    return decimal(of.value, _decimals(of))


def interval(of: Estimate, start: date | None = None) -> str:
    """Return the 95% interval of an estimate: `[58, 66]`, `[28 Nov – 9 Dec 2020]`; empty without one."""
    if of.low is None or of.high is None:
        return ""
    if of.unit == DATE and start is not None:
        return f"[{days(day_of(of.low, start), day_of(of.high, start))}]"
    if of.unit == SHARE:
        low = _percentage(of.low, _decimals(of), may_vanish=True)
        return f"[{low}, {_percentage(of.high, _decimals(of), may_be_all=True)}]"
    if _is_nothing(of):
        return f"[{number(of.low)}, {number(of.high)}]"
    return f"[{decimal(of.low, _decimals(of))}, {decimal(of.high, _decimals(of))}]"


def difference(of: Estimate, unit: str | None = None) -> str:
    """Return a difference with its interval: `+8 points [+4, +11]`, `−12 days [−20, −3]`, `+2.1 [0.0, +4.3]`.

    A difference of shares is in percentage points, one of dates in days; `unit` takes the place of that.
    """
    ends = change_interval(of)
    return f"{change(of, unit)}{' ' if ends != few(of) else ''}{ends}"


def change(of: Estimate, unit: str | None = None) -> str:
    """Return a difference without its interval: `+8 points`."""
    if of.value is None:
        return UNKNOWN
    own = {SHARE: "points", DATE: "days"}.get(of.unit, "")
    after = own if unit is None else unit
    return f"{signed(_scale(of) * of.value, _decimals_of_change(of))} {after}".strip()


def change_interval(of: Estimate) -> str:
    """Return the interval of a difference: `[+4, +11]`, marked as by `estimate`; empty without one."""
    if of.low is None or of.high is None:
        return few(of)
    decimals = _decimals_of_change(of)
    return f"[{signed(_scale(of) * of.low, decimals)}, {signed(_scale(of) * of.high, decimals)}]{few(of)}"


def share(of: float, low: float, high: float) -> str:
    """Return `62% [58, 66]`: a share and its 95% interval."""
    return estimate(Estimate(value=of, low=low, high=high, unit=SHARE))


def mean(of: float, error: float | None) -> str:
    """Return `10.2 ± 0.6`: a mean with half of the 95% interval that its standard error gives."""
    if error is None:
        return number(of)
    half = HALF_95 * error
    return estimate(Estimate(value=of, low=of - half, high=of + half))


def _scale(of: Estimate) -> float:
    return 100.0 if of.unit == SHARE else 1.0


def _decimals_of_change(of: Estimate) -> int:
    """Return the decimals of a difference: without an interval, two of its digits that count."""
    if of.low is None or of.high is None or _is_nothing(of):
        size = abs(_scale(of) * (of.value or 0.0))
        return 0 if not size else max(0, min(MOST_DECIMALS, 1 - math.floor(math.log10(size))))
    return _decimals(of)


def _decimals(of: Estimate) -> int:
    """Return as many decimals as the interval has use for: the rule for all estimates.

    Half of its width shows one digit, or two where the first is a 1; of shares, whole percentages do down to
    a half-width of half a point.
    """
    if of.low is None or of.high is None:
        return 0
    half = _scale(of) * (of.high - of.low) / 2
    last = 2 * half if of.unit == SHARE else half / 2
    if last <= 0.0:  # no width, or one that is too small to be halved
        return 0
    return max(0, min(MOST_DECIMALS, -math.floor(math.log10(last))))


def _is_nothing(of: Estimate) -> bool:
    """Return whether an interval is a point, but for rounding errors."""
    assert of.low is not None
    assert of.high is not None
    return of.high - of.low <= 1e-9 * max(1.0, abs(of.high))


def _is_symmetric(of: Estimate) -> bool:
    """Return whether both ends are as far from the value, as far as can be seen in what is printed."""
    assert of.value is not None
    assert of.low is not None
    assert of.high is not None
    return abs((of.high - of.value) - (of.value - of.low)) <= 0.5 * 10.0 ** -_decimals(of)


def _least(half: float, decimals: int) -> str:
    """Return half of a width, which never reads as nought."""
    text = decimal(half, decimals)
    return text if float(text.replace(",", "")) else f"<{10.0**-decimals:.{decimals}f}"


def _percentage(of: float, decimals: int, may_vanish: bool = False, may_be_all: bool = False) -> str:
    """Return a share in percent, which reads as 0 or 100 only where it is, but as allowed."""
    shown, step = round(100 * of, decimals), 10.0**-decimals
    if of in (0.0, 1.0):
        return f"{100 * abs(of):.0f}"
    if shown == 0 and not may_vanish:
        return f"<{step:.{decimals}f}" if of > 0 else f">−{step:.{decimals}f}"
    if shown == 100 and of < 1 and not may_be_all:
        return f">{100 - step:.{decimals}f}"
    return decimal(shown, decimals)


# ---- numbers


def number(of: float) -> str:
    """Return three significant digits at most, two decimals at most: 1,240, 10.2, 0.03, <0.01, >−0.01."""
    if of == 0:
        return "0"
    if not math.isfinite(of) or abs(of) >= 1e12:
        return f"{of:.3g}".replace("-", "−")
    if abs(of) < 0.005:
        return "<0.01" if of > 0 else ">−0.01"
    decimals = max(0, 2 - math.floor(math.log10(abs(of))))
    text = f"{of:,.{min(decimals, 2)}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def decimal(of: float, decimals: int) -> str:
    """Return `1,234.5` or `−0.03`: so many decimals, and no sign before what rounds to 0."""
    return f"{round(of, decimals) + 0.0:,.{decimals}f}".replace("-", "−")


def signed(of: float, decimals: int) -> str:
    """Return `+2.1`, `−0.3` or `0.0`: what rounds to 0 has no sign."""
    return ("+" if round(of, decimals) > 0 else "") + decimal(of, decimals)


def percent(of: float, decimals: int = 0) -> str:
    """Return `62%`; what is neither 0 nor 1 never reads as such."""
    return f"{_percentage(of, decimals)}%"


def band(ends: Sequence[float], whole: bool = False) -> str:
    """Return `8–12`, or `−3 to 2` where an end is negative; with `whole`, without decimals."""
    low, high = (number(round(end) if whole else end) for end in ends)
    if low == high:
        return low
    return f"{low} to {high}" if min(ends) < 0 else f"{low}–{high}"


def setting(of: float | str | None) -> str:
    """Return a lever's value as it is written: `0.656`, `tit_for_tat`; empty for None."""
    return "" if of is None else of if isinstance(of, str) else f"{of:.4g}"


# ---- dates and durations


def day_of(at: float, start: date) -> date:
    """Return the date of `at`, in days from `start`."""
    return start + timedelta(days=int(at))


def day(at: date) -> str:
    """Return `3 Dec 2020`."""
    return f"{at.day} {month(at)} {at.year}"


def month(at: date) -> str:
    """Return `Dec`."""
    return MONTHS[at.month - 1]


def days(first: date, last: date) -> str:
    """Return `20 Nov 2020 – 14 Jan 2021`, without what both have in common."""
    if first == last:
        return day(first)
    if first.year != last.year:
        return f"{day(first)} – {day(last)}"
    if first.month != last.month:
        return f"{first.day} {month(first)} – {day(last)}"
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


# ---- lists and plurals


def plural(count: int, single: str, many: str = "") -> str:
    """Return `1 replication` or `1,200 replications`."""
    return f"{count:,} {single if count == 1 else many or single + 's'}"


def listed(items: Sequence[str], word: str = "and") -> str:
    """Return `a`, `a and b` or `a, b and c`."""
    return f" {word} ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def left_out_words(left_out: Mapping[str, int]) -> str:
    """Return what of a record a scenario's past could not take, by reason; empty where it took all."""
    reasons = listed([f"{count} for {reason}" for reason, count in left_out.items()])
    return f"Rows of the record that are not in the past: {reasons}." if left_out else ""


def changed(overrides: Sequence[str]) -> list[str]:
    """Return the line `With: until=2021-04-01`: what was changed of a scenario; none where nothing was."""
    return [f"With: {', '.join(overrides)}"] if overrides else []


def failed(count: int) -> list[str]:
    """Return the line on replications that failed; none where none did."""
    return [f"Failed: {plural(count, 'replication')}, left out of all figures."] if count else []


def truncated(count: int, rest: str) -> list[str]:
    """Return the line on replications that hit a limit; none where none did."""
    return [f"Truncated: {plural(count, 'replication')} hit a limit {rest}"] if count else []


def took(run: RunPart | None) -> str:
    """Return `, in 3 min 20 s`; empty where it is not known how long a result took."""
    return f", in {duration(run.seconds)}" if run else ""


def saved(run: RunPart | None) -> list[str]:
    """Return the line on where a result is stored; none where it is not."""
    return [f"Saved in {run.folder}"] if run and run.folder else []


def joined(items: Sequence[str], most: int) -> str:
    """Return `a; b; and 3 more`: items one after another, those beyond `most` counted."""
    rest = len(items) - most
    return "; ".join(items[:most]) + (f"; and {rest:,} more" if rest > 0 else "")


def first_listed(items: Sequence[str], most: int) -> str:
    """Return `a, b and 3 more`: items as by `listed`, those beyond `most` counted."""
    rest = len(items) - most
    return listed([*items[:most], *([f"{rest:,} more"] if rest > 0 else [])])


def and_more(left: int) -> str:
    """Return `And 6 more.`, which stands below a table that leaves rows out; empty where it does not."""
    return f"And {left:,} more." if left > 0 else ""


def capital(text: str) -> str:
    """Return `text` with a capital first letter."""
    return text[:1].upper() + text[1:]


def letter(index: int) -> str:
    """Return what the side at `index`, from 0, is called in a table: A, B, … Z, AA, …"""
    first, last = divmod(index, 26)
    return (letter(first - 1) if first else "") + chr(ord("A") + last)


def command(*words: object, overrides: Sequence[str] = (), **options: object) -> str:
    """Return `escalation run minimal --seed 3`: a command to copy, what changes the scenario last.

    `overrides` are PATH=VALUE, until=DATE and assumptions=SPREAD; an option that is None is left out.
    """
    flags = [(f"--{name.replace('_', '-')}", str(of)) for name, of in options.items() if of is not None]
    for override in overrides:
        name, _, of = override.partition("=")
        flags.append((f"--{name}", of) if name in ("until", "assumptions") else ("--set", override))
    return shlex.join(["escalation", *map(str, words), *(word for pair in flags for word in pair)])


ACRONYMS = ("asean", "fatf", "iaea", "icrc", "iihf", "nato", "opcw", "pace", "unga", "unsc")


def actor_label(name: str) -> str:
    """Return an actor of a record, which has no label, as printed: `EU`, `New Zealand`."""
    return name.upper() if len(name) <= 3 or name in ACRONYMS else name.replace("_", " ").title()
