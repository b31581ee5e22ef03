"""What the file format has at a path: found by walking the models' annotations, so that it is said once."""

from __future__ import annotations

import types
from collections.abc import Iterable
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from escalation.scenario.base import Number, Part, Within
from escalation.scenario.document import Scenario
from escalation.scenario.tree import Items, Leaf, Mapping, Node


class Spot(NamedTuple):
    """The type at a path, without `Annotated` and `None`, its constraints, and what the docstring says."""

    type: Any
    constraints: tuple[Any, ...] = ()
    description: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of a mapping with fixed keys; empty for anything else."""
        return tuple(self.type.model_fields) if self.is_part else ()

    @property
    def is_part(self) -> bool:
        """True for a mapping with fixed keys."""
        return isinstance(self.type, type) and issubclass(self.type, Part)

    @property
    def is_number(self) -> bool:
        """True for a number that may be uncertain."""
        return self.type is Number

    @property
    def is_map(self) -> bool:
        """True for a mapping by free names."""
        return get_origin(self.type) is dict

    @property
    def range(self) -> str:
        """The allowed range in words, where the format states one."""
        for limit in self.constraints:
            if isinstance(limit, Within):
                return limit.words
        low, high = (self._limit(name) for name in ("ge", "le"))
        return f"{low:,} to {high:,}" if low is not None and high is not None else ""

    def _limit(self, name: str) -> int | None:
        inner = [part for limit in self.constraints for part in getattr(limit, "metadata", ())]
        found = (getattr(limit, name, None) for limit in (*self.constraints, *inner))
        return next((limit for limit in found if limit is not None), None)


def spot(path: Iterable[str | int], root: Node) -> Spot | None:
    """Return what the format has at `path`, or None where it has nothing.

    Where it has several kinds of mapping (policies), the tree `root` says by its `kind` which one is meant.
    """
    here: Spot | None = Spot(Scenario)
    node: Node | None = root
    for part in path:
        node = _child(node, part)
        here = _of_kind(_step(here, part), node) if here else None
    return here


def _child(node: Node | None, part: str | int) -> Node | None:
    if isinstance(node, Items) and isinstance(part, int) and part < len(node.items):
        return node.items[part]
    return node.get(str(part)) if isinstance(node, Mapping) else None


def _of_kind(here: Spot | None, node: Node | None) -> Spot | None:
    options = get_args(here.type) if here and get_origin(here.type) is Union else ()
    parts = [kind for kind in map(_type, options) if isinstance(kind, type) and issubclass(kind, Part)]
    if here is None or not parts:
        return here
    leaf = node.get("kind") if isinstance(node, Mapping) else None
    chosen = leaf.value if isinstance(leaf, Leaf) else None
    fitting = (part for part in parts if chosen in get_args(part.model_fields["kind"].annotation))
    return here._replace(type=next(fitting, parts[0]))


def _type(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _step(here: Spot, part: str | int) -> Spot | None:
    if here.is_part:
        field = here.type.model_fields.get(part)
        return field and _bare(field.annotation, tuple(field.metadata), field.description or "")
    arguments = get_args(here.type)
    if here.is_map:
        return _bare(arguments[1], (), here.description)
    if get_origin(here.type) is tuple:
        return _bare(arguments[0], (), here.description)
    return None


def _bare(annotation: Any, constraints: tuple[Any, ...], description: str) -> Spot:
    while True:
        arguments = get_args(annotation)
        if get_origin(annotation) is Annotated:
            annotation, constraints = arguments[0], (*constraints, *arguments[1:])
        elif get_origin(annotation) in (Union, types.UnionType):
            some = tuple(kind for kind in arguments if kind is not types.NoneType)
            if len(some) > 1:
                return Spot(Union[some], constraints, description)  # noqa: UP007  made at run time
            annotation = some[0]
        else:
            return Spot(annotation, constraints, description)
