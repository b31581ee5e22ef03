"""The finished pieces of a study on the disk, which an interrupted one is resumed from."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from escalation.ensemble.folder import atomic, final_of, unwritable, write_text
from escalation.errors import EscalationError

Item = TypeVar("Item")


class Journal:
    """The finished pieces of a study; one without a folder keeps nothing."""

    def __init__(self, folder: Path | None = None):
        self._folder = folder
        self.is_empty = folder is None or not folder.is_dir() or not any(folder.iterdir())

    def append(self, name: str, piece: Any) -> None:
        """Put a finished piece on the disk, as a line of JSON. Raises EnvironmentFault."""
        if self._folder is None:
            return
        try:
            with self._path(f"{name}.jsonl").open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(piece, allow_nan=False) + "\n")
                lines.flush()
                os.fsync(lines.fileno())
        except OSError as error:
            raise self._unwritable(error) from error
        self.is_empty = False

    def read(self, name: str, parse: Callable[[int, Any], Item]) -> list[Item]:
        """Return what `parse` makes of the number and the value of each line that was appended.

        The first line that is cut short, or refused by `parse` (a ValueError, KeyError, IndexError or
        TypeError), is dropped with all that follow: those pieces are played again.
        """
        path = self._folder / f"{name}.jsonl" if self._folder else None
        if path is None or not path.is_file():
            return []
        *lines, last = path.read_bytes().split(b"\n")
        pieces: list[Item] = []
        for number, line in enumerate(lines):
            try:
                pieces.append(parse(number, json.loads(line)))
            except (ValueError, KeyError, TypeError, IndexError):
                break
        if last or len(pieces) < len(lines):
            try:
                write_text(path, "".join(f"{line.decode()}\n" for line in lines[: len(pieces)]))
            except OSError as error:
                raise self._unwritable(error) from error
        return pieces

    def save(self, name: str, **arrays: npt.NDArray[Any]) -> None:
        """Put a finished piece on the disk, as arrays. Raises EnvironmentFault."""
        if self._folder is None:
            return
        try:
            with atomic(self._path(f"{name}.npz")) as part, part.open("wb") as file:
                np.savez(file, **arrays)  # type: ignore[arg-type]
        except OSError as error:
            raise self._unwritable(error) from error
        self.is_empty = False

    def load(self, name: str) -> dict[str, npt.NDArray[Any]] | None:
        """Return the arrays saved under a name; None where there are none, or they are damaged."""
        if self._folder is None:
            return None
        try:
            with (
                (self._folder / f"{name}.npz").open("rb") as file,
                np.load(file, allow_pickle=False) as stored,
            ):
                return dict(stored)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None

    def beside(self, name: str) -> Path | None:
        """Return where a piece may have a folder that stays beside the result; None where nothing is kept."""
        return self._folder.parent / name if self._folder else None

    def _path(self, name: str) -> Path:
        assert self._folder is not None
        self._folder.mkdir(exist_ok=True)
        return self._folder / name

    def _unwritable(self, error: OSError) -> EscalationError:
        return unwritable(final_of(self._folder.parent) if self._folder else Path(), error)
