"""What a scenario rests on, as tables: what is uncertain, what is assumed, what has a source."""

from __future__ import annotations

from collections.abc import Sequence

from escalation.present.story.phrases import listed
from escalation.present.table import Table
from escalation.present.words import plural
from escalation.study.assumptions import Assumptions, Stated

UNCERTAIN = "Uncertain numbers"
"""Title of the table that matters most."""


def basis_words(basis: Assumptions) -> list[str]:
    """Return in one paragraph how much of the scenario is known, assumed and uncertain."""
    parts = [
        (len(basis.uncertain), "number is", "numbers are", "uncertain and drawn anew in each replication"),
        (len(basis.assumed), "is an assumption", "are assumptions", "that no fact supports"),
        (len(basis.supported), "number has", "numbers have", "a source"),
        (len(basis.facts), "fact", "facts", "(acts, shocks, instruments) also have one"),
    ]
    said = [f"{plural(count, one, many)} {rest}" for count, one, many, rest in parts if count]
    known = f"{listed(said)}." if said else "Nothing in its file is said to be uncertain, assumed or sourced."
    return [
        f"{known} Of {plural(basis.silent, 'other number', 'other numbers')} the file does not say where they"
        " come from; most of them are defaults."
    ]


def basis_tables(basis: Assumptions) -> list[Table]:
    """Return the tables that have rows: the uncertain numbers first."""
    tables = [
        _numbers(UNCERTAIN, basis.uncertain, "drawn from"),
        _numbers("Assumptions", basis.assumed, "value"),
        _numbers("Numbers with a source", basis.supported, "value"),
        Table(
            "Facts with a source", ("Where", "What", "Source"),
            [(one.path, one.what, one.source) for one in basis.facts],
        ),
    ]  # fmt: skip
    return [table for table in tables if table.rows]


def _numbers(title: str, stated: Sequence[Stated], value: str) -> Table:
    used = [
        (heading, [getattr(one, name) for one in stated])
        for heading, name in (("Where", "path"), (value, "value"), ("unit", "unit"), ("source", "source"))
    ]
    kept = [(heading, column) for heading, column in used if any(column)]
    rows = list(zip(*(column for _, column in kept), strict=True))
    return Table(title, tuple(heading for heading, _ in kept), rows)
