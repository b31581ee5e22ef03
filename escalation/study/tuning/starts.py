"""Where a tuning begins: the policy as it is, the presets, the middle."""

from __future__ import annotations

from collections.abc import Iterator

from escalation.scenario.base import Number
from escalation.scenario.document import Scenario
from escalation.scenario.policy import PRESETS, Policy
from escalation.study.points.levers import Lever, Point, Value
from escalation.study.tuning.plan import TuningPlan

_POLICY = 3
"""Parts of the path `actors.NAME.policy`."""


def starts(plan: TuningPlan) -> list[Point]:
    """Return the first points to try: where the scenario stands, where presets do, the middle of all ways.

    What lies outside a range begins at its end.
    """
    found: list[Point] = []
    for point in _points(plan):
        if point not in found:
            found.append(point)
    return found[: max(1, plan.trials // 4)]


def _points(plan: TuningPlan) -> Iterator[Point]:
    middle = {lever.path: lever.at(0.5) for lever in plan.levers}
    yield {lever.path: _within(lever, stands(plan.scenario, lever.path), middle) for lever in plan.levers}
    yield middle
    if any(_parameter(lever.path) for lever in plan.levers):
        for name in PRESETS:
            yield {lever.path: _preset(plan, lever, name, middle) for lever in plan.levers}


def _preset(plan: TuningPlan, lever: Lever, preset: str, middle: Point) -> Value:
    if lever.path.endswith(".preset") or (lever.path.endswith(".policy") and not lever.is_range):
        return (
            preset if preset in lever.choices else _within(lever, stands(plan.scenario, lever.path), middle)
        )
    parameter = _parameter(lever.path)
    if parameter is None:
        return _within(lever, stands(plan.scenario, lever.path), middle)
    policy = Policy.model_validate({"preset": preset})
    return _within(lever, getattr(policy, parameter), middle)


def _parameter(path: str) -> str | None:
    """Return the parameter of a policy that a path is, None for any other path."""
    parts = path.split(".")
    is_policy = len(parts) == _POLICY + 1 and (parts[0], parts[2]) == ("actors", "policy")
    if not is_policy or parts[3] in ("preset", "kind", "last_resort"):
        return None
    return parts[3] if parts[3] in Policy.model_fields else None


def stands(scenario: Scenario, path: str) -> object:
    """Return what stands at a path of the scenario; None for nothing."""
    here: object = scenario
    for part in path.split("."):
        here = here.get(part) if isinstance(here, dict) else getattr(here, part, None)
    return here


def _within(lever: Lever, stands: object, middle: Point) -> Value:
    value = stands.nominal if isinstance(stands, Number) else stands
    if not isinstance(value, int | float) or isinstance(value, bool):
        return value if isinstance(value, str) and value in lever.choices else middle[lever.path]
    if lever.is_continuous:
        low, high = lever.ends
        return min(high, max(low, float(value)))
    numbers = [one for one in lever.values() if isinstance(one, float)]
    return min(numbers, key=lambda one: abs(one - value)) if numbers else middle[lever.path]
