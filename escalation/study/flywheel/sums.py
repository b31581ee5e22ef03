"""Sums over replications by batch, which add to the same bits in any order, in sparse tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.model.world import Columns
from escalation.study.flywheel.plan import Plan

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

EXACT = float(2**20)
"""Shares are rounded to 1 / EXACT, so that their sums are exact and their order cannot matter."""

DENSE = 8
"""Below so many possible keys per key they are counted instead of sorted."""


def exact(values: npt.NDArray[Any]) -> Array:
    """Return the values, rounded so that their sums are exact."""
    return np.asarray(np.rint(values * EXACT) / EXACT, np.float64)


class SparseSums(NamedTuple):
    """A sparse table: `keys` int64[m], ascending and distinct, and `values` float64[m, columns].

    Of two columns, the first counts and the second weights each act with its severity.
    """

    keys: Ints
    values: Array

    def at(self, keys: Ints) -> Array:
        """Return the values at `keys`, float64[len(keys), columns]; 0 where the table has none."""
        if not len(self.keys):
            return np.zeros((len(keys), self.values.shape[1]))
        row = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where((self.keys[row] == keys)[:, None], self.values[row], 0.0)

    def parted(self, parts: int, size: int) -> list[SparseSums]:
        """Return tables of the keys below `size`, those from there to `2 * size`, and so on, each from 0."""
        cuts = np.searchsorted(self.keys, np.arange(parts + 1) * size).tolist()
        keys = self.keys - self.keys // size * size
        return [SparseSums(keys[first:last], self.values[first:last]) for first, last in pairwise(cuts)]


def binned(keys: Ints, values: Array, size: int) -> Array:
    """Return the sums of `values` (float64[n]) by key, float64[size]."""
    return np.asarray(np.bincount(keys, values, size), np.float64)  # of nothing it gives whole numbers


def gathered(keys: Ints, values: Array) -> SparseSums:
    """Return the sums of `values` (float64[n, columns]) by key."""
    if not len(keys):
        return SparseSums(keys, values)
    size = int(keys.max()) + 1
    if size <= DENSE * len(keys):
        there = np.flatnonzero(np.bincount(keys, minlength=size))
        return SparseSums(there, _columns(keys, values, size)[there])
    order = np.argsort(keys)  # equal ones in no particular order: the sums are exact
    keys = keys[order]
    new = np.concatenate([[True], keys[1:] != keys[:-1]])
    return SparseSums(keys[new], _columns(np.cumsum(new) - 1, values[order], int(new.sum())))


def _columns(keys: Ints, values: Array, size: int) -> Array:
    return np.stack([np.bincount(keys, column, size) for column in values.T], axis=1)


def concatenated(tables: Sequence[SparseSums]) -> tuple[Ints, Ints, Array]:
    """Return the entries of tables one below the other: the number of the table, the key, the values."""
    number = np.repeat(np.arange(len(tables)), [len(table.keys) for table in tables])
    keys = np.concatenate([table.keys for table in tables])
    return number, keys, np.concatenate([table.values for table in tables])


def added(tables: Sequence[SparseSums]) -> SparseSums:
    """Return the sum of one or more tables."""
    return tables[0] if len(tables) == 1 else gathered(*concatenated(tables)[1:])


def dense(rows: Ints, columns: Ints, values: Array, where: Mask, shape: tuple[int, int]) -> Array:
    """Return the sums of the values `where` (bool[n]) by row and column, float64[shape]."""
    cells = rows[where] * shape[1] + columns[where]
    return binned(cells, values[where], shape[0] * shape[1]).reshape(shape)


PENDING = 20_000
"""Cells of parts that are put together only when there are more of them than this, and than of the whole."""
TABLES = ("parents", "answers", "sources")
NUMBERS = {
    "replications": int, "truncated": int, "late": float, "late_shocks": float, "acts": int,
    "outside": float, "pairs": int, "pairs_outside": float,
}  # fmt: skip
"""What of `Sums` is added up beside the tables."""


@dataclass(frozen=True)
class Sums:
    """Sums over some replications (`truncated` of them cut off); in any order they add to the same bits.

    A dyad is `sender * actors + target`; as a parent, `dyads` itself stands for a shock. Time is divided into
    the cells of the plan. Keys: of `parents` (how many) `cell * (dyads + 1) + parent`, of `answers` (shares)
    `(cell * (dyads + 1) + parent) * dyads + child`, of `sources` (shares, of all counted acts, one column)
    `source * dyads + child`. `late` and `late_shocks` sum the shares of answers to the same parents, acts and
    shocks, that came after the window, yet before the end. `pairs` are those of counted acts close in time
    within a replication, and `pairs_outside` those of their parts that answer no counted act; `outside` sums
    these parts, `acts` the acts.
    """

    plan: Plan
    actors: int
    replications: int
    truncated: int
    parents: SparseSums
    answers: SparseSums
    sources: SparseSums
    late: float
    late_shocks: float
    acts: int
    outside: float
    pairs: int
    pairs_outside: float

    @property
    def dyads(self) -> int:
        """How many dyads there are."""
        return self.actors**2

    def __add__(self, other: Sums) -> Sums:
        return summed([self, other])


def summed(parts: Sequence[Sums]) -> Sums:
    """Return the sum of one or more sums. Raises ValueError when they are of different plans."""
    first = parts[0]
    if any((part.plan, part.actors) != (first.plan, first.actors) for part in parts):
        raise ValueError("sums of different plans cannot be added")
    sums: dict[str, Any] = {name: added([getattr(part, name) for part in parts]) for name in TABLES}
    sums |= {name: sum(getattr(part, name) for part in parts) for name in NUMBERS}
    return Sums(first.plan, first.actors, **sums)


class Ways(NamedTuple):
    """What is answered with what, over all replications.

    An act's type is `dyad * instruments + instrument`. `followed` counts the acts of each type that are
    followed; `answers` sums the shares of answers to them, by `parent * types + child`. One column each.
    """

    followed: SparseSums
    answers: SparseSums


class Total(Mapping[int, Sums]):
    """The sums of some replications by number of their batch, and the ways of all of them together."""

    def __init__(self, batches: dict[int, Sums], ways: Ways):
        self.batches = batches
        self._ways = [ways]

    def __getitem__(self, batch: int) -> Sums:
        return self.batches[batch]

    def __iter__(self) -> Iterator[int]:
        return iter(sorted(self.batches))

    def __len__(self) -> int:
        return len(self.batches)

    @property
    def ways(self) -> Ways:
        """The ways of all replications."""
        self._ways = [Ways(*(added([ways[n] for ways in self._ways]) for n in range(len(Ways._fields))))]
        return self._ways[0]

    def add(self, more: Total) -> None:
        """Add the sums of other replications, in place."""
        for batch, sums in more.batches.items():
            self.batches[batch] = self.batches[batch] + sums if batch in self.batches else sums
        self._ways += more._ways
        whole, *pending = (len(ways.answers.keys) for ways in self._ways)
        if sum(pending) > max(PENDING, whole):
            _ = self.ways


PACKED = {"actors": int, **NUMBERS}


def pack(total: Total) -> Columns:
    """Return sums by batch as arrays: one row per batch, and the cells of all batches one below the other."""
    batches = [total[number] for number in total]
    arrays: Columns = {"batch": np.array(list(total), np.int64)}
    for name, kind in PACKED.items():
        arrays[name] = np.array([getattr(sums, name) for sums in batches], kind)
    for name in TABLES:
        tables = [getattr(sums, name) for sums in batches]
        arrays[f"{name}.length"] = np.array([len(table.keys) for table in tables], np.int64)
        _, arrays[f"{name}.keys"], arrays[f"{name}.values"] = concatenated(tables)
    for name, table in total.ways._asdict().items():
        arrays[f"ways.{name}.keys"], arrays[f"ways.{name}.values"] = table
    return arrays


def unpack(arrays: Columns, plan: Plan) -> Total:
    """Return the sums by batch that `pack` was given; KeyError or ValueError when they are damaged."""
    tables = {name: _cells(arrays, name) for name in TABLES}
    numbers = {name: arrays[name].tolist() for name in PACKED}
    lengths = {len(column) for column in (*tables.values(), *numbers.values(), arrays["batch"])}
    if len(lengths) > 1:
        raise ValueError("tables do not agree")
    batches = {
        batch: Sums(plan, **{name: column[n] for name, column in (numbers | tables).items()})
        for n, batch in enumerate(arrays["batch"].tolist())
    }
    ways = (SparseSums(arrays[f"ways.{name}.keys"], arrays[f"ways.{name}.values"]) for name in Ways._fields)
    return Total(batches, Ways(*ways))


def _cells(arrays: Columns, name: str) -> Sequence[SparseSums]:
    cuts = np.cumsum(arrays[f"{name}.length"])
    keys, values = arrays[f"{name}.keys"], arrays[f"{name}.values"]
    if len(keys) != len(values) or (cuts[-1] if len(cuts) else 0) != len(keys):
        raise ValueError(f"{name}: lengths do not agree")
    parts = zip(np.split(keys, cuts[:-1]), np.split(values, cuts[:-1]), strict=True)
    return [SparseSums(*part) for part in parts] if len(cuts) else []
