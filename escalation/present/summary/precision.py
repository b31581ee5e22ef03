"""How a run with a wanted precision came to its end, in one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def precision_line(precision: Mapping[str, Any]) -> str:
    """Return what ended a run; `precision` is as in its manifest."""
    wanted, reached = f"±{precision['half_width']:g}", precision["reached"]
    known = f"known to ±{reached:.3g}" if reached is not None else "not known"
    if precision.get("too_few"):
        known += ", but too few or too skewed replications to trust that"
    opening = {
        "precision": "Stopped by the precision",
        "limit": f"Stopped by the limit of {precision['limit']:,} replications",
        "interrupt": "Stopped before the precision was reached",
    }[precision["stopped_by"]]
    return f"{opening}: {precision['outcome']} is {known} (95%), {wanted} was asked for."
