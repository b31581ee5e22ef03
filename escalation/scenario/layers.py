"""The layers of a scenario, laid over one another: the catalogue, what the file extends, the file itself.

What the actors of a file take from the library (`actors.NAME.library`) lies under that file, cut to what the
scenario has. A file of the library describes one actor: `actor` is what stands at `actors.NAME`, `towards`
what stands at `dyads.NAME`.
"""

from __future__ import annotations

from collections.abc import Mapping as Groups
from datetime import date
from pathlib import Path
from typing import NamedTuple

from escalation.errors import ScenarioError, nearest
from escalation.scenario import files
from escalation.scenario.names import before, only_known, removed, without
from escalation.scenario.policy_line import with_mappings
from escalation.scenario.read import shown
from escalation.scenario.tree import (
    Entry,
    Leaf,
    Mapping,
    Node,
    Problems,
    Refused,
    day_at,
    edited,
    entries_at,
    is_null,
    merge,
    node_at,
    plain,
)

LONGEST = 16
"""Files that may extend one another."""
NO_CATALOGUE = "none"
HEADER = ("extends", "catalogue")
"""Keys that say how a file is put together; they are used up here."""
LIBRARY = "library"
"""The key of an actor that names its file of the library; it is used up here."""


class Layer(NamedTuple):
    """One file: its tree, its name in errors, and the folder that it may extend files of."""

    root: Mapping
    shown: str
    path: Path | None


def layers(root: Node, shown: str, path: Path | None, problems: Problems) -> list[Layer]:
    """Return the layer of `root` (the text of `path`) and of each file it extends, nearest first.

    Mistakes that do not stop the reading are added to `problems`. Raises ScenarioError, with these, for a
    base that is missing, outside the folder, unreadable or extended in a circle.
    """
    chain = [_layer(root, shown, path, problems)]
    while (leaf := _header(chain[-1].root, "extends", problems)) is not None:
        base, name = _base(chain[-1], leaf, problems)
        _check_circle(chain, base, name, leaf, problems)
        chain.append(_layer(files.read(base, name, problems), name, base, problems))
    return chain


def combine(chain: list[Layer], catalogue: Leaf | None, problems: Problems) -> Mapping:
    """Return the layers laid over one another, over the catalogue that they (or `catalogue`) choose."""
    chosen = [leaf for layer in chain if (leaf := _header(layer.root, "catalogue", problems)) is not None]
    result = _catalogue(catalogue or next(iter(chosen), None), problems)
    roots = [with_mappings(layer.root.without(*HEADER), problems) for layer in reversed(chain)]
    known = {
        group: {name for root in (result, *roots) if root for name in entries_at(root, group)}
        for group in ("actors", "instruments")
    }
    for root in roots:
        over = with_library(root, known, problems)
        result = lay(result, over) if result else over
    return result or chain[0].root


def lay(base: Mapping, over: Mapping) -> Mapping:
    """Return `base` with `over` laid on it, without what only makes sense with what `over` takes away.

    An actor, instrument, shock or act that is removed by `null` takes with it what mentions only it; an end
    that is moved forward takes what lies beyond it. A record as history replaces acts that are written one by
    one. Nothing that `over` itself says is dropped.
    """
    if _names_record(over) and not _names_record(base):
        base = base.without("history")
    merged, file = merge(base, over), over.position.file
    gone = removed(base, over)
    end = day_at(over, "end")
    if end and end < (day_at(base, "end") or end) and _is_after_takeover(merged, end):
        merged, late = before(merged, end, file)
        gone = {group: gone.get(group, set()) | late.get(group, set()) for group in gone | late}
    return without(merged, base, gone, file)


def _names_record(root: Mapping) -> bool:
    return isinstance(node_at(root, "history", "record"), Leaf)


def _is_after_takeover(root: Mapping, end: date) -> bool:
    days = (day_at(root, name) for name in ("start", "simulate_from"))
    return all(day < end for day in days if day)


def _layer(root: Node, shown: str, path: Path | None, problems: Problems) -> Layer:
    if not isinstance(root, Mapping):
        mistake = "the file is empty" if is_null(root) else "the file holds a single value or list"
        problems.stop(root.position, "", mistake, "a scenario is a mapping: KEY: VALUE lines")
    return Layer(root, shown, path)


def _header(root: Mapping, name: str, problems: Problems) -> Leaf | None:
    node = root.get(name)
    if isinstance(node, Leaf) and isinstance(node.value, str):
        return node
    if node is None:
        return None
    if isinstance(node, Leaf) and node.value is Refused.VALUE:
        raise ScenarioError(problems)
    written = shown(node.value) if isinstance(node, Leaf) else "a list or mapping"
    return problems.stop(node.position, name, written, "write one name here, or leave the key out")


def _base(layer: Layer, leaf: Leaf, problems: Problems) -> tuple[Path, str]:
    name = str(leaf.value)
    if name.startswith(files.PREFIX):
        return _shipped_base(name.removeprefix(files.PREFIX), leaf, problems)
    folder = layer.path.parent if layer.path else None
    if name in files.shipped_names() and not (folder and files.is_file(folder / name)):
        return _shipped_base(name, leaf, problems)
    if folder is None:
        mistake = f"{shown(name)}, but this text lies in no folder"
        problems.stop(leaf.position, "extends", mistake, "use shipped:NAME")
    if any(leaves(folder, file) for file in (name, f"{name}.yaml")):
        mistake = f"{shown(name)} lies outside this file's folder"
        allowed = "a file of the same folder or below, without “..”, or shipped:NAME"
        problems.stop(leaf.position, "extends", mistake, allowed)
    for path in (folder / name, folder / f"{name}.yaml"):
        if files.is_file(path):
            return path, str(Path(layer.shown).parent / path.relative_to(folder))
    assert layer.path is not None
    beside = [file for file in files.scenarios_in((folder / name).parent) if file != layer.path.name]
    return problems.stop(
        leaf.position,
        "extends",
        f"there is no file {shown(name)} in this file's folder",
        "a file of the same folder or below, or shipped:NAME",
        nearest(Path(name).name, [*beside, *files.shipped_names()]),
    )


def _shipped_base(name: str, leaf: Leaf, problems: Problems) -> tuple[Path, str]:
    shipped = files.shipped_names()
    if name not in shipped:
        mistake = f"no scenario of the name {shown(name)} is shipped"
        allowed = f"shipped are {', '.join(shipped)}"
        problems.stop(leaf.position, "extends", mistake, allowed, nearest(name, shipped))
    return files.shipped_path(name), str(files.shipped_path(name))


def leaves(folder: Path, name: str) -> bool:
    """Return whether a file of that name would lie outside the folder."""
    parts = Path(name).parts
    if "\0" in name or "\\" in name or ".." in parts or Path(name).is_absolute():
        return True
    try:
        return not (folder / name).resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # a name too long, links in a circle: no file at all
        return False


def _check_circle(chain: list[Layer], base: Path, name: str, leaf: Leaf, problems: Problems) -> None:
    seen = [layer.path.resolve() for layer in chain if layer.path is not None]
    if base.resolve() in seen:
        story = " → ".join([*(layer.shown for layer in chain), name])
        mistake = f"files that extend one another in a circle: {story}"
        problems.stop(leaf.position, "extends", mistake)
    if len(chain) >= LONGEST:
        problems.stop(leaf.position, "extends", f"more than {LONGEST} files that extend one another")


def _catalogue(leaf: Leaf | None, problems: Problems) -> Mapping | None:
    name = str(leaf.value) if leaf else "standard"
    if name == NO_CATALOGUE:
        return None
    if leaf and name not in files.shipped_names(files.CATALOGUES):
        known = [*files.shipped_names(files.CATALOGUES), NO_CATALOGUE]
        mistake = f"no catalogue of the name {shown(name)}"
        problems.stop(leaf.position, "catalogue", mistake, f"one of {', '.join(known)}", nearest(name, known))
    root = files.read_shipped(name, files.CATALOGUES, problems)
    return root.with_entries({"instruments": root.entries["instruments"]})


# ---- the library of actors


def library_actors() -> list[tuple[str, str]]:
    """Return the actors of the library: name and title. Raises ScenarioError for an unreadable file."""
    files_read = {name: _actor_file(name, Problems()) for name in files.shipped_names(files.ACTORS)}
    return [(name, str(plain(file["title"].node))) for name, file in files_read.items()]


def _actor_file(name: str, problems: Problems) -> dict[str, Entry]:
    return files.read_shipped(name, files.ACTORS, problems).entries


def with_library(root: Mapping, known: Groups[str, set[str]], problems: Problems) -> Mapping:
    """Return a file laid over what its actors take from the library.

    `known` are the names of all actors and instruments that the scenario has. Raises ScenarioError, with the
    mistakes so far, where a name is not in the library.
    """
    chosen = _chosen(root, problems)
    if not chosen:
        return root
    groups: dict[str, dict[str, Entry]] = {"actors": {}, "dyads": {}}
    for name, leaf in chosen.items():
        file = _actor_file(str(leaf.value), problems)
        groups["actors"][name] = Entry(leaf.position, file["actor"].node)
        if "towards" in file:
            groups["dyads"][name] = Entry(leaf.position, file["towards"].node)
    tree = {
        key: Entry(root.position, Mapping(root.position, group)) for key, group in groups.items() if group
    }
    described = with_mappings(only_known(Mapping(root.position, tree), known), problems)

    def unreferenced(actor: Node, _: str) -> Node:
        return actor.without(LIBRARY) if isinstance(actor, Mapping) else actor

    return merge(described, edited(root, ("actors", "*"), unreferenced))


def _chosen(root: Mapping, problems: Problems) -> dict[str, Leaf]:
    """Return the name in the library of each actor that has one."""
    chosen: dict[str, Leaf] = {}
    mistakes, known = len(problems), files.shipped_names(files.ACTORS)
    for name, entry in entries_at(root, "actors").items():
        node, path = node_at(entry.node, LIBRARY), f"actors.{name}.{LIBRARY}"
        if node is None or (isinstance(node, Leaf) and node.value is Refused.VALUE):
            continue
        if isinstance(node, Leaf) and node.value in known:
            chosen[name] = node
        elif isinstance(node, Leaf) and isinstance(node.value, str):
            mistake = f"no actor of the name {shown(node.value)} in the library"
            allowed, near = f"one of {', '.join(known)}", nearest(node.value, known)
            problems.note(node.position, path, mistake, allowed, near)
        else:
            position = node.position if isinstance(node, Leaf) else entry.key
            allowed = "write the name of one actor of the library, or leave the key out"
            problems.note(position, path, "this is no name", allowed)
    if len(problems) > mistakes:
        raise ScenarioError(dict.fromkeys(problems))
    return chosen
