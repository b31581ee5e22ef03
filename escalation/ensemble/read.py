"""A run's folder, read back column by column."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from escalation.ensemble.header import Header
from escalation.ensemble.parquet import STATUS_NAMES, read_columns
from escalation.ensemble.shelf import no_run, other_kind
from escalation.ensemble.store import SCHEMA_VERSION
from escalation.errors import InputError


@dataclass(frozen=True)
class Run:
    """A run on disk: its manifest at once, its columns when they are asked for.

    Every property raises InputError when a file is missing or damaged.
    """

    folder: Path
    manifest: Mapping[str, Any]
    header: Header

    @property
    def seed(self) -> int:
        """The seed of the ensemble."""
        return int(self.manifest["seed"])

    @property
    def asked(self) -> int:
        """How many replications were asked for."""
        return int(self.manifest["replications"]["asked"])

    @property
    def finished(self) -> int:
        """How many replications were finished."""
        return int(self.manifest["replications"]["finished"])

    @property
    def seconds(self) -> float:
        """How long the replications took."""
        return float(self.manifest["seconds"])

    @property
    def interrupted(self) -> bool:
        """True when not all replications were run."""
        return bool(self.manifest["status"] == "interrupted")

    @property
    def failures(self) -> Mapping[int, str]:
        """What stopped each failed replication, by its number."""
        return {record["replication"]: record["message"] for record in self.manifest["failures"]}

    @cached_property
    def summary(self) -> Mapping[str, Any]:
        """The summary that was stored with the run, as plain JSON values."""
        path = self.folder / "summary.json"
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(f"{path}: damaged or missing: {error}") from error
        if not isinstance(document, dict):
            raise InputError(f"{path}: damaged: is not a summary")
        return document

    @cached_property
    def replications(self) -> npt.NDArray[np.int64]:
        """The numbers of the finished replications, int64[n], ascending."""
        return self._read("outcomes", ["replication"])["replication"].astype(np.int64)

    @cached_property
    def statuses(self) -> npt.NDArray[np.int8]:
        """DONE, TRUNCATED or FAILED for each finished replication, int8[n]."""
        words = self._read("outcomes", ["status"])["status"]
        if len(words) != self.finished:
            raise InputError(f"{self.folder / 'outcomes'}: has {len(words)} replications of {self.finished}")
        return np.array([STATUS_NAMES.index(word) for word in words], dtype=np.int8)

    def columns(self, names: Sequence[str]) -> dict[str, npt.NDArray[np.float64]]:
        """Return outcomes of every finished replication, float64[n] each; KeyError for an unknown name."""
        for name in names:
            if name not in self.header.columns:
                raise KeyError(name)
        columns = self._read("outcomes", names)
        return {name: values.astype(np.float64, copy=False) for name, values in columns.items()}

    def acts(self, columns: Iterable[str]) -> dict[str, npt.NDArray[Any]]:
        """Return columns of the kept acts (see results/README.md for their names)."""
        return self._read("acts", columns)

    def causes(self) -> dict[str, npt.NDArray[Any]]:
        """Return who caused what in the kept replications: `replication`, `act`, `cause`, `share`."""
        return self._read("causes", ["replication", "act", "cause", "share"])

    def _read(self, table: str, columns: Iterable[str]) -> dict[str, npt.NDArray[Any]]:
        paths = sorted((self.folder / table).glob("*.parquet"))
        try:
            return read_columns(paths, columns)
        except (duckdb.Error, OSError) as error:
            reason = str(error).split("\n")[0]
            raise InputError(f"{self.folder / table}: damaged or unreadable: {reason}") from error


def open_run(folder: Path) -> Run:
    """Return the run in `folder`; InputError when there is none or its manifest is damaged."""
    path = folder / "manifest.json"
    if not path.is_file():
        raise InputError(no_run(folder))
    if kind := other_kind(folder):
        raise InputError(f"{folder}: is a {kind}, not a run; `escalation resume {folder}` shows it again")
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        newer = manifest["schema_version"] > SCHEMA_VERSION
        run = Run(folder, manifest, Header.from_json(manifest["header"]))
        _ = run.seed, run.asked, run.finished, run.seconds, run.interrupted, run.failures
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: damaged: {type(error).__name__}: {error}") from error
    if newer:
        raise InputError(f"{path}: was written by a newer version of escalation; upgrade to read it")
    return run
