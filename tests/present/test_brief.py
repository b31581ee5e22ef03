"""The brief: two pages of A4, as HTML to be printed and as a Word document."""

from __future__ import annotations

import io
import re
import subprocess
import tempfile
from pathlib import Path

import docx
import pytest

from escalation import api
from escalation.errors import InputError
from escalation.present.report.brief import brief_page
from escalation.present.report.documents import as_docx, as_html
from escalation.present.summary import answer_row, opening
from escalation.study.view import RunView, compared
from tests.present.chromium import FLAGS, chromium

EVIL = "<b>\u202e & </script>"
SETS = ("outcomes.first_use={eu: [trade_ban], us: [trade_ban]}",)


def played(*sets: str) -> RunView:
    return api.view("minimal", 30, sets=(*SETS, *sets))


@pytest.fixture(scope="module")
def one() -> dict[str, RunView]:
    return {"minimal": played()}


@pytest.fixture(scope="module")
def two(one: dict[str, RunView]) -> dict[str, RunView]:
    return one | {"hard": played("actors.belarus.policy=hardline")}


def page_of(runs: dict[str, RunView]) -> str:
    return as_html(brief_page(runs, compared(list(runs.values()))), paper=True)


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.S))


def test_page_one_has_the_question_two_sentences_the_answers_and_by_when(one: dict[str, RunView]) -> None:
    summary = one["minimal"].summary
    first = page_of(one).partition("<main")[0]
    said = text_of(first)
    assert summary.scenario.question in said
    assert f"{answer_row(summary.answers[0], summary)[0]}: " in said
    assert opening(summary)[0] in said
    assert first.count("<tbody>") == 1
    assert "By when: " in said
    assert first.count("<svg") == 1


def test_page_two_has_what_drives_it_the_turning_points_what_it_rests_on_and_how_it_was_made(
    one: dict[str, RunView],
) -> None:
    second = page_of(one).partition("<main")[2]
    assert 1 <= second.count('<div class="passage">') <= 10
    for said in ("Of all hostile acts ", "number is uncertain", "Attributed is not caused",
                 "escalation run minimal --replications 30 --seed 1 --set ", "escalation 0."):  # fmt: skip
        assert said in text_of(second), said


def test_of_two_runs_it_says_what_was_changed_and_what_follows_how_surely(two: dict[str, RunView]) -> None:
    first = text_of(page_of(two).partition("<main")[0])
    assert "hard compared with minimal" in first
    assert "What was changed A B" in first
    assert re.search(r"actors\.belarus\.policy\.preset \S+ hardline", first)
    assert " instead of " in first
    assert re.search(r"\[[+−][\d.]+, [+−][\d.]+\]\*? sure", first)


@pytest.mark.skipif(chromium() is None, reason="no Chromium here to print with")
def test_printed_it_is_two_pages(two: dict[str, RunView], tmp_path: Path) -> None:
    file = tmp_path / "brief.html"
    file.write_text(page_of(two), encoding="utf-8")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        printed = (f"--user-data-dir={profile}", "--no-pdf-header-footer", f"--print-to-pdf={tmp_path}/b.pdf")
        command = [str(chromium()), *FLAGS, *printed, file.as_uri()]
        subprocess.run(command, capture_output=True, timeout=90, check=False)
    pages = re.findall(rb"/Type /Page\b", (tmp_path / "b.pdf").read_bytes())
    assert len(pages) == 2


def test_the_word_document_says_the_same(two: dict[str, RunView]) -> None:
    page = brief_page(two, compared(list(two.values())))
    document = docx.Document(io.BytesIO(as_docx(page)))
    paragraphs = [one.text for one in document.paragraphs]
    assert paragraphs[0] == page.title
    assert page.sections[0].blocks[0] in paragraphs
    assert [len(table.columns) for table in document.tables] == [3, 6, 3]
    assert len(document.inline_shapes) == 1
    headings = [one for one in document.paragraphs if one.style.name == "Heading 2"]
    assert [one.text for one in headings] == [one.title for one in page.sections if one.title]
    assert [one.paragraph_format.page_break_before for one in headings].count(True) == 1
    assert round(document.sections[0].page_width.cm, 1) == 21.0


def test_what_a_scenario_says_is_text_in_both(one: dict[str, RunView]) -> None:
    scenario = api.load("minimal").model_copy(update={"title": EVIL, "question": f"{EVIL}?"})
    runs = {"evil": api.view(scenario, 5)}
    assert "<b>" not in page_of(runs)
    document = docx.Document(io.BytesIO(as_docx(brief_page(runs, None))))
    assert "\u202e" not in document.paragraphs[0].text
    assert document.paragraphs[0].text.startswith("<b>")


def test_a_brief_is_of_one_run_or_of_two(one: dict[str, RunView], tmp_path: Path) -> None:
    view = one["minimal"]
    with pytest.raises(InputError, match="brief: found 3 runs; allowed are one run or two"):
        api.brief([view] * 3, tmp_path / "brief.html")
    api.brief(view, tmp_path / "brief.html")
    assert (tmp_path / "brief.html").read_text() == page_of(one)
    with pytest.raises(InputError, match="exists already"):
        api.brief(view, tmp_path / "brief.html")
