"""A run's folder, read back column by column; which results there are below a folder, finished or not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt

from escalation.ensemble.folder import (
    MANIFEST,
    RESULTS,
    final_of,
    is_locked,
    reason,
    shortened,
    staging_of,
    stored_folders,
)
from escalation.ensemble.journal import PROGRESS, TABLES, ShardRecord
from escalation.ensemble.manifest import SCENARIO, SUMMARY, Manifest, damage, read_document
from escalation.ensemble.parquet import STATUS_NAMES, read_columns
from escalation.ensemble.prompt import Shown, brief
from escalation.ensemble.result import SAMPLE
from escalation.errors import ByName, InputError, UnknownName, did_you_mean
from escalation.model.header import Header
from escalation.scenario import files

ACT_COLUMNS = (
    *("replication", "act", "origin", "date", "time", "actor", "target", "instrument", "family", "size"),
    *("package", "parent", "in_force", "lapsed"),
)
"""The columns of the table of acts."""
RUN = "run"
NAMED = 3
"""Runs at most that an error names."""


@dataclass(frozen=True, repr=False)
class Run(Shown):
    """A run on disk: its manifest at once, its columns when they are asked for.

    What is read is first held against the manifest, file by file, once. Every property and method raises
    InputError when a file is missing, damaged, or another than the one that was stored.
    """

    folder: Path
    manifest: Manifest
    _checked: set[str] = field(default_factory=set, repr=False, compare=False)

    def brief(self) -> str:
        """Return three lines: what was run, how often, where it is."""
        finished = f"{self.finished:,} of {self.asked:,} replications, seed {self.seed}"
        where = f"{finished}, stored in {self.folder}"
        return brief("run", self.header.title, where, "print() shows its summary; .table() its rows")

    def table(self, name: str = "outcomes") -> dict[str, npt.NDArray[Any]]:
        """Return a table as columns, as pandas, Polars, Arrow and DuckDB take them.

        `name` is `outcomes` (one row for each replication), `acts` or `causes` (of the replications whose
        acts are stored).
        """
        if name not in TABLES:
            raise InputError(f"table {name}: allowed are {', '.join(TABLES)}{did_you_mean(name, TABLES)}")
        if name == "causes":
            return ByName("column", self.causes())
        columns = ["replication", "status", *self.header.columns]
        return ByName("column", self._read(name, columns if name == "outcomes" else ACT_COLUMNS))

    @property
    def header(self) -> Header:
        """What the columns mean."""
        return self.manifest.header

    @property
    def name(self) -> str | None:
        """The name of its scenario; None for one that came from no file."""
        return self.manifest.scenario.name

    @property
    def overrides(self) -> tuple[str, ...]:
        """What of the scenario's file was changed for it."""
        return self.manifest.overrides

    @property
    def seed(self) -> int:
        """The seed of the ensemble."""
        return self.manifest.seed

    @property
    def asked(self) -> int:
        """How many replications were asked for."""
        return self.manifest.replications.asked

    @property
    def finished(self) -> int:
        """How many replications were finished."""
        return self.manifest.replications.finished

    @property
    def with_acts(self) -> int:
        """Of how many replications, the first ones, the acts were stored."""
        return {"none": 0, "sample": min(SAMPLE, self.asked)}.get(self.manifest.acts, self.asked)

    @property
    def seconds(self) -> float:
        """How long the replications took."""
        return self.manifest.seconds

    @property
    def interrupted(self) -> bool:
        """True when not all replications were run."""
        return self.manifest.status == "interrupted"

    @property
    def failures(self) -> Mapping[int, str]:
        """What stopped each failed replication, by its number."""
        return {failure.replication: failure.message for failure in self.manifest.failures}

    @property
    def scenario(self) -> Path:
        """The file of the scenario as it was run."""
        return self.file(SCENARIO)

    @cached_property
    def summary(self) -> Mapping[str, Any]:
        """The summary that was stored with the run, as plain JSON values."""
        path = self.file(SUMMARY)
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
        return np.array([STATUS_NAMES.index(word) for word in words], dtype=np.int8)

    def columns(self, names: Sequence[str]) -> dict[str, npt.NDArray[np.float64]]:
        """Return outcomes of every finished replication, float64[n] each; KeyError for an unknown name."""
        for name in names:
            if name not in self.header.columns:
                raise UnknownName("outcome", name, self.header.columns)
        columns = self._read("outcomes", names)
        return {name: values.astype(np.float64, copy=False) for name, values in columns.items()}

    def acts(self, columns: Iterable[str]) -> dict[str, npt.NDArray[Any]]:
        """Return columns of the stored acts (see results/README.md for their names)."""
        return self._read("acts", columns)

    def causes(self) -> dict[str, npt.NDArray[Any]]:
        """Return who caused what in the replications whose acts are stored: one row per share."""
        return self._read("causes", ["replication", "act", "cause", "share"])

    def file(self, name: str) -> Path:
        """Return the path of the file `name`, which is the one that was stored."""
        self._check(name)
        if name not in self.manifest.files:
            raise InputError(f"{self.folder / name}: was not stored with the run")
        return self.folder / name

    def files(self, table: str) -> list[Path]:
        """Return the paths of the files of a table (`outcomes`, `acts`, `causes`), in order."""
        self._check(f"{table}/")
        return [self.folder / name for name in sorted(self.manifest.files) if name.startswith(f"{table}/")]

    def require_sound(self) -> None:
        """Raise InputError when any file is missing, damaged, or another than the one that was stored."""
        self._check("")

    def _check(self, prefix: str) -> None:
        if prefix not in self._checked:
            if fault := damage(self.folder, self.manifest.files, prefix):
                raise InputError(fault)
            self._checked.add(prefix)

    def _read(self, table: str, columns: Iterable[str]) -> dict[str, npt.NDArray[Any]]:
        paths = self.files(table)
        try:
            arrays = read_columns(paths, columns)
        except (duckdb.Error, OSError) as error:
            raise InputError(f"{self.folder / table}: damaged or unreadable: {reason(error)}") from error
        rows = len(next(iter(arrays.values()), ()))
        if table == "outcomes" and arrays and rows != self.finished:
            raise InputError(f"{self.folder / table}: has {rows} replications of {self.finished}")
        return arrays


def open_run(folder: Path) -> Run:
    """Return the run in `folder`; InputError when there is none or its manifest is damaged."""
    path = folder / MANIFEST
    try:
        if not path.is_file():
            raise InputError(no_run(folder))
    except OSError as error:
        raise InputError(f"{shortened(folder)}: cannot be read: {reason(error)}") from error
    if kind := other_kind(folder):
        raise InputError(f"{folder}: is a {kind}, not a run; `escalation summary {folder}` shows it")
    return Run(folder, read_document(path, Manifest))


# ---- which results there are


class CatalogueEntry(NamedTuple):
    """What a folder shows of itself. `kind` is `run` or another piece of work with a folder of its own.

    `scenario` is a name or a title, `started` a time in ISO format, `finished` counts replications (None
    where they do not make up the work). `status` is the manifest's; of what has none yet, `unfinished`, or
    `under way` while a process is at work on it.
    """

    kind: str
    scenario: str
    started: str
    finished: int | None
    seed: str
    status: str
    overrides: tuple[str, ...]


def other_kind(folder: Path) -> str | None:
    """Return what is in a folder that has a manifest but is no run: `sweep`, `tuning`, …"""
    try:
        kind = json.loads((folder / MANIFEST).read_text(encoding="utf-8")).get("kind", RUN)
    except (OSError, ValueError, AttributeError, RecursionError):
        return None
    return None if kind == RUN else str(kind)


def entry_of(folder: Path) -> CatalogueEntry | None:
    """Return what the manifest of a folder shows, None where it is damaged."""
    return _entry(folder / MANIFEST, lambda plain: str(plain["status"]), lambda _: None)


def unfinished_entry(hidden: Path) -> CatalogueEntry | None:
    """Return what the hidden folder of an unfinished piece of work shows, None where nothing is in it.

    The code that began it may be other than this.
    """

    def status(_: Any) -> str:
        return "under way" if is_locked(hidden / "lock") else "unfinished"

    def finished(_: Any) -> int:
        return sum(map(_replications, (hidden / PROGRESS).glob("[0-9]*.json")))

    asked = hidden / PROGRESS / "run.json"
    return _entry(asked if asked.is_file() else hidden / "asked.json", status, finished)


def _entry(
    path: Path, status: Callable[[Any], str], finished: Callable[[Any], int | None]
) -> CatalogueEntry | None:
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        kind, scenario = plain.get("kind", RUN), plain["scenario"]
        return CatalogueEntry(
            kind, str(scenario["name"] or scenario["title"]), str(plain["started"]),
            finished(plain) if kind == RUN else None, str(plain.get("seed", "")), status(plain),
            tuple(map(str, plain.get("overrides", ()))),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _replications(record: Path) -> int:
    try:
        return read_document(record, ShardRecord).replications
    except InputError:
        return 0


def no_run(folder: Path) -> str:
    """Return why there is no run at `folder`, and what to do. Raises OSError."""
    scenario = _scenario(folder)
    if scenario is not None and not folder.is_dir():
        runs = _runs(RESULTS / scenario)
        instead = f"its runs: {_listed(runs)}" if runs else f"`escalation run {folder}` makes one"
        return f"{folder}: is a scenario, not a run; {instead}"
    if folder.is_file():
        folder_of_file = f", here {folder.parent}" if (folder.parent / MANIFEST).is_file() else ""
        return f"{folder}: is a file; a run is a folder{folder_of_file}"
    if staging_of(folder).is_dir():
        return f"{folder}: is not finished; `escalation resume {final_of(folder)}` resumes it"
    if folder.is_dir():
        inside = f"; runs in it: {_listed(runs)}" if (runs := _runs(folder)) else ""
        return f"{folder}: is not the folder of a run: it has no manifest.json{inside}"
    hint = did_you_mean(str(folder), [str(run) for run in _runs(RESULTS)])
    return f"{shortened(folder)}: no such folder; `escalation runs` lists the runs below {RESULTS}/{hint}"


def _runs(folder: Path) -> list[Path]:
    return [path for path in stored_folders(folder) if other_kind(path) is None]


def _listed(runs: list[Path]) -> str:
    more = f" and {len(runs) - NAMED} more" if len(runs) > NAMED else ""
    return ", ".join(str(run) for run in reversed(runs[-NAMED:])) + more


def _scenario(folder: Path) -> str | None:
    """Return the name of the scenario that is meant, None when it is none."""
    name = str(folder).removeprefix(files.PREFIX)
    if name in files.shipped_names():
        return name
    return folder.stem if folder.suffix in (".yaml", ".yml") and folder.is_file() else None
