"""A calibration: what the records say about each number, what they do not, and whether they fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from escalation.present import format as fmt
from escalation.present.page import Page, Table, result_page
from escalation.study.calibrate.result import (
    LEARNED,
    CalibratedParameter,
    Calibration,
    Correlation,
    PredictiveCheck,
)
from escalation.study.values import Estimate

STRONG, MOST = 0.5, 6
"""Correlations that are named, and how many at most."""
UNLIKELY, WRONG = 0.05, 0.01
SAID_NOTE = (
    "Prior and posterior: median [95%]. Learned: 1 less the variance that is left of the prior's, where"
    " nothing is learned 0%. 90% holds: how often such an interval holds the truth in records drawn from the"
    " prior."
)
CHECK_NOTE = (
    "Package days in the windows of a record: what the posterior predicts, simulated from what stood before"
    " each window, and what came."
)


def page(result: Calibration, full: bool = False) -> Page:
    """Return what the records say; with `full`, every window and correlation."""
    tables = [numbers_table(result), _checks(result, full)]
    if full:
        tables.append(_correlations(result))
    return result_page(result.scenario.title, _opening(result), tables, _closing(result))


def rows(result: Calibration) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:
    """Return headings and one row for each number: its prior and posterior."""
    headings = (
        "path", "parameter", "prior", "prior_low", "prior_high", "posterior", "posterior_low",
        "posterior_high", "contraction",
    )  # fmt: skip
    return headings, [
        [
            number.path, parameter.name, *_ends(number.prior), *_ends(number.posterior),
            parameter.contraction,
        ]
        for parameter in result.parameters
        for number in parameter.numbers
    ]  # fmt: skip


def _ends(of: Estimate) -> tuple[float | None, ...]:
    return of.value, of.low, of.high


def parameter_label(name: str) -> str:
    """Return `target: reciprocity`, `all senders: discharge`, `random shocks: rate`."""
    kind, *path = name.split(".")
    whose = {"target": "target", "senders": "all senders", "shocks": "random shocks"}[kind]
    return f"{whose}: {path[-1].replace('_', ' ')}"


def _opening(result: Calibration) -> list[str]:
    lines = fmt.changed(result.overrides)
    lines += [
        f"Record {record.name}, {fmt.day(record.first)} to {fmt.day(record.until)}:"
        f" {fmt.plural(record.windows, 'window')}, {fmt.plural(record.acts, 'hostile act')},"
        f" {fmt.actor_label(record.target)} the target."
        for record in result.records
    ]
    learned = sorted(
        (parameter for parameter in result.parameters if parameter.is_learned),
        key=lambda parameter: -parameter.contraction,
    )
    much = [_direction(parameter) for parameter in learned if parameter.contraction >= LEARNED]
    little = [parameter_label(parameter.name) for parameter in learned[len(much) :]]
    nothing = [parameter_label(parameter.name) for parameter in result.parameters if not parameter.is_learned]
    lines += [f"The records say most about {fmt.listed(much)}."] if much else []
    lines += [f"They say something about {fmt.listed(little)}."] if little else []
    if nothing:
        lines.append(
            f"They say next to nothing about {fmt.listed(nothing)}: what was assumed is what is drawn."
        )
    lines += [
        _together(correlation)
        for correlation in result.correlations[:MOST]
        if abs(correlation.value) >= STRONG
    ]
    return [*lines, *_doubts(result)]


def _direction(parameter: CalibratedParameter) -> str:
    """Return a parameter with where it went: `all senders: reciprocity (up)`."""
    shift = parameter.mean / max(parameter.deviation, 1e-9)
    way = "about as assumed" if abs(shift) < 1 else "up" if shift > 0 else "down"
    return f"{parameter_label(parameter.name)} ({way})"


def _together(correlation: Correlation) -> str:
    way = "both up, or both down" if correlation.value > 0 else "one up and the other down"
    pair = f"{parameter_label(correlation.one)} and {parameter_label(correlation.other)}"
    return f"Not told apart: {pair}; {way} ({fmt.decimal(correlation.value, 2)})."


def _doubts(result: Calibration) -> list[str]:
    """Return what speaks against trusting the posterior."""
    lines = []
    if result.distance < UNLIKELY:
        lines.append(
            f"Only {fmt.percent(result.distance)} of draws give records as unusual as these: the prior hardly"
            " reaches them, and the posterior is not to be trusted."
        )
    wrong = [parameter_label(parameter.name) for parameter in result.parameters if parameter.uniform < WRONG]
    if wrong:
        lines.append(f"Intervals of {fmt.listed(wrong)} hold the truth too often or too rarely.")
    held = result.held_95
    if held is not None:
        lines.append(
            f"Of {fmt.plural(len(result.checks), 'count')} in the records {fmt.percent(held)} lie in the 95%"
            " band of the posterior."
        )
    return lines


def numbers_table(result: Calibration) -> Table:
    """Return every number before and after the records, those of which they say most first."""
    table: list[tuple[str, ...]] = []
    for parameter in sorted(result.parameters, key=lambda parameter: -parameter.contraction):
        about = (fmt.percent(parameter.contraction), fmt.percent(parameter.inside))
        if len(parameter.numbers) == 1:
            (single,) = parameter.numbers
            table.append((single.label, _span(single.prior), _span(single.posterior), *about))
            continue
        table.append((fmt.capital(parameter_label(parameter.name)), "", "", *about))
        table += [
            (f"  {single.label}", _span(single.prior), _span(single.posterior))
            for single in parameter.numbers
        ]
    headings = ("What the records say", "prior", "posterior", "learned", "90% holds")
    return Table(headings[0], headings, table, frozenset({1, 2, 3, 4}), SAID_NOTE)


def _span(of: Estimate) -> str:
    return f"{fmt.number(of.value or 0.0)} [{fmt.number(of.low or 0.0)}, {fmt.number(of.high or 0.0)}]"


def _checks(result: Calibration, full: bool) -> Table:
    if full:
        return checks_table(result.checks, "Predicted and recorded")
    return checks_table(sorted(result.checks, key=lambda check: check.tail)[:MOST], "Predicted worst")


def checks_table(checks: Sequence[PredictiveCheck], title: str) -> Table:
    """Return what the posterior predicts and what came."""
    table = [
        (
            f"{fmt.actor_label(check.actor)}, {check.record}",
            f"{fmt.day(check.start)}, {check.days} days",
            *_predicted(check),
        )
        for check in checks
    ]
    headings = (title, "window", "median", "50%", "95%", "record", "p")
    return Table(title, headings, table, frozenset({2, 3, 4, 5, 6}), CHECK_NOTE)


def _predicted(check: PredictiveCheck) -> tuple[str, ...]:
    bands = (fmt.band((ends.low, ends.high)) for ends in (check.band_50, check.band_95))
    return fmt.number(check.median), *bands, fmt.number(check.observed), fmt.decimal(check.tail, 2)


def _correlations(result: Calibration) -> Table:
    table = [
        (
            parameter_label(correlation.one),
            parameter_label(correlation.other),
            fmt.decimal(correlation.value, 2),
        )
        for correlation in result.correlations
    ]
    return Table("Correlations", ("Correlations", "with", "value"), table, frozenset({2}))


def _closing(result: Calibration) -> list[str]:
    lines = []
    if result.silent:
        names = fmt.listed(list(result.silent))
        lines.append(f"Not free, for no scenario has a number there other than 0 or 1: {names}.")
    if result.failed:
        lines.append(f"Failed: {fmt.plural(result.failed, 'draw')}, left out.")
    lines.append(
        f"{fmt.plural(result.draws, 'draw')} of the prior (spread {fmt.number(result.spread)}),"
        f" {result.accepted:,} accepted, worth {fmt.number(result.effective)} of equal weight;"
        f" seed {result.seed}{fmt.took(result.run)}."
    )
    saved = fmt.saved(result.run)
    if saved:
        saved.append("A scenario draws from it with `extends: posterior.yaml`; it is in that folder.")
    return lines + saved
