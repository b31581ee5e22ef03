"""The scenarios that come with the package, in a checkout and in an installed wheel alike."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from escalation.errors import EnvironmentFault, Problem
from escalation.scenario.node import plain

PREFIX = "shipped:"
"""What a shipped scenario's name may begin with, to tell it from a file."""


class Header(NamedTuple):
    """What a list of scenarios shows of each."""

    name: str
    title: str
    question: str


@cache
def shipped_folder() -> Path:
    """Return the folder of the shipped scenarios. Raises EnvironmentFault when the installation lacks it."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "shipped", package.parent / "scenarios"):
        if (folder / "catalogue").is_dir():
            return folder
    raise EnvironmentFault(f"the shipped scenarios are missing beside {package}; install the package again")


def names() -> list[str]:
    """Return the names of the shipped scenarios in alphabetical order."""
    return sorted(file.stem for file in shipped_folder().glob("*.yaml"))


def path(name: str) -> Path:
    """Return the file of the shipped scenario `name`."""
    return shipped_folder() / f"{name}.yaml"


def catalogue(name: str) -> Path:
    """Return the file of the shipped instrument catalogue `name`."""
    return shipped_folder() / "catalogue" / f"{name}.yaml"


def catalogues() -> list[str]:
    """Return the names of the shipped instrument catalogues in alphabetical order."""
    return sorted(file.stem for file in (shipped_folder() / "catalogue").glob("*.yaml"))


def headers() -> list[Header]:
    """Return name, title and question of every shipped scenario, without validating the rest.

    Raises ScenarioError for a file that cannot be read.
    """
    return [Header(name, *_words(path(name))) for name in names()]


def _words(file: Path) -> tuple[str, str]:
    from escalation.scenario import extend, files  # noqa: PLC0415  reading looks shipped files up itself

    problems: list[Problem] = []
    chain = extend.layers(files.read(file, str(file), problems), str(file), file, problems)
    nodes = {name: [layer.root.get(name) for layer in chain] for name in ("title", "question")}
    title, question = (next((str(plain(node)) for node in nodes[name] if node), "") for name in nodes)
    return title, question
