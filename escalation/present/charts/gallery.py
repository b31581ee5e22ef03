"""Which pictures an exhibit has, by the words one asks for them with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from escalation.present.charts.fan import acts_figure, tension_figure
from escalation.present.charts.figure import Figure
from escalation.present.charts.ladder import ladder_figure
from escalation.present.charts.timeline import timeline_figure
from escalation.present.charts.tree import tree_figure
from escalation.present.charts.what import What
from escalation.present.charts.wheel import matrix_figure, time_figure
from escalation.scenario.document import Scenario
from escalation.study.exhibit import Exhibit

NOTHING = {
    What.LADDER: "nobody does anything hostile in any replication: there is no ladder to draw",
    What.FLYWHEEL: "no hostile act was done in any replication: there is no flywheel to draw",
    What.TREE: "nothing hostile was done in the most typical replication: there is no tree to draw",
}
"""Why a picture can be missing."""


def figures(exhibit: Exhibit, what: What) -> list[Figure]:
    """Return the pictures of an exhibit that are asked for so; none where there is nothing to draw.

    A forest plot compares several exhibits: see `forest_figures`.
    """
    wheel, header = exhibit.summary.flywheel, exhibit.header
    makers: Mapping[What, Callable[[], Sequence[Figure | None]]] = {
        What.FAN: lambda: [tension_figure(exhibit.paths, header.runaway), acts_figure(exhibit.paths)],
        What.TIMELINE: lambda: [timeline_figure(exhibit.story)],
        What.LADDER: lambda: [ladder_figure(exhibit.paths, rungs(exhibit.scenario))],
        What.FLYWHEEL: lambda: [matrix_figure(wheel), time_figure(wheel, header.start)] if wheel else [],
        What.TREE: lambda: [tree_figure(exhibit.story)],
    }
    return [one for one in makers[what]() if one]


def rungs(scenario: Scenario) -> dict[int, list[str]]:
    """Return the labels of the hostile instruments by rung."""
    found: dict[int, list[str]] = defaultdict(list)
    for instrument in scenario.instruments.values():
        if instrument.severity.nominal > 0:
            found[int(instrument.rung.nominal)].append(instrument.label)
    return dict(found)
