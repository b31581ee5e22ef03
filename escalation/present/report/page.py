"""From exhibits to one HTML file: the chapters are filled into a template that escapes every text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from escalation import __version__
from escalation.present.charts.figure import NARROW, WIDE, Figure
from escalation.present.charts.render import inline, need_pictures
from escalation.present.report.chapters import Chapter, about, chapters
from escalation.present.story.explain import TREE
from escalation.present.story.phrases import listed
from escalation.present.words import harmless
from escalation.study.comparing.comparison import Comparison
from escalation.study.exhibit import Exhibit

if TYPE_CHECKING:
    from markupsafe import Markup


@dataclass(frozen=True)
class Picture:
    """A figure with its drawings for a wide and for a narrow page."""

    identity: str
    figure: Figure
    wide: Markup
    narrow: Markup


def report_page(
    exhibits: Sequence[Exhibit],
    comparison: Comparison | None = None,
    on_picture: Callable[[int], Any] | None = None,
) -> str:
    """Return the report about one or several runs as one HTML page: no script, no other file, no network.

    The first is the one that the others are compared with. `on_picture` is told of every drawing that is
    made. Raises EnvironmentFault when the extra `report` is not installed.
    """
    need_pictures()
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415 - an extra

    room = files("escalation.present.report")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, finalize=_clean)
    names = [side.name for side in comparison.sides] if comparison else [exhibits[0].header.title]
    header = exhibits[0].header
    return environment.from_string(room.joinpath("page.html.j2").read_text(encoding="utf-8")).render(
        style=_trusted(room.joinpath("style.css").read_text(encoding="utf-8")),
        title=title(exhibits, names),
        question=header.question,
        about=about(exhibits),
        version=__version__,
        tree=TREE,
        chapters=[_drawn(part, on_picture) for part in chapters(exhibits, names, comparison)],
    )


def title(exhibits: Sequence[Exhibit], names: Sequence[str]) -> str:
    """Return the title of a report: that of the scenario, with the names of several runs."""
    first = exhibits[0].header.title
    return first if len(exhibits) == 1 else f"{first}: {listed(names[1:])} compared with {names[0]}"


def _drawn(part: Chapter, on_picture: Callable[[int], Any] | None) -> dict[str, Any]:
    """Return a chapter for the template, its pictures drawn."""
    pictures = []
    for figure in part.figures:
        identity = f"{part.identity}-{figure.name}"
        wide, narrow = (
            _trusted(inline(figure, frame, f"{identity}-{word}"))
            for frame, word in ((WIDE, "w"), (NARROW, "n"))
        )
        pictures.append(Picture(identity, figure, wide, narrow))
        if on_picture:
            on_picture(1)
    return {**vars(part), "pictures": pictures}


def _trusted(text: str) -> Markup:
    """Return our own style, or a drawing that was read as XML and written anew, as what needs no escaping."""
    from markupsafe import Markup  # noqa: PLC0415 - an extra

    return Markup(text)


def _clean(value: Any) -> Any:
    """Return a text without control characters; what is trusted stays as it is."""
    return harmless(value) if type(value) is str else value
