"""Compiling the rules with Numba: one twin per function, and machine code of those that Python calls.

A rule is compiled from its own code with its own globals, in which every other rule is replaced by its twin
and every word constant by an unsigned 64-bit one. So the interpreted functions stay as they are, and there is
no second copy of any rule. Only what Python calls becomes machine code: what that calls is linked into it
before it is optimised.

Numba passes a tuple of arrays by all its parts, which takes minutes to compile for so many, and counts
references to each array whenever one is read. Here an argument is a pointer to a block (`pointer.py`); since
a block never changes while compiled code runs, what is read from it need not be read again.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from types import FunctionType
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler_lock import global_compiler_lock
from numba.core.datamodel import models
from numba.core.imputils import lower_getattr_generic
from numba.core.registry import cpu_target
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, register_model
from numba.np.arrayobj import populate_array

from escalation.clocks.pointer import Member, members_of
from escalation.model import kernel as kernels
from escalation.model.kernel import SCALARS, dtype_of, element_of, types_of


@cache
def compiled(function: Callable[..., Any]) -> Any:
    """Return the compiled twin of a kernel, which compiled code can call and Python cannot."""
    assert isinstance(function, FunctionType)
    scope = {name: _translated(name, function) for name in _globals_used(function)}
    scope |= {"__name__": function.__module__, "__file__": function.__code__.co_filename}
    twin = FunctionType(function.__code__, scope, function.__name__, function.__defaults__)
    twin.__module__, twin.__qualname__ = function.__module__, function.__qualname__
    inline = function in kernels.INNER
    options = {"nogil": True, "_nrt": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return numba.njit(forceinline=inline, **options)(twin)


def object_code(function: Callable[..., None], records: Sequence[type]) -> tuple[str, bytes]:
    """Return a kernel of blocks of these data classes as an object file, and its name therein."""
    twin, signature = compiled(function), tuple(map(compiled_type, records))
    with _linking_late(), global_compiler_lock:
        twin.compile(signature)
        library = twin.overloads[signature].library
        if not library._finalized:
            library.enable_object_caching()
            library.finalize()
    return twin.overloads[signature].fndesc.llvm_func_name, library._get_compiled_object()


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
        for called in (*(library._linking_libraries if late else ()), library):
            if called not in self._linking_libraries:
                if not isinstance(called, LateLibrary):
                    called._ensure_finalized()
                self._linking_libraries.append(called)

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
            function.name for function in self._final_module.functions if not function.is_declaration
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


# ---- blocks


class Block(types.Type):
    """The type of a data class of tables when it is compiled."""

    def __init__(self, record: type) -> None:
        super().__init__(name=record.__name__)
        self.members = {
            name: Member(word, compiled_type(kind)) for name, (word, kind) in members_of(record).items()
        }


@cache
def compiled_type(kind: Any) -> Any:
    """Return the type that a declared scalar, record, column or block has when it is compiled."""
    element = element_of(kind)
    if element is not None:
        return types.Array(numba.from_dtype(dtype_of(element)), 1, "C")
    if kind in SCALARS:
        return numba.from_dtype(dtype_of(kind))
    if all(field in SCALARS for field in types_of(kind).values()):
        return numba.from_dtype(dtype_of(kind))
    return Block(kind)


register_model(Block)(models.OpaqueModel)


@infer_getattr
class _Members(AttributeTemplate):
    key = Block

    def generic_resolve(self, kind: Block, name: str) -> Any:
        member = kind.members.get(name)
        return None if member is None else member.kind


@lower_getattr_generic(Block)
def _read(context: Any, builder: Any, kind: Block, value: Any, name: str) -> Any:
    member = kind.members[name]
    word = ir.IntType(64)

    def load(n: int, as_type: Any) -> Any:
        address = builder.gep(builder.bitcast(value, word.as_pointer()), [ir.Constant(word, n)])
        loaded = builder.load(builder.bitcast(address, as_type.as_pointer()))
        loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
        return loaded

    if not isinstance(member.kind, types.Array):
        return load(member.word, context.get_value_type(member.kind))
    array = context.make_array(member.kind)(context, builder)
    length = load(member.word + 1, word)
    size = ir.Constant(word, context.get_abi_sizeof(context.get_data_type(member.kind.dtype)))
    populate_array(
        array,
        data=builder.bitcast(load(member.word, cgutils.voidptr_t), array.data.type),
        shape=[length],
        strides=[size],
        itemsize=size,
        meminfo=None,
    )
    return array._getvalue()
