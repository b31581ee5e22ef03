"""What a report says: its chapters, from the question to the record of the run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from escalation.present.charts.figure import Figure, Scales
from escalation.present.charts.forest import forest_figures
from escalation.present.charts.gallery import common_scales, figures
from escalation.present.charts.what import What
from escalation.present.comparing.comparison import lines, seen
from escalation.present.comparing.notes import closing
from escalation.present.report.basis import UNCERTAIN, basis_tables, basis_words
from escalation.present.report.glossary import glossary
from escalation.present.report.record import record_table
from escalation.present.story.narrative import in_short
from escalation.present.summary.flywheel import flywheel_tables
from escalation.present.summary.sections import sections
from escalation.present.summary.summary import FAILURES_SHOWN, opening
from escalation.present.table import Table
from escalation.present.words import day, plural
from escalation.study.assumptions import Change, changes
from escalation.study.comparing.comparison import Comparison
from escalation.study.exhibit import Exhibit


@dataclass(frozen=True)
class Chapter:
    """A part of the report; `folded` tables are opened by the reader."""

    identity: str
    title: str
    warnings: Sequence[str] = ()
    paragraphs: Sequence[str] = ()
    points: Sequence[str] = ()
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()
    folded: Sequence[Table] = field(default_factory=list)


def chapters(
    exhibits: Sequence[Exhibit], names: Sequence[str], comparison: Comparison | None
) -> list[Chapter]:
    """Return the chapters about one run, or about several and how they differ from the first.

    `names` are what the runs are called, in their order.
    """
    first, several = exhibits[0], len(exhibits) > 1
    found = [_answer(first, f"In short: {names[0]}" if several else "In short", "answer")]
    if comparison is not None:
        found += _differences(exhibits, names, comparison)
    scales = common_scales(exhibits) if several else None
    for place, (exhibit, name) in enumerate(zip(exhibits, names, strict=True), 1):
        of, suffix = (f": {name}", f"-{place}") if several else ("", "")
        found += list(_pictures(exhibit, of, suffix, scales))
    of = f": {names[0]}" if several else ""
    return [
        *found,
        Chapter("words", "How to read this", points=glossary(first)),
        _basis(first, of),
        Chapter("record", "How it was made", tables=[record_table(exhibits, names)]),
    ]


def _answer(exhibit: Exhibit, title: str, identity: str) -> Chapter:
    return Chapter(identity, title, list(_warnings(exhibit)), points=opening(exhibit.summary))


def _warnings(exhibit: Exhibit) -> Iterator[str]:
    counts = exhibit.summary.replications
    if exhibit.interrupted:
        yield (
            f"The run was interrupted: {counts['finished']:,} of"
            f" {plural(counts['asked'], 'replication')} were finished."
        )
    if counts["failed"]:
        shown = "; ".join(list(exhibit.summary.failures.values())[:FAILURES_SHOWN])
        yield f"{plural(counts['failed'], 'replication')} failed and are left out of all figures: {shown}"
    if counts["truncated"]:
        yield (
            f"{plural(counts['truncated'], 'replication')} hit a limit of acts or events and stopped there;"
            " the figures include them."
        )
    if exhibit.paths.differing:
        yield (
            f"{plural(exhibit.paths.differing, 'replication')} came out differently when the run was stored:"
            " another version made it. The pictures show what this version does, the figures what was stored."
        )


def _differences(
    exhibits: Sequence[Exhibit], names: Sequence[str], comparison: Comparison
) -> Iterator[Chapter]:
    for place, (exhibit, name, picture) in enumerate(
        zip(exhibits[1:], names[1:], forest_figures(comparison), strict=True), 2
    ):
        yield _answer(exhibit, f"In short: {name}", f"answer-{place}")
        contrast = comparison.contrasts[place - 2]
        side = comparison.sides[contrast.other]
        changed = changes(exhibits[0].scenario, exhibit.scenario)
        said = (
            [f"{name}: {exhibit.header.title}."] if exhibit.header.title != exhibits[0].header.title else []
        )
        said += [f"With: {', '.join(exhibit.overrides)}"] if exhibit.overrides else []
        yield Chapter(
            f"differences-{place}", f"{name} compared with {names[0]}", [], said,
            [*lines(comparison, side, contrast), *_how(comparison)],
            [picture], folded=[_changes(changed, names[0], name)] if changed else [],
        )  # fmt: skip


def _how(comparison: Comparison) -> list[str]:
    """Return how it was compared; what speaks of a column that the page does not have is left out."""
    notes = closing(comparison, seen(comparison, everything=False))
    return [note for note in notes if not note.startswith("Above")]


def _changes(changed: Sequence[Change], first: str, name: str) -> Table:
    rows = [(one.path, one.before or "—", one.after or "—") for one in changed]
    return Table("What differs between the two scenarios", ("Where", first, name), rows)


def _pictures(exhibit: Exhibit, of: str, suffix: str, scales: Scales | None) -> Iterator[Chapter]:
    parts = (
        ("time", "Through time", What.FAN),
        ("story", "One story of many", What.TIMELINE),
        ("ladder", "How high they climb", What.LADDER),
        ("wheel", "The flywheel", What.FLYWHEEL),
    )
    for identity, title, what in parts:
        drawn = figures(exhibit, what, scales)
        words = [] if drawn else ["Nobody does anything hostile in any run: there is nothing to draw."]
        if identity == "story":
            drawn += figures(exhibit, What.TREE)
            words = [in_short(exhibit.story)]
        yield Chapter(f"{identity}{suffix}", f"{title}{of}", paragraphs=words, figures=drawn)
    tables = [*sections(exhibit.summary), *flywheel_tables(exhibit.summary)]
    yield Chapter(f"figures{suffix}", f"All outcomes{of}", folded=tables)


def _basis(exhibit: Exhibit, of: str) -> Chapter:
    """Return what the scenario rests on: what is uncertain at once, the rest to be opened."""
    tables = basis_tables(exhibit.assumptions)
    shown = [table for table in tables if table.title == UNCERTAIN]
    folded = [table for table in tables if table.title != UNCERTAIN]
    words = basis_words(exhibit.assumptions)
    return Chapter("basis", f"What it rests on{of}", paragraphs=words, tables=shown, folded=folded)


def about(exhibits: Sequence[Exhibit]) -> list[str]:
    """Return the lines below the question: what was played, how often, and what was changed for it."""
    header = exhibits[0].header
    counts = ", ".join(dict.fromkeys(f"{one.summary.replications['finished']:,}" for one in exhibits))
    runs = "replications" if len(exhibits) == 1 else f"replications in each of {len(exhibits)} runs"
    lines = [f"Simulated from {day(header.takeover)} to {day(header.end)}; {counts} {runs}."]
    lines += [f"With: {', '.join(one.overrides)}" for one in exhibits[:1] if one.overrides]
    return lines
