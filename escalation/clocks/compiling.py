"""Compiling the rules with Numba: one twin per function, the roots of all kept on disk.

A rule is compiled from its own code with its own globals, in which every other rule is replaced by its twin
and every word constant by an unsigned 64-bit one. So the interpreted functions stay as they are, and there is
no second copy of any rule. Only roots, which Python calls, become machine code: what they call is linked into
them before it is optimised.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from types import FunctionType
from typing import Any

import numba
import numpy as np
from numba.core import event
from numba.core.codegen import JITCodeLibrary
from numba.core.registry import cpu_target

from escalation.clocks.caching import cache_folder
from escalation.model import kernel as kernels

_compiling = Lock()
"""Held by the one thread that may change, for a while, how Numba compiles."""

_twins: dict[tuple[Callable[..., Any], bool], Any] = {}


def compiled(function: Callable[..., Any], root: bool = False) -> Any:
    """Return the compiled twin of a kernel; only a `root` can be called from Python, and is kept on disk."""
    if (function, root) not in _twins:
        assert isinstance(function, FunctionType)
        folder = cache_folder() if root else None
        scope = {name: _translated(name, function) for name in _globals_used(function)}
        code = function.__code__
        if folder is not None:
            code = code.replace(co_filename=str(folder / "rules.py"))  # Numba files entries by this path
        scope |= {"__name__": function.__module__, "__file__": code.co_filename}
        twin = FunctionType(code, scope, function.__name__, function.__defaults__)
        twin.__module__, twin.__qualname__ = function.__module__, function.__qualname__
        with _caching_in(folder):
            _twins[function, root] = numba.njit(
                nogil=True,
                cache=folder is not None,
                _nrt=False,
                forceinline=function in kernels.INNER,
                no_cpython_wrapper=not root,
                no_cfunc_wrapper=True,
            )(twin)
    return _twins[function, root]


def prepared(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return the twin of a root, compiled for these arguments or read from disk."""
    with _compiling:
        twin = compiled(function, root=True)
        signature = tuple(map(numba.typeof, arguments))
        if signature not in twin.overloads:
            with _caching_in(cache_folder()), _linking_late():
                twin.compile(signature)
    return twin


def _globals_used(function: FunctionType) -> set[str]:
    names = {step.argval for step in dis.get_instructions(function) if step.opname == "LOAD_GLOBAL"}
    return names & function.__globals__.keys()


def _nothing(*_: Any) -> None:
    """Stand for an observer where rules are compiled."""


def _translated(name: str, function: FunctionType) -> Any:
    value = function.__globals__[name]
    if value is kernels.word:
        return np.uint64
    if value is kernels.has_room:
        return compiled(kernels.is_within)
    if isinstance(value, FunctionType) and value in kernels.OBSERVERS:
        return compiled(_nothing)
    if isinstance(value, FunctionType) and value in kernels.KERNELS:
        return compiled(value)
    annotations = sys.modules[function.__module__].__annotations__
    return np.uint64(value) if annotations.get(name) == "Word" else value


class LateLibrary(JITCodeLibrary):
    """Code that is optimised and made machine code only where a function of it is called from Python.

    Numba optimises each function with all that it calls, and the functions that call it once more.
    """

    _callable_module: Any = None

    def add_linking_library(self, library: Any) -> None:
        """Note what this code calls; what that calls comes with it."""
        late = isinstance(library, LateLibrary) and not library._finalized
        for one in (*(library._linking_libraries if late else ()), library):
            if one not in self._linking_libraries:
                if not isinstance(one, LateLibrary):
                    one._ensure_finalized()
                self._linking_libraries.append(one)

    def _get_module_for_linking(self) -> Any:
        if self._finalized:
            return super()._get_module_for_linking()
        if self._callable_module is None:
            module = self._final_module.clone()
            for function in module.functions:
                if not function.is_declaration and str(function.linkage) == "Linkage.external":
                    function.linkage = "linkonce_odr"
            self._callable_module = module
        return self._callable_module

    def get_pointer_to_function(self, name: str) -> int:
        """Return the address of a function, 0 for one that this code does not define."""
        if not self._finalized and name not in {
            one.name for one in self._final_module.functions if not one.is_declaration
        }:
            return 0
        return int(super().get_pointer_to_function(name))


@contextmanager
def _linking_late() -> Iterator[None]:
    codegen = cpu_target.target_context.codegen()
    library, set_env = codegen._library_class, codegen.set_env

    def set_env_of_machine_code(name: str, env: Any) -> None:
        if codegen._engine.get_global_value_address(name):
            set_env(name, env)

    codegen._library_class, codegen.set_env = LateLibrary, set_env_of_machine_code
    try:
        yield
    finally:
        codegen._library_class = library
        del codegen.set_env


@contextmanager
def when_compiling(say: Callable[[], object]) -> Iterator[None]:
    """Call `say` once if Numba really compiles something inside, not when it reads from disk."""

    class Listener(event.Listener):
        called = False

        def on_start(self, event: Any) -> None:  # noqa: ARG002
            if not self.called:
                self.called = True
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
