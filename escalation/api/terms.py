"""What every call allows, and how a scenario is named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from escalation.errors import InputError

if TYPE_CHECKING:
    pass


REPLICATIONS, LIMIT = 200, 100_000
"""Replications unless a number is given: of a plain run, and at most where a precision ends it."""
MOST_REPLICATIONS = 10_000_000
LARGEST_SEED = 2**64 - 1


def scenario_name(source: str) -> str:
    """Return the name of a scenario: that of its file without ending, or its shipped name."""
    return Path(source.removeprefix("shipped:")).stem


def require_whole(name: str, found: int, low: int, high: int) -> None:
    """Raise InputError unless `found` lies between `low` and `high`."""
    if not low <= found <= high:
        raise InputError(f"{name}: found {found}; allowed is {low} to {high}")
