"""A scenario whose past is a record: acts before a day are history, from that day on the model decides.

Works on the tree of a scenario, so that what a record cannot be is said with its line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date as Date
from pathlib import Path
from typing import Any

from escalation.errors import InputError, ScenarioError, nearest
from escalation.scenario.layers import Layer, leaves
from escalation.scenario.read import shown
from escalation.scenario.record import Record, RecordRow, catalogue, find_record, read_record, shipped_records
from escalation.scenario.tree import (
    Entry,
    Leaf,
    Node,
    Position,
    Problems,
    day_at,
    entries_at,
    node_at,
    node_of,
    value_at,
)
from escalation.scenario.tree import Mapping as Tree

EU_MEMBERS = frozenset(
    {
        "austria", "belgium", "bulgaria", "croatia", "cyprus", "czechia", "denmark", "estonia", "finland",
        "france", "germany", "greece", "hungary", "ireland", "italy", "latvia", "lithuania", "luxembourg",
        "malta", "netherlands", "poland", "portugal", "romania", "slovakia", "slovenia", "spain", "sweden",
    }
)  # fmt: skip
"""Members that stand for the EU as targets, where a scenario has the EU and not them."""

NO_ACTOR = "an actor that the scenario does not have"
LeftOut = dict[str, int]
"""Rows of a record that a scenario could not take, by reason."""


def past_of(root: Tree, chain: list[Layer], problems: Problems) -> tuple[Tree, LeftOut]:
    """Return a scenario whose `history` names a record with what that holds before the day `until`.

    Others are returned as they are. `chain` are the files that `root` was put together from. Mistakes are
    added to `problems`; the scenario is then without history.
    """
    name, until = (node_at(root, "history", key) for key in ("record", "until"))
    if not isinstance(name, Leaf) and not isinstance(until, Leaf):
        return root, {}
    rest = {
        key: entry for key, entry in entries_at(root, "history").items() if key not in ("record", "until")
    }
    history = root.entries["history"]
    own = Tree(history.node.position, rest)
    bare = root.with_entries(root.entries | {"history": Entry(history.key, own)})
    day = day_at(root, "history", "until")
    if not isinstance(name, Leaf) or not isinstance(name.value, str):
        at = name.position if name else history.key
        problems.note(at, "history.record", "no record is named", "a shipped record or a CSV file")
    elif day is None or not isinstance(until, Leaf):
        at, mistake = (until.position, "this is no day") if until else (history.key, "no day is named")
        problems.note(at, "history.until", mistake, "the day from which the model decides, as in 2021-03-01")
    else:
        try:
            record = _record(name, chain, [*catalogue(), *entries_at(root, "instruments")], problems)
            return with_record(bare, record, day, until.position)
        except ScenarioError as error:
            problems += error.problems
        except InputError as error:
            problems.note(name.position, "history.record", str(error))
    return bare, {}


def _record(name: Leaf, chain: list[Layer], instruments: list[str], problems: Problems) -> Record:
    """Return the record that a file names: shipped, or in the file's folder or below; an option names any."""
    text = str(name.value)
    layer = next((layer for layer in chain if layer.shown == name.position.file), None)
    if text in shipped_records() or (layer is None and name.position.is_option):
        return read_record(text, instruments)
    folder = layer.path.parent if layer and layer.path else None
    if folder is None:
        mistake = f"{shown(text)}, but this text lies in no folder"
        problems.stop(name.position, "history.record", mistake, f"shipped are {', '.join(shipped_records())}")
    if leaves(folder, text):
        mistake = f"{shown(text)} lies outside this file's folder"
        allowed = "a file of the same folder or below, without “..”, or a shipped record"
        problems.stop(name.position, "history.record", mistake, allowed)
    try:
        path = find_record(folder / text)
    except InputError:
        beside = sorted(file.name for file in folder.glob("*.csv"))
        mistake = f"there is no file {shown(text)} in this file's folder"
        allowed = f"a file of the same folder or below, or one of {', '.join(shipped_records())}"
        near = nearest(Path(text).name, [*beside, *shipped_records()])
        problems.stop(name.position, "history.record", mistake, allowed, near)
    assert layer is not None
    return read_record(path, instruments, str(Path(layer.shown).parent / text))


def with_record(
    root: Tree, record: Record, day: Date, at: Position, shocks_known: bool = False
) -> tuple[Tree, LeftOut]:
    """Return the scenario from `day` on, with what `record` holds before that day as its past.

    Its own history is kept. It ends as before, or as long after `day` as it did after its takeover where that
    is past. Dated shocks from `day` on are unknown to it, unless they are foreseen, `shocks_known`, or stand
    in the file or option that names the day, at `at`. What the record holds from `day` on has no influence.
    Raises InputError where the record has no act before `day`.
    """
    own, shocks = entries_at(root, "history"), _known_shocks(root, day, at, shocks_known)
    past = _Past(root, record, own, shocks)
    for entry in record.before(day).entries:
        past.add(entry)
    if not past.acts:
        raise InputError(f"record {record.name}: no act of the scenario's actors before {day}")
    holds = {
        name: entry
        for name, entry in entries_at(root, "holds").items()
        if (day_at(entry.node, "until") or Date.max) > day
    }
    changes = {
        "start": _start(root, [*past.acts.values(), *past.shocks.values()], at),
        "simulate_from": node_of(day, at),
        "end": _end(root, day, at),
        "history": Tree(at, _keyed(past.acts) | own),
        "shocks": Tree(at, shocks | _keyed(past.shocks)),
        "holds": Tree(at, holds),
    }
    return root.with_entries(root.entries | _keyed(changes)), past.left_out


def _known_shocks(root: Tree, day: Date, at: Position, shocks_known: bool) -> dict[str, Entry]:
    """Return the shocks of a scenario that are known on a day, or said where the day is."""

    def is_known(shock: Entry) -> bool:
        date, is_foreseen = day_at(shock.node, "date"), value_at(shock.node, "foreseen") is True
        is_said = shock.key.is_option or shock.key.file == at.file
        return date is None or date < day or shocks_known or is_foreseen or is_said

    return {name: shock for name, shock in entries_at(root, "shocks").items() if is_known(shock)}


def _start(root: Tree, acts: Iterable[Node], at: Position) -> Node | None:
    """Return the start of a scenario, or the day of the first act or shock where that is earlier."""
    first, start = min(filter(None, (day_at(act, "date") for act in acts))), day_at(root, "start")
    return node_of(first, at) if start and first < start else root.get("start")


def _end(root: Tree, day: Date, at: Position) -> Node | None:
    """Return the end of a scenario; where that is past, the day on which it has lasted as long as it did."""
    start, takeover, end = (day_at(root, key) for key in ("start", "simulate_from", "end"))
    begin = takeover or start
    if end is None or begin is None or end > day:
        return root.get("end")
    return node_of(day + (end - begin), at)


def _keyed(nodes: Mapping[str, Node | None]) -> dict[str, Entry]:
    return {name: Entry(node.position, node) for name, node in nodes.items() if node}


class _Past:
    """Acts and shocks of a record as those of a scenario, by name, and what was left out."""

    def __init__(self, root: Tree, record: Record, own: Collection[str], known: Mapping[str, Entry]):
        self.root, self.record, self.known, self.taken = root, record, known, {*own, *known}
        self.actors, self.instruments = entries_at(root, "actors"), entries_at(root, "instruments")
        self.acts: dict[str, Node] = {}
        self.shocks: dict[str, Node] = {}
        self.left_out: LeftOut = {}
        self._events: dict[str, list[str]] = {}
        self._seen: set[tuple[object, ...]] = set()

    def add(self, entry: RecordRow) -> None:
        """Take one row, or count why it is left out."""
        name = reason = ""
        if entry.kind == "shock":
            name, reason = self._shock(entry)
        elif entry.kind == "act":
            name, reason = self._act(entry)
        if name:
            self._events.setdefault(entry.package, []).append(name)
        if reason:
            self.left_out[reason] = self.left_out.get(reason, 0) + 1

    def _node(self, entry: RecordRow, **fields: Any) -> Tree:
        stated = {name: value for name, value in fields.items() if value not in (None, "", [])}
        node = node_of(stated, Position(self.record.shown, entry.line, 1))
        assert isinstance(node, Tree)
        return node

    def _act(self, entry: RecordRow) -> tuple[str, str]:
        targets = tuple(self._targets(entry))
        key = (entry.date, entry.actor, targets, entry.instrument)
        if reason := self._why_not(entry, targets):
            return "", reason
        if key in self._seen:
            return "", "the same act on several members"
        self._seen.add(key)
        name = self._unused(f"{entry.actor[:30]}_{entry.date:%Y%m%d}")
        events = [event for package in entry.answers for event in self._events.get(package, ())]
        has_size = node_at(self.root, "instruments", entry.instrument, "size") is not None
        self.acts[name] = self._node(
            entry, date=entry.date, actor=entry.actor, target=targets, instrument=entry.instrument,
            size=entry.size if has_size else None, answers=list(dict.fromkeys(events))[:40], note=entry.note,
        )  # fmt: skip
        return name, ""

    def _targets(self, entry: RecordRow) -> Iterator[str]:
        """Yield whom an act hits in the scenario: the target, its bloc, or everybody where it names none."""
        if not entry.target:
            yield from (name for name in self.actors if name != entry.actor)
        elif entry.target in self.actors:
            yield entry.target
        elif entry.target in EU_MEMBERS and "eu" in self.actors and entry.actor != "eu":
            yield "eu"

    def _why_not(self, entry: RecordRow, targets: tuple[str, ...]) -> str:
        if entry.actor not in self.actors:
            return NO_ACTOR
        if not targets or entry.actor in targets:
            return "a target that the scenario does not have"
        if entry.instrument not in self.instruments:
            return "an instrument that the scenario does not have"
        return ""

    def _shock(self, entry: RecordRow) -> tuple[str, str]:
        """Return the name of the scenario's own shock that a row is, or of a new one where it has a size."""
        for name in (entry.instrument, *self.known):
            if not (shock := self.known.get(name)) or day_at(shock.node, "date") != entry.date:
                continue
            if name == entry.instrument or value_at(shock.node, "blamed") == entry.actor:
                return name, ""
        if entry.actor not in self.actors:
            return "", NO_ACTOR
        if entry.size is None:
            return "", "a shock without a size that the scenario does not have"
        name = self._unused(entry.instrument[:40])
        self.shocks[name] = self._node(
            entry, label=entry.instrument.replace("_", " "), date=entry.date, blamed=entry.actor,
            magnitude=entry.size, salience=self._salience(entry.actor),
        )  # fmt: skip
        return name, ""

    def _salience(self, blamed: str) -> Node | dict[str, float]:
        """Return how much each cares: as in a random shock that blames the same, else in the last known."""
        known = list(self.known.values())
        random = [shock for shock in known if node_at(shock.node, "rate") is not None]
        for shock in [*random, *reversed(known)]:
            salience = node_at(shock.node, "salience")
            if value_at(shock.node, "blamed") == blamed and salience:
                return salience
        return {name: 1.0 for name in self.actors if name != blamed}

    def _unused(self, name: str) -> str:
        number, free = 1, name
        while free in self.taken:
            number += 1
            free = f"{name}_{number}"
        self.taken.add(free)
        return free
