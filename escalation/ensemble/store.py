"""The folder of a run, written as its shards come in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from escalation.ensemble.header import Header
from escalation.ensemble.identity import surroundings
from escalation.ensemble.parquet import write_acts, write_causes, write_outcomes
from escalation.ensemble.place import Workshop, unwritable
from escalation.ensemble.result import SHARD, Ensemble, Shard, tally
from escalation.errors import EnvironmentFault

SCHEMA_VERSION = 1


class Store:
    """Writes one run. The folder appears under its name on `finish`, complete, or never.

    Raises InputError when the folder is taken and EnvironmentFault when it cannot be made. A fault while
    shards are written is kept for `finish`, so that the simulation goes on and its numbers can be shown.
    """

    def __init__(self, folder: Path, header: Header, scenario_text: str):
        self.folder = folder
        self.header = header
        self.fault: EnvironmentFault | None = None
        self._workshop = Workshop(folder)
        self._guarded(lambda: self._write("scenario.yaml", scenario_text))
        if self.fault:
            self.discard()
            raise self.fault

    def shard(self, shard: Shard) -> None:
        """Write the files of one shard."""
        self._guarded(lambda: self._write_shard(shard))

    def finish(self, ensemble: Ensemble, run: dict[str, Any], texts: dict[str, str]) -> Path:
        """Write the manifest and further `texts` (by file name), and give the folder its name.

        `run` is what the caller knows of the run (scenario, clock, engine, plan). Raises EnvironmentFault,
        leaving nothing behind, when anything could not be written.
        """
        manifest = _manifest(ensemble, run)
        for name, text in {**texts, "manifest.json": json.dumps(manifest, indent=1, allow_nan=False)}.items():
            self._guarded(lambda name=name, text=text: self._write(name, text + "\n"))  # type: ignore[misc]
        if not self.fault:
            self._guarded(self._workshop.open_to_view)
        if self.fault:
            self.discard()
            raise self.fault
        return self.folder

    def discard(self) -> None:
        """Leave nothing behind."""
        self._workshop.discard()

    def _guarded(self, step: Callable[[], None]) -> None:
        if self.fault:
            return
        try:
            step()
        except (OSError, duckdb.Error) as error:
            self.fault = unwritable(self.folder, error)
        except EnvironmentFault as error:
            self.fault = error

    def _write(self, name: str, text: str) -> None:
        (self._workshop.hidden / name).write_text(text, encoding="utf-8", newline="\n")

    def _write_shard(self, shard: Shard) -> None:
        file = f"{shard.number:05}.parquet"
        write_outcomes(shard, self.header, self._workshop.hidden / "outcomes" / file)
        if shard.acts:
            write_acts(shard.acts, self.header, self._workshop.hidden / "acts" / file)
        if shard.causes:
            write_causes(shard.causes, self._workshop.hidden / "causes" / file)


def _manifest(ensemble: Ensemble, run: dict[str, Any]) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "status": "interrupted" if ensemble.interrupted else "complete",
        **run,
        "seed": ensemble.seed,
        "replications": tally(ensemble),
        "acts": ensemble.acts_kept,
        "workers": ensemble.workers,
        "replications_per_file": SHARD,
        "started": ensemble.started.isoformat(timespec="seconds"),
        "finished": ensemble.finished.isoformat(timespec="seconds"),
        "seconds": round(ensemble.seconds, 3),
        "surroundings": surroundings(),
        "failures": [{"replication": number, "message": text} for number, text in ensemble.failures.items()],
        "header": ensemble.header.to_json(),
    }
