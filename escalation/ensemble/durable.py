"""Files that are there whole or not at all, and stay there when the power goes."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from escalation.errors import InputError

PART = ".part"
"""Ending of a file that is being written."""


LONG = 240
"""Bytes of a name to which another ending can be added."""
WILDCARD = re.compile(r"[*?\[]")


def pattern_of(path: Path) -> str:
    """Return the DuckDB pattern that matches `path` alone; InputError when there is none.

    A name without wildcards is literal; in one that has some, DuckDB cannot match a backslash.
    """
    names = path.absolute().as_posix().split("/")
    if bad := next((name for name in names if "\\" in name and WILDCARD.search(name)), None):
        raise InputError(f"{path}: {bad} has a backslash beside one of * ? [; name another folder")
    return "/".join(WILDCARD.sub(r"[\g<0>]", name) for name in names)


@contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """Give a name to write under; afterwards the file is on the disk as `path`, in one step.

    When the block raises, nothing is left of it, and an older file at `path` is as it was. Raises OSError.
    """
    name = (
        path.name
        if len(os.fsencode(path.name)) <= LONG
        else hashlib.sha256(os.fsencode(path.name)).hexdigest()
    )
    part = path.with_name(f".{name}{PART}")
    try:
        yield part
        _settle(part)
        os.replace(part, path)
        settle_folder(path.parent)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path`, whole or not at all. Raises OSError."""
    with appearing(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


def settle_folder(folder: Path) -> None:
    """Wait until the names in `folder` are on the disk, where the system can do that."""
    if os.name == "posix":
        _settle(folder)


def _settle(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
