"""A page as a Word document: sections, tables and pictures one below the other, on A4."""

from __future__ import annotations

import io
from typing import Any

from escalation.present.page import WIDE, Block, Lines, Page, Passage, Picture, Table, Tree
from escalation.present.screen import harmless

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
    _note(document, picture.caption_alone)


def _note(document: Any, text: str) -> None:
    from docx.shared import Pt  # noqa: PLC0415 - an extra

    if text:
        document.add_paragraph().add_run(harmless(text)).font.size = Pt(SMALL)
