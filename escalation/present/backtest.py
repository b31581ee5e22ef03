"""A backtest: whether the model forecasts better than its rivals, scores beside theirs, calibration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from escalation.present import format as fmt
from escalation.present.calibrate import parameter_label
from escalation.present.page import Page, Table, result_page
from escalation.study.backtest.pooling import MODEL, PooledScores, RecordScore
from escalation.study.backtest.result import Backtest, Score
from escalation.study.values import Estimate

NAMES = {
    "model": "this model",
    "poisson": "Poisson",
    "negative_binomial": "negative binomial",
    "persistence": "persistence",
    "bootstrap": "bootstrap of the past",
    "hawkes": "Hawkes",
    "poisson_pulse": "Poisson with pulses",
    "hawkes_pulse": "Hawkes with pulses",
    "always_mirror": "always mirror",
    "base_rate": "base rate",
}
"""Forecasters as printed."""
MOST_LEARNED = 4
"""Parameters that are named, those that went farthest from what was assumed."""
POWER = (
    "Power is low: a sender has some ten package days in such a record, and neighbouring origins share their"
    " windows; differences of less than a fifth tell nothing."
)
ENDS = ("value", "low", "high")
HELD = ("50%", "due", "95%", "due")
POOLED_NOTE = (
    "Skill: 1 less the ratio of both CRPS, with its 95% interval; above 0 the model is better. All together:"
    " each forecast counts once. 50% and 95%: share of outcomes inside those intervals; due: the share that"
    " would be if the forecasts were right. Bias: mean forecast less what came, in package days."
)
SCORES_NOTE = (
    "CRPS of package days, pooled over actors and origins; lower is better. 50% and 95%: share of outcomes"
    " inside those intervals; of whole numbers, more than that is due."
)


def page(result: Backtest, full: bool = False) -> Page:
    """Return what the scores say, the worst first, and the scores; with `full`, those of each actor."""
    tables: list[Table | None] = [_scores(result, ""), _skills(result), _actors(result), _others(result)]
    if full:
        tables += [_scores(result, actor) for actor in result.actors]
        tables.append(histograms_table(result))
    return result_page(result.scenario.title, _opening(result), tables, _closing(result))


def rows(result: Backtest) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:
    """Return every score as a tidy table."""
    names = list(Score.model_fields)
    return names, [[getattr(score, name) for name in names] for score in result.scores]


def pooled_page(result: PooledScores) -> Page:
    """Return how the model stands in all records together and in each: the worst horizon of all first."""
    records = fmt.listed(
        [f"{n} origins of {name}" for name, n in zip(result.records, result.origins, strict=True)]
    )
    opening = [f"{fmt.capital(records)}; shocks after an origin are {result.shocks}."]
    verdicts = [verdict for horizon in result.horizons if (verdict := _pooled_verdict(result, horizon))]
    opening += [text for _, text in sorted(verdicts)]
    tables = [_records(result, horizon) for horizon in result.horizons]
    return result_page("Scores", opening, [*tables, _rivals(result)], [POWER])


def pooled_rows(result: PooledScores) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:
    """Return every score as a tidy table."""
    names = [name for name in RecordScore.model_fields if name != "skill"]
    rows = [
        [*(getattr(score, name) for name in names), *(getattr(score.skill, end, None) for end in ENDS)]
        for score in result.scores
    ]
    return [*names, "skill", "skill_low", "skill_high"], rows


def _best_rival(result: PooledScores, horizon: int, record: str) -> RecordScore | None:
    rivals = [
        score
        for score in result.scores
        if (score.horizon, score.record) == (horizon, record) and score.forecaster != MODEL
    ]
    return min(rivals, key=lambda score: score.crps, default=None)


def _pooled_verdict(result: PooledScores, horizon: int) -> tuple[float, str] | None:
    record = "" if len(result.records) > 1 else result.records[0]
    best = _best_rival(result, horizon, record)
    if best is None or best.skill is None:
        return None
    own = result.score(MODEL, horizon, record)
    rank, words = _standing(own.crps, best.forecaster, best.crps, best.skill)
    return rank, f"{horizon} days: {words} {_coverage(own)}."


def _records(result: PooledScores, horizon: int) -> Table | None:
    table = []
    for record in (*result.records, *([""] if len(result.records) > 1 else [])):
        if (best := _best_rival(result, horizon, record)) is not None:
            own = result.score(MODEL, horizon, record)
            table.append(
                (
                    fmt.capital(record) or "All together", fmt.number(own.n), fmt.decimal(own.crps, 3),
                    f"{NAMES[best.forecaster]} {fmt.decimal(best.crps, 3)}", skill_words(best.skill),
                    fmt.percent(own.held_50), fmt.percent(own.expected_50), fmt.percent(own.held_95),
                    fmt.percent(own.expected_95), fmt.signed(own.bias, 2),
                )
            )  # fmt: skip
    headings = (f"{horizon} days", "forecasts", "CRPS", "best rival", "skill", *HELD, "bias")
    numbers = frozenset(range(1, len(headings))) - {3}
    return Table(f"{horizon} days", headings, table, numbers) if table else None


def _rivals(result: PooledScores) -> Table:
    record = "" if len(result.records) > 1 else result.records[0]
    scores = {(score.forecaster, score.horizon): score for score in result.scores if score.record == record}
    horizons = sorted({horizon for _, horizon in scores})
    table = [
        (fmt.capital(label), *(skill_words(scores[name, horizon].skill) for horizon in horizons))
        for name, label in NAMES.items()
        if name != MODEL and horizons and (name, horizons[0]) in scores
    ]
    headings = ("Skill of the model against", *(f"{horizon} days" for horizon in horizons))
    return Table("Skill", headings, table, frozenset(range(1, len(headings))), POOLED_NOTE)


def _opening(result: Backtest) -> list[str]:
    lines = fmt.changed(result.overrides)
    first, last = result.origins[0], result.origins[-1]
    actors = fmt.listed([fmt.actor_label(actor) for actor in result.actors])
    lines += [
        f"Record {result.record}; {fmt.plural(len(result.origins), 'origin')},"
        f" {fmt.day(first)} to {fmt.day(last)}.",
        f"Package days of {actors}; shocks after an origin are {result.shocks}.",
        *([_learned(result)] if result.refit else []),
    ]
    verdicts = [verdict for horizon in result.horizons if (verdict := _verdict(result, horizon))]
    lines += [text for _, text in sorted(verdicts)]
    lines += [text for horizon in result.horizons if (text := _calibration(result, horizon))]
    return [*lines, POWER]


def _learned(result: Backtest) -> str:
    """Return how the parameters were learned, and which went farthest at the last origin that could."""
    if not result.learned:
        return "Parameters are drawn from their prior: no quarter lies before any origin."
    last = max(result.learned)
    far = sorted(result.learned[last].items(), key=lambda item: -abs(item[1]))[:MOST_LEARNED]
    moved = fmt.listed([f"{parameter_label(name)} {fmt.signed(score, 1)}" for name, score in far])
    return (
        f"Parameters are learned at each origin from the quarters before it; by {fmt.day(last)}, in standard"
        f" deviations of the prior: {moved}."
    )


def _verdict(result: Backtest, horizon: int) -> tuple[float, str] | None:
    """Return how the model stands beside the best of its rivals at one horizon."""
    skills = [skill for skill in result.skills if skill.horizon == horizon]
    if not skills:
        return None
    best = min(skills, key=lambda skill: result.score(skill.forecaster, horizon).crps)
    own, other = result.score(MODEL, horizon).crps, result.score(best.forecaster, horizon).crps
    rank, words = _standing(own, best.forecaster, other, best.skill)
    return rank, f"{horizon} days: {words}"


def _standing(own: float, rival: str, other: float, skill: Estimate) -> tuple[float, str]:
    """Return the skill against the best rival, and how the model stands beside it, in words."""
    words = "beside" if skill.low is None else "level with"
    if skill.excludes_zero:
        words = "better than" if own < other else "worse than"
    return skill.value or 0.0, (
        f"{words} the best rival, {NAMES[rival]}: CRPS {fmt.decimal(own, 3)} against {fmt.decimal(other, 3)},"
        f" skill {skill_words(skill)}."
    )


def skill_words(skill: Estimate | None) -> str:
    """Return `−7% [−16, +1]`: a skill with its 95% interval; empty where it has no value."""
    if skill is None or skill.value is None:
        return ""
    value = f"{fmt.signed(100 * skill.value, 0)}%"
    if skill.low is None or skill.high is None:
        return value
    return f"{value} [{fmt.signed(100 * skill.low, 0)}, {fmt.signed(100 * skill.high, 0)}]"


def _calibration(result: Backtest, horizon: int) -> str:
    try:
        score = result.score(MODEL, horizon)
    except KeyError:
        return ""
    bias = f"The mean forecast is {fmt.signed(score.bias, 2)} package days off."
    return f"{horizon} days: {_coverage(score)}. {bias}"


def _coverage(score: Score | RecordScore) -> str:
    """Return how many outcomes lie in the intervals, beside how many would if the forecasts were right."""
    shares = (score.held_95, score.expected_95, score.held_50, score.expected_50)
    held_95, expected_95, held_50, expected_50 = map(fmt.percent, shares)
    return (
        f"{held_95} of outcomes in the 95% interval, {held_50} in the 50% one; if the forecasts were"
        f" right, {expected_95} and {expected_50} would be"
    )


def _scores(result: Backtest, actor: str) -> Table | None:
    """Return the scores of every forecaster at every horizon, the best at the middle horizon first."""
    scores = {(score.forecaster, score.horizon): score for score in result.scores if score.actor == actor}
    if not scores:
        return None
    horizons = [horizon for horizon in result.horizons if (MODEL, horizon) in scores]
    middle = horizons[len(horizons) // 2]
    names = [name for name in NAMES if (name, middle) in scores]
    table = [
        (
            fmt.capital(NAMES[name]) if name != MODEL else f"→ {NAMES[name]}",
            *(cell for horizon in horizons for cell in _score_cells(scores[name, horizon])),
        )
        for name in sorted(names, key=lambda name: scores[name, middle].crps)
    ]
    first = fmt.actor_label(actor) if actor else "Forecaster"
    headings = (first, *(text for horizon in horizons for text in (f"{horizon} days", "50%", "95%")))
    title = f"Scores, {fmt.actor_label(actor)}" if actor else "Scores"
    return Table(title, headings, table, frozenset(range(1, len(headings))), "" if actor else SCORES_NOTE)


def _score_cells(score: Score) -> tuple[str, str, str]:
    return fmt.decimal(score.crps, 3), fmt.percent(score.held_50), fmt.percent(score.held_95)


def _skills(result: Backtest) -> Table | None:
    skills = {(skill.forecaster, skill.horizon): skill for skill in result.skills}
    horizons = sorted({horizon for _, horizon in skills})
    names = [name for name in NAMES if horizons and (name, horizons[0]) in skills]
    table = [
        (fmt.capital(NAMES[name]), *(skill_words(skills[name, horizon].skill) for horizon in horizons))
        for name in names
    ]
    headings = ("Skill of the model against", *(f"{horizon} days" for horizon in horizons))
    note = "1 less the ratio of both CRPS, with its 95% interval: above 0 the model is better."
    return Table("Skill", headings, table, frozenset(range(1, len(headings))), note) if table else None


def _actors(result: Backtest) -> Table | None:
    """Return each actor's scores beside the best rival's, whoever is furthest behind it first."""
    table = []
    for actor in result.actors:
        cells, behind = [], []
        for horizon in result.horizons:
            scores = [score for score in result.scores if (score.actor, score.horizon) == (actor, horizon)]
            if rivals := [score for score in scores if score.forecaster != MODEL]:
                own, best = result.score(MODEL, horizon, actor), min(rivals, key=lambda score: score.crps)
                behind.append(own.crps - best.crps)
                cells += [
                    f"{fmt.decimal(own.crps, 2)} ({fmt.decimal(best.crps, 2)})",
                    fmt.signed(own.bias, 1),
                ]
                cells.append(fmt.percent(own.held_95))
        if behind:
            table.append((max(behind), (fmt.actor_label(actor), *cells)))
    scored = {score.horizon for score in result.scores}
    horizons = [horizon for horizon in result.horizons if horizon in scored]
    headings = ("CRPS by actor", *(text for n in horizons for text in (f"{n} days", "bias", "95%")))
    rows = [row for _, row in sorted(table, key=lambda pair: -pair[0])]
    note = (
        "In brackets that of the best rival for this actor and horizon; whoever is furthest behind it first."
    )
    return Table("By actor", headings, rows, frozenset(range(1, len(headings))), note) if rows else None


def _others(result: Backtest) -> Table | None:
    waits = {wait.forecaster: wait for wait in result.waits}
    events = {(event.what, event.forecaster): event for event in result.events}
    table = []
    for name, label in NAMES.items():
        answered, rung = events.get(("answered", name)), events.get(("new_rung", name))
        if name in waits or answered or rung:
            table.append(
                (
                    fmt.capital(label),
                    fmt.decimal(waits[name].crps, 1) if name in waits else "",
                    fmt.decimal(answered.brier, 3) if answered else "",
                    fmt.decimal(rung.brier, 3) if rung else "",
                )
            )
    headings = ("Other forecasts", "wait, days", "answered", "new rung")
    note = (
        "Wait: CRPS of the days to the next package, cut at 180. Answered: Brier score of whether the first"
        " Western package is answered within 60 days. New rung: Brier score of a new highest rung within the"
        " longest horizon."
    )
    return Table("Other forecasts", headings, table, frozenset({1, 2, 3}), note) if table else None


def histograms_table(result: Backtest) -> Table | None:
    """Return the probability integral transforms of the model, a row for each horizon; None without any."""
    own = [histogram for histogram in result.histograms if histogram.forecaster == MODEL]
    table = [(f"{entry.horizon} days", *(fmt.decimal(count, 1) for count in entry.counts)) for entry in own]
    headings = ("PIT of the model", *(f".{n}" for n in range(10)))
    note = "Forecasts by where the outcome lay in them, in tenths; even where they are right."
    return Table("Calibration", headings, table, frozenset(range(1, 11)), note) if table else None


def _closing(result: Backtest) -> list[str]:
    left_out = fmt.left_out_words(result.left_out)
    each = f"{fmt.plural(result.replications, 'replication')} at each origin"
    return [
        *([f"At the last origin: {left_out}"] if left_out else []),
        *fmt.failed(result.failed),
        *fmt.truncated(result.truncated, "of acts or events; the figures include them."),
        f"{each}, seed {result.seed}{fmt.took(result.run)}.",
        *fmt.saved(result.run),
    ]
