"""The one decorator of the model's functions, and the types of their columns and random keys.

Every rule of the world is a plain function on NamedTuples of one-dimensional columns. Interpreted, a column
is a Python list and a word a Python integer; the compiled clock takes the same functions with arrays and
unsigned 64-bit words, because nothing in them depends on which of the two it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, Protocol, TypeAlias, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

KERNELS: set[Callable[..., Any]] = set()
"""Every function that the decorator has marked: what a compiler may take."""


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Mark `function` as a rule of the world: only scalars, columns, `math.*` and other kernels in it."""
    KERNELS.add(function)
    return function


INNER: set[Callable[..., Any]] = set()
"""Kernels that are put in their callers' place when they are compiled."""


def inner(function: Callable[P, R]) -> Callable[P, R]:
    """Mark `function` as a kernel of a loop so hot that calling it would cost as much as what it does."""
    INNER.add(function)
    return kernel(function)


word = int
"""Makes an unsigned 64-bit word; products are masked, so that Python's long integers agree with it."""

Word: TypeAlias = int
"""Annotates a constant that is an unsigned 64-bit word when it is compiled."""


class Column(Protocol[T]):
    """One column of numbers: a list or a one-dimensional array."""

    def __getitem__(self, index: int, /) -> T: ...
    def __setitem__(self, index: int, value: T, /) -> None: ...
    def __len__(self) -> int: ...


Floats = Column[float]
Ints = Column[int]
Words = Column[int]
