"""What the live page shows: the words of the summary and of a comparison, and the numbers of its pictures.

Each function gives plain values for JSON. A picture's line is its values with the ends of their intervals.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from escalation.present import format as fmt
from escalation.present.compare import (
    SURENESS,
    Sides,
    levels,
    sentences,
    shown,
    sureness,
)
from escalation.present.compare_notes import closing, reason_words
from escalation.present.flywheel import check_sentence
from escalation.present.flywheel import sentence as verdict
from escalation.present.outcomes import came_to, rungs
from escalation.present.page import Block, Lines, Page, Passage, Table, Tree
from escalation.present.screen import harmless
from escalation.present.story.divergence import page as divergence_page
from escalation.present.story.narrative import page as story_page
from escalation.present.summary import answer_row, objective
from escalation.scenario.expression import R
from escalation.scenario.files import PREFIX
from escalation.study.compare.model import Difference
from escalation.study.live import along
from escalation.study.live.controls import Control, Controls
from escalation.study.live.futures import LEVELS, Contrasted, Explorer, Futures, Snapshot
from escalation.study.paths import bands_of
from escalation.study.summary import AnswerPart, Summary
from escalation.study.values import SHARE, Estimate

Document = dict[str, Any]
DIGITS = 5
"""Significant digits of a number that is drawn."""


# ---- what can be turned


def controls(explorer: Explorer, known: Controls) -> Document:
    """Return the scenario in words, the first controls, and the names that acts are chosen by."""
    scenario = explorer.variants.base
    return {
        "title": scenario.title,
        "question": scenario.question,
        "start": scenario.start.isoformat(),
        "from": scenario.takeover.isoformat(),
        "levels": LEVELS,
        "seed": explorer.source.seed,
        "controls": [control(first) for first in known.first],
        "actors": {name: actor.name for name, actor in scenario.actors.items()},
        "instruments": {name: instrument.label for name, instrument in scenario.instruments.items()},
    }


def control(of: Control) -> Document:
    """Return a control with what is said about it."""
    said = "no source is given"
    if of.source:
        said = f"source: {of.source}"
    elif of.assumed:
        said = "an assumption"
    return of.model_dump(mode="json", exclude={"source", "assumed"}) | {"said": said}


# ---- what came out


def answer(seen: Snapshot, when: str, against: Contrasted | None) -> Document:
    """Return all that the page shows of a snapshot; `when` is the date whose curve is shown.

    With `against`, what differs from its first side is in every part of it.
    """
    summary = seen.finished.summary
    chosen = _dated(seen, when)
    return {
        "n": seen.count,
        "summary": _words(summary, seen),
        "warnings": _warnings(summary),
        "answers": [_answer(part, summary) for part in summary.answers if part.expression != R],
        "R": _reproduction(summary),
        "tension": _tension(seen),
        "acts": _acts(seen),
        "when": _by_when(seen, chosen),
        "ladder": _ladder(seen),
        "against": _against(against, chosen) if against else None,
        "commands": commands(seen.of, seen.count, against),
    }


def _words(summary: Summary, seen: Snapshot) -> list[str]:
    about = summary.scenario
    period = f"{fmt.day(about.simulate_from)} to {fmt.day(about.end)}"
    counts = f"{fmt.plural(seen.count, 'future')}, {period}, seed {summary.seed}."
    assumed = [
        f"Assumptions are drawn, with a spread of {override.partition('=')[2]}."
        for override in seen.of.assumptions
    ]
    return [*map(objective, summary.objectives), *assumed, counts]


def _warnings(summary: Summary) -> list[str]:
    counts = summary.replications
    return [
        f"{fmt.plural(count, 'future')} {what}"
        for count, what in (
            (counts.failed, "failed and are left out of all figures."),
            (counts.truncated, "hit a limit of acts or events and stopped there; the figures include them."),
        )
        if count
    ]


def _answer(answer: AnswerPart, summary: Summary) -> Document:
    """Return one answer; its name is that of its outcome where the comparison has the same of it."""
    label, came, _ = answer_row(answer, summary)
    of, whole = summary.figures.get(answer.outcome), answer.by is None and answer.function in ("mean", "prob")
    if of is None:  # it is attributed, as R is
        shown = {"label": label, "text": came if summary.flywheel else "comes last", "detail": ""}
        about = {"name": answer.expression, "unit": "acts", "kind": "amount", "bands": []}
        return about | shown | _point(answer.estimate)
    base = {
        "name": of.name if whole else answer.expression, "label": label, "text": came,
        "detail": came_to(of, summary)[1] if whole else "", "unit": of.unit,
    }  # fmt: skip
    if answer.estimate.unit == SHARE:
        return base | {"kind": "share", **_point(answer.estimate)}
    if answer.estimate.value is None or of.measure == "relation":
        return base | {"kind": "words"}
    ends = [[_short(band.low), _short(band.high)] for band in (of.band_50, of.band_95) if band]
    bands = ends if answer.function == "mean" else []
    return base | {"kind": "amount", **_point(answer.estimate), "bands": bands}


def _reproduction(summary: Summary) -> Document | None:
    flywheel = summary.flywheel
    if flywheel is None:
        return None
    checked = [check_sentence(summary.scenario.name)] if flywheel.counted.R.value else []
    return {**_point(flywheel.counted.R), "words": [verdict(flywheel), *checked]}


def _tension(seen: Snapshot) -> Document:
    limit = seen.finished.summary.runaway
    return {
        "days": [date.isoformat() for date in seen.paths.dates],
        "runaway": limit,
        **_fan(bands_of(seen.paths.tension)),
    }


def _acts(seen: Snapshot) -> list[Document]:
    return [
        {"actor": name, "label": fmt.capital(seen.paths.actors[name]), **_fan(bands_of(acts))}
        for name, acts in seen.paths.acts.items()
    ]


def _fan(ends: Any) -> Document:
    return {name: [_short(value) for value in values.tolist()] for name, values in ends.items()}


def _dated(seen: Snapshot, when: str) -> str:
    names = [outcome.name for outcome in seen.dated]
    return when if when in names else next(iter(names), "")


def _by_when(seen: Snapshot, name: str) -> Document | None:
    if not name:
        return None
    options = [{"name": outcome.name, "label": fmt.capital(outcome.label)} for outcome in seen.dated]
    line = seen.by_when(name)
    return {"name": name, "options": options, **_line(line), "text": fmt.estimate(line[-1])}


def _ladder(seen: Snapshot) -> Document:
    labels = rungs(seen.of.scenario)
    return {
        "rungs": [{"rung": rung, "labels": labels.get(rung, [])} for rung in seen.paths.rungs],
        "actors": [
            {"label": fmt.capital(seen.paths.actors[actor]), **_line(shares)}
            for actor, shares in seen.climbed().items()
        ],
    }


# ---- what differs


def _against(of: Contrasted, chosen: str) -> Document:
    """Return what differs, in words, answer by answer, and for each picture where both are paired."""
    comparison = of.comparison
    contrast, side = comparison.contrasts[0], comparison.sides[1]
    pictures: Document = {}
    by_dates = of.by_dates() if of.paired else {}
    if of.paired:
        pictures = {
            "tension": _line(of.tension()),
            "acts": {name: _line(acts) for name, acts in of.acts().items()},
            "when": _line(of.by_when(chosen)) if chosen else None,
            "ladder": [_line(shares) for shares in of.climbed().values()],
        }
    return {
        "words": [*sentences(comparison, side, contrast)],
        "notes": [*closing(comparison, shown(comparison, full=False))],
        "reasons": [*map(reason_words, contrast.reasons)],
        "paired": of.paired,
        "differences": {
            difference.name: _difference(difference, (comparison.sides[0], side))
            for difference in reversed(contrast.differences)
            if difference.statistic != "restricted_mean"
        }
        | {
            name: _difference(difference, (comparison.sides[0], side))
            for name, difference in by_dates.items()
        },
        "n": of.a.count,
        **pictures,
    }


def _difference(difference: Difference, sides: Sides) -> Document:
    a, b = levels(difference, sides)
    return {
        **_point(difference.difference),
        "text": "no difference in any future" if difference.equal else fmt.difference(difference.difference),
        "sure": difference.sure,
        "verdict": "the same" if difference.equal else SURENESS[sureness(difference)],
        "baseline": _point(difference.baseline),
        "levels": f"{b} instead of {a}" if a and not difference.equal else "",
    }  # fmt: skip


# ---- to take along


def commands(of: Futures, replications: int, against: Contrasted | None) -> list[Document]:
    """Return the command lines that give the same figures to the last digit."""
    lines = [{"label": "These figures", "line": _command(of, replications)}]
    if against and against.a.of.overrides == _opened(of) and not against.a.of.settings.intervenes:
        name = "compare" if of.settings.sets and not of.settings.intervenes else ""
        lines += [{"label": "What differs", "line": _command(of, replications, name)}]
    return lines


def _opened(of: Futures) -> tuple[str, ...]:
    return of.overrides[: len(of.overrides) - len(of.settings.sets)]


def _command(of: Futures, replications: int, name: str = "", file: str = "") -> str:
    """Return the command that plays a state, or the `file` that says its settings."""
    settings = of.settings
    struck = [f"--without={text}" for text in settings.without]
    forced = [f"--force={text}" for text in settings.force]
    words = name or ("whatif" if settings.intervenes else "run"), file or of.source.path, *struck, *forced
    overrides = of.assumptions if file else of.overrides
    return fmt.command(*words, overrides=overrides, replications=replications, seed=of.source.seed)


def scenario_file(of: Futures) -> str:
    """Return the scenario under its settings as a file, with what it is and how it is run."""
    file = along.scenario_file(of)
    head = [f"Made by the live page of {of.source.title}."]
    if file.extends and not file.extends.startswith(PREFIX):
        head.append(f"Save it beside {file.extends}.")
    head.append(_command(of, LEVELS[-1], file="changed.yaml"))
    return "".join(f"# {harmless(line)}\n" for line in head) + "\n" + file.text


def story(seen: Snapshot, a: Futures | None) -> Document:
    """Return the page of the most typical future, and above it where it parts from that under `a`."""
    pages = [] if a is None else [divergence_page(along.divergence_under(seen, a))]
    return {"pages": [page(shown) for shown in (*pages, story_page(along.story_under(seen)))]}


def page(of: Page) -> Document:
    """Return a page as plain values: its sections with their blocks, each with its kind."""
    return {
        "title": of.title,
        "sections": [{"title": part.title, "blocks": [*map(_block, part.blocks)]} for part in of.sections],
    }


def _block(block: Block) -> Document:
    if isinstance(block, str):
        return {"kind": "text", "lines": [block]}
    if isinstance(block, Lines):
        return {"kind": "list", "lines": list(block.lines)}
    if isinstance(block, Passage):
        return {"kind": "passage", "head": block.head, "lines": list(block.body)}
    if isinstance(block, Table):
        numbers = sorted(block.numbers)
        return {
            "kind": "table", "title": block.title, "headings": block.headings, "rows": block.rows,
            "numbers": numbers, "note": block.note,
        }  # fmt: skip
    if isinstance(block, Tree):
        lines = [{"level": line.level, "text": line.text} for line in block.lines]
        return {"kind": "tree", "title": block.title, "note": block.note, "lines": lines}
    return {"kind": "text", "lines": [block.title]}


# ---- numbers that are drawn


def _line(estimates: Iterable[Estimate]) -> Document:
    """Return the values of a line and the ends of their intervals."""
    points = [_point(estimate) for estimate in estimates]
    return {name: [point[name] for point in points] for name in ("value", "low", "high")}


def _point(of: Estimate) -> Document:
    return {"value": _short(of.value), "low": _short(of.low), "high": _short(of.high)}


def _short(value: float | None) -> float | None:
    return None if value is None or value != value else float(f"{value:.{DIGITS}g}")  # noqa: PLR0124 - NaN
