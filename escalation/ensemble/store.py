"""The folder of a run, written as its shards come in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from types import MappingProxyType
from typing import Any

import duckdb
import numpy as np

from escalation.ensemble import result
from escalation.ensemble.code import model_identity
from escalation.ensemble.durable import appearing, write_text
from escalation.ensemble.header import Header
from escalation.ensemble.journal import FOLDER, Asked, Journal, shard_file
from escalation.ensemble.parquet import write_acts, write_causes, write_outcomes
from escalation.ensemble.place import Workshop, unwritable
from escalation.ensemble.reducer import StoredReducer
from escalation.ensemble.result import Begun, Ensemble, Shard, tally
from escalation.model.world import Columns

SCHEMA_VERSION = 1


class Store:
    """Writes one run. Its folder appears under its name on `finish`, complete, or never.

    Until then it is built in a hidden folder beside it, in which every finished shard stays whatever happens.
    `new` begins a run; `escalation.ensemble.reopen` opens one that was interrupted. `asked` is the document
    of what was asked for.
    """

    def __init__(
        self,
        workshop: Workshop,
        header: Header,
        asked: Mapping[str, Any],
        reducer: StoredReducer | None,
        replacing: bool = False,
    ):
        self.folder = workshop.folder
        self.header = header
        self.asked = asked
        self._workshop = workshop
        self._journal = Journal(workshop.hidden)
        self._reducer = reducer
        self._replacing = replacing
        self._since = monotonic()

    @classmethod
    def new(
        cls, folder: Path, header: Header, scenario_text: str, asked: Asked, reducer: StoredReducer | None
    ) -> Store:
        """Return the store of a new run. Raises InputError or EnvironmentFault for a bad place."""
        workshop = Workshop.new(folder)
        try:
            (workshop.hidden / FOLDER).mkdir()
            write_text(workshop.hidden / "scenario.yaml", scenario_text)
            document = Journal(workshop.hidden).begin(asked, datetime.now(UTC))
        except OSError as error:
            workshop.discard()
            raise unwritable(folder, error) from error
        return cls(workshop, header, document, reducer)

    @property
    def hidden(self) -> Path:
        """The folder in which the run is built."""
        return self._workshop.hidden

    @property
    def finished(self) -> int:
        """How many replications are on the disk for good."""
        return min(self._journal.shards * result.SHARD, int(self.asked["replications"]))

    def begun(self) -> Begun:
        """Return what an earlier attempt finished. Raises InputError when it is damaged."""
        begun = self._journal.begun(self._reducer)
        self._since = monotonic() - begun.seconds
        return begun

    def shard(self, shard: Shard) -> Path:
        """Write the files of one shard and return that of its outcomes. Raises EnvironmentFault."""
        file = self.hidden / "outcomes" / shard_file(shard.number)
        with self._writing():
            write_outcomes(shard, self.header, file)
            if shard.acts:
                write_acts(shard.acts, self.header, self.hidden / "acts" / file.name)
            if shard.causes:
                write_causes(shard.causes, self.hidden / "causes" / file.name)
            if shard.whole and shard.number == self._journal.shards:
                self._journal.commit(shard, self._reducer, monotonic() - self._since)
        return file

    def finish(
        self,
        ensemble: Ensemble,
        further: dict[str, Any],
        texts: dict[str, str],
        arrays: Mapping[str, Columns] = MappingProxyType({}),
    ) -> Path:
        """Write the manifest, further `texts` and `arrays` (by file name), and give the folder its name.

        `further` is what stands in the manifest beside what was asked for. Raises EnvironmentFault when
        anything could not be written; what is finished stays.
        """
        manifest = json.dumps(_manifest(ensemble, self.asked, further), indent=1, allow_nan=False)
        with self._writing():
            for name, columns in arrays.items():
                with appearing(self.hidden / name) as part, part.open("wb") as file:
                    np.savez_compressed(file, **columns)  # type: ignore[arg-type]
            for name, text in {**texts, "manifest.json": manifest}.items():
                write_text(self.hidden / name, text + "\n")
            self._workshop.open_to_view(self._replacing)
        if not ensemble.interrupted:
            shutil.rmtree(self.folder / FOLDER, ignore_errors=True)
        return self.folder

    def close(self) -> Path | None:
        """Give up: return the hidden folder if any shard in it is finished, else leave nothing behind."""
        if self._journal.shards:
            self._workshop.close()
            return self.hidden
        self._workshop.discard()
        return None

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except (OSError, duckdb.Error) as error:
            raise unwritable(self.folder, error) from error


def _manifest(ensemble: Ensemble, asked: Mapping[str, Any], further: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "status": "interrupted" if ensemble.interrupted else "complete",
        **asked["described"],
        **further,
        "seed": ensemble.seed,
        "replications": tally(ensemble),
        "model": model_identity(),
        "acts": ensemble.acts_kept,
        "workers": ensemble.workers,
        "replications_per_file": result.SHARD,
        "started": asked["started"],
        "finished": ensemble.finished.isoformat(timespec="seconds"),
        "seconds": round(ensemble.seconds, 3),
        "surroundings": asked["surroundings"],
        "failures": [{"replication": number, "message": text} for number, text in ensemble.failures.items()],
        "header": ensemble.header.to_json(),
    }
