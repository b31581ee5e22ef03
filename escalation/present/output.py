"""Files for results: the endings that are known, and a new file that appears whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import TypeVar

from escalation.ensemble.folder import atomic
from escalation.errors import (
    EnvironmentFault,
    InputError,
    did_you_mean,
    nearest,
    require_extra,
    system_reason,
)

SHOWN = 60
"""Letters of a very long name that a message repeats."""


class FileForm(StrEnum):
    """What a table is written as."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"
    XLSX = "xlsx"


class RunTable(StrEnum):
    """The tables of a run."""

    OUTCOMES = "outcomes"
    ACTS = "acts"
    CAUSES = "causes"
    SUMMARY = "summary"
    HUB = "hub"


class PictureName(StrEnum):
    """The pictures of a run."""

    FAN = "fan"
    WHEN = "when"
    TIMELINE = "timeline"
    LADDER = "ladder"
    FLYWHEEL = "flywheel"
    TREE = "tree"
    FOREST = "forest"


class PictureForm(StrEnum):
    """What a picture is written as."""

    SVG = "svg"
    PNG = "png"


class PageForm(StrEnum):
    """What a report is written as."""

    HTML = "html"
    HTM = "htm"


class BriefForm(StrEnum):
    """What a brief is written as."""

    HTML = "html"
    HTM = "htm"
    DOCX = "docx"


Form = TypeVar("Form", bound=StrEnum)


def form_of(forms: type[Form], file: Path) -> Form:
    """Return the form that the ending of a file's name says. Raises InputError for an unknown ending."""
    ending = file.suffix.removeprefix(".").lower()
    if ending not in list(forms):
        near = nearest(ending, list(forms))
        hint = f" (did you mean {brief(file.with_suffix(f'.{near}'))}?)" if near else ""
        shown = f".{ending}" if ending else "none"
        allowed = ", ".join(f".{form}" for form in forms)
        are = "is" if len(forms) == 1 else "are"
        raise InputError(f"{brief(file)}: found the ending {shown}; allowed {are} {allowed}{hint}")
    return forms(ending)


def named(forms: type[Form], option: str, name: str) -> Form:
    """Return the one that is called `name`. Raises InputError that names the option."""
    if name in list(forms):
        return forms(name)
    hint = did_you_mean(name, list(forms))
    raise InputError(f"{option}: found {name}; allowed are {', '.join(forms)}{hint}")


def need_pictures(form: BriefForm | None = None) -> None:
    """Raise EnvironmentFault, with how to install it, where what draws, or writes `form`, is missing."""
    require_extra("report", "pictures need")
    if form is BriefForm.DOCX:
        require_extra("office", "Word documents need")
    try:
        Path.home()
    except RuntimeError:  # Altair asks where it is when imported, though only its sample data would use it
        os.environ["HOME"] = os.sep
        try:
            import_module("altair")
        finally:
            del os.environ["HOME"]


def require_new(file: Path, overwrite: bool = False) -> None:
    """Raise InputError for a file that exists (unless it may be overwritten), or lies in no folder."""
    try:
        if file.is_dir():
            raise InputError(f"{brief(file)}: is a folder; name a file in it")
        if not file.parent.is_dir():
            raise InputError(f"{brief(file)}: there is no folder {brief(file.parent)}; make it first")
        if not overwrite and os.path.lexists(file):
            raise InputError(f"{brief(file)}: exists already; name another file, or give --overwrite")
    except OSError as error:
        raise unwritable(file, error) from error


@contextmanager
def new_file(file: Path, overwrite: bool = False) -> Iterator[Path]:
    """Give a name to write under; afterwards the file is there, in one step; nothing when the block raises.

    Raises InputError like `require_new`, EnvironmentFault where it cannot be written.
    """
    require_new(file, overwrite)
    try:
        with atomic(file) as part:
            part.touch()
            yield part
    except OSError as error:
        raise unwritable(file, error) from error


def write(file: Path, content: bytes, overwrite: bool = False) -> None:
    """Write a new file at once. Raises like `new_file`."""
    with new_file(file, overwrite) as part:
        part.write_bytes(content)


def unwritable(file: Path, error: OSError) -> EnvironmentFault | InputError:
    """Return the error of a file that cannot be written; a name that is too long is the input's."""
    if error.errno == errno.ENAMETOOLONG:
        return InputError(f"{brief(file)}: the name is longer than this disk allows; choose a shorter one")
    return EnvironmentFault(f"{brief(file)}: cannot be written: {system_reason(error)}")


def brief(path: Path) -> str:
    """Return a path for a message: whole, but for a name that is very long."""
    text = str(path)
    return text if len(text) <= 4 * SHOWN else f"{text[:SHOWN]}…"
