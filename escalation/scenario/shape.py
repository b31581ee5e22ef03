"""What the file format has at a path: found by walking the models' annotations, so that it is said once."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from escalation.scenario.base import Mentions, Number, Part, Within, descriptions
from escalation.scenario.document import Scenario
from escalation.scenario.tree import Items, Leaf, Mapping, Node, Path, Position, value_at


def _bare(annotation: Any, constraints: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
    while True:
        arguments = get_args(annotation)
        if get_origin(annotation) is Annotated:
            annotation, constraints = arguments[0], (*constraints, *arguments[1:])
        elif get_origin(annotation) in (Union, types.UnionType):
            kinds = tuple(kind for kind in arguments if kind is not types.NoneType)
            if len(kinds) > 1:
                return Union[kinds], constraints  # noqa: UP007  made at run time
            annotation = kinds[0]
        else:
            return annotation, constraints


class Shape:
    """The type at a path, without `Annotated` and `None`, its constraints, and the field it belongs to."""

    def __init__(
        self, annotation: Any, constraints: tuple[Any, ...] = (), field: tuple[Any, str] | None = None
    ):
        self.type, self.constraints, self.field = *_bare(annotation, constraints), field

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
    def keys(self) -> tuple[str, ...]:
        """The keys of a mapping that allows only some; empty for anything else."""
        key = get_args(self.type)[0] if self.is_map else None
        return tuple(self.type.model_fields) if self.is_part else get_args(key) * (get_origin(key) is Literal)

    @property
    def description(self) -> str:
        """What the docstring of the field says."""
        return descriptions(self.field[0]).get(self.field[1], "") if self.field else ""

    @property
    def range(self) -> str:
        """The allowed range in words, where the format states one."""
        for limit in self.constraints:
            if isinstance(limit, Within):
                return limit.words
        low, high, above = (self.limit(name) for name in ("ge", "le", "gt"))
        if low is not None and high is not None:
            return f"{_shown(low)} to {_shown(high)}"
        return f"above {above}" if above is not None else f"at least {low}" if low is not None else ""

    def limit(self, name: str) -> Any:
        """Return the limit of this name (`ge`, `min_length`, …), or None."""
        inner = (part for limit in self.constraints for part in getattr(limit, "metadata", ()))
        limits = (getattr(limit, name, None) for limit in (*self.constraints, *inner))
        return next((limit for limit in limits if limit is not None), None)

    @cached_property
    def mention(self) -> Mentions | None:
        """What a text here, or a text of a list here, is the name of."""
        own = (limit for limit in self.constraints if isinstance(limit, Mentions))
        return next(own, self.element.mention if self.element and not self.is_map else None)

    @cached_property
    def key(self) -> Shape | None:
        """The shape of the keys of a mapping by free names."""
        return Shape(get_args(self.type)[0]) if self.is_map else None

    @cached_property
    def element(self) -> Shape | None:
        """The shape of the values of a mapping by free names, and of the entries of a list."""
        arguments = get_args(self.type)
        if self.is_map:
            return Shape(arguments[1], (), self.field)
        return Shape(arguments[0], (), self.field) if get_origin(self.type) is tuple else None

    @cached_property
    def kinds(self) -> dict[str, Shape]:
        """The mappings that may stand here, by their `kind`; empty where there is one only."""
        parts = [_bare(kind, ())[0] for kind in get_args(self.type)] if get_origin(self.type) is Union else []
        parts = [part for part in parts if isinstance(part, type) and issubclass(part, Part)]
        return {get_args(part.model_fields["kind"].annotation)[0]: Shape(part) for part in parts}

    @cached_property
    def has_mentions(self) -> bool:
        """True when names that are mentioned may stand here or below."""
        if self.is_number:
            return False
        below = [*map(self.child, self.keys), self.key, self.element, *self.kinds.values()]
        return self.mention is not None or any(shape and shape.has_mentions for shape in below)

    def child(self, part: str | int) -> Shape | None:
        """Return the shape of one entry, or None where the format has none of this name."""
        if self.is_part:
            return _fields(self.type).get(str(part))
        entries = get_args(self.type) if get_origin(self.type) is tuple else ()
        if isinstance(part, int) and part < len(entries) and entries[1:] != (...,):
            return Shape(entries[part], (), self.field)
        return self.element

    def of(self, node: Node | None) -> Shape:
        """Return the shape that `node` chooses by its `kind`, where there are several."""
        if not self.kinds:
            return self
        kind = value_at(node, "kind") if node else None
        return self.kinds.get(str(kind)) or next(iter(self.kinds.values()))


SCENARIO = Shape(Scenario)


def shape_at(path: Iterable[str | int], root: Node) -> Shape | None:
    """Return what the format has at `path`, or None where it has nothing.

    Where it has several kinds of mapping (policies), the tree `root` says by its `kind` which one is meant.
    """
    shape: Shape | None = SCENARIO
    node: Node | None = root
    for part in path:
        node = _child(node, part)
        below = shape.child(part) if shape else None
        shape = below.of(node) if below else None
    return shape


class Mention(NamedTuple):
    """A name in a file: its path and position, what it is the name of, and its leaf unless it is a key."""

    path: Path
    position: Position
    name: str
    of: Mentions
    leaf: Leaf | None = None


def mentions(node: Node, shape: Shape = SCENARIO, path: Path = ()) -> Iterator[Mention]:
    """Yield each mention of something else below `node`; what has the wrong type is left out."""
    shape = shape.of(node)
    if not shape.has_mentions:
        return
    if isinstance(node, Leaf):
        if shape.mention and isinstance(node.value, str):
            yield Mention(path, node.position, node.value, shape.mention, node)
    elif isinstance(node, Items):
        for index, item in enumerate(node.items):
            if isinstance(item, Leaf):
                yield from mentions(item, shape, (*path, index))
    else:
        for name, (position, below) in node.entries.items():
            if shape.key and shape.key.mention:
                yield Mention((*path, name), position, name, shape.key.mention)
            if child := shape.child(name):
                yield from mentions(below, child, (*path, name))


@cache
def _fields(part: type[Part]) -> dict[str, Shape]:
    return {
        name: Shape(field.annotation, tuple(field.metadata), (part, name))
        for name, field in part.model_fields.items()
    }


def _child(node: Node | None, part: str | int) -> Node | None:
    if isinstance(node, Items) and isinstance(part, int) and part < len(node.items):
        return node.items[part]
    return node.get(str(part)) if isinstance(node, Mapping) else None


def _shown(limit: Any) -> str:
    return f"{limit:,}" if isinstance(limit, int | float) else str(limit)
