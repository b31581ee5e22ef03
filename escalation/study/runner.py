"""One way for every study: begun, kept piece by piece, interrupted, resumed, opened again.

A study is an object: what is asked of it (a subclass of `Asked`), `play`, and a `Result`. While it is
played, its hidden folder holds `scenario.yaml`, `asked.json` and finished pieces below `progress`. At the
end `KIND.json` (the result), tables and `manifest.json` take their place, and the folder gets its name.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Generic, Literal, TypeVar

import duckdb
from pydantic import Field, ValidationError, field_validator

from escalation.ensemble.folder import (
    MANIFEST,
    StagingFolder,
    final_of,
    staging_of,
    unwritable,
    write_text,
)
from escalation.ensemble.folder import default_folder as free_folder
from escalation.ensemble.identity import library_version, run_identity, surroundings
from escalation.ensemble.interrupts import interrupts_deferred
from escalation.ensemble.journal import code
from escalation.ensemble.parquet import TidyTable, write_table
from escalation.errors import EscalationError, InputError
from escalation.scenario.document import Scenario
from escalation.scenario.load import load
from escalation.scenario.write import content_hash, dump
from escalation.study.execution import (
    LARGEST_SEED,
    MOST_REPLICATIONS,
    REPLICATIONS,
    SEED,
    Execution,
    require_whole,
)
from escalation.study.journal import Journal
from escalation.study.values import Result, ResultPart, RunPart, ScenarioPart

SCENARIO, ASKED, PROGRESS = "scenario.yaml", "asked.json", "progress"
UNSTORED = (ASKED, "lock")
"""Files of a hidden folder that are gone in the end."""


class Asked(ResultPart):
    """What is asked of a scenario: every number of the result follows from it. Raises InputError.

    A study adds fields, all of them plain JSON values, and validators of its own.
    """

    scenario: Scenario = Field(exclude=True)
    """The scenario, as it is played."""
    name: str | None = None
    """The scenario's name, where it has one."""
    overrides: tuple[str, ...] = ()
    """What was changed in its file."""
    seed: int = SEED
    """What all chance comes from."""
    replications: int = REPLICATIONS
    """How many replications each point has."""

    def __init__(self, **values: Any):
        try:
            super().__init__(**values)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or type(self).__name__
            wanted = "allowed is a list of texts" if first["type"] == "tuple_type" else first["msg"].lower()
            raise InputError(f"{where}: found {first['input']!r}; {wanted}") from error

    @field_validator("seed", "replications", mode="before")
    @classmethod
    def _is_whole(cls, value: Any, info: Any) -> int:
        low, high = (0, LARGEST_SEED) if info.field_name == "seed" else (1, MOST_REPLICATIONS)
        return require_whole(info.field_name, value, low, high)

    @property
    def envelope(self) -> dict[str, Any]:
        """The fields that every result has of what was asked."""
        scenario = ScenarioPart.of(self.scenario, self.name)
        return {"scenario": scenario, "seed": self.seed, "overrides": self.overrides}


A = TypeVar("A", bound=Asked)
R = TypeVar("R", bound=Result)


class Study(ABC, Generic[A, R]):
    """One kind of study. `libraries` are those whose versions must be the same for it to be resumed."""

    kind: ClassVar[str]
    asked: type[A]
    result: type[R]
    libraries: tuple[str, ...] = ()

    @abstractmethod
    def play(self, asked: A, execution: Execution, journal: Journal) -> R:
        """Return the result, `run` left out; what `journal` has is not played again.

        On Ctrl-C it raises KeyboardInterrupt, or returns what there is with `run=INTERRUPTED`.
        """

    def work(self, asked: A) -> int:
        """Return how many replications are reported to `execution.on_progress` in all."""
        return asked.replications

    def tables(self, result: R) -> Mapping[str, TidyTable]:  # noqa: ARG002
        """Return tidy tables to be stored as NAME.parquet."""
        return {}

    def files(self, asked: A, result: R) -> Mapping[str, str]:  # noqa: ARG002
        """Return further files to be stored, by name."""
        return {}


INTERRUPTED = RunPart(status="interrupted", folder=None, seconds=0.0)


class Interrupted(EscalationError):
    """Ctrl-C came before there was a result; what is finished is kept where the message says."""

    exit_status = 130


def begin(
    study: Study[A, R], asked: A, execution: Execution, folder: Path | Callable[[], Path] | None = None
) -> R:
    """Play a study, and store it in `folder` where one is named, or given by a function of free names.

    Raises InputError or EnvironmentFault for an unusable folder before anything is played, and Interrupted on
    Ctrl-C where there is no result yet.
    """
    if folder is None:
        return _Attempt(study, asked, execution).played()
    staging = StagingFolder.new(folder)
    document = _document(study, asked)
    try:
        write_text(staging.hidden / SCENARIO, dump(asked.scenario))
        write_text(staging.hidden / ASKED, _text(document))
    except OSError as error:
        staging.discard()
        raise unwritable(staging.folder, error) from error
    return _Attempt(study, asked, execution, staging, document).played()


def resume(study: Study[A, R], folder: Path, execution: Execution) -> R:
    """Finish what was interrupted, to the same result as without the interruption.

    Raises InputError when another process works on it, other code began it, or what was asked is damaged.
    """
    staging = StagingFolder.open(final_of(folder))
    try:
        document = read_document(staging.hidden / ASKED, study)
        if document["code"] != (here := _code(study)):
            raise InputError(
                f"{staging.folder}: was begun by other code and cannot be resumed: it has"
                f" {document['code']}; this is {here}; resume it with that version, or begin anew"
            )
        asked = _asked(study, staging.hidden, document)
    except BaseException:
        staging.close()
        raise
    return _Attempt(study, asked, execution, staging, document).played()


def asked_in(study: Study[A, R], folder: Path) -> A:
    """Return what was asked of a study that is not finished. Raises InputError when it is damaged."""
    hidden = staging_of(final_of(folder))
    return _asked(study, hidden, read_document(hidden / ASKED, study))


def open_result(study: Study[A, R], folder: Path) -> R:
    """Return the result of a finished study; InputError when there is none, or it is damaged."""
    manifest = read_document(folder / MANIFEST, study)
    path = folder / f"{study.kind}.json"
    try:
        content = path.read_bytes()
        if manifest["files"][path.name] != _sha256(content):
            raise InputError(f"{path}: was changed after it was written; its figures cannot be trusted")
        run = RunPart(status="complete", folder=folder, seconds=manifest["seconds"])
        return study.result.model_validate_json(content).model_copy(update={"run": run})
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = str(error).split("\n", maxsplit=1)[0]
        raise InputError(f"{path}: damaged: {type(error).__name__}: {reason}") from error


def is_sound(study: Study[A, R], folder: Path) -> bool:
    """Return whether every file of a finished study is as it was written."""
    try:
        files = read_document(folder / MANIFEST, study)["files"]
        return all(_sha256((folder / name).read_bytes()) == digest for name, digest in files.items())
    except (InputError, OSError, KeyError, AttributeError):
        return False


def default_folder(study: Study[A, R], asked: A) -> Path:
    """Return a new folder's name below `results/`."""
    described = f"{content_hash(asked.scenario)} {asked.model_dump_json()}"
    identity = run_identity(described, asked.seed, asked.replications)
    return free_folder(f"{asked.name or 'scenario'}-{study.kind}", identity, datetime.now(UTC))


def kind_at(folder: Path) -> tuple[str | None, Literal["complete", "unfinished"]]:
    """Return the kind of study that a folder holds (None for another folder), and whether it is finished."""
    hidden = staging_of(final_of(folder))
    if hidden.is_dir():
        return _kind(hidden / ASKED), "unfinished"
    return _kind(final_of(folder) / MANIFEST), "complete"


def read_document(path: Path, study: Study[Any, Any]) -> dict[str, Any]:
    """Return a manifest, or what was asked; InputError where it is missing, damaged or of another version."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        kind, version = document["kind"], int(document["schema_version"])
        if kind != study.kind:
            raise ValueError(f"this is a {kind}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: damaged or missing: {type(error).__name__}: {error}") from error
    if version != study.result.version:
        other = "a newer version of escalation; upgrade to read it"
        older = "an older version of escalation, which alone can read it; begin anew"
        raise InputError(f"{path}: was written by {other if version > study.result.version else older}")
    return dict(document)


class _Attempt(Generic[A, R]):
    """One attempt at a study: counts what is done, and ends it in one of the four ways there are."""

    def __init__(
        self, study: Study[A, R], asked: A, execution: Execution, staging: StagingFolder | None = None,
        document: Mapping[str, Any] | None = None,
    ):  # fmt: skip
        self._study, self._asked, self._staging, self._document = study, asked, staging, document or {}
        self._journal = Journal(staging.hidden / PROGRESS if staging else None)
        self._began, self._done = time.perf_counter(), 0
        self._earlier = sum(self._journal.read("seconds", lambda _, seconds: float(seconds)))
        self._tell = execution.on_progress
        self._execution = replace(execution, on_progress=self._count)

    def played(self) -> R:
        """Return the result, stored where there is a folder. Raises Interrupted."""
        try:
            result = self._study.play(self._asked, self._execution, self._journal)
            seconds = round(self._earlier + time.perf_counter() - self._began, 3)
            if result.run is not None:
                run = RunPart(status="interrupted", folder=self._left(), seconds=seconds)
            else:
                with interrupts_deferred():
                    run = RunPart(status="complete", folder=self._stored(result, seconds), seconds=seconds)
        except KeyboardInterrupt:
            raise self._interrupted() from None
        except BaseException:
            self._left()
            raise
        return result.model_copy(update={"run": run})

    def _count(self, count: int) -> None:
        self._done += count
        if self._tell:
            self._tell(count)

    def _stored(self, result: R, seconds: float) -> Path | None:
        """Write the result, its tables and files, and the manifest; give the folder its name."""
        if self._staging is None:
            return None
        folder, hidden, kind = self._staging.folder, self._staging.hidden, self._study.kind
        try:
            for name, columns in self._study.tables(result).items():
                write_table(hidden / f"{name}.parquet", columns)
            for name, text in self._study.files(self._asked, result).items():
                write_text(hidden / name, text)
            write_text(hidden / f"{kind}.json", result.model_dump_json(indent=1, exclude={"run"}) + "\n")
            write_text(hidden / MANIFEST, _text(self._manifest(seconds, hidden)))
            self._staging.publish()
        except (OSError, duckdb.Error) as error:
            raise unwritable(folder, error) from error
        with suppress(OSError):
            (folder / ASKED).unlink()
        shutil.rmtree(folder / PROGRESS, ignore_errors=True)
        return folder

    def _manifest(self, seconds: float, folder: Path) -> dict[str, Any]:
        stored = [path for path in sorted(folder.iterdir()) if path.is_file() and path.name not in UNSTORED]
        return {key: value for key, value in self._document.items() if key != "code"} | {
            "status": "complete",
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": seconds,
            "files": {path.name: _sha256(path.read_bytes()) for path in stored},
        }

    def _left(self) -> Path | None:
        """Leave the folder unfinished: return its name if any piece is kept, else leave nothing behind."""
        if self._staging is None:
            return None
        if self._journal.is_empty:
            self._staging.discard()
            return None
        with suppress(EscalationError):
            self._journal.append("seconds", time.perf_counter() - self._began)
        self._staging.close()
        return self._staging.folder

    def _interrupted(self) -> Interrupted:
        if self._staging is None:
            return Interrupted("interrupted; nothing is kept, for no folder was named")
        if self._staging.folder.is_dir() and not self._staging.hidden.is_dir():
            return Interrupted(f"interrupted at its end: `escalation resume {self._staging.folder}` shows it")
        folder = self._left()
        if folder is None:
            return Interrupted("interrupted before anything was finished; nothing is kept")
        share = min(99, 100 * self._done // max(1, self._study.work(self._asked)))
        return Interrupted(f"interrupted at {share}%; `escalation resume {folder}` resumes it")


def _document(study: Study[A, R], asked: A) -> dict[str, Any]:
    around = surroundings()
    around["libraries"] |= {name: library_version(name) for name in study.libraries}
    scenario = {"name": asked.name, "title": asked.scenario.title, "sha256": content_hash(asked.scenario)}
    return {
        "schema_version": study.result.version,
        "kind": study.kind,
        "scenario": scenario,
        "overrides": list(asked.overrides),
        "seed": asked.seed,
        "replications": asked.replications,
        "asked": asked.model_dump(mode="json"),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "surroundings": around,
        "code": _code(study),
    }


def _asked(study: Study[A, R], folder: Path, document: Mapping[str, Any]) -> A:
    """Return what was asked, with the scenario that is stored in `folder`."""
    path = folder / SCENARIO
    scenario = load(path)
    try:
        if content_hash(scenario) != document["scenario"]["sha256"]:
            raise InputError(f"{path}: was changed since the study began; its pieces would not fit together")
        return study.asked(**document["asked"], scenario=scenario)
    except (KeyError, TypeError) as error:
        raise InputError(f"{folder / ASKED}: damaged: {type(error).__name__}: {error}") from error


def _code(study: Study[Any, Any]) -> str:
    """Return what has to be the same for a study to be resumed."""
    versions = (f"{name} {library_version(name) or 'absent'}" for name in study.libraries)
    return ", ".join([code(), *versions])


def _kind(path: Path) -> str | None:
    try:
        return str(json.loads(path.read_text(encoding="utf-8")).get("kind"))
    except (OSError, ValueError, AttributeError):
        return None


def _text(document: Any) -> str:
    """Return the text of a JSON file, in ASCII: a command line may be no Unicode."""
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
