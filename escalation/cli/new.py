"""`escalation new`: a scenario file to start from."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from escalation.errors import EnvironmentFault, InputError
from escalation.present.screen import put


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the scenario; it makes NAME.yaml.")],
    title: Annotated[str | None, typer.Option("--title", help="Its title.")] = None,
) -> None:
    """Write NAME.yaml in the current folder: a scenario that runs, to be changed.

    \b
    Example:
      escalation new my_case --title "My case"
    """
    from escalation.scenario.write import template

    stem = name.removesuffix(".yaml")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", stem):
        raise InputError(f"{name}: is not a name for a scenario; use letters, digits, _ and -")
    path = Path(f"{stem}.yaml")
    text = template(stem, title or stem.replace("_", " ").capitalize())
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        raise InputError(f"{path}: exists already and is not overwritten; choose another name") from error
    except OSError as error:
        raise EnvironmentFault(f"{path}: cannot be written: {error.strerror}") from error
    put(f"{path} written; try: escalation run {path}")
