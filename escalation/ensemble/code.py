"""What code this process would compute with: two machines give one run's bytes only when it is the same."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from pathlib import Path

from escalation import __version__
from escalation.ensemble.identity import library_version

COMPUTING = ("numpy", "simpy", "numba")


@cache
def model_identity() -> str:
    """Return a hash of the sources that decide what comes of a scenario, a seed and a replication's number.

    Two runs with the same one share their chance: replication r of both happens in the same world.
    """
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for room in ("clocks", "model"):
        for path in sorted((package / room).glob("*.py"), key=lambda path: path.name):
            digest.update(f"{room}/{path.name}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@cache
def code_identity() -> str:
    """Return the version and a hash of the package's sources, Python's version, and those of the libraries.

    Not in it are what a policy of kind `python` consists of, and the processor.
    """
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py"), key=lambda path: path.relative_to(package).as_posix()):
        digest.update(path.relative_to(package).as_posix().encode())
        digest.update(path.read_bytes())
    python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    libraries = [f"{name} {library_version(name) or 'absent'}" for name in COMPUTING]
    return ", ".join([f"escalation {__version__} (source {digest.hexdigest()[:12]})", python, *libraries])
