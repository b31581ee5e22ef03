"""A kind of study that keeps a folder: what its documents hold, and how they are told from others."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from escalation.ensemble.identity import library_version, run_identity, surroundings
from escalation.ensemble.place import default_folder, hidden_of, shown_of
from escalation.errors import InputError
from escalation.scenario.document import Scenario
from escalation.scenario.load import load
from escalation.scenario.write import content_hash

SCENARIO, MANIFEST = "scenario.yaml", "manifest.json"


class Plan(Protocol):
    """What the plan of every study tells; `name` is the scenario's, where it has one."""

    @property
    def scenario(self) -> Scenario:
        """What is played."""

    @property
    def name(self) -> str | None:
        """Its name."""

    @property
    def overrides(self) -> tuple[str, ...]:
        """What of its file was changed."""

    @property
    def seed(self) -> int:
        """What all chance comes from."""

    @property
    def replications(self) -> int:
        """How many times each point is played."""


@dataclass(frozen=True)
class Kind:
    """One kind of study that keeps a folder.

    `name` and `version` are the `kind` and `schema_version` of its documents, `command` is what makes it.
    `noun` and `pieces` are what it and its parts are called. `asked` is the file of what was asked for;
    `scraps` are what goes when it is whole. What has to be the same for it to be gone on with is what
    `code` returns, and the versions of its own `libraries`.
    """

    name: str
    version: int
    command: str
    noun: str
    pieces: str
    asked: str
    scraps: tuple[str, ...]
    code: Callable[[], str]
    libraries: tuple[str, ...] = ()

    def is_one(self, place: Path) -> bool:
        """Return whether there is a study of this kind of the name `place`, finished or not."""
        return self.is_unfinished(place) or _kind(shown_of(place) / MANIFEST) == self.name

    def is_unfinished(self, place: Path) -> bool:
        """Return whether the study of the name `place` can be gone on with."""
        return _kind(hidden_of(shown_of(place)) / self.asked) == self.name

    def new_folder(self, name: str, plan: Plan, described: str) -> Path:
        """Return a new folder's name below `results/`, for a study of the scenario of that `name`.

        `described` says what the study depends on beside the scenario, the seed and the replications.
        """
        identity = run_identity(f"{content_hash(plan.scenario)} {described}", plan.seed, plan.replications)
        return default_folder(f"{name}-{self.command}", identity, datetime.now(UTC))

    def read(self, path: Path) -> dict[str, Any]:
        """Return a document of this kind; InputError when there is none, or it is damaged or too new."""
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            if document["kind"] != self.name:
                raise ValueError(f"this is a {document['kind']}")
            newer = document["schema_version"] > self.version
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}: damaged or missing: {type(error).__name__}: {error}") from error
        if newer:
            raise InputError(f"{path}: was written by a newer version of escalation; upgrade to read it")
        return dict(document)

    def asking(self, plan: Plan, source: str | None, **further: Any) -> dict[str, Any]:
        """Return the document of what is asked for; `source` is the scenario's, as it was named."""
        scenario = plan.scenario
        around = surroundings()
        around["libraries"] |= {name: library_version(name) for name in self.libraries}
        return {
            "schema_version": self.version,
            "kind": self.name,
            "scenario": {
                "name": plan.name,
                "source": source,
                "title": scenario.title,
                "sha256": content_hash(scenario),
            },
            "overrides": list(plan.overrides),
            "seed": plan.seed,
            **further,
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
            "surroundings": around,
            "code": self.identity(),
        }

    def identity(self) -> str:
        """Return what has to be the same for a study to be gone on with."""
        versions = (f"{name} {library_version(name) or 'absent'}" for name in self.libraries)
        return ", ".join([self.code(), *versions])

    def require_same_code(self, folder: Path, asked: Mapping[str, Any]) -> None:
        """Raise InputError when other code than this began the study of the name `folder`."""
        if asked["code"] != (here := self.identity()):
            raise InputError(
                f"{folder}: was begun by other code and cannot be gone on with: it has {asked['code']};"
                f" this is {here}; go on with that version, or begin anew"
            )

    def scenario_in(self, folder: Path, asked: Mapping[str, Any]) -> Scenario:
        """Return the scenario kept in `folder`; InputError when it is not the one that was asked for."""
        file = folder / SCENARIO
        scenario = load(file)
        if content_hash(scenario) != asked["scenario"]["sha256"]:
            raise InputError(
                f"{file}: was changed since the {self.noun} began; its {self.pieces} would not fit together"
            )
        return scenario


def text_of(document: Any, ascii_only: bool = True) -> str:
    """Return the text of a JSON file; `ascii_only` for one with a command line, which may be no Unicode."""
    return json.dumps(document, indent=1, ensure_ascii=ascii_only, allow_nan=False) + "\n"


def _kind(path: Path) -> str | None:
    try:
        return str(json.loads(path.read_text(encoding="utf-8")).get("kind"))
    except (OSError, ValueError, AttributeError):
        return None
