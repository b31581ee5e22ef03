"""A sweep: one sentence for each measure, its points in a table, its pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from escalation.present import format as fmt
from escalation.present.page import Page, Table, result_page
from escalation.study.points.levers import Lever, Value, short_names
from escalation.study.points.variants import PointResult
from escalation.study.sweep.findings import LEAST_POINTS, Finding
from escalation.study.sweep.sweep import Sweep, table
from escalation.study.values import SHARE, Estimate

MOST_ROWS, MOST_COLUMNS = 30, 10
"""Points that a table on the screen lists, and values of a second lever side by side in it."""
BRIEF = 3
"""Measures from which on a table shows intervals of the first alone."""
SPACIOUS = 4
"""Values of a second lever, side by side, up to which intervals have room."""
LEAST_EXPLAINED = 0.05
"""Part of the differences from which on a lever is named as a cause of them."""
MOST_BESIDE = 7
"""Points whose costs stand side by side."""
BESIDE_NOTE = (
    "Means: its own cost, how often those whom its measures can harm act, the relation that they keep."
)
FLYWHEEL = "further acts per hostile act"
"""What R is."""


def page(sweep: Sweep, full: bool = False) -> Page:  # noqa: ARG001 - nothing more to show
    """Return what was varied and what that did, the points, and how they came about."""
    tables = (points_table(sweep), costs_table(sweep)) if sweep.points else ()
    return result_page(sweep.scenario.title, opening(sweep), tables, closing(sweep))


def rows(sweep: Sweep) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:
    """Return the headings and rows of the tidy table."""
    columns = table(sweep)
    return list(columns), list(zip(*columns.values(), strict=True))


def opening(sweep: Sweep) -> list[str]:
    """Return the lines below the title: what was varied, and what that did."""
    lines = fmt.changed(sweep.overrides)
    lines += [
        f"Varied: {_varied(*pair)}" for pair in zip(short_names(sweep.levers), sweep.levers, strict=True)
    ]
    if not sweep.complete:
        lines.append(f"Interrupted: {len(sweep.points)} of {fmt.plural(sweep.planned, 'point')} finished.")
    findings = [f"{label(sweep, which)}: {sentence(sweep, which)}" for which in range(len(sweep.measures))]
    lines += [f"{n}. {text}" for n, text in enumerate(findings, 1)] if len(findings) > 1 else findings
    return lines + at_edges(sweep) + unshared(sweep)


def closing(sweep: Sweep) -> list[str]:
    """Return the last lines: what failed or was truncated, how long it took, where it is."""
    points, each = fmt.plural(len(sweep.points), "point"), fmt.plural(sweep.replications, "replication")
    lines = [
        *fmt.failed(sweep.failed),
        *fmt.truncated(sweep.truncated, "and stopped there; the figures include them."),
        f"{points} of {each}, all in the same worlds, seed {sweep.seed}{fmt.took(sweep.run)}.",
    ]
    folder = sweep.run.folder if sweep.run else None
    if folder and sweep.complete:
        pictures = ", with pictures in sweep.svg" if (folder / "sweep.svg").is_file() else ""
        lines.append(f"Saved in {folder}{pictures}")
    return lines


def edges(levers: Sequence[Lever], point: Mapping[str, Value]) -> str:
    """Return which levers of a point lie at the edge of what was tried: `gradualism 3 (0.1 to 3)`."""
    said = []
    for name, lever in zip(short_names(levers), levers, strict=True):
        if lever.is_edge(point[lever.path]):
            values = lever.ends if lever.is_range else sorted(lever.choices)
            low, high = fmt.setting(values[0]), fmt.setting(values[-1])
            said.append(f"{name} {fmt.setting(point[lever.path])} ({low} to {high})")
    return fmt.listed(said)


def at_edges(sweep: Sweep) -> list[str]:
    """Return a line for each measure whose highest or lowest value lies at the edge of what was varied."""
    points = {point.number: point.point for point in sweep.points}
    lines = []
    for measure, finding in zip(sweep.measures, sweep.findings, strict=True):
        if finding is None or finding.trend == "flat":
            continue
        ends = (("highest", finding.highest), ("lowest", finding.lowest))
        said = [f"{word} at {edge}" for word, end in ends if (edge := edges(sweep.levers, points[end]))]
        if said:
            name = measure.parsed.measured
            lines.append(f"At the edge of what was varied, {name} is {fmt.listed(said)}: see beyond it.")
    return lines


# ---- the points in a table


def points_table(sweep: Sweep) -> Table:
    """Return the points in a table: two levers on a grid across each other, else one row for each point."""
    crossed = sweep.design == "grid" and len(sweep.levers) == 2
    return _crossed(sweep) if crossed and len(sweep.levers[1].values()) <= MOST_COLUMNS else _listed(sweep)


def _crossed(sweep: Sweep) -> Table:
    (down, across), names = sweep.levers, short_names(sweep.levers)
    by_levers = {(point.point[down.path], point.point[across.path]): point for point in sweep.points}
    brief = len(across.values()) > SPACIOUS
    headings = (f"{names[0]} ↓ {names[1]} →", *map(fmt.setting, across.values()))
    rows = [
        (fmt.setting(row), *(
            _cell(by_levers[row, column].estimates[0], brief) if (row, column) in by_levers else ""
            for column in across.values()
        ))
        for row in down.values()
    ]  # fmt: skip
    note = f"{label(sweep, 0)}, {sweep.measures[0].parsed.measured}." + (_widest(sweep, [0]) if brief else "")
    note += " The others are in the file." if len(sweep.measures) > 1 else ""
    return Table("Points", headings, rows, frozenset(range(1, len(headings))), note)


def _listed(sweep: Sweep) -> Table:
    measures, levers = [measure.parsed for measure in sweep.measures], sweep.levers
    several, brief = len(measures) > 1, len(measures) >= BRIEF
    headings = [str(n) if several else measure.measured for n, measure in enumerate(measures, 1)]
    chosen = _highest_and_lowest(sweep)
    rows = [
        (
            *(fmt.setting(point.point[lever.path]) for lever in levers),
            *(_cell(estimate, brief and column > 0) for column, estimate in enumerate(point.estimates)),
        )
        for point in chosen
    ]
    numeric = {n for n, lever in enumerate(levers) if lever.is_numeric}
    numbers = frozenset(numeric | set(range(len(levers), len(levers) + len(headings))))
    left = len(sweep.points) - len(chosen)
    notes = ["In the order of the first expression."] if chosen != list(sweep.points) else []
    notes += [f"{fmt.plural(left, 'more point')} in the file."] if left else []
    notes += [_widest(sweep, range(1, len(measures))).strip()] if brief else []
    return Table("Points", (*short_names(levers), *headings), rows, numbers, " ".join(notes))


def costs_table(sweep: Sweep) -> Table | None:
    """Return what stands beside the points, by the words that `tune` has for it; None without any.

    Of many points, those at which the first measure is lowest and highest.
    """
    points = list(sweep.points)
    if len(sweep.levers) > 1 or len(points) > MOST_BESIDE:
        finding, by_number = sweep.findings[0], {point.number: point for point in points}
        points = [by_number[finding.lowest], by_number[finding.highest]] if finding else []
    if not (sweep.costs and points):
        return None
    names = short_names(sweep.levers)
    places = [", ".join(fmt.setting(point.point[lever.path]) for lever in sweep.levers) for point in points]
    rows = [
        (fmt.capital(measure.label), *(_cell(point.costs[n], brief=True) for point in points))
        for n, measure in enumerate(sweep.costs)
    ]
    headings = (f"Beside that, by {', '.join(names)}", *places)
    return Table("What it costs", headings, rows, frozenset(range(1, len(headings))), BESIDE_NOTE)


def _highest_and_lowest(sweep: Sweep) -> list[PointResult]:
    """Return the points in order; of many, those at which the first measure is highest and lowest."""
    points = list(sweep.points)
    if sweep.design == "grid" and len(points) <= MOST_ROWS:
        return points
    points.sort(key=lambda point: -(point.estimates[0].value or 0.0))
    half = MOST_ROWS // 2
    return points if len(points) <= MOST_ROWS else [*points[:half], *points[-half:]]


def _widest(sweep: Sweep, measures: Iterable[int]) -> str:
    """Return how wide the intervals are that a table has no room for."""
    several = len(sweep.measures) > 1
    widths = [f"{f'{n + 1}: ' if several else ''}{width}" for n in measures if (width := _half(sweep, n))]
    return f" 95% intervals reach at most {', '.join(widths)} to either side." if widths else ""


def _half(sweep: Sweep, which: int) -> str:
    """Return half of the widest 95% interval of a measure: `±3 points`, `±0.12`."""
    halves = [half for point in sweep.points if (half := point.estimates[which].half_width) is not None]
    if not halves:
        return ""
    is_share = sweep.measures[which].unit == SHARE
    return f"±{100 * max(halves):.0f} points" if is_share else f"±{fmt.number(max(halves))}"


def _cell(estimate: Estimate, brief: bool) -> str:
    """Return an estimate, without its interval when `brief`; empty where undefined."""
    if estimate.value is None:
        return ""
    return fmt.value(estimate) if brief else fmt.estimate(estimate)


def _varied(name: str, lever: Lever) -> str:
    """Return what is varied: `reciprocity from 0.2 to 1.4 (actors.eu.policy.reciprocity)`."""
    path = f" ({lever.path})" if name != lever.path else ""
    if lever.is_range:
        low, high = map(fmt.setting, lever.ends)
        return f"{name} from {low} to {high}{path}"
    return f"{name}{path}: {', '.join(map(fmt.setting, lever.choices))}"


# ---- sentences


def label(sweep: Sweep, which: int) -> str:
    """Return what the outcome of a measure is called."""
    return fmt.capital(sweep.measures[which].label or FLYWHEEL)


def sentence(sweep: Sweep, which: int) -> str:
    """Return what one measure does, and where it keeps its limit if it has one."""
    finding = sweep.findings[which]
    if finding is None:
        return f"{sweep.measures[which].expression}: there are too few points to tell what it does."
    return _Sentence(sweep, which, finding).whole()


def unshared(sweep: Sweep) -> list[str]:
    """Return why it is not said how much each lever explains; nothing where it is said, or goes without."""
    known = [finding for finding in sweep.findings if finding]
    if len(sweep.levers) == 1 or all(finding.shared_out or finding.trend == "flat" for finding in known):
        return []
    needed = LEAST_POINTS * len(sweep.levers)
    if len(sweep.points) < needed:
        return [
            f"Too few points to tell how much of it each lever explains ({needed} scattered ones would do)."
        ]
    return ["Where no shares stand, the levers moved too much together for these points to tell them apart."]


class _Sentence:
    """The words for one measure."""

    def __init__(self, sweep: Sweep, which: int, finding: Finding):
        self.expression = sweep.measures[which].parsed
        self.levers, self.which, self.finding = sweep.levers, which, finding
        self.points = {point.number: point for point in sweep.points}
        self.names = short_names(self.levers)

    def whole(self) -> str:
        moving = dict.fromkeys(("rises", "falls", "moves"), self.moves)
        words = {"flat": self.flat, "turns": self.turns, **moving}
        limit = f" {self.limit()}" if self.finding.holding is not None else ""
        return f"{self.expression.measured} {words.get(self.finding.trend, self.differs)()}.{limit}"

    def value(self, number: int) -> str:
        return fmt.value(self.points[number].estimates[self.which])

    def at(self, number: int) -> str:
        """Return where a point lies: `reciprocity 0.2, policy grit`."""
        return ", ".join(
            f"{name} {fmt.setting(self.points[number].point[lever.path])}"
            for name, lever in zip(self.names, self.levers, strict=True)
        )

    def there(self, number: int) -> str:
        """Return where a point of a single lever lies: `0.9`."""
        return fmt.setting(self.points[number].point[self.levers[0].path])

    def flat(self) -> str:
        low, high = self.value(self.finding.lowest), self.value(self.finding.highest)
        if low == high:
            return f"stays at {low} {self.way()}"
        return f"shows no sure change ({low} to {high}) {self.way()}"

    def way(self) -> str:
        if len(self.levers) == 1 and self.levers[0].is_numeric:
            ends = self.there(self.finding.first), self.there(self.finding.last)
            return f"as {self.names[0]} goes from {ends[0]} to {ends[1]}"
        return f"whatever {' and '.join(self.names)} {'is' if len(self.names) == 1 else 'are'}"

    def moves(self) -> str:
        verb = "goes" if self.finding.trend == "moves" else self.finding.trend
        ends = f"from {self.value(self.finding.first)} to {self.value(self.finding.last)}"
        return f"{verb} {ends} {self.way()}{self.inside()}"

    def turns(self) -> str:
        finding = self.finding
        if finding.peak is None and finding.dip is None:
            low, high = (
                f"{self.value(number)} (at {self.there(number)})"
                for number in (finding.lowest, finding.highest)
            )
            return f"varies between {low} and {high} {self.way()}"
        start = f"begins at {self.value(finding.first)} and ends at {self.value(finding.last)} {self.way()}"
        return f"{start}{self.inside()}"

    def inside(self) -> str:
        """Return what stands out between the ends."""
        words = [
            f"{word} at {self.there(number)} ({self.value(number)})"
            for word, number in (("highest", self.finding.peak), ("lowest", self.finding.dip))
            if number is not None
        ]
        return f"; it is {' and '.join(words)}" if words else ""

    def differs(self) -> str:
        low, high = (
            f"{self.value(number)} ({self.at(number)})"
            for number in (self.finding.lowest, self.finding.highest)
        )
        return f"goes from {low} to {high}{self.causes() if len(self.levers) > 1 else ''}"

    def causes(self) -> str:
        if not self.finding.shared_out:
            return ""
        ranked = sorted(zip(self.finding.explains, self.names, strict=True), reverse=True)
        (most, name), *rest = [pair for pair in ranked if pair[0] >= LEAST_EXPLAINED] or [(0.0, "")]
        if not name:
            return ""
        others = "".join(f", {other} {fmt.percent(part)}" for part, other in rest)
        return f"; {name} alone explains {fmt.percent(most)} of the differences{others}"

    def limit(self) -> str:
        holding, count = self.finding.holding or (), self.finding.known
        expression = f"{self.expression.relation} {self.expression.limit:g}"
        if len(holding) == count:
            return f"It is {expression} everywhere."
        if not holding:
            return f"It is {expression} nowhere."
        return f"It is {expression} at {len(holding)} of {count} points{self.stretch(holding)}."

    def stretch(self, holding: Sequence[int]) -> str:
        """Return the stretch that points of one numeric lever make, where they make one."""
        if len(self.levers) > 1 or not self.levers[0].is_numeric:
            return f": {'; '.join(map(self.at, holding))}" if len(holding) <= 3 else ""
        ordered = self.ordered()
        places = sorted(map(ordered.index, holding))
        if places != list(range(places[0], places[-1] + 1)):
            return ""
        first, last = self.there(ordered[places[0]]), self.there(ordered[places[-1]])
        if len(places) == 1:
            return f", {self.names[0]} {first}"
        if places[0] == 0:
            return f", up to {self.names[0]} {last}"
        if places[-1] == len(ordered) - 1:
            return f", from {self.names[0]} {first} on"
        return f", {self.names[0]} {first} to {last}"

    def ordered(self) -> list[int]:
        """Return the numbers of the points of known value, in the order of the lever."""
        known = [point for point in self.points.values() if point.estimates[self.which].value is not None]
        return [point.number for point in sorted(known, key=lambda point: point.point[self.levers[0].path])]
