"""What each mechanism brings to the forecasts: one is switched off at a time, nothing is fitted anew.

    python benchmarks/ablation.py [REPLICATIONS]

Writes the table of docs/validation.md: the CRPS of the model alone, pooled over the actors and origins of
the five records. A mechanism without a number that switches it off (history as deliberation, announcements,
residual reviews at the takeover) is not in the table.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from escalation.scenario.document import Actor, Scenario
from escalation.scenario.load import load
from escalation.study.backtest import scores
from escalation.study.backtest.asked import HORIZONS, backtest_of
from escalation.study.backtest.backtest import play_origin
from escalation.study.backtest.forecasts import observed, targets_of
from escalation.study.execution import Execution, Request
from escalation.study.source import open_source

PAGE = Path(__file__).parent.parent / "docs" / "validation.md"
RECORDS = (
    ("belarus_2020", "belarus", "2020-11:2022-04"),
    ("iran_2018", "iran", "2019-02:2020-08"),
    ("myanmar_2021", "myanmar", "2021-07:2022-11"),
    ("nicaragua_2018", "nicaragua", "2019-03:2022-10"),
    ("russia_2018", "russia", "2018-09:2019-11"),
)


class Mechanism(NamedTuple):
    """A mechanism, and what switches it off: values below each actor, and below each random shock."""

    name: str
    actor: Mapping[str, str] = {}
    shock: Mapping[str, str] = {}


MECHANISMS = (
    Mechanism("nothing: the model as it is"),
    Mechanism("upkeep", {"institution.floor": "0"}),
    Mechanism("regular reviews (Poisson in their place)", {"institution.irregular": "true"}),
    Mechanism("longer gaps after reviews without result", {"institution.backoff": "1"}),
    Mechanism("the second stage", {"institution.adoption.median": "0"}),
    Mechanism("the crisis track", {"institution.crisis.felt": "1000"}),
    Mechanism("working weeks", {"institution.working_week": "false"}),
    Mechanism("answers in words", {"policy.outspoken": "0"}),
    Mechanism("fatigue with packages", {"sensitivities.fatigue": "1"}),
    Mechanism("giving way", {"policy.yielding": "0"}),
    Mechanism("random shocks", {}, {"rate": "0"}),
)


def settings(scenario: Scenario, mechanism: Mechanism) -> tuple[str, ...]:
    """Return what switches a mechanism off in a scenario."""
    actors = [
        f"actors.{name}.{path}={value}"
        for name, actor in scenario.actors.items()
        for path, value in mechanism.actor.items()
        if actor.policy.kind == "proportional" and is_there(actor, path)
    ]
    random = [name for name, shock in scenario.shocks.items() if shock.rate is not None]
    return (
        *actors,
        *(f"shocks.{name}.{key}={value}" for name in random for key, value in mechanism.shock.items()),
    )


def is_there(actor: Actor, path: str) -> bool:
    """Return whether an actor has the part that a path leads into."""
    part: Any = actor
    for name in path.split(".")[:-1]:
        part = getattr(part, name)
    return part is not None


def errors(case: tuple[str, str, str], mechanism: Mechanism, replications: int) -> dict[int, list[float]]:
    """Return the CRPS of every forecast of a record, by horizon."""
    name, record, origins = case
    sets = settings(load(name), mechanism)
    asked = backtest_of(open_source(name, Request(replications=replications, sets=sets)), record, origins)
    found: dict[int, list[float]] = {horizon: [] for horizon in HORIZONS}
    for day in asked.origins:
        days = play_origin(asked, day, Execution()).days
        futures = {actor: [np.array(one, np.int64) for one in draws] for actor, draws in days.items()}
        forecast = targets_of(futures, asked.target_name, HORIZONS)
        came = targets_of(observed(asked.days, (day - asked.start).days), asked.target_name, HORIZONS)
        for (actor, horizon), sample in forecast.counts.items():
            if day.toordinal() + horizon <= asked.end.toordinal() + 1:
                found[horizon].append(scores.crps(sample, float(came.counts[actor, horizon][0])))
    return found


def main() -> None:
    """Write the table."""
    replications = int(sys.argv[1]) if len(sys.argv) > 1 else 150
    rows = ["| without | 30 days | 90 days | 180 days | 90 days by record |", "|---|---|---|---|---|"]
    for mechanism in MECHANISMS:
        cases = [errors(case, mechanism, replications) for case in RECORDS]
        pooled = [np.mean([one for case in cases for one in case[horizon]]) for horizon in HORIZONS]
        own = ", ".join(
            f"{record} {np.mean(case[90]):.2f}" for (_, record, _), case in zip(RECORDS, cases, strict=True)
        )
        rows.append(f"| {mechanism.name} | {' | '.join(f'{one:.3f}' for one in pooled)} | {own} |")
        print(rows[-1], flush=True)
    text = PAGE.read_text(encoding="utf-8")
    start = text.index("<!-- ablation -->\n") + len("<!-- ablation -->\n")
    end = text.index("\n<!-- end -->", start)
    PAGE.write_text(text[:start] + "\n".join(rows) + text[end:], encoding="utf-8")


if __name__ == "__main__":
    main()
