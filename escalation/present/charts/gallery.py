"""Which pictures an exhibit has, by the words one asks for them with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from escalation.present.charts.fan import acts_figure, acts_reach, tension_figure, tension_reach
from escalation.present.charts.figure import Figure, Scales
from escalation.present.charts.ladder import ladder_figure
from escalation.present.charts.shocks import Dated
from escalation.present.charts.timeline import timeline_figure
from escalation.present.charts.tree import tree_figure
from escalation.present.charts.what import What
from escalation.present.charts.wheel import matrix_figure, matrix_reach, time_figure, time_reach
from escalation.scenario.document import Scenario
from escalation.study.exhibit import Exhibit

NOTHING = {
    What.LADDER: "nobody does anything hostile in any replication: there is no ladder to draw",
    What.FLYWHEEL: "no hostile act was done in any replication: there is no flywheel to draw",
    What.TREE: "nothing hostile was done in the most typical replication: there is no tree to draw",
}
"""Why a picture can be missing."""


def figures(exhibit: Exhibit, what: What, least: Scales | None = None) -> list[Figure]:
    """Return the pictures of an exhibit that are asked for so; none where there is nothing to draw.

    `least` is how far their axes reach at least. A forest plot compares several exhibits: see
    `forest_figures`.
    """
    wheel, header, scales = exhibit.summary.flywheel, exhibit.header, least or Scales()
    shocks = dated(exhibit.scenario)
    makers: Mapping[What, Callable[[], Sequence[Figure | None]]] = {
        What.FAN: lambda: [
            tension_figure(exhibit.paths, header.runaway, shocks, scales.tension),
            acts_figure(exhibit.paths, shocks, scales.acts),
        ],
        What.TIMELINE: lambda: [timeline_figure(exhibit.story)],
        What.LADDER: lambda: [ladder_figure(exhibit.paths, rungs(exhibit.scenario))],
        What.FLYWHEEL: lambda: [
            matrix_figure(wheel, scales.answers), time_figure(wheel, header.start, scales.R),
        ] if wheel else [],
        What.TREE: lambda: [tree_figure(exhibit.story)],
    }  # fmt: skip
    return [one for one in makers[what]() if one]


def common_scales(exhibits: Sequence[Exhibit]) -> Scales:
    """Return how far the axes have to reach for all of several exhibits."""
    wheels = [wheel for one in exhibits if (wheel := one.summary.flywheel)]
    return Scales(
        max(tension_reach(one.paths) for one in exhibits),
        max(acts_reach(one.paths) for one in exhibits),
        max(map(matrix_reach, wheels), default=0.0),
        max(map(time_reach, wheels), default=0.0),
    )


def dated(scenario: Scenario) -> list[Dated]:
    """Return the shocks that come on a day that the scenario gives, from the takeover on, by date."""
    found = [Dated(one.date, one.label) for one in scenario.shocks.values() if one.date]
    return sorted(one for one in found if scenario.takeover <= one.date <= scenario.end)


def rungs(scenario: Scenario) -> dict[int, list[str]]:
    """Return the labels of the hostile instruments by rung."""
    found: dict[int, list[str]] = defaultdict(list)
    for instrument in scenario.instruments.values():
        if instrument.severity.nominal > 0:
            found[int(instrument.rung.nominal)].append(instrument.label)
    return dict(found)
