"""A story in each format: on the screen, as Markdown, CSV and JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from textwrap import fill
from typing import Any

from escalation.errors import InputError, nearest
from escalation.present.page import Line
from escalation.present.screen import put, show
from escalation.present.story.causes import EXPLAINED, tree_lines
from escalation.present.story.narrative import HOW_TO_READ, Chapter, chapters, in_short, opening
from escalation.present.table import Format, as_csv, as_json, markdown
from escalation.present.words import harmless
from escalation.study.story.model import Story

WIDEST = 80
TREE, SHORT = "What caused what", "In short"
CSV_HEADINGS = (
    *("act", "origin", "date", "actor", "target", "instrument", "family", "size", "package"),
    *("probability", "parent", "main_cause", "main_share"),
)


def show_story(story: Story, form: Format) -> None:
    """Print the story on standard output."""
    if form is Format.JSON:
        put(as_json(story.model_dump(mode="json")))
    elif form is Format.CSV:
        put(as_csv(CSV_HEADINGS, list(_rows(story))))
    elif form is Format.MD:
        put("\n\n".join(_markdown(story)))
    else:
        _show(story)


def only(story: Story, actor: str) -> Story:
    """Return the story of what one actor decided. Raises InputError when there is no such actor."""
    if actor not in story.actors:
        near = nearest(actor, tuple(story.actors))
        hint = f" (did you mean {near}?)" if near else ""
        raise InputError(f"actor: found {actor!r}; allowed are {', '.join(story.actors)}{hint}")
    decisions = tuple(decision for decision in story.decisions if decision.actor == actor)
    return story.model_copy(update={"decisions": decisions, "only": actor})


def _show(story: Story) -> None:
    from rich.text import Text  # noqa: PLC0415 - not wanted for --help

    wide = _width()

    def block(text: str, first: str = "", rest: str = "", bold: bool = False) -> None:
        shown = harmless(text)
        lines = fill(shown, wide, initial_indent=first, subsequent_indent=rest) if wide else first + shown
        show(Text(lines, style="bold" if bold else ""))

    block(story.scenario.title, bold=True)
    for line in opening(story):
        block(line)
    show("")
    block(SHORT, bold=True)
    block(in_short(story))
    show("")
    block(HOW_TO_READ)
    for chapter in chapters(story):
        _show_chapter(chapter, block)
    tree = () if story.only else tree_lines(story)
    if tree:
        show("")
        block(TREE, bold=True)
        block(EXPLAINED)
        for drawn in tree:
            block(drawn.text, drawn.guide, drawn.below)


def _show_chapter(chapter: Chapter, block: Any) -> None:
    show("")
    block(chapter.title, bold=True)
    for passage in chapter.passages:
        if passage.body:
            show("")
        block(passage.head, bold=bool(passage.body))
        for text in passage.body:
            block(text, "  ", "  ")


def _width() -> int:
    """Return the columns to wrap at; 0 where lines are not wrapped."""
    from escalation.present.screen import console  # noqa: PLC0415

    return min(WIDEST, console(sys.stdout).width) if sys.stdout.isatty() else 0


def _markdown(story: Story) -> Iterator[str]:
    yield f"# {markdown(story.scenario.title)}"
    yield from map(markdown, opening(story))
    yield f"## {SHORT}"
    yield markdown(in_short(story))
    yield markdown(HOW_TO_READ)
    for chapter in chapters(story):
        yield f"## {markdown(chapter.title)}"
        for passage in chapter.passages:
            yield f"### {markdown(passage.head)}" if passage.body else markdown(passage.head)
            yield from map(markdown, passage.body)
    tree = () if story.only else tree_lines(story)
    if tree:
        yield f"## {TREE}"
        yield EXPLAINED
        yield "\n".join(_item(line) for line in tree)


def _item(line: Line) -> str:
    return f"{'  ' * line.level}- {markdown(line.text)}"


def _rows(story: Story) -> Iterator[Sequence[Any]]:
    for act in story.acts:
        if story.only not in (None, act.actor):
            continue
        main = act.shares[0] if act.shares else None
        about = (act.row, act.origin, act.day.isoformat(), act.actor, act.target, act.instrument, act.family)
        cause = (main.cause, main.share) if main else (None, None)
        yield *about, act.size, act.package, act.probability, act.parent, *cause
