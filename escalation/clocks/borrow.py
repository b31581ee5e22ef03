"""Data classes of tables as one pointer: how the rules' arguments look when they are compiled.

Numba passes a tuple of arrays by all its parts, which takes minutes to compile for so many, and counts
references to each array whenever one is read. Here an argument is the address of a block of words: one for
each scalar, pointer to a record or to another such block, two (address, length) for each column. Python keeps
the block and the arrays alive while compiled code runs, so nothing need be counted; and a block never changes
while it does, so that what is read from it need not be read again.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, NamedTuple

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel import models
from numba.core.imputils import lower_getattr_generic
from numba.core.typing.templates import AttributeTemplate
from numba.extending import NativeValue, infer_getattr, register_model, typeof_impl, unbox
from numba.np.arrayobj import populate_array

from escalation.model.kernel import SCALARS, dtype_of, element_of, types_of


class Member(NamedTuple):
    """A field of a block: the word at which it begins, and its type when it is compiled."""

    word: int
    kind: Any


class Block(types.Type):
    """The type of a data class of tables when it is compiled."""

    def __init__(self, record: type) -> None:
        super().__init__(name=record.__name__)
        self.members: dict[str, Member] = {}
        self.words = 0
        for field in fields(record):
            kind = types_of(record)[field.name]
            if kind is Any:
                continue
            element = element_of(kind)
            self.members[field.name] = Member(self.words, compiled_type(kind))
            self.words += 1 if element is None else 2


@cache
def compiled_type(kind: Any) -> Any:
    """Return the type that a declared scalar, record, column or block has when it is compiled."""
    element = element_of(kind)
    if element is not None:
        return types.Array(numba.from_dtype(dtype_of(element)), 1, "C")
    if kind in SCALARS:
        return numba.from_dtype(dtype_of(kind))
    if all(one in SCALARS for one in types_of(kind).values()):
        return numba.from_dtype(dtype_of(kind))
    return Block(kind)


class Pointer:
    """A data class of arrays as an argument of compiled rules; it keeps alive what it points to."""

    def __init__(self, tables: Any, kind: type) -> None:
        self.kind: Block = compiled_type(kind)
        self.alive: list[Any] = []
        self.words = np.zeros(self.kind.words, np.int64)
        for name, member in self.kind.members.items():
            self._set(member, getattr(tables, name), types_of(kind)[name])

    @property
    def address(self) -> int:
        """The address of the block."""
        return int(self.words.ctypes.data)

    def _set(self, member: Member, value: Any, kind: Any) -> None:
        if is_dataclass(value):
            value = Pointer(value, kind)
            self.words[member.word] = value.address
        elif isinstance(value, np.void):
            self.words[member.word] = value.__array_interface__["data"][0]
        elif isinstance(value, np.ndarray):
            assert value.flags.c_contiguous
            self.words[member.word] = value.ctypes.data
            if isinstance(member.kind, types.Array):
                self.words[member.word + 1] = len(value)
        else:
            self.words[member.word : member.word + 1].view(np.dtype(str(member.kind)))[0] = value
        self.alive.append(value)


@typeof_impl.register(Pointer)
def _type_of_pointer(value: Pointer, _: Any) -> Block:
    return value.kind


register_model(Block)(models.OpaqueModel)


@unbox(Block)
def _unbox(_: Any, value: Any, c: Any) -> Any:
    address = c.pyapi.object_getattr_string(value, "address")
    number = c.pyapi.long_as_longlong(address)
    c.pyapi.decref(address)
    return NativeValue(c.builder.inttoptr(number, cgutils.voidptr_t))


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
        place = builder.gep(builder.bitcast(value, word.as_pointer()), [ir.Constant(word, n)])
        loaded = builder.load(builder.bitcast(place, as_type.as_pointer()))
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
