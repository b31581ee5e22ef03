"""The average effect of an act taken out or put in, and the check of what was attributed, in each format."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from escalation.present.page import Page, show_page
from escalation.present.phrases import listed
from escalation.present.screen import put
from escalation.present.table import Format, Table, as_csv, as_json
from escalation.present.words import capital, number, percent, plural
from escalation.study.average import Average, Effect
from escalation.study.deletion import Deletion, Mean, Row
from escalation.study.intervals import Interval

EFFECT_HEADINGS = (
    *("outcome", "label", "kind", "unit", "before", "after", "difference", "low_95", "high_95"),
    *("sure", "equal"),
)
EFFECT_NOTE = (
    "Means over all replications; the difference is that of each replication with itself, with its 95%"
    " interval. * marks those whose interval leaves 0 out. Dates: whether it happens at all."
)
MOST_ROWS = 12
LEAST = 1e-5
"""What is smaller is printed as 0."""
CHECK_HEADINGS = (
    "dyad", "label", *(f"{name}{end}" for name in ("children", "descendants", "vanished")
                       for end in ("", "_low_95", "_high_95")),
)  # fmt: skip
CHECK_NOTE = (
    "Per hostile act taken out: acts on each dyad in the {window} days after it that answer it directly"
    " (children), or by way of others too (all answers), in sum of shares; and how many truly are missing"
    " without it."
)


def show_average(found: Average, form: Format) -> None:
    """Print the average effect of an intervention on standard output."""
    if form is Format.JSON:
        put(as_json(found.to_json()))
    elif form is Format.CSV:
        put(as_csv(EFFECT_HEADINGS, [_effect_row(one) for one in _all(found)]))
    else:
        show_page(average_page(found), form)


def average_page(found: Average) -> Page:
    """Return the page of the average effect of an intervention."""
    header = found.before.header
    totals = {f"acts.{actor}" for actor in header.actors}
    shown = [one for one in found.effects if one.headline]
    shown += [one for one in found.effects if one.name in totals and not one.headline]
    shown = [one for one in shown if one.before or one.after]
    rows = [_shown(one) for one in (*shown, *((found.R,) if found.R else ()))]
    headings = ("Outcome", "as it is", "then", "difference", "95%")
    table = Table("Average effect", headings, rows, frozenset({1, 2, 3, 4}), EFFECT_NOTE)
    return Page(header.title, tuple(_average_lines(found)), (table,) if found.pairs else ())


def _average_lines(found: Average) -> Iterator[str]:
    ensemble = f"{plural(found.pairs, 'replication')}, seed {found.before.seed}"
    yield f"{capital(listed(found.words))}: {ensemble}, each played as it is and so."
    if found.dropped:
        yield f"Left out, since one of the two failed: {plural(found.dropped, 'replication')}."
    if found.none:
        yield (
            f"In {found.none:,} of them ({percent(found.none / found.pairs)}) there was no such act to take"
            " out: there nothing differs at all."
        )
    if found.struck:
        yield f"Taken out in all: {plural(found.struck, 'act')}."
    if found.pairs and found.none == found.pairs:
        return
    surest = sorted(
        (one for one in found.effects if one.sure and one.name in _totals(found)),
        key=lambda one: -abs(one.difference),
    )
    said = [f"{_actor(found, one)} does {_fewer(one)}" for one in surest[:3]]
    yield f"{capital('; '.join(said))}." if said else "No actor's number of hostile acts surely changes."


def _totals(found: Average) -> set[str]:
    return {f"acts.{actor}" for actor in found.before.header.actors}


def _actor(found: Average, one: Effect) -> str:
    return found.before.header.actors[one.name.removeprefix("acts.")]


def _fewer(one: Effect) -> str:
    assert one.interval
    size, word = abs(one.difference), "fewer" if one.difference < 0 else "more"
    ends = sorted(abs(end) for end in one.interval)
    return f"{fine(size)} [{fine(ends[0])}, {fine(ends[1])}] {word} hostile acts"


def _shown(one: Effect) -> tuple[str, ...]:
    share = one.kind in ("probability", "date")
    levels = (percent(value) if share else number(value) for value in (one.before, one.after))
    return capital(one.label), *levels, _signed(one.difference, share), _ends(one.interval, share, one.sure)


def _signed(value: float, share: bool) -> str:
    if value == 0.0:
        return "0"
    text = fine(abs(100 * value if share else value))
    return f"{'−' if value < 0 else '+'}{text}" + (" points" if share else "")


def _ends(ends: Interval | None, share: bool, sure: bool) -> str:
    if ends is None:
        return ""
    low, high = (fine(100 * end if share else end) for end in ends)
    return f"[{low}, {high}]" + ("*" if sure else " ")


def fine(value: float) -> str:
    """Return a number with two significant digits where `number` would round it to next to nothing."""
    if abs(value) < LEAST:
        return "0"
    if abs(value) >= 0.1:
        return number(value)
    decimals = 1 - math.floor(math.log10(abs(value)))
    return f"{value:.{decimals}f}".replace("-", "−")


def _all(found: Average) -> Sequence[Effect]:
    return (*found.effects, *((found.R,) if found.R else ()))


def _effect_row(one: Effect) -> Sequence[Any]:
    ends = one.interval or (None, None)
    about = (one.name, one.label, one.kind, one.unit, one.before, one.after, one.difference)
    return *about, *ends, one.sure, one.equal


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
        (row.label, fine(row.children.mean), _mean(row.descendants), _mean(row.vanished))
        for row in (total, *found.rows[:MOST_ROWS])
    ]
    headings = ("Acts on", "children", "all answers", "missing")
    note = CHECK_NOTE.format(window=f"{found.window:g}")
    table = Table("Attributed and missing", headings, rows, frozenset({1, 2, 3}), note)
    return Page(found.title, tuple(_check_lines(found)), (table,) if found.deleted else ())


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
    apart = f"{_signed(found.excess.mean, share=False)} {_ends(ends, share=False, sure=False).strip()}"
    if ends is None or ends.low <= 0.0 <= ends.high:
        return f"The two cannot be told apart with so many replications ({apart})."
    if ends.low > 0.0:
        return f"More hangs on an act than is attributed to it ({apart}): R reads too low for that."
    return f"Less hangs on an act than is attributed to it ({apart}): R reads too high for that."


def _mean(mean: Mean) -> str:
    return f"{fine(mean.mean)} {_ends(mean.interval, share=False, sure=False).strip()}".strip()


def _check_row(row: Row) -> Sequence[Any]:
    means = (row.children, row.descendants, row.vanished)
    return (
        row.dyad,
        row.label,
        *(value for one in means for value in (one.mean, *(one.interval or (None, None)))),
    )
