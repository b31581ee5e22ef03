"""What of a scenario can be turned by hand: its numbers, policies, instruments, shocks, known acts, and end.

Each control says with which texts PATH=VALUE (as of `--set`) it is turned, what it means and where its value
comes from.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Literal

from escalation.scenario.base import Number, Within
from escalation.scenario.document import Scenario
from escalation.scenario.policy import PRESETS
from escalation.study.assumptions import leaves, shown
from escalation.study.points.uncertain import uncertainties
from escalation.study.points.variants import Variants, label_of
from escalation.study.values import ResultPart

MOST_FIRST = 12
"""Controls that are shown before any is searched for."""
POLICIES = 4
"""Policies among them, at most: those of the actors that the answers are about."""
STEPS = 100
"""Steps of a range, about."""
LEAST_DAYS = 30
"""Days that are simulated at least."""


class ControlValue(ResultPart):
    """One value of a control, as the file writes it, with its meaning."""

    value: str
    meaning: str = ""


class Control(ResultPart):
    """One thing that can be turned.

    A `number` goes from `low` to `high` by `step`; `choice` is one of `choices`; a `switch` is turned off by
    the value null; a `date` lies between `first` and `last`.
    """

    path: str
    """Its path in the scenario."""
    kind: Literal["number", "choice", "switch", "date"]
    """How it is turned."""
    group: str
    """What it belongs to: actors, instruments, shocks, …"""
    label: str
    """Whose it is and what: `European Union: reciprocity`."""
    meaning: str = ""
    """What it does."""
    stated: str = ""
    """Its value as the scenario states it: `0.5`, `uniform 0.3 to 0.9`, `graduated`."""
    unit: str = ""
    """What it counts."""
    source: str = ""
    """Where its value comes from; empty where nothing is said."""
    assumed: bool = False
    """Whether its value is an assumption that no fact supports."""
    uncertain: bool = False
    """Whether it is drawn anew in each replication."""
    value: float | None = None
    """The number that it is, or the middle of its distribution."""
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    first: str = ""
    last: str = ""
    choices: tuple[ControlValue, ...] = ()


class Controls:
    """All controls of a scenario: `first` are those to begin with, `every` is all of them, by path."""

    def __init__(self, variants: Variants):
        scenario = variants.base
        every = [*_policies(scenario), _end(scenario), *_numbers(variants), *_switches(scenario)]
        self.every = {control.path: control for control in every}
        self.first = tuple(_first(scenario, every))

    def search(self, words: str, most: int) -> list[Control]:
        """Return the controls in which every word occurs, those whose name has them first."""
        wanted = words.lower().replace("_", " ").split()
        hits: list[tuple[int, bool, bool, int, Control]] = []
        for control in self.every.values():
            name = f"{control.label} {control.path}".lower().replace("_", " ").replace(".", " ")
            text = f"{name} {control.group} {control.meaning} {control.source}".lower()
            if all(word in text for word in wanted):
                in_name = sum(f" {word}" in f" {name}" for word in wanted)
                hits.append((-in_name, not control.uncertain, control.kind == "number", len(hits), control))
        return [hit[-1] for hit in sorted(hits, key=lambda hit: hit[:-1])[:most]]


def _first(scenario: Scenario, every: Sequence[Control]) -> Iterator[Control]:
    """Yield the policies of the actors that the answers are about, what is uncertain, and the end."""
    asked = {part for name in scenario.outcomes.answered for part in name.split(".")[1:]}
    policies, numbers, end = (
        [control for control in every if control.kind == kind] for kind in ("choice", "number", "date")
    )
    policies = ([policy for policy in policies if policy.path.split(".")[1] in asked] or policies)[:POLICIES]
    numbers = [number for number in numbers if number.uncertain] or [
        number for number in numbers if ".policy." in number.path and number.path.split(".")[1] in asked
    ]
    yield from [*policies, *numbers[: MOST_FIRST - len(policies) - len(end)], *end]


# ---- by kind


def _policies(scenario: Scenario) -> Iterator[Control]:
    for name, actor in scenario.actors.items():
        yield Control(
            path=f"actors.{name}.policy", kind="choice", group="policies", label=f"{actor.name}: policy",
            meaning="How it chooses.", stated=actor.policy.canonical(),
            choices=tuple(
                ControlValue(value=preset, meaning=about.meaning) for preset, about in PRESETS.items()
            ),
        )  # fmt: skip


def _end(scenario: Scenario) -> Control:
    first = min(scenario.takeover + timedelta(days=LEAST_DAYS), scenario.end)
    last = scenario.end + (scenario.end - scenario.takeover)
    return Control(
        path="end", kind="date", group="time", label="End", stated=scenario.end.isoformat(),
        meaning="The first day that is no longer simulated.", first=first.isoformat(), last=last.isoformat(),
    )  # fmt: skip


def _numbers(variants: Variants) -> Iterator[Control]:
    scenario = variants.base
    cells = {cell.path: cell for cell in uncertainties(variants.world({}))}
    for path, value in leaves(scenario):
        if isinstance(value, Number) and (shape := variants.shape(path)):
            within = (limits for limits in shape.constraints if isinstance(limits, Within))
            limits = next(within, Within(0, math.inf))
            ends = (cells[path].at(0.05), cells[path].at(0.95)) if path in cells else None
            low, high, step = _range(value, limits, ends)
            yield Control(
                path=path, kind="number", group=path.split(".", maxsplit=1)[0],
                label=label_of(scenario, path), meaning=shape.description, stated=shown(value),
                unit=value.unit or "", source=value.source or "", assumed=value.assumption,
                uncertain=path in cells, value=value.nominal, low=low, high=high, step=step,
            )  # fmt: skip


def _range(value: Number, limits: Within, ends: tuple[float, float] | None) -> tuple[float, float, float]:
    """Return the ends of a slider and its step: 5 to 95% of a distribution, else up to twice the value."""
    if ends is None or ends[0] == ends[1]:
        twice = 2 * value.nominal or 1.0
        ends = (0.0, 1.0) if (limits.low, limits.high) == (0.0, 1.0) else (min(0.0, twice), max(0.0, twice))
    low, high = max(ends[0], limits.low), min(ends[1], limits.high)
    step = _nice((high - low) / STEPS)
    return (
        _rounded(math.ceil(low / step - 1e-9) * step),
        _rounded(math.floor(high / step + 1e-9) * step),
        step,
    )


def _nice(step: float) -> float:
    """Return the step of 1, 2 or 5 tenths, ones, tens … that is next below."""
    power = 10.0 ** math.floor(math.log10(step))
    return _rounded(next(part for part in (5, 2, 1) if part * power <= step * (1 + 1e-9)) * power)


def _rounded(value: float) -> float:
    return float(f"{value:.12g}")


def _switches(scenario: Scenario) -> Iterator[Control]:
    for name, instrument in scenario.instruments.items():
        yield Control(
            path=f"instruments.{name}", kind="switch", group="instruments", label=instrument.label,
            meaning="Whether anybody can use it.", source=instrument.source or "",
            assumed=instrument.assumption,
        )  # fmt: skip
    for name, shock in scenario.shocks.items():
        when = f"On {shock.date}." if shock.date else "At random."
        yield Control(
            path=f"shocks.{name}", kind="switch", group="shocks", label=shock.label, meaning=when,
            source=shock.source or "",
        )  # fmt: skip
    for name, act in scenario.history.items():
        label = f"{scenario.actors[act.actor].name}: {scenario.instruments[act.instrument].label}"
        yield Control(
            path=f"history.{name}", kind="switch", group="history", label=label,
            meaning=f"On {act.date}. {act.note or ''}".strip(), source=act.source or "",
        )  # fmt: skip
    for name, withheld in scenario.holds.items():
        yield Control(
            path=f"holds.{name}", kind="switch", group="holds",
            label=f"{withheld.member} withholds consent until {withheld.until}", source=withheld.source or "",
        )  # fmt: skip
