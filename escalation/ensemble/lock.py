"""One process at a time in one folder: a lock of the operating system, which dies with its holder."""

from __future__ import annotations

import os
from pathlib import Path

try:
    import fcntl
except ImportError:  # a system without it trusts the user not to start two runs in one folder
    fcntl = None  # type: ignore[assignment]


class Taken(Exception):
    """Another process holds the lock; `holder` is its id, as text, empty when it is not known."""

    def __init__(self, holder: str):
        super().__init__(holder)
        self.holder = holder


class Lock:
    """Holds the lock file at `path` until it is released or the process ends.

    Raises Taken when another process holds it, and OSError when the file cannot be opened.
    """

    def __init__(self, path: Path):
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            self._take(path)
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Let go; a second time does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _take(self, path: Path) -> None:
        if fcntl:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Taken(path.read_text(encoding="ascii", errors="replace").strip()) from None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)


def is_held(path: Path) -> bool:
    """Return whether a process holds the lock at `path`; false where there is none, or it cannot be told."""
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
