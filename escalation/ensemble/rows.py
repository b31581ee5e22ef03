"""The outcome rows of an ensemble: in files as far as they are stored, else in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

HELD = 32_000_000
"""Bytes of outcomes that stay in memory although they are stored: reading them back costs more than that."""


class Rows:
    """Rows of outcomes called `names`, block after block in the order of their replications.

    A block is the path of a Parquet file or float64[m, k]. Columns are read when they are asked for.
    """

    def __init__(self, names: Sequence[str], blocks: Iterable[Path | Array] = ()):
        self.names = tuple(names)
        self._blocks = list(blocks)
        self._stored = 0

    def append(self, block: Array, file: Path | None = None) -> None:
        """Add the rows of one more block; of those that are stored, in `file`, only the first stay here."""
        if file is None:
            self._blocks.append(block)
            return
        self._stored += block.nbytes
        self._blocks.append(block if self._stored <= HELD else file)

    def moved(self, folder: Path) -> Rows:
        """Return the same rows, their files being in `folder` now."""
        blocks = (folder / block.name if isinstance(block, Path) else block for block in self._blocks)
        return Rows(self.names, blocks)

    def held(self) -> Rows:
        """Return the same rows, all of them in memory."""
        columns = self.columns(self.names)
        return Rows(self.names, [np.stack([columns[name] for name in self.names], axis=1)])

    def columns(self, names: Sequence[str]) -> dict[str, Array]:
        """Return some columns, float64[n] each; KeyError for an unknown name."""
        place = {name: number for number, name in enumerate(self.names)}
        wanted = [place[name] for name in names]
        runs = [self._read(run, names, wanted) for run in self._runs()]
        if len(runs) == 1:
            return dict(zip(names, runs[0], strict=True))
        empty = np.empty(0)
        return {name: np.concatenate([empty, *(run[n] for run in runs)]) for n, name in enumerate(names)}

    def _runs(self) -> Iterator[list[Path | Array]]:
        """Yield the blocks, neighbouring files together: one query reads them all."""
        run: list[Path | Array] = []
        for block in self._blocks:
            if run and not (isinstance(run[-1], Path) and isinstance(block, Path)):
                yield run
                run = []
            run.append(block)
        if run:
            yield run

    def _read(self, run: list[Path | Array], names: Sequence[str], wanted: list[int]) -> list[Array]:
        first = run[0]
        if not isinstance(first, Path):
            return [first[:, number] for number in wanted]
        from escalation.ensemble.parquet import read_columns  # noqa: PLC0415 - DuckDB only where files are

        files = [block for block in run if isinstance(block, Path)]
        return [np.asarray(column, np.float64) for column in read_columns(files, names).values()]
