"""A page as one HTML file: no script, no other file, no network; a template that escapes every text."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Any

from escalation import __version__
from escalation.present.output import need_pictures
from escalation.present.page import NARROW, WIDE, Block, Page, Picture
from escalation.present.screen import harmless


def as_html(page: Page, on_picture: Callable[[int], Any] | None = None, paper: bool = False) -> str:
    """Return a page as HTML; `on_picture` is called with 1 for each picture that is drawn.

    The first section, if it has no title, stands above the contents. What is for `paper` has that section on
    a page of its own, and nothing that is opened or followed. Raises EnvironmentFault when the extra
    `report` is not installed.
    """
    need_pictures()
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415 - an extra
    from markupsafe import Markup  # noqa: PLC0415 - an extra

    room = files("escalation.present.report")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, finalize=_clean)
    above = page.sections[:1] if page.sections and not page.sections[0].title else ()
    sections = [
        {
            "name": name,
            "title": part.title,
            "blocks": [_block(block, name, on_picture, paper) for block in part.blocks],
        }
        for number, part in enumerate(page.sections[len(above) :], 1)
        for name in [part.name or f"part-{number}"]
    ]
    return environment.from_string(room.joinpath("page.html.j2").read_text(encoding="utf-8")).render(
        style=Markup(room.joinpath("brief.css" if paper else "style.css").read_text(encoding="utf-8")),
        paper=paper,
        title=page.title,
        head=[_block(block, "head", on_picture, paper) for part in above for block in part.blocks],
        sections=sections,
        version=__version__,
    )


def _block(
    block: Block, section: str, on_picture: Callable[[int], Any] | None, paper: bool
) -> dict[str, Any]:
    """Return a block for the template: its kind, itself, of a picture its drawings and its tables."""
    if not isinstance(block, Picture):
        return {"kind": type(block).__name__.lower(), "of": block}
    from markupsafe import Markup  # noqa: PLC0415 - an extra

    from escalation.present.charts import inline  # noqa: PLC0415 - an extra

    # what was read as XML and written anew needs no escaping
    name = f"{section}-{block.name}"
    wide = Markup(inline(block, WIDE, f"{name}-w"))
    narrow = "" if paper else Markup(inline(block, NARROW, f"{name}-n"))
    if on_picture:
        on_picture(1)
    numbers = [{"kind": type(each).__name__.lower(), "of": each} for each in block.tables if not paper]
    return {"kind": "picture", "of": block, "name": name, "wide": wide, "narrow": narrow, "numbers": numbers}


def _clean(value: Any) -> Any:
    """Return a text without control characters; what is trusted stays as it is."""
    return harmless(value) if type(value) is str else value
