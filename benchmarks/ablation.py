"""What each mechanism brings to the forecasts, and what it brings to draw what is assumed; nothing is fitted.

    python benchmarks/ablation.py [REPLICATIONS] [ablation|drawn]

Writes two tables of docs/validation.md, or one: scores of the model alone, pooled over the actors and origins
of the five records, with one mechanism switched off at a time, and with the assumptions drawn. A mechanism
without a number that switches it off (history as deliberation, announcements, residual reviews at the
takeover) is not in the first.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from escalation.present.format import signed
from escalation.scenario.actor import Actor
from escalation.scenario.document import Scenario
from escalation.scenario.load import load
from escalation.study.backtest import scores
from escalation.study.backtest.asked import HORIZONS, backtest_of
from escalation.study.backtest.backtest import play_origin
from escalation.study.backtest.scoring import observed, targets_of
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


class ForecastScore(NamedTuple):
    """One forecast: its CRPS, whether the 50% interval holds what came and how often it should, its bias."""

    crps: float
    held: float
    due: float
    bias: float


def scored(case: tuple[str, str, str], request: Request) -> dict[int, list[ForecastScore]]:
    """Return every forecast of a record, by horizon."""
    name, record, origins = case
    asked = backtest_of(open_source(name, request), record, origins)
    found: dict[int, list[ForecastScore]] = {horizon: [] for horizon in HORIZONS}
    for day in asked.origins:
        days = play_origin(asked, day, Execution()).days
        futures = {actor: [np.array(one, np.int64) for one in draws] for actor, draws in days.items()}
        forecast = targets_of(futures, asked.target_name, HORIZONS)
        came = targets_of(observed(asked.days, (day - asked.start).days), asked.target_name, HORIZONS)
        for (actor, horizon), sample in forecast.counts.items():
            if day.toordinal() + horizon <= asked.end.toordinal() + 1:
                found[horizon].append(score_of(sample, float(came.counts[actor, horizon][0])))
    return found


def score_of(sample: np.ndarray, value: float) -> ForecastScore:
    """Return one forecast scored."""
    ends = scores.interval(sample, 0.5)
    held, due = scores.is_held(ends, value), scores.expected_share(sample, ends)
    return ForecastScore(scores.crps(sample, value), held, due, float(sample.mean()) - value)


def mean(cases: Sequence[dict[int, list[ForecastScore]]], horizon: int) -> ForecastScore:
    """Return the mean over all forecasts of a horizon, each counting once."""
    return ForecastScore(*np.mean([one for case in cases for one in case[horizon]], axis=0))


def ablation(replications: int) -> Iterator[str]:
    """Yield the table of mechanisms."""
    yield "| without | 30 days | 90 days | 180 days | 90 days by record |"
    yield "|---|---|---|---|---|"
    for mechanism in MECHANISMS:
        cases = [
            scored(case, Request(replications=replications, sets=settings(load(case[0]), mechanism)))
            for case in RECORDS
        ]
        own = ", ".join(
            f"{case[1]} {mean([one], 90).crps:.2f}" for case, one in zip(RECORDS, cases, strict=True)
        )
        pooled = " | ".join(f"{mean(cases, horizon).crps:.3f}" for horizon in HORIZONS)
        yield f"| {mechanism.name} | {pooled} | {own} |"


def drawn(replications: int) -> Iterator[str]:
    """Yield the table of assumptions, as they stand and drawn."""
    yield "| assumptions | 30 days: CRPS, held (due), bias | 90 days | 180 days |"
    yield "|---|---|---|---|"
    for spread in (None, 0.3, 0.5):
        cases = [scored(case, Request(replications=replications, assumptions=spread)) for case in RECORDS]
        means = [mean(cases, horizon) for horizon in HORIZONS]
        cells = (f"{one.crps:.3f}, {one.held:.0%} ({one.due:.0%}), {signed(one.bias, 2)}" for one in means)
        name = "as they stand" if spread is None else f"drawn, `--assumptions {spread}`"
        yield f"| {name} | {' | '.join(cells)} |"


TABLES = {"ablation": ablation, "drawn": drawn}


def main() -> None:
    """Write the tables."""
    replications = int(sys.argv[1]) if len(sys.argv) > 1 else 150
    for name in sys.argv[2:] or TABLES:
        rows = []
        for row in TABLES[name](replications):
            rows.append(row)
            print(row, flush=True)
        text = PAGE.read_text(encoding="utf-8")
        start = text.index(f"<!-- {name} -->\n") + len(f"<!-- {name} -->\n")
        end = text.index("\n<!-- end -->", start)
        PAGE.write_text(text[:start] + "\n".join(rows) + text[end:], encoding="utf-8")


if __name__ == "__main__":
    main()
