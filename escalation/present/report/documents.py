"""A page as one file: HTML without script, other file or network, every text escaped; or a Word document."""

from __future__ import annotations

import io
from collections.abc import Callable
from importlib.resources import files
from typing import Any

from escalation import __version__
from escalation.present.output import need_pictures
from escalation.present.page import NARROW, WIDE, Block, Lines, Page, Passage, Picture, Table, Tree
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


WIDTH, HEIGHT, MARGIN = 21.0, 29.7, 1.6
"""A4 and its margins, in centimetres."""
BODY, SMALL = 9, 8
"""Sizes of letters, in points."""


def as_docx(page: Page) -> bytes:
    """Return a page as a .docx file; the first section fills a page of its own.

    It needs the extras `office` and `report`.
    """
    import docx  # noqa: PLC0415 - an extra
    from docx.shared import Cm, Pt  # noqa: PLC0415 - an extra

    document = docx.Document()
    document.core_properties.title = harmless(page.title)
    paper, normal = document.sections[0], document.styles["Normal"]
    paper.page_width, paper.page_height = Cm(WIDTH), Cm(HEIGHT)
    paper.left_margin = paper.right_margin = paper.top_margin = paper.bottom_margin = Cm(MARGIN)
    normal.font.name, normal.font.size, normal.paragraph_format.space_after = "Arial", Pt(BODY), Pt(3)
    _heading(document, page.title, 1)
    for number, section in enumerate(page.sections):
        if section.title:
            _heading(document, section.title, 2).paragraph_format.page_break_before = number == 1
        for block in section.blocks:
            _add(document, block)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _heading(document: Any, text: str, level: int) -> Any:
    from docx.shared import Pt, RGBColor  # noqa: PLC0415 - an extra

    heading = document.add_heading(harmless(text), level)
    heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(6), Pt(3)
    for run in heading.runs:
        run.font.name, run.font.size, run.font.color.rgb = "Arial", Pt(18 - 3 * level), RGBColor(0, 0, 0)
    return heading


def _add(document: Any, block: Block) -> None:
    if isinstance(block, str):
        document.add_paragraph(harmless(block))
    elif isinstance(block, Lines):
        for line in block.lines:
            run = document.add_paragraph(style="List Bullet").add_run(harmless(line.strip()))
            run.bold = block.alarming
    elif isinstance(block, Passage):
        paragraph = document.add_paragraph()
        paragraph.add_run(harmless(block.head)).bold = bool(block.body)
        paragraph.add_run("".join(f" {harmless(text)}" for text in block.body))
    elif isinstance(block, Tree):
        _add(document, Lines(tuple(line.text for line in block.lines)))
    elif isinstance(block, Table):
        _add_table(document, block)
    else:
        _add_picture(document, block)


def _add_table(document: Any, table: Table) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415 - an extra
    from docx.shared import Pt  # noqa: PLC0415 - an extra

    if table.title:
        document.add_paragraph().add_run(harmless(table.title)).bold = True
    grid = document.add_table(rows=0, cols=len(table.headings), style="Table Grid")
    for number, row in enumerate((table.headings, *table.rows)):
        cells = grid.add_row().cells
        for column, content in enumerate(row):
            paragraph = cells[column].paragraphs[0]
            run = paragraph.add_run(harmless("" if content is None else str(content)))
            run.font.size, run.bold = Pt(SMALL), number == 0 or len(row) == 1
            paragraph.paragraph_format.space_after = Pt(0)
            if column in table.numbers:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _note(document, table.note)


def _add_picture(document: Any, picture: Picture) -> None:
    from docx.shared import Cm  # noqa: PLC0415 - an extra

    from escalation.present.charts import image  # noqa: PLC0415 - an extra

    document.add_paragraph().add_run(harmless(picture.title)).bold = True
    shape = document.add_picture(io.BytesIO(image(picture, WIDE)), width=Cm(WIDTH - 2 * MARGIN))
    shape._inline.docPr.set("descr", harmless(picture.title))  # what is read aloud in its place
    _note(document, picture.caption_where(alone=True))


def _note(document: Any, text: str) -> None:
    from docx.shared import Pt  # noqa: PLC0415 - an extra

    if text:
        document.add_paragraph().add_run(harmless(text)).font.size = Pt(SMALL)
