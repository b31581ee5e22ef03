"""Folders of results: built beside their place under a hidden name, locked, then published, whole."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from escalation.errors import EnvironmentFault, InputError

try:
    import fcntl
except ImportError:  # a system without it trusts the user not to start two runs in one folder
    fcntl = None  # type: ignore[assignment]

RESULTS = Path("results")
"""Default folder of all results, below the current folder."""
MANIFEST = "manifest.json"
"""The file that tells the folder of a finished piece of work."""
DEEPEST = 6
"""Folders below the one that is searched for results."""

STAGING, REPLACED, PART = ".unfinished", ".replaced", ".part"
"""Endings of hidden names: a folder that is built, one that is being replaced, a file that is written."""

LONGEST_NAME = 200
"""Bytes of a folder's name: what is put before and after it has to fit into the 255 of most systems."""
WILDCARD = re.compile(r"[*?\[]")


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Give a name to write under; afterwards the file is on the disk as `path`, in one step.

    When the block raises, nothing is left of it, and an older file at `path` is as it was. Raises OSError.
    """
    name = os.fsencode(path.name)
    short = path.name if len(name) <= LONGEST_NAME else hashlib.sha256(name).hexdigest()
    part = path.with_name(f".{short}{PART}")
    try:
        yield part
        _sync(part)
        os.replace(part, path)
        sync_folder(path.parent)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path`, whole or not at all. Raises OSError."""
    with atomic(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


def sync_folder(folder: Path) -> None:
    """Wait until the names in `folder` are on the disk, where the system can do that."""
    if os.name == "posix":
        _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def pattern_of(path: Path) -> str:
    """Return the DuckDB pattern that matches `path` alone; InputError when there is none.

    A name without wildcards is literal; in one that has some, DuckDB cannot match a backslash.
    """
    names = path.absolute().as_posix().split("/")
    if bad := next((name for name in names if "\\" in name and WILDCARD.search(name)), None):
        raise InputError(f"{path}: {bad} has a backslash beside one of * ? [; name another folder")
    return "/".join(WILDCARD.sub(r"[\g<0>]", name) for name in names)


def default_folder(name: str, identity: str, at: datetime) -> Path:
    """Return `results/NAME/DATE-TIME-HASH`, with a further number if that is taken."""
    stem = f"{at:%Y%m%d-%H%M%S}-{identity[:8]}"
    folder, number = RESULTS / name / stem, 2
    while folder.exists() or staging_of(folder).exists():
        folder, number = folder.with_name(f"{stem}-{number}"), number + 1
    return folder


def staging_of(folder: Path, ending: str = STAGING) -> Path:
    """Return the hidden folder in which `folder` is built."""
    whole = folder.absolute()
    return whole.parent / f".{whole.name}{ending}"


def stored_folders(folder: Path) -> list[Path]:
    """Return the folders of all finished work in `folder` and below it, the latest last (see `_walk`)."""
    folders = (path for path, names in _walk(folder) if MANIFEST in names and (path / MANIFEST).is_file())
    return sorted(folders, key=lambda path: ((path / MANIFEST).stat().st_mtime, path))


def unfinished_folders(folder: Path) -> list[Path]:
    """Return the hidden folders below `folder` in which something is built, or was when it ended early."""
    hidden = (path / name for path, names in _walk(folder) for name in names if name.endswith(STAGING))
    return sorted(path for path in hidden if path.name.startswith(".") and path.is_dir())


def _walk(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """Yield `folder` and what is at most DEEPEST below it, with the names in each.

    Hidden folders, links and what cannot be read are left out.
    """
    top = len(folder.parts)
    for name, folders, files in os.walk(folder):
        path = Path(name)
        yield path, [*folders, *files]
        deep = len(path.parts) - top >= DEEPEST
        folders[:] = [] if deep else [below for below in folders if not below.startswith(".")]


def final_of(folder: Path) -> Path:
    """Return the name that `folder` has or will have; `folder` may be the hidden one."""
    name = folder.name
    if name.startswith(".") and name.endswith(STAGING):
        return folder.with_name(name[1 : -len(STAGING)])
    return folder


def require_free(folder: Path) -> None:
    """Raise InputError unless `folder` is new, or an empty folder other than the current one."""
    pattern_of(folder)
    if any(len(os.fsencode(name)) > LONGEST_NAME for name in folder.parts):
        raise InputError(f"{shortened(folder)}: a name is too long; allowed are {LONGEST_NAME} bytes")
    above = next((parent for parent in folder.absolute().parents if os.path.lexists(parent)), None)
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
        raise Taken(f"{folder}: is not empty, and a run never overwrites; name another folder")


def shortened(text: object) -> str:
    """Return what a message says of a text that may be very long."""
    whole = str(text)
    return whole if len(whole) <= LONGEST_NAME else f"{whole[:60]}… ({len(whole):,} characters)"


def unwritable(folder: Path, error: BaseException) -> EnvironmentFault:
    """Return the error that says why nothing can be written into `folder`."""
    return EnvironmentFault(f"{folder}: cannot be written: {reason(error)}; choose another place with --out")


def reason(error: BaseException) -> str:
    """Return in some words why the system refused something; `error` may be DuckDB's."""
    text = str(error)
    # DuckDB says the number of the system's error somewhere in its text
    number = re.search(r'"errno":"(\d+)"', text)
    code = error.errno if isinstance(error, OSError) else int(number[1]) if number else None
    return os.strerror(code) if code else text.split("\n", 1)[0]


class Taken(InputError):
    """A folder's name is in use already."""


class Locked(Exception):
    """Another process holds the lock; `holder` is its id, as text, empty when it is not known."""

    def __init__(self, holder: str):
        super().__init__(holder)
        self.holder = holder


class Lock:
    """Holds the lock file at `path` until it is released or the process ends, however it does.

    Raises Locked when another process holds it, and OSError when the file cannot be opened.
    """

    def __init__(self, path: Path):
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            self._acquire(path)
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Let go; a second time does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _acquire(self, path: Path) -> None:
        if fcntl:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Locked(path.read_text(encoding="ascii", errors="replace").strip()) from None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)


def is_locked(path: Path) -> bool:
    """Return whether a process holds the lock at `path`; false where there is none, or it is unknown."""
    if not fcntl:
        return False
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


class StagingFolder:
    """The hidden folder, `hidden`, in which `folder` is built, locked against other processes."""

    def __init__(self, folder: Path, lock: Lock):
        self.folder = folder
        self.hidden = staging_of(folder)
        self._lock = lock

    @classmethod
    def new(cls, folder: Path | Callable[[], Path]) -> StagingFolder:
        """Make the hidden folder of new results; at once, so that a bad place shows early.

        `folder` may be a function that returns a free name: it is called again when another process takes
        that. Raises InputError when the name is taken, EnvironmentFault when it cannot be written.
        """
        if not callable(folder):
            return cls._new(folder)
        while True:
            with suppress(Taken):
                return cls._new(folder())

    @classmethod
    def _new(cls, folder: Path) -> StagingFolder:
        require_free(folder)
        hidden = staging_of(folder)
        fresh = hidden.with_name(f"{hidden.name}.{os.getpid()}-{threading.get_ident()}")
        try:
            hidden.parent.mkdir(parents=True, exist_ok=True)
            fresh.mkdir()
            lock = Lock(fresh / "lock")
        except OSError as error:
            shutil.rmtree(fresh, ignore_errors=True)
            raise unwritable(folder, error) from error
        try:
            os.rename(fresh, hidden)  # locked before anyone can see it
        except OSError as error:
            lock.release()
            shutil.rmtree(fresh, ignore_errors=True)
            if not hidden.is_dir():
                raise unwritable(folder, error) from error
            cls.open(folder).close()
            raise Taken(
                f"{folder}: a run that was not finished is kept in {hidden}; "
                f"`escalation resume {folder}` resumes it; else remove that folder, or name another"
            ) from error
        return cls(folder, lock)

    @classmethod
    def open(cls, folder: Path) -> StagingFolder:
        """Lock the hidden folder that there is; InputError when another process works in it."""
        try:
            return cls(folder, Lock(staging_of(folder) / "lock"))
        except Locked as locked:
            holder = f" (process {locked.holder})" if locked.holder else ""
            raise Taken(
                f"{folder}: another escalation{holder} is at work there; wait for it, or name another folder"
            ) from locked
        except OSError as error:
            raise unwritable(folder, error) from error

    def publish(self, replacing: bool = False) -> None:
        """Give the folder its name and unlock it; EnvironmentFault when that is impossible.

        With `replacing`, the folder of that name makes way, and is removed once its place is taken.
        """
        old = staging_of(self.folder, REPLACED)
        try:
            if replacing and self.folder.is_dir():
                os.rename(self.folder, old)
            elif self.folder.is_dir():
                self.folder.rmdir()
            os.rename(self.hidden, self.folder)
            sync_folder(self.hidden.parent)
        except OSError as error:
            raise unwritable(self.folder, error) from error
        shutil.rmtree(old, ignore_errors=True)
        with suppress(OSError):
            (self.folder / "lock").unlink()
        self.close()

    def close(self) -> None:
        """Unlock the hidden folder, and leave it as it is."""
        self._lock.release()

    def discard(self) -> None:
        """Leave nothing behind."""
        shutil.rmtree(self.hidden, ignore_errors=True)
        self.close()


def link(path: Path, copy: Path) -> None:
    """Give a file a second name, or a copy: files of results are replaced, and never changed in place."""
    copy.unlink(missing_ok=True)
    try:
        os.link(path, copy)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        shutil.copy2(path, copy)
