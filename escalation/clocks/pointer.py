"""Data classes of tables as one pointer: how the rules' arguments are laid out in memory when compiled.

An argument is the address of a block of words: one for each scalar, pointer to a record or to another such
block, two (address, length) for each column. Python keeps the block and the arrays alive while compiled code
runs, so that nothing need be counted; and a block never changes while it does.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from escalation.model.kernel import SCALARS, element_of, types_of


class Member(NamedTuple):
    """A field of a block: the word at which it begins, and its type, as it is declared or when compiled."""

    word: int
    kind: Any

    @property
    def words(self) -> int:
        """How many words it has."""
        return 1 if element_of(self.kind) is None else 2


@cache
def members_of(record: type) -> dict[str, Member]:
    """Return the fields of the block that a data class of tables is, by name."""
    members: dict[str, Member] = {}
    word = 0
    for field in fields(record):
        if (kind := types_of(record)[field.name]) is not Any:
            members[field.name] = Member(word, kind)
            word += members[field.name].words
    return members


class Pointer:
    """A data class of arrays as an argument of compiled rules; it keeps alive what it points to.

    `address` is that of its block.
    """

    def __init__(self, tables: Any, record: type) -> None:
        self._alive: list[Any] = []
        members = members_of(record)
        self._words = np.zeros(sum(member.words for member in members.values()), np.int64)
        self.address = int(self._words.ctypes.data)
        for name, member in members.items():
            self._set(member, getattr(tables, name))

    def _set(self, member: Member, value: Any) -> None:
        words, word = self._words, member.word
        if is_dataclass(value):
            value = Pointer(value, member.kind)
            words[word] = value.address
        elif isinstance(value, np.void):
            words[word] = value.__array_interface__["data"][0]
        elif isinstance(value, np.ndarray):
            assert value.flags.c_contiguous
            words[word] = value.ctypes.data
            if member.words == 2:
                words[word + 1] = len(value)
        else:
            words[word : word + 1].view(SCALARS[member.kind])[0] = value
        self._alive.append(value)
