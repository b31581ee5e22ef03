"""What a sensitivity analysis found, in words."""

from __future__ import annotations

from collections.abc import Sequence

from escalation.present.words import capital, chance, duration, number, percent, plural
from escalation.study.sensitivity.morris import Effect
from escalation.study.sensitivity.quantities import Quantity
from escalation.study.sensitivity.sensitivity import REST, Cost, Sensitive, Sensitivity
from escalation.study.sensitivity.sobol import Known

NEGLIGIBLE = 0.005
"""An index that is surely below this is not told in figures."""

Ranked = tuple[str, Known, Known]
"""A quantity with its first and its total index."""


def title(one: Sensitive) -> str:
    """Return what an outcome is called."""
    return capital(one.label)


def names(found: Sensitivity) -> dict[str, str]:
    """Return what the quantities are called, by path."""
    return {quantity.path: quantity.name for quantity in found.quantities}


def _whole_title(one: Sensitive) -> str:
    return f"{title(one)}, {one.expression}"


def _with_path(found: Sensitivity, path: str) -> str:
    name = names(found)[path]
    return path if name == path else f"{name} ({path})"


def ranking(found: Sensitivity, one: Sensitive) -> list[Ranked]:
    """Return the quantities with their indices, the largest total first, no first index above its total."""
    indices = zip(found.ranked, one.indices.first, one.indices.total, strict=True)
    ranked = sorted(indices, key=lambda row: -(row[2].value or 0.0))
    return [(name, _capped(first, total), total) for name, first, total in ranked]


def _capped(first: Known, total: Known) -> Known:
    """Return a first index that is no more than the total, as it cannot be; only its estimate can."""
    if first.value is None or total.value is None or first.value <= total.value:
        return first
    low = None if first.low is None else min(first.low, total.value)
    return Known(total.value, low, first.high)


def sentence(found: Sensitivity, one: Sensitive) -> str:
    """Return the finding about one outcome."""
    if not one.indices.told:
        return _nothing(found, one)
    share = index_words(one.indices.share)
    if len(found.quantities) == 1:
        which = _with_path(found, found.quantities[0].path)
        return f"{_whole_title(one)}: {share} of the variance comes from {which}, the rest is chance."
    name, first, total = ranking(found, one)[0]
    which = f"{name} (a larger --top takes them apart)" if name == REST else _with_path(found, name)
    return (
        f"{_whole_title(one)}: depends most on {which}: {index_words(first)} of the explained variance alone,"
        f" {index_words(total)} with what it does together with others. Explained is {share} of all variance;"
        " the rest is chance."
    )


def _nothing(found: Sensitivity, one: Sensitive) -> str:
    level = percent(one.indices.mean) if one.is_share else number(one.indices.mean)
    if one.indices.share.low is None:
        return f"{_whole_title(one)}: {level} at every point; there is nothing to explain."
    count = len(found.quantities)
    who = (
        f"none of the {count} quantities moves" if count > 1 else f"{found.quantities[0].name} does not move"
    )
    return (
        f"{_whole_title(one)}: {level} on average; {who} it further than chance does, as far as"
        f" {found.points:,} rows can tell."
    )


def index_words(known: Known) -> str:
    """Return `41% [35, 48]`; an index is no less than nothing, whatever its estimate is."""
    if known.value is None:
        return ""
    value = min(1.0, max(0.0, known.value))
    if known.low is None or known.high is None:
        return percent(value)
    if known.high < NEGLIGIBLE:
        return "<1%"
    return chance(value, [min(1.0, max(0.0, end)) for end in (known.low, known.high)])


def effect_words(effect: Effect, is_share: bool, is_ordered: bool) -> str:
    """Return what a quantity does from its 5% to its 95% quantile: `+3.2`, `−33 points`; `` when chance."""
    if not effect.told:
        return ""
    if effect.direction == "±" or not is_ordered:
        return f"±{_amount(effect.size, is_share)}"
    return ("+" if effect.mean > 0 else "−") + _amount(abs(effect.mean), is_share)


def _amount(size: float, is_share: bool) -> str:
    return f"{number(100 * size)} points" if is_share else number(size)


def cost_words(cost: Cost, quantities: Sequence[Quantity]) -> str:
    """Return what an analysis will cost: `7 uncertain numbers: 4,768 points …`."""
    levers = sum(quantity.is_lever for quantity in quantities)
    counted = [(len(quantities) - levers, "uncertain number"), (levers, "lever")]
    what = " and ".join(plural(count, name) for count, name in counted if count)
    each = cost.replications // cost.points
    return (
        f"{what}: {plural(cost.points, 'point')} of {plural(each, 'replication')}, {cost.replications:,} in"
        f" all, about {duration(cost.seconds)}; Ctrl-C keeps what is finished"
    )
