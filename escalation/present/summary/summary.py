"""A summary in each format: on the screen, as Markdown, CSV and JSON."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from escalation.present.page import draw
from escalation.present.screen import put, show
from escalation.present.summary.evidence import evidence
from escalation.present.summary.flywheel import flywheel_tables
from escalation.present.summary.precision import precision_line
from escalation.present.summary.rows import HEADINGS, rows_of
from escalation.present.summary.sections import sections
from escalation.present.summary.sentences import answers, objectives, runaway
from escalation.present.table import Format, Table, as_csv, as_json, markdown
from escalation.present.words import and_more, day, duration, harmless, plural
from escalation.study.summary.summary import Summary

FAILURES_SHOWN = 3


@dataclass(frozen=True)
class Ending:
    """What a reader is told at the end: how long it took (seconds), where it is, whether it was cut short.

    `precision` tells, as in the manifest, how a run with a wanted precision came to its end; `overrides` what
    was changed in the scenario for the run, as it was asked for.
    """

    seconds: float
    folder: Path | None
    interrupted: bool = False
    precision: Mapping[str, Any] | None = None
    overrides: Sequence[str] = ()


def show_summary(summary: Summary, ending: Ending, form: Format, full: bool = False) -> None:
    """Print the summary on standard output: what fits on a screen, or with `full` every section.

    JSON and CSV are always complete.
    """
    if form is Format.JSON:
        put(as_json(document(summary, ending)))
    elif form is Format.CSV:
        put(as_csv(HEADINGS, rows_of(summary)))
    elif form is Format.MD:
        put(_as_markdown(summary, ending, full))
    else:
        _show_table(summary, ending, full)


def document(summary: Summary, ending: Ending) -> dict[str, Any]:
    """Return the summary's JSON document with, under `run`, where it is and how long it took."""
    run = {
        "status": "interrupted" if ending.interrupted else "complete",
        "folder": str(ending.folder) if ending.folder else None,
        "seconds": round(ending.seconds, 3),
        "overrides": list(ending.overrides),
    }
    precision = {"precision": dict(ending.precision)} if ending.precision else {}
    return summary.to_json() | {"run": run | precision}


def above(summary: Summary, ending: Ending) -> list[str]:
    """Return the lines between title and question: that the run was interrupted, and what was changed."""
    return [
        *([_interrupted(summary)] if ending.interrupted else []),
        *([f"With: {', '.join(ending.overrides)}"] if ending.overrides else []),
    ]


def _interrupted(summary: Summary) -> str:
    counts = summary.replications
    return f"Interrupted: {counts['finished']:,} of {plural(counts['asked'], 'replication')} finished."


def opening(summary: Summary) -> list[str]:
    """Return the lines after the question: its answers and objectives, the flywheel, and what ran away."""
    wheel = summary.flywheel
    verdict = [wheel.sentence()] if wheel else []
    if wheel and wheel.rival and wheel.rival.shocks:
        verdict.append(wheel.rival_sentence())
    return [*answers(summary), *objectives(summary), *verdict, *runaway(summary)]


def closing(summary: Summary, ending: Ending, full: bool = False) -> list[str]:
    """Return the last lines: what failed or was cut off, how long it took, where it is, how to see all."""
    counts = summary.replications
    lines = []
    if ending.interrupted:
        lines.append(_interrupted(summary))
    if ending.precision:
        lines.append(precision_line(ending.precision))
    if counts["failed"]:
        lines.append(f"Failed: {plural(counts['failed'], 'replication')}, left out of all figures.")
        shown = list(summary.failures.items())[:FAILURES_SHOWN]
        lines += [f"  replication {number}: {_first_line(message)}" for number, message in shown]
        lines += [f"  {more}"] if (more := and_more(len(summary.failures) - FAILURES_SHOWN)) else []
    if counts["truncated"]:
        lines.append(
            f"Truncated: {plural(counts['truncated'], 'replication')} hit a limit of acts or events "
            "and stopped there; the figures include them."
        )
    header = summary.header
    lines.append(
        f"{plural(counts['finished'], 'replication')}, seed {summary.seed}, "
        f"{day(header.takeover)} to {day(header.end)}, in {duration(ending.seconds)}."
    )
    if ending.folder:
        lines.append(f"Saved in {ending.folder}")
        if not full:
            lines.append(f"All of it: escalation summary {shlex.quote(str(ending.folder))} --full")
    return lines


def _show_table(summary: Summary, ending: Ending, full: bool) -> None:
    from rich.text import Text  # noqa: PLC0415 - not wanted for --help

    header = summary.header
    show(Text(harmless(header.title), style="bold"))
    show(*map(harmless, (*above(summary, ending), header.question, *opening(summary))))
    for table in _tables(summary, full):
        show("")
        draw(table)
    show("", *map(harmless, closing(summary, ending, full)))


def _as_markdown(summary: Summary, ending: Ending, full: bool) -> str:
    header = summary.header
    parts = [f"# {markdown(header.title)}", *map(markdown, (*above(summary, ending), header.question))]
    parts.append("\n".join(f"- {markdown(line)}" for line in opening(summary)))
    parts += [table.as_markdown() for table in _tables(summary, full)]
    parts.append("\n".join(f"- {markdown(line.strip())}" for line in closing(summary, ending, full)))
    return "\n\n".join(part for part in parts if part)


def _tables(summary: Summary, full: bool) -> list[Table]:
    return [*sections(summary), *flywheel_tables(summary)] if full else evidence(summary)


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0]
