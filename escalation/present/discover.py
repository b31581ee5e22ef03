"""A scenario discovery: where among the uncertain numbers an outcome happens, in sentences and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from escalation.present import format as fmt
from escalation.present.page import Page, Table, result_page
from escalation.study.discover.result import Discovery, PeelStep, Restriction, ScenarioBox

HEADINGS = (
    "box", "quantity", "low", "high", "share", "without", "p_fitted", "p_held_out", "repeats",
    "box_coverage", "box_density", "box_mass",
)  # fmt: skip
SHOWN = 8
"""Boxes of a trajectory on the first screen, about."""
CHANCE = 0.05
"""A restriction with a larger p on held-out futures is not confirmed."""
BOUNDS_NOTE = (
    "without: how dense the box is without this bound, where it was found. p: how probably chance alone"
    " makes it as dense as it is with the bound, on held-out futures. halves: in how many halves of those"
    " where it was found such a bound proved right on the rest of them."
)
TRAJECTORY_NOTE = "Coverage and density on held-out futures; * is the box above."


def page(result: Discovery, full: bool = False) -> Page:
    """Return the boxes; with `full`, every box of their trajectories."""
    tables: list[Table] = []
    for index, box in enumerate(result.boxes):
        if box.restrictions:
            tables += [bounds_table(result, index, full), _figures_table(result, index)]
        tables.append(trajectory_table(result, index, full))
    return result_page(result.scenario.title, opening(result), tables, closing(result))


def rows(result: Discovery) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:
    """Return a row for each bounded number of each box, with how the box does on held-out futures."""
    return HEADINGS, [
        (
            number, restriction.quantity, restriction.low, restriction.high, restriction.share,
            restriction.without, restriction.p_fitted, restriction.p_held_out, restriction.repeats,
            box.held_out.coverage.value, box.held_out.density.value, box.held_out.mass,
        )
        for number, box in enumerate(result.boxes, 1)
        for restriction in box.restrictions
    ]  # fmt: skip


# ---- sentences


def opening(result: Discovery) -> Iterator[str]:
    """Yield what was asked, and what was found of it."""
    yield from fmt.changed(result.overrides)
    numbers = fmt.plural(len(result.quantities), "uncertain number")
    yield (
        f"{result.condition}: in {result.cases:,} of {result.replications:,} futures,"
        f" {fmt.estimate(result.share)}. Where among {numbers}?"
    )
    for index in range(len(result.boxes)):
        yield sentence(result, index)
        yield from _doubts(result, index)
    if len(result.boxes) > 1:
        both = result.held_out
        yield (
            f"Together the {len(result.boxes)} boxes cover {fmt.estimate(both.coverage)}; it holds in"
            f" {fmt.estimate(both.density)} of what lies in them, on held-out futures."
        )
    if len(result.boxes) < result.wanted:
        boxes = fmt.plural(len(result.boxes), "box", "boxes")
        yield f"No more than {boxes} of {result.wanted}: nothing else proves right in enough halves."
    if not result.same_model:
        yield (
            "Another version made that run: if it drew its numbers in another way, the boxes mean nothing;"
            " play it again."
        )


def sentence(result: Discovery, index: int) -> str:
    """Return where a box is, and how it does on futures that it has not seen."""
    box = result.boxes[index]
    name = title(result, index)
    if not box.restrictions:
        if box.number == box.recommended:
            return (
                f"{name}: none. Of no number bounds prove right in {result.enough} of {result.halves} halves"
                " of the futures: it happens anywhere, as far as these can tell. More of them tell more."
            )
        return f"{name}: the whole space."
    labels = _labels(result)
    where = "; ".join(
        f"{labels[restriction.quantity]} {bounds(restriction)}" for restriction in box.restrictions
    )
    held_out = box.held_out
    return (
        f"{name}: {where}. On held-out futures it holds in {fmt.estimate(held_out.density)} of those that lie"
        f" there; of all in which it holds {fmt.estimate(held_out.coverage)} lie there, in"
        f" {fmt.percent(held_out.mass)} of the futures."
    )


def title(result: Discovery, index: int) -> str:
    """Return what a box is called: by number where there are several."""
    return f"Box {index + 1}" if len(result.boxes) > 1 else "Box"


def bounds(of: Restriction) -> str:
    """Return `at least 0.31`, `at most 2`, `0.31 to 2`."""
    low, high = (fmt.setting(None if end is None else float(f"{end:.3g}")) for end in (of.low, of.high))
    if low and high:
        return low if low == high else f"{low} to {high}"
    return f"at least {low}" if low else f"at most {high}"


def label(result: Discovery, of: Restriction) -> str:
    """Return what a bounded number is called."""
    return _labels(result)[of.quantity]


def _doubts(result: Discovery, index: int) -> Iterator[str]:
    """Yield what held-out futures do not confirm of a box."""
    box = result.boxes[index]
    density, start = box.held_out.density, box.trajectory[0].held_out.density.value or 0.0
    if not box.restrictions:
        return
    if density.low is None or density.low <= start:
        yield (
            f"{title(result, index)}: not confirmed. On held-out futures it is not surely denser than"
            f" {fmt.percent(start)}, which is what is found anywhere: it may be chance."
        )
        return
    labels = _labels(result)
    unsure = [
        labels[restriction.quantity] for restriction in box.restrictions if restriction.p_held_out > CHANCE
    ]
    if unsure:
        yield f"Not confirmed on held-out futures, p above {CHANCE:g}: the bounds of {'; '.join(unsure)}."


def closing(result: Discovery) -> Iterator[str]:
    """Yield how boxes were found and chosen, how another is picked, and where the result is."""
    yield from fmt.failed(result.failed)
    fitted, held_out = result.fitted.replications, result.held_out.replications
    yield (
        f"Found on {fitted:,} futures, measured on {held_out:,} others. Bounded are only numbers of which"
        f" bounds prove right in {result.enough} of {result.halves} halves of the {fitted:,}; recommended is"
        " the box with the largest coverage × (density − density of the whole)."
    )
    if result.source:
        again = fmt.command("discover", result.source, outcome=result.condition)
        yield f"Another box of the trajectory: {again} --box N, or --density 0.8"
    yield from fmt.saved(result.run)


# ---- tables


def bounds_table(result: Discovery, index: int, full: bool = True) -> Table:
    """Return what a box demands of each number; with `full`, also what the number is drawn from."""
    box, labels = result.boxes[index], _labels(result)
    ranges = {quantity.path: quantity.range for quantity in result.quantities}
    lines = [
        (
            labels[restriction.quantity], bounds(restriction), fmt.percent(restriction.without),
            fmt.number(restriction.p_held_out), f"{restriction.repeats} of {result.halves}",
            *([ranges[restriction.quantity]] if full else []),
        )
        for restriction in box.restrictions
    ]  # fmt: skip
    heads = (title(result, index), "bounds", "without", "p", "halves", *(["drawn from"] if full else []))
    note = BOUNDS_NOTE if index == 0 else ""
    return Table("", heads, lines, frozenset({2, 3, 4}), note, whole=frozenset({1}))


def trajectory_table(result: Discovery, index: int, full: bool = True) -> Table:
    """Return the boxes of a trajectory, from the whole space on; unless `full`, some of them."""
    box = result.boxes[index]
    steps = box.trajectory if full else _shown_steps(box)
    lines = [
        (
            f"{step.number}{'*' if step.number == box.number else ''}", str(len(step.quantities)),
            fmt.percent(step.held_out.mass), fmt.estimate(step.held_out.coverage),
            fmt.estimate(step.held_out.density), fmt.percent(step.fitted.coverage.value or 0.0),
            fmt.percent(step.fitted.density.value or 0.0),
        )
        for step in steps
    ]  # fmt: skip
    heads = ("Trajectory", "numbers", "mass", "coverage", "density", "cov. found", "dens. found")
    left = "" if full else fmt.and_more(len(box.trajectory) - len(steps))
    note = f"{TRAJECTORY_NOTE if index == 0 else ''} {left}".strip()
    return Table("", heads, lines, frozenset(range(len(heads))), note)


def _shown_steps(box: ScenarioBox) -> list[PeelStep]:
    """Return the first and the last boxes, the one that was chosen, and some in between."""
    every = max(1, round((len(box.trajectory) - 1) / (SHOWN - 1)))
    last = len(box.trajectory) - 1
    return [step for step in box.trajectory if step.number % every == 0 or step.number in (box.number, last)]


def _figures_table(result: Discovery, index: int) -> Table:
    box = result.boxes[index]
    pair = box.fitted, box.held_out
    lines = [
        ("coverage: of all in which it holds", *(fmt.estimate(part.coverage) for part in pair)),
        ("density: of all that lie in the box", *(fmt.estimate(part.density) for part in pair)),
        ("mass: of all futures", *(fmt.percent(part.mass) for part in pair)),
    ]
    return Table("", (f"{title(result, index)}: share", "where found", "held out"), lines, frozenset({1, 2}))


def _labels(result: Discovery) -> dict[str, str]:
    return {quantity.path: quantity.label for quantity in result.quantities}
