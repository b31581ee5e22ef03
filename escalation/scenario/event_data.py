"""Event data of other projects read into records: one reader for each format, one way to map and to count.

A reader turns rows into `CodedEvent`s in the codes of its source; `import_events` maps actors and codes,
drops what is domestic, doubled, unknown or outside the dates, and counts every dropped row by its reason.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date as Date
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from escalation.errors import EnvironmentFault, InputError, did_you_mean, system_reason
from escalation.scenario import files
from escalation.scenario.record import Record, RecordRow, catalogue

MENTIONS = 5
"""Reports from which on an event of GDELT is taken to have happened."""

STATES = {
    "belarus": "BLR 370", "eu": "EUR IGOEUREEC EEC European_Union", "us": "USA 2 United_States",
    "uk": "GBR 200 United_Kingdom", "canada": "CAN 20", "poland": "POL 290", "lithuania": "LTU 368",
    "latvia": "LVA 367", "estonia": "EST 366", "germany": "DEU 255 260", "france": "FRA 220",
    "ukraine": "UKR 369", "russia": "RUS 365 Russian_Federation", "iran": "IRN 630", "china": "CHN 710",
    "myanmar": "MMR 775", "nicaragua": "NIC 93", "switzerland": "CHE 225", "norway": "NOR 385",
    "japan": "JPN 740", "australia": "AUS 900", "new_zealand": "NZL 920", "south_korea": "KOR 732",
}  # fmt: skip
"""Actors, and what data call them: ISO 3166 or CAMEO letters, numbers of the Correlates of War, names."""
TARGETS = ("belarus", "russia", "iran", "myanmar", "nicaragua", "china")
"""Actors that answer sanctions unless a map says otherwise: their codes are read as countermeasures."""


class Map(BaseModel):
    """What a map file says: actors, instruments of codes, columns of a table, who answers sanctions."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    actors: dict[str, str] = {}
    """Code or name in the data → actor."""
    codes: dict[str, str] = {}
    """Code in the data → instrument of the catalogue; an empty text drops the code."""
    targets: tuple[str, ...] = TARGETS
    """Actors whose codes are read as countermeasures."""
    columns: dict[str, str] = {}
    """For `csv`: column of a record → column of the file."""


class CodedEvent(NamedTuple):
    """One row of event data, in the codes of its source; `day` is None where the data have no whole date."""

    day: Date | None
    actor: str
    target: str
    code: str
    size: float | None = None
    note: str = ""
    source: str = ""


@dataclass(frozen=True)
class Imported:
    """A record made of event data, with the rows that were read and those that were dropped, by reason."""

    record: Record
    rows: int
    dropped: Mapping[str, int] = field(default_factory=dict)


def import_events(
    path: Path, form: str, map_file: Path | None = None, first: Date | None = None, last: Date | None = None
) -> Imported:
    """Return the record that a file of event data holds, from the day `first` up to the day before `last`.

    `form` is one of `FORMATS`. One act is kept for each day, actor, target and instrument; sizes of rows that
    fall together are added. Raises InputError for a format, a map or a file that cannot be read.
    """
    if form not in FORMATS:
        hint = did_you_mean(form, tuple(FORMATS))
        raise InputError(f"--as {form}: no such format; allowed are {', '.join(FORMATS)}{hint}")
    chosen = read_map(map_file) if map_file else Map()
    reader, scheme = FORMATS[form]
    translate = _Translation(chosen, scheme)
    dropped: Counter[str] = Counter()
    acts: dict[tuple[Date, str, str, str], CodedEvent] = {}
    rows = 0
    for event in reader(_text(path), chosen):
        rows += 1
        if isinstance(event, str):
            dropped[event] += 1
        elif isinstance(act := translate(event, first, last), str):
            dropped[act] += 1
        elif act in acts:
            dropped["the same act on the same day"] += 1
            acts[act] = _merged(acts[act], event)
        else:
            acts[act] = event
    entries = tuple(
        RecordRow(
            line, day, actor, target, instrument, event.size, package=f"{actor}-{day}", note=event.note,
            source=event.source,
        )
        for line, ((day, actor, target, instrument), event) in enumerate(sorted(acts.items()), 2)
    )  # fmt: skip
    return Imported(Record(path.stem, entries), rows, dict(dropped))


def _merged(event: CodedEvent, other: CodedEvent) -> CodedEvent:
    if event.size is None and other.size is None:
        return event
    return event._replace(size=(event.size or 0.0) + (other.size or 0.0))


class _Translation:
    """Maps events to acts by a map file and the table of codes; says why it cannot."""

    def __init__(self, chosen: Map, scheme: str):
        self.chosen, self.scheme = chosen, scheme
        states = {_key(code): name for name, codes in STATES.items() for code in (name, *codes.split())}
        self._actors = states | {_key(code): name for code, name in chosen.actors.items()}

    def __call__(
        self, event: CodedEvent, first: Date | None, last: Date | None
    ) -> tuple[Date, str, str, str] | str:
        if event.day is None:
            return "no whole date"
        if (first and event.day < first) or (last and event.day >= last):
            return "outside the dates asked for"
        actor, target = self._actors.get(_key(event.actor)), self._actors.get(_key(event.target))
        if not actor or not target:
            return "an actor that is empty or unknown"
        if actor == target:
            return "domestic"
        instrument = self._instrument(event.code, actor)
        return (event.day, actor, target, instrument) if instrument else "a code without an instrument"

    def _instrument(self, code: str, actor: str) -> str:
        """Return the instrument of a code; the narrowest entry wins: 1312, then 131, then 13."""
        if code in catalogue():
            return code
        for shorter in _shorter(code):
            if shorter in self.chosen.codes:
                return self.chosen.codes[shorter]
        for shorter in _shorter(code):
            if pair := code_table().get((self.scheme, shorter)):
                return (actor in self.chosen.targets and pair[1]) or pair[0]
        return ""


def _shorter(code: str) -> Iterator[str]:
    """Yield a code and the wider ones that hold it: `1312`, `131`, `13`; `SANCTION/expel`, `SANCTION`."""
    if "/" in code:
        yield from (code, code.split("/", 1)[0])
        return
    yield from (code[:length] for length in range(len(code), 1, -1))


@cache
def code_table() -> Mapping[tuple[str, str], tuple[str, str]]:
    """Return scheme and code → instrument, and the instrument of an actor that answers sanctions."""
    path = files.shipped_folder() / "catalogue" / "codes.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {(row["scheme"], row["code"]): (row["instrument"], row["by_target"]) for row in rows}


def _key(text: str) -> str:
    return re.sub(r"[\s_]+", "_", text.strip().lower())


def read_map(path: Path) -> Map:
    """Return what a map file says. Raises InputError for one that is missing or says what no map can."""
    try:
        plain = yaml.load(_text(path), yaml.BaseLoader)  # every value a text: 0841 and NO stay as they are
        chosen = Map.model_validate(plain if plain is not None else {})
    except yaml.YAMLError as error:
        raise InputError(f"{path}: not YAML: {str(error).splitlines()[0]}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise InputError(
            f"{path}: {where}: {first['msg'].lower()}; a map has {', '.join(Map.model_fields)}"
        ) from error
    for code, instrument in chosen.codes.items():
        if instrument and instrument not in catalogue():
            hint = did_you_mean(instrument, tuple(catalogue()))
            raise InputError(f"{path}: codes.{code}: no instrument {instrument!r} in the catalogue{hint}")
    return chosen


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (FileNotFoundError, IsADirectoryError) as error:
        raise InputError(f"{path}: {system_reason(error)}; name a file") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 text (byte {error.start})") from error
    except OSError as error:
        raise EnvironmentFault(f"{path}: cannot be read: {system_reason(error)}") from error


def _day(text: str) -> Date | None:
    """Return a date written as ISO, YYYYMMDD, or D/M/Y where the day is above 12; None for any other."""
    try:
        if re.fullmatch(r"\d{8}", text) or re.fullmatch(r"\d{4}-\d\d-\d\d", text[:10]):
            return Date.fromisoformat(text[:10])
        first, second, year = map(int, text.split("/"))
        year += 2000 if year < 100 else 0
        if first <= 12 and second <= 12 and first != second:
            return None
        return Date(year, second, first) if first > 12 else Date(year, first, second)
    except ValueError:
        return None


def _gdelt(text: str, _: Map) -> Iterator[CodedEvent | str]:
    """Read GDELT 1.0 (58 columns) or 2.0 (61): tabs, no header; root events that several reports mention."""
    for row in csv.reader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE):
        if len(row) not in (58, 61):
            yield f"a row of {len(row)} columns"
        elif row[25] != "1":
            yield "no root event"
        elif not row[31].isdecimal() or int(row[31]) < MENTIONS:
            yield f"fewer than {MENTIONS} mentions"
        else:
            yield CodedEvent(_day(row[1]), row[7] or row[5], row[17] or row[15], row[26], source=row[-1])


def _polecat(text: str, _: Map) -> Iterator[CodedEvent | str]:
    """Read POLECAT: tabs, a header, PLOVER types and modes."""
    for row in _table(
        text, "\t", "Event Date", "Event Type", "Event Mode", "Actor Country", "Recipient Country"
    ):
        mode = row["Event Mode"].strip()
        code = row["Event Type"].strip().upper() + (f"/{mode.lower()}" if mode and mode != "None" else "")
        yield CodedEvent(
            _day(row["Event Date"]), row["Actor Country"], row["Recipient Country"], code,
            source=row.get("Event ID", ""),
        )  # fmt: skip


def _ties(text: str, _: Map) -> Iterator[CodedEvent | str]:
    """Read TIES 4, one row a case: codes are `threat`, and `sanctiontype` with its number.

    Only dates with year, month and day are taken: a year alone has no place in a record.
    """
    parts = ("year", "month", "day")
    for row in _table(text, ",", "caseid", "sender1", "targetstate", "threat", "imposition"):
        ends = (row["sender1"] or row.get("institution", ""), row["targetstate"])
        source = f"TIES case {row['caseid']}"
        if row["threat"] == "1":
            yield CodedEvent(_joined(row, "start", parts), *ends, "threat", source=source)
        if row["imposition"] == "1":
            code = f"sanctiontype {row.get('sanctiontype', '')}".strip()
            yield CodedEvent(_joined(row, "sancimpositionstart", parts), *ends, code, source=source)
        if row["threat"] != "1" and row["imposition"] != "1":
            yield "neither threat nor imposition"


def _joined(row: Mapping[str, str], stem: str, parts: Iterable[str]) -> Date | None:
    try:
        return Date(*(int(row.get(stem + part, "") or 0) for part in parts))
    except ValueError:
        return None


def _eu_list(text: str, _: Map) -> Iterator[CodedEvent | str]:
    """Read the EU consolidated list (FSF): people and firms by programme and day, counted once each.

    A date is that of the designation where there is one, else that of the regulation's entry into force,
    which is the one of the *last* amendment; who was delisted is no longer in the file.
    """
    counted: dict[tuple[Date | None, str, str], set[str]] = defaultdict(set)
    titles: dict[tuple[Date | None, str, str], str] = {}
    needed = ("Entity_LogicalId", "Entity_Regulation_Programme", "Entity_Regulation_EntryIntoForceDate")
    for row in _table(text, ";", *needed):
        kind = (row.get("Entity_SubjectType_ClassificationCode") or row.get("Entity_SubjectType", "")).lower()
        day = _day(row.get("Entity_DesignationDate", "")) or _day(row["Entity_Regulation_EntryIntoForceDate"])
        key = (
            day,
            row["Entity_Regulation_Programme"],
            "asset_freeze_listing" if kind[:1] == "p" else "entity_listing",
        )
        if row["Entity_LogicalId"] in counted[key]:
            yield "another name of the same entity"
        else:
            counted[key].add(row["Entity_LogicalId"])
            titles[key] = row.get("Entity_Regulation_NumberTitle", "")
    for (day, programme, instrument), ids in counted.items():
        yield CodedEvent(
            day, "eu", programme, instrument, float(len(ids)), source=titles[day, programme, instrument]
        )


def _csv(text: str, chosen: Map) -> Iterator[CodedEvent | str]:
    """Read a table with a header; the map says which columns are date, actor, target and instrument."""
    names = {name: chosen.columns.get(name, name) for name in ("date", "actor", "target", "instrument")}
    others = {name: chosen.columns.get(name, name) for name in ("size", "note", "source")}
    for row in _table(text, ",", *names.values()):
        size = row.get(others["size"], "")
        number = float(size) if re.fullmatch(r"\d+(\.\d+)?", size) else None
        yield CodedEvent(
            _day(row[names["date"]]), row[names["actor"]], row[names["target"]], row[names["instrument"]],
            number, row.get(others["note"], ""), row.get(others["source"], ""),
        )  # fmt: skip


def _table(text: str, separator: str, *needed: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a table with a header, cells as texts. Raises InputError for a missing column."""
    reader = csv.DictReader(io.StringIO(text), delimiter=separator)
    names = reader.fieldnames or []
    if missing := [name for name in needed if name not in names]:
        raise InputError(
            f"the first line has no column {', '.join(missing)}; found {', '.join(names[:8]) or 'nothing'}"
        )
    for row in reader:
        yield {name: row.get(name) or "" for name in names}


FORMATS: Mapping[str, tuple[Callable[[str, Map], Iterator[CodedEvent | str]], str]] = {
    "gdelt": (_gdelt, "cameo"),
    "polecat": (_polecat, "plover"),
    "ties": (_ties, "ties"),
    "eu-list": (_eu_list, "eu"),
    "csv": (_csv, "cameo"),
}
"""Formats that can be read: the reader, and the scheme of its codes."""
