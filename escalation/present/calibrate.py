"""A calibration: what the records say about each number, what they do not, and whether they fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from escalation.present.format import (
    actor_label,
    band,
    capital,
    day,
    decimal,
    duration,
    listed,
    number,
    percent,
    plural,
)  # fmt: skip
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
            one.path, parameter.name, *_ends(one.prior), *_ends(one.posterior), parameter.contraction,
        ]
        for parameter in result.parameters
        for one in parameter.numbers
    ]  # fmt: skip


def _ends(of: Estimate) -> tuple[float | None, ...]:
    return of.value, of.low, of.high


def parameter_label(name: str) -> str:
    """Return `target: reciprocity`, `all senders: discharge`, `random shocks: rate`."""
    kind, *path = name.split(".")
    whose = {"target": "target", "senders": "all senders", "shocks": "random shocks"}[kind]
    return f"{whose}: {path[-1].replace('_', ' ')}"


def _opening(result: Calibration) -> list[str]:
    lines = [f"With: {', '.join(result.overrides)}"] if result.overrides else []
    lines += [
        f"Record {one.name}, {day(one.first)} to {day(one.until)}: {plural(one.windows, 'window')},"
        f" {plural(one.acts, 'hostile act')}, {actor_label(one.target)} the target."
        for one in result.records
    ]
    learned = sorted((one for one in result.parameters if one.is_learned), key=lambda one: -one.contraction)
    much = [one for one in learned if one.contraction >= LEARNED]
    if much:
        lines.append(f"The records say most about {listed([_direction(one) for one in much])}.")
    if some := [one for one in learned if one not in much]:
        lines.append(f"They say something about {listed([parameter_label(one.name) for one in some])}.")
    if rest := [one for one in result.parameters if not one.is_learned]:
        lines.append(
            f"They say next to nothing about {listed([parameter_label(one.name) for one in rest])}:"
            " what was assumed is what is drawn."
        )
    lines += [_together(one) for one in result.correlations[:MOST] if abs(one.value) >= STRONG]
    return [*lines, *_doubts(result)]


def _direction(one: CalibratedParameter) -> str:
    """Return a parameter with where it went: `all senders: reciprocity (up)`."""
    shift = one.mean / max(one.deviation, 1e-9)
    way = "about as assumed" if abs(shift) < 1 else "up" if shift > 0 else "down"
    return f"{parameter_label(one.name)} ({way})"


def _together(one: Correlation) -> str:
    way = "both up, or both down" if one.value > 0 else "one up and the other down"
    pair = f"{parameter_label(one.one)} and {parameter_label(one.other)}"
    return f"Not told apart: {pair}; {way} ({decimal(one.value, 2)})."


def _doubts(result: Calibration) -> list[str]:
    """Return what speaks against trusting the posterior."""
    lines = []
    if result.distance < UNLIKELY:
        lines.append(
            f"Only {percent(result.distance)} of draws give records as unusual as these: the prior hardly"
            " reaches them, and the posterior is not to be trusted."
        )
    wrong = [parameter_label(one.name) for one in result.parameters if one.uniform < WRONG]
    if wrong:
        lines.append(f"Intervals of {listed(wrong)} hold the truth too often or too rarely.")
    held = result.held_95
    if held is not None:
        lines.append(
            f"Of {plural(len(result.checks), 'count')} in the records {percent(held)} lie in the 95% band of"
            " the posterior."
        )
    return lines


def numbers_table(result: Calibration) -> Table:
    """Return every number before and after the records, those of which they say most first."""
    table: list[tuple[str, ...]] = []
    for one in sorted(result.parameters, key=lambda one: -one.contraction):
        about = (percent(one.contraction), percent(one.inside))
        if len(one.numbers) == 1:
            (single,) = one.numbers
            table.append((single.label, _span(single.prior), _span(single.posterior), *about))
            continue
        table.append((capital(parameter_label(one.name)), "", "", *about))
        table += [
            (f"  {single.label}", _span(single.prior), _span(single.posterior)) for single in one.numbers
        ]
    headings = ("What the records say", "prior", "posterior", "learned", "90% holds")
    return Table(headings[0], headings, table, frozenset({1, 2, 3, 4}), SAID_NOTE)


def _span(of: Estimate) -> str:
    return f"{number(of.value or 0.0)} [{number(of.low or 0.0)}, {number(of.high or 0.0)}]"


def _checks(result: Calibration, full: bool) -> Table:
    if full:
        return checks_table(result.checks, "Predicted and recorded")
    return checks_table(sorted(result.checks, key=lambda one: one.tail)[:MOST], "Predicted worst")


def checks_table(checks: Sequence[PredictiveCheck], title: str) -> Table:
    """Return what the posterior predicts and what came."""
    table = [
        (f"{actor_label(one.actor)}, {one.record}", f"{day(one.start)}, {one.days} days", *_predicted(one))
        for one in checks
    ]
    headings = (title, "window", "median", "50%", "95%", "record", "p")
    return Table(title, headings, table, frozenset({2, 3, 4, 5, 6}), CHECK_NOTE)


def _predicted(one: PredictiveCheck) -> tuple[str, ...]:
    bands = (band((ends.low, ends.high)) for ends in (one.band_50, one.band_95))
    return number(one.median), *bands, number(one.observed), decimal(one.tail, 2)


def _correlations(result: Calibration) -> Table:
    table = [
        (parameter_label(one.one), parameter_label(one.other), decimal(one.value, 2))
        for one in result.correlations
    ]
    return Table("Correlations", ("Correlations", "with", "value"), table, frozenset({2}))


def _closing(result: Calibration) -> list[str]:
    lines = []
    if result.silent:
        names = listed(list(result.silent))
        lines.append(f"Not free, for no scenario has a number there other than 0 or 1: {names}.")
    if result.failed:
        lines.append(f"Failed: {plural(result.failed, 'draw')}, left out.")
    seconds = f", in {duration(result.run.seconds)}" if result.run else ""
    lines.append(
        f"{plural(result.draws, 'draw')} of the prior (spread {number(result.spread)}), {result.accepted:,}"
        f" accepted, worth {number(result.effective)} of equal weight; seed {result.seed}{seconds}."
    )
    if result.run and result.run.folder:
        lines.append(f"Saved in {result.run.folder}")
        lines.append("A scenario draws from it with `extends: posterior.yaml`; it is in that folder.")
    return lines
