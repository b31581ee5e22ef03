"""The pictures of every kind of result, by mark: time, grid, intervals, points, graph.

Altair and what draws are an extra: nothing imports this package before `need_pictures` of output.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from escalation.present.charts.forecast import calibration_pictures, forecast_pictures, when_picture
from escalation.present.charts.graph import timeline_picture, tree_picture
from escalation.present.charts.grid import ladder_picture, matrix_picture
from escalation.present.charts.intervals import forest_pictures, sensitivity_pictures
from escalation.present.charts.overlay import Runs, acts_over, answers_over, tension_over, when_over
from escalation.present.charts.points import discovery_pictures, pareto_pictures, sweep_pictures
from escalation.present.charts.render import as_file, image, inline, png, svg
from escalation.present.charts.time import Dated, acts_picture, tension_picture, time_picture
from escalation.present.outcomes import rung_name, rungs
from escalation.present.output import PictureName
from escalation.present.page import Picture
from escalation.scenario.document import Scenario
from escalation.study.values import Result
from escalation.study.view import RunView, compared

__all__ = [
    "NOTHING", "as_file", "dated", "forest_pictures", "image", "inline", "pictures_of", "pictures_of_run",
    "pictures_of_runs", "png", "svg",
]  # fmt: skip

OF_RESULTS: Mapping[str, Callable[[Any], Sequence[Picture]]] = {
    "backtest": forecast_pictures,
    "calibrate": calibration_pictures,
    "compare": forest_pictures,
    "discover": discovery_pictures,
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


def pictures_of_run(run: RunView, name: PictureName, answers: float = 0.0) -> list[Picture]:
    """Return the pictures of a run that are called so; none where there is nothing to draw.

    The darkest square of its matrix is for so many `answers`, or for the most that there are. A forest plot
    compares several runs: see `pictures_of_runs`.
    """
    flywheel, header, shocks = run.summary.flywheel, run.header, dated(run.scenario)
    makers: Mapping[PictureName, Callable[[], Sequence[Picture | None]]] = {
        PictureName.FAN: lambda: [
            tension_picture(run.paths, header.runaway, shocks), acts_picture(run.paths, shocks),
        ],
        PictureName.WHEN: lambda: [when_picture(run.summary)],
        PictureName.TIMELINE: lambda: [timeline_picture(run.story)],
        PictureName.LADDER: lambda: [
            ladder_picture(run.paths, rungs(run.scenario), partial(rung_name, run.summary)),
        ],
        PictureName.FLYWHEEL: lambda: [
            matrix_picture(flywheel, answers), time_picture(flywheel, header.start),
        ] if flywheel else [],
        PictureName.TREE: lambda: [tree_picture(run.story)],
        PictureName.FOREST: lambda: [],
    }  # fmt: skip
    return [picture for picture in makers[name]() if picture]


def pictures_of_runs(runs: Runs, name: PictureName) -> list[Picture]:
    """Return the pictures of runs, by their names, that are called so; none where there is nothing to draw.

    What lies along time is laid over one another; of the rest each run has its own, named after it.
    """
    if len(runs) == 1:
        return pictures_of_run(next(iter(runs.values())), name)
    if name is PictureName.FOREST:
        comparison = compared(list(runs.values()))
        return forest_pictures(comparison) if comparison else []
    over = {
        PictureName.FAN: (tension_over, acts_over),
        PictureName.WHEN: (when_over,),
        PictureName.FLYWHEEL: (answers_over,),
    }
    shared = [picture for draw in over.get(name, ()) if (picture := draw(runs))]
    if name in (PictureName.FAN, PictureName.WHEN):
        return shared
    known = {picture.name for picture in shared}
    flywheels = [run.summary.flywheel for run in runs.values()]
    answers = max(
        (float(flywheel.K.max()) for flywheel in flywheels if flywheel and flywheel.dyads), default=0.0
    )
    return shared + [
        replace(picture, name=f"{picture.name}-{number}", title=f"{called}: {picture.title}")
        for number, (called, run) in enumerate(runs.items(), 1)
        for picture in pictures_of_run(run, name, answers)
        if picture.name not in known
    ]


def dated(scenario: Scenario) -> list[Dated]:
    """Return the shocks that come on a day that the scenario gives, from the takeover on, by date."""
    shocks = [Dated(shock.date, shock.label) for shock in scenario.shocks.values() if shock.date]
    return sorted(shock for shock in shocks if scenario.takeover <= shock.date <= scenario.end)
