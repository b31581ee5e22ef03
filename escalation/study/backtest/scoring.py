"""The scores of the model and of its rivals over the origins of a backtest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date as Date
from typing import Literal

import numpy as np
import numpy.typing as npt

from escalation.study.backtest import scores
from escalation.study.backtest.asked import BacktestAsked, PlayedOrigin, top_rungs
from escalation.study.backtest.forecasts import CUT, Targets, observed, targets_of
from escalation.study.backtest.pooling import MODEL, skills_of
from escalation.study.backtest.result import (
    Backtest,
    EventScore,
    Forecast,
    Histogram,
    OriginScore,
    Score,
    Wait,
)
from escalation.study.backtest.rivals import RIVALS, Days, Futures, History
from escalation.study.record import is_hostile

BANDS = (0.5, 0.95)
BINS = 10
"""Bins of the histogram of probability integral transforms."""
Array = npt.NDArray[np.float64]


class _Scored:
    """One forecast of a count by one forecaster: its scores."""

    def __init__(self, sample: Array, value: float):
        bands = [scores.interval(sample, share) for share in BANDS]
        self.crps = scores.crps(sample, value)
        self.interval = scores.interval_score(bands[1], BANDS[1], value)
        self.log = scores.log_score(sample, value)
        self.held = [scores.is_held(ends, value) for ends in bands]
        self.expected = [scores.expected_share(sample, ends) for ends in bands]
        self.bias = float(sample.mean()) - value
        self.pit = scores.pit(sample, value, BINS)


Key = tuple[str, str, int, int]
"""Forecaster, actor, horizon, number of the origin."""


def scored(asked: BacktestAsked, done: Sequence[PlayedOrigin]) -> Backtest:
    """Return the scores of the model and of all rivals over the origins that are done."""
    counts: dict[Key, _Scored] = {}
    waits: dict[str, list[float]] = {}
    answers: dict[str, list[tuple[float, float]]] = {}
    forecasts: list[Forecast] = []
    for number, origin in enumerate(done):
        came = targets_of(
            observed(asked.days, (origin.day - asked.start).days), asked.target_name, asked.horizons
        )
        generator = np.random.default_rng([asked.seed % 2**32, number])
        for name, futures in forecasters(asked, origin, generator):
            found = targets_of(futures, asked.target_name, asked.horizons)
            for actor in asked.forecast:
                for horizon in asked.horizons:
                    sample, value = found.counts[actor, horizon], _came(asked, origin, came, actor, horizon)
                    if name == MODEL:
                        forecasts.append(_forecast(origin.day, actor, horizon, sample, value))
                    if value is not None:
                        counts[name, actor, horizon, number] = _Scored(sample, value)
                if _covered(asked, origin.day, CUT):
                    wait = scores.crps(found.waits[actor], float(came.waits[actor][0]))
                    waits.setdefault(name, []).append(wait)
            if _covered(asked, origin.day, CUT) and not np.isnan(came.answered[0]):
                chance = found.answered[~np.isnan(found.answered)]
                forecast = float(chance.mean()) if len(chance) else 0.0
                answers.setdefault(name, []).append((forecast, float(came.answered[0])))
    by_origin = tuple(_by_origin(asked, counts, done))
    return Backtest(
        **asked.envelope,
        record=asked.record_name,
        target=asked.target_name,
        actors=asked.forecast,
        shocks=asked.shocks,
        refit=asked.refit,
        learned={origin.day: origin.learned for origin in done if origin.learned},
        origins=asked.origins,
        horizons=asked.horizons,
        replications=asked.replications,
        scores=tuple(_scores(asked, counts)),
        by_origin=by_origin,
        skills=tuple(skills_of([by_origin], asked.seed)),
        waits=tuple(Wait(forecaster=name, n=len(w), crps=float(np.mean(w))) for name, w in waits.items()),
        events=(*_answer_events(answers), *_rung_events(asked, done)),
        histograms=tuple(_histograms(asked, counts)),
        forecasts=tuple(forecasts),
        left_out=done[-1].left_out if done else {},
        failed=sum(origin.failed for origin in done),
        truncated=sum(origin.truncated for origin in done),
    )


def forecasters(
    asked: BacktestAsked, origin: PlayedOrigin, generator: np.random.Generator
) -> Iterator[tuple[str, Futures]]:
    """Yield the model and every rival with their futures from one origin."""
    yield MODEL, {actor: [np.array(days, np.int64) for days in draws] for actor, draws in origin.days.items()}
    first = (origin.day - asked.start).days
    past = History(
        days={actor: days[days < first] for actor, days in asked.days.items()},
        origin=first,
        target=asked.target_name,
        shocks=_shock_days(asked, first),
    )
    longest = max(*asked.horizons, CUT)
    for name, rival in RIVALS.items():
        yield name, rival(past, longest, asked.replications, generator)


def _shock_days(asked: BacktestAsked, first: int) -> Days:
    """Return the days of shocks that are known at an origin, in days from the record's start."""
    days = {
        (shock.date - asked.start).days
        for shock in asked.scenario.shocks.values()
        if shock.date
        and ((shock.date - asked.start).days < first or asked.shocks == "known" or shock.foreseen)
    }
    recorded = (
        (row.date - asked.start).days for row in asked.parsed.entries if row.kind == "shock" and row.size
    )
    return np.array(sorted(days | {day for day in recorded if day < first}), np.int64)


def _covered(asked: BacktestAsked, day: Date, days: int) -> bool:
    return Date.fromordinal(day.toordinal() + days) <= Date.fromordinal(asked.end.toordinal() + 1)


def _came(
    asked: BacktestAsked, origin: PlayedOrigin, came: Targets, actor: str, horizon: int
) -> float | None:
    return float(came.counts[actor, horizon][0]) if _covered(asked, origin.day, horizon) else None


def _forecast(day: Date, actor: str, horizon: int, sample: Array, value: float | None) -> Forecast:
    (low_50, high_50), (low_95, high_95) = (scores.interval(sample, share) for share in BANDS)
    return Forecast(
        origin=day,
        actor=actor,
        horizon=horizon,
        median=float(np.median(sample)),
        low_50=low_50,
        high_50=high_50,
        low_95=low_95,
        high_95=high_95,
        observed=value,
    )


def _scores(asked: BacktestAsked, counts: Mapping[Key, _Scored]) -> Iterator[Score]:
    for horizon in asked.horizons:
        for actor in ("", *asked.forecast):
            for name in (MODEL, *RIVALS):
                rows = [
                    row for (who, whose, days, _), row in counts.items()
                    if who == name and days == horizon and actor in ("", whose)
                ]  # fmt: skip
                if rows:
                    yield Score(
                        actor=actor,
                        horizon=horizon,
                        forecaster=name,
                        n=len(rows),
                        crps=float(np.mean([row.crps for row in rows])),
                        interval_score=float(np.mean([row.interval for row in rows])),
                        log_score=float(np.mean([row.log for row in rows])),
                        held_50=float(np.mean([row.held[0] for row in rows])),
                        held_95=float(np.mean([row.held[1] for row in rows])),
                        expected_50=float(np.mean([row.expected[0] for row in rows])),
                        expected_95=float(np.mean([row.expected[1] for row in rows])),
                        bias=float(np.mean([row.bias for row in rows])),
                    )


def _by_origin(
    asked: BacktestAsked, counts: Mapping[Key, _Scored], done: Sequence[PlayedOrigin]
) -> Iterator[OriginScore]:
    """Yield the mean scores over actors at each origin whose window the record covers."""
    for horizon in asked.horizons:
        for name in (MODEL, *RIVALS):
            for number, origin in enumerate(done):
                keys = [(name, actor, horizon, number) for actor in asked.forecast]
                rows = [counts[key] for key in keys if key in counts]
                if rows:
                    yield OriginScore(
                        origin=origin.day,
                        horizon=horizon,
                        forecaster=name,
                        n=len(rows),
                        crps=float(np.mean([row.crps for row in rows])),
                        held_50=float(np.mean([row.held[0] for row in rows])),
                        held_95=float(np.mean([row.held[1] for row in rows])),
                        expected_50=float(np.mean([row.expected[0] for row in rows])),
                        expected_95=float(np.mean([row.expected[1] for row in rows])),
                        bias=float(np.mean([row.bias for row in rows])),
                    )


def _answer_events(answers: Mapping[str, Sequence[tuple[float, float]]]) -> Iterator[EventScore]:
    for name, pairs in answers.items():
        yield _event("answered", name, pairs)


def _rung_events(asked: BacktestAsked, done: Sequence[PlayedOrigin]) -> Iterator[EventScore]:
    """Yield the forecasts of a new highest rung; the base rate is how often a new rung was reached so far."""
    longest = max(*asked.horizons, CUT)
    model, base = [], []
    for origin in done:
        if not _covered(asked, origin.day, longest):
            continue
        before = top_rungs(asked, origin.day)
        after = top_rungs(asked, origin.day, _later(origin.day, longest))
        for actor in asked.forecast:
            happened = float(after[actor] > before[actor])
            model.append((origin.new_rung[actor], happened))
            base.append((_rate_of_new_rungs(asked, actor, origin.day, longest), happened))
    if model:
        yield _event("new_rung", MODEL, model)
        yield _event("new_rung", "base_rate", base)


def _rate_of_new_rungs(asked: BacktestAsked, actor: str, day: Date, days: int) -> float:
    """Return the chance of a new highest rung within `days`, at the rate of those reached before `day`."""
    top, steps, instruments = -1, 0, asked.scenario.instruments
    for entry in asked.parsed.before(day).acts:
        if entry.actor != actor or not is_hostile(entry, instruments):
            continue
        rung = int(instruments[entry.instrument].rung.nominal)
        top, steps = max(top, rung), steps + (rung > top)
    length = max(1, (day - asked.start).days)
    return float(-np.expm1(-steps * days / length))


def _later(day: Date, days: int) -> Date:
    return Date.fromordinal(day.toordinal() + days)


def _event(
    what: Literal["answered", "new_rung"], name: str, pairs: Sequence[tuple[float, float]]
) -> EventScore:
    return EventScore(
        what=what,
        forecaster=name,
        n=len(pairs),
        brier=float(np.mean([scores.brier(forecast, bool(came)) for forecast, came in pairs])),
        forecast=float(np.mean([forecast for forecast, _ in pairs])),
        happened=float(np.mean([came for _, came in pairs])),
    )


def _histograms(asked: BacktestAsked, counts: Mapping[Key, _Scored]) -> Iterator[Histogram]:
    for horizon in asked.horizons:
        for name in (MODEL, *RIVALS):
            rows = [row.pit for (who, _, days, _), row in counts.items() if (who, days) == (name, horizon)]
            if rows:
                yield Histogram(forecaster=name, horizon=horizon, counts=tuple(np.sum(rows, axis=0).tolist()))
