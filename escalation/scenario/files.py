"""From what the user named to the tree of a file: where it lies, and whether it is safe to read."""

from __future__ import annotations

import json
import stat
from functools import cache, lru_cache
from pathlib import Path
from typing import NoReturn

from escalation.errors import EnvironmentFault, ScenarioError, nearest, shortened, system_reason
from escalation.scenario.read import read_text
from escalation.scenario.tree import Mapping, Node, Position, Problems

PREFIX = "shipped:"
"""What a shipped scenario's name may begin with, to tell it from a file."""
SCENARIOS, CATALOGUES, ACTORS = "", "catalogue", "actors"
"""Folders of what is shipped in YAML: scenarios, catalogues of instruments, the library of actors."""


@cache
def shipped_folder() -> Path:
    """Return the folder of the shipped scenarios. Raises EnvironmentFault when the installation lacks it."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "shipped", package.parent / "scenarios"):
        if (folder / CATALOGUES).is_dir():
            return folder
    raise EnvironmentFault(f"the shipped scenarios are missing beside {package}; install the package again")


def shipped_names(folder: str = SCENARIOS) -> list[str]:
    """Return the names of the shipped scenarios, or the files of another folder, in alphabetical order."""
    return sorted(file.stem for file in (shipped_folder() / folder).glob("*.yaml"))


def shipped_path(name: str, folder: str = SCENARIOS) -> Path:
    """Return the file of the shipped scenario `name`, or of that name in another folder."""
    return shipped_folder() / folder / f"{name}.yaml"


def shipped_answers() -> dict[str, list[str]]:
    """Return the answer of each shipped scenario, and its score against a record, as docs/write.py does."""
    answers: dict[str, list[str]] = json.loads((shipped_folder() / "answers.json").read_text("utf-8"))
    return answers


LARGEST = 1_000_000
"""Bytes that a scenario file may have."""


def find(source: str | Path) -> Path:
    """Return the file that `source` names: a path, or a shipped scenario (`minimal`, `shipped:minimal`).

    A file that exists wins over a shipped scenario of the same name; `mine` is also `mine.yaml`. Raises
    ScenarioError, with the nearest name, when there is neither.
    """
    text = str(source)
    if is_file(Path(text)):
        return Path(text)
    name, known = text.removeprefix(PREFIX), shipped_names()
    if name in known:
        return shipped_path(name)
    if text.startswith(PREFIX):
        mistake = f"no scenario of the name {shortened(name, 60)!r} is shipped"
        refuse(text, mistake, _shipped_words(), nearest(name, known))
    written = Path(f"{text}.yaml")
    return written if is_file(written) else Path(text)


def read(path: Path, shown: str, problems: Problems) -> Node:
    """Return the tree of the file at `path`, called `shown` in errors; small mistakes go to `problems`.

    Raises ScenarioError when the file cannot be read: missing, a folder, a device, too large, not UTF-8, not
    YAML.
    """
    try:
        node, mistakes = _parsed(_text(path, shown), shown)
    except ScenarioError as error:
        raise ScenarioError(dict.fromkeys([*problems, *error.problems])) from None
    problems += mistakes
    return node


def read_shipped(name: str, folder: str, problems: Problems) -> Mapping:
    """Return the tree of a shipped catalogue, or of an actor of the library."""
    path = shipped_path(name, folder)
    root = read(path, str(path), problems)
    assert isinstance(root, Mapping)
    return root


@lru_cache(maxsize=64)
def _parsed(text: str, shown: str) -> tuple[Node, Problems]:
    """Parse once what many scenarios extend; trees are never changed."""
    problems = Problems()
    return read_text(text, Position(shown, 1, 1), problems), problems


def refuse(file: str, mistake: str, allowed: str = "", near: str = "") -> NoReturn:
    """Raise the ScenarioError about the file as a whole."""
    Problems().stop(Position(file), "", mistake, allowed, near)


def is_file(path: Path) -> bool:
    """Return whether `path` is a regular file, whatever its name is made of."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _text(path: Path, shown: str) -> str:
    content = _bytes(path, shown)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line_start = before.rfind(b"\n") + 1
        position = Position(shown, before.count(b"\n") + 1, len(before[line_start:].decode("utf-8")) + 1)
        mistake = f"the byte 0x{content[error.start]:02x} is not UTF-8"
        Problems().stop(position, "", mistake, "save the file as UTF-8 text")


def _bytes(path: Path, shown: str) -> bytes:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            inside = scenarios_in(path)
            refuse(shown, "this is a folder", "a scenario is a file", str(path / inside[0]) if inside else "")
        if not stat.S_ISREG(status.st_mode):
            refuse(shown, "this is a device or pipe", "a scenario is a regular file")
        if status.st_size <= LARGEST:
            with path.open("rb") as file:
                content = file.read(LARGEST + 1)
            if len(content) <= LARGEST:
                return content
    except (FileNotFoundError, NotADirectoryError, ValueError):
        _missing(path, shown)
    except OSError as error:
        refuse(shown, f"this file cannot be read: {system_reason(error)}")
    refuse(shown, "the file is too large", f"a scenario has at most {LARGEST:,} bytes")


def _missing(path: Path, shown: str) -> NoReturn:
    beside = nearest(path.name, scenarios_in(path.parent))
    near = str(path.with_name(beside)) if beside else nearest(path.stem, shipped_names())
    refuse(shown, "no such file", _shipped_words(), near)


def _shipped_words() -> str:
    return f"a path to a scenario file, or one of the shipped: {', '.join(shipped_names()) or 'none'}"


def scenarios_in(folder: Path) -> list[str]:
    """Return the names of the YAML and JSON files in `folder`; none where it cannot be read."""
    try:
        return sorted(entry.name for entry in folder.iterdir() if entry.suffix in (".yaml", ".yml", ".json"))
    except (OSError, ValueError):
        return []
