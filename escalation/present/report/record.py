"""The record of runs, as a table with a column for each: enough to make them again."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from escalation import __version__
from escalation.present.table import Table
from escalation.present.words import duration
from escalation.study.exhibit import Exhibit

LEFT_OUT = ("header", "failures", "plan", "schema_version", "replications_per_file")
"""Parts of a manifest that stand elsewhere in a report, or mean nothing to a reader."""
WORDS = {
    "sha256": "SHA-256", "seconds": "took", "changed": "sources changed since", "git": "commit",
    "package": "escalation", "acts": "acts kept",
}  # fmt: skip
"""Names of a manifest that are said otherwise here."""


def record_table(exhibits: Sequence[Exhibit], names: Sequence[str]) -> Table:
    """Return the manifests of runs in rows; of an ensemble that was not stored, what is known of it."""
    records = [dict(_rows(_kept(one.manifest or _unstored(one)))) for one in exhibits]
    places = dict.fromkeys(place for record in records for place in record)
    rows = [(place, *(record.get(place, "") for record in records)) for place in places]
    return Table("The record of each run", ("What", *(names if len(names) > 1 else ("",))), rows)


def _kept(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a reader wants to know, without the level of the surroundings."""
    kept = {name: value for name, value in manifest.items() if name not in LEFT_OUT}
    return kept | dict(kept.pop("surroundings", {}))


def _unstored(exhibit: Exhibit) -> dict[str, Any]:
    return {
        "scenario": {"name": exhibit.name, "title": exhibit.header.title},
        "status": "complete; it was played for this report and not stored",
        "overrides": list(exhibit.overrides),
        "seed": exhibit.results.seed,
        "replications": dict(exhibit.summary.replications),
        "seconds": exhibit.seconds,
        "package": __version__,
    }


def _rows(value: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for name, entry in value.items():
        where = f"{path}, {_spoken(name)}" if path else _spoken(name)
        if name == "libraries":
            yield where, ", ".join(f"{library} {version}" for library, version in entry.items())
        elif isinstance(entry, Mapping):
            yield from _rows(entry, where)
        elif entry not in (None, [], ()):
            yield where.removesuffix(", commit"), _shown(name, entry)


def _spoken(name: str) -> str:
    return WORDS.get(name, name.replace("_", " "))


def _shown(name: str, entry: Any) -> str:
    if name == "command":
        return shlex.join(map(str, entry))
    if name == "seconds":
        return duration(float(entry))
    if isinstance(entry, bool):
        return "yes" if entry else "no"
    return ", ".join(map(str, entry)) if isinstance(entry, list | tuple) else str(entry)
