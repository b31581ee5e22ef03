"""What the commands of studies that keep a folder share: how one is gone on with, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, NoReturn

import typer

from escalation.cli.guard import INTERRUPTED
from escalation.present.screen import remark
from escalation.present.table import Format


class Wanted(NamedTuple):
    """How a study is gone on with and shown: the options of `escalation resume`."""

    workers: int
    clock: str
    engine: str
    form: Format
    full: bool
    quiet: bool


def remarks(quiet: bool) -> Callable[[str], None] | None:
    """Return what remarks on the work are said with; None when nothing is to be said."""
    return None if quiet else remark


def say_complete(folder: Path, quiet: bool) -> None:
    """Say that a study has nothing left to do."""
    if not quiet:
        remark(f"{folder}: is complete; there is nothing to go on with")


def leave_unfinished(folder: Path | None, quiet: bool) -> NoReturn:
    """Say how to go on with what was kept in `folder`, and exit with the status for it."""
    if folder and not quiet:
        remark(f"`escalation resume {folder}` goes on with it")
    raise typer.Exit(INTERRUPTED)
