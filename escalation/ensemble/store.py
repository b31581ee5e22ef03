"""The folder of a run, written as its shards come in; begun anew, or resumed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from types import MappingProxyType
from typing import Any

import duckdb
import numpy as np

from escalation.ensemble import result
from escalation.ensemble.folder import (
    MANIFEST,
    StagingFolder,
    atomic,
    final_of,
    link,
    require_free,
    staging_of,
    unwritable,
    write_text,
)
from escalation.ensemble.identity import model_identity, surroundings
from escalation.ensemble.journal import PROGRESS, RunJournal, code, shard_file
from escalation.ensemble.manifest import (
    CRATE,
    SCENARIO,
    Failure,
    FileIdentity,
    Manifest,
    ReplicationCounts,
    RunRequest,
    crate_of,
    write_document,
)
from escalation.ensemble.parquet import write_acts, write_causes, write_outcomes
from escalation.ensemble.read import open_run
from escalation.ensemble.result import Ensemble, Resumed, Shard, StoredReducer, tally
from escalation.errors import InputError
from escalation.model.header import Header
from escalation.model.world import Columns


class Complete(InputError):
    """There is such a run, and it has nothing left to do."""


class Store:
    """Writes one run. Its folder appears under its name on `finish`, complete, or never.

    Until then it is built in a hidden folder beside it, in which every finished shard stays whatever happens.
    `new` begins a run, `reopen` resumes one; `request` is what was asked for. Before the first shard is
    written, `prepare` says what the columns mean and what was reduced.
    """

    def __init__(self, staging: StagingFolder, request: RunRequest, replacing: bool = False):
        self.folder, self.hidden = staging.folder, staging.hidden
        self.request = request
        self.resumed = Resumed()
        self._staging = staging
        self._journal = RunJournal(staging.hidden)
        self._replacing = replacing
        self._reducer: StoredReducer | None = None
        self._since = monotonic()

    @classmethod
    def new(cls, folder: Path | Callable[[], Path], scenario_text: str, request: RunRequest) -> Store:
        """Return the store of a new run. Raises InputError or EnvironmentFault for a bad place."""
        staging = StagingFolder.new(folder)
        try:
            write_text(staging.hidden / SCENARIO, scenario_text)
            RunJournal(staging.hidden).begin(request)
        except OSError as error:
            staging.discard()
            raise unwritable(staging.folder, error) from error
        return cls(staging, request)

    @classmethod
    def reopen(cls, folder: Path) -> Store:
        """Return the store of the interrupted run of that name, which may be the hidden folder's.

        Raises InputError when there is none, when another process is at work there, and when it was begun by
        other code; EnvironmentFault when the folder cannot be written.
        """
        folder = final_of(folder)
        hidden = staging_of(folder)
        interrupted = (folder / MANIFEST).is_file() and open_run(folder).interrupted
        if not interrupted:
            if not hidden.is_dir():
                raise _nothing(folder)
            require_free(folder)
        try:
            hidden.mkdir(exist_ok=True)
        except OSError as error:
            raise unwritable(folder, error) from error
        staging = StagingFolder.open(folder)
        try:
            if not RunJournal(hidden).exists:
                _carry_over(folder, hidden, interrupted)
            return cls(staging, RunJournal(hidden).request(), interrupted)
        except BaseException:
            staging.close()
            raise

    @property
    def scenario(self) -> Path:
        """The file of its scenario."""
        return self.hidden / SCENARIO

    @property
    def finished(self) -> int:
        """How many replications are on the disk for good."""
        return self._journal.finished

    def prepare(self, header: Header, reducer: StoredReducer | None) -> None:
        """Get ready for shards, and look up what earlier attempts finished; not what is damaged."""
        self.header, self._reducer = header, reducer
        with self._writing():
            self.resumed = self._journal.resumed(reducer)
        self._since = monotonic() - self.resumed.seconds

    def write(self, shard: Shard) -> Path:
        """Write the files of one shard and return that of its outcomes. Raises EnvironmentFault."""
        name = shard_file(shard.number)
        files = [self.hidden / "outcomes" / name]
        with self._writing():
            write_outcomes(shard.replications, shard.statuses, shard.outcomes, self.header, files[0])
            if shard.acts:
                files.append(self.hidden / "acts" / name)
                write_acts(shard.acts, self.header, files[-1])
            if shard.causes:
                files.append(self.hidden / "causes" / name)
                write_causes(shard.causes, files[-1])
            self._journal.commit(shard, files, self._reducer, monotonic() - self._since)
        return files[0]

    def finish(
        self,
        ensemble: Ensemble,
        texts: Mapping[str, str],
        arrays: Mapping[str, Columns] = MappingProxyType({}),
        **further: Any,
    ) -> Path:
        """Write further `texts` and `arrays` (by file name) and the manifest, and give the folder its name.

        `further` is what the manifest says otherwise than the request. Raises EnvironmentFault when anything
        could not be written; what is finished stays.
        """
        with self._writing():
            for name, columns in arrays.items():
                with atomic(self.hidden / name) as part, part.open("wb") as file:
                    np.savez(file, **columns)  # type: ignore[arg-type]
            for name, text in texts.items():
                write_text(self.hidden / name, text + "\n")
            manifest = self._manifest(ensemble, (*arrays, *texts), further)
            write_document(self.hidden / MANIFEST, manifest)
            write_text(
                self.hidden / CRATE, json.dumps(crate_of(manifest), indent=1, ensure_ascii=False) + "\n"
            )
            self._staging.publish(self._replacing)
        if not ensemble.interrupted:
            shutil.rmtree(self.folder / PROGRESS, ignore_errors=True)
        return self.folder

    def release(self) -> None:
        """Leave it as it is, for others."""
        self._staging.close()

    def close(self) -> Path | None:
        """Give up: return the hidden folder if anything in it is finished, else leave nothing behind."""
        if self.finished:
            self._staging.close()
            return self.hidden
        self._staging.discard()
        return None

    def _manifest(self, ensemble: Ensemble, names: Iterable[str], further: Mapping[str, Any]) -> Manifest:
        asked = {name: getattr(self.request, name) for name in SHARED}
        files = {name: FileIdentity.of(self.hidden / name) for name in (SCENARIO, *names)}
        for record in self._journal.records.values():
            tables = [name for name in record.files if not name.startswith(f"{PROGRESS}/")]
            files |= {name: record.files[name] for name in tables}
        return Manifest(**asked | dict(
            status="interrupted" if ensemble.interrupted else "complete",
            replications=ReplicationCounts(**tally(ensemble)),
            workers=ensemble.workers,
            model=model_identity(),
            replications_per_file=result.SHARD,
            finished=ensemble.finished.replace(microsecond=0),
            seconds=ensemble.seconds,
            failures=tuple(Failure(replication=n, message=text) for n, text in ensemble.failures.items()),
            header=ensemble.header,
            files=files,
            **further,
        ))  # fmt: skip

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except (OSError, duckdb.Error) as error:
            raise unwritable(self.folder, error) from error


SHARED = (
    "scenario", "overrides", "seed", "acts", "clock", "engine", "plan", "precision", "assumptions",
    "identity", "started", "surroundings",
)  # fmt: skip
"""What stands in the manifest as in the request."""


def requested(**asked: Any) -> RunRequest:
    """Return what is asked for, with what this process knows of itself."""
    now = datetime.now(UTC).replace(microsecond=0)
    return RunRequest(**asked, started=now, code=code(), surroundings=surroundings())


def look(folder: Path) -> RunRequest:
    """Return what was asked for in the interrupted run of that name; InputError when there is none."""
    folder = final_of(folder)
    for where in (staging_of(folder), folder):
        if RunJournal(where).exists:
            return RunJournal(where).request()
    raise _nothing(folder)


def _nothing(folder: Path) -> InputError:
    """Return the error that says why there is nothing to resume."""
    if staging_of(folder).is_dir() or open_run(folder).interrupted:
        return InputError(f"{folder}: nothing of it is there to resume; run it anew")
    return Complete(f"{folder}: is complete; there is nothing to resume")


def _carry_over(folder: Path, hidden: Path, interrupted: bool) -> None:
    """Give the finished shards of an interrupted run a second name in the folder that will replace it."""
    source = RunJournal(folder)
    if not interrupted or not source.exists:
        nothing = _nothing(folder)
        shutil.rmtree(hidden, ignore_errors=True)
        raise nothing
    try:
        for path in source.files():
            copy = hidden / path.relative_to(folder)
            copy.parent.mkdir(exist_ok=True)
            link(path, copy)
    except OSError as error:
        shutil.rmtree(hidden, ignore_errors=True)
        raise unwritable(folder, error) from error
