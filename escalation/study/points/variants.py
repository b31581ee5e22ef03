"""Variants of one scenario, as by `--set`; what is measured at them, and what their paths are called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from escalation.model.compile import compile_scenario
from escalation.model.world import World
from escalation.scenario.document import Scenario
from escalation.scenario.expression import Expression
from escalation.scenario.expression import parse as parse_expression
from escalation.scenario.load import draft
from escalation.scenario.override import Override, layer_of
from escalation.scenario.override import parse as parse_override
from escalation.scenario.shape import Shape, shape_at
from escalation.scenario.tree import Mapping as Tree
from escalation.scenario.tree import Problems
from escalation.scenario.write import quoted
from escalation.study.points.levers import Lever, Point, Value, levers_of, value_text
from escalation.study.runner import Asked
from escalation.study.values import SHARE, Count, Estimate, Replications, ResultPart

SECTIONS = frozenset({"actors", "instruments", "shocks", "dyads"})
"""Parts of a file that hold entries with labels of their own."""
UNSAID = frozenset({"policy"})
"""Steps that say nothing that what follows does not."""


class Variants:
    """A scenario, read once, and what becomes of it at any point.

    `source` is a file, a shipped name or a loaded scenario, `option` what errors call the place of a lever's
    value. `base` is the scenario as it stands, `names` are its outcomes. Each variant is validated and
    compiled whole, like a scenario of its own: 10 ms for belarus_2020. Raises ScenarioError.
    """

    def __init__(self, source: str | Path | Scenario, sets: Sequence[str] = (), option: str = "--vary"):
        self._draft = draft(source, sets)
        self._option = option
        self.base = self._draft.scenario()
        self.names = tuple(outcome.name for outcome in compile_scenario(self.base).outcomes)

    def scenario(self, point: Point) -> Scenario:
        """Return the scenario at `point`. Raises ScenarioError where it has no such path or value."""
        return self.changed([f"{path}={value_text(value)}" for path, value in point.items()])

    def changed(self, texts: Iterable[str]) -> Scenario:
        """Return the scenario with changes PATH=VALUE, the later one winning. Raises ScenarioError."""
        problems = Problems()
        return self._draft.scenario(list(self._overrides(texts, problems)), problems)

    def layer(self, texts: Iterable[str]) -> Tree:
        """Return changes PATH=VALUE as what a file that extends the scenario would say."""
        return layer_of(self._draft.root, list(self._overrides(texts, Problems())))

    def shape(self, path: str) -> Shape | None:
        """Return what the file format has at a path: its meaning and range; None where it has nothing."""
        return shape_at(path.split("."), self._draft.root)

    def world(self, point: Point) -> World:
        """Return the compiled scenario at `point`. Raises ScenarioError or InputError."""
        return compile_scenario(self.scenario(point))

    def require(self, levers: Iterable[Lever]) -> None:
        """Raise ScenarioError unless every lever can take all its values, each alone."""
        for lever in levers:
            values = lever.ends if lever.is_range else lever.choices
            for value in values:
                self.world({lever.path: value})

    def _overrides(self, texts: Iterable[str], problems: Problems) -> Iterator[Override]:
        for text in texts:
            override = parse_override(text, problems, self._option)
            if override and override.is_catalogue:
                what, hint = "the catalogue cannot be varied", "take --set catalogue=NAME"
                problems.note(override.origin, "catalogue", what, hint)
            elif override:
                yield override


def labels_of(scenario: Scenario, paths: Iterable[str]) -> dict[str, str]:
    """Return the label of each path; where two would read alike, the path itself."""
    labels = {path: label_of(scenario, path) for path in paths}
    used = list(labels.values())
    return {path: label if used.count(label) == 1 else path for path, label in labels.items()}


def label_of(scenario: Scenario, path: str) -> str:
    """Return whose a path is and what: `Belarus: reciprocity`, `United States towards Belarus: exposure`."""
    section, *rest = path.split(".")
    if section not in SECTIONS or not rest:
        return _words([section, *rest])
    owner, *rest = rest
    entry = getattr(scenario, section).get(owner)
    whose = getattr(entry, "name" if section == "actors" else "label", owner.replace("_", " "))
    if section == "dyads" and rest:
        actors = [getattr(scenario.actors.get(name), "name", name) for name in (owner, rest[0])]
        whose, rest = " towards ".join(actors), rest[1:]
    what = [part for part in rest[:-1] if part not in UNSAID] + rest[-1:]
    whose = whose[:1].upper() + whose[1:]
    return f"{whose}: {_words(what)}" if what else whose


def _words(parts: Iterable[str]) -> str:
    return ", ".join(part.replace("_", " ") for part in parts)


def lines_of(values: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of a scenario file with values at their paths: texts in YAML, or mappings of such."""
    tree: dict[str, Any] = {}
    for path, value in values.items():
        *above, last = path.split(".")
        branch = tree
        for name in above:
            branch = branch.setdefault(name, {})
        branch[last] = value
    return _lines(tree, 0)


def _lines(tree: Mapping[str, Any], depth: int) -> Iterator[str]:
    for name, value in tree.items():
        key = f"{'  ' * depth}{name if name.isidentifier() else quoted(name)}:"
        if isinstance(value, str):
            yield f"{key} {value}"
        else:
            yield key
            yield from _lines(value, depth + 1)


def costs_of(variants: Variants, levers: Sequence[Lever]) -> tuple[str, ...]:
    """Return the outcomes that stand beside any gain: the actor's cost, and what its opponents do to it.

    Opponents are those that its measures can harm, the most exposed first: how often they act, and the
    relation that they keep.
    """
    names = list[str]()
    paths = [lever.path.split(".") for lever in levers]
    for actor in dict.fromkeys(path[1] for path in paths if path[0] == "actors"):
        exposure = {name: dyad.exposure.nominal for name, dyad in variants.base.dyads.get(actor, {}).items()}
        opponents = sorted(
            (name for name in exposure if exposure[name] > 0), key=lambda name: -exposure[name]
        )
        names += [f"cost.{actor}", *(f"package_days.{name}" for name in opponents)]
        names += [f"relation.{name}.{actor}" for name in opponents]
    return tuple(name for name in dict.fromkeys(names) if name in variants.names)


class VariedAsked(Asked):
    """What is asked of a study that varies levers of a scenario."""

    vary: tuple[str, ...] = ()
    """Levers: PATH=low:high:steps, PATH=low:high or PATH=a|b|c."""

    @cached_property
    def variants(self) -> Variants:
        """The scenario at any point."""
        return Variants(self.scenario)

    @cached_property
    def levers(self) -> tuple[Lever, ...]:
        """What is varied."""
        return levers_of(self.vary)

    @cached_property
    def costs(self) -> tuple[Expression, ...]:
        """Means of what stands beside any gain."""
        return tuple(parse_expression(f"mean({name})") for name in costs_of(self.variants, self.levers))


class MeasuredExpression(ResultPart):
    """An expression, with what its outcome is called in the scenario; `R` has neither label nor unit."""

    expression: str
    """In canonical form: `prob(concession.eu)`, `mean(cost.eu) <= 1`, `R`."""
    label: str = ""
    """What its outcome is called."""
    unit: str = ""
    """`share` of a probability, else what its outcome counts."""

    @cached_property
    def parsed(self) -> Expression:
        """The expression."""
        return parse_expression(self.expression)

    def of(self, estimate: Estimate) -> Estimate:
        """Return an estimate of it with its unit."""
        return estimate.model_copy(update={"unit": self.unit})


class PointResult(ResultPart):
    """What came out at one point."""

    number: Count
    """Its number in the design, or that of the trial."""
    point: dict[str, Value]
    """The value of each lever, by its path."""
    estimates: tuple[Estimate, ...]
    """What each measure comes to."""
    costs: tuple[Estimate, ...] = ()
    """What stands beside: what whose levers they are pays, and what comes back."""
    replications: Replications
    """Replications that were played."""
    failed: Replications = 0
    """Of these, how many failed: they are in no estimate."""
    truncated: Replications = 0
    """Of these, how many were ended by a limit of acts or events."""


def measures_of(scenario: Scenario, expressions: Sequence[Expression]) -> tuple[MeasuredExpression, ...]:
    """Return the measures that expressions are in a scenario."""
    known = {outcome.name: outcome for outcome in compile_scenario(scenario).outcomes}
    return tuple(
        MeasuredExpression(
            expression=str(expression), label=known[expression.outcome].label,
            unit=SHARE if expression.is_share else known[expression.outcome].unit,
        )
        if expression.outcome in known
        else MeasuredExpression(expression=str(expression))
        for expression in expressions
    )  # fmt: skip


def expressions_of(
    variants: Variants, texts: Sequence[str], default: Sequence[str]
) -> tuple[Expression, ...]:
    """Return expressions from texts or names of the scenario's objectives; without any, its own.

    Those are its objectives, else `default`. Raises ExpressionError.
    """
    objectives = variants.base.outcomes.objectives
    wanted = [objectives.get(text, text) for text in texts] or tuple(objectives.values()) or default
    return tuple(dict.fromkeys(parse_expression(text, variants.names, "--outcome") for text in wanted))
