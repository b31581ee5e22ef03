"""The result of any study in each format, its pictures in its folder, and its page at a Python prompt."""

from __future__ import annotations

import io
import json
import shlex
from contextlib import redirect_stdout
from dataclasses import replace
from html import escape
from importlib import import_module
from pathlib import Path
from typing import Any

from escalation.ensemble.folder import MANIFEST, unwritable, write_text
from escalation.ensemble.prompt import PAGES
from escalation.ensemble.read import Run
from escalation.errors import EnvironmentFault
from escalation.present.output import need_pictures
from escalation.present.page import Format, Page, section, show_page
from escalation.present.report.documents import as_html
from escalation.present.screen import as_csv, put
from escalation.study.finished import Finished
from escalation.study.summary import run_part, summary_of
from escalation.study.values import Result

PRESENTERS = {
    "attribution": "escalation.present.whatif",
    "backtest": "escalation.present.backtest",
    "calibrate": "escalation.present.calibrate",
    "compare": "escalation.present.compare",
    "counterfactual": "escalation.present.whatif",
    "discover": "escalation.present.discover",
    "divergence": "escalation.present.story.divergence",
    "given": "escalation.present.condition",
    "sensitivity": "escalation.present.sensitivity",
    "story": "escalation.present.story.narrative",
    "summary": "escalation.present.summary",
    "sweep": "escalation.present.sweep",
    "tune": "escalation.present.tune",
    "whatif": "escalation.present.whatif",
    "why_not": "escalation.present.story.why_not",
}
"""By kind of result, the module that makes `page` and `rows` of it: it is imported when it is asked for."""
PROGRAMS = ("escalation", "__main__.py")
"""What the command line is called where it is this one."""
UNSAID = ("--out=", "--quiet", "-q")
MOST = 12
"""Pictures in one file."""


def presenter_of(kind: str) -> Any:
    """Return the module that makes `page` and `rows` of a kind of result."""
    return import_module(PRESENTERS[kind])


def show_result(result: Result, form: Format, full: bool = False) -> None:
    """Print a result on standard output; with `full`, all that there is to show of it."""
    presenter = presenter_of(result.kind)
    if form is Format.JSON:
        put(result.model_dump_json(indent=1))
    elif form is Format.CSV:
        put(as_csv(*presenter.rows(result)))
    else:
        page: Page = presenter.page(result, full)
        if said := command_of(result):
            *others, last = page.sections
            page = replace(page, sections=(*others, replace(last, blocks=(*last.blocks, f"Again: {said}"))))
        show_page(page, form)


def command_of(result: Result) -> str:
    """Return the command that gave a stored result, without where it was stored; empty where none did."""
    folder = result.run.folder if result.run and result.run.status == "complete" else None
    if folder is None or not (folder / MANIFEST).is_file():
        return ""
    about = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    program, *words = about["surroundings"]["command"]
    own = {"run": "summary"}.get(about["kind"], about["kind"])
    if own != result.kind or Path(program).name not in PROGRAMS:
        return ""
    while index := next((n for n, word in enumerate(words) if word in ("--out", "-o")), None):
        del words[index : index + 2]
    return shlex.join(["escalation", *(word for word in words if not word.startswith(UNSAID))])


def event_words(kind: str, event: Any) -> str:
    """Return what is remarked of an event of a study; empty for nothing."""
    words = getattr(presenter_of(kind), "event_words", None)
    return words(event) if words else ""


def draw_pictures(result: Result) -> str:
    """Put the pictures of a finished result into its folder as KIND.svg, where they are not there yet.

    Returns why there is none, where what draws is not installed. Raises EnvironmentFault where the folder
    cannot be written.
    """
    folder = result.run.folder if result.run and result.run.status == "complete" else None
    if folder is None or (path := folder / f"{result.kind}.svg").is_file():
        return ""
    try:
        need_pictures()
    except EnvironmentFault as fault:
        return f"no picture was drawn: {fault}"
    from escalation.present.charts import pictures_of, svg  # noqa: PLC0415 - an extra

    if pictures := pictures_of(result)[:MOST]:
        _write(path, svg(pictures))
    return ""


def report_of(result: Result) -> str:
    """Return the page of a result, with all there is to show and its pictures, as one HTML file."""
    need_pictures()
    from escalation.present.charts import pictures_of  # noqa: PLC0415 - an extra

    page: Page = presenter_of(result.kind).page(result, True)
    first, *others = page.sections
    parts = (replace(first, title="In short"), section("Pictures", *pictures_of(result)))
    last = (replace(part, title=part.title or "How it was made") for part in others)
    return as_html(Page(page.title, tuple(part for part in (*parts, *last) if part.blocks)))


def _write(path: Path, text: str) -> None:
    try:
        write_text(path, text)
    except OSError as error:
        raise unwritable(path.parent, error) from error


# ---- at a Python prompt and in a notebook


def text_of(shown: Any) -> str:
    """Return the page of a run or a result as text, as a command writes it into a pipe."""
    written = io.StringIO()
    with redirect_stdout(written):
        show_page(_page_of(shown))
    return written.getvalue().rstrip("\n")


def html_of(shown: Any) -> str:
    """Return the page in a frame of its own, which takes nothing from a notebook's style."""
    try:
        document = as_html(_page_of(shown))
    except EnvironmentFault:
        return f"<pre>{escape(text_of(shown))}</pre>"
    return f'<iframe srcdoc="{escape(document)}" style="width:100%;height:36em;border:0"></iframe>'


def _page_of(shown: Finished | Run | Result) -> Page:
    result = _result_of(shown)
    page: Page = presenter_of(result.kind).page(result, False)
    return page


def _result_of(shown: Finished | Run | Result) -> Result:
    if isinstance(shown, Finished):
        return shown.summary.model_copy(update={"run": shown.run})
    if isinstance(shown, Run):
        return summary_of(shown).model_copy(update={"run": run_part(shown)})
    return shown


PAGES.update(text=text_of, html=html_of)
