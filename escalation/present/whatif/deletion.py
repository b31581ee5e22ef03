"""The check of what was attributed, held against what truly vanishes, in each format."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from escalation.present.comparing.words import signed
from escalation.present.page import Page, result_page, show_page
from escalation.present.screen import put
from escalation.present.table import Format, Table, as_csv, as_json
from escalation.present.words import plural
from escalation.study.stats import Z95, Interval
from escalation.study.whatif.deletion import Deletion, Mean, Row

MOST_ROWS = 12
CHECK_HEADINGS = (
    "dyad", "label", *(f"{name}{end}" for name in ("children", "descendants", "vanished")
                       for end in ("", "_low_95", "_high_95")),
)  # fmt: skip
CHECK_NOTE = (
    "Per hostile act taken out: acts on each dyad in the {window} days after it that answer it directly"
    " (children), or by way of others too (all answers), in sum of shares; and how many truly are missing"
    " without it."
)


def show_deletion(found: Deletion, form: Format) -> None:
    """Print the check of what was attributed on standard output."""
    if form is Format.JSON:
        put(as_json(found.to_json()))
    elif form is Format.CSV:
        put(as_csv(CHECK_HEADINGS, [_check_row(row) for row in found.rows]))
    else:
        show_page(deletion_page(found), form)


def deletion_page(found: Deletion) -> Page:
    """Return the page of the check of what was attributed."""
    total = Row("all", "All dyads", found.children, found.descendants, found.vanished)
    rows = [
        (row.label, _alone(row.children), _mean(row.descendants), _mean(row.vanished))
        for row in (total, *found.rows[:MOST_ROWS])
    ]
    headings = ("Acts on", "children", "all answers", "missing")
    note = CHECK_NOTE.format(window=f"{found.window:g}")
    table = Table("Attributed and missing", headings, rows, frozenset({1, 2, 3}), note)
    return result_page(found.title, _check_lines(found), (table,) if found.deleted else ())


def _check_lines(found: Deletion) -> Iterator[str]:
    yield (
        f"{plural(found.asked, 'replication')}, seed {found.seed}. In {found.deleted:,} of them one hostile"
        " act, drawn by chance, was taken out and the same world played again."
    )
    if not found.deleted:
        yield f"In none was there an act that could be followed for {found.window:g} days before the end."
        return
    yield (
        f"Without it {_mean(found.vanished)} other hostile acts are missing within {found.window:g} days;"
        f" said to answer it were {_mean(found.descendants)}."
    )
    yield _verdict(found)


def _verdict(found: Deletion) -> str:
    ends = found.excess.interval
    apart = f"{signed(found.excess.mean, _decimals(ends))} {_ends(ends)}".strip()
    if ends is None or ends.low <= 0.0 <= ends.high:
        return f"The two cannot be told apart with so many replications ({apart})."
    if ends.low > 0.0:
        return f"More hangs on an act than is attributed to it ({apart}): R reads too low for that."
    return f"Less hangs on an act than is attributed to it ({apart}): R reads too high for that."


def _mean(mean: Mean) -> str:
    return f"{_alone(mean)} {_ends(mean.interval)}".strip()


def _alone(mean: Mean) -> str:
    return f"{mean.mean:.{_decimals(mean.interval)}f}"


def _ends(ends: Interval | None) -> str:
    if ends is None:
        return ""
    decimals = _decimals(ends)
    return f"[{ends.low:.{decimals}f}, {ends.high:.{decimals}f}]".replace("-", "−")


def _decimals(ends: Interval | None) -> int:
    """Return as many decimals as the interval has use for, two at least."""
    if ends is None or ends.high == ends.low:
        return 2
    error = (ends.high - ends.low) / (2 * Z95)
    return min(4, max(2, -math.floor(math.log10(error / 2))))


def _check_row(row: Row) -> Sequence[Any]:
    means = (row.children, row.descendants, row.vanished)
    return (
        row.dyad,
        row.label,
        *(value for one in means for value in (one.mean, *(one.interval or (None, None)))),
    )
