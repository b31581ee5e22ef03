"""Hold `belarus_from_election` against the record: docs/plausibility.md.

    python benchmarks/plausibility.py

The targets are ranges, because history is one draw. `RECORD` and `ACCEPTABLE` are the record's figures and
what counts as near; `measure` takes them from one replication.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

from escalation.clocks.choice import clock_for
from escalation.model.compile import compile_scenario
from escalation.model.world import SHOCK, World
from escalation.scenario.load import load

SCENARIO, SEED, REPLICATIONS = "belarus_from_election", 1, 1000
FOLDER = Path(__file__).parent.parent / "docs"
SENDERS = ("eu", "us", "uk", "canada")
BITING = ("economic", "financial", "transport")
YEAR, ANSWERED, LEAST_SHARE = 365, 60, 0.2
END_2021, MID_2022 = 510, 691


class Log:
    """One replication's hostile acts (excluding words and threats), by day, and who answered what."""

    def __init__(self, world: World, replication: int):
        result = clock_for(world, "auto", REPLICATIONS)[1](world, SEED, replication)
        self.world = world
        self.outcomes = dict(zip((o.name for o in world.outcomes), result.outcomes, strict=True))
        log, names = result.acts, world.names
        counted = [
            origin != SHOCK and bool(world.tables.instrument["counted"][k])
            for origin, k in zip(log["origin"], log["instrument"], strict=True)
        ]
        self.day = np.floor(log["time"]).astype(int)
        self.actor = [names.actors[i] for i in log["actor"]]
        self.instrument = [
            names.instruments[k] if hit else "" for k, hit in zip(log["instrument"], counted, strict=True)
        ]
        self.biting = [
            hit and names.families[k] in BITING for k, hit in zip(log["instrument"], counted, strict=True)
        ]
        self.rows = np.flatnonzero(counted)
        self.causes = list(zip(*(result.causes[c].tolist() for c in ("act", "cause", "share")), strict=True))

    def days(self, *actors: str) -> list[int]:
        """Return the days on which one of these actors adopted a hostile package."""
        return sorted({int(self.day[n]) for n in self.rows if self.actor[n] in actors})

    def answers(self) -> dict[int, int]:
        """Return, by day of a Western package, the days until Belarus first answered an act of it.

        An act answers another when at least a fifth of it is attributed to it.
        """
        first: dict[int, int] = {}
        counted = set(self.rows.tolist())
        for act, cause, share in self.causes:
            mutual = self.actor[act] == "belarus" and self.actor[cause] in SENDERS
            if share >= LEAST_SHARE and act in counted and cause in counted and mutual:
                day = int(self.day[cause])
                first[day] = min(first.get(day, 10**6), int(self.day[act]) - day)
        return first


def measure(world: World, replication: int) -> dict[str, float | list[float]]:
    """Return what one replication says about each target."""
    log = Log(world, replication)
    eu, us = log.days("eu"), log.days("us")
    year_1 = np.array([day for day in eu if day < YEAR])
    gaps = np.diff(year_1)
    heads = [
        int(log.day[n])
        for n in log.rows
        if log.actor[n] == "eu" and log.instrument[n] == "head_of_state_listing"
    ]
    together = set(eu) & set(us) & set(log.days("uk")) & set(log.days("canada"))
    answers, west = log.answers(), log.days(*SENDERS)
    biting = {int(log.day[n]) for n in log.rows if log.biting[n] and log.actor[n] in SENDERS}
    quick = {day for day, lag in answers.items() if lag <= ANSWERED}
    others = set(log.days("eu", "uk", "canada"))
    concession = log.outcomes["first_concession.belarus"]
    return {
        "eu_days": float(len(year_1)),
        "long_gap": float((gaps > 120).any()),
        "short_gap": float((gaps <= 5).any()),
        "first_eu": float(eu[0]) if eu else np.nan,
        "head_soon": float(bool(heads) and heads[0] <= eu[0] + 60),
        "head_first": float(bool(heads) and heads[0] == eu[0]),
        "year_1": [float(day in quick) for day in west if day < YEAR],
        "in_2022": [float(day in quick) for day in west if day > END_2021],
        "biting": [float(day in quick) for day in west if day in biting],
        "lists": [float(day in quick) for day in west if day not in biting],
        "lags": [float(lag) for lag in answers.values()],
        "belarus_days": float(len([day for day in log.days("belarus") if day < YEAR])),
        "us_shared": [float(day in others) for day in us],
        "together": float(any(day < END_2021 for day in together)),
        "concession_1": float(concession < YEAR),
        "concession_2": float(concession < MID_2022),
        "runaway": float(log.outcomes["runaway"]),
    }


Figures = dict[str, np.ndarray]


class Target(NamedTuple):
    """One row of the table: what, the record, the acceptable range in words, the model's value, the test."""

    what: str
    record: str
    acceptable: str
    value: Callable[[Figures], float]
    near: Callable[[float], bool]
    digits: int = 2


def between(low: float, high: float) -> Callable[[float], bool]:
    return lambda value: low <= value <= high


def mean(name: str) -> Callable[[Figures], float]:
    return lambda figures: float(np.mean(figures[name]))


def median(name: str) -> Callable[[Figures], float]:
    return lambda figures: float(np.nanmedian(figures[name]))


def quantile(name: str, share: float) -> Callable[[Figures], float]:
    return lambda figures: float(np.quantile(figures[name], share))


TARGETS = (
    Target("EU package days, year 1: median", "6", "4–8", median("eu_days"), between(4, 8), 0),
    Target("… 5% quantile", "", "at most 3", quantile("eu_days", 0.05), between(0, 3), 0),
    Target("… 95% quantile", "", "at least 9", quantile("eu_days", 0.95), between(9, 99), 0),
    Target(
        "… variance ÷ mean",
        "",
        "0.5–2.5",
        lambda f: float(f["eu_days"].var() / f["eu_days"].mean()),
        between(0.5, 2.5),
    ),
    Target("… P(a gap over 120 days)", "yes", "at least 0.35", mean("long_gap"), between(0.35, 1)),
    Target("… P(a gap of at most 5 days)", "yes", "at least 0.15", mean("short_gap"), between(0.15, 1)),
    Target(
        "first EU package, days after the election: median",
        "54",
        "30–75",
        median("first_eu"),
        between(30, 75),
        0,
    ),
    Target(
        "P(head of state listed by the EU within 60 days of its first package)",
        "day 35",
        "0.35–0.80",
        mean("head_soon"),
        between(0.35, 0.8),
    ),
    Target(
        "P(head of state in the first package)", "no", "at most 0.25", mean("head_first"), between(0, 0.25)
    ),
    Target(
        "Western package days answered within 60 days, year 1",
        "8 of 12",
        "0.40–0.85",
        mean("year_1"),
        between(0.4, 0.85),
    ),
    Target("… in 2022", "4 of 15", "0.10–0.45", mean("in_2022"), between(0.1, 0.45)),
    Target(
        "… with an economic element less lists only",
        "0.50 less 0.19",
        "+0.15 to +0.45",
        lambda f: float(f["biting"].mean() - f["lists"].mean()),
        between(0.15, 0.45),
    ),
    Target("Belarus's answer lag, days: median", "7.5", "3–14", median("lags"), between(3, 14), 1),
    Target(
        "… within 4 days",
        "7 of 18",
        "0.25–0.60",
        lambda f: float((f["lags"] <= 4).mean()),
        between(0.25, 0.6),
    ),
    Target(
        "… after 20 days",
        "6 of 18",
        "0.15–0.45",
        lambda f: float((f["lags"] > 20).mean()),
        between(0.15, 0.45),
    ),
    Target(
        "Belarus countermeasure days, year 1: median", "15", "9–20", median("belarus_days"), between(9, 20), 0
    ),
    Target(
        "US package days shared with another sender",
        "10 of 16",
        "0.35–0.80",
        mean("us_shared"),
        between(0.35, 0.8),
    ),
    Target(
        "P(all four senders on one day by end 2021)",
        "twice",
        "at least 0.40",
        mean("together"),
        between(0.4, 1),
    ),
    Target(
        "P(Belarusian concession in year 1)", "none", "at most 0.35", mean("concession_1"), between(0, 0.35)
    ),
    Target("… by mid-2022", "September 2021", "at least 0.50", mean("concession_2"), between(0.5, 1)),
    Target("P(runaway)", "no", "at most 0.05", mean("runaway"), between(0, 0.05)),
)

_world: World | None = None


def _prepare() -> None:
    global _world  # noqa: PLW0603  # one world per worker process
    _world = compile_scenario(load(f"shipped:{SCENARIO}"))


def _measure(replication: int) -> dict[str, float | list[float]]:
    assert _world is not None
    return measure(_world, replication)


def figures(replications: int) -> Figures:
    """Return every measure over all replications, per-day measures pooled."""
    with ProcessPoolExecutor(initializer=_prepare) as pool:
        rows = list(pool.map(_measure, range(replications), chunksize=16))
    return {
        name: np.array(
            [value for row in rows for value in (row[name] if isinstance(row[name], list) else [row[name]])]
        )
        for name in rows[0]
    }


def table(pooled: Figures, targets: tuple[Target, ...]) -> str:
    """Return the targets as a Markdown table."""
    lines = ["| what | record | acceptable | model | met |", "|---|---|---|---|---|"]
    for target in targets:
        value = target.value(pooled)
        met = "yes" if target.near(value) else "**no**"
        lines.append(
            f"| {target.what} | {target.record} | {target.acceptable} | {value:.{target.digits}f} | {met} |"
        )
    return "\n".join(lines)


def replace(path: Path, marker: str, text: str) -> None:
    """Put `text` between the lines `<!-- marker -->` and `<!-- end -->` of a page."""
    page = path.read_text()
    start = page.index(f"<!-- {marker} -->") + len(f"<!-- {marker} -->")
    stop = page.index("<!-- end -->", start)
    path.write_text(f"{page[:start]}\n{text}\n{page[stop:]}")


def main() -> None:
    pooled = figures(int(sys.argv[1]) if len(sys.argv) > 1 else REPLICATIONS)
    replace(FOLDER / "plausibility.md", "table", table(pooled, TARGETS))


if __name__ == "__main__":
    main()
