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
from escalation.study.values import Estimate
from escalation.study.whatif.check import AttributionCheck, DyadCheck

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


def show_deletion(found: AttributionCheck, form: Format) -> None:
    """Print the check of what was attributed on standard output."""
    if form is Format.JSON:
        put(as_json(found.model_dump(mode="json")))
    elif form is Format.CSV:
        put(as_csv(CHECK_HEADINGS, [_check_row(found, dyad) for dyad in found.dyads]))
    else:
        show_page(deletion_page(found), form)


def deletion_page(found: AttributionCheck) -> Page:
    """Return the page of the check of what was attributed."""
    rows = [_row("All dyads", found), *(_row(_label(found, dyad), dyad) for dyad in found.dyads[:MOST_ROWS])]
    headings = ("Acts on", "children", "all answers", "missing")
    note = CHECK_NOTE.format(window=f"{found.window:g}")
    table = Table("Attributed and missing", headings, rows, frozenset({1, 2, 3}), note)
    return result_page(found.scenario.title, _check_lines(found), (table,) if found.deleted else ())


def _row(label: str, row: AttributionCheck | DyadCheck) -> tuple[str, ...]:
    return label, _alone(row.children), _mean(row.descendants), _mean(row.vanished)


def _label(found: AttributionCheck, dyad: DyadCheck) -> str:
    return f"{found.actors[dyad.actor]} → {found.actors[dyad.target]}"


def _check_lines(found: AttributionCheck) -> Iterator[str]:
    yield (
        f"{plural(found.replications, 'replication')}, seed {found.seed}. In {found.deleted:,} of them one"
        " hostile act, drawn by chance, was taken out and the same world played again."
    )
    if not found.deleted:
        yield f"In none was there an act that could be followed for {found.window:g} days before the end."
        return
    yield (
        f"Without it {_mean(found.vanished)} other hostile acts are missing within {found.window:g} days;"
        f" said to answer it were {_mean(found.descendants)}."
    )
    yield _verdict(found)


def _verdict(found: AttributionCheck) -> str:
    excess = found.excess
    apart = f"{signed(excess.value or 0.0, _decimals(excess))} {_ends(excess)}".strip()
    if not excess.excludes_zero:
        return f"The two cannot be told apart with so many replications ({apart})."
    if (excess.low or 0.0) > 0.0:
        return f"More hangs on an act than is attributed to it ({apart}): R reads too low for that."
    return f"Less hangs on an act than is attributed to it ({apart}): R reads too high for that."


def _mean(mean: Estimate) -> str:
    return f"{_alone(mean)} {_ends(mean)}".strip()


def _alone(mean: Estimate) -> str:
    return f"{mean.value or 0.0:.{_decimals(mean)}f}"


def _ends(mean: Estimate) -> str:
    if mean.low is None or mean.high is None:
        return ""
    decimals = _decimals(mean)
    return f"[{mean.low:.{decimals}f}, {mean.high:.{decimals}f}]".replace("-", "−")


def _decimals(mean: Estimate) -> int:
    """Return as many decimals as the interval has use for, two at least."""
    return min(4, max(2, -math.floor(math.log10(mean.error / 2)))) if mean.error else 2


def _check_row(found: AttributionCheck, dyad: DyadCheck) -> Sequence[Any]:
    means = (dyad.children, dyad.descendants, dyad.vanished)
    ends = (value for mean in means for value in (mean.value, mean.low, mean.high))
    return f"{dyad.actor}.{dyad.target}", _label(found, dyad), *ends
