"""What a run in progress knows of itself: what was asked for, and how far it has come.

The folder `progress` in the folder of a run holds `run.json`, written once; `state.npz`, replaced after each
finished shard and naming how many there are: what it does not count is not there; and the messages of failed
replications, shard by shard. It goes when the run is complete.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from escalation.ensemble import result
from escalation.ensemble.code import code_identity
from escalation.ensemble.durable import PART, appearing, settle_folder, write_text
from escalation.ensemble.identity import library_version, surroundings
from escalation.ensemble.parquet import STATUS_NAMES, read_columns
from escalation.ensemble.reducer import StoredReducer
from escalation.ensemble.result import Begun, Shard
from escalation.errors import InputError
from escalation.model.world import FAILED, Columns

FOLDER = "progress"
SCHEMA_VERSION = 1
TABLES = ("outcomes", "acts", "causes")


def shard_file(number: int) -> str:
    """Return the name of a shard's file, in each table."""
    return f"{number:05}.parquet"


def code() -> str:
    """Return what has to be the same for a run to be gone on with: code, libraries, rows in a file."""
    return f"{code_identity()}, duckdb {library_version('duckdb')}, {result.SHARD} replications in a file"


@dataclass(frozen=True)
class Asked:
    """What was asked for: all that a run depends on beside its scenario.

    `described` is what the caller knows of it, as plain JSON values; it goes into the manifest.
    """

    seed: int
    replications: int
    acts: result.Keep
    described: Mapping[str, Any]


class Journal:
    """The progress of the run that is built in `folder`."""

    def __init__(self, folder: Path):
        self.folder = folder / FOLDER
        self.run = folder
        self.shards = 0

    @property
    def exists(self) -> bool:
        """True when it has been begun."""
        return (self.folder / "run.json").is_file()

    def begin(self, asked: Asked, started: datetime) -> dict[str, Any]:
        """Write what was asked for and return it as it will be read. Raises OSError."""
        document = {
            "schema_version": SCHEMA_VERSION,
            "kind": "run",
            "code": code(),
            "started": started.isoformat(timespec="seconds"),
            "seed": asked.seed,
            "replications": asked.replications,
            "acts": asked.acts,
            "described": dict(asked.described),
            "surroundings": surroundings(),
        }
        write_text(self.folder / "run.json", json.dumps(document, indent=1, allow_nan=False) + "\n")
        settle_folder(self.run)
        return document

    def read(self) -> dict[str, Any]:
        """Return what was asked for. Raises InputError when it is damaged, or was of other code than this."""
        path = self.folder / "run.json"
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            began, _ = document["code"], document["described"]["scenario"]["sha256"]
            _ = document["started"], document["surroundings"]
            Asked(*(document[name] for name in ("seed", "replications", "acts", "described")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}: damaged or missing: {type(error).__name__}: {error}") from error
        if began != code():
            raise InputError(
                f"{self.run}: was begun by other code and cannot be gone on with: it has {began};"
                f" this is {code()}; go on with that version, or run the scenario anew"
            )
        return dict(document)

    def commit(self, shard: Shard, reducer: StoredReducer | None, seconds: float) -> None:
        """Count a shard, whose files are on the disk, as finished. Raises OSError."""
        if shard.messages:
            messages = {str(number): text for number, text in shard.messages.items()}
            write_text(self.folder / _failures(shard.number), json.dumps(messages))
        packed = reducer.packed(shard.reduced) if reducer and shard.reduced is not None else {}
        arrays = {f"reduced.{name}": values for name, values in packed.items()}
        with appearing(self.folder / "state.npz") as part, part.open("wb") as file:
            np.savez(file, shards=np.int64(shard.number + 1), seconds=np.float64(seconds), **arrays)  # type: ignore[arg-type]
        self.shards = shard.number + 1

    def begun(self, reducer: StoredReducer | None) -> Begun:
        """Return what is finished, and remove what was only begun. Raises InputError when it is damaged."""
        state = self._state()
        self.shards = int(state.get("shards", 0))
        files = [self.run / "outcomes" / shard_file(number) for number in range(self.shards)]
        try:
            statuses = _statuses(files)
            failures = self._failures()
            if (statuses == FAILED).sum() != len(failures):
                raise ValueError("failed replications and their messages do not agree")
            packed = {name[8:]: values for name, values in state.items() if name.startswith("reduced.")}
            reduced = reducer.unpacked(packed) if reducer and packed else None
        except (OSError, ValueError, KeyError, TypeError, duckdb.Error) as error:
            reason = str(error).split("\n")[0]
            raise InputError(f"{self.run}: damaged: {type(error).__name__}: {reason}") from error
        self._sweep()
        return Begun(statuses, files, failures, reduced, float(state.get("seconds", 0.0)))

    def files(self) -> Iterable[Path]:
        """Yield the files of all finished shards and the journal's own, `run.json` last."""
        self.shards = int(self._state().get("shards", 0))
        for table in TABLES:
            yield from (path for path in sorted((self.run / table).glob("*.parquet")) if self._counts(path))
        yield from sorted(path for path in self.folder.glob("*") if path.suffix in (".npz", ".json")
                          and path.name != "run.json")  # fmt: skip
        yield self.folder / "run.json"

    def _counts(self, path: Path) -> bool:
        return path.stem.isdecimal() and int(path.stem) < self.shards

    def _state(self) -> Columns:
        path = self.folder / "state.npz"
        if not path.is_file():
            return {}
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as state:
                return dict(state)
        except (OSError, ValueError, zipfile.BadZipFile) as error:
            raise InputError(f"{path}: damaged: {type(error).__name__}: {error}") from error

    def _failures(self) -> dict[int, str]:
        found: dict[int, str] = {}
        for number in range(self.shards):
            path = self.folder / _failures(number)
            if path.is_file():
                texts = json.loads(path.read_text(encoding="utf-8"))
                found |= {int(replication): str(text) for replication, text in texts.items()}
        return found

    def _sweep(self) -> None:
        for table in TABLES:
            for path in (self.run / table).glob("*.parquet"):
                if not self._counts(path):
                    path.unlink()
        for path in self.run.glob(f"*/.*{PART}"):
            path.unlink()


def _failures(number: int) -> str:
    return f"failures-{number:05}.json"


def _statuses(files: list[Path]) -> Any:
    columns = read_columns(files, ["replication", "status"])
    if not np.array_equal(
        columns["replication"], np.arange(len(files) * result.SHARD)[: len(columns["status"])]
    ):
        raise ValueError("the replications of the finished files are not all there")
    return np.array([STATUS_NAMES.index(word) for word in columns["status"]], dtype=np.int8)
