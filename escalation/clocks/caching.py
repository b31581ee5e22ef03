"""Where compiled code is kept between runs."""

from __future__ import annotations

import hashlib
import os
import sys
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path


def cache_folder() -> Path | None:
    """Return the folder for compiled code, or None when none can be written.

    It is named by a hash of this package's sources: Numba itself does not notice a change in another file.
    """
    chosen = os.environ.get("ESCALATION_CACHE") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(chosen) / "escalation" / f"kernels-{_source_hash()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


@lru_cache(maxsize=1)
def _source_hash() -> str:
    digest = hashlib.sha256(f"{sys.version} {version('numba')} {version('numpy')}".encode())
    package = Path(__file__).parent.parent
    for path in sorted([*(package / "model").glob("*.py"), *(package / "clocks").glob("*.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def is_cached() -> bool:
    """Return whether compiled code of this version is on disk, so that a first run need not wait for it."""
    folder = cache_folder()
    return folder is not None and any(folder.rglob("compiled_clock.run-*.nbi"))
