"""Which runs there are below a folder, finished or not, and what to say where there is none."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from escalation.ensemble import result
from escalation.ensemble.journal import FOLDER
from escalation.ensemble.lock import is_held
from escalation.ensemble.place import RESULTS, UNFINISHED, hidden_of, shown_of
from escalation.errors import nearest

RUN = "run"
NAMED = 3
"""Runs at most that an error names."""


def stored(folder: Path) -> list[Path]:
    """Return the folders of all finished work below `folder`, runs and other kinds, the latest last."""
    manifests = (path for path in folder.rglob("manifest.json") if not _is_hidden(path, folder))
    return [path.parent for path in sorted(manifests, key=lambda path: (path.stat().st_mtime, path))]


def unfinished(folder: Path) -> list[Path]:
    """Return the hidden folders below `folder` in which something is built, or was when it ended early."""
    return sorted(path for path in folder.rglob(f".*{UNFINISHED}") if path.is_dir())


class Seen(NamedTuple):
    """What a folder shows of itself. `kind` is `run` or another piece of work that keeps its own folder.

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
        kind = json.loads((folder / "manifest.json").read_text(encoding="utf-8")).get("kind", RUN)
    except (OSError, ValueError, AttributeError):
        return None
    return None if kind == RUN else str(kind)


def look_at(folder: Path) -> Seen | None:
    """Return what the manifest of a folder shows, None where it is damaged."""
    return _seen(folder / "manifest.json", lambda plain: str(plain["status"]), lambda _: None)


def glance(hidden: Path) -> Seen | None:
    """Return what the hidden folder of an unfinished piece of work shows, None where nothing was kept.

    The code that began it may be other than this.
    """

    def status(_: Any) -> str:
        return "under way" if is_held(hidden / "lock") else "unfinished"

    def finished(plain: Any) -> int:
        return min(_shards(hidden / FOLDER) * result.SHARD, int(plain["replications"]))

    asked = hidden / FOLDER / "run.json"
    return _seen(asked if asked.is_file() else hidden / "asked.json", status, finished)


def _seen(path: Path, status: Callable[[Any], str], finished: Callable[[Any], int | None]) -> Seen | None:
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        kind, described = plain.get("kind", RUN), plain.get("described") or plain
        scenario = described["scenario"]
        return Seen(
            kind, scenario["name"] or scenario["title"], plain["started"],
            finished(plain) if kind == RUN else None, str(plain.get("seed", "")), status(plain),
            tuple(described.get("overrides", ())),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile):
        return None


def _shards(journal: Path) -> int:
    path = journal / "state.npz"
    if not path.is_file():
        return 0
    with path.open("rb") as file, np.load(file, allow_pickle=False) as state:
        return int(state["shards"])


def no_run(place: Path) -> str:
    """Return why there is no run at `place`, and what to do."""
    scenario = _scenario(place)
    if scenario is not None and not place.is_dir():
        made = _runs(RESULTS / scenario)
        there = f"its runs: {_named(made)}" if made else f"`escalation run {place}` makes one"
        return f"{place}: is a scenario, not a run; {there}"
    if place.is_file():
        inside = (place.parent / "manifest.json").is_file()
        return f"{place}: is a file; a run is a folder" + (f", here {place.parent}" if inside else "")
    if hidden_of(place).is_dir():
        return f"{place}: is not finished; `escalation resume {shown_of(place)}` goes on with it"
    if place.is_dir():
        return f"{place}: is not the folder of a run: it has no manifest.json{_inside(place)}"
    near = nearest(str(place), [str(run) for run in _runs(RESULTS)])
    hint = f" (did you mean {near}?)" if near else ""
    return f"{place}: no such folder; `escalation runs` lists the runs below {RESULTS}/{hint}"


def _inside(place: Path) -> str:
    runs = _runs(place)
    return f"; runs in it: {_named(runs)}" if runs else ""


def _runs(folder: Path) -> list[Path]:
    return [path for path in stored(folder) if other_kind(path) is None]


def _named(runs: list[Path]) -> str:
    more = f" and {len(runs) - NAMED} more" if len(runs) > NAMED else ""
    return ", ".join(str(run) for run in reversed(runs[-NAMED:])) + more


def _scenario(place: Path) -> str | None:
    """Return the name of the scenario that is meant, None when `place` is none."""
    from escalation.scenario import files  # noqa: PLC0415 - only where a run is missing

    name = str(place).removeprefix(files.PREFIX)
    if name in files.shipped_names():
        return name
    return place.stem if place.suffix in (".yaml", ".yml") and place.is_file() else None


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)
