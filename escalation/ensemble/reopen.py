"""An interrupted run, opened to be gone on with."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from escalation.ensemble.journal import Journal
from escalation.ensemble.place import Workshop, hidden_of, require_free, shown_of, unwritable
from escalation.ensemble.read import open_run
from escalation.errors import InputError


class Complete(InputError):
    """There is such a run, and it has nothing left to do."""


class Reopened:
    """An interrupted run, locked: its workshop, what was asked for, whether a folder of its name gives way.

    `asked` is the document that `Journal.read` returns.
    """

    def __init__(self, workshop: Workshop, replacing: bool):
        self.workshop = workshop
        self.replacing = replacing
        self.asked: dict[str, Any] = Journal(workshop.hidden).read()

    @property
    def scenario(self) -> Path:
        """The file of its scenario."""
        return self.workshop.hidden / "scenario.yaml"


def reopen(place: Path) -> Reopened:
    """Return the interrupted run of the name `place`, which may be the hidden folder's.

    Raises InputError when there is none, when another process is at work there, and when it was begun by
    other code; EnvironmentFault when the place cannot be written.
    """
    folder = shown_of(place)
    hidden = hidden_of(folder)
    kept = _is_interrupted(folder)
    if not kept and not hidden.is_dir():
        raise _nothing(folder)
    if not kept:
        require_free(folder)
    try:
        hidden.mkdir(exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from error
    workshop = Workshop.open(folder)
    try:
        if not Journal(hidden).exists:
            _carry_over(folder, hidden, kept)
        return Reopened(workshop, kept)
    except BaseException:
        workshop.close()
        raise


def look(place: Path) -> dict[str, Any]:
    """Return what was asked for in the interrupted run of the name `place`; InputError when there is none."""
    folder = shown_of(place)
    for where in (hidden_of(folder), folder):
        if Journal(where).exists:
            return Journal(where).read()
    raise _nothing(folder)


def _nothing(folder: Path) -> InputError:
    """Return the error that says why there is nothing to go on with."""
    if hidden_of(folder).is_dir() or open_run(folder).interrupted:
        return InputError(f"{folder}: nothing of it was kept that could be gone on with; run it anew")
    return Complete(f"{folder}: is complete; there is nothing to go on with")


def _is_interrupted(folder: Path) -> bool:
    """Return whether there is a run of that name that says it was interrupted."""
    return (folder / "manifest.json").is_file() and open_run(folder).interrupted


def _carry_over(folder: Path, hidden: Path, kept: bool) -> None:
    """Put the finished shards of an interrupted run into the workshop beside it."""
    source = Journal(folder)
    if not kept or not source.exists:
        nothing = _nothing(folder)
        shutil.rmtree(hidden, ignore_errors=True)
        raise nothing
    try:
        for path in (folder / "scenario.yaml", *source.files()):
            copy = hidden / path.relative_to(folder)
            copy.parent.mkdir(exist_ok=True)
            _link(path, copy)
    except OSError as error:
        shutil.rmtree(hidden, ignore_errors=True)
        raise unwritable(folder, error) from error


def _link(path: Path, copy: Path) -> None:
    """Give a file a second name, or a copy: files of a run are replaced, and never changed in place."""
    copy.unlink(missing_ok=True)
    try:
        os.link(path, copy)
    except OSError:
        shutil.copy2(path, copy)
