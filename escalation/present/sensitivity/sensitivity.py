"""A sensitivity analysis in each format: on the screen, as Markdown, CSV and JSON."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from escalation.present.screen import draw, put, remark, show
from escalation.present.sensitivity.words import (
    cost_words,
    effect_words,
    index_words,
    names,
    ranking,
    sentence,
    title,
)
from escalation.present.table import Format, Table, as_csv, as_json, markdown
from escalation.present.words import duration, harmless, number, plural
from escalation.study.sensitivity.document import document, rows_of
from escalation.study.sensitivity.quantities import Quantity
from escalation.study.sensitivity.sensitivity import REST, Cost, Sensitive, Sensitivity

NOTE = (
    "alone and in all: shares of what the quantities explain, by a quantity's own effect, and with what it"
    " does together with others (Sobol's first and total index, 95% interval). 5% → 95%: what happens on"
    " average as it goes from its 5% to its 95% quantile; empty where that is no more than chance."
)
MOST_NAMED = 8
"""Screened out quantities that are named on the screen."""


def show_sensitivity(found: Sensitivity, form: Format, full: bool = False) -> None:
    """Print an analysis on standard output; with `full`, the screening too."""
    if form is Format.JSON:
        put(as_json(_whole(found)))
    elif form is Format.CSV:
        rows = csv_rows(found)
        put(as_csv(list(rows[0]), [list(row.values()) for row in rows]))
    elif form is Format.MD:
        put(_as_markdown(found, full))
    else:
        _show_table(found, full)


def say_cost(cost: Cost, quantities: Sequence[Quantity]) -> None:
    """Say beforehand, beside the results, what an analysis will cost."""
    remark(cost_words(cost, quantities))


def _whole(found: Sensitivity) -> dict[str, Any]:
    folder = str(found.folder) if found.folder else None
    findings = {one.expression: sentence(found, one) for one in found.outcomes}
    run = {"folder": folder, "seconds": round(found.seconds, 3)}
    return {**document(found), "findings": findings, "run": run}


def csv_rows(found: Sensitivity) -> list[dict[str, Any]]:
    """Return one row for each outcome and quantity: what screening and indices say of it."""
    tables = rows_of(found)
    by_name: dict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
    for row in (*tables["morris"], *tables["sobol"]):
        by_name[row["outcome"], row["quantity"]] |= row
    blank = dict.fromkeys((*tables["morris"][0], *tables["sobol"][0]))
    order = [one.expression for one in found.outcomes]
    return sorted(({**blank, **row} for row in by_name.values()), key=lambda row: order.index(row["outcome"]))


def opening(found: Sensitivity) -> list[str]:
    """Return the lines below the title: what was changed, and one finding for each outcome."""
    lines = [f"With: {', '.join(found.overrides)}"] if found.overrides else []
    lines += [f"Lever: {one.name}, {one.range} ({one.path})" for one in found.quantities if one.is_lever]
    return lines + [sentence(found, one) for one in found.outcomes]


def tables_of(found: Sensitivity, full: bool) -> list[Table]:
    """Return a table for each outcome about which there is something to say, the note below the last."""
    made = [_indices(found, one) for one in found.outcomes if one.indices.told]
    if made:
        last = made.pop()
        made.append(Table(last.title, last.headings, last.rows, last.numbers, NOTE))
    return made + ([_screening(found, one) for one in found.outcomes] if full else [])


def closing(found: Sensitivity) -> list[str]:
    """Return the last lines: what was screened out, what failed, how much was played, where it is."""
    lines = _screened_out(found)
    if found.left_out:
        lines.append(f"Left out, being no averages: {', '.join(found.left_out)}.")
    if found.failed:
        lines.append(f"Failed: {plural(found.failed, 'replication')}, left out of all figures.")
    if found.truncated:
        lines.append(
            f"Truncated: {plural(found.truncated, 'replication')} hit a limit of acts or events and stopped"
            " there; the figures include them."
        )
    points = found.played // found.replications
    lines.append(
        f"{plural(points, 'point')} of {plural(found.replications, 'replication')}"
        f" ({found.trajectories} Morris trajectories, {found.points:,} rows of a Sobol design),"
        f" seed {found.seed}, in {duration(found.seconds)}."
    )
    if found.folder:
        lines.append(f"Saved in {found.folder}")
    return lines


def _screened_out(found: Sensitivity) -> list[str]:
    kept = {found.quantities[place].path for place in found.kept}
    others = [one.name for one in found.quantities if one.path not in kept]
    if not others:
        return []
    more = f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
    return [f"{REST.capitalize()}: {'; '.join(others[:MOST_NAMED])}{more}."]


def _indices(found: Sensitivity, one: Sensitive) -> Table:
    effects = {
        quantity.path: effect_words(effect, one.is_share, quantity.is_ordered)
        for quantity, effect in zip(found.quantities, one.effects, strict=True)
    }
    called = names(found)
    rows = [
        (
            called.get(name, name),
            index_words(first),
            index_words(total),
            effects.get(name, ""),
        )
        for name, first, total in ranking(found, one)
    ]
    headings = (title(one), "alone", "in all", "5% → 95%")
    return Table(title(one), headings, rows, frozenset({1, 2, 3}))


def _screening(found: Sensitivity, one: Sensitive) -> Table:
    scale = 100.0 if one.is_share else 1.0
    ranked = sorted(zip(found.quantities, one.effects, strict=True), key=lambda pair: -pair[1].size)
    rows = [
        (
            quantity.path,
            *(
                number(scale * value)
                for value in (effect.mean, effect.size, effect.error, effect.spread, effect.noise)
            ),
        )
        for quantity, effect in ranked
    ]
    unit = ", percentage points" if one.is_share else ""
    headings = (f"Screening: {title(one)}{unit}", "μ", "μ*", "±", "σ", "chance")
    note = (
        "Morris's mean, mean absolute and standard deviation of effects from the 5% to the 95% quantile; "
        "chance: the μ* of a quantity without effect."
    )
    return Table(f"Screening: {title(one)}", headings, rows, frozenset(range(1, 6)), note)


def _show_table(found: Sensitivity, full: bool) -> None:
    from rich.text import Text  # noqa: PLC0415 - not wanted for --help

    show(Text(harmless(found.title), style="bold"))
    show(*map(harmless, opening(found)))
    for table in tables_of(found, full):
        show("")
        draw(table)
    show("", *map(harmless, closing(found)))


def _as_markdown(found: Sensitivity, full: bool) -> str:
    parts = [f"# {markdown(found.title)}", "\n".join(f"- {markdown(line)}" for line in opening(found))]
    parts += [table.as_markdown() for table in tables_of(found, full)]
    return "\n\n".join([*parts, "\n".join(f"- {markdown(line)}" for line in closing(found))])
