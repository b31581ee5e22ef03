"""What the rules are written in: the decorators of the model's functions, its records and its columns.

Every rule of the world is a plain function on records and columns. A record is declared once, as a data class
with slots: name, type and first value of each field on one line. Interpreted, a table of records is a list of
such objects and a column a list; the compiled clock takes the same functions with structured arrays, because
nothing in them depends on which of the two it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from typing import Annotated, Any, Generic, ParamSpec, Protocol, TypeAlias, TypeVar, get_args, get_type_hints

import numpy as np
import numpy.typing as npt

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

KERNELS: set[Callable[..., Any]] = set()
INNER: set[Callable[..., Any]] = set()
OBSERVERS: set[Callable[..., Any]] = set()


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Mark `function` as a rule of the world: only scalars, records, `math.*` and other kernels in it."""
    KERNELS.add(function)
    return function


def inner(function: Callable[P, R]) -> Callable[P, R]:
    """Mark `function` as a kernel of a loop so hot that calling it would cost as much as what it does."""
    INNER.add(function)
    return kernel(function)


def observer(function: Callable[P, None]) -> Callable[P, None]:
    """Mark `function` as one that only watches: compiled rules leave it out."""
    OBSERVERS.add(function)
    return function


word = int
"""Makes an unsigned 64-bit word; products are masked, so that Python's long integers agree with it."""

Word: TypeAlias = Annotated[int, np.uint64]
"""Annotates what is an unsigned 64-bit word when it is compiled."""


class Column(Protocol[T]):
    """One column of numbers or records: a list or a one-dimensional array."""

    def __getitem__(self, index: int, /) -> T: ...
    def __setitem__(self, index: int, value: T, /) -> None: ...
    def __len__(self) -> int: ...


Floats = Column[float]
Ints = Column[int]
Words = Column[Word]


class Log(list[T], Generic[T]):
    """A table of records that grows when it is interpreted; compiled, it is an array of a certain length."""

    def __init__(self, record: Callable[[], T]) -> None:
        super().__init__()
        self.record = record


def has_room(log: Log[T], row: int) -> bool:
    """Return whether row `row`, the next one, can be written; interpreted, the log grows by it."""
    if row == len(log):
        log.append(log.record())
    return True


@kernel
def is_within(log: Log[T], row: int) -> bool:
    """Return whether row `row` can be written: what `has_room` is when it is compiled."""
    return row < len(log)


SCALARS: dict[Any, type] = {int: np.int64, float: np.float64, Word: np.uint64}
"""The types of fields, each of 8 bytes."""


@cache
def types_of(record: type) -> dict[str, Any]:
    """Return the declared type of every field of a data class, by name."""
    return get_type_hints(record, include_extras=True)


@cache
def dtype_of(kind: Any) -> np.dtype[Any]:
    """Return the type of array elements that a scalar or a record is when it is compiled."""
    if kind in SCALARS:
        return np.dtype(SCALARS[kind])
    return np.dtype([(name, SCALARS[scalar]) for name, scalar in types_of(kind).items()], align=True)


def element_of(kind: Any) -> Any:
    """Return of what a declared column, table or log consists; None for what is none of them."""
    return next(iter(get_args(kind)), None) if kind not in SCALARS else None


def table(record: type, rows: int) -> npt.NDArray[Any]:
    """Return an array of `rows` records, each with the first values of its fields."""
    array = np.zeros(rows, dtype_of(record))
    for field in fields(record):
        array[field.name] = field.default
    return array


def as_one(arrays: dict[str, npt.NDArray[Any]], kind: type) -> tuple[npt.NDArray[Any], dict[str, Any]]:
    """Return one array of `kind` with copies of all `arrays` behind one another, and each as a part of it."""
    whole = np.concatenate([array.view(kind) for array in arrays.values()])
    ends = np.cumsum([array.nbytes // whole.itemsize for array in arrays.values()])
    parts = zip(arrays.items(), np.split(whole, ends[:-1]), strict=True)
    return whole, {name: part.view(array.dtype) for (name, array), part in parts}
