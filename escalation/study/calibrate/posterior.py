"""From simulations at draws of the prior to the posterior: approximate Bayesian computation with regression.

Three steps, each a few lines, which is why no library is needed (pyABC or sbi bring a database or a neural
network, and simulate themselves). The summaries are projected onto what they say of each parameter, the
ridge regression of parameters on summaries (Fearnhead and Prangle 2012, Journal of the Royal Statistical
Society B 74:419): as many numbers as parameters, noise left out. The draws nearest to the record in these are
accepted, a fixed number, so that weights cannot collapse onto a few. What is left of the distance is taken
out by local linear regression (Beaumont, Zhang and Balding 2002, Genetics 162:2025).

Nothing here knows of scenarios; tests hold it to uniform ranks (Talts and others 2018, arXiv:1804.06788).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

LEAST, SHARE = 200, 0.05
"""Draws that are accepted: at least so many, and this share of all."""
FOLDS, RIDGE = 5, 1e-3
FARTHEST = 3.0
"""Standard deviations of the prior beyond which no accepted draw is moved."""


@dataclass(frozen=True)
class Posterior:
    """Accepted draws: their numbers, int64[m], their scores moved to the record, float64[m, parameters].

    `weights` (float64[m]) add up to 1.
    """

    rows: npt.NDArray[np.int64]
    scores: Array
    weights: Array

    @property
    def effective(self) -> float:
        """How many equally weighted draws know as much."""
        return float(1.0 / (self.weights**2).sum())

    def sample(self, n: int) -> Array:
        """Return `n` equally likely draws, float64[n, parameters], chosen evenly along the sum of scores."""
        order = np.argsort(self.scores @ np.ones(self.scores.shape[1]), kind="stable")
        reached = np.cumsum(self.weights[order])
        chosen = np.searchsorted(reached, (np.arange(n) + 0.5) / n * reached[-1])
        return np.asarray(self.scores[order[np.minimum(chosen, len(order) - 1)]], np.float64)

    def moments(self) -> tuple[Array, Array]:
        """Return mean and covariance of the scores."""
        mean = self.weights @ self.scores
        centred = self.scores - mean
        return mean, (centred * self.weights[:, None]).T @ centred


@dataclass(frozen=True)
class Projected:
    """Draws of the prior whose summaries are projected onto the parameters, float64[n, parameters] both."""

    scores: Array
    estimates: Array
    centre: Array
    scale: Array
    known: npt.NDArray[np.bool_]
    slopes: Array

    def at(self, summaries: Array) -> Array:
        """Return the estimates at the summaries of a record, float64[parameters]."""
        return np.asarray((summaries[self.known] - self.centre) / self.scale @ self.slopes, np.float64)

    def posterior(self, seen: Array, without: int | None = None) -> Posterior:
        """Return the posterior at the estimates of a record; `without` leaves one draw out."""
        distance = ((self.estimates - seen) ** 2).sum(axis=1)
        if without is not None:
            distance[without] = np.inf
        n = min(len(distance) - 1, max(LEAST, int(SHARE * len(distance))))
        nearest = np.argpartition(distance, n)[: n + 1]
        reach = distance[nearest].max()
        rows = nearest[distance[nearest] < reach] if reach > 0 else nearest
        weights = 1.0 - distance[rows] / reach if reach > 0 else np.ones(len(rows))
        scores = _moved(self.scores[rows], self.estimates[rows] - seen, weights)
        return Posterior(rows, scores, weights / weights.sum())

    def ranks(self, trials: int, seed: int) -> Array:
        """Return where the true scores of draws lie in their posteriors, float64[trials, parameters], 0 to 1.

        Each draw in turn is taken for the record; where the posterior is right, they are uniform.
        """
        chosen = np.random.default_rng(seed).permutation(len(self.scores))[:trials]
        ranks = np.empty((len(chosen), self.scores.shape[1]))
        for n, row in enumerate(chosen):
            posterior = self.posterior(self.estimates[row], int(row))
            ranks[n] = posterior.weights @ (posterior.scores < self.scores[row])
        return ranks


def projected(scores: Array, summaries: Array) -> Projected:
    """Return scores, float64[n, parameters], with their summaries, float64[n, summaries], projected on them.

    The regression that projects a draw has not seen it: with many summaries it would know it by heart.
    """
    centre, scale = summaries.mean(axis=0), summaries.std(axis=0)
    known = scale > 0
    design = (summaries[:, known] - centre[known]) / scale[known]
    centred, fold = scores - scores.mean(axis=0), np.arange(len(design)) % FOLDS
    slopes = np.stack([_ridge(design[fold != n], centred[fold != n]) for n in range(FOLDS)])
    estimates = np.empty_like(scores)
    for n in range(FOLDS):
        estimates[fold == n] = design[fold == n] @ slopes[n]
    return Projected(scores, estimates, centre[known], scale[known], known, slopes.mean(axis=0))


def _ridge(design: Array, scores: Array) -> Array:
    gram = design.T @ design + RIDGE * len(design) * np.eye(design.shape[1])
    return np.asarray(np.linalg.solve(gram, design.T @ scores), np.float64)


def _moved(scores: Array, away: Array, weights: Array) -> Array:
    """Return scores as they would be at the record, by weighted regression on the distances."""
    root = np.sqrt(weights)[:, None]
    design = np.column_stack([np.ones(len(away)), away])
    slopes = np.linalg.lstsq(design * root, scores * root, rcond=None)[0]
    return np.asarray(np.clip(scores - away @ slopes[1:], -FARTHEST, FARTHEST), np.float64)


def contraction(posterior: Posterior) -> Array:
    """Return how much narrower the posterior is than the prior: 1 less the ratio of variances, at least 0."""
    return np.asarray(np.clip(1.0 - np.diag(posterior.moments()[1]), 0.0, 1.0), np.float64)
