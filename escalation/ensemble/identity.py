"""What a run is identified by: everything one needs to have in order to make it again."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from escalation import __version__

PACKAGE = Path(__file__).parents[1]
COMPUTING = ("numpy", "simpy", "numba")
LIBRARIES = ("numpy", "simpy", "pydantic", "duckdb", "PyYAML", "numba")


def library_version(name: str) -> str | None:
    """Return the version of an installed package, or None."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def run_identity(*deciding: Any) -> str:
    """Return the hash (hex) of what decides the numbers of a result, plain JSON values, and the version."""
    text = json.dumps([*deciding, __version__], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def surroundings() -> dict[str, Any]:
    """Return the versions, the machine and the command line, as plain JSON values."""
    return {
        "package": __version__,
        "git": git_state(PACKAGE.resolve().parent),
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


@cache
def model_identity() -> str:
    """Return a hash of the sources that decide what comes of a scenario, a seed and a replication's number.

    Two runs with the same one have the same draws: replication r of both happens in the same world.
    """
    return _digest(PACKAGE / "clocks", PACKAGE / "model")[:16]


@cache
def code_identity() -> str:
    """Return the version and a hash of the package's sources, Python's version, and those of the libraries.

    Not in it are what a policy of kind `python` consists of, and the processor.
    """
    python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    libraries = [f"{name} {library_version(name) or 'absent'}" for name in COMPUTING]
    return ", ".join([f"escalation {__version__} (source {_digest(PACKAGE)[:12]})", python, *libraries])


def _digest(*folders: Path) -> str:
    """Return a hash of all sources below some folders of the package, names and bytes."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*.py"), key=lambda path: path.relative_to(PACKAGE).as_posix()):
            digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
