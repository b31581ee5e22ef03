"""A sensitivity analysis: what each outcome depends on, in a sentence, a table and bars."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from escalation.present import format as fmt
from escalation.present.page import Page, Table, result_page
from escalation.study.sensitivity.morris import Effect
from escalation.study.sensitivity.sensitivity import (
    OTHERS,
    Cost,
    Dependence,
    Index,
    LeverCost,
    Sensitivity,
    rows_of,
)
from escalation.study.values import SHARE, Estimate

NOTE = (
    "alone and in all: shares of what the quantities explain, by a quantity's own effect, and with what it"
    " does together with others (Sobol's first and total index, 95% interval). 5% → 95%: what happens on"
    " average as it goes from its 5% to its 95% quantile; empty where that is no more than chance."
)
SCREENING_NOTE = (
    "Morris's mean, mean absolute and standard deviation of effects from the 5% to the 95% quantile; chance:"
    " the μ* of a quantity without effect."
)
COSTS_NOTE = (
    "What was asked, and beside it what the levers cost: the actor's own cost, how often those whom its"
    " measures can harm act, the relation that they keep."
)
THE_OTHERS = "the others together"
MOST_NAMED = 8
"""Screened out quantities that are named on the screen."""
NEGLIGIBLE = 0.005
"""An index that is surely below this is not printed in figures."""


def page(result: Sensitivity, full: bool = False) -> Page:
    """Return what each outcome depends on; with `full`, the screening too."""
    return result_page(result.scenario.title, opening(result), tables(result, full), closing(result))


def rows(result: Sensitivity) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:
    """Return headings and one row for each outcome and quantity: what screening and indices say of it."""
    tidy = rows_of(result)
    by_name: dict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
    for row in (*tidy["morris"], *tidy["sobol"]):
        by_name[row["outcome"], row["quantity"]] |= row
    blank = dict.fromkeys((*tidy["morris"][0], *tidy["sobol"][0]))
    order = [dependence.measure.expression for dependence in result.outcomes]
    merged = sorted(by_name.values(), key=lambda row: order.index(row["outcome"]))
    return list(blank), [list({**blank, **row}.values()) for row in merged]


def event_words(cost: Cost) -> str:
    """Return what an analysis will cost: `7 uncertain numbers: 4,768 points …`."""
    levers = sum(quantity.is_lever for quantity in cost.quantities)
    counted = [(len(cost.quantities) - levers, "uncertain number"), (levers, "lever")]
    what = " and ".join(fmt.plural(count, name) for count, name in counted if count)
    each = cost.replications // cost.points
    points = f"{fmt.plural(cost.points, 'point')} of {fmt.plural(each, 'replication')}"
    seconds = fmt.duration(cost.seconds)
    return f"{what}: {points}, {cost.replications:,} in all, about {seconds}; Ctrl-C keeps what is finished"


def opening(result: Sensitivity) -> list[str]:
    """Return the lines below the title: what was changed, and one finding for each outcome."""
    lines = fmt.changed(result.overrides)
    lines += [
        f"Lever: {quantity.label}, {quantity.range} ({quantity.path})"
        for quantity in result.quantities
        if quantity.is_lever
    ]
    return [*lines, *(sentence(result, dependence) for dependence in result.outcomes), *at_edges(result)]


def at_edges(result: Sensitivity) -> Iterator[str]:
    """Yield where a lever surely moves an outcome one way: it is highest at an end of what was varied."""
    levers = {quantity.path: quantity for quantity in result.quantities if quantity.is_lever}
    for dependence in result.outcomes:
        for effect in dependence.effects:
            lever = levers.get(effect.quantity)
            if lever and lever.is_ordered and effect.is_sure and effect.direction != "±":
                end = "highest" if effect.direction == "+" else "lowest"
                yield (
                    f"At the edge of what was varied, {dependence.measure.expression} is highest where"
                    f" {lever.label} is {end} ({lever.range}): see beyond it."
                )


def closing(result: Sensitivity) -> list[str]:
    """Return the last lines: what was screened out, what failed, how much was played, where it is."""
    lines = _screened_out(result)
    if result.left_out:
        lines.append(f"Left out, being no averages: {', '.join(result.left_out)}.")
    lines += fmt.failed(result.failed)
    lines += fmt.truncated(result.truncated, "and stopped there; the figures include them.")
    points, each = result.played // result.replications, fmt.plural(result.replications, "replication")
    lines.append(
        f"{fmt.plural(points, 'point')} of {each} ({result.trajectories} Morris trajectories,"
        f" {result.points:,} rows of a Sobol design), seed {result.seed}{fmt.took(result.run)}."
    )
    return lines + fmt.saved(result.run)


def _screened_out(result: Sensitivity) -> list[str]:
    others = [quantity.label for quantity in result.quantities if quantity.path not in result.ranked]
    if not others:
        return []
    more = f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
    return [f"{fmt.capital(THE_OTHERS)}: {'; '.join(others[:MOST_NAMED])}{more}."]


def tables(result: Sensitivity, full: bool) -> list[Table]:
    """Return a table for each outcome about which there is something to say, the note below the last."""
    tables = [_indices(result, dependence) for dependence in result.outcomes if dependence.is_explained]
    if tables:
        last = tables.pop()
        tables.append(Table(last.title, last.headings, last.rows, last.numbers, NOTE))
    tables += [_costs(result)] if result.costs else []
    return tables + ([_screening(dependence) for dependence in result.outcomes] if full else [])


def _costs(result: Sensitivity) -> Table:
    """Return what each lever does to the outcomes, and beside that what it costs."""
    levers = [quantity for quantity in result.quantities if quantity.is_lever]
    gains_and_costs: list[Dependence | LeverCost] = [*result.outcomes, *result.costs]
    rows = [
        (fmt.capital(row.measure.label), *(
            effect_words(effect, lever.is_ordered)
            for lever in levers for effect in row.effects if effect.quantity == lever.path
        ))
        for row in gains_and_costs
    ]  # fmt: skip
    headings = ("From 5% to 95% of a lever", *(lever.label for lever in levers))
    return Table("What it costs", headings, rows, frozenset(range(1, len(headings))), COSTS_NOTE)


def _indices(result: Sensitivity, dependence: Dependence) -> Table:
    ordered = {quantity.path: quantity.is_ordered for quantity in result.quantities}
    effects = {
        effect.quantity: effect_words(effect, ordered[effect.quantity]) for effect in dependence.effects
    }
    names = names_of(result)
    rows = [
        (names[index.quantity], index_words(index.first), index_words(index.total),
         effects.get(index.quantity, ""))
        for index in ranking(dependence)
    ]  # fmt: skip
    headings = (title(dependence), "alone", "in all", "5% → 95%")
    return Table(title(dependence), headings, rows, frozenset({1, 2, 3}))


def _screening(dependence: Dependence) -> Table:
    scale = 100.0 if dependence.measure.unit == SHARE else 1.0

    def cells(effect: Effect) -> list[str]:
        half = effect.size.half_width or 0.0
        numbers = (effect.mean.value, effect.size.value, half, effect.spread, effect.noise)
        return [fmt.number(scale * (value or 0.0)) for value in numbers]

    ranked = sorted(dependence.effects, key=lambda effect: -(effect.size.value or 0.0))
    rows = [(effect.quantity, *cells(effect)) for effect in ranked]
    unit = ", percentage points" if scale > 1 else ""
    headings = (f"Screening: {title(dependence)}{unit}", "μ", "μ*", "±", "σ", "chance")
    return Table(f"Screening: {title(dependence)}", headings, rows, frozenset(range(1, 6)), SCREENING_NOTE)


# ---- assumptions


# ---- words


def title(dependence: Dependence) -> str:
    """Return what an outcome is called."""
    return fmt.capital(dependence.measure.label)


def names_of(result: Sensitivity) -> dict[str, str]:
    """Return what the quantities are called, by path."""
    return {quantity.path: quantity.label for quantity in result.quantities} | {OTHERS: THE_OTHERS}


def ranking(dependence: Dependence) -> list[Index]:
    """Return the indices, the largest total first, no first index above its total."""
    return [
        _capped(index) for index in sorted(dependence.indices, key=lambda index: -(index.total.value or 0.0))
    ]


def _capped(index: Index) -> Index:
    """Return an index of which the first is no more than the total; only their estimates can be."""
    first, most = index.first, index.total.value
    if first.value is None or most is None or first.value <= most:
        return index
    low = None if first.low is None else min(first.low, most)
    return index.model_copy(update={"first": first.model_copy(update={"value": most, "low": low})})


def sentence(result: Sensitivity, dependence: Dependence) -> str:
    """Return the finding about one outcome."""
    outcome = f"{title(dependence)}, {dependence.measure.expression}"
    if not dependence.is_explained:
        return f"{outcome}: {_nothing(result, dependence)}"
    share = index_words(dependence.share)
    if len(result.quantities) == 1:
        which = _with_path(result, result.quantities[0].path)
        return f"{outcome}: {share} of the variance comes from {which}, the rest is chance."
    index = ranking(dependence)[0]
    which = _with_path(result, index.quantity)
    if index.quantity == OTHERS:
        which = f"{THE_OTHERS} (a larger --top takes them apart)"
    return (
        f"{outcome}: depends most on {which}: {index_words(index.first)} of the explained variance alone,"
        f" {index_words(index.total)} with what it does together with others. Explained is {share} of all"
        " variance; the rest is chance."
    )


def _with_path(result: Sensitivity, path: str) -> str:
    name = names_of(result)[path]
    return path if name == path else f"{name} ({path})"


def _nothing(result: Sensitivity, dependence: Dependence) -> str:
    level = fmt.percent(dependence.mean) if dependence.measure.unit == SHARE else fmt.number(dependence.mean)
    if dependence.share.low is None:
        return f"{level} at every point; there is nothing to explain."
    count = len(result.quantities)
    who = f"none of the {count} quantities moves"
    if count == 1:
        who = f"{result.quantities[0].label} does not move"
    return (
        f"{level} on average; {who} it further than chance does, as far as {result.points:,} rows can tell."
    )


def index_words(index: Estimate) -> str:
    """Return `41% [35, 48]`, within 0 and 1, whatever the estimate is; empty where undefined."""
    if index.value is None:
        return ""
    if index.high is not None and index.high < NEGLIGIBLE:
        return "<1%"
    ends = {"value": index.value, "low": index.low, "high": index.high}
    within = {name: None if end is None else min(1.0, max(0.0, end)) for name, end in ends.items()}
    return fmt.estimate(index.model_copy(update={**within, "unit": SHARE}))


def effect_words(effect: Effect, is_ordered: bool) -> str:
    """Return what a quantity does from its 5% to its 95% quantile: `+3.2`, `−33 points`; `` when chance."""
    if not effect.is_sure:
        return ""
    if effect.direction == "±" or not is_ordered:
        return f"±{_amount(effect.size)}"
    return ("+" if (effect.mean.value or 0.0) > 0 else "−") + _amount(effect.mean)


def _amount(size: Estimate) -> str:
    value = abs(size.value or 0.0)
    return f"{fmt.number(100 * value)} points" if size.unit == SHARE else fmt.number(value)
