"""Where compiled code lies between runs: one folder for each version of the rules."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree

OTHER_VERSIONS = 4
"""Folders of compiled code of other versions that are left on disk, those used last."""


def cache_folder() -> Path | None:
    """Return the folder for compiled code, or None when there is none that only this user can write.

    It is named by a hash of this package's sources (Numba itself does not notice a change in another file),
    and all installations of one version share it.
    """
    chosen = os.environ.get("ESCALATION_CACHE") or os.environ.get("XDG_CACHE_HOME")
    try:
        folder = (
            (Path(chosen) if chosen else Path.home() / ".cache") / "escalation" / f"kernels-{source_hash()}"
        )
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            remove_old(folder)
        if hasattr(os, "getuid"):
            status = folder.stat()
            if status.st_uid != os.getuid():
                return None
            if stat.S_IMODE(status.st_mode) & 0o077:
                folder.chmod(0o700)
        (folder / "rules.py").touch()
    except (OSError, RuntimeError):  # no home directory, or none that can be written
        return None
    return folder if os.access(folder, os.W_OK) else None


def remove_old(folder: Path) -> None:
    """Remove the folders of other versions, except those that were used last."""
    others = [one for one in folder.parent.glob("kernels-*") if one != folder and one.is_dir()]
    others.sort(key=lambda one: one.stat().st_mtime, reverse=True)
    for one in others[OTHER_VERSIONS:]:
        rmtree(one, ignore_errors=True)


@lru_cache(maxsize=1)
def source_hash() -> str:
    """Return a hash of the sources that are compiled, and of what compiles them."""
    versions = (version(name) for name in ("numba", "llvmlite", "numpy"))
    digest = hashlib.sha256(" ".join((sys.version, *versions)).encode())
    package = Path(__file__).parent.parent
    for path in sorted([*(package / "model").glob("*.py"), *(package / "clocks").glob("*.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def is_cached() -> bool:
    """Return whether compiled code of this version is on disk, so that a first run need not wait for it."""
    folder = cache_folder()
    return folder is not None and any(folder.rglob("*.nbi"))
