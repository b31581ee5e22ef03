"""What a calibration is asked: records, each with a scenario that it is held against, and what is free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta
from functools import cached_property
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import model_validator

from escalation.errors import InputError
from escalation.scenario.document import Scenario
from escalation.scenario.load import load, load_text
from escalation.scenario.record import Record, find_record, parse_record, read_record, write_record
from escalation.scenario.write import dump
from escalation.study.calibrate.parameters import FREE, Freed, scores_of
from escalation.study.calibrate.summaries import Window, spans_of, window_at
from escalation.study.execution import require_choice, require_texts, require_whole
from escalation.study.runner import Asked
from escalation.study.source import Source, scenario_name
from escalation.study.values import ResultPart

DRAWS, MOST_DRAWS = 10_000, 100_000
SPREAD, WIDEST = 0.5, 2.0
"""Prior of what has no distribution of its own: standard deviation of a logarithm."""


class RecordAsked(ResultPart):
    """A record, and the scenario that it is held against, as texts: what is used stays with the result."""

    name: str
    record: str
    scenario: str | None = None
    """None: the scenario that is calibrated."""
    title: str = ""
    target: str | None = None
    """Who answers the others; unless given, whom most acts of the record are aimed at."""


@dataclass(frozen=True)
class Held:
    """A record ready to be held against its scenario."""

    name: str
    target: str
    freed: Freed
    windows: Sequence[Window]


class CalibrateAsked(Asked):
    """What a calibration is asked. Raises InputError; `replications` are draws of the prior."""

    replications: int = DRAWS
    records: tuple[RecordAsked, ...]
    until: Date
    """What the records hold from this day on is not looked at."""
    free: tuple[str, ...] = FREE
    spread: float = SPREAD
    shocks: Literal["unknown", "known"] = "unknown"
    """Whether dated shocks of a window are known before it; foreseen ones always are."""
    base: str | None = None
    """Name of the shipped scenario that this is, where it is one without changes."""

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        require_whole("replications", self.replications, 500, MOST_DRAWS)
        require_choice("shocks", self.shocks, ("unknown", "known"))
        if not 0 < self.spread <= WIDEST:
            raise InputError(f"spread: found {self.spread:g}; allowed is above 0, to {WIDEST:g}")
        if not self.records:
            raise InputError("record: name one, such as --record belarus")
        if not self.names:
            raise InputError("free: no scenario has a number that any of these parameters moves")
        return self

    @cached_property
    def held(self) -> tuple[Held, ...]:
        """The records, each cut into windows. Raises InputError where one holds too little before `until`."""
        return tuple(self._held(record) for record in self.records)

    def _held(self, asked: RecordAsked) -> Held:
        scenario = self.scenario if asked.scenario is None else load_text(asked.scenario, asked.title)
        record = parse_record(asked.record.encode(), asked.name, asked.name, scenario.instruments)
        target = asked.target or target_of(record, scenario)
        if target not in scenario.actors:
            raise InputError(f"target: {target or 'nobody'} is no actor of {asked.title or scenario.title}")
        freed = Freed(scenario, target, self.free, self.spread)
        windows = [
            window_at(freed.scenario, record, target, *span, self.shocks == "known")
            for span in spans_of(freed.scenario, record, self.until)
        ]
        if not windows:
            raise InputError(
                f"record {asked.name}: too little before {self.until}; a window of a month and three weeks"
                " before it are needed"
            )
        return Held(asked.name, target, freed, windows)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The parameters that move a number in any of the scenarios."""
        return tuple(name for name in self.free if any(held.freed.moved[name] for held in self.held))

    @cached_property
    def scores(self) -> npt.NDArray[np.float64]:
        """Draws of the prior, float64[draws, parameters]; those of one parameter depend on its name alone."""
        return scores_of(self.names, self.replications, self.seed)


def target_of(record: Record, scenario: Scenario) -> str:
    """Return the actor of a scenario at which most acts of a record are aimed; empty where there is none."""
    aimed = [entry.target for entry in record.acts if entry.target in scenario.actors]
    return max(dict.fromkeys(aimed), key=aimed.count, default="")


def calibrate_of(
    source: Source,
    records: Sequence[str],
    until: Date | None = None,
    replications: int | None = None,
    free: Sequence[str] = (),
    spread: float = SPREAD,
    target: str | None = None,
    shocks: str = "unknown",
) -> CalibrateAsked:
    """Return what a calibration is asked; a record is RECORD, or RECORD@SCENARIO for one of another scenario.

    Raises InputError, and ScenarioError for a record or scenario with mistakes.
    """
    records, free = require_texts("records", records), require_texts("free", free)
    read = [_record_asked(text, source.scenario, target) for text in records]
    last = until or max((end for _, end in read), default=source.scenario.end)
    return CalibrateAsked(
        **source.asked, replications=DRAWS if replications is None else replications,
        records=tuple(record for record, _ in read),
        until=last, free=tuple(dict.fromkeys(free)) or FREE, spread=spread, shocks=shocks, base=_base(source),
    )  # fmt: skip


def _record_asked(text: str, scenario: Scenario, target: str | None) -> tuple[RecordAsked, Date]:
    """Return a record and its scenario as what is asked, and the day after its last."""
    name, _, other = text.partition("@")
    held_against = load(other) if other else scenario
    record = read_record(name, held_against.instruments)
    if not record.entries:
        raise InputError(f"record {name}: holds nothing")
    asked = RecordAsked(
        name=find_record(name).stem, record=write_record(record),
        scenario=dump(held_against) if other else None,
        title=scenario_name(other) if other else "", target=None if other else target,
    )  # fmt: skip
    return asked, record.entries[-1].date + timedelta(1)


def _base(source: Source) -> str | None:
    """Return the name of the shipped scenario that a source is, where it is one and nothing was changed."""
    try:
        same = source.name is not None and load(f"shipped:{source.name}") == source.scenario
    except InputError:
        return None
    return source.name if same else None
