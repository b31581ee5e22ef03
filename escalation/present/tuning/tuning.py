"""A tuning in each format: on the screen, as Markdown, CSV and JSON; and the files of its folder."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from escalation.errors import EnvironmentFault
from escalation.present.page import draw
from escalation.present.screen import put, show
from escalation.present.table import Format, as_csv, as_json, markdown
from escalation.present.tuning.tables import tables
from escalation.present.tuning.words import SAMPLERS, Reader, first, sentences
from escalation.present.words import duration, harmless, plural
from escalation.study.tuning.outcome import Figure, Standing, Tuned
from escalation.study.tuning.report import Shown

PARETO, PICTURE = "pareto.csv", "{}.svg"
FAULTS_SHOWN = 3


def show_tuned(tuned: Tuned, folder: Path | None, form: Format) -> None:
    """Print a finding on standard output."""
    if form is Format.JSON:
        put(as_json(tuned.to_json() | {"gained": tuned.gained, "folder": str(folder) if folder else None}))
    elif form is Format.CSV:
        put(as_csv(*rows(tuned)))
    elif form is Format.MD:
        put(_as_markdown(tuned, folder))
    else:
        _show_table(tuned, folder)


def files(tuned: Tuned, trials: Sequence[Shown]) -> Mapping[str, str]:
    """Return the table of finalists and the picture, by name; no picture where nothing draws it."""
    from escalation.present.charts.pareto import pareto_figure  # noqa: PLC0415
    from escalation.present.charts.render import svg  # noqa: PLC0415

    made = {PARETO: as_csv(*rows(tuned)) + "\n"}
    figure = pareto_figure(tuned, trials)
    try:
        return made | {PICTURE.format(figure.name): svg([figure])}
    except EnvironmentFault:
        return made


def rows(tuned: Tuned) -> tuple[list[str], list[list[Any]]]:
    """Return the untuned policy and the finalists as one tidy table: headings and rows."""
    measures = [*tuned.goals, *tuned.limits]
    ends = [f"{measure} {end}" for measure in measures for end in ("value", "low", "high")]
    headings = ["policy", "chosen", *tuned.levers, *ends, *(f"{limit} kept" for limit in tuned.limits)]
    standings = [("untuned", tuned.untuned), *((f"trial {one.trial}", one) for one in tuned.finalists)]
    return headings, [_row(tuned, name, one) for name, one in standings]


def _row(tuned: Tuned, name: str, one: Standing) -> list[Any]:
    figures = [end for figure in (*one.goals, *one.limits) for end in _ends(figure)]
    chosen = "yes" if one == tuned.chosen else "no"
    return [name, chosen, *(one.point.get(path) for path in tuned.levers), *figures, *one.kept]


def _ends(figure: Figure) -> tuple[float | None, float | None, float | None]:
    return figure.value, figure.low, figure.high


def opening(reader: Reader) -> list[str]:
    """Return the lines below the title: whether anything was gained, what was asked, and the finding."""
    tuned = reader.tuned
    whose = f" of {tuned.actor}" if tuned.actor else ""
    lines = list(first(reader))
    lines += [f"With: {', '.join(tuned.overrides)}"] if tuned.overrides else []
    lines.append(f"Tuned: {', '.join(reader.names)}{whose}, to {reader.aim()}.")
    if tuned.cases:
        lines.append(f"In {plural(len(tuned.cases), 'case')} ({tuned.robust}): {'; '.join(tuned.cases)}.")
    return [*lines, *sentences(reader)]


def closing(tuned: Tuned, folder: Path | None) -> list[str]:
    """Return the last lines: what was played, what went wrong, where it is, how to go on."""
    stopped = f", {tuned.stopped:,} stopped early" if tuned.stopped else ""
    lines = [
        f"{plural(tuned.trials, 'trial')}{stopped}, of {tuned.replications:,} replications"
        f"{' in each case' if tuned.cases else ''}, seed {tuned.seed}; {SAMPLERS[tuned.sampler]}.",
        f"Held out: {tuned.held_out:,} replications of seed {tuned.held_out_seed}. In"
        f" {duration(tuned.seconds)}, the optimiser's own {duration(tuned.seconds_asking)}.",
    ]
    if tuned.faults:
        lines.append(f"Points that the scenario does not allow: {plural(len(tuned.faults), 'kind')}.")
        lines += [f"  {fault}" for fault in tuned.faults[:FAULTS_SHOWN]]
    if tuned.unknown:
        lines.append(f"{plural(tuned.unknown, 'trial')} could not be measured and were left out.")
    if tuned.failed:
        lines.append(f"Failed: {plural(tuned.failed, 'replication')}, left out of all figures.")
    if tuned.truncated:
        lines.append(f"Truncated: {plural(tuned.truncated, 'replication')} hit a limit and stopped there.")
    return [*lines, *(_where(tuned, folder) if folder else [])]


def _where(tuned: Tuned, folder: Path) -> list[str]:
    where = shlex.quote(str(folder / tuned.file))
    picture = next((name for name in ("pareto", "trials") if (folder / f"{name}.svg").is_file()), "")
    which = "chosen" if tuned.satisfied else "nearest"
    return [
        f"Saved in {folder}{f', the picture in {picture}.svg' if picture else ''}",
        f"The {which} policy: escalation run {where} --seed {tuned.held_out_seed} -n {tuned.held_out}",
    ]


def _show_table(tuned: Tuned, folder: Path | None) -> None:
    from rich.text import Text  # noqa: PLC0415 - not wanted for --help

    reader = Reader(tuned)
    show(Text(harmless(tuned.title), style="bold"))
    show(*map(harmless, opening(reader)))
    for table in tables(reader):
        show("")
        draw(table)
    show("", *map(harmless, closing(tuned, folder)))


def _as_markdown(tuned: Tuned, folder: Path | None) -> str:
    reader = Reader(tuned)
    parts = [f"# {markdown(tuned.title)}"]
    parts.append("\n".join(f"- {markdown(line.strip())}" for line in opening(reader)))
    parts += [table.as_markdown() for table in tables(reader)]
    parts.append("\n".join(f"- {markdown(line.strip())}" for line in closing(tuned, folder)))
    return "\n\n".join(parts)
