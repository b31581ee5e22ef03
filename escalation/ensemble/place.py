"""Where a run's folder goes: built under a hidden name beside its place, then renamed, whole."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from escalation.ensemble.durable import pattern_of, settle_folder
from escalation.ensemble.lock import Lock, Taken
from escalation.errors import EnvironmentFault, InputError

RESULTS = Path("results")
"""Default folder of all runs, below the current folder."""

UNFINISHED, REPLACED = ".unfinished", ".replaced"
"""Endings of the hidden folders beside a run: in which it is built, and which a resumed run replaces."""


def default_folder(name: str, identity: str, at: datetime) -> Path:
    """Return `results/NAME/DATE-TIME-HASH`, with a further number if that is taken."""
    folder = RESULTS / name / f"{at:%Y%m%d-%H%M%S}-{identity[:8]}"
    number = 2
    while folder.exists() or hidden_of(folder).exists():
        folder = folder.with_name(f"{at:%Y%m%d-%H%M%S}-{identity[:8]}-{number}")
        number += 1
    return folder


def hidden_of(folder: Path, ending: str = UNFINISHED) -> Path:
    """Return the hidden folder in which the run `folder` is built."""
    whole = folder.absolute()
    return whole.parent / f".{whole.name}{ending}"


def shown_of(folder: Path) -> Path:
    """Return the name of the run that `folder` is or will be; `folder` may be the hidden one."""
    name = folder.name
    if name.startswith(".") and name.endswith(UNFINISHED):
        return folder.with_name(name[1 : -len(UNFINISHED)])
    return folder


def require_free(folder: Path) -> None:
    """Raise InputError unless `folder` is new, or an empty folder other than the current one."""
    pattern_of(folder)
    above = next((place for place in folder.absolute().parents if os.path.lexists(place)), None)
    if above and not above.is_dir():
        raise InputError(f"{folder}: {above} is a file, and no folder can be in it; name another folder")
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
    text = str(error)
    # DuckDB says the number of the system's error somewhere in its text
    number = re.search(r'"errno":"(\d+)"', text)
    code = error.errno if isinstance(error, OSError) else int(number[1]) if number else None
    reason = os.strerror(code) if code else text.split("\n", 1)[0]
    return EnvironmentFault(f"{folder}: cannot be written: {reason}; choose another place with --out")


class Workshop:
    """The hidden folder beside `folder` in which it is built, locked against other processes."""

    def __init__(self, folder: Path, lock: Lock):
        self.folder = folder
        self.hidden = hidden_of(folder)
        self._lock = lock

    @classmethod
    def new(cls, folder: Path) -> Workshop:
        """Make the workshop of a new run; at once, so that a bad place shows early.

        Raises InputError when the place is taken, EnvironmentFault when it cannot be written.
        """
        require_free(folder)
        hidden = hidden_of(folder)
        try:
            hidden.parent.mkdir(parents=True, exist_ok=True)
            hidden.mkdir()
        except FileExistsError as error:
            if hidden.is_dir():
                cls.open(folder).close()
                raise InputError(
                    f"{folder}: a run that was not finished is kept in {hidden}; "
                    f"`escalation resume {folder}` goes on with it; else remove that folder, or name another"
                ) from error
            raise unwritable(folder, error) from error
        except OSError as error:
            raise unwritable(folder, error) from error
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path) -> Workshop:
        """Lock the workshop that there is; InputError when another process works in it."""
        path = hidden_of(folder) / "lock"
        try:
            return cls(folder, Lock(path))
        except Taken as taken:
            holder = f" (process {taken.holder})" if taken.holder else ""
            raise InputError(
                f"{folder}: another escalation{holder} is at work there; wait for it, or name another folder"
            ) from taken
        except OSError as error:
            raise unwritable(folder, error) from error

    def open_to_view(self, replacing: bool = False) -> None:
        """Give the folder its name and unlock it; EnvironmentFault when that is impossible.

        With `replacing`, the folder of that name makes way, and is removed once its place is taken.
        """
        old = hidden_of(self.folder, REPLACED)
        try:
            if replacing and self.folder.is_dir():
                os.rename(self.folder, old)
            elif self.folder.is_dir():
                self.folder.rmdir()
            os.rename(self.hidden, self.folder)
            settle_folder(self.hidden.parent)
        except OSError as error:
            raise unwritable(self.folder, error) from error
        shutil.rmtree(old, ignore_errors=True)
        with suppress(OSError):
            (self.folder / "lock").unlink()
        self.close()

    def close(self) -> None:
        """Unlock the workshop, and leave it as it is."""
        self._lock.release()

    def discard(self) -> None:
        """Leave nothing behind."""
        shutil.rmtree(self.hidden, ignore_errors=True)
        self.close()
