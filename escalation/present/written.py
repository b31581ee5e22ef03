"""A new file for a result: refused before the work where one is there already."""

from __future__ import annotations

from pathlib import Path

from escalation.errors import EnvironmentFault, InputError


def require_new(path: Path, overwrite: bool) -> None:
    """Raise InputError when `path` is taken, unless it may be overwritten, or lies in no folder."""
    if path.is_dir():
        raise InputError(f"{path}: is a folder; give the name of a file in it")
    if not path.parent.is_dir():
        raise InputError(f"{path.parent}: no such folder; make it first")
    if path.exists() and not overwrite:
        raise InputError(f"{path}: exists already; choose another name, or give --overwrite")


def write(path: Path, content: bytes, overwrite: bool) -> None:
    """Write a file at once, never half of it. Raises InputError like `require_new`, EnvironmentFault."""
    require_new(path, overwrite)
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise EnvironmentFault(
            f"{path}: cannot be written: {(error.strerror or str(error)).lower()}"
        ) from error
