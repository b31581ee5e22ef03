"""A summary in each format: on the screen, as Markdown, CSV and JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from escalation.present.flywheel import Value, flywheel_tables, flywheel_values
from escalation.present.precision import precision_line
from escalation.present.screen import draw, put, show
from escalation.present.sections import sections
from escalation.present.sentences import answers, runaway
from escalation.present.table import Format, Table, as_csv, as_json, markdown
from escalation.present.words import day, duration, harmless, plural
from escalation.study.summary import Figure, Summary

FAILURES_SHOWN = 3
CSV_HEADINGS = (
    *("outcome", "label", "kind", "unit", "n", "mean", "mcse", "median"),
    *("low_50", "high_50", "low_95", "high_95"),
    *("probability", "probability_low", "probability_high"),
    *("estimate", "estimate_low", "estimate_high"),
)


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


def show_summary(summary: Summary, ending: Ending, form: Format) -> None:
    """Print the summary on standard output."""
    if form is Format.JSON:
        put(as_json(document(summary, ending)))
    elif form is Format.CSV:
        put(as_csv(CSV_HEADINGS, _csv_rows(summary)))
    elif form is Format.MD:
        put(_as_markdown(summary, ending))
    else:
        _show_table(summary, ending)


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
    """Return the lines after the question: its answers, the flywheel's verdict, and how often it ran away."""
    verdict = [summary.flywheel.sentence()] if summary.flywheel else []
    return [*answers(summary), *verdict, *runaway(summary)]


def closing(summary: Summary, ending: Ending) -> list[str]:
    """Return the last lines: what failed or was cut off, how long it took, where it is."""
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
    return lines


def _show_table(summary: Summary, ending: Ending) -> None:
    from rich.text import Text  # noqa: PLC0415 - not wanted for --help

    header = summary.header
    show(Text(harmless(header.title), style="bold"))
    show(*map(harmless, (*above(summary, ending), header.question, *opening(summary))))
    for table in _tables(summary):
        show("")
        draw(table)
    show("", *map(harmless, closing(summary, ending)))


def _as_markdown(summary: Summary, ending: Ending) -> str:
    header = summary.header
    parts = [f"# {markdown(header.title)}", *map(markdown, (*above(summary, ending), header.question))]
    parts.append("\n".join(f"- {markdown(line)}" for line in opening(summary)))
    parts += [table.as_markdown() for table in _tables(summary)]
    parts.append("\n".join(f"- {markdown(line.strip())}" for line in closing(summary, ending)))
    return "\n\n".join(part for part in parts if part)


def _tables(summary: Summary) -> list[Table]:
    return [*sections(summary), *flywheel_tables(summary)]


def _csv_rows(summary: Summary) -> list[Sequence[Any]]:
    rows = [_csv_row(figure) for figure in summary.figures.values()]
    wheel = summary.flywheel
    if wheel is None:
        return rows
    return rows + [_csv_value(value, wheel.replications) for value in flywheel_values(wheel)]


def _csv_value(value: Value, replications: int) -> Sequence[Any]:
    about = (value.name, value.label, "estimate", value.unit, replications)
    return (*about, *(None,) * 10, value.estimate, value.low, value.high)


def _csv_row(figure: Figure) -> Sequence[Any]:
    empty = (None, None)
    about = (figure.name, figure.label, figure.kind, figure.unit, figure.n)
    amount = (figure.mean, figure.mcse, figure.median, *(figure.band_50 or empty), *(figure.band_95 or empty))
    return (*about, *amount, figure.probability, *(figure.interval or empty), None, *empty)


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0]
