"""The folder of a sensitivity analysis: built beside its place piece by piece, named when it is whole.

While it is built it holds `scenario.yaml`, `asked.json` (what was asked for) and `pieces/*.npz` (what came of
the finished pieces of the designs). At the end `manifest.json`, `sensitivity.json`, `morris.parquet` and
`sobol.parquet` take the place of all but the scenario.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from escalation.ensemble.durable import appearing, write_text
from escalation.ensemble.identity import library_version, surroundings
from escalation.ensemble.journal import code
from escalation.ensemble.parquet import connect, identifier, literal
from escalation.ensemble.place import Workshop, hidden_of, shown_of, unwritable
from escalation.errors import InputError
from escalation.scenario.load import load
from escalation.scenario.parse_expression import parse
from escalation.scenario.write import content_hash, dump
from escalation.study.points.levers import lever_of
from escalation.study.sensitivity.document import document, from_document, rows_of
from escalation.study.sensitivity.plan import SensitivityPlan
from escalation.study.sensitivity.rows import Played
from escalation.study.sensitivity.sensitivity import Sensitivity

KIND = "sensitivity"
SCHEMA_VERSION = 1
ASKED, PIECES, RESULT = "asked.json", "pieces", "sensitivity.json"
NUMBERS = ("seed", "replications", "points", "trajectories", "top")


class Pieces(MutableMapping[str, Played]):
    """Finished pieces as files of a folder; a torn one is not there. Raises OSError when one is put in."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._held: dict[str, Played] = {}
        for path in sorted(folder.glob("*.npz")) if folder.is_dir() else ():
            if played := _read_piece(path):
                self._held[path.stem] = played

    def __getitem__(self, name: str) -> Played:
        return self._held[name]

    def __setitem__(self, name: str, played: Played) -> None:
        self._folder.mkdir(exist_ok=True)
        with appearing(self._folder / f"{name}.npz") as part, part.open("wb") as file:
            np.savez(file, values=played.values, wrong=np.array([played.failed, played.truncated]))
        self._held[name] = played

    def __delitem__(self, name: str) -> None:
        del self._held[name]
        (self._folder / f"{name}.npz").unlink()

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    @property
    def points(self) -> int:
        """How many points are finished."""
        return sum(played.values.shape[0] * played.values.shape[1] for played in self._held.values())


class SensitivityStore:
    """Keeps one analysis as its pieces come in. Raises InputError or EnvironmentFault for a bad place."""

    def __init__(self, workshop: Workshop, asked: Mapping[str, Any]):
        self._workshop, self._asked = workshop, asked
        self.pieces = Pieces(workshop.hidden / PIECES)

    @property
    def folder(self) -> Path:
        """Its name when it is finished."""
        return self._workshop.folder

    @classmethod
    def new(cls, folder: Path, plan: SensitivityPlan, source: str | None) -> SensitivityStore:
        """Return the store of a new analysis; `source` is the scenario's, as it was named."""
        workshop = Workshop.new(folder)
        asked = _asked(plan, source)
        try:
            write_text(workshop.hidden / "scenario.yaml", dump(plan.scenario))
            write_text(workshop.hidden / ASKED, json.dumps(asked, indent=1, allow_nan=False) + "\n")
        except OSError as error:
            workshop.discard()
            raise unwritable(folder, error) from error
        return cls(workshop, asked)

    @classmethod
    def reopen(cls, place: Path) -> tuple[SensitivityStore, SensitivityPlan]:
        """Return the store of an analysis that was interrupted, and its plan.

        Raises InputError when another process is at work on it, or other code or another file began it.
        """
        workshop = Workshop.open(shown_of(place))
        try:
            asked = _read(workshop.hidden / ASKED)
            return cls(workshop, asked), _plan(asked, workshop.hidden / "scenario.yaml")
        except BaseException:
            workshop.close()
            raise

    def finish(self, found: Sensitivity, files: Mapping[str, bytes]) -> Path:
        """Write the results and further `files`, and give the folder its name. Raises EnvironmentFault."""
        hidden = self._workshop.hidden
        manifest = {key: value for key, value in self._asked.items() if key != "code"} | {
            "status": "complete",
            "played": found.played,
            "failed": found.failed,
            "truncated": found.truncated,
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(found.seconds, 3),
        }
        try:
            for table, rows in rows_of(found).items():
                _write_table(hidden / f"{table}.parquet", rows)
            for name, content in files.items():
                with appearing(hidden / name) as part:
                    part.write_bytes(content)
            for name, plain in ((RESULT, document(found)), ("manifest.json", manifest)):
                write_text(
                    hidden / name, json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
                )
            (hidden / ASKED).unlink()
            shutil.rmtree(hidden / PIECES)
            self._workshop.open_to_view()
        except (OSError, duckdb.Error) as error:
            raise unwritable(self._workshop.folder, error) from error
        return self._workshop.folder

    def close(self) -> Path | None:
        """Leave it unfinished: return the folder's name if any piece of it is kept, else leave nothing."""
        if len(self.pieces):
            self._workshop.close()
            return self._workshop.folder
        self._workshop.discard()
        return None

    def release(self) -> None:
        """Leave it as it is, for others."""
        self._workshop.close()


def is_sensitivity(place: Path) -> bool:
    """Return whether there is a sensitivity analysis of the name `place`, finished or not."""
    folder = shown_of(place)
    return any(_kind(path) == KIND for path in (hidden_of(folder) / ASKED, folder / "manifest.json"))


def is_unfinished(place: Path) -> bool:
    """Return whether the analysis of the name `place` can be gone on with."""
    return _kind(hidden_of(shown_of(place)) / ASKED) == KIND


def open_sensitivity(folder: Path) -> Sensitivity:
    """Return a finished analysis; InputError when there is none, or it is damaged."""
    manifest, found = _read(folder / "manifest.json"), _read(folder / RESULT)
    try:
        return replace(from_document(found), folder=folder, seconds=float(manifest["seconds"]))
    except (KeyError, ValueError, TypeError) as error:
        raise InputError(f"{folder / RESULT}: damaged: {type(error).__name__}: {error}") from error


def _asked(plan: SensitivityPlan, source: str | None) -> dict[str, Any]:
    around = surroundings()
    around["libraries"] |= {name: library_version(name) for name in ("scipy", "SALib")}
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": KIND,
        "scenario": {
            "name": plan.name,
            "source": source,
            "title": plan.scenario.title,
            "sha256": content_hash(plan.scenario),
        },
        "overrides": list(plan.overrides),
        "levers": [lever.text for lever in plan.levers],
        "expressions": [str(expression) for expression in plan.expressions],
        "left_out": list(plan.left_out),
        **{name: getattr(plan, name) for name in NUMBERS},
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "surroundings": around,
        "code": _code(),
    }


def _code() -> str:
    """Return what has to be the same for an analysis to be gone on with."""
    return ", ".join([code(), *(f"{name} {library_version(name)}" for name in ("scipy", "SALib"))])


def _read(path: Path) -> dict[str, Any]:
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        if plain["kind"] != KIND:
            raise ValueError(f"this is a {plain['kind']}")
        newer = plain["schema_version"] > SCHEMA_VERSION
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: damaged or missing: {type(error).__name__}: {error}") from error
    if newer:
        raise InputError(f"{path}: was written by a newer version of escalation; upgrade to read it")
    return dict(plain)


def _plan(asked: Mapping[str, Any], file: Path) -> SensitivityPlan:
    if asked["code"] != _code():
        raise InputError(
            f"{file.parent}: was begun by other code and cannot be gone on with: it has {asked['code']};"
            f" this is {_code()}; go on with that version, or begin anew"
        )
    scenario = load(file)
    if content_hash(scenario) != asked["scenario"]["sha256"]:
        raise InputError(f"{file}: was changed since the analysis began; its pieces would not fit together")
    return SensitivityPlan(
        scenario,
        tuple(map(lever_of, asked["levers"])),
        tuple(map(parse, asked["expressions"])),
        **{name: int(asked[name]) for name in NUMBERS},
        name=asked["scenario"]["name"],
        overrides=tuple(asked["overrides"]),
        left_out=tuple(asked["left_out"]),
    )


def _read_piece(path: Path) -> Played | None:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            failed, truncated = stored["wrong"].tolist()
            return Played(stored["values"], failed, truncated)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _write_table(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write tidy rows as Parquet: texts, and numbers with None for what cannot be said."""
    texts = {name for name, value in rows[0].items() if isinstance(value, str)}
    cells = ", ".join(f"{identifier(name)} {'VARCHAR' if name in texts else 'DOUBLE'}" for name in rows[0])
    with appearing(path) as part, connect() as connection:
        connection.execute(f"CREATE TABLE rows ({cells})")
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(f"INSERT INTO rows VALUES ({marks})", [list(row.values()) for row in rows])
        connection.execute(f"COPY rows TO {literal(str(part))} (FORMAT parquet, COMPRESSION zstd)")


def _kind(path: Path) -> str | None:
    try:
        return str(json.loads(path.read_text(encoding="utf-8")).get("kind"))
    except (OSError, ValueError, AttributeError):
        return None
