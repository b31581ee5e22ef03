"""Variants of one scenario: the same file with levers at a point, as `--set` would lay them there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from escalation.errors import Problem
from escalation.model.compile import compile_scenario
from escalation.model.world import World
from escalation.scenario.document import Scenario
from escalation.scenario.load import Draft, draft
from escalation.scenario.override import Override, parse
from escalation.study.points.levers import Lever, Point, value_text


class Variants:
    """A scenario, read once, and what becomes of it at any point.

    `option` is what errors call the place of a lever's value. `base` is the scenario as it stands, `names`
    are its outcomes. Each variant is validated and compiled whole, like a scenario of its own: 10 ms for
    belarus_2020.
    """

    def __init__(self, ground: Draft, option: str = "--vary"):
        self._draft = ground
        self._option = option
        self.base = ground.scenario()
        self.names = tuple(outcome.name for outcome in compile_scenario(self.base).outcomes)

    @classmethod
    def of(
        cls,
        source: str | Path | Scenario,
        sets: Sequence[str] = (),
        until: date | None = None,
        option: str = "--vary",
    ) -> Variants:
        """Return the variants of a file, a shipped name or a loaded scenario. Raises ScenarioError."""
        return cls(draft(source, sets, until), option)

    def scenario(self, point: Point) -> Scenario:
        """Return the scenario at `point`. Raises ScenarioError where it has no such path or value."""
        problems: list[Problem] = []
        overrides = [parsed for path in point if (parsed := self._override(path, point, problems))]
        return self._draft.scenario(overrides, problems)

    def world(self, point: Point) -> World:
        """Return the compiled scenario at `point`. Raises ScenarioError or InputError."""
        return compile_scenario(self.scenario(point))

    def require(self, levers: Iterable[Lever]) -> None:
        """Raise ScenarioError unless every lever can be turned all its way, each alone."""
        for lever in levers:
            values = (lever.low, lever.high) if lever.is_range else lever.choices
            for value in values:
                self.world({lever.path: value})

    def _override(self, path: str, point: Point, problems: list[Problem]) -> Override | None:
        text = f"{path}={value_text(point[path])}"
        override = parse(text, problems, self._option)
        if override and override.is_catalogue:
            problems.append(
                override.origin.problem(path, "the catalogue cannot be varied", "take --set catalogue=NAME")
            )
            return None
        return override
