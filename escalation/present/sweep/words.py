"""What a sweep shows, in sentences: one for each expression."""

from __future__ import annotations

from collections.abc import Sequence

from escalation.model.compile import compile_scenario
from escalation.present.comparing.words import spoken
from escalation.present.words import capital, chance, mean, number, percent
from escalation.scenario.expression import Expression
from escalation.study.points.levers import Lever, Value, short_names
from escalation.study.sweep.finding import LEAST_POINTS, Finding, finding
from escalation.study.sweep.sweep import Sweep, Swept
from escalation.study.values import Estimate

LEAST_EXPLAINED = 0.05
"""Part of the differences from which on a lever is named as a cause of them."""
WHEEL = "further acts per hostile act"
"""What R is."""


def sentences(sweep: Sweep) -> list[str]:
    """Return for each expression what it does as the levers are turned."""
    return [sentence(sweep, which) for which in range(len(sweep.plan.expressions))]


def labels(sweep: Sweep) -> list[str]:
    """Return what the outcome of each expression is called."""
    known = {one.name: one.label for one in compile_scenario(sweep.plan.scenario).outcomes}
    found = [known.get(one.outcome, WHEEL) for one in sweep.plan.expressions]
    return [capital(spoken(label)) for label in found]


def sentence(sweep: Sweep, which: int) -> str:
    """Return what one expression does, and where it keeps to its limit if it has one."""
    expression, found = sweep.plan.expressions[which], finding(sweep, which)
    if found is None:
        return f"{expression}: there are too few points to tell what it does."
    return _Teller(sweep, which, found).whole()


def unshared(sweep: Sweep) -> list[str]:
    """Return why it is not said how much each lever explains; nothing where it is said, or goes without."""
    told = [found for n in range(len(sweep.plan.expressions)) if (found := finding(sweep, n))]
    if len(sweep.plan.levers) == 1 or all(one.shared_out or one.trend == "flat" for one in told):
        return []
    needed = LEAST_POINTS * len(sweep.plan.levers)
    if len(sweep.done) < needed:
        return [
            f"Too few points to tell how much of it each lever explains ({needed} scattered ones would do)."
        ]
    return ["Where no shares stand, the levers moved too much together for these points to tell them apart."]


def level(expression: Expression, value: float | None) -> str:
    """Return a value as people read it: a share in percent, R with two decimals."""
    if value is None:
        return "unknown"
    if expression.is_share:
        return percent(value)
    return f"{value:.2f}" if expression.needs_flywheel else _amount(value)


def _amount(value: float) -> str:
    """Return an amount with as many decimals as others of its size have, so that columns read well."""
    size = abs(value)
    if size >= 1e6 or 0 < size < 0.005:
        return number(value)
    return f"{value:,.{0 if size >= 100 else 1 if size >= 10 else 2}f}".replace("-", "−")


def cell(expression: Expression, found: Estimate, brief: bool = False) -> str:
    """Return an estimate with how sure it is, `54% [51, 57]`; the value alone when `brief`."""
    if found.value is None or brief or found.low is None or found.high is None:
        return "" if found.value is None else level(expression, found.value)
    if expression.is_share:
        return chance(found.value, (found.low, found.high))
    if expression.function == "mean":
        return mean(found.value, found.error)
    low, high = (level(expression, end) for end in (found.low, found.high))
    return f"{level(expression, found.value)} [{low}, {high}]"


def widest(sweep: Sweep, which: int) -> str:
    """Return how far the widest 95% interval of an expression reaches to a side: `±3 points`, `±0.12`."""
    expression = sweep.plan.expressions[which]
    ends = [(one.estimates[which].low, one.estimates[which].high) for one in sweep.done]
    halves = [(high - low) / 2 for low, high in ends if low is not None and high is not None]
    if not halves:
        return ""
    half = max(halves)
    return f"±{100 * half:.0f} points" if expression.is_share else f"±{level(expression, half)}"


def shown(value: Value) -> str:
    """Return a lever's value as it is written."""
    return value if isinstance(value, str) else f"{value:.4g}"


class _Teller:
    """The words for one expression."""

    def __init__(self, sweep: Sweep, which: int, found: Finding):
        self.expression = sweep.plan.expressions[which]
        self.levers, self.which, self.found = sweep.plan.levers, which, found
        self.names = short_names(self.levers)

    def whole(self) -> str:
        moving = dict.fromkeys(("rises", "falls", "moves"), self.moves)
        tell = {"flat": self.flat, "turns": self.turns, **moving}
        limit = f" {self.limit()}" if self.found.holding is not None else ""
        return f"{self.expression.measured} {tell.get(self.found.trend, self.differs)()}.{limit}"

    def value(self, one: Swept) -> str:
        return level(self.expression, one.estimates[self.which].value)

    def at(self, one: Swept) -> str:
        """Return where a point lies: `reciprocity 0.2, policy grit`."""
        return ", ".join(
            f"{name} {shown(one.point[lever.path])}"
            for name, lever in zip(self.names, self.levers, strict=True)
        )

    def there(self, one: Swept) -> str:
        """Return where a point of a single lever lies: `0.9`."""
        return shown(one.point[self.levers[0].path])

    def flat(self) -> str:
        low, high = self.value(self.found.lowest), self.value(self.found.highest)
        if low == high:
            return f"stays at {low} {self.way()}"
        return f"shows no sure change ({low} to {high}) {self.way()}"

    def way(self) -> str:
        if len(self.levers) == 1 and self.levers[0].is_numeric:
            ends = self.there(self.found.first), self.there(self.found.last)
            return f"as {self.names[0]} goes from {ends[0]} to {ends[1]}"
        return f"whatever {' and '.join(self.names)} {'is' if len(self.names) == 1 else 'are'}"

    def moves(self) -> str:
        found = self.found
        verb = "goes" if found.trend == "moves" else found.trend
        start = f"{verb} from {self.value(found.first)} to {self.value(found.last)} {self.way()}"
        return f"{start}{self.inside()}"

    def turns(self) -> str:
        found = self.found
        if not (found.peak or found.dip):
            ends = f"between {self.value(found.lowest)} (at {self.there(found.lowest)})"
            return (
                f"varies {ends} and {self.value(found.highest)} (at {self.there(found.highest)}) {self.way()}"
            )
        start = f"begins at {self.value(found.first)} and ends at {self.value(found.last)} {self.way()}"
        return f"{start}{self.inside()}"

    def inside(self) -> str:
        """Return what stands out between the ends."""
        words = [
            f"{word} at {self.there(one)} ({self.value(one)})"
            for word, one in (("highest", self.found.peak), ("lowest", self.found.dip))
            if one
        ]
        return f"; it is {' and '.join(words)}" if words else ""

    def differs(self) -> str:
        found = self.found
        low, high = (f"{self.value(one)} ({self.at(one)})" for one in (found.lowest, found.highest))
        return f"goes from {low} to {high}{self.causes() if len(self.levers) > 1 else ''}"

    def causes(self) -> str:
        if not self.found.shared_out:
            return ""
        ranked = sorted(zip(self.found.explains, self.names, strict=True), reverse=True)
        (most, name), *rest = [pair for pair in ranked if pair[0] >= LEAST_EXPLAINED] or [(0.0, "")]
        if not name:
            return ""
        others = "".join(f", {other} {percent(part)}" for part, other in rest)
        return f"; {name} alone explains {percent(most)} of the differences{others}"

    def limit(self) -> str:
        holding = self.found.holding or ()
        expression, count = f"{self.expression.relation} {self.expression.limit:g}", len(self.found.ordered)
        if len(holding) == count:
            return f"It is {expression} everywhere."
        if not holding:
            return f"It is {expression} nowhere."
        where = self.stretch(holding)
        return f"It is {expression} at {len(holding)} of {count} points{where}."

    def stretch(self, holding: Sequence[Swept]) -> str:
        """Return the stretch that points of one numeric lever make, where they make one."""
        if len(self.levers) > 1 or not self.levers[0].is_numeric:
            return f": {'; '.join(map(self.at, holding))}" if len(holding) <= 3 else ""
        places = [self.found.ordered.index(one) for one in holding]
        if places != list(range(places[0], places[-1] + 1)):
            return ""
        name, first, last = self.names[0], self.there(holding[0]), self.there(holding[-1])
        if len(holding) == 1:
            return f", {name} {first}"
        if places[0] == 0:
            return f", up to {name} {last}"
        return (
            f", from {name} {first} on"
            if places[-1] == len(self.found.ordered) - 1
            else f", {name} {first} to {last}"
        )


def lever_words(name: str, lever: Lever) -> str:
    """Return what is varied: `reciprocity from 0.2 to 1.4 (actors.eu.policy.reciprocity)`."""
    path = f" ({lever.path})" if name != lever.path else ""
    if lever.is_range:
        return f"{name} from {shown(lever.low)} to {shown(lever.high)}{path}"
    return f"{name}{path}: {', '.join(map(shown, lever.choices))}"
