"""Tuned policies as scenario files beside their base: each says what it is, and runs at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from escalation.scenario.base import Number
from escalation.scenario.document import SCHEMA_VERSION
from escalation.scenario.write import quoted
from escalation.study.points.levers import Value, value_text
from escalation.study.tune.asked import TuneAsked
from escalation.study.tune.result import Finalist, Tuned
from escalation.study.tune.search import value_at

POLICY = "policy-{}.yaml"
"""The name of the file of each finalist, by its trial; that of the chosen one is `Tuned.file`."""
BASE = "scenario.yaml"
"""The file that it extends: the scenario that was tuned, in the same folder."""


def policy_files(asked: TuneAsked, tuned: Tuned) -> dict[str, str]:
    """Return the chosen policy and all finalists, by the names of their files."""
    files = {POLICY.format(one.trial): _text(asked, tuned, one) for one in tuned.finalists}
    return {tuned.file: _text(asked, tuned, tuned.chosen), **files}


def _text(asked: TuneAsked, tuned: Tuned, finalist: Finalist) -> str:
    """Return a file that extends BASE with the levers of one policy; it loads to what was played."""
    lines = [*(f"# {line}" for line in _comments(tuned, finalist)), ""]
    lines += [f"schema_version: {SCHEMA_VERSION}", f"extends: {BASE}"]
    lines.append(f"title: {quoted(f'{tuned.scenario.title}, tuned')}")
    lines += ["", *_lines(_tree(asked, finalist), 0)]
    return "\n".join(lines) + "\n"


def _comments(tuned: Tuned, finalist: Finalist) -> Iterator[str]:
    goals = [goal.measure.expression for goal in tuned.goals]
    aims = [f"{goal.direction} {goal.measure.expression}" for goal in tuned.goals]
    aims += [f"subject to {limit.expression}" for limit in tuned.limits]
    yield f"Trial {finalist.trial} of {len(tuned.trials)}: {', '.join(aims)}".replace("\n", " ")
    if tuned.cases:
        yield f"Cases, as one by {tuned.robust}: {'; '.join(tuned.cases)}".replace("\n", " ")
    for goal, found in zip(goals, finalist.goals, strict=True):
        if found.value is not None and found.low is not None and found.high is not None:
            name = f"regret of {goal}" if tuned.has_regret else goal
            yield f"{name}: {found.value:.4g} [{found.low:.4g}, {found.high:.4g}] on held-out replications"
    yield f"They are {tuned.held_out:,} replications of seed {tuned.held_out_seed}, never used for tuning."
    if finalist == tuned.chosen and tuned.satisfied and not tuned.gained:
        yield "The untuned policy is no worse on them: nothing gained."
    if not tuned.satisfied:
        yield "No policy that was tried keeps the limits; this one is the nearest to them."


def _tree(asked: TuneAsked, finalist: Finalist) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for lever in asked.levers:
        *above, last = lever.path.split(".")
        here = tree
        for part in above:
            here = here.setdefault(part, {})
        here[last] = _leaf(asked, lever.path, finalist.point[lever.path], finalist.trial)
    return tree


def _leaf(asked: TuneAsked, path: str, value: Value, trial: int | None) -> str:
    if isinstance(value, float) and isinstance(value_at(asked.scenario, path), Number):
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
