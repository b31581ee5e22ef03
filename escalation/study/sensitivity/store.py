"""The folder of a sensitivity analysis.

While it is built, `asked.json` says what was asked for, and `pieces/*.npz` are what came of the finished
pieces of the designs; at the end `sensitivity.json`, `morris.parquet` and `sobol.parquet` take their place.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from escalation.ensemble.durable import appearing, write_text
from escalation.ensemble.journal import code
from escalation.ensemble.parquet import connect, copy_parquet, identifier
from escalation.ensemble.place import Workshop
from escalation.errors import InputError
from escalation.scenario.expression import parse
from escalation.study.folder import StudyFolder
from escalation.study.kind import MANIFEST, Kind, text_of
from escalation.study.points.levers import lever_of
from escalation.study.sensitivity.document import document, from_document, rows_of
from escalation.study.sensitivity.plan import SensitivityPlan
from escalation.study.sensitivity.rows import Played
from escalation.study.sensitivity.sensitivity import Sensitivity

ASKED, PIECES, RESULT = "asked.json", "pieces", "sensitivity.json"
NUMBERS = ("seed", "replications", "points", "trajectories", "top")
SENSITIVITY = Kind(
    name="sensitivity", version=1, command="sensitivity", noun="analysis", pieces="pieces", asked=ASKED,
    scraps=(ASKED, PIECES), code=code, libraries=("scipy", "SALib"),
)  # fmt: skip


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


class SensitivityStore(StudyFolder):
    """Keeps one analysis as its pieces come in."""

    kind = SENSITIVITY

    def __init__(self, workshop: Workshop, asked: Mapping[str, Any]):
        super().__init__(workshop, asked)
        self.pieces = Pieces(self.hidden / PIECES)

    @classmethod
    def new(cls, folder: Path, plan: SensitivityPlan, source: str | None) -> SensitivityStore:
        """Return the store of a new analysis; `source` is the scenario's, as it was named."""
        return cls.begin(folder, plan.scenario, _asked(plan, source))

    @classmethod
    def reopen(cls, place: Path) -> tuple[SensitivityStore, SensitivityPlan]:
        """Return the store of an analysis that was interrupted, and its plan.

        Raises InputError when another process is at work on it, or other code or another file began it.
        """
        with cls.reopening(place) as store:
            plan = _plan(store.asked, store.hidden)
        return store, plan

    @property
    def kept(self) -> int:
        """How many finished pieces are on the disk."""
        return len(self.pieces)

    def finish(self, found: Sensitivity, files: Mapping[str, bytes]) -> Path:
        """Write the results and further `files`, and give the folder its name. Raises EnvironmentFault."""
        counts = {"played": found.played, "failed": found.failed, "truncated": found.truncated}
        with self.finishing(found.seconds, **counts) as folder:
            for table, rows in rows_of(found).items():
                _write_table(folder / f"{table}.parquet", rows)
            for name, content in files.items():
                with appearing(folder / name) as part:
                    part.write_bytes(content)
            write_text(folder / RESULT, text_of(document(found), ascii_only=False))
        return self.folder


def new_folder(name: str, plan: SensitivityPlan) -> Path:
    """Return a new folder's name below `results/` for an analysis of the scenario `name`."""
    words = [lever.text for lever in plan.levers] + [str(one) for one in plan.expressions]
    numbers = (plan.points, plan.trajectories, plan.top)
    return SENSITIVITY.new_folder(name, plan, " ".join([*words, *map(str, numbers)]))


def open_sensitivity(folder: Path) -> Sensitivity:
    """Return a finished analysis; InputError when there is none, or it is damaged."""
    manifest, found = (SENSITIVITY.read(folder / name) for name in (MANIFEST, RESULT))
    try:
        return replace(from_document(found), folder=folder, seconds=float(manifest["seconds"]))
    except (KeyError, ValueError, TypeError) as error:
        raise InputError(f"{folder / RESULT}: damaged: {type(error).__name__}: {error}") from error


def _asked(plan: SensitivityPlan, source: str | None) -> dict[str, Any]:
    return SENSITIVITY.asking(
        plan,
        source,
        levers=[lever.text for lever in plan.levers],
        expressions=[str(expression) for expression in plan.expressions],
        left_out=list(plan.left_out),
        **{name: getattr(plan, name) for name in NUMBERS if name != "seed"},
    )


def _plan(asked: Mapping[str, Any], folder: Path) -> SensitivityPlan:
    return SensitivityPlan(
        SENSITIVITY.scenario_in(folder, asked),
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
        copy_parquet(connection, "FROM rows", part)
