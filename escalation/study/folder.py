"""The folder of a study: built beside its place piece by piece, named when it is whole.

While it is built it holds `scenario.yaml`, the document of what was asked for, and the finished pieces; at
the end a `manifest.json` and the results take the place of what only served to go on with it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar

import duckdb

from escalation.ensemble.durable import write_text
from escalation.ensemble.place import Workshop, shown_of, unwritable
from escalation.scenario.document import Scenario
from escalation.scenario.write import dump
from escalation.study.kind import MANIFEST, SCENARIO, Kind, text_of

Piece = TypeVar("Piece")


class StudyFolder:
    """Keeps one study as its pieces come in. Raises InputError or EnvironmentFault for a bad place.

    `folder` is its name when it is whole, `hidden` where it is built; `asked` is what was asked for.
    """

    kind: ClassVar[Kind]

    def __init__(self, workshop: Workshop, asked: Mapping[str, Any]):
        self._workshop, self.asked = workshop, asked
        self.folder, self.hidden = workshop.folder, workshop.hidden
        self._appended = 0

    @classmethod
    def begin(cls, folder: Path, scenario: Scenario, asked: Mapping[str, Any]) -> Self:
        """Return what keeps a new study."""
        workshop = Workshop.new(folder)
        try:
            (workshop.hidden / cls.kind.asked).parent.mkdir(exist_ok=True)
            write_text(workshop.hidden / SCENARIO, dump(scenario))
            write_text(workshop.hidden / cls.kind.asked, text_of(asked))
        except OSError as error:
            workshop.discard()
            raise unwritable(folder, error) from error
        return cls(workshop, asked)

    @classmethod
    @contextmanager
    def reopening(cls, place: Path) -> Iterator[Self]:
        """Give what keeps a study that was interrupted; when the block raises, it is left to others.

        Raises InputError when another process is at work on it, other code began it, or it is damaged.
        """
        workshop = Workshop.open(shown_of(place))
        try:
            asked = cls.kind.read(workshop.hidden / cls.kind.asked)
            cls.kind.require_same_code(workshop.folder, asked)
            yield cls(workshop, asked)
        except BaseException:
            workshop.close()
            raise

    @property
    def kept(self) -> int:
        """How many finished pieces are on the disk."""
        return self._appended

    def append(self, file: str, piece: Any) -> None:
        """Put a finished piece on the disk, as a line of JSON in `file`. Raises EnvironmentFault."""
        line = json.dumps(piece, allow_nan=False)
        try:
            with (self.hidden / file).open("a", encoding="utf-8") as lines:
                lines.write(line + "\n")
                lines.flush()
                os.fsync(lines.fileno())
        except OSError as error:
            raise unwritable(self.folder, error) from error
        self._appended += 1

    def appended(self, file: str, read: Callable[[int, Any], Piece]) -> list[Piece]:
        """Return what `read` makes of the number and the value of each line that `append` put into `file`.

        The first one that is cut short, or that `read` refuses (KeyError, IndexError, TypeError, ValueError),
        is dropped with all that follows.
        """
        path = self.hidden / file
        *lines, last = path.read_bytes().split(b"\n") if path.is_file() else [b""]
        pieces: list[Piece] = []
        for number, line in enumerate(lines):
            try:
                pieces.append(read(number, json.loads(line)))
            except (ValueError, KeyError, TypeError, IndexError):
                break
        if last or len(pieces) < len(lines):
            write_text(path, "".join(f"{line.decode()}\n" for line in lines[: len(pieces)]))
        self._appended = len(pieces)
        return pieces

    @contextmanager
    def finishing(self, seconds: float, **counts: int) -> Iterator[Path]:
        """Give the folder for the results to go into; then write the manifest and give it its name.

        The manifest tells `counts` and `seconds` beside what was asked for. Raises EnvironmentFault.
        """
        manifest = {key: value for key, value in self.asked.items() if key != "code"} | {
            "status": "complete",
            **counts,
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(seconds, 3),
        }
        try:
            yield self.hidden
            write_text(self.hidden / MANIFEST, text_of(manifest))
            self._workshop.open_to_view()
        except (OSError, duckdb.Error) as error:
            raise unwritable(self.folder, error) from error
        for scrap in self.kind.scraps:
            _remove(self.folder / scrap)

    def release(self) -> None:
        """Leave it as it is, for others."""
        self._workshop.close()

    def close(self) -> Path | None:
        """Leave it unfinished: return the folder's name if any piece of it is kept, else leave nothing."""
        if self.kept:
            self._workshop.close()
            return self.folder
        self._workshop.discard()
        return None


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()
