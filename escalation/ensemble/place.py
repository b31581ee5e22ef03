"""Where a run's folder goes: built under a hidden name beside its place, then renamed, whole."""

from __future__ import annotations

import os
import secrets
import shutil
from datetime import datetime
from pathlib import Path

from escalation.errors import EnvironmentFault, InputError

RESULTS = Path("results")
"""Default folder of all runs, below the current folder."""


def default_folder(name: str, identity: str, at: datetime) -> Path:
    """Return `results/NAME/DATE-TIME-HASH`, with a further number if that is taken."""
    folder = RESULTS / name / f"{at:%Y%m%d-%H%M%S}-{identity[:8]}"
    number = 2
    while folder.exists():
        folder = folder.with_name(f"{at:%Y%m%d-%H%M%S}-{identity[:8]}-{number}")
        number += 1
    return folder


def require_free(folder: Path) -> None:
    """Raise InputError unless `folder` is new, or an empty folder other than the current one."""
    if not folder.exists() and not folder.is_symlink():
        return
    if not folder.is_dir():
        raise InputError(f"{folder}: is a file; name a folder that does not exist yet")
    if folder.resolve() == Path.cwd():
        raise InputError(f"{folder}: is the current folder; name a folder that does not exist yet")
    try:
        taken = any(folder.iterdir())
    except OSError as error:
        raise unwritable(folder, error) from error
    if taken:
        raise InputError(f"{folder}: is not empty, and a run never overwrites; name another folder")


def unwritable(folder: Path, error: BaseException) -> EnvironmentFault:
    """Return the error that says why nothing can be written into `folder`."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error).split("\n")[0]
    return EnvironmentFault(f"{folder}: cannot be written: {reason}; choose another place with --out")


class Workshop:
    """A hidden folder beside `folder`, in which it is built; made at once: a bad place shows early."""

    def __init__(self, folder: Path):
        require_free(folder)
        self.folder = folder
        self.hidden = folder.absolute().parent / f".{folder.absolute().name}.{secrets.token_hex(4)}"
        try:
            self.hidden.parent.mkdir(parents=True, exist_ok=True)
            self.hidden.mkdir()
        except OSError as error:
            raise unwritable(folder, error) from error

    def open_to_view(self) -> None:
        """Give the folder its name; EnvironmentFault when that is impossible."""
        try:
            if self.folder.is_dir():
                self.folder.rmdir()
            os.rename(self.hidden, self.folder)
        except OSError as error:
            raise unwritable(self.folder, error) from error

    def discard(self) -> None:
        """Leave nothing behind."""
        shutil.rmtree(self.hidden, ignore_errors=True)
