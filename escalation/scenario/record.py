"""Records: tables of dated acts, shocks and routine steps, read with the place of every mistake.

A record is a CSV file with the columns of `COLUMNS`. One row is one act of one actor against one target; rows
that share a `package` are one decision. The mapping of sources to instruments, actors and shocks is described
in docs/records.md.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date as Date
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from escalation.errors import (
    EnvironmentFault,
    InputError,
    Problem,
    ScenarioError,
    did_you_mean,
    nearest,
    system_reason,
)
from escalation.scenario import files
from escalation.scenario.document import Instrument
from escalation.scenario.tree import Problems, plain

Kind = Literal["act", "shock", "routine", "unmapped"]
"""What a row is: an act of policy; a shock, which no modelled actor chose; a routine step such as a renewal,
which no rate counts; or something that no instrument of the catalogue expresses, its reason in `note`."""
KINDS: tuple[str, ...] = get_args(Kind)
CONFIDENCE = ("sourced", "memory")
COLUMNS = (
    "date", "actor", "target", "instrument", "size", "in_force", "package", "kind", "answers", "note",
    "source", "confidence",
)  # fmt: skip
NEEDED = ("date", "actor", "target", "instrument")
"""Columns that every record has; the others may be left out and are then empty."""
LARGEST = 20_000_000
"""Bytes that a record may have."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,47}")
_ISO = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class RecordRow:
    """One row of a record; `line` counts from 1. `size` is in the unit of the instrument, None where unknown.

    `package` names the decision that the row belongs to, `answers` the earlier ones that it answers. Of a
    shock, `actor` is who is blamed, `instrument` the name of the shock and `size` its magnitude on the scale
    of severities; `target` is empty.
    """

    line: int
    date: Date
    actor: str
    target: str
    instrument: str
    size: float | None = None
    in_force: Date | None = None
    package: str = ""
    kind: Kind = "act"
    answers: tuple[str, ...] = ()
    note: str = ""
    source: str = ""
    confidence: str = "sourced"


@dataclass(frozen=True)
class Record:
    """Dated acts in the order of their dates; `name` is that of the file without its ending.

    `shown` is what errors call the file.
    """

    name: str
    entries: tuple[RecordRow, ...]
    shown: str = ""

    @property
    def acts(self) -> tuple[RecordRow, ...]:
        """The acts of policy."""
        return tuple(entry for entry in self.entries if entry.kind == "act")

    def before(self, day: Date) -> Record:
        """Return what the record holds up to the day before `day`."""
        return replace(self, entries=tuple(entry for entry in self.entries if entry.date < day))


def shipped_records() -> list[str]:
    """Return the names of the shipped records in alphabetical order."""
    return sorted(path.stem for path in (files.shipped_folder() / "records").glob("*.csv"))


def find_record(source: str | Path, option: str = "") -> Path:
    """Return the file that `source` names: a path, or a shipped record (`belarus`).

    Raises InputError, which begins with `option`.
    """
    path = Path(source)
    if files.is_file(path):
        return path
    if str(source) in shipped_records():
        return files.shipped_folder() / "records" / f"{source}.csv"
    names = shipped_records()
    known = f"{', '.join(names)}{did_you_mean(path.stem, names)}"
    raise InputError(f"{option}{source}: no such file; a path to a record, or one of {known}")


@cache
def catalogue() -> Mapping[str, Instrument]:
    """Return the instruments of the standard catalogue by name."""
    entries = plain(files.read_shipped("standard", files.CATALOGUES, Problems()))["instruments"]
    return {name: Instrument.model_validate(entry) for name, entry in entries.items()}


def read_record(source: str | Path, instruments: Collection[str] | None = None, shown: str = "") -> Record:
    """Return the record in a file or of a shipped name; `instruments` are the names that acts may use.

    `shown` is what errors call the file, its path unless given.
    Raises InputError when there is none, ScenarioError with every mistake found in it, in the order of lines.
    """
    path = find_record(source)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EnvironmentFault(f"{path}: cannot be read: {system_reason(error)}") from error
    return parse_record(content, shown or str(path), path.stem, instruments)


def parse_record(content: bytes, shown: str, name: str, instruments: Collection[str] | None = None) -> Record:
    """Return the record written in `content`, called `shown` in errors. Raises ScenarioError.

    `instruments` are a scenario's; those of the standard catalogue unless given.
    """
    if len(content) > LARGEST:
        raise ScenarioError([Problem(shown, 0, 0, "", "the file is too large", f"at most {LARGEST:,} bytes")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        mistake = f"the byte 0x{content[error.start]:02x} is not UTF-8"
        raise ScenarioError([Problem(shown, line, 1, "", mistake, "save the file as UTF-8 text")]) from None
    reading = _Reading(shown, instruments)
    entries = reading.entries(text)
    reading.check_whole(entries)
    if reading.problems:
        raise ScenarioError(sorted(reading.problems, key=lambda problem: (problem.line, problem.column)))
    return Record(name, tuple(sorted(entries, key=lambda entry: (entry.date, entry.line))), shown)


class _Reading:
    """Reads the rows of one file and collects what is wrong with them."""

    def __init__(self, shown: str, instruments: Collection[str] | None):
        self.shown, self.instruments = shown, tuple(catalogue() if instruments is None else instruments)
        self.wanted = "a name of the catalogue" if instruments is None else "an instrument of the scenario"
        self.unknown: dict[str, list[int]] = {}
        """The lines of each instrument that there is not."""
        self.problems: list[Problem] = []
        self._at: dict[str, int] = {}
        self._line = 1

    def entries(self, text: str) -> list[RecordRow]:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        entries: list[RecordRow] = []
        try:
            self._header(next(reader, []))
            while self._at:
                self._line = reader.line_num + 1
                if (row := next(reader, None)) is None:
                    break
                if any(cell.strip() for cell in row) and (entry := self._entry(row)):
                    entries.append(entry)
        except csv.Error as error:
            self._problem("", f"not a row of a CSV file: {error}")
        return entries

    def _header(self, row: Sequence[str]) -> None:
        names = [cell.strip() for cell in row]
        for n, name in enumerate(names, 1):
            if name not in COLUMNS:
                allowed = f"columns are {', '.join(COLUMNS)}"
                self._problem("", f"unknown column {name!r}", allowed, nearest(name, COLUMNS), n)
            elif names.index(name) != n - 1:
                self._problem("", f"the column {name} stands twice", column=n)
        missing = [name for name in NEEDED if name not in names]
        if missing:
            self._problem("", f"no column {', '.join(missing)}", f"the first line names {', '.join(COLUMNS)}")
        elif not self.problems:
            self._at = {name: n for n, name in enumerate(names, 1)}

    def _problem(self, name: str, mistake: str, allowed: str = "", near: str = "", column: int = 0) -> None:
        at = column or self._at.get(name, 1)
        self.problems.append(Problem(self.shown, self._line, at, name, mistake, allowed, near))

    def _entry(self, row: Sequence[str]) -> RecordRow | None:
        if len(row) != len(self._at):
            self._problem("", f"found {len(row)} cells", f"the first line has {len(self._at)}")
            return None
        cells = dict.fromkeys(COLUMNS, "") | {name: row[at - 1].strip() for name, at in self._at.items()}
        before = len(self.problems)
        day = self._date("date", cells["date"])
        kind = self._choice("kind", cells["kind"] or "act", KINDS)
        confidence = self._choice("confidence", cells["confidence"] or "sourced", CONFIDENCE)
        self._names(cells, kind)
        size = self._size(cells["size"])
        in_force = self._date("in_force", cells["in_force"]) if cells["in_force"] else None
        if day and in_force and in_force < day:
            self._problem("in_force", f"{in_force} lies before the date {day}")
        if len(self.problems) > before or day is None:
            return None
        return RecordRow(
            self._line, day, cells["actor"], cells["target"], cells["instrument"], size, in_force,
            cells["package"] or f"{cells['actor']}-{day}", kind,  # type: ignore[arg-type]  # checked above
            tuple(filter(None, map(str.strip, cells["answers"].split(";")))), cells["note"], cells["source"],
            confidence,
        )  # fmt: skip

    def _names(self, cells: Mapping[str, str], kind: str) -> None:
        actor, target, instrument = cells["actor"], cells["target"], cells["instrument"]
        known = catalogue().get(
            instrument
        )  # what gives way may be addressed to every opponent, without a name
        to_all = known is not None and known.family == "conciliatory"
        for name in ("actor", "target"):
            optional = name == "target" and (kind in ("shock", "unmapped") or to_all)
            if not _NAME.fullmatch(cells[name]) and not (optional and not cells[name]):
                self._problem(name, f"{cells[name]!r} is no name", "a to z, digits and _, as in new_zealand")
        if actor and actor == target:
            self._problem("target", f"{actor} acts against itself", "leave out what is domestic")
        if kind == "unmapped":
            if instrument:
                self._problem("instrument", f"{instrument!r} in an unmapped row", "leave it empty")
            if not cells["note"]:
                self._problem("note", "empty in an unmapped row", "the reason why nothing fits")
        elif kind == "shock":
            if not _NAME.fullmatch(instrument):
                self._problem("instrument", f"{instrument!r} is no name of a shock")
        elif instrument not in self.instruments:
            self.unknown.setdefault(instrument, []).append(self._line)

    def _date(self, name: str, text: str) -> Date | None:
        try:
            if _ISO.fullmatch(text):
                return Date.fromisoformat(text)
        except ValueError:
            pass
        self._problem(name, f"{text!r} is no date", "year-month-day, as in 2020-10-02")
        return None

    def _choice(self, name: str, text: str, allowed: Sequence[str]) -> str:
        if text not in allowed:
            self._problem(name, f"found {text!r}", f"one of {', '.join(allowed)}", nearest(text, allowed))
        return text

    def _size(self, text: str) -> float | None:
        try:
            size = float(text) if text else None
        except ValueError:
            size = -1.0
        if size is not None and not 0 <= size <= 1e9:
            self._problem("size", f"found {text!r}", "a number of names, posts or firms, or nothing")
        return size

    def check_whole(self, entries: Iterable[RecordRow]) -> None:
        """Find what shows only in the whole record: unknown instruments, answers to nothing, and doubles."""
        for instrument, lines in self.unknown.items():
            self._line = lines[0]
            more = f" (in {len(lines)} rows, first here)" if len(lines) > 1 else ""
            near = nearest(instrument, self.instruments)
            self._problem("instrument", f"no instrument {instrument!r}{more}", self.wanted, near)
        entries = list(entries)
        first: dict[str, Date] = {}
        for entry in entries:
            first[entry.package] = min(entry.date, first.get(entry.package, entry.date))
        seen: Counter[tuple[object, ...]] = Counter()
        for entry in entries:
            self._line = entry.line
            for answered in entry.answers:
                if answered not in first:
                    self._problem("answers", f"no package {answered!r}", "", nearest(answered, tuple(first)))
                elif first[answered] > entry.date:
                    self._problem("answers", f"{answered} comes later, on {first[answered]}")
            key = (entry.date, entry.actor, entry.target, entry.instrument, entry.kind)
            seen[key] += 1
            if seen[key] > 1 and entry.kind != "unmapped":
                self._problem("", f"a second row for {entry.actor}, {entry.instrument} on {entry.date}",
                              "one row for each day, actor, target and instrument")  # fmt: skip


def write_record(record: Record) -> str:
    """Return a record as the text of its CSV file; `read_record` gives the same entries back."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_cells(entry) for entry in record.entries)
    return stream.getvalue()


def _cells(entry: RecordRow) -> Iterator[str]:
    for name in COLUMNS:
        value = getattr(entry, name)
        if isinstance(value, tuple):
            yield ";".join(value)
        else:
            yield f"{value:g}" if isinstance(value, float) else "" if value is None else str(value)
