"""Two pages for a reader with five minutes, about a run or about two: what came out, and what drives it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from escalation import __version__
from escalation.errors import shortened
from escalation.present.charts import NOTHING, pictures_of_runs
from escalation.present.compare import asked_table, inputs_table, legend, sentences
from escalation.present.flywheel import check_sentence, sources_sentence
from escalation.present.flywheel import sentence as verdict
from escalation.present.format import and_more, capital, changed, command, day, plural
from escalation.present.outcomes import assumptions_line
from escalation.present.output import PictureName
from escalation.present.page import Block, Lines, Page, Section, Table, section
from escalation.present.report.runs import basis_words, warnings
from escalation.present.story.narrative import turning_points, which
from escalation.present.summary import answer_row, answer_table, opening
from escalation.study.compare.model import Comparison
from escalation.study.story.causes import brief as in_brief
from escalation.study.summary import Summary
from escalation.study.values import SHARE
from escalation.study.view import RunView

POINTS = {1: 10, 2: 4}
"""Turning points of each run, by how many runs there are."""
CHANGES, ASKED, CELL = 5, 11, 90
"""Rows at most of what was changed and of what was asked, and letters of a cell."""
SENTENCES = 2
HASH = 12
"""Letters of a hash that are shown."""
LIMITS = (
    "Intervals in brackets: how far a figure may be off because there are not more replications (95%). Half"
    " of futures: where the middle half of them lies. Neither says how sure the assumptions are.",
    "A simulation says what follows from the rules and numbers of a scenario; it holds as far as they do.",
)


def brief_page(runs: Mapping[str, RunView], comparison: Comparison | None) -> Page:
    """Return the two pages: the first section is page one, the others are page two.

    `comparison` is of two runs, the second with the first; None of one.
    """
    pictures: list[Block] = [*pictures_of_runs(runs, PictureName.WHEN)]
    pictures = pictures or [f"{capital(NOTHING[PictureName.WHEN])}."]
    alarming = [line for run in runs.values() for line in warnings(run)]
    first = next(iter(runs.values()))
    answers = _differences(comparison) if comparison else _answers(first)
    title = first.header.title if comparison is None else " compared with ".join(reversed(list(runs)))
    above = section("", first.header.question, Lines(tuple(alarming), alarming=True), *answers, *pictures)
    sections = (above, *_drivers(runs), _limits(runs), *_identities(runs))
    return Page(title, sections)


def _answers(run: RunView) -> tuple[Block, ...]:
    said = [*_lead(run.summary), *opening(run.summary)][:SENTENCES]
    return Lines((*changed(run.overrides), *said)), answer_table(run.summary)


def _lead(summary: Summary) -> Iterator[str]:
    for answer in summary.answers[:1]:
        name, came_to, half = answer_row(answer, summary)
        is_share = answer.estimate.unit == SHARE
        known = f"{came_to} of futures" if is_share else came_to
        half = f", half of {'these' if is_share else 'futures'}: {half}" if half else ""
        yield f"{name}: {known}{half}."


def _differences(comparison: Comparison) -> tuple[Block, ...]:
    ((side, contrast),) = comparison.pairs()
    inputs = inputs_table(comparison, 0)
    said = list(sentences(comparison, side, contrast))[:SENTENCES]
    table = asked_table(contrast, (comparison.baseline, side))
    first = [_clipped(inputs, CHANGES)] if inputs else []
    return Lines((*legend(comparison), *said)), *first, _clipped(table, ASKED)


def _clipped(table: Table, most: int) -> Table:
    """Return a table of so many rows at most, that leaves room for the rest of its page."""
    rows = [tuple(shortened(str(cell), CELL) for cell in row) for row in table.rows[:most]]
    left = len(table.rows) - len(rows)
    return replace(table, rows=rows, note=and_more(left) or table.note)


def _drivers(runs: Mapping[str, RunView]) -> Iterator[Section]:
    """Yield what drives each run, then the turning points of its most typical future."""
    for name, run in runs.items():
        of = f": {name}" if len(runs) > 1 else ""
        flywheel, story = run.summary.flywheel, in_brief(run.story, POINTS[len(runs)])
        said = (verdict(flywheel), sources_sentence(flywheel)) if flywheel else ()
        yield section(f"What drives it{of}", " ".join((*said, which(story.origin, story.seed))))
        yield section("", *turning_points(story, story.points or ()))


def _limits(runs: Mapping[str, RunView]) -> Section:
    first = next(iter(runs.values()))
    lines = [basis_words(first.assumptions)]
    lines += [assumptions_line(run.summary.assumptions) for run in runs.values() if run.summary.assumptions]
    lines += [*LIMITS, check_sentence(first.summary.scenario.name)]
    return section("What it rests on, and its limits", Lines(tuple(lines)))


def _identities(runs: Mapping[str, RunView]) -> Iterator[Section]:
    rows = {name: dict(_identity(run)) for name, run in runs.items()}
    places = dict.fromkeys(path for row in rows.values() for path in row)
    headings = ("What", *rows) if len(rows) > 1 else ("", "")
    cells = [(path, *(row.get(path, "") for row in rows.values())) for path in places]
    yield section("How it was made", Table("", headings, cells))


def _identity(run: RunView) -> Iterator[tuple[str, str]]:
    """Yield what says which run this is, and the command that gives it again."""
    record, header, counts = run.manifest, run.header, run.summary.replications
    scenario, around = record.get("scenario", {}), record.get("surroundings", {})
    name = scenario.get("source") or run.summary.scenario.name or run.name
    yield (
        "Simulated",
        (
            f"{day(header.takeover)} to {day(header.end)}, {plural(counts.finished, 'replication')},"
            f" seed {run.results.seed}"
        ),
    )
    count, seed = counts.asked, run.results.seed
    yield "Again", command("run", name, replications=count, seed=seed, overrides=run.overrides)
    if record:
        yield "Scenario", f"{name}, SHA-256 {scenario['sha256'][:HASH]}…"
        yield "Stored in", run.name
    commit = (around.get("git") or {}).get("commit")
    yield "Version", ", ".join([
        f"escalation {around.get('package', __version__)}",
        *([f"commit {commit[:HASH]}"] if commit else []),
        *([f"model {record['model'][:HASH]}"] if record else []),
    ])  # fmt: skip
