"""A tuned policy as a scenario file, beside its base: it says what was found, and runs at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from escalation.scenario.base import Number
from escalation.scenario.document import SCHEMA_VERSION
from escalation.scenario.write import quoted
from escalation.study.points.levers import Value, value_text
from escalation.study.tuning.outcome import Standing, Tuned
from escalation.study.tuning.plan import TuningPlan
from escalation.study.tuning.starts import stands

BASE = "scenario.yaml"
"""The file that it extends: the scenario that was tuned, in the same folder."""


def scenario_text(plan: TuningPlan, tuned: Tuned, standing: Standing) -> str:
    """Return a file that extends BASE with the levers of one policy; it loads to what was played."""
    lines = [*(f"# {line}" for line in _comments(tuned, standing)), ""]
    lines += [f"schema_version: {SCHEMA_VERSION}", f"extends: {BASE}"]
    lines.append(f"title: {quoted(f'{tuned.title}, tuned')}")
    lines += ["", *_lines(_tree(plan, standing), 0)]
    return "\n".join(lines) + "\n"


def _comments(tuned: Tuned, standing: Standing) -> Iterator[str]:
    aims = [f"{how} {goal}" for how, goal in zip(tuned.directions, tuned.goals, strict=True)] + [
        f"subject to {limit}" for limit in tuned.limits
    ]
    yield f"Trial {standing.trial} of {tuned.trials}: {', '.join(aims)}".replace("\n", " ")
    if tuned.of_cases:
        yield f"Figures are the {tuned.of_cases}: {'; '.join(tuned.cases)}".replace("\n", " ")
    for goal, figure in zip(tuned.goals, standing.goals, strict=True):
        if figure.value is not None and figure.low is not None and figure.high is not None:
            yield f"{goal}: {figure.value:.4g} [{figure.low:.4g}, {figure.high:.4g}] on held-out replications"
    yield f"They are {tuned.held_out:,} replications of seed {tuned.held_out_seed}, never used for tuning."
    if standing == tuned.chosen and tuned.satisfied and not tuned.gained:
        yield "The untuned policy is no worse on them: nothing gained."
    if not tuned.satisfied:
        yield "No policy that was tried keeps the limits; this one is the nearest to them."


def _tree(plan: TuningPlan, standing: Standing) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for lever in plan.levers:
        *above, last = lever.path.split(".")
        here = tree
        for part in above:
            here = here.setdefault(part, {})
        here[last] = _leaf(plan, lever.path, standing.point[lever.path], standing.trial)
    return tree


def _leaf(plan: TuningPlan, path: str, value: Value, trial: int) -> str:
    if isinstance(value, float) and isinstance(stands(plan.scenario, path), Number):
        return f"{{value: {value_text(value)}, source: {quoted(f'escalation tune, trial {trial}')}}}"
    return value_text(value)


def _lines(tree: Mapping[str, Any], depth: int) -> Iterator[str]:
    for name, value in tree.items():
        key = name if name.isidentifier() else quoted(name)
        if isinstance(value, str):
            yield f"{'  ' * depth}{key}: {value}"
        else:
            yield f"{'  ' * depth}{key}:"
            yield from _lines(value, depth + 1)
