"""The layers of a scenario, laid over one another: the catalogue, what the file extends, the file itself."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, NoReturn

from escalation.errors import Problem, ScenarioError, nearest
from escalation.scenario import files
from escalation.scenario.document import SCHEMA_VERSION
from escalation.scenario.policy_line import with_mappings
from escalation.scenario.read import shown
from escalation.scenario.tree import Leaf, Mapping, Node, Place, Refused, entries_at, merge

LONGEST = 16
"""Files that may extend one another."""
NO_CATALOGUE = "none"
HEADER = ("extends", "catalogue")
"""Keys that say how a file is put together; they are used up here."""


class Layer(NamedTuple):
    """One file: its tree, its name in errors, and the folder that it may extend files of."""

    root: Mapping
    shown: str
    path: Path | None


def layers(root: Node, shown: str, path: Path | None, problems: list[Problem]) -> list[Layer]:
    """Return the layer of `root` (the text of `path`) and of each file it extends, nearest first.

    Mistakes that do not stop the reading are added to `problems`. Raises ScenarioError, with these, for a
    base that is missing, outside the folder, unreadable or extended in a circle.
    """
    chain = [_layer(root, shown, path, problems)]
    while (leaf := _header(chain[-1].root, "extends", problems)) is not None:
        base, name = _base(chain[-1], leaf, problems)
        _check_circle(chain, base, name, leaf, problems)
        chain.append(_layer(_read(base, name, problems), name, base, problems))
    return chain


def combine(chain: list[Layer], catalogue: Leaf | None, problems: list[Problem]) -> Mapping:
    """Return the layers laid over one another, over the catalogue that they (or `catalogue`) choose."""
    stated = [leaf for layer in chain if (leaf := _header(layer.root, "catalogue", problems)) is not None]
    result = _catalogue(catalogue or next(iter(stated), None), problems)
    for layer in reversed(chain):
        entries = {name: entry for name, entry in layer.root.entries.items() if name not in HEADER}
        over = with_mappings(layer.root.with_entries(entries), problems)
        result = merge(result, over) if result else over
    return result or chain[0].root


def _layer(root: Node, shown: str, path: Path | None, problems: list[Problem]) -> Layer:
    if not isinstance(root, Mapping):
        found = "the file holds a single value or list" if not _is_nothing(root) else "the file is empty"
        _stop(root.place, "", found, "a scenario is a mapping: KEY: VALUE lines", problems)
    return Layer(root, shown, path)


def _is_nothing(root: Node) -> bool:
    return isinstance(root, Leaf) and root.value is None


def _header(root: Mapping, name: str, problems: list[Problem]) -> Leaf | None:
    node = root.get(name)
    if isinstance(node, Leaf) and isinstance(node.value, str):
        return node
    if node is None:
        return None
    if isinstance(node, Leaf) and node.value is Refused.VALUE:
        raise ScenarioError(problems)
    found = shown(node.value) if isinstance(node, Leaf) else "a list or mapping"
    return _stop(node.place, name, found, "write one name here, or leave the key out", problems)


def _base(layer: Layer, leaf: Leaf, problems: list[Problem]) -> tuple[Path, str]:
    name = str(leaf.value)
    if name.startswith(files.PREFIX):
        return _shipped_base(name.removeprefix(files.PREFIX), leaf, problems)
    if layer.path is None:
        found = f"{name!r}, but this text lies in no folder"
        _stop(leaf.place, "extends", found, "use shipped:NAME", problems)
    folder = layer.path.parent
    if _leaves(folder, name):
        _stop(
            leaf.place,
            "extends",
            f"{name!r} lies outside this file's folder",
            "a file of the same folder or below, without “..”, or shipped:NAME",
            problems,
        )
    if not files.is_file(folder / name):
        beside = [file for file in files.scenarios_in((folder / name).parent) if file != layer.path.name]
        _stop(
            leaf.place,
            "extends",
            f"there is no file {name!r} in this file's folder",
            "a file of the same folder or below, or shipped:NAME",
            problems,
            nearest(Path(name).name, beside),
        )
    return folder / name, str(Path(layer.shown).parent / name)


def _shipped_base(name: str, leaf: Leaf, problems: list[Problem]) -> tuple[Path, str]:
    if name not in files.shipped_names():
        _stop(
            leaf.place,
            "extends",
            f"no scenario of the name {name!r} is shipped",
            f"shipped are {', '.join(files.shipped_names())}",
            problems,
            nearest(name, files.shipped_names()),
        )
    return files.shipped_path(name), str(files.shipped_path(name))


def _leaves(folder: Path, name: str) -> bool:
    parts = Path(name).parts
    if "\0" in name or "\\" in name or ".." in parts or Path(name).is_absolute():
        return True
    try:
        return not (folder / name).resolve().is_relative_to(folder.resolve())
    except OSError:
        return True


def _check_circle(chain: list[Layer], base: Path, name: str, leaf: Leaf, problems: list[Problem]) -> None:
    seen = [layer.path.resolve() for layer in chain if layer.path is not None]
    if base.resolve() in seen:
        story = " → ".join([*(layer.shown for layer in chain), name])
        _stop(leaf.place, "extends", f"files that extend one another in a circle: {story}", "", problems)
    if len(chain) >= LONGEST:
        _stop(leaf.place, "extends", f"more than {LONGEST} files that extend one another", "", problems)


def _read(path: Path, shown: str, problems: list[Problem]) -> Node:
    try:
        return files.read(path, shown, problems)
    except ScenarioError as error:
        raise ScenarioError(dict.fromkeys([*problems, *error.problems])) from None


def _catalogue(leaf: Leaf | None, problems: list[Problem]) -> Mapping | None:
    name = str(leaf.value) if leaf else "standard"
    if name == NO_CATALOGUE:
        return None
    if leaf and name not in files.shipped_catalogues():
        known = [*files.shipped_catalogues(), NO_CATALOGUE]
        _stop(
            leaf.place,
            "catalogue",
            f"no catalogue of the name {name!r}",
            f"one of {', '.join(known)}",
            problems,
            nearest(name, known),
        )
    path = files.shipped_catalogue(name)
    layer = _layer(_read(path, str(path), problems), str(path), path, problems)
    return _instruments_only(layer.root, problems)


def _instruments_only(root: Mapping, problems: list[Problem]) -> Mapping:
    version = entries_at(root).get("schema_version")
    if version is None or not isinstance(version.node, Leaf) or version.node.value != SCHEMA_VERSION:
        found = "a catalogue of another version"
        _stop(root.place, "schema_version", found, f"{SCHEMA_VERSION} is read", problems)
    for name, entry in root.entries.items():
        if name not in ("schema_version", "instruments"):
            problems.append(
                entry.key.problem(name, "unknown key", "a catalogue has schema_version and instruments")
            )
    return root.with_entries({name: root.entries[name] for name in ("instruments",) if name in root.entries})


def _stop(
    place: Place, path: str, found: str, allowed: str, problems: list[Problem], near: str = ""
) -> NoReturn:
    raise ScenarioError([*problems, place.problem(path, found, allowed, near)])
