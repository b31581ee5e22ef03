"""Compiling the rules with Numba: one twin per function, kept on disk under a hash of the package's sources.

A rule is compiled from its own code with its own globals, in which every other rule is replaced by its twin
and every word constant by an unsigned 64-bit one. So the interpreted functions stay as they are, and there is
no second copy of any rule.
"""

from __future__ import annotations

import dis
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FunctionType
from typing import Any

import numba
import numpy as np
from numba.core import event

from escalation.clocks.caching import cache_folder
from escalation.model import kernel as kernels

_twins: dict[Callable[..., Any], Any] = {}


def compiled(function: Callable[..., Any]) -> Any:
    """Return the compiled twin of a kernel; it is compiled, or read from disk, when it is first called."""
    if function not in _twins:
        assert isinstance(function, FunctionType)
        scope = {"__name__": function.__module__, "__file__": function.__code__.co_filename}
        for name in _globals_used(function):
            scope[name] = _translated(name, function)
        twin = FunctionType(function.__code__, scope, function.__name__, function.__defaults__)
        twin.__module__, twin.__qualname__ = function.__module__, function.__qualname__
        folder = cache_folder()
        with _caching_in(folder):
            _twins[function] = numba.njit(
                nogil=True, cache=folder is not None, _nrt=False, forceinline=function in kernels.INNER
            )(twin)
    return _twins[function]


def _globals_used(function: FunctionType) -> set[str]:
    names = {step.argval for step in dis.get_instructions(function) if step.opname == "LOAD_GLOBAL"}
    return names & function.__globals__.keys()


def _translated(name: str, function: FunctionType) -> Any:
    value = function.__globals__[name]
    if value is kernels.word:
        return np.uint64
    if isinstance(value, FunctionType) and value in kernels.KERNELS:
        return compiled(value)
    annotations = sys.modules[function.__module__].__annotations__
    return np.uint64(value) if annotations.get(name) == "Word" else value


def compiled_source(
    name: str, source: str, scope: dict[str, Any], functions: tuple[str, ...]
) -> dict[str, Any]:
    """Return compiled `functions` of generated source; it is kept as a file, so that Numba can cache them."""
    folder = cache_folder()
    path = (folder or Path()) / f"{name}.py"
    if folder is not None and not path.exists():
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.write_text(source)
        fresh.replace(path)
    exec(compile(source, str(path), "exec"), scope)  # our own source, no data in it
    with _caching_in(folder):
        return {one: numba.njit(nogil=True, cache=folder is not None)(scope[one]) for one in functions}


@contextmanager
def when_compiling(say: Callable[[], object]) -> Iterator[None]:
    """Call `say` once if Numba really compiles something inside, not when it reads from disk."""

    class Listener(event.Listener):
        told = False

        def on_start(self, event: Any) -> None:  # noqa: ARG002
            if not self.told:
                self.told = True
                say()

        def on_end(self, event: Any) -> None:
            """Nothing is said at the end."""

    with event.install_listener("numba:compile", Listener()):
        yield


@contextmanager
def _caching_in(folder: Path | None) -> Iterator[None]:
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(folder or "")
    try:
        yield
    finally:
        numba.config.CACHE_DIR = before
