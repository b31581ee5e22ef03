"""The compiled clock's memory: one world's columns as arrays, handed over as three pointers.

Numba passes a NamedTuple of arrays by all its parts, which takes minutes to compile for two hundred columns.
A struct reference with the same field names is one pointer, so the rules read the same and compile in half a
minute.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import types
from numba.experimental import structref

from escalation.clocks.borrow import borrowing
from escalation.clocks.compiling import compiled, compiled_source
from escalation.clocks.heap import Heap
from escalation.model.numbers import Numbers
from escalation.model.state import INTEGERS, State, new_state
from escalation.model.tables import Tables
from escalation.model.world import World

SLOTS = 16_384
"""Events that can be queued at one time."""

LOGGED = (
    "act_",
    "cause_",
    "part_source",
    "part_amount",
    "part_time",
    "part_next",
    "part_level",
    "out_",
    "weigh_",
    "vote_",
    "struck_",
    "option_",
)
"""Columns of `State` that are always written before they are read, and need no clearing between runs."""


@borrowing
class TablesRef(types.StructRef):
    """The type of `Tables` when it is compiled."""


@borrowing
class NumbersRef(types.StructRef):
    """The type of `Numbers` when it is compiled."""


@borrowing
class StateRef(types.StructRef):
    """The type of `State` when it is compiled."""


@borrowing
class HeapRef(types.StructRef):
    """The type of `Heap` when it is compiled."""


class TablesProxy(structref.StructRefProxy):
    """`Tables` on its way into compiled code."""


class NumbersProxy(structref.StructRefProxy):
    """`Numbers` on its way into compiled code."""


class StateProxy(structref.StructRefProxy):
    """`State` on its way into compiled code."""


class HeapProxy(structref.StructRefProxy):
    """`Heap` on its way into compiled code."""


def _described(reference: Any, proxy: type[Any], *names: str) -> tuple[str, ...]:
    """Tell Numba the fields of a struct reference; their types are those of what it is made with."""
    structref.define_constructor(proxy, reference, list(names))
    structref.define_boxing(reference, proxy)
    return names


NAMES = {
    "tables": _described(TablesRef, TablesProxy, *Tables._fields),
    "numbers": _described(NumbersRef, NumbersProxy, *Numbers._fields, "columns"),
    "state": _described(StateRef, StateProxy, *State._fields),
    "heap": _described(HeapRef, HeapProxy, *Heap._fields),
}
PROXIES = {"tables": TablesProxy, "numbers": NumbersProxy, "state": StateProxy, "heap": HeapProxy}


def makers_source() -> str:
    """Return the source of one constructor per struct: generated, because it names every field."""
    lines = ["# Generated: constructors of the compiled clock's structs."]
    for kind, names in NAMES.items():
        arguments = ", ".join(names)
        lines += [f"def {kind}({arguments}):", f"    return {kind.title()}Proxy({arguments})", ""]
    return "\n".join(lines)


@lru_cache(maxsize=1)
def _makers() -> dict[str, Any]:
    scope: dict[str, Any] = {"__name__": __name__} | {
        f"{kind.title()}Proxy": proxy for kind, proxy in PROXIES.items()
    }
    return compiled_source("makers", makers_source(), scope, tuple(NAMES))


def _made(kind: str, columns: Any, *more: Any) -> Any:
    return _makers()[kind](*columns, *more)


class Memory:
    """The arrays of one world in one thread: a run begins by copying the fresh over what was used."""

    def __init__(self, world: World, run: Callable[..., None]):
        self.tables: Tables = Tables._make(
            value if isinstance(value, np.ndarray) else type(value)(value) for value in world.tables
        )
        self._numbers, number_views = _flat(dict(zip(Numbers._fields, world.numbers, strict=True)))
        self._base = self._numbers.copy()
        numbers = Numbers._make(number_views)
        self.state, self._floats, self._ints, self._fresh = _state_arrays(self.tables)
        heap = Heap._make(
            np.zeros(4 if name == "tally" else SLOTS, float if "Floats" in str(kind) else np.int64)
            for name, kind in Heap.__annotations__.items()
        )
        self._arguments = (
            _made("tables", self.tables),
            _made("numbers", numbers, tuple(numbers)),
            _made("state", self.state),
            _made("heap", heap),
        )
        self._run = compiled(run)

    def begin(self, seed: int, replication: int) -> None:
        """Make the state fresh, for replication `replication` of a seed."""
        self._numbers[:] = self._base
        floats, ints = self._fresh
        self._floats[: len(floats)] = floats
        self._ints[: len(ints)] = ints
        stream = self.state.stream
        stream[0], stream[1], stream[2] = seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF, replication

    def run(self) -> None:
        """Run the replication, without the interpreter's lock."""
        self._run(*self._arguments)

    def __del__(self) -> None:
        """Give back what the calls have borrowed: compiled without counting, none of them did."""
        for argument in getattr(self, "_arguments", ()):
            while argument._meminfo.refcount > 1:
                argument._meminfo.release()


def _flat(columns: dict[str, Any]) -> tuple[npt.NDArray[Any], list[npt.NDArray[Any]]]:
    """Return one array with all columns one after another, and a view of it for each."""
    whole = np.concatenate([np.asarray(column) for column in columns.values()])
    ends = np.cumsum([len(column) for column in columns.values()])
    return whole, np.split(whole, ends[:-1])


def _state_arrays(tables: Tables) -> tuple[State, Any, Any, tuple[Any, Any]]:
    """Return a state of arrays, its two flat arrays, and what of these must be fresh for each run."""
    columns = dict(zip(State._fields, new_state(tables), strict=True))
    views: dict[str, Any] = {"stream": np.zeros(3, np.uint64)}
    flats, fresh = [], []
    for kind in (float, np.int64):
        mine = {
            name: np.array(column, kind)
            for name, column in columns.items()
            if name != "stream" and (name in INTEGERS) == (kind is np.int64)
        }
        ordered = dict(sorted(mine.items(), key=lambda item: item[0].startswith(LOGGED)))
        whole, parts = _flat(ordered)
        views |= dict(zip(ordered, parts, strict=True))
        flats.append(whole)
        kept = sum(len(column) for name, column in ordered.items() if not name.startswith(LOGGED))
        fresh.append(whole[:kept].copy())
    state = State(**{name: views[name] for name in State._fields})
    return state, flats[0], flats[1], (fresh[0], fresh[1])


_local = threading.local()


def memory_of(world: World, run: Callable[..., None]) -> Memory:
    """Return this thread's memory of a world; it is kept until the thread turns to another world."""
    if getattr(_local, "world", None) is not world:
        _local.memory, _local.world = Memory(world, run), world
    memory: Memory = _local.memory
    return memory
