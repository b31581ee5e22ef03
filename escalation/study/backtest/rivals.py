"""What a forecast has to beat: simple models of package days, fitted on what lies before the origin alone.

A rival is a function of the past of all actors that returns futures: for each actor, sets of future package
days, from which every target is read in the same way as from the model's replications. Days are counted from
the record's first day; `origin` is the first day that is forecast.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Days = npt.NDArray[np.int64]
Futures = Mapping[str, Sequence[Days]]
"""For each actor the package days of every draw, in order, counted from the origin (0 is the first day)."""

LAG = 7
"""Days after which always-mirror answers: the median in the record of Belarus."""
PULSE = 30.0
"""Days in which what a shock adds to a rate falls to 1/e."""


@dataclass(frozen=True)
class History:
    """What a rival may know: package days of each actor before the origin, and the days of shocks.

    The `target` answers, the others impose. `shocks` are days before the origin, later ones where known.
    """

    days: Mapping[str, Days]
    origin: int
    target: str
    shocks: Days

    @cached_property
    def actors(self) -> tuple[str, ...]:
        """The actors, in a fixed order."""
        return tuple(self.days)

    @property
    def length(self) -> int:
        """Days that the past lasts, at least 1."""
        return max(1, self.origin)


Rival = Callable[[History, int, int, np.random.Generator], Futures]


def poisson(past: History, horizon: int, draws: int, generator: np.random.Generator) -> Futures:
    """Each actor at its mean rate so far, whatever happens."""
    return {
        actor: _bernoulli(np.full((draws, horizon), len(days) / past.length), generator)
        for actor, days in past.days.items()
    }


def negative_binomial(past: History, horizon: int, draws: int, generator: np.random.Generator) -> Futures:
    """A rate that differs from draw to draw (gamma), by the dispersion of counts in windows of 30 days."""
    futures: dict[str, Sequence[Days]] = {}
    for actor, days in past.days.items():
        counts = np.bincount(np.asarray(days) // 30, minlength=max(1, past.length // 30)).astype(float)
        mean, variance = counts.mean(), counts.var(ddof=1) if len(counts) > 1 else 0.0
        excess = max(variance - mean, 1e-9)
        shape = mean * mean / excess if mean else 1.0
        rates = generator.gamma(shape, mean / shape, draws) / 30.0 if mean else np.zeros(draws)
        futures[actor] = _bernoulli(np.repeat(rates[:, None], horizon, axis=1), generator)
    return futures


def persistence(past: History, horizon: int, draws: int, generator: np.random.Generator) -> Futures:  # noqa: ARG001
    """The last window once more, day by day."""
    return {
        actor: [days[days >= past.origin - horizon] - (past.origin - horizon)] * draws
        for actor, days in past.days.items()
    }


def bootstrap(past: History, horizon: int, draws: int, generator: np.random.Generator) -> Futures:
    """A window of the past drawn at random, the same for all actors; the past is closed to a circle."""
    starts = generator.integers(0, past.length, draws)
    futures: dict[str, Sequence[Days]] = {}
    for actor, days in past.days.items():
        shifted = [np.sort((days - start) % past.length) for start in starts]
        futures[actor] = [moved[moved < horizon] for moved in shifted]
    return futures


def base_rate(past: History, horizon: int, draws: int, generator: np.random.Generator) -> Futures:
    """All senders at one rate, the mean of theirs; the target at its own."""
    senders = [actor for actor in past.actors if actor != past.target]
    mean = sum(len(past.days[actor]) for actor in senders) / max(1, len(senders))
    rates = {actor: (len(past.days[actor]) if actor == past.target else mean) for actor in past.actors}
    return {
        actor: _bernoulli(np.full((draws, horizon), rate / past.length), generator)
        for actor, rate in rates.items()
    }


def always_mirror(past: History, horizon: int, draws: int, generator: np.random.Generator) -> Futures:
    """Senders at their mean rates; the target answers each of their package days `LAG` days later."""
    futures = dict(poisson(past, horizon, draws, generator))
    recent = {
        int(day) - past.origin + LAG
        for actor, days in past.days.items()
        if actor != past.target
        for day in days[days >= past.origin - LAG]
    }
    answers = []
    for n in range(draws):
        provoked = {
            int(day) + LAG for actor in past.actors if actor != past.target for day in futures[actor][n]
        }
        answers.append(np.array(sorted(day for day in provoked | recent if 0 <= day < horizon), np.int64))
    return futures | {past.target: answers}


def exciting(
    past: History,
    horizon: int,
    draws: int,
    generator: np.random.Generator,
    with_pulse: bool = False,
    with_excitation: bool = False,
) -> Futures:
    """A mean rate, which every package of anybody raises (Hawkes 1971), or every shock for a while.

    By maximum likelihood; see `Exciting`.
    """
    fit = fit_exciting(past, with_pulse, with_excitation)
    marks = _excitation(_counts(past, past.length + 1), fit.decay)[-1]
    simulated = fit.rates(marks, _pulses(past, past.origin, horizon), draws, generator)
    return dict(zip(past.actors, simulated, strict=True))


RIVALS: Mapping[str, Rival] = {
    "poisson": poisson,
    "negative_binomial": negative_binomial,
    "persistence": persistence,
    "bootstrap": bootstrap,
    "hawkes": partial(exciting, with_excitation=True),
    "poisson_pulse": partial(exciting, with_pulse=True),
    "hawkes_pulse": partial(exciting, with_pulse=True, with_excitation=True),
    "always_mirror": always_mirror,
    "base_rate": base_rate,
}


@dataclass(frozen=True)
class Exciting:
    """A fitted model of counts by day: rates per day, `actors` in the order of the past.

    λ_i(t) = base_i + Σ_j gain_ij Σ_k decay e^{-decay (t - t_jk)} + pulse_i Σ_s e^{-(t - s)/PULSE}, the sums
    over earlier days. `gain` (float64[n, n]) is how many further package days of i one of j brings.
    """

    base: Array
    gain: Array
    pulse: Array
    decay: float

    def rates(
        self, marks: Array, pulses: Array, draws: int, generator: np.random.Generator
    ) -> list[list[Days]]:
        """Return simulated days by actor and draw; `marks` (float64[n]) is the excitation at the origin.

        `pulses` (float64[horizon]) is the sum over shocks for each day to come.
        """
        n, horizon = len(self.base), len(pulses)
        state = np.repeat(marks[None, :], draws, axis=0)
        hits = np.zeros((horizon, draws, n), np.bool_)
        fading = np.exp(-self.decay)
        for day in range(horizon):
            rate = self.base + self.decay * state @ self.gain.T + self.pulse * pulses[day]
            hits[day] = generator.random((draws, n)) < -np.expm1(-rate)
            state = (state + hits[day]) * fading
        return [[np.flatnonzero(hits[:, draw, actor]) for draw in range(draws)] for actor in range(n)]


DECAYS = tuple(1.0 / days for days in (5.0, 10.0, 20.0, 40.0, 80.0, 160.0))
"""Decays per day among which the likelihood chooses."""


def fit_exciting(past: History, with_pulse: bool, with_excitation: bool) -> Exciting:
    """Return the maximum likelihood fit of `Exciting` to the past; parts that are left out are 0.

    A day counts once, with the chance 1 - e^{-rate}. Decay is common to all, chosen from `DECAYS`; given it,
    each actor's part is a convex problem of its own. Gains and pulses carry a weak exponential prior (mean
    1), without which a past of few days has no maximum.
    """
    counts = _counts(past, past.length)
    pulses = _pulses(past, 0, past.length)[:, None] * with_pulse
    best, fit = math.inf, None
    for decay in DECAYS if with_excitation else DECAYS[:1]:
        design = np.hstack(
            [np.ones((len(counts), 1)), decay * _excitation(counts, decay) * with_excitation, pulses]
        )
        parts = [_part(design, hits) for hits in counts.T]
        loss = sum(loss for _, loss in parts)
        if loss < best:
            rows = np.stack([weights for weights, _ in parts])
            best, fit = loss, Exciting(rows[:, 0], rows[:, 1:-1], rows[:, -1], decay)
    assert fit is not None
    return fit


def _part(design: Array, hits: Array) -> tuple[Array, float]:
    """Return the weights of one actor's rate and its loss: `design` is float64[days, k], `hits` 0 or 1."""
    used = design.any(axis=0)
    matrix, came = design[:, used], hits > 0
    prior = np.concatenate([[0.0], np.ones(matrix.shape[1] - 1)])

    def loss(weights: Array) -> tuple[float, Array]:
        rate = np.maximum(matrix @ weights, 1e-9)
        slope = np.where(came, -1.0 / np.expm1(np.minimum(rate, 50.0)), 1.0)
        value = -np.log(-np.expm1(-rate[came])).sum() + rate[~came].sum() + prior @ weights
        return float(value), matrix.T @ slope + prior

    start = np.concatenate([[max(hits.mean(), 1e-4)], np.full(matrix.shape[1] - 1, 0.05)])
    bounds = [(1e-6, 1.0), *[(0.0, 20.0)] * (len(start) - 1)]
    from scipy.optimize import minimize  # noqa: PLC0415 - slow to import, and only a backtest needs it

    minimum = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    weights = np.zeros(design.shape[1])
    weights[used] = minimum.x
    return weights, float(minimum.fun)


def _counts(past: History, days: int) -> Array:
    """Return 1 on each package day, float64[days, actors]."""
    counts = np.zeros((days, len(past.actors)))
    for column, actor in enumerate(past.actors):
        counts[past.days[actor], column] = 1.0
    return counts


def _excitation(counts: Array, decay: float) -> Array:
    """Return for each day what is left of earlier days' events, float64[days, n]."""
    left = np.zeros_like(counts)
    fading = np.exp(-decay)
    for day in range(1, len(counts)):
        left[day] = (left[day - 1] + counts[day - 1]) * fading
    return left


def _pulses(past: History, first: int, days: int) -> Array:
    """Return for each of `days` days from `first` on the sum of the pulses of shocks up to it."""
    age = np.arange(first, first + days)[:, None] - past.shocks[None, :]
    return np.asarray(np.where(age >= 0, np.exp(-np.maximum(age, 0) / PULSE), 0.0).sum(axis=1))


def _bernoulli(rates: Array, generator: np.random.Generator) -> list[Days]:
    """Return the days of each draw on which an event falls: `rates` is float64[draws, days]."""
    hits = generator.random(rates.shape) < -np.expm1(-rates)
    return [np.flatnonzero(row) for row in hits]
