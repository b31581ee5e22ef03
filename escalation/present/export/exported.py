"""What of a run can be exported, and as what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from escalation.errors import InputError, nearest

Chosen = Sequence[tuple[int, int]]
"""First and last number of each range of replications; none at all stands for every one."""


class What(StrEnum):
    """What of a run is exported."""

    OUTCOMES = "outcomes"
    ACTS = "acts"
    CAUSES = "causes"
    SUMMARY = "summary"


class Form(StrEnum):
    """What it is written as."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


@dataclass(frozen=True)
class Wanted:
    """What is asked for: a table, its format, and which of its columns and replications.

    `outcomes` are names or patterns (`package_days.*`); none stands for all.
    """

    what: What = What.OUTCOMES
    form: Form = Form.CSV
    outcomes: tuple[str, ...] = ()
    replications: Chosen = ()


def what_of(name: str) -> What:
    """Return the table called `name`; InputError when there is none."""
    return _member(What, "what", name)


def form_of(name: str | None, file: Path | None) -> Form:
    """Return the format called `name`, else that of the file's ending, else CSV. Raises InputError."""
    if name is not None:
        return _member(Form, "format", name)
    ending = file.suffix.removeprefix(".").lower() if file else ""
    return Form(ending) if ending in list(Form) else Form.CSV


Member = TypeVar("Member", What, Form)


def _member(kind: type[Member], option: str, name: str) -> Member:
    if name in list(kind):
        return kind(name)
    near = nearest(name, list(kind))
    hint = f" (did you mean {near}?)" if near else ""
    raise InputError(f"{option}: found {name}; allowed are {', '.join(kind)}{hint}")
