"""What comes out of an ensemble: chunks from the workers, shards for the store, the whole for the study."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from escalation.ensemble.engine import Acts
from escalation.errors import ByName, EnvironmentFault
from escalation.model.header import Header
from escalation.model.world import FAILED, TRUNCATED, Columns, Replication, World

SAMPLE = 20
"""How many replications `sample` stores the acts of."""

SHARD = 4096
"""Replications in one file of a run."""

IN_MEMORY = 32_000_000
"""Bytes of outcomes that stay in memory although they are stored: reading them back costs more than that."""

Array = npt.NDArray[np.float64]


class Reducer(Protocol):
    """Turns the replications of a chunk into one part, in the worker, and adds up the parts of chunks.

    A reducer and its parts can be pickled. Chunks are cut differently for another number of workers and come
    in any order, so `add` has to give the same total however the replications were divided.
    """

    def __call__(self, world: World, first: int, replications: Sequence[Replication]) -> Any:
        """Return the part of consecutive replications, failed ones among them, numbered from `first`."""

    def add(self, total: Any, part: Any) -> Any:
        """Return the total with one more part; `total` is None before the first, and may be changed."""


class StoredReducer(Reducer, Protocol):
    """A reducer whose parts can wait in a file, for a run that is interrupted and resumed."""

    def packed(self, total: Any) -> Columns:
        """Return a total or a part as arrays."""

    def unpacked(self, arrays: Columns) -> Any:
        """Return what was packed; KeyError, TypeError or ValueError when it cannot be."""


class Chunk(NamedTuple):
    """Consecutive replications as one worker returns them.

    `statuses` is int8[n], `outcomes` float64[n, k]; `messages` are by replication, for the failed ones only;
    `acts` and `causes` are the model's columns with `replication` before them; `part` is what a reducer made
    of all replications, None without one or where the worker died.
    """

    first: int
    statuses: npt.NDArray[np.int8]
    outcomes: Array
    messages: Mapping[int, str]
    acts: Columns
    causes: Columns
    part: Any = None

    @property
    def replications(self) -> npt.NDArray[np.int64]:
        """The numbers of the replications, int64[n]."""
        return np.arange(self.first, self.first + len(self.statuses), dtype=np.int64)


class Shard(NamedTuple):
    """The finished replications of one file, in order; `number` counts files from 0.

    `messages` are those of its failed replications, `part` is a reducer's part over this shard, and `whole`
    says that none of its replications is missing. Of one that is stored already, `file` holds the outcomes,
    and the arrays of outcomes, acts and causes are empty.
    """

    number: int
    replications: npt.NDArray[np.int64]
    statuses: npt.NDArray[np.int8]
    outcomes: Array
    acts: Columns
    causes: Columns
    messages: Mapping[int, str] = MappingProxyType({})
    whole: bool = True
    part: Any = None
    file: Path | None = None


class Resumed(NamedTuple):
    """What earlier attempts at an ensemble finished: whole shards, in order, and chunks of further ones.

    `seconds` is how long they took.
    """

    shards: Sequence[Shard] = ()
    chunks: Sequence[Chunk] = ()
    seconds: float = 0.0


class ShardStore(Protocol):
    """Where the shards of an ensemble go as they are finished."""

    @property
    def resumed(self) -> Resumed:
        """What is there from earlier attempts."""

    def write(self, shard: Shard) -> Path | None:
        """Take a shard; return the file that its outcomes can be read from, None to leave them in memory.

        Raises EnvironmentFault when it cannot be written.
        """


class Results(Protocol):
    """What a study reads: an ensemble in memory or a run on disk."""

    @property
    def header(self) -> Header:
        """What the columns mean."""

    @property
    def seed(self) -> int:
        """The seed of the ensemble."""

    @property
    def asked(self) -> int:
        """How many replications were asked for."""

    @property
    def statuses(self) -> npt.NDArray[np.int8]:
        """DONE, TRUNCATED or FAILED for each finished replication, int8[n]."""

    @property
    def failures(self) -> Mapping[int, str]:
        """What stopped each failed replication, by its number."""

    def columns(self, names: Sequence[str]) -> Mapping[str, Array]:
        """Return outcomes of every finished replication, float64[n] each; KeyError for an unknown name."""


class Rows:
    """Rows of outcomes called `names`, block after block in the order of their replications.

    A block is the path of a Parquet file or float64[m, k]. Columns are read when they are asked for.
    """

    def __init__(self, names: Sequence[str], blocks: Iterable[Path | Array] = ()):
        self.names = tuple(names)
        self._blocks = list(blocks)
        self._stored = 0

    def append(self, block: Array, file: Path | None = None) -> None:
        """Add the rows of one more block; of those that are in `file` too, only the first stay here."""
        if file is not None:
            self._stored += block.nbytes
            in_file = not len(block) or self._stored > IN_MEMORY
        self._blocks.append(file if file is not None and in_file else block)

    def moved(self, folder: Path) -> Rows:
        """Return the same rows, their files being in `folder` now."""
        blocks = (folder / block.name if isinstance(block, Path) else block for block in self._blocks)
        return Rows(self.names, blocks)

    def loaded(self) -> Rows:
        """Return the same rows, all of them in memory."""
        columns = self.columns(self.names)
        return Rows(self.names, [np.stack([columns[name] for name in self.names], axis=1)])

    def columns(self, names: Sequence[str]) -> dict[str, Array]:
        """Return some columns, float64[n] each; KeyError for an unknown name."""
        index = ByName("outcome", {name: number for number, name in enumerate(self.names)})
        wanted = [index[name] for name in names]
        groups = [self._read(group, names, wanted) for group in self._groups()]
        if len(groups) == 1:
            return dict(zip(names, groups[0], strict=True))
        empty = np.empty(0)
        return {name: np.concatenate([empty, *(read[n] for read in groups)]) for n, name in enumerate(names)}

    def _groups(self) -> Iterator[list[Path] | Array]:
        """Yield the blocks, neighbouring files together: one query reads them all."""
        for is_file, blocks in groupby(self._blocks, key=lambda block: isinstance(block, Path)):
            if is_file:
                yield [block for block in blocks if isinstance(block, Path)]
            else:
                yield from (block for block in blocks if not isinstance(block, Path))

    def _read(self, group: list[Path] | Array, names: Sequence[str], wanted: list[int]) -> list[Array]:
        if not isinstance(group, list):
            return [group[:, number] for number in wanted]
        from escalation.ensemble.parquet import read_columns  # noqa: PLC0415 - DuckDB only where files are

        return [np.asarray(column, np.float64) for column in read_columns(group, names).values()]


@dataclass(frozen=True)
class Ensemble:
    """The replications of one scenario that were finished, in order of their numbers.

    `rows` are their outcomes. `acts` and `causes` hold those asked for, unless they went straight to a store.
    `interrupted` is true when not all were run; `fault` is what stopped a store from taking more of them.
    Where a rule ended it, `asked` is the number of replications that was enough. `reduced` is the total of a
    reducer's parts; None without one, and before anything was finished. `seconds` is how long it all took by
    the wall clock, earlier attempts included.
    """

    header: Header
    seed: int
    asked: int
    workers: int
    acts_stored: Acts
    finished: datetime
    interrupted: bool
    replications: npt.NDArray[np.int64]
    statuses: npt.NDArray[np.int8]
    rows: Rows
    failures: Mapping[int, str]
    acts: Columns = field(default_factory=dict)
    causes: Columns = field(default_factory=dict)
    reduced: Any = None
    seconds: float = 0.0
    fault: EnvironmentFault | None = None

    @property
    def outcomes(self) -> Array:
        """All outcomes at once, float64[n, k], NaN where a replication failed: for small ensembles."""
        columns = self.rows.columns(self.header.columns)
        return np.stack([columns[name] for name in self.header.columns], axis=1)

    def columns(self, names: Sequence[str]) -> dict[str, Array]:
        """Return outcomes of every finished replication, float64[n] each; KeyError for an unknown name."""
        return self.rows.columns(names)


def tally(results: Results) -> dict[str, int]:
    """Return how many replications were asked for, finished, failed and truncated."""
    return {
        "asked": results.asked,
        "finished": len(results.statuses),
        "failed": int((results.statuses == FAILED).sum()),
        "truncated": int((results.statuses == TRUNCATED).sum()),
    }


def joined(tables: Sequence[Columns]) -> Columns:
    """Return tables of equal columns one below the other; an empty list gives an empty table."""
    filled = [table for table in tables if table]
    return {name: np.concatenate([table[name] for table in filled]) for name in filled[0]} if filled else {}
