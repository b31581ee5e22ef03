"""Records held against simulations at draws of the prior; what comes near them is the posterior.

Each record is cut into windows of a quarter. A window is simulated at every draw from what the record held
before it, and both are summed up alike (`summaries`): the silence in a record counts like its acts. From all
windows of all records together follows the posterior (`posterior`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations
from textwrap import wrap

import numpy as np
import numpy.typing as npt
from scipy import stats

from escalation.ensemble.parquet import TidyTable, columns_of
from escalation.errors import EscalationError
from escalation.scenario.write import quoted
from escalation.study.calibrate.asked import CalibrateAsked, Held
from escalation.study.calibrate.parameters import Freed, values_at
from escalation.study.calibrate.posterior import Posterior, Projected, contraction, projected
from escalation.study.calibrate.result import (
    POINTS,
    CalibratedNumber,
    CalibratedParameter,
    CalibratedRecord,
    Calibration,
    Correlation,
    PredictiveCheck,
)
from escalation.study.calibrate.summaries import Acts, Window, acts_of, counts_of, summaries_of
from escalation.study.execution import Execution
from escalation.study.journal import Journal
from escalation.study.points.uncertain import Uncertainty, play_dialled
from escalation.study.points.variants import label_of, lines_of
from escalation.study.runner import SCENARIO, Study
from escalation.study.values import Band, Estimate

Array = npt.NDArray[np.float64]

TRIALS = 200
"""Draws that are taken for records, to see how often intervals hold the truth."""
CHECKED = 500
"""Draws of the posterior by which it is held against the records."""
BINS = 10
TOGETHER = "calibrated"
ENDS = (0.0, -1.959964, 1.959964)
"""Scores of the median of a prior, and of the ends of its 95% interval."""


class CalibrateStudy(Study[CalibrateAsked, Calibration]):
    """Simulates every window at every draw, then finds the posterior, and holds it against the records."""

    kind = "calibrate"
    asked = CalibrateAsked
    result = Calibration
    libraries = ("scipy",)

    def work(self, asked: CalibrateAsked) -> int:
        """Return how many replications are played in all."""
        return sum(len(held.windows) for held in asked.held) * (asked.replications + CHECKED)

    def play(self, asked: CalibrateAsked, execution: Execution, journal: Journal) -> Calibration:
        """Return the posterior; windows that the journal holds are not simulated again."""
        blocks, seen = [], []
        for held in asked.held:
            for window in held.windows:
                name = f"{held.name}-{window.start}"
                if (stored := journal.load(name)) is not None:
                    summaries = stored["summaries"]
                    if execution.on_progress:
                        execution.on_progress(asked.replications)
                else:
                    summaries = simulated(
                        held.freed, window, asked.names, asked.scores, asked.seed, execution
                    )
                    journal.save(name, summaries=summaries)
                blocks.append(summaries)
                seen.append(summaries_of(window, [window.seen])[0])
        return _calibration(asked, np.concatenate(blocks, axis=1), np.concatenate(seen), execution)

    def tables(self, result: Calibration) -> Mapping[str, TidyTable]:
        """Return the draws of the posterior, and what it predicts in each window."""
        checks = [
            {
                "record": check.record, "actor": check.actor, "start": check.start.isoformat(),
                "days": check.days, "observed": check.observed, "median": check.median,
                "low_50": check.band_50.low, "high_50": check.band_50.high,
                "low_95": check.band_95.low, "high_95": check.band_95.high, "tail": check.tail,
            }
            for check in result.checks
        ]  # fmt: skip
        return {
            "posterior": {path: list(values) for path, values in result.sample.items()},
            "checks": columns_of(checks),
        }

    def files(self, asked: CalibrateAsked, result: Calibration) -> Mapping[str, str]:
        """Return the posterior as a scenario."""
        return {"posterior.yaml": posterior_file(asked, result)}


CALIBRATE = CalibrateStudy()


def simulated(
    freed: Freed, window: Window, names: Sequence[str], scores: Array, seed: int, execution: Execution
) -> Array:
    """Return the summaries of a window at each draw, float64[n, summaries]; NaN where it failed."""
    acts = played(freed, window, names, scores, seed, execution)
    nothing = np.zeros(0, np.int64)
    no_acts = Acts(nothing, nothing, nothing, nothing.astype(np.float64), 0)
    summaries = summaries_of(window, [done or no_acts for done in acts])
    summaries[[done is None for done in acts]] = np.nan
    return summaries


def played(
    freed: Freed, window: Window, names: Sequence[str], scores: Array, seed: int, execution: Execution
) -> list[Acts | None]:
    """Return what was done in a window at each draw; the chance of a draw is another in each month."""
    settings = freed.settings(window.world, names, scores, seed)
    first = window.start.toordinal() // 28 % 4096 * len(scores)
    look = partial(acts_of, window.world)
    return play_dialled(window.world, seed, settings, first + np.arange(len(scores)), look, execution)


def posterior_at(scores: Array, summaries: Array, seen: Array) -> tuple[Projected, Array, Posterior]:
    """Return the table, the estimates at what was seen, and the posterior; failed draws are left out.

    Raises EscalationError where too few are left.
    """
    good = ~np.isnan(summaries).any(axis=1)
    if good.sum() < 100:
        raise EscalationError("nearly every replication failed; `escalation run` shows why")
    table = projected(scores[good], summaries[good])
    at = table.at(seen)
    return table, at, table.posterior(at)


def _calibration(asked: CalibrateAsked, summaries: Array, seen: Array, execution: Execution) -> Calibration:
    table, at, posterior = posterior_at(asked.scores, summaries, seen)
    sample = posterior.sample(POINTS)
    first = asked.held[0].freed
    return Calibration(
        **asked.envelope,
        records=tuple(_record(held, asked) for held in asked.held),
        parameters=tuple(_parameters(asked, table, posterior)),
        correlations=tuple(_correlations(asked.names, posterior)),
        checks=tuple(
            check
            for held in asked.held
            for window in held.windows
            for check in _checks(held, window, asked, posterior.sample(CHECKED), execution)
        ),
        silent=tuple(name for name in asked.free if name not in asked.names),
        spread=asked.spread,
        draws=asked.replications,
        accepted=len(posterior.rows),
        effective=posterior.effective,
        distance=_distance(table, at),
        sample={
            path: tuple(float(f"{value:.4g}") for value in values)
            for path, values in first.values(asked.names, sample).items()
        },
        failed=int(np.isnan(summaries).any(axis=1).sum()),
    )


def _record(held: Held, asked: CalibrateAsked) -> CalibratedRecord:
    return CalibratedRecord(
        name=held.name, target=held.target, first=held.windows[-1].start, until=asked.until,
        windows=len(held.windows), acts=sum(len(window.seen.day) for window in held.windows),
    )  # fmt: skip


def _parameters(
    asked: CalibrateAsked, table: Projected, posterior: Posterior
) -> Iterator[CalibratedParameter]:
    (mean, covariance), narrower = posterior.moments(), contraction(posterior)
    ranks = table.ranks(TRIALS, asked.seed)
    first = asked.held[0].freed
    for n, name in enumerate(asked.names):
        counts, _ = np.histogram(ranks[:, n], BINS, (0.0, 1.0))
        ends = _quantiles(posterior.scores[:, n], posterior.weights)
        yield CalibratedParameter(
            name=name,
            numbers=tuple(_number(asked, moved, first.spread, ends) for moved in first.moved[name]),
            mean=float(mean[n]),
            deviation=float(np.sqrt(covariance[n, n])),
            contraction=float(narrower[n]),
            inside=float(np.mean((ranks[:, n] > 0.05) & (ranks[:, n] < 0.95))),
            uniform=float(stats.chisquare(counts).pvalue),
        )


def _number(asked: CalibrateAsked, moved: Uncertainty, spread: float, ends: Array) -> CalibratedNumber:
    before, after = (values_at(moved, np.array(scores), spread).tolist() for scores in (ENDS, ends))
    return CalibratedNumber(
        path=moved.path,
        label=label_of(asked.scenario, moved.path),
        prior=Estimate(value=before[0], low=before[1], high=before[2]),
        posterior=Estimate(value=after[0], low=after[1], high=after[2]),
    )


def _quantiles(scores: Array, weights: Array) -> Array:
    """Return the weighted median and 2.5% and 97.5% quantiles."""
    order = np.argsort(scores)
    reached = np.cumsum(weights[order]) - weights[order] / 2
    return np.interp([0.5, 0.025, 0.975], reached, scores[order])


def _correlations(names: Sequence[str], posterior: Posterior) -> list[Correlation]:
    _, covariance = posterior.moments()
    deviations = np.sqrt(np.maximum(np.diag(covariance), 1e-12))
    matrix = np.clip(covariance / np.outer(deviations, deviations), -1.0, 1.0)
    pairs = [
        Correlation(one=names[i], other=names[j], value=float(matrix[i, j]))
        for i, j in combinations(range(len(names)), 2)
    ]
    return sorted(pairs, key=lambda pair: -abs(pair.value))


def _distance(table: Projected, at: Array) -> float:
    """Return the share of draws that lie farther from the middle of the prior than `at`."""
    centre = table.estimates.mean(axis=0)
    inverse = np.linalg.pinv(np.cov(table.estimates.T).reshape(len(at), -1))
    away = table.estimates - centre
    distances = np.einsum("ni,ij,nj->n", away, inverse, away)
    return float(np.mean(distances > (at - centre) @ inverse @ (at - centre)))


def _checks(
    held: Held, window: Window, asked: CalibrateAsked, sample: Array, execution: Execution
) -> Iterator[PredictiveCheck]:
    """Yield what the posterior predicts of each actor's package days in a window; chance is fresh."""
    acts = list(filter(None, played(held.freed, window, asked.names, sample, asked.seed, execution)))
    if not acts:
        return
    counts, seen = counts_of(window, acts), counts_of(window, [window.seen])[0]
    for n, actor in enumerate(window.world.names.actors):
        own, observed = counts[:, n], int(seen[n])
        if not (own.any() or observed):
            continue
        low, inner, median, outer, high = np.quantile(
            own, [0.025, 0.25, 0.5, 0.75, 0.975], method="inverted_cdf"
        ).tolist()
        yield PredictiveCheck(
            record=held.name, actor=actor, start=window.start, days=window.days, observed=observed,
            median=median,
            band_50=Band(low=inner, high=outer), band_95=Band(low=low, high=high),
            tail=min(1.0, 2.0 * min(float(np.mean(own >= observed)), float(np.mean(own <= observed)))),
        )  # fmt: skip


def posterior_file(asked: CalibrateAsked, result: Calibration) -> str:
    """Return the posterior as a scenario: what was calibrated, each free number one of the sample's values.

    They are drawn together, so that what the records say of several at once is kept.
    """
    records = ", ".join(f"{record.name} from {record.first} to {record.until}" for record in result.records)
    base = f"shipped:{asked.base}" if asked.base else SCENARIO
    numbers = {}
    for path, values in result.sample.items():
        indent = "  " * (path.count(".") + 2)
        listed = "\n".join(wrap(", ".join(f"{value:g}" for value in values), 90, subsequent_indent=indent))
        numbers[path] = {
            "choice": f"[{listed}]", "together": TOGETHER, "source": quoted(f"calibrated on {records}"),
            "assumption": "false",
        }  # fmt: skip
    head = [f"# What {records} say of the numbers of a scenario: extend this file.", f"extends: {base}"]
    return "\n".join([*head, *lines_of(numbers), ""])
