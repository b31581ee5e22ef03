"""What a backtest is asked, and what one of its origins brings."""

from __future__ import annotations

from datetime import date as Date
from datetime import timedelta
from functools import cached_property
from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from escalation.errors import InputError
from escalation.scenario.record import Record, find_record, parse_record, read_record, write_record
from escalation.study.backtest.rivals import Days
from escalation.study.calendar import first_days
from escalation.study.calibrate.asked import target_of
from escalation.study.execution import MOST_DAYS, require_choice
from escalation.study.record import is_hostile, package_days
from escalation.study.runner import Asked
from escalation.study.source import Source
from escalation.study.values import Count, ResultPart, Share

HORIZONS = (30, 90, 180)


class BacktestAsked(Asked):
    """What a backtest is asked. Raises InputError."""

    record: str
    """The record as the text of its CSV file: what is scored stays with the result."""
    record_name: str
    """Its name."""
    target: str | None = None
    """Who answers the others; unless given, the actor that most acts of the record are aimed at."""
    actors: tuple[str, ...] = ()
    """Whose package days are forecast; unless given, the scenario's actors with at least three of them."""
    first: Date
    """The first origin."""
    last: Date
    """The last origin; one a month."""
    horizons: tuple[int, ...] = HORIZONS
    """Days that are forecast."""
    shocks: Literal["unknown", "known"] = "unknown"
    """Whether dated shocks after an origin are known at it; foreseen ones always are."""
    refit: bool = False
    """Whether parameters are learned anew at each origin from what the record holds before it."""

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        require_choice("--shocks", self.shocks, ("unknown", "known"))
        if not self.horizons or min(self.horizons) < 1 or max(self.horizons) > MOST_DAYS:
            raise InputError(f"--horizons: found {self.horizons}; allowed are 1 to {MOST_DAYS} days")
        if not self.origins:
            raise InputError(f"--origins: no first day of a month from {self.first} to {self.last}")
        first, shortest = self.origins[0], min(self.horizons)
        if not self.covers(first, shortest):
            raise InputError(
                f"--origins: the record ends on {self.end}; the {shortest} days from {first} on are not in it"
            )
        for option, name in (("target", self.target_name), *(("actor", name) for name in self.forecast)):
            if name not in self.scenario.actors:
                known = ", ".join(self.scenario.actors)
                raise InputError(f"--{option}: {name} is no actor of the scenario; allowed are {known}")
        if not self.forecast:
            raise InputError("--record: no actor of the scenario has three package days in it")
        return self

    @cached_property
    def parsed(self) -> Record:
        """The record."""
        return parse_record(
            self.record.encode(), self.record_name, self.record_name, self.scenario.instruments
        )

    @cached_property
    def days(self) -> dict[str, Days]:
        """Package days of each forecast actor, from the record's first day on."""
        own = package_days(self.parsed.entries, self.scenario.instruments)
        return {
            actor: np.array([(day - self.start).days for day in own.get(actor, ())], np.int64)
            for actor in self.forecast
        }

    @cached_property
    def rungs(self) -> tuple[tuple[Date, str, int], ...]:
        """Day, actor and rung of each hostile act of the record."""
        instruments = self.scenario.instruments
        return tuple(
            (entry.date, entry.actor, int(instruments[entry.instrument].rung.nominal))
            for entry in self.parsed.acts
            if is_hostile(entry, instruments)
        )

    @property
    def start(self) -> Date:
        """The record's first day."""
        return self.parsed.entries[0].date

    @property
    def end(self) -> Date:
        """The record's last day: windows that reach beyond it are not scored."""
        return self.parsed.entries[-1].date

    def covers(self, day: Date, days: int) -> bool:
        """Return whether so many days from one on are all in the record."""
        return days <= (self.end - day).days + 1

    @cached_property
    def target_name(self) -> str:
        """Who answers the others."""
        if self.target is not None:
            return self.target
        return target_of(self.parsed, self.scenario)

    @cached_property
    def forecast(self) -> tuple[str, ...]:
        """Whose package days are forecast, the target first."""
        if self.actors:
            return self.actors
        own = package_days(self.parsed.entries, self.scenario.instruments)
        names = [name for name in own if name in self.scenario.actors and len(own[name]) >= 3]
        return tuple(sorted(names, key=lambda name: (name != self.target_name, -len(own[name]))))

    @cached_property
    def origins(self) -> tuple[Date, ...]:
        """The first day of each month."""
        return tuple(first_days(self.first - timedelta(1), self.last + timedelta(1), 1))


class PlayedOrigin(ResultPart):
    """What one origin brought: the model's forecasts as sorted samples. A piece of the journal."""

    day: Date
    days: dict[str, tuple[tuple[int, ...], ...]]
    """Package days of each actor and replication, from the origin on."""
    new_rung: dict[str, Share]
    """Probability that an actor goes above its highest rung within the longest horizon."""
    left_out: dict[str, Count]
    failed: Count
    truncated: Count
    learned: dict[str, float] = Field(default_factory=dict)
    """Mean score of each parameter that was learned, in standard deviations of its prior."""


def top_rungs(asked: BacktestAsked, day: Date, until: Date | None = None) -> dict[str, int]:
    """Return the highest rung of each actor's hostile acts before a day, or from it on until another."""
    tops = dict.fromkeys(asked.forecast, -1)
    for date, actor, rung in asked.rungs:
        if actor in tops and (date < day if until is None else day <= date < until):
            tops[actor] = max(tops[actor], rung)
    return tops


def backtest_of(
    source: Source,
    record: str,
    origins: str,
    horizons: str = "30,90,180",
    shocks: str = "unknown",
    actors: tuple[str, ...] = (),
    target: str | None = None,
    refit: bool = False,
) -> BacktestAsked:
    """Return what a backtest is asked: `origins` are MONTH:MONTH, `horizons` days divided by commas.

    Raises InputError, and ScenarioError for a record with mistakes.
    """
    first, last = _months(origins)
    held = read_record(record, source.scenario.instruments)
    return BacktestAsked(
        **source.asked, replications=source.replications, record=write_record(held),
        record_name=find_record(record).stem, target=target, actors=actors, first=first, last=last,
        horizons=_days(horizons), shocks=shocks, refit=refit,
    )  # fmt: skip


def _months(text: str) -> tuple[Date, Date]:
    parts = text.split(":")
    try:
        first, last = (Date.fromisoformat(f"{part.strip()}-01") for part in (parts[0], parts[-1]))
        if len(parts) > 2 or last < first:
            raise ValueError
    except ValueError:
        raise InputError(f"--origins {text}: write first and last month, as 2020-11:2022-04") from None
    return first, last


def _days(text: str) -> tuple[int, ...]:
    try:
        return tuple(sorted({int(part) for part in text.split(",")}))
    except ValueError:
        raise InputError(f"--horizons {text}: write days divided by commas, as 30,90,180") from None
