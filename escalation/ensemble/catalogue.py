"""Which results there are below a folder, finished or not, and what to say where there is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from escalation.ensemble.folder import (
    MANIFEST,
    RESULTS,
    final_of,
    is_locked,
    shortened,
    staging_of,
    stored_folders,
)
from escalation.ensemble.journal import PROGRESS, ShardRecord
from escalation.ensemble.manifest import read_document
from escalation.errors import InputError, did_you_mean
from escalation.scenario import files

RUN = "run"
NAMED = 3
"""Runs at most that an error names."""


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
        there = f"its runs: {_listed(runs)}" if runs else f"`escalation run {folder}` makes one"
        return f"{folder}: is a scenario, not a run; {there}"
    if folder.is_file():
        here = f", here {folder.parent}" if (folder.parent / MANIFEST).is_file() else ""
        return f"{folder}: is a file; a run is a folder{here}"
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
