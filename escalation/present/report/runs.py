"""The report about one run, or several compared with the first: from the question to the record."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from escalation import __version__
from escalation.present.charts import NOTHING, forest_pictures, pictures_of_run, pictures_of_runs
from escalation.present.compare import inputs_table, sentences, shown, tables
from escalation.present.compare_notes import closing
from escalation.present.flywheel import window
from escalation.present.format import capital, changed, day, duration, listed, number, plural
from escalation.present.output import PictureName
from escalation.present.page import Lines, Page, Section, Table, section
from escalation.present.story.narrative import in_short
from escalation.present.summary import FAILURES_SHOWN, answer_table, opening
from escalation.present.summary import tables as summary_tables
from escalation.scenario.document import Scenario
from escalation.study.assumptions import Assumptions, Stated
from escalation.study.compare.model import Comparison
from escalation.study.flywheel.model import Flywheel
from escalation.study.view import RunView

LEFT_OUT = ("header", "failures", "plan", "schema_version", "replications_per_file", "files", "kind")
"""Parts of a manifest that stand elsewhere in a report, or mean nothing to a reader."""
CALLED = {
    "sha256": "SHA-256", "seconds": "took", "changed": "sources changed since", "git": "commit",
    "package": "escalation", "acts": "acts kept",
}  # fmt: skip
"""What parts of a manifest are called here."""
EXAMPLES = 2
"""Concessions that are named."""


def report_page(runs: Sequence[RunView], comparison: Comparison | None) -> Page:
    """Return the page; the first run is the one that the others are compared with."""
    first, several = runs[0], len(runs) > 1
    names = [side.name for side in comparison.sides] if comparison else [first.header.title]
    title = first.header.title
    parts = [_answer(first, f"In short: {names[0]}" if several else "In short", "answer")]
    if comparison is not None:
        title = f"{title}: {listed(names[1:])} compared with {names[0]}"
        parts += _differences(runs, names, comparison)
    by_name = dict(zip(names, runs, strict=True))
    parts += [
        *_pictures(by_name),
        section("How to read this", Lines(tuple(_glossary(first))), name="words"),
        _basis(first.assumptions, f": {names[0]}" if several else ""),
        section("How it was made", _record(runs, names), name="record"),
    ]
    return Page(title, (section("", first.header.question, Lines(tuple(_about(runs)))), *parts))


def _about(runs: Sequence[RunView]) -> Iterator[str]:
    """Yield what was played, how often, and what was changed for it."""
    header = runs[0].header
    counts = ", ".join(dict.fromkeys(f"{run.summary.replications.finished:,}" for run in runs))
    what = "replications" if len(runs) == 1 else f"replications in each of {len(runs)} runs"
    yield f"Simulated from {day(header.takeover)} to {day(header.end)}; {counts} {what}."
    yield from changed(runs[0].overrides)


# ---- what came out


def _answer(run: RunView, title: str, name: str) -> Section:
    alarming = Lines(tuple(warnings(run)), alarming=True)
    return section(title, alarming, Lines(tuple(opening(run.summary))), answer_table(run.summary), name=name)


def warnings(run: RunView) -> Iterator[str]:
    """Yield what a reader must know first: that a run is not whole, or not what it was when it was stored."""
    counts = run.summary.replications
    if run.results.interrupted:
        asked = plural(counts.asked, "replication")
        yield f"The run was interrupted: {counts.finished:,} of {asked} were finished."
    if counts.failed:
        shown = "; ".join(failure.message for failure in run.summary.failures[:FAILURES_SHOWN])
        yield f"{plural(counts.failed, 'replication')} failed and are left out of all figures: {shown}"
    if counts.truncated:
        yield (
            f"{plural(counts.truncated, 'replication')} hit a limit of acts or events and stopped there;"
            " the figures include them."
        )
    if run.paths.differing:
        yield (
            f"{plural(run.paths.differing, 'replication')} came out differently when the run was stored:"
            " another version made it. The pictures show what this version does, the figures what was stored."
        )


def _differences(runs: Sequence[RunView], names: Sequence[str], comparison: Comparison) -> Iterator[Section]:
    """Yield of each further run its answers, then what `compare` says of it."""
    first = runs[0]
    pictures = forest_pictures(comparison)
    notes = closing(comparison, shown(comparison, full=False), full=True)
    for index, (run, name, picture) in enumerate(zip(runs[1:], names[1:], pictures, strict=True)):
        yield _answer(run, f"In short: {name}", f"answer-{index + 2}")
        contrast = comparison.contrasts[index]
        side = comparison.sides[contrast.other]
        inputs = inputs_table(comparison, index, full=True)
        renamed = run.header.title != first.header.title
        about = [f"{name}: {run.header.title}."] if renamed else []
        about += changed(run.overrides)
        yield section(
            f"{name} compared with {names[0]}",
            *about,
            Lines(tuple(sentences(comparison, side, contrast))),
            *tables(comparison, side, contrast, full=False),
            Lines(tuple(notes)),
            picture,
            replace(inputs, title="What differs between the two scenarios", folded=True) if inputs else None,
            name=f"differences-{index + 2}",
        )


def _pictures(runs: Mapping[str, RunView]) -> Iterator[Section]:
    """Yield the chapters of pictures, each about all runs; stories and all outcomes have one for each run."""
    for name, title, what in (
        ("time", "Through time", PictureName.FAN),
        ("when", "By when", PictureName.WHEN),
        ("ladder", "How high they climb", PictureName.LADDER),
        ("flywheel", "The flywheel", PictureName.FLYWHEEL),
    ):
        pictures = pictures_of_runs(runs, what)
        words = "" if pictures else f"{capital(NOTHING.get(what, 'nothing to draw'))}."
        yield section(title, words, *pictures, name=name)
    for position, (called, run) in enumerate(runs.items(), 1):
        of, suffix = (f": {called}", f"-{position}") if len(runs) > 1 else ("", "")
        story = (PictureName.TIMELINE, PictureName.TREE)
        pictures = [picture for what in story for picture in pictures_of_run(run, what)]
        yield section(f"One story of many{of}", in_short(run.story), *pictures, name=f"story{suffix}")
        yield section(
            f"All outcomes{of}", *map(_folded, summary_tables(run.summary)), name=f"figures{suffix}"
        )


def _folded(table: Table) -> Table:
    return replace(table, folded=True)


# ---- how to read it


def _glossary(run: RunView) -> Iterator[str]:
    """Yield what a reader who was not there has to know, one point for each thing."""
    limit, flywheel = run.header.runaway, run.summary.flywheel
    yield (
        "A run, or replication: the scenario played once, by chance; each time the same rules, other luck,"
        " and other draws of the uncertain numbers."
    )
    yield (
        "A hostile act: anything done against another that is graver than words and threats. A package day: a"
        " day with at least one such act by an actor."
    )
    yield from _concession(run.scenario)
    yield "Rung: the place of an act on the ladder of escalation, from words (0) to the gravest."
    yield (
        "Tension: all grievances of all actors, added up; a grievance grows with what is done and fades in"
        " time."
    )
    if limit:
        yield f"A runaway: a run in which tension passes {number(limit)} at some time."
    yield from _measures(flywheel)
    yield (
        "10.2 ± 0.3: a mean over the runs, and half of its 95% interval: how far it may be off because there"
        " are not more runs; 10.2 [9.1, 12.0] where that is not the same to both sides. 62% [58, 66]: a share"
        " of the runs, with its 95% interval."
    )
    yield (
        "50% and 95% bands: where the middle half and nearly all of the runs lie. They say how different"
        " futures of this scenario are, not how sure its assumptions are."
    )


def _concession(scenario: Scenario) -> Iterator[str]:
    """Yield what counts as a concession, where anything does."""
    least = scenario.outcomes.concession.nominal
    labels = [
        instrument.label
        for instrument in scenario.instruments.values()
        if instrument.severity.nominal <= -least
    ]
    if labels:
        yield f"A concession: a conciliatory act of some weight, such as {' or '.join(labels[:EXAMPLES])}."


def _measures(flywheel: Flywheel | None) -> Iterator[str]:
    if flywheel is None:
        return
    yield (
        "R, of the flywheel: how many further hostile acts are attributed to one such act directly, within"
        f" {window(flywheel)} (the window: what comes later is not counted). An act that answers several is"
        " shared out among them. Below 1 each round of answers is smaller than the one before, and the spiral"
        " dies out without new shocks; above 1 it feeds itself."
    )
    if flywheel.rival is not None:
        yield (
            "What answers no act: shocks, what happened before the simulation, and words can make several"
            " actors act at about the same time without any of them answering another. The share that it"
            " explains of how acts cluster would look like a spiral and is none."
        )


# ---- what it rests on, and how it was made


def _basis(basis: Assumptions, of: str) -> Section:
    """Return what the scenario rests on: what is uncertain at once, the rest to be opened."""
    facts = [(fact.path, fact.value, fact.source) for fact in basis.facts]
    return section(
        f"What it rests on{of}",
        basis_words(basis),
        _stated("Uncertain numbers", basis.uncertain, "drawn from"),
        _folded(_stated("Assumptions", basis.assumed, "value")),
        _folded(_stated("Numbers with a source", basis.supported, "value")),
        Table("Facts with a source", ("Where", "What", "Source"), facts, folded=True),
        name="basis",
    )


def basis_words(basis: Assumptions) -> str:
    """Return how many numbers of a scenario are uncertain, assumed or sourced, in sentences."""
    parts = [
        (len(basis.uncertain), "number is", "numbers are", "uncertain and drawn anew in each replication"),
        (len(basis.assumed), "is an assumption", "are assumptions", "that no fact supports"),
        (len(basis.supported), "number has", "numbers have", "a source"),
        (len(basis.facts), "fact", "facts", "(acts, shocks, instruments) also have one"),
    ]
    counted = [f"{plural(count, single, many)} {rest}" for count, single, many, rest in parts if count]
    known = (
        f"{listed(counted)}."
        if counted
        else "Nothing in its file is said to be uncertain, assumed or sourced."
    )
    others = plural(basis.silent, "other number", "other numbers")
    return f"{known} Of {others} the file does not say where they come from; most of them are defaults."


def _stated(title: str, stated: Sequence[Stated], value: str) -> Table:
    columns = [
        (heading, [getattr(entry, name) for entry in stated])
        for heading, name in (("Where", "path"), (value, "value"), ("unit", "unit"), ("source", "source"))
    ]
    used = [(heading, column) for heading, column in columns if any(column)]
    rows = list(zip(*(column for _, column in used), strict=True))
    return Table(title, tuple(heading for heading, _ in used), rows)


def _record(runs: Sequence[RunView], names: Sequence[str]) -> Table:
    """Return the manifests of runs in rows; of an ensemble that was not stored, what is known of it."""
    records = [dict(_rows(_flat(run.manifest or _unstored(run)))) for run in runs]
    places = dict.fromkeys(path for record in records for path in record)
    rows = [(path, *(record.get(path, "") for record in records)) for path in places]
    return Table("The record of each run", ("What", *(names if len(names) > 1 else ("",))), rows)


def _flat(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a reader wants to know, without the level of the surroundings."""
    entries = {name: value for name, value in manifest.items() if name not in LEFT_OUT}
    return entries | dict(entries.pop("surroundings", {}))


def _unstored(run: RunView) -> dict[str, Any]:
    return {
        "scenario": {"name": run.name, "title": run.header.title},
        "status": "complete; it was played for this report and not stored",
        "overrides": list(run.overrides),
        "seed": run.results.seed,
        "replications": run.summary.replications.model_dump(),
        "seconds": run.results.seconds,
        "package": __version__,
    }


def _rows(value: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for name, entry in value.items():
        called = CALLED.get(name, name.replace("_", " "))
        where = f"{path}, {called}" if path else called
        if name == "libraries":
            yield where, ", ".join(f"{library} {version}" for library, version in entry.items())
        elif isinstance(entry, Mapping):
            yield from _rows(entry, where)
        elif entry not in (None, [], ()):
            yield where.removesuffix(", commit"), _entry(name, entry)


def _entry(name: str, entry: Any) -> str:
    if name == "command":
        return shlex.join(map(str, entry))
    if name == "seconds":
        return duration(float(entry))
    if isinstance(entry, bool):
        return "yes" if entry else "no"
    return ", ".join(map(str, entry)) if isinstance(entry, list | tuple) else str(entry)
