"""What a run is identified by: everything one needs to have in order to make it again."""

from __future__ import annotations

import hashlib
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from escalation import __version__

LIBRARIES = ("numpy", "simpy", "pydantic", "duckdb", "PyYAML", "numba")


def library_version(name: str) -> str | None:
    """Return the version of an installed package, or None."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def run_identity(content_hash: str, seed: int, replications: int) -> str:
    """Return the hash (hex) of what decides a run's numbers: scenario, seed, replications, version."""
    text = f"{content_hash} {seed} {replications} {__version__}"
    return hashlib.sha256(text.encode()).hexdigest()


def surroundings() -> dict[str, Any]:
    """Return the versions, the machine and the command line, as plain JSON values."""
    return {
        "package": __version__,
        "git": git_state(Path(__file__).resolve().parents[2]),
        "libraries": {name: library_version(name) for name in LIBRARIES},
        "python": platform.python_version(),
        "platform": platform.platform(),
        "command": sys.argv,
    }


def git_state(checkout: Path) -> dict[str, Any] | None:
    """Return the commit of a source checkout and whether it has changes; None where there is none."""
    if not (checkout / ".git").exists():
        return None
    commit = _git(checkout, "rev-parse", "HEAD")
    changes = _git(checkout, "status", "--porcelain", "--untracked-files=no")
    return {"commit": commit, "changed": bool(changes)} if commit else None


def _git(checkout: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "--no-optional-locks", "-C", str(checkout), *words],
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
