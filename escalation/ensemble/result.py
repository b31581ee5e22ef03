"""What comes out of an ensemble: chunks from the workers, shards for the store, the whole for the study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from escalation.ensemble.header import Header
from escalation.ensemble.rows import Rows
from escalation.errors import EnvironmentFault
from escalation.model.world import DONE, FAILED, TRUNCATED, Columns

Keep = Literal["none", "sample", "all"]
"""Whose acts are kept: nobody's, those of the first replications, everybody's."""

SAMPLE = 20
"""How many replications `sample` keeps the acts of."""

SHARD = 4096
"""Replications in one file of a run."""


class Chunk(NamedTuple):
    """Consecutive replications as one worker returns them.

    `statuses` is int8[n], `outcomes` float64[n, k]; `messages` are by replication, for the failed ones only;
    `acts` and `causes` are the model's columns with `replication` before them; `part` is what a reducer made
    of all replications, None without one or where the worker died.
    """

    first: int
    statuses: npt.NDArray[np.int8]
    outcomes: npt.NDArray[np.float64]
    messages: dict[int, str]
    acts: Columns
    causes: Columns
    part: Any = None

    @property
    def replications(self) -> npt.NDArray[np.int64]:
        """The numbers of the replications, int64[n]."""
        return np.arange(self.first, self.first + len(self.statuses), dtype=np.int64)


class Shard(NamedTuple):
    """The finished replications of one file, in order; `number` counts files from 0.

    `messages` are those of its failed replications, `whole` says that none of its replications is missing,
    and `reduced` is the total of a reducer's parts over this shard and all before it.
    """

    number: int
    replications: npt.NDArray[np.int64]
    statuses: npt.NDArray[np.int8]
    outcomes: npt.NDArray[np.float64]
    acts: Columns
    causes: Columns
    messages: Mapping[int, str] = MappingProxyType({})
    whole: bool = True
    reduced: Any = None


class Begun(NamedTuple):
    """What an earlier attempt at an ensemble finished: whole shards, from the first on.

    `statuses` is int8[n] of replications 0 to n - 1, `files` hold their outcomes; `failures`, `reduced` and
    `seconds` are those of the attempt, over these shards.
    """

    statuses: npt.NDArray[np.int8]
    files: Sequence[Path]
    failures: Mapping[int, str]
    reduced: Any
    seconds: float


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

    def columns(self, names: Sequence[str]) -> Mapping[str, npt.NDArray[np.float64]]:
        """Return outcomes of every finished replication, float64[n] each; KeyError for an unknown name."""


@dataclass(frozen=True)
class Ensemble:
    """The replications of one scenario that were finished, in order of their numbers.

    `rows` are their outcomes. `acts` and `causes` hold the kept replications, unless they went straight to a
    store. `interrupted` is true when not all were run; `fault` is what kept a store from taking more of them.
    Where a rule ended it, `asked` is the number of replications that was enough. `reduced` is the total of a
    reducer's parts; None without one, and before anything was finished. `seconds` is how long it all took by
    the wall clock, earlier attempts included.
    """

    header: Header
    seed: int
    asked: int
    workers: int
    acts_kept: Keep
    started: datetime
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
    def outcomes(self) -> npt.NDArray[np.float64]:
        """All outcomes at once, float64[n, k], NaN where a replication failed: for small ensembles."""
        columns = self.rows.columns(self.header.columns)
        return np.stack([columns[name] for name in self.header.columns], axis=1)

    @property
    def all_done(self) -> bool:
        """True when every replication that was asked for ran to the end of the horizon."""
        return not self.interrupted and bool((self.statuses == DONE).all())

    def columns(self, names: Sequence[str]) -> dict[str, npt.NDArray[np.float64]]:
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


def joined(tables: list[Columns]) -> Columns:
    """Return tables of equal columns one below the other; an empty list gives an empty table."""
    filled: list[dict[str, Any]] = [table for table in tables if table]
    if not filled:
        return {}
    return {name: np.concatenate([table[name] for table in filled]) for name in filled[0]}
