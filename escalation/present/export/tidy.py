"""The tidy tables of a run: their columns as SQL over the run's Parquet files, with names and dates.

One row is one replication (outcomes), one act or shock (acts), one cause of one act (causes).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from escalation.ensemble.header import Header
from escalation.ensemble.parquet import identifier, literal, scan
from escalation.present.export.exported import Chosen
from escalation.scenario.outcomes import Outcome


def outcome_columns(header: Header, chosen: Sequence[Outcome]) -> list[str]:
    """Return what is selected from `outcomes`: days as dates, events as true or false, relations by name."""
    return ["replication", "status", *(_outcome(header, outcome) for outcome in chosen)]


def _outcome(header: Header, outcome: Outcome) -> str:
    name = identifier(outcome.name)
    cell = name
    if outcome.kind == "date":
        cell = _date(header.start, name)
    elif outcome.kind == "probability":
        cell = f"CAST({name} AS BOOLEAN)"
    elif outcome.kind == "count":
        cell = f"CAST({name} AS BIGINT)"
    elif outcome.name.startswith("relation."):
        cell = f"list_extract({_texts(header.relations)}, CAST({name} AS BIGINT) + 1)"
    return f"{cell} AS {name}"


def act_columns(header: Header) -> list[str]:
    """Return what is selected from `acts`: each name with its label, days in force as dates."""
    labels = dict(header.shocks) | dict(header.instruments)
    return [
        *("replication", "act", "origin", "date", "time"),
        *(f"{role}, {_label(header.actors, role)} AS {role}_label" for role in ("actor", "target")),
        f"instrument, {_label(labels, 'instrument')} AS instrument_label",
        *("family", "size", "CAST(package AS BIGINT) AS package", "CAST(parent AS BIGINT) AS parent"),
        *(f"{_date(header.start, name)} AS {name}" for name in ("in_force", "lapsed")),
    ]


TOLD = ("date", "actor", "target", "instrument")
"""What is told of an act beside its number, where it is an effect or a cause."""


def cause_columns() -> list[str]:
    """Return what is selected from `causes` joined with `acts` twice, as `effect` and as `origin`."""
    return [
        *("causes.replication", "causes.act"),
        *(f"effect.{name} AS {name}" for name in TOLD),
        *("causes.share", "causes.cause"),
        *(f"origin.{name} AS cause_{name}" for name in TOLD),
    ]


def cause_source(causes: Path, acts: Path) -> str:
    """Return the joined tables of one file of causes and the acts of the same replications."""
    return (
        f"{scan([causes])} AS causes"
        f" LEFT JOIN {scan([acts])} AS effect"
        " ON effect.replication = causes.replication AND effect.act = causes.act"
        f" LEFT JOIN {scan([acts])} AS origin"
        " ON origin.replication = causes.replication AND origin.act = causes.cause"
    )


def within(chosen: Chosen, column: str = "replication") -> str:
    """Return the condition that a row is of one of the chosen replications."""
    return " OR ".join(f"{column} BETWEEN {first} AND {last}" for first, last in chosen) or "true"


def _date(start: date, days: str) -> str:
    return f"CAST(DATE {literal(start.isoformat())} + CAST(floor({days}) AS INTEGER) AS DATE)"


def _label(labels: Mapping[str, str], column: str) -> str:
    names, texts = _texts(tuple(labels)), _texts(tuple(labels.values()))
    return f"list_extract({texts}, list_position({names}, {column}))"


def _texts(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(literal, texts))}]::VARCHAR[]"
