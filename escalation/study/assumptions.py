"""What a scenario rests on: its uncertain numbers, its assumptions, and its sources, by path."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from typing import Any, NamedTuple

from escalation.errors import InputError
from escalation.scenario.base import DISTRIBUTIONS, Number, Part
from escalation.scenario.document import Scenario


class Stated(NamedTuple):
    """A number or a fact of a scenario: where it stands, what it is as written, its unit and source.

    `value` is a number as text, a distribution (`uniform 0.5 to 1`), or in words a fact that is no single
    number: an act, a shock, an instrument, a hold. `path` is the whole path in the file; unit and source may
    be empty.
    """

    path: str
    value: str
    unit: str
    source: str


@dataclass(frozen=True)
class Assumptions:
    """What a scenario rests on.

    `uncertain` numbers are drawn anew in each replication; `assumed` ones are fixed and no fact supports
    them; `supported` are fixed numbers with a source; `facts` the rest that has one. `silent` counts the
    fixed numbers of which nothing is said, defaults among them.
    """

    uncertain: tuple[Stated, ...]
    assumed: tuple[Stated, ...]
    supported: tuple[Stated, ...]
    facts: tuple[Stated, ...]
    silent: int


def assumptions_of(scenario: Scenario) -> Assumptions:
    """Return what a scenario rests on, in the order of the file."""
    values = list(leaves(scenario))
    parts = [(path, value) for path, value in values if _is_part(value)]
    marked = [(path, part) for path, part in parts if getattr(part, "assumption", False)]
    sourced = [(path, part) for path, part in parts if getattr(part, "source", None)]
    numbers = [(path, value) for path, value in values if isinstance(value, Number)]
    by_standing: dict[str, list[Stated]] = defaultdict(list)
    for path, number in numbers:
        by_standing[_standing(number)].append(_stated(path, number))
    return Assumptions(
        uncertain=tuple(by_standing["uncertain"]),
        assumed=(
            *(Stated(path, _what(part), "", "") for path, part in marked),
            *by_standing["assumption"],
        ),
        supported=tuple(by_standing["sourced"]),
        facts=tuple(Stated(path, _what(part), "", str(part.source)) for path, part in sourced),
        silent=len(by_standing[""]),
    )


def _standing(number: Number) -> str:
    """Return `uncertain`, `assumption` or `sourced`, the first that a number is; empty for none of them."""
    marks = {"uncertain": number.uncertain, "assumption": number.assumption, "sourced": bool(number.source)}
    return next((name for name, is_so in marks.items() if is_so), "")


class Input(NamedTuple):
    """A value of a scenario: a number or a date as such, the rest as printed; whether it is `uncertain`, an
    `assumption` or `sourced`, empty for none of them."""

    path: str
    value: float | str | Date
    unit: str
    standing: str
    source: str


def inputs_of(scenario: Scenario) -> Iterator[Input]:
    """Yield every value of a scenario, in the order of the file."""
    for path, value in leaves(scenario):
        if isinstance(value, Number):
            known = value.value if value.value is not None else _number(value)
            yield Input(path, known, value.unit or "", _standing(value), value.source or "")
        elif not _is_part(value):
            is_plain = isinstance(value, Date | int | float)
            yield Input(path, value if is_plain else shown(value), "", "", "")


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every part, number, text, date and list in `value` with its path; a part before what is in it."""
    if isinstance(value, Number) or not isinstance(value, Part | Mapping):
        yield path, value
        return
    if isinstance(value, Part):
        yield path, value
        named = {name: getattr(value, name) for name in type(value).model_fields}
    else:
        named = dict(value)
    for name, entry in named.items():
        if entry is not None:
            yield from leaves(entry, f"{path}.{name}" if path else str(name))


def shown(value: Any) -> str:
    """Return a value as it is printed: a number or a distribution, a list, a text, a date."""
    if isinstance(value, Number):
        return _number(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _number(number: Number) -> str:
    if number.value is not None:
        return f"{number.value:g}"
    kind = next(name for name in DISTRIBUTIONS if getattr(number, name) is not None)
    words = {
        "uniform": "uniform {} to {}",
        "normal": "normal {} ± {}",
        "lognormal": "log-normal, median {}, spread {}",
        "triangular": "triangular {0} to {2}, likeliest {1}",
        "choice": "one of {}",
    }
    values = [f"{value:g}" for value in getattr(number, kind)]
    if kind == "choice":
        values = [", ".join(values)]
    return words[kind].format(*values)


def _stated(path: str, number: Number) -> Stated:
    return Stated(path, _number(number), number.unit or "", number.source or "")


def _what(part: Part) -> str:
    """Return a fact in words: its note or label, with its date where it has one."""
    said = getattr(part, "note", None) or getattr(part, "label", None) or ""
    if not said and hasattr(part, "member"):
        said = f"{part.member} withholds consent until {part.until}"  # type: ignore[attr-defined]
    day = getattr(part, "date", None)
    return f"{day}: {said}" if day else str(said)


def with_assumptions(scenario: Scenario, spread: float) -> Scenario:
    """Return a scenario in which every assumption is drawn: its value times a log-normal factor.

    `spread` is the standard deviation of the factor's logarithm. Numbers marked as assumptions, and those
    without a source of instruments marked so, get it; not those that have a distribution, nor 0, nor rungs,
    which are places in an order. Raises InputError where no number is drawn, then or before.
    """
    varied: Scenario = _assumed(scenario, spread, False)
    if not any(isinstance(leaf, Number) and leaf.uncertain for _, leaf in leaves(varied)):
        raise InputError(
            f"--assumptions {spread:g}: {scenario.title}: no number is marked as an assumption; mark those"
            " that no fact supports with `assumption: true`"
        )
    return varied


def _assumed(value: Any, spread: float, by_owner: bool) -> Any:
    """Return a value with its assumptions drawn; `by_owner` says whether what it belongs to is marked."""
    if isinstance(value, Number):
        is_assumed = value.assumption or (by_owner and value.source is None)
        if not (is_assumed and spread and value.value):
            return value
        about = {"unit": value.unit, "source": value.source, "assumption": True}
        return Number.model_validate({"lognormal": (value.value, spread), **about})
    if isinstance(value, dict):
        return {name: _assumed(entry, spread, by_owner) for name, entry in value.items()}
    if not isinstance(value, Part):
        return value
    marked = by_owner or getattr(value, "assumption", False)
    names = (name for name in type(value).model_fields if name != "rung")
    changed = {name: _assumed(getattr(value, name), spread, marked) for name in names}
    return value.model_copy(
        update={name: new for name, new in changed.items() if new is not getattr(value, name)}
    )


def changes(before: Scenario, after: Scenario) -> list[tuple[str, str, str]]:
    """Return where two scenarios differ, excluding title and question: the path, and what each has there.

    They are in the order of the first; what is not there is empty.
    """
    old, new = _values(before), _values(after)
    return [
        (path, old.get(path, ""), new.get(path, ""))
        for path in dict.fromkeys([*old, *new])
        if old.get(path) != new.get(path) and path not in ("title", "question")
    ]


def _values(scenario: Scenario) -> dict[str, str]:
    return {path: shown(value) for path, value in leaves(scenario) if not _is_part(value)}


def _is_part(value: Any) -> bool:
    return isinstance(value, Part) and not isinstance(value, Number)
