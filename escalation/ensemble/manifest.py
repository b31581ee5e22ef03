"""The documents of a run's folder: what was asked for, what came of it, and which files hold it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from escalation import __version__
from escalation.ensemble.engine import Acts
from escalation.ensemble.folder import MANIFEST, reason, shortened, write_text
from escalation.errors import InputError
from escalation.model.header import Header

SCHEMA_VERSION = 2
SCENARIO, SUMMARY = "scenario.yaml", "summary.json"


class Frozen(BaseModel):
    """A document, or part of one: what is written is what is read, and nothing else."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


Document = TypeVar("Document", bound=Frozen)


class FileIdentity(Frozen):
    """What a file is recognised by: its size, and its hash unless it was last changed when it was stored."""

    bytes: int
    modified: int
    """In nanoseconds."""
    sha256: str

    @classmethod
    def of(cls, path: Path) -> Self:
        """Return the identity of a file. Raises OSError."""
        status = path.stat()
        return cls(bytes=status.st_size, modified=status.st_mtime_ns, sha256=_sha256(path))

    def fault(self, folder: Path, name: str) -> str | None:
        """Return why the file `name` of a run's `folder` is not this one; None where it is."""
        path = folder / name
        try:
            status = path.stat()
            if status.st_size == self.bytes:
                with path.open("rb"):
                    if status.st_mtime_ns == self.modified or _sha256(path) == self.sha256:
                        return None
            return _other_run(folder, path) or "was changed since the run was stored"
        except FileNotFoundError:
            return "is missing"
        except OSError as error:
            return f"cannot be read: {reason(error)}"


class ScenarioSource(Frozen):
    """Which scenario was played: its `name` where it has one, `source` as it was named, and its hash."""

    name: str | None
    source: str | None
    title: str
    sha256: str


class RunRequest(Frozen):
    """What was asked for: all that a run's numbers depend on, and how they are computed.

    `identity` is the hash of all that the numbers follow from, this code included; empty where a policy in
    Python has a say. `plan` is the flywheel's, `precision` the rule that ends the run, as their studies write
    them; `assumptions` is how far these were drawn apart.
    """

    schema_version: int = SCHEMA_VERSION
    kind: Literal["run"] = "run"
    scenario: ScenarioSource
    overrides: tuple[str, ...] = ()
    seed: int
    replications: int
    acts: Acts
    clock: str
    engine: str
    plan: dict[str, Any]
    precision: dict[str, Any] | None = None
    assumptions: float | None = None
    identity: str = ""
    started: datetime
    code: str
    surroundings: dict[str, Any]


class ReplicationCounts(Frozen):
    """How many replications were asked for, finished, failed and truncated."""

    asked: int
    finished: int
    failed: int
    truncated: int


class Failure(Frozen):
    """A replication that was stopped by an error."""

    replication: int
    message: str


class Manifest(Frozen):
    """What a run was, and the identity of each of its files by its path in the folder."""

    schema_version: int = SCHEMA_VERSION
    kind: Literal["run"] = "run"
    status: Literal["complete", "interrupted"]
    scenario: ScenarioSource
    overrides: tuple[str, ...]
    seed: int
    replications: ReplicationCounts
    acts: Acts
    clock: str
    engine: str
    workers: int
    plan: dict[str, Any]
    precision: dict[str, Any] | None
    assumptions: float | None = None
    identity: str = ""
    model: str
    replications_per_file: int
    started: datetime
    finished: datetime
    seconds: float
    surroundings: dict[str, Any]
    failures: tuple[Failure, ...]
    header: Header
    files: dict[str, FileIdentity]


CRATE, PROFILE = "ro-crate-metadata.json", "https://w3id.org/ro/crate/1.1"
FORMATS = {
    ".json": "application/json", ".npz": "application/zip", ".parquet": "application/vnd.apache.parquet",
    ".yaml": "application/yaml",
}  # fmt: skip


def crate_of(run: Manifest) -> dict[str, Any]:
    """Return what a run was as an RO-Crate (PROFILE), which archives and catalogues of data read."""
    software = {
        "@id": "#escalation", "@type": "SoftwareApplication", "name": "escalation", "version": __version__
    }  # fmt: skip
    numbers = {"seed": run.seed, "replications": run.replications.asked, "assumptions": run.assumptions}
    parameters = [
        {"@id": f"#{name}", "@type": "PropertyValue", "name": name, "value": value}
        for name, value in numbers.items()
        if value is not None
    ]
    files = [
        {
            "@id": name, "@type": "File", "encodingFormat": FORMATS[Path(name).suffix],
            "contentSize": str(identity.bytes), "sha256": identity.sha256,
        }
        for name, identity in run.files.items()
    ]  # fmt: skip
    parts = [{"@id": name} for name in run.files]
    action = {
        "@id": "#run", "@type": "CreateAction", "name": f"Simulation of {run.scenario.title}",
        "startTime": run.started.isoformat(), "endTime": run.finished.isoformat(),
        "instrument": {"@id": "#escalation"},
        "object": [{"@id": SCENARIO}, *({"@id": parameter["@id"]} for parameter in parameters)],
        "result": [part for part in parts if part["@id"] != SCENARIO],
    }  # fmt: skip
    root = {
        "@id": "./", "@type": "Dataset", "name": run.scenario.title, "description": run.header.question,
        "datePublished": run.finished.isoformat(), "hasPart": parts,
        "mentions": {"@id": "#run"},
    }  # fmt: skip
    crate = {
        "@id": CRATE, "@type": "CreativeWork", "about": {"@id": "./"}, "conformsTo": {"@id": PROFILE}
    }  # fmt: skip
    return {"@context": f"{PROFILE}/context", "@graph": [crate, root, *files, action, *parameters, software]}


def write_document(path: Path, document: Frozen) -> None:
    """Write a document, whole or not at all. Raises OSError."""
    # a command line may be no Unicode
    text = json.dumps(document.model_dump(mode="json"), indent=1, allow_nan=False)
    write_text(path, text + "\n")


def read_document(path: Path, model: type[Document]) -> Document:
    """Return the document at `path`; InputError when it is missing, damaged, or of another version."""
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        version = plain.get("schema_version", SCHEMA_VERSION)
        if isinstance(version, int) and version != SCHEMA_VERSION:
            age = "a newer version of escalation; upgrade to read it" if version > SCHEMA_VERSION else (
                "an older version of escalation; read it with that, or run the scenario anew"
            )  # fmt: skip
            raise InputError(f"{path}: was written by {age}")
        return model.model_validate(plain)
    except OSError as error:
        raise InputError(f"{shortened(path)}: damaged or missing: {reason(error)}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "document"
        raise InputError(
            f"{path}: damaged: {where}: {first['msg'][:1].lower() + first['msg'][1:]}"
        ) from error
    except (ValueError, AttributeError, RecursionError) as error:
        raise InputError(f"{path}: damaged: {type(error).__name__}: {error}") from error


def damage(folder: Path, files: Mapping[str, FileIdentity], prefix: str = "") -> str | None:
    """Return what is wrong with the first of the `files` in `folder` that is not as it was stored."""
    for name, identity in files.items():
        if name.startswith(prefix) and (fault := identity.fault(folder, name)):
            return f"{folder / name}: {fault}"
    return None


def _other_run(folder: Path, path: Path) -> str | None:
    """Return which run beside `folder` the file at `path` was stored with, if it was with one."""
    digest = _sha256(path)
    for other in sorted(folder.absolute().parent.glob(f"*/{MANIFEST}")):
        try:
            files = json.loads(other.read_text(encoding="utf-8"))["files"]
            digests = [stored["sha256"] for stored in files.values()]
            if other.parent != folder.absolute() and digest in digests:
                return f"is a file of another run, {other.parent}"
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
