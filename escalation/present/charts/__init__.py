"""The pictures of every kind of result, by mark: time, grid, intervals, points, graph.

Altair and what draws are an extra: nothing imports this package before `need_pictures` of output.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from escalation.present.charts.calibration import calibration_pictures
from escalation.present.charts.forecast import forecast_pictures, when_picture
from escalation.present.charts.graph import timeline_picture, tree_picture
from escalation.present.charts.grid import ladder_picture, matrix_picture, matrix_reach
from escalation.present.charts.intervals import forest_pictures, sensitivity_pictures
from escalation.present.charts.points import pareto_pictures, sweep_pictures
from escalation.present.charts.render import inline, png, svg
from escalation.present.charts.theme import Scales
from escalation.present.charts.time import (
    Dated,
    acts_picture,
    acts_reach,
    tension_picture,
    tension_reach,
    time_picture,
    time_reach,
)
from escalation.present.output import PictureName
from escalation.present.page import Picture
from escalation.scenario.document import Scenario
from escalation.study.values import Result
from escalation.study.view import RunView

__all__ = [
    "NOTHING", "Scales", "common_scales", "dated", "forest_pictures", "inline", "pictures_of",
    "pictures_of_run", "png", "rungs", "svg",
]  # fmt: skip

OF_RESULTS: Mapping[str, Callable[[Any], Sequence[Picture]]] = {
    "backtest": forecast_pictures,
    "calibrate": calibration_pictures,
    "compare": forest_pictures,
    "sensitivity": sensitivity_pictures,
    "story": lambda story: [picture for picture in (timeline_picture(story), tree_picture(story)) if picture],
    "sweep": sweep_pictures,
    "tune": pareto_pictures,
}
"""What draws the pictures of a result, by its kind."""
NOTHING = {
    PictureName.WHEN: "no act of `outcomes.first_use` and no concession came in any replication",
    PictureName.LADDER: "nobody does anything hostile in any replication: there is no ladder to draw",
    PictureName.FLYWHEEL: "no hostile act was done in any replication: there is no flywheel to draw",
    PictureName.TREE: "nothing hostile was done in the most typical replication: there is no tree to draw",
}
"""Why a picture can be missing."""


def pictures_of(result: Result) -> list[Picture]:
    """Return the pictures of a study's result; none where there is nothing to draw."""
    return list(OF_RESULTS[result.kind](result)) if result.kind in OF_RESULTS else []


def pictures_of_run(run: RunView, name: PictureName, least: Scales | None = None) -> list[Picture]:
    """Return the pictures of a run that are called so; none where there is nothing to draw.

    `least` is how far their axes reach at least. A forest plot compares several runs: see `forest_pictures`.
    """
    flywheel, header, scales = run.summary.flywheel, run.header, least or Scales()
    shocks = dated(run.scenario)
    makers: Mapping[PictureName, Callable[[], Sequence[Picture | None]]] = {
        PictureName.FAN: lambda: [
            tension_picture(run.paths, header.runaway, shocks, scales.tension),
            acts_picture(run.paths, shocks, scales.acts),
        ],
        PictureName.WHEN: lambda: [when_picture(run.summary)],
        PictureName.TIMELINE: lambda: [timeline_picture(run.story)],
        PictureName.LADDER: lambda: [ladder_picture(run.paths, rungs(run.scenario))],
        PictureName.FLYWHEEL: lambda: [
            matrix_picture(flywheel, scales.answers), time_picture(flywheel, header.start, scales.R),
        ] if flywheel else [],
        PictureName.TREE: lambda: [tree_picture(run.story)],
    }  # fmt: skip
    return [picture for picture in makers[name]() if picture]


def common_scales(runs: Sequence[RunView]) -> Scales:
    """Return how far the axes have to reach for all of several runs."""
    flywheels = [run.summary.flywheel for run in runs if run.summary.flywheel]
    return Scales(
        max(tension_reach(run.paths) for run in runs),
        max(acts_reach(run.paths) for run in runs),
        max(map(matrix_reach, flywheels), default=0.0),
        max(map(time_reach, flywheels), default=0.0),
    )


def dated(scenario: Scenario) -> list[Dated]:
    """Return the shocks that come on a day that the scenario gives, from the takeover on, by date."""
    shocks = [Dated(shock.date, shock.label) for shock in scenario.shocks.values() if shock.date]
    return sorted(shock for shock in shocks if scenario.takeover <= shock.date <= scenario.end)


def rungs(scenario: Scenario) -> dict[int, list[str]]:
    """Return the labels of the hostile instruments by rung."""
    labels: dict[int, list[str]] = defaultdict(list)
    for instrument in scenario.instruments.values():
        if instrument.severity.nominal > 0:
            labels[int(instrument.rung.nominal)].append(instrument.label)
    return dict(labels)
