"""Old names of the formatter, until the last presenter uses it itself."""

from __future__ import annotations

from collections.abc import Sequence

from escalation.present.format import (
    MONTHS,
    and_more,
    band,
    capital,
    day,
    days,
    decimal,
    duration,
    mean,
    number,
    percent,
    plural,
    share,
)
from escalation.present.screen import harmless

__all__ = [
    "MONTHS", "and_more", "band", "capital", "chance", "day", "days", "decimal", "duration", "harmless",
    "mean", "number", "percent", "plural",
]  # fmt: skip


def chance(of: float, interval: Sequence[float]) -> str:
    """Return a share with its 95% interval."""
    return share(of, *interval)
