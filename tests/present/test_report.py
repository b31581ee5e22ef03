from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from escalation import api
from escalation.present.flywheel import window
from escalation.present.summary import opening
from escalation.scenario.document import Scenario
from escalation.study.execution import Execution, Request
from escalation.study.source import open_scenario
from escalation.study.view import RunView, view_of
from tests.present.chromium import chromium, seen

EVIL = '</script><script>alert("x")</script> & <b>"\u202e'
FIGURES = ["tension", "acts", "timeline", "tree", "ladder", "flywheel", "flywheel-time"]


HARD = "actors.belarus.policy=hardline"


def played(scenario: Scenario, name: str = "minimal", *overrides: str) -> RunView:
    source = replace(open_scenario(scenario, Request(replications=30)), name=name, overrides=overrides)
    return view_of(source, Execution())


@pytest.fixture(scope="module")
def page() -> str:
    return api.report([played(api.load("minimal"))])


@pytest.fixture(scope="module")
def compared() -> str:
    return api.report([played(api.load("minimal")), played(api.load("minimal", [HARD]), "hard", HARD)])


@pytest.fixture(scope="module")
def evil() -> str:
    plain = api.load("minimal")
    actors = {
        name: one.model_copy(update={"name": f"{one.name} {EVIL}"}) for name, one in plain.actors.items()
    }
    instruments = {
        name: one.model_copy(update={"label": f"{one.label} {EVIL}"})
        for name, one in plain.instruments.items()
    }
    shocks = {
        name: one.model_copy(update={"label": EVIL, "source": EVIL}) for name, one in plain.shocks.items()
    }
    changed = {
        "title": EVIL,
        "question": EVIL,
        "actors": actors,
        "instruments": instruments,
        "shocks": shocks,
    }
    return api.report([played(plain.model_copy(update=changed), EVIL, EVIL)])


class Reader(HTMLParser):
    """What a page consists of."""

    def __init__(self, page: str):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in tags]


def test_a_report_asks_nothing_of_the_network_and_holds_no_script(page, compared):
    for text in (page, compared):
        reader = Reader(text)
        assert reader.open == []
        assert not reader.all("script", "iframe", "img", "object", "embed", "form", "base")
        assert [one["href"] for one in reader.all("link")] == ["data:,"]
        assert all(str(one["href"]).startswith("#") for one in reader.all("a"))
        assert not any("src" in one or "onload" in one for _, one in reader.tags)
        assert "url(http" not in text
        assert "@import" not in text
        policy = next(one for one in reader.all("meta") if one.get("http-equiv"))
        assert str(policy["content"]).startswith("default-src 'none'")
        assert len(text.encode()) < 5_000_000


def test_what_a_scenario_says_is_text_and_never_markup(evil):
    reader = Reader(evil)
    assert reader.open == []
    assert not reader.all("script", "b")
    assert "<script" not in evil
    assert "\u202e" not in evil
    assert "&lt;/script&gt;&lt;script&gt;alert(" in evil


def test_every_picture_has_a_finding_a_description_and_its_numbers(page):
    for name in FIGURES:
        figure = re.search(rf'<figure id="[\w-]+-{name}".*?</figure>', page, re.S)
        assert figure, name
        assert re.search(r"<h3 [^>]*>[^<]+\.</h3>", figure[0]), name
        assert figure[0].count('role="img" aria-label="') == 2
        assert re.search(r"<figcaption>[^<]{40,}</figcaption>", figure[0]), name
        assert re.search(r"<details>.*(<tbody>\s*<tr>|<ul>\s*<li ).*</details>", figure[0], re.S), name


def test_the_report_says_what_was_asked_what_came_out_and_how_it_was_made(page):
    scenario = api.load("minimal")
    text = re.sub(r"<[^>]+>", " ", page)
    assert scenario.question in text
    assert "European Union: package days" in text
    assert "Belarus: package days" in text
    assert "actors.belarus.policy.reciprocity" in text
    assert "uniform 0.5 to 1" in text
    assert re.search(r"seed\s+1\b", text)
    assert "it was played for this report and not stored" in text


def test_how_to_read_it_explains_every_term_that_the_answers_use(page, compared):
    for text in (page, compared):
        words = re.sub(r"<[^>]+>", " ", text.partition('<section id="words"')[2].partition("</section>")[0])
        wheel = played(api.load("minimal")).summary.flywheel
        assert wheel
        for term in ("A runaway: ", "R, of the flywheel", window(wheel), "the window", "±", "A package day"):
            assert term in words, term
        assert ("What answers no act: " in words) == (wheel.rival is not None)
        assert "such as talks held" in words
        assert text.count("in which tension passes") == 1


def test_the_answers_are_the_sentences_of_the_summary(page):
    for line in opening(played(api.load("minimal")).summary):
        assert f"<li>{line}</li>" in page


def test_headings_form_an_outline_and_links_lead_somewhere(page, compared):
    for text in (page, compared):
        reader = Reader(text)
        ids = [one["id"] for _, one in reader.tags if one.get("id")]
        assert len(ids) == len(set(ids))
        assert all(str(one["href"])[1:] in ids for one in reader.all("a"))
        levels = [int(tag[1]) for tag, _ in reader.tags if re.fullmatch(r"h[1-6]", tag)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))


def test_several_runs_are_compared_with_the_first_in_a_forest_plot_and_by_their_scenarios(compared):
    text = re.sub(r"<[^>]+>", " ", compared)
    assert "hard compared with minimal" in text
    assert 'differences-2-forest-1"' in compared
    assert re.search(r"actors\.belarus\.policy\.fear\s+[\d.]+\s+0\.1", text)
    assert re.search(r"What\s+minimal\s+hard", text)


def test_where_nobody_does_anything_it_says_so_instead_of_drawing():
    passive = [f"actors.{name}.policy=passive" for name in ("eu", "us", "belarus")]
    text = api.report([played(api.load("minimal", passive))])
    assert "Nobody does anything hostile in any replication: there is no ladder to draw." in text
    assert '-tension"' in text
    assert '-ladder"' not in text


def test_a_run_that_another_version_made_is_told_apart(monkeypatch):
    shown = played(api.load("minimal"))
    vars(shown)["paths"] = replace(shown.paths, differing=3)
    text = api.report([shown])
    assert "3 replications came out differently when the run was stored" in text


needs_chromium = pytest.mark.skipif(chromium() is None, reason="no Chromium here to open the report in")


@needs_chromium
@pytest.mark.parametrize(("width", "dark"), [(1000, False), (1000, True), (360, False)])
def test_a_browser_without_network_draws_every_picture_and_has_no_complaint(
    compared: str, tmp_path: Path, width: int, dark: bool
) -> None:
    file = tmp_path / "report.html"
    file.write_text(compared, encoding="utf-8")
    found, console = seen(file, width, dark)
    assert console == []
    assert found["requests"] == []
    assert found["scripts"] == 0
    assert [one["figure"] for one in found["pictures"]] == found["figures"]
    figures = [name for name in found["figures"] if not name.endswith("-when")]  # where anything is dated
    over, each = ("tension", "acts", "flywheel-time"), ("timeline", "tree", "ladder", "flywheel")
    assert len(figures) == len(over) + 2 * len(each) + 1
    for picture in found["pictures"]:
        assert picture["marks"] > 5, picture
        assert 200 < picture["width"] <= width, picture
        assert picture["height"] > 40, picture
        assert picture["outside"] == [], picture
        assert picture["smallest"] >= 9, picture
    assert found["width"] <= found["room"], "the page scrolls sideways"
    assert found["reachable"] == 0


@needs_chromium
def test_a_dark_setting_turns_the_page_and_its_pictures_dark(page: str, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(page, encoding="utf-8")
    (light, _), (dark, _) = seen(file), seen(file, dark=True)
    assert light["background"] == "rgb(255, 255, 255)"
    assert dark["background"] == "rgb(20, 24, 29)"
    assert light["ink"] != dark["ink"]


@needs_chromium
def test_a_script_in_a_title_is_shown_and_not_run(evil: str, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(evil, encoding="utf-8")
    found, console = seen(file)
    assert console == []
    assert found["title"].startswith('</script><script>alert("x")</script> & <b>"')
    assert all(one["marks"] > 5 for one in found["pictures"])


def test_a_report_of_two_runs_says_what_differs_as_compare_does() -> None:
    page = api.report([played(api.load("minimal")), played(api.load("minimal", [HARD]))])
    assert " instead of " in page
    assert "Holm" in page
