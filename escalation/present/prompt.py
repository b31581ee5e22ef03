"""Runs and results at a Python prompt and in a notebook: the pages of their commands."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from html import escape
from typing import Any

from escalation.ensemble.prompt import PAGES
from escalation.ensemble.read import Run
from escalation.errors import EnvironmentFault
from escalation.present.page import Page, show_page
from escalation.present.report.html import as_html
from escalation.present.studies import presenter_of
from escalation.study.finished import Finished
from escalation.study.summary import summary_of
from escalation.study.values import Result, RunPart


def page_of(shown: Any) -> Page:
    """Return the page that the command of a run or a result shows."""
    result = _result_of(shown)
    page: Page = presenter_of(result.kind).page(result, False)
    return page


def _result_of(shown: Any) -> Result:
    if isinstance(shown, Finished):
        return shown.summary.model_copy(update={"run": shown.run})
    if isinstance(shown, Run):
        status: Any = "interrupted" if shown.interrupted else "complete"
        about = RunPart(status=status, folder=shown.folder, seconds=shown.seconds)
        return summary_of(shown).model_copy(update={"run": about})
    assert isinstance(shown, Result)
    return shown


def text_of(shown: Any) -> str:
    """Return the page as text, as a command writes it into a pipe."""
    written = io.StringIO()
    with redirect_stdout(written):
        show_page(page_of(shown))
    return written.getvalue().rstrip("\n")


def html_of(shown: Any) -> str:
    """Return the page in a frame of its own, which takes nothing from a notebook's style."""
    try:
        document = as_html(page_of(shown))
    except EnvironmentFault:
        return f"<pre>{escape(text_of(shown))}</pre>"
    return f'<iframe srcdoc="{escape(document)}" style="width:100%;height:36em;border:0"></iframe>'


PAGES.update(text=text_of, html=html_of)
