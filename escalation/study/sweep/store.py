"""The folder of a sweep: built beside its place point by point, and given its name when it is whole.

While it is built it holds `scenario.yaml` and, as any run does, `progress/run.json` (what was asked for),
beside it `progress/points.jsonl` with a line for each finished point; at the end `manifest.json`,
`sweep.parquet` and `batches.npz` take the place of `progress`.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from escalation.ensemble.durable import write_text
from escalation.ensemble.identity import surroundings
from escalation.ensemble.journal import FOLDER, code
from escalation.ensemble.place import Workshop, hidden_of, shown_of, unwritable
from escalation.errors import InputError
from escalation.scenario.expression import Expression
from escalation.scenario.load import load
from escalation.scenario.parse_expression import parse
from escalation.scenario.write import content_hash, dump
from escalation.study.objective import Estimate
from escalation.study.points.levers import lever_of
from escalation.study.sweep.sweep import Sweep, SweepPlan, Swept
from escalation.study.sweep.table import read_table, with_batches, write_batches, write_table

KIND = "sweep"
SCHEMA_VERSION = 1
ASKED, POINTS, TABLE = f"{FOLDER}/run.json", f"{FOLDER}/points.jsonl", "sweep.parquet"
BATCHES = "batches.npz"


class SweepStore:
    """Writes one sweep as its points come in. Raises InputError or EnvironmentFault for a bad place."""

    def __init__(self, workshop: Workshop, asked: Mapping[str, Any]):
        self._workshop = workshop
        self._asked = asked
        self.points = 0

    @classmethod
    def new(cls, folder: Path, plan: SweepPlan, source: str | None) -> SweepStore:
        """Return the store of a new sweep; `source` is the scenario's, as it was named."""
        workshop = Workshop.new(folder)
        asked = _asked(plan, source)
        try:
            (workshop.hidden / FOLDER).mkdir()
            write_text(workshop.hidden / "scenario.yaml", dump(plan.scenario))
            write_text(workshop.hidden / ASKED, json.dumps(asked, indent=1, allow_nan=False) + "\n")
        except OSError as error:
            workshop.discard()
            raise unwritable(folder, error) from error
        return cls(workshop, asked)

    @classmethod
    def reopen(cls, place: Path) -> tuple[SweepStore, SweepPlan, list[Swept]]:
        """Return the store of a sweep that was interrupted, its plan, and its finished points.

        Raises InputError when another process is at work on it, or other code or another file began it.
        """
        workshop = Workshop.open(shown_of(place))
        try:
            asked = _read(workshop.hidden / ASKED)
            _require_same_code(workshop.folder, asked)
            plan = _plan(asked | asked["described"], workshop.hidden / "scenario.yaml")
            plan = replace(plan, points=tuple(asked["described"]["points"]))
            done = _finished(workshop.hidden / POINTS, plan)
        except BaseException:
            workshop.close()
            raise
        store = cls(workshop, asked)
        store.points = len(done)
        return store, plan, done

    def point(self, swept: Swept) -> None:
        """Put a finished point on the disk. Raises EnvironmentFault."""
        line = json.dumps(_plain(swept), allow_nan=False)
        try:
            with (self._workshop.hidden / POINTS).open("a", encoding="utf-8") as file:
                file.write(line + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise unwritable(self._workshop.folder, error) from error
        self.points += 1

    def finish(self, sweep: Sweep) -> Path:
        """Write the table and the manifest, and give the folder its name. Raises EnvironmentFault."""
        asked = {key: value for key, value in self._asked.items() if key not in ("code", "acts", "described")}
        manifest = {
            **asked,
            **{key: value for key, value in self._asked["described"].items() if key != "points"},
            "status": "complete",
            "points": len(sweep.done),
            "failed": sweep.failed,
            "truncated": sweep.truncated,
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(sweep.seconds, 3),
        }
        hidden = self._workshop.hidden
        try:
            write_table(hidden / TABLE, sweep)
            write_batches(hidden / BATCHES, sweep)
            write_text(hidden / "manifest.json", json.dumps(manifest, indent=1, allow_nan=False) + "\n")
            self._workshop.open_to_view()
        except (OSError, duckdb.Error) as error:
            raise unwritable(self._workshop.folder, error) from error
        shutil.rmtree(self._workshop.folder / FOLDER, ignore_errors=True)
        return self._workshop.folder

    def release(self) -> None:
        """Leave everything as it is."""
        self._workshop.close()

    def close(self) -> Path | None:
        """Leave it unfinished: return the folder's name if any point of it is kept, else leave nothing."""
        if self.points:
            self._workshop.close()
            return self._workshop.folder
        self._workshop.discard()
        return None


def is_sweep(place: Path) -> bool:
    """Return whether there is a sweep of the name `place`, finished or not."""
    folder = shown_of(place)
    return is_unfinished(place) or _kind(folder / "manifest.json") == KIND


def is_unfinished(place: Path) -> bool:
    """Return whether the sweep of the name `place` can be gone on with."""
    return _kind(hidden_of(shown_of(place)) / ASKED) == KIND


def manifest_of(folder: Path) -> dict[str, Any]:
    """Return what the manifest of a finished sweep says; InputError when there is none, or it is damaged."""
    manifest = _read(folder / "manifest.json")
    needed = ("scenario", "overrides", "levers", "expressions", "points", "replications", "seed", "started")
    if missing := [name for name in needed if name not in manifest]:
        raise InputError(f"{folder / 'manifest.json'}: damaged: it has no {', '.join(missing)}")
    return manifest


def open_sweep(folder: Path) -> Sweep:
    """Return a finished sweep; InputError when there is none, or it is damaged."""
    manifest = manifest_of(folder)
    try:
        plan = _plan(manifest, folder / "scenario.yaml")
        done = with_batches(folder / BATCHES, read_table(folder / TABLE, plan))
        points = tuple(one.point for one in done)
        return Sweep(replace(plan, points=points), done, float(manifest["seconds"]), folder)
    except (OSError, KeyError, ValueError, TypeError, duckdb.Error) as error:
        reason = str(error).split("\n", maxsplit=1)[0]
        raise InputError(f"{folder}: damaged: {type(error).__name__}: {reason}") from error


def _asked(plan: SweepPlan, source: str | None) -> dict[str, Any]:
    scenario = {
        "name": plan.name, "source": source, "title": plan.scenario.title,
        "sha256": content_hash(plan.scenario),
    }  # fmt: skip
    described = {
        "scenario": scenario,
        "overrides": list(plan.overrides),
        "levers": [lever.text for lever in plan.levers],
        "expressions": [str(expression) for expression in plan.expressions],
        "design": plan.design,
        "points": [dict(point) for point in plan.points],
    }
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": KIND,
        "code": code(),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": plan.seed,
        "replications": plan.replications,
        "acts": "none",
        "described": described,
        "surroundings": surroundings(),
    }


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["kind"] != KIND:
            raise ValueError(f"this is a {document['kind']}")
        if document["schema_version"] > SCHEMA_VERSION:
            raise InputError(f"{path}: was written by a newer version of escalation; upgrade to read it")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: damaged or missing: {type(error).__name__}: {error}") from error
    return dict(document)


def _require_same_code(folder: Path, asked: Mapping[str, Any]) -> None:
    if asked["code"] != code():
        raise InputError(
            f"{folder}: was begun by other code and cannot be gone on with: it has {asked['code']};"
            f" this is {code()}; go on with that version, or sweep anew"
        )


def _plan(asked: Mapping[str, Any], file: Path) -> SweepPlan:
    """Return the plan that a document tells, but for its points."""
    scenario = load(file)
    if content_hash(scenario) != asked["scenario"]["sha256"]:
        raise InputError(f"{file}: was changed since the sweep began; its points would not fit together")
    return SweepPlan(
        scenario, tuple(map(lever_of, asked["levers"])), tuple(map(_expression, asked["expressions"])),
        asked["design"], (), int(asked["seed"]), int(asked["replications"]),
        asked["scenario"]["name"], tuple(asked["overrides"]),
    )  # fmt: skip


def _expression(text: str) -> Expression:
    return parse(text)


def _plain(swept: Swept) -> dict[str, Any]:
    return {
        "number": swept.number,
        "estimates": [list(one) for one in swept.estimates],
        "failed": swept.failed,
        "truncated": swept.truncated,
        "batches": [list(one) for one in swept.batches],
    }


def _finished(path: Path, plan: SweepPlan) -> list[Swept]:
    """Return the points whose lines are whole; a line that was cut short is played again."""
    done: dict[int, Swept] = {}
    lines = path.read_bytes().split(b"\n") if path.is_file() else []
    whole = []
    for line in lines[:-1]:
        try:
            plain = json.loads(line)
            estimates = tuple(Estimate(*one) for one in plain["estimates"])
            number = int(plain["number"])
            counts = int(plain["failed"]), int(plain["truncated"])
            batches = tuple(map(tuple, plain["batches"]))
            done[number] = Swept(number, plan.points[number], estimates, *counts, batches)
            whole.append(line)
        except (ValueError, KeyError, TypeError, IndexError):
            continue
    if len(whole) != len(lines) - 1 or (lines and lines[-1]):
        write_text(path, "".join(line.decode() + "\n" for line in whole))
    return list(done.values())


def _kind(path: Path) -> str | None:
    try:
        return str(json.loads(path.read_text(encoding="utf-8")).get("kind"))
    except (OSError, ValueError, AttributeError):
        return None
