"""Pictures of a run, and its report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from escalation.api.runs import load
from escalation.api.terms import (
    MOST_REPLICATIONS,
    REPLICATIONS,
    require_whole,
)
from escalation.errors import InputError

if TYPE_CHECKING:
    from escalation.study.exhibit import Exhibit


def exhibit(
    source: str | Path,
    replications: int | None = None,
    seed: int | None = None,
    sets: Sequence[str] = (),
    until: date | None = None,
    workers: int = 1,
    on_progress: Callable[[int], Any] | None = None,
    say: Callable[[str], Any] | None = None,
) -> Exhibit:
    """Return all that can be drawn of a run's folder, or of a scenario, which is played for it.

    `replications` (200 unless given), `seed` (1), `sets` and `until` are for a scenario only. A run is played
    again where a picture needs more than was stored. Raises ScenarioError, or InputError for what is asked
    wrongly and when every replication failed.
    """
    from escalation.study.exhibit import exhibit_run, exhibit_scenario, is_run  # noqa: PLC0415
    from escalation.study.perform import Means  # noqa: PLC0415

    means = Means(workers, "local", on_progress, "auto", say)
    if is_run(source):
        given = {"replications": replications, "seed": seed, "set": sets or None, "until": until}
        for name in (name for name, value in given.items() if value is not None):
            raise InputError(f"{name}: {source} is a run and has its own; give it only with a scenario")
        return exhibit_run(source, means)
    count = REPLICATIONS if replications is None else replications
    require_whole("replications", count, 1, MOST_REPLICATIONS)
    overrides = (*sets, *([f"until={until}"] if until else []))
    loaded = load(source, sets, until)
    return exhibit_scenario(loaded, str(source), 1 if seed is None else seed, count, overrides, means)


def report(exhibits: Sequence[Exhibit], on_picture: Callable[[int], Any] | None = None) -> str:
    """Return a report about one run, or several compared with the first, as one HTML page.

    The page holds no script and needs no other file. `on_picture` is told of each picture that is drawn.
    Raises EnvironmentFault without the extra `report`.
    """
    from escalation.present.report.page import report_page  # noqa: PLC0415
    from escalation.study.exhibit import compared  # noqa: PLC0415

    return report_page(exhibits, compared(exhibits), on_picture)
