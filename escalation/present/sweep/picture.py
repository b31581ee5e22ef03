"""The pictures of a sweep, below one another in one file."""

from __future__ import annotations

from pathlib import Path

from escalation.ensemble.durable import write_text
from escalation.ensemble.place import unwritable
from escalation.present.charts.render import need_pictures, svg
from escalation.study.sweep.sweep import Sweep

MOST = 12
"""Pictures in one file."""


def draw(sweep: Sweep, path: Path) -> None:
    """Draw each expression of a sweep into an SVG file; nothing where too few points are known to draw.

    Raises EnvironmentFault when what draws is not installed, or the file cannot be written.
    """
    need_pictures()
    from escalation.present.charts.sweep import sweep_figures  # noqa: PLC0415 - imports altair

    figures = sweep_figures(sweep)[:MOST]
    if not figures:
        return
    try:
        write_text(path, svg(figures))
    except OSError as error:
        raise unwritable(path.parent, error) from error
