"""A tuning in words: aims, figures, and what they say of the chosen policy."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from escalation.present.words import capital, plural
from escalation.scenario.expression import Expression, parse
from escalation.study.points.levers import Value
from escalation.study.tuning.outcome import Figure, Standing, Tuned

VERDICTS = {"yes": "kept", "no": "not kept", "unsure": "too close to tell"}
SAMPLERS = {
    "cmaes": "CMA-ES", "tpe": "TPE", "nsga2": "NSGA-II", "random": "random points",
    "every point": "every point there is",
}  # fmt: skip


class Reader:
    """Reads a finding: its expressions, and short names for its levers."""

    def __init__(self, tuned: Tuned):
        self.tuned = tuned
        self.goals = [parse(text) for text in tuned.goals]
        self.limits = [parse(text) for text in tuned.limits]
        self.names = _short(tuned.levers)
        self.regret = tuned.robust == "regret" and bool(tuned.cases)

    def aim(self) -> str:
        """Return what was wanted: `to maximise prob(…) and minimise mean(…), subject to …`."""
        pairs = zip(self.tuned.directions, self.tuned.goals, strict=True)
        aims = _and([f"{direction} {goal}" for direction, goal in pairs])
        limits = f", subject to {_and(list(self.tuned.limits))}" if self.tuned.limits else ""
        return f"{aims}{limits}"

    def levers(self, point: dict[str, Value]) -> str:
        """Return where the levers stand: `reciprocity 0.656, gradualism 1.62`."""
        pairs = zip(self.names, self.tuned.levers, strict=True)
        return ", ".join(f"{name} {value(point[path])}" for name, path in pairs)

    def of(self, words: str) -> str:
        """Return what a figure is of, where it is of several cases: `mean of 3 cases of WORDS`."""
        return f"{self.tuned.of_cases}: {words}" if self.tuned.of_cases else words


def value(of: Value | None) -> str:
    """Return a lever's value as it is written."""
    return "" if of is None else of if isinstance(of, str) else f"{of:.4g}"


def figure(expression: Expression, of: Figure) -> str:
    """Return a figure with its interval: `66% [63, 69]`, `0.99 [0.94, 1.03]`."""
    if of.value is None:
        return "unknown"
    scale, sign = (100.0, "%") if expression.is_share else (1.0, "")
    digits = _decimals(of, scale)
    text = f"{_number(scale * of.value, digits)}{sign}"
    if of.low is None or of.high is None:
        return text
    return f"{text} [{_number(scale * of.low, digits)}, {_number(scale * of.high, digits)}]"


def level(expression: Expression, number: float | None) -> str:
    """Return a value without an interval."""
    return figure(expression, Figure(value=number))


def change(expression: Expression, of: Figure, unit: str | None = None) -> str:
    """Return a difference with its interval: `+8 points [+4, +11]`; `unit` takes the place of its own."""
    if of.value is None:
        return "unknown"
    scale = 100.0 if expression.is_share else 1.0
    digits = _decimals(of, scale)
    text = _signed(scale * of.value, digits) + (
        (" points" if expression.is_share else "") if unit is None else unit
    )
    if of.low is None or of.high is None:
        return text
    return f"{text} [{_signed(scale * of.low, digits)}, {_signed(scale * of.high, digits)}]"


def first(reader: Reader) -> Iterator[str]:
    """Yield what has to be known before all else: that no policy keeps the limits, or nothing was gained."""
    tuned = reader.tuned
    if not tuned.satisfied:
        yield f"No policy of the {plural(tuned.trials, 'trial')} keeps {_and(list(tuned.limits))}."
    elif not tuned.gained:
        where = " in any goal" if len(tuned.goals) > 1 else ""
        yield f"The untuned policy is no worse{where}: nothing gained, as far as held-out replications tell."


def sentences(reader: Reader) -> Iterator[str]:
    """Yield what was found: the policy, its goals and limits, and against whom it does worst."""
    tuned, chosen = reader.tuned, reader.tuned.chosen
    if not tuned.satisfied:
        yield f"The nearest: {reader.levers(chosen.point)} (trial {chosen.trial})."
    elif len(tuned.goals) > 1:
        yield from _front(tuned)
        lost = ", though another policy beats it on held-out replications" if tuned.beaten(chosen) else ""
        yield f"The compromise: {reader.levers(chosen.point)} (trial {chosen.trial}){lost}."
    else:
        yield f"Best found: {reader.levers(chosen.point)} (trial {chosen.trial})."
    for n in range(len(tuned.goals)):
        yield from _goal(reader, n)
    for n in range(len(tuned.limits)):
        yield _limit(reader, n)
    yield from _worst(reader)


def _front(tuned: Tuned) -> Iterator[str]:
    """Yield how many of the finalists are a Pareto set, the untuned policy being one of their rivals."""
    front = sum(not tuned.beaten(one) for one in tuned.finalists)
    are = "is" if front == 1 else "are"
    yield (
        f"{front:,} of {plural(len(tuned.finalists), 'finalist')} {are} not beaten in every goal by another"
        " or by the untuned policy (the Pareto set)."
    )


def _goal(reader: Reader, n: int) -> Iterator[str]:
    tuned, expression = reader.tuned, reader.goals[n]
    each = " in each case" if tuned.cases else ""
    name = f"{capital(tuned.of_cases)}, {tuned.goals[n]}" if tuned.of_cases else tuned.goals[n]
    found = figure(expression, tuned.chosen.goals[n])
    yield f"{name}: {found}, on {tuned.held_out:,} held-out replications{each}."
    yield (
        f"  Untuned it is {figure(expression, tuned.untuned.goals[n])}: the tuning changes it by"
        f" {change(expression, tuned.gains[n])}."
    )
    yield (
        f"  In the tuning it was {level(expression, tuned.chosen.tuned[n])}: optimism"
        f" {change(expression, tuned.optimism[n])}."
    )


def _limit(reader: Reader, n: int) -> str:
    tuned, chosen = reader.tuned, reader.tuned.chosen
    name = f"{tuned.limits[n]}" + (f" ({tuned.of_cases})" if tuned.of_cases else "")
    return f"{name}: {figure(reader.limits[n], chosen.limits[n])}, {VERDICTS[chosen.kept[n]]}."


def _worst(reader: Reader) -> Iterator[str]:
    """Yield in which case the policy does worst, where it is worse than untuned, and where limits fail."""
    tuned = reader.tuned
    if not tuned.in_cases:
        return
    for n, (expression, direction) in enumerate(zip(reader.goals, tuned.directions, strict=True)):
        sign = 1.0 if direction == "maximise" else -1.0
        known = [one for one in tuned.in_cases if one.tuned[n].value is not None]
        if known:
            values = [sign * (one.tuned[n].value or 0.0) for one in known]
            worst = known[values.index(min(values))]
            found = figure(expression, worst.tuned[n])
            yield f"It does worst with {worst.case}: {tuned.goals[n]} {found}."
        where = f" in {tuned.goals[n]}" if len(tuned.goals) > 1 else ""
        harmed = [one.case for one in known if _surely_worse(one.gains[n], sign)]
        if harmed:
            yield f"It is surely worse than the untuned policy{where} with {_and(harmed)}."
    for n, limit in enumerate(tuned.limits):
        failing = [one.case for one in tuned.in_cases if one.kept[n] == "no"]
        if failing:
            yield f"It does not keep {limit} with {_and(failing)}."


def _surely_worse(gain: Figure, sign: float) -> bool:
    ends = [end for end in (gain.low, gain.high) if end is not None]
    return len(ends) == 2 and all(sign * end < 0 for end in ends)


def keeps(standing: Standing) -> str:
    """Return whether a policy keeps all limits: the worst of the verdicts."""
    for verdict in ("no", "unsure"):
        if verdict in standing.kept:
            return "no" if verdict == "no" else "?"
    return "yes"


def _short(paths: Sequence[str]) -> tuple[str, ...]:
    from escalation.study.points.levers import Lever, short_names  # noqa: PLC0415

    return short_names([Lever(path=path, text=path) for path in paths])


def _and(words: Sequence[str]) -> str:
    return " and ".join(words) if len(words) < 3 else f"{', '.join(words[:-1])} and {words[-1]}"


def _decimals(of: Figure, scale: float) -> int:
    """Return as many decimals as the interval has use for; without one, one or two, or three figures."""
    if of.low is not None and of.high is not None and of.high > of.low:
        return min(4, max(0, -math.floor(math.log10(scale * (of.high - of.low) / 2))))
    size = abs(scale * (of.value or 0.0))
    return (
        0
        if not size or size >= 1000
        else min(4, max(1 if scale > 1 else 0, 2 - math.floor(math.log10(size))))
    )


def _number(number: float, digits: int) -> str:
    return f"{number + 0.0:,.{digits}f}".replace("-", "−")


def _signed(number: float, digits: int) -> str:
    rounded = round(number, digits)
    return f"{abs(number) if not rounded else number:{'+' if rounded else ''},.{digits}f}".replace("-", "−")
