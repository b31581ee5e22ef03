"""Levers: what a sweep, a sensitivity analysis or a tuning varies in a scenario; and points of their space.

For those who build on them: `lever_of("actors.eu.policy.reciprocity=0.2:1.4:13", "--vary")` returns a
`Lever`; `lever.at(0.3)` is its value at 30% of its way, `lever.values()` are its values on a grid. A point is
a mapping from paths to values, `{"actors.eu.policy.reciprocity": 0.8}`: `variants`, beside this module, makes
the scenario of a point, `evaluate` plays it.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from escalation.errors import InputError
from escalation.study.execution import require_whole
from escalation.study.values import ResultPart

Array = npt.NDArray[np.float64]
Value = float | str
"""A number, or a text in YAML: `graduated(reciprocity=0.8)`, `{uniform: [0.5, 1]}`."""

Point = Mapping[str, Value]
"""Where levers stand, by their path."""

CHOOSERS = (".preset", ".kind")
"""Ends of the paths that choose a whole policy, and replace all that stood beside them."""
STEPS = 5
"""Values of a range on a grid, unless it says how many."""
MOST_STEPS = 10_000

DESIGNS = ("grid", "lhs", "sobol")
MOST_POINTS = 100_000
POINTS = 64
"""Points of a design that is no grid, unless a number is given."""

_FORM = "write PATH=low:high, PATH=low:high:steps, or PATH=a|b|c"
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_OPENING, _CLOSING = "([{", ")]}"
EDGE = 0.02
"""Part of a range, from either end, that is its edge."""


class Lever(ResultPart):
    """Something of a scenario that is varied: a range of numbers, or some choices."""

    path: str
    """Its path in the scenario."""
    text: str
    """How it was written: PATH=low:high:steps, PATH=a|b|c."""
    low: float | None = None
    """The lower end of a range."""
    high: float | None = None
    """The upper end of a range."""
    steps: int | None = None
    """How many values of a range are tried; None for any value between its ends."""
    choices: tuple[Value, ...] = ()
    """Numbers, or texts in YAML; empty for a range."""

    @property
    def ends(self) -> tuple[float, float]:
        """The ends of a range; ValueError for choices."""
        if self.low is None or self.high is None:
            raise ValueError(f"{self.path} is no range")
        return self.low, self.high

    @property
    def is_range(self) -> bool:
        """True for numbers between two ends, false for choices."""
        return not self.choices

    @property
    def is_numeric(self) -> bool:
        """True when every value is a number."""
        return self.is_range or all(isinstance(choice, float) for choice in self.choices)

    @property
    def is_continuous(self) -> bool:
        """True for a range without steps."""
        return self.is_range and self.steps is None

    def values(self) -> tuple[Value, ...]:
        """Return its values on a grid: the choices, or equal steps from low to high (5 unless it says)."""
        if self.choices:
            return self.choices
        (low, high), steps = self.ends, (self.steps or STEPS) - 1
        values = (*(low + n * (high - low) / steps for n in range(steps)), high)
        return tuple(_rounded(value, high - low) for value in values)

    def at(self, share: float) -> Value:
        """Return its value at `share` of its way, in [0, 1]: each step or choice has an equal part of it."""
        if self.is_continuous:
            low, high = self.ends
            return _rounded(low + share * (high - low), high - low)
        values = self.values()
        return values[min(int(share * len(values)), len(values) - 1)]

    def is_edge(self, value: Value) -> bool:
        """Return whether a value lies at an end of what is tried: what lies beyond it is not known."""
        if not self.is_numeric or isinstance(value, str):
            return False
        numbers = [number for number in self.values() if isinstance(number, float)]
        low, high = min(numbers), max(numbers)
        return min(abs(value - low), abs(value - high)) <= EDGE * (high - low)


def lever_of(text: str, option: str = "--vary") -> Lever:
    """Return the lever written as PATH=low:high, PATH=low:high:steps, PATH=a|b|c or PATH=a,b,c.

    Whether the scenario has the path is not known here (see `Variants.require`). Raises InputError, which
    calls the place of the text `option`.
    """
    path, equals, rest = text.partition("=")
    path = path.strip()
    if not equals or not path:
        raise _wrong(option, text, "this is not PATH=VALUES", _FORM)
    parts = split(rest, ":")
    if len(parts) in (2, 3) and all(map(_NUMBER.fullmatch, parts)):
        return _range(path, parts, text, option)
    choices = split(rest, "|") if len(split(rest, "|")) > 1 else split(rest, ",")
    if len(choices) == 1:
        hint = " (--set PATH=VALUE sets one)" if len(parts) == 1 else ""
        problem = f"{rest.strip()!r} is no range of numbers" if len(parts) > 1 else "one value only"
        raise _wrong(option, text, problem if rest.strip() else "no values", _FORM + hint)
    return _choice(path, choices, text, option)


def levers_of(texts: Iterable[str], option: str = "--vary") -> tuple[Lever, ...]:
    """Return the levers of several texts; one that replaces what another sets comes first.

    Raises InputError, also when two vary the same thing.
    """
    levers = tuple(lever_of(text, option) for text in texts)
    for n, lever in enumerate(levers):
        for other in levers[:n]:
            if overlap := overlap_of(lever.path, other.path):
                inner, outer = overlap
                same = "is varied twice" if inner == outer else f"lies inside {outer}"
                raise InputError(f"{option} {lever.text}: {inner} {same}; name each thing once")
    return tuple(sorted(levers, key=lambda lever: not _replaces_another(lever.path, levers)))


def overlap_of(path: str, other: str) -> tuple[str, str] | None:
    """Return two paths, the inner one first, where one lies inside the other or is the same; else None."""
    inner, outer = sorted((path, other), key=len, reverse=True)
    return (inner, outer) if f"{inner}.".startswith(f"{outer}.") else None


def repeated(values: Sequence[Any]) -> Any:
    """Return the first value that stood before; None where each stands once."""
    return next((value for n, value in enumerate(values) if value in values[:n]), None)


def _replaces_another(path: str, levers: Iterable[Lever]) -> bool:
    beside = path.rpartition(".")[0] + "."
    return path.endswith(CHOOSERS) and any(
        lever.path != path and lever.path.startswith(beside) for lever in levers
    )


def short_names(levers: Sequence[Lever]) -> tuple[str, ...]:
    """Return for each lever the last part of its path, with what else tells it from the others: `eu bite`."""
    paths = [lever.path.split(".") for lever in levers]
    return tuple(_short(path, [other for other in paths if other is not path]) for path in paths)


def design(name: str, levers: Sequence[Lever], points: int | None, seed: int) -> tuple[Point, ...]:
    """Return the points of the design `grid`, `lhs` (Latin hypercube) or `sobol`; the seed is of these two.

    A grid has as many points as its levers' values make. Raises InputError for a number of points that the
    design cannot have.
    """
    if name == "grid":
        if points is not None:
            raise InputError(
                "--points: a grid has the points that its levers make; give them as low:high:steps"
            )
        return grid(levers)
    return tuple(scattered(levers, unit_cube(name, len(levers), POINTS if points is None else points, seed)))


def grid(levers: Sequence[Lever]) -> tuple[Point, ...]:
    """Return every combination of the levers' values, the last lever changing fastest. Raises InputError."""
    count = math.prod(len(lever.values()) for lever in levers)
    if count > MOST_POINTS:
        raise InputError(
            f"--vary: a grid of {count:,} points; allowed are {MOST_POINTS:,}; take fewer, or --design lhs"
        )
    paths = [lever.path for lever in levers]
    return tuple(
        dict(zip(paths, values, strict=True))
        for values in itertools.product(*(lever.values() for lever in levers))
    )


def scattered(levers: Sequence[Lever], shares: Array) -> list[Point]:
    """Return the points whose levers stand at `shares` of their ways, float64[points, levers]."""
    return [
        {lever.path: lever.at(share) for lever, share in zip(levers, row, strict=True)}
        for row in shares.tolist()
    ]


def unit_cube(name: str, dimensions: int, points: int, seed: int) -> Array:
    """Return `points` points of a Latin hypercube or a scrambled Sobol sequence, float64[points, dimensions].

    Raises InputError for a number of points that the design cannot have.
    """
    from scipy.stats import qmc  # noqa: PLC0415 - slow to import, and a grid needs none of it

    require_whole("--points", points, 1, MOST_POINTS)
    generator = np.random.default_rng(seed)
    if name == "lhs":
        return np.asarray(qmc.LatinHypercube(dimensions, seed=generator).random(points), np.float64)
    power = points.bit_length() - 1
    if points != 2**power:
        raise InputError(
            f"--points: a Sobol sequence of {points:,} points is out of balance; allowed are powers of two,"
            f" such as {2**power:,} and {2 ** (power + 1):,}"
        )
    return np.asarray(qmc.Sobol(dimensions, seed=generator).random_base2(power), np.float64)


def split(text: str, sign: str) -> list[str]:
    """Return the parts of `text` between `sign`, but not inside brackets or quotes; stripped."""
    parts, depth, quote, start = [], 0, "", 0
    for position, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == sign and depth == 0:
            parts.append(text[start:position].strip())
            start = position + 1
        else:
            depth += (character in _OPENING) - (character in _CLOSING)
    return [*parts, text[start:].strip()]


def value_text(value: Value) -> str:
    """Return a value as YAML reads it back."""
    if isinstance(value, str):
        return value
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _range(path: str, parts: list[str], text: str, option: str) -> Lever:
    low, high = float(parts[0]), float(parts[1])
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise _wrong(option, text, f"the range {parts[0]} to {parts[1]}", "low must be below high")
    steps = None
    if len(parts) == 3:
        if not parts[2].isdecimal() or not 2 <= int(parts[2]) <= MOST_STEPS:
            raise _wrong(option, text, f"{parts[2]} steps", f"allowed is a whole number, 2 to {MOST_STEPS:,}")
        steps = int(parts[2])
    return Lever(path=path, text=text, low=low, high=high, steps=steps)


def _choice(path: str, parts: list[str], text: str, option: str) -> Lever:
    if "" in parts:
        raise _wrong(option, text, "an empty choice", "write a|b|c; null removes an entry")
    if (twice := repeated(parts)) is not None:
        raise _wrong(option, text, f"the choice {twice} stands twice", "name each once")
    if all(map(_NUMBER.fullmatch, parts)):
        return Lever(path=path, text=text, choices=tuple(map(float, parts)))
    return Lever(path=path, text=text, choices=tuple(parts))


def _wrong(option: str, text: str, problem: str, allowed: str) -> InputError:
    return InputError(f"{option} {text}: {problem}; {allowed}")


def _rounded(value: float, width: float) -> float:
    """Return a value without what rounding made of its last digits: 0.3, not 0.30000000000000004."""
    digits = 12 - math.floor(math.log10(max(width, abs(value))))
    return round(value, digits)


def _short(path: list[str], others: Sequence[list[str]]) -> str:
    alike = [other for other in others if other[-1] == path[-1]]
    if any(len(other) != len(path) for other in alike):
        return ".".join(path)
    telling = [part for n, part in enumerate(path[:-1]) if any(other[n] != part for other in alike)]
    return " ".join([*telling, path[-1]])
