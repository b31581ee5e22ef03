"""What a run in progress knows of itself: what was asked for, and what is finished.

The folder `progress` in the folder of a run holds `run.json`, written once, and for each shard a record with
the identities of its files: what no record counts is not there. A shard that is not whole has its raw chunks
beside it, for a run that is resumed. The folder goes when the run is complete.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt

from escalation.ensemble import result
from escalation.ensemble.folder import PART, atomic
from escalation.ensemble.identity import code_identity, library_version
from escalation.ensemble.manifest import (
    SCENARIO,
    FileIdentity,
    Frozen,
    RunRequest,
    damage,
    read_document,
    write_document,
)
from escalation.ensemble.parquet import STATUS_NAMES, read_columns
from escalation.ensemble.result import Chunk, Resumed, Shard, StoredReducer
from escalation.errors import InputError
from escalation.model.world import Columns

PROGRESS = "progress"
TABLES = ("outcomes", "acts", "causes")
"""The tables of a run."""
UNUSABLE = (
    OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile, zlib.error,
    duckdb.Error, InputError,
)  # fmt: skip
"""What reading a damaged file may raise."""


def code() -> str:
    """Return what has to be the same for a run to be resumed: code, libraries, rows in a file."""
    return f"{code_identity()}, duckdb {library_version('duckdb')}, {result.SHARD} replications in a file"


def shard_file(number: int) -> str:
    """Return the name of a shard's file, in each table."""
    return f"{number:05}.parquet"


class ShardRecord(Frozen):
    """A shard whose `files` are on the disk; `seconds` is how long the run had taken by then."""

    number: int
    replications: int
    whole: bool
    messages: dict[int, str]
    seconds: float
    files: dict[str, FileIdentity]


class RunJournal:
    """The progress of the run that is built in `folder`."""

    def __init__(self, folder: Path):
        self.run = folder
        self.folder = folder / PROGRESS
        self.records: dict[int, ShardRecord] = {}

    @property
    def exists(self) -> bool:
        """True when it has been begun."""
        return (self.folder / "run.json").is_file()

    @property
    def finished(self) -> int:
        """How many replications are on the disk for good."""
        return sum(record.replications for record in self.records.values())

    def begin(self, request: RunRequest) -> None:
        """Write what was asked for. Raises OSError."""
        self.folder.mkdir(exist_ok=True)
        write_document(self.folder / "run.json", request)

    def request(self) -> RunRequest:
        """Return what was asked for. Raises InputError when it is damaged, or was of other code than this."""
        request = read_document(self.folder / "run.json", RunRequest)
        if request.code != code():
            raise InputError(
                f"{self.run}: was begun by other code and cannot be resumed: it has {request.code};"
                f" this is {code()}; resume it with that version, or run the scenario anew"
            )
        return request

    def commit(
        self, shard: Shard, files: Sequence[Path], reducer: StoredReducer | None, seconds: float
    ) -> None:
        """Count a shard, whose `files` are on the disk, as finished. Raises OSError."""
        name, paths = f"{shard.number:05}", list(files)
        arrays = _prefixed("part", reducer.packed(shard.part) if reducer and shard.part is not None else {})
        if not shard.whole:
            raw: Columns = {
                "replications": shard.replications,
                "statuses": shard.statuses,
                "outcomes": shard.outcomes,
            }
            arrays |= raw | _prefixed("acts", shard.acts) | _prefixed("causes", shard.causes)
        if arrays:
            paths.append(self.folder / f"{name}.npz")
            with atomic(paths[-1]) as part, part.open("wb") as file:
                np.savez(file, **arrays)  # type: ignore[arg-type]
        record = ShardRecord(
            number=shard.number, replications=len(shard.replications), whole=shard.whole,
            messages=dict(shard.messages), seconds=seconds,
            files={path.relative_to(self.run).as_posix(): FileIdentity.of(path) for path in paths},
        )  # fmt: skip
        write_document(self.folder / f"{name}.json", record)
        self.records[shard.number] = record

    def read(self) -> Iterator[ShardRecord]:
        """Yield the records of all shards whose files are as they were written."""
        for path in sorted(self.folder.glob("*.json")):
            if path.stem.isdecimal():
                with suppress(InputError):
                    record = read_document(path, ShardRecord)
                    if record.number == int(path.stem) and damage(self.run, record.files) is None:
                        yield record

    def resumed(self, reducer: StoredReducer | None) -> Resumed:
        """Return what is finished and sound, and remove everything else: it is simulated again."""
        shards: list[Shard] = []
        chunks: list[Chunk] = []
        self.records = {}
        for record in self.read():
            with suppress(*UNUSABLE):
                if record.whole:
                    shards.append(self._shard(record, reducer))
                else:
                    chunks += self._chunks(record, reducer)
                self.records[record.number] = record
        self._remove_unrecorded()
        seconds = max((record.seconds for record in self.records.values()), default=0.0)
        return Resumed(shards, chunks, seconds)

    def files(self) -> Iterator[Path]:
        """Yield the files of the finished shards and the journal's own, `run.json` last."""
        yield self.run / SCENARIO
        for record in self.read():
            yield from (self.run / name for name in record.files)
            yield self.folder / f"{record.number:05}.json"
        yield self.folder / "run.json"

    def _shard(self, record: ShardRecord, reducer: StoredReducer | None) -> Shard:
        file = self.run / "outcomes" / shard_file(record.number)
        columns = read_columns([file], ["replication", "status"])
        first = record.number * result.SHARD
        numbers = np.arange(first, first + record.replications)
        if not np.array_equal(columns["replication"], numbers):
            raise ValueError("its replications are not all there")
        statuses = np.array([STATUS_NAMES.index(word) for word in columns["status"]], np.int8)
        part = self._part(self._arrays(record), reducer)
        return Shard(
            record.number, numbers, statuses, np.empty((0, 0)), {}, {}, record.messages, True, part, file
        )

    def _chunks(self, record: ShardRecord, reducer: StoredReducer | None) -> list[Chunk]:
        """Return the chunks of a shard that is not whole, the part of all of them with the first."""
        arrays = self._arrays(record)
        numbers = arrays["replications"]
        part = self._part(arrays, reducer)
        chunks = []
        for rows in np.split(np.arange(len(numbers)), np.nonzero(np.diff(numbers) > 1)[0] + 1):
            first, last = int(numbers[rows[0]]), int(numbers[rows[-1]])
            messages = {at: text for at, text in record.messages.items() if first <= at <= last}
            acts, causes = (_of(arrays, table, first, last) for table in ("acts", "causes"))
            chunks.append(
                Chunk(first, arrays["statuses"][rows], arrays["outcomes"][rows], messages, acts, causes, part)
            )
            part = None
        return chunks

    def _arrays(self, record: ShardRecord) -> Columns:
        name = f"{PROGRESS}/{record.number:05}.npz"
        if name not in record.files:
            return {}
        with (self.run / name).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return dict(arrays)

    def _part(self, arrays: Columns, reducer: StoredReducer | None) -> object:
        packed = _unprefixed("part", arrays)
        return reducer.unpacked(packed) if reducer and packed else None

    def _remove_unrecorded(self) -> None:
        counted = {self.run / name for record in self.records.values() for name in record.files}
        counted |= {self.folder / f"{number:05}.json" for number in self.records}
        for folder in (*(self.run / table for table in TABLES), self.folder):
            for path in folder.glob("*"):
                if path not in counted and path.name != "run.json" and path.is_file():
                    path.unlink()
        for path in self.run.glob(f"*/.*{PART}"):
            path.unlink()


def _prefixed(prefix: str, columns: Mapping[str, npt.NDArray[np.generic]]) -> Columns:
    return {f"{prefix}.{name}": values for name, values in columns.items()}


def _unprefixed(prefix: str, arrays: Columns) -> Columns:
    start = f"{prefix}."
    return {name.removeprefix(start): values for name, values in arrays.items() if name.startswith(start)}


def _of(arrays: Columns, table: str, first: int, last: int) -> Columns:
    """Return the rows of a table that are of replications `first` to `last`."""
    columns = _unprefixed(table, arrays)
    if not columns:
        return {}
    rows = (columns["replication"] >= first) & (columns["replication"] <= last)
    return {name: values[rows] for name, values in columns.items()}
