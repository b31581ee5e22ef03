"""The scores of the model and of its rivals over the origins of a backtest.

All that is scored is read alike from futures of package days: of the model, of rivals, and of the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date as Date
from datetime import timedelta
from itertools import product
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.study.backtest import scores
from escalation.study.backtest.asked import BacktestAsked, PlayedOrigin, top_rungs
from escalation.study.backtest.pooling import MEANS, MODEL, skills_of
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

Array = npt.NDArray[np.float64]

CUT = 180
"""Days at which the wait for the next package is cut off."""
ANSWER = 60
"""Days within which a package is answered."""
BANDS = (0.5, 0.95)
BINS = 10
"""Bins of the histogram of probability integral transforms."""


class Targets(NamedTuple):
    """What is read from sets of package days, one value for each draw; of a record there is one draw.

    `counts` (float64[draws] by actor and horizon) are package days; `waits` (float64[draws] by actor) the
    days to the next one, cut at `CUT`; `answered` (float64[draws]) says whether the first package of the
    others within CUT - ANSWER days is answered by the target within ANSWER days, NaN without such a package.
    """

    counts: dict[tuple[str, int], Array]
    waits: dict[str, Array]
    answered: Array


def targets_of(futures: Futures, target: str, horizons: Sequence[int]) -> Targets:
    """Return the targets of futures; days in them count from the origin."""
    counts = {
        (actor, horizon): np.array([float(np.count_nonzero(days < horizon)) for days in draws])
        for actor, draws in futures.items()
        for horizon in horizons
    }
    waits = {
        actor: np.array([float(min(days.min(initial=CUT), CUT)) for days in draws])
        for actor, draws in futures.items()
    }
    draws = range(len(futures[target]))
    return Targets(counts, waits, np.array([_answered(futures, target, draw) for draw in draws]))


def _answered(futures: Futures, target: str, draw: int) -> float:
    others = [days[draw] for actor, days in futures.items() if actor != target]
    first = min((int(days[0]) for days in others if len(days)), default=CUT)
    if first >= CUT - ANSWER:
        return float("nan")
    answers = futures[target][draw]
    return float(((answers > first) & (answers <= first + ANSWER)).any())


def observed(days: Mapping[str, Days], origin: int) -> Futures:
    """Return what a record holds from the origin on, as futures with one draw."""
    return {actor: [own[own >= origin] - origin] for actor, own in days.items()}


class ScoredForecast(NamedTuple):
    """One forecast of a count: whose, its scores by name, how its probability integral transform spreads."""

    forecaster: str
    actor: str
    horizon: int
    origin: Date
    scores: Mapping[str, float]
    pit: Array


def _scores_of(sample: Array, value: float) -> dict[str, float]:
    inner, outer = (scores.interval(sample, share) for share in BANDS)
    return {
        "crps": scores.crps(sample, value),
        "interval_score": scores.interval_score(outer, BANDS[1], value),
        "log_score": scores.log_score(sample, value),
        "held_50": scores.is_held(inner, value),
        "held_95": scores.is_held(outer, value),
        "expected_50": scores.expected_share(sample, inner),
        "expected_95": scores.expected_share(sample, outer),
        "bias": float(sample.mean()) - value,
    }


def _means(forecasts: Sequence[ScoredForecast], names: Sequence[str]) -> dict[str, Any]:
    return {name: float(np.mean([forecast.scores[name] for forecast in forecasts])) for name in names}


def _grouped(
    forecasts: Iterable[ScoredForecast], *fields: str
) -> Mapping[tuple[Any, ...], list[ScoredForecast]]:
    """Return forecasts by the values of some fields, in their order."""
    groups: dict[tuple[Any, ...], list[ScoredForecast]] = {}
    for forecast in forecasts:
        groups.setdefault(tuple(getattr(forecast, field) for field in fields), []).append(forecast)
    return groups


def scored(asked: BacktestAsked, done: Sequence[PlayedOrigin]) -> Backtest:
    """Return the scores of the model and of all rivals over the origins that are done."""
    counts: list[ScoredForecast] = []
    waits: dict[str, list[float]] = {}
    answers: dict[str, list[tuple[float, float]]] = {}
    forecasts: list[Forecast] = []
    for number, origin in enumerate(done):
        came = targets_of(
            observed(asked.days, (origin.day - asked.start).days), asked.target_name, asked.horizons
        )
        generator = np.random.default_rng([asked.seed % 2**32, number])
        for name, futures in forecasters(asked, origin, generator):
            forecast = targets_of(futures, asked.target_name, asked.horizons)
            for actor in asked.forecast:
                for horizon in asked.horizons:
                    sample = forecast.counts[actor, horizon]
                    is_over = asked.covers(origin.day, horizon)
                    value = float(came.counts[actor, horizon][0]) if is_over else None
                    if name == MODEL:
                        forecasts.append(_forecast(origin.day, actor, horizon, sample, value))
                    if value is not None:
                        by_name, pit = _scores_of(sample, value), scores.pit(sample, value, BINS)
                        counts.append(ScoredForecast(name, actor, horizon, origin.day, by_name, pit))
                if asked.covers(origin.day, CUT):
                    wait = scores.crps(forecast.waits[actor], float(came.waits[actor][0]))
                    waits.setdefault(name, []).append(wait)
            if asked.covers(origin.day, CUT) and not np.isnan(came.answered[0]):
                known = forecast.answered[~np.isnan(forecast.answered)]
                chance = float(known.mean()) if len(known) else 0.0
                answers.setdefault(name, []).append((chance, float(came.answered[0])))
    by_origin = tuple(_by_origin(asked, counts))
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
        events=(
            *(_event("answered", name, pairs) for name, pairs in answers.items()),
            *_rung_events(asked, done),
        ),
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


def _scores(asked: BacktestAsked, counts: Sequence[ScoredForecast]) -> Iterator[Score]:
    """Yield the mean scores over origins, of all actors together and of each."""
    all_actors = [forecast._replace(actor="") for forecast in counts]
    groups = _grouped([*all_actors, *counts], "horizon", "actor", "forecaster")
    for horizon, actor, name in product(asked.horizons, ("", *asked.forecast), (MODEL, *RIVALS)):
        if rows := groups.get((horizon, actor, name)):
            means = _means(rows, [*MEANS, "interval_score", "log_score"])
            yield Score(actor=actor, horizon=horizon, forecaster=name, n=len(rows), **means)


def _by_origin(asked: BacktestAsked, counts: Sequence[ScoredForecast]) -> Iterator[OriginScore]:
    """Yield the mean scores over actors at each origin whose window the record covers."""
    groups = _grouped(counts, "horizon", "forecaster", "origin")
    for horizon, name, day in product(asked.horizons, (MODEL, *RIVALS), asked.origins):
        if rows := groups.get((horizon, name, day)):
            means = _means(rows, MEANS)
            yield OriginScore(origin=day, horizon=horizon, forecaster=name, n=len(rows), **means)


def _rung_events(asked: BacktestAsked, done: Sequence[PlayedOrigin]) -> Iterator[EventScore]:
    """Yield the forecasts of a new highest rung; the base rate is how often a new rung was reached so far."""
    longest = max(*asked.horizons, CUT)
    model, base = [], []
    for origin in done:
        if not asked.covers(origin.day, longest):
            continue
        before = top_rungs(asked, origin.day)
        after = top_rungs(asked, origin.day, origin.day + timedelta(longest))
        for actor in asked.forecast:
            happened = float(after[actor] > before[actor])
            model.append((origin.new_rung[actor], happened))
            base.append((_rate_of_new_rungs(asked, actor, origin.day, longest), happened))
    if model:
        yield _event("new_rung", MODEL, model)
        yield _event("new_rung", "base_rate", base)


def _rate_of_new_rungs(asked: BacktestAsked, actor: str, day: Date, days: int) -> float:
    """Return the chance of a new highest rung within `days`, at the rate of those reached before `day`."""
    top, steps = -1, 0
    for date, own, rung in asked.rungs:
        if own == actor and date < day:
            top, steps = max(top, rung), steps + (rung > top)
    length = max(1, (day - asked.start).days)
    return float(-np.expm1(-steps * days / length))


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


def _histograms(asked: BacktestAsked, counts: Sequence[ScoredForecast]) -> Iterator[Histogram]:
    groups = _grouped(counts, "horizon", "forecaster")
    for key in product(asked.horizons, (MODEL, *RIVALS)):
        if rows := groups.get(key):
            spread = tuple(np.sum([row.pit for row in rows], axis=0).tolist())
            yield Histogram(horizon=key[0], forecaster=key[1], counts=spread)
