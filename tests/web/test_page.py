"""The live page in a browser: what one turns is what one sees, and it is what the command line says."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from escalation.cli.app import app
from escalation.web.server import Server
from tests.present.chromium import chromium
from tests.web.browser import Browser
from tests.web.served import get, served

pytestmark = pytest.mark.skipif(chromium() is None, reason="no Chromium here")

SLIDER = "c-actors-belarus-policy-reciprocity"
SET = "actors.belarus.policy.reciprocity"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served("minimal") as one:
        yield one


@pytest.fixture(scope="module")
def shared() -> Iterator[Browser]:
    with Browser() as one:
        yield one


@pytest.fixture
def page(shared: Browser, server: Server) -> Iterator[Browser]:
    """The page as it opens; whatever a test does on it, the console stays silent."""
    shared.look(1280)
    opened(shared, server.first_url)
    yield shared
    assert shared.console == []


def opened(page: Browser, url: str, fields: str = "") -> None:
    page.console.clear()
    page.open(f"{url}{'&' if fields else ''}{fields}")
    at_rest(page, fields)


def at_rest(page: Browser, fields: str) -> None:
    """Wait until the best answer for these settings is drawn, R included."""
    page.wait(
        f"document.readyState === 'complete' && document.body.dataset.state === {json.dumps(fields)}"
        " && document.body.dataset.level === 'R'"
    )


def turn(page: Browser, value: float, rest: bool = True, slider: str = SLIDER) -> None:
    """Move a slider as a hand does: what it gives on its way, and when it is let go."""
    events = ["input", *(["change"] if rest else [])]
    page.run(
        f"(() => {{ const one = document.getElementById('{slider}'); one.value = {value};"
        f" {json.dumps(events)}.forEach(name => one.dispatchEvent(new Event(name, {{bubbles: true}}))); }})()"
    )


def each(page: Browser, count: int, value: str, pause: str = "true") -> None:
    """Turn the slider `count` times in the page, number n to `value`, with a frame between where `pause`."""
    page.run(
        f"(async () => {{ const one = document.getElementById('{SLIDER}');"
        f" for (let n = 0; n < {count}; n++) {{ one.value = {value};"
        " one.dispatchEvent(new Event('input', {bubbles: true}));"
        f" if ({pause}) await new Promise(requestAnimationFrame); }} }})()"
    )


def texts(page: Browser, of: str = "#answers-picture svg text") -> list[str]:
    found: list[str] = page.run(f"[...document.querySelectorAll('{of}')].map(one => one.textContent)")
    return found


def commands(page: Browser) -> list[str]:
    return texts(page, "#commands code")


def test_a_slider_moves_a_figure_to_what_the_command_line_gives(page: Browser, tmp_path: Path) -> None:
    before = texts(page)
    turn(page, 0.9)
    at_rest(page, f"set={SET}=0.9")
    assert texts(page) != before
    words = shlex.split(commands(page)[0])
    assert words[:3] == ["escalation", "run", "minimal"]
    said = CliRunner().invoke(app, [*words[1:], "--out", str(tmp_path / "run"), "--quiet"]).stdout
    shown = page.run("shown")
    for one in shown["answers"]:
        assert re.search(f"^{re.escape(one['label'])} +{re.escape(one['text'])}( |$)", said, re.M)
        assert {one["label"], one["text"], *filter(None, [one["detail"]])} <= set(texts(page))
    assert shown["R"]["words"][0] in said
    assert shown["R"]["words"][0] in texts(page, "#reproduction figcaption")[0]


def test_a_and_b_are_compared_in_every_picture(page: Browser, tmp_path: Path) -> None:
    page.run("document.getElementById('hold').click()")
    turn(page, 0.95)
    at_rest(page, f"set={SET}=0.95&a=1")
    line = next(one for one in commands(page) if one.startswith("escalation compare"))
    arguments = [*shlex.split(line)[1:], "--format", "csv", "--out", str(tmp_path / "two"), "--quiet"]
    said = CliRunner().invoke(app, arguments).stdout
    for one in texts(page, "#differs-words ul:first-child li"):
        assert one
    for name, by in page.run("shown.against.differences").items():
        row = next(row for row in said.splitlines() if f",{name}," in row)
        assert f",{by['sure']}," in row or by["verdict"] == "the same"
    for figure in ("tension", "acts", "ladder"):
        assert "B less A" in texts(page, f"#{figure} figcaption")[0]
    assert any("points" in one or "+" in one or "−" in one for one in texts(page))
    page.run("document.getElementById('alone').click()")
    assert "A" in texts(page)
    page.run("document.getElementById('swap').click()")
    at_rest(page, f"a=1&a-set={SET}=0.95")
    page.run("document.getElementById('drop').click()")
    at_rest(page, "")
    assert page.run("document.getElementById('held').hidden")


def test_the_address_opened_anew_shows_the_same(page: Browser, server: Server) -> None:
    turn(page, 0.6)
    page.run("document.getElementById('hold').click()")
    turn(page, 0.8)
    fields = f"set={SET}=0.8&a=1&a-set={SET}=0.6"
    at_rest(page, fields)
    before, url = texts(page), page.run("location.href")
    assert server.token not in url
    page.open("about:blank")
    page.open(url)
    at_rest(page, fields)
    assert texts(page) == before
    assert page.run(f"document.getElementById('{SLIDER}').value") == "0.8"


def test_the_back_button_goes_back(page: Browser) -> None:
    first = texts(page)
    turn(page, 0.6)
    at_rest(page, f"set={SET}=0.6")
    page.run("kept.at = 0")  # some time passes
    turn(page, 0.8)
    turn(page, 0.9)
    at_rest(page, f"set={SET}=0.9")
    page.run("history.back()")
    at_rest(page, f"set={SET}=0.6")
    assert page.run(f"document.getElementById('{SLIDER}').value") == "0.6"
    page.run("history.back()")
    at_rest(page, "")
    assert texts(page) == first


def test_the_keyboard_alone_reaches_and_turns_everything(page: Browser) -> None:
    page.run("document.activeElement.blur(), scrollTo(0, 0)")
    reached = []
    for _ in range(120):
        page.press("Tab")
        reached.append(
            page.run("document.activeElement.id || document.activeElement.textContent.trim().slice(0, 20)")
        )
        if reached[-1] == "report":
            break
    for name in ("words", "c-actors-eu-policy", SLIDER, "c-end", "tell", "copy-address", "file", "report"):
        assert name in reached, reached
    focusable = page.run(
        "[...document.querySelectorAll('button, input, select, summary, a[href]')]"
        ".filter(one => one.offsetParent && !one.disabled && one.tabIndex < 0).length"
    )
    assert focusable == 0
    page.run(f"document.getElementById('{SLIDER}').focus()")
    start = float(page.run(f"document.getElementById('{SLIDER}').value"))
    page.press("ArrowRight", times=5)
    page.wait("document.body.dataset.level === 'R' && document.body.dataset.state.includes('reciprocity')")
    now = page.run(f"document.getElementById('{SLIDER}').value")
    assert float(now) > start
    assert page.run("document.body.dataset.state") == f"set={SET}={now}"


def test_changes_are_announced(page: Browser) -> None:
    turn(page, 0.97)
    at_rest(page, f"set={SET}=0.97")
    said = page.wait("document.getElementById('said').textContent")
    assert page.run("shown.answers[2].text") in said
    assert page.run("document.getElementById('said').getAttribute('aria-live')") == "polite"
    assert page.run("document.querySelectorAll('#pictures svg:not([aria-label])').length") == 0


def test_nothing_jumps_while_something_is_turned(page: Browser) -> None:
    places = (
        "[...document.querySelectorAll('figure, .control')]"
        ".map(one => Math.round(one.getBoundingClientRect().top))"
    )
    page.run("scrollTo(0, 0)")
    before = page.run(places)
    turn(page, 0.95, rest=False)
    page.wait(f"document.body.dataset.state === 'set={SET}=0.95'")
    assert page.run(places) == before
    turn(page, 0.95)
    at_rest(page, f"set={SET}=0.95")
    assert page.run(places) == before


def test_a_wrong_setting_says_so_and_the_last_picture_stays(page: Browser, server: Server) -> None:
    before = texts(page)
    wrong = "actors.eu.policy.reciprocty=1"
    page.run(f"literal({json.dumps(wrong)})")
    page.wait("!document.getElementById('error').hidden")
    said = page.run("document.getElementById('error').textContent")
    assert said == get(server, f"/answer.json?set={wrong}").json["error"]
    assert texts(page) == before
    page.run("document.getElementById('reset').click()")
    page.wait("document.getElementById('error').hidden")
    at_rest(page, "")
    page.console.clear()  # the browser notes the status 422


def test_a_search_shows_a_control_and_turns_it(page: Browser) -> None:
    page.run(
        "(() => { const one = document.getElementById('words'); one.value = 'trade ban';"
        " one.dispatchEvent(new Event('input')); })()"
    )
    page.wait("!!document.querySelector('#found button')")
    page.run("document.querySelector('#found button').click()")
    assert page.run("document.activeElement.id") == "c-instruments-trade_ban"
    page.run("document.activeElement.click()")
    at_rest(page, "set=instruments.trade_ban=null")
    assert page.run("document.querySelectorAll('.control').length") <= 12


def test_an_act_is_struck_out_and_its_story_told(page: Browser) -> None:
    page.run(
        "(() => { document.getElementById('strike-which').value = 'every';"
        " document.getElementById('strike-what').value = 'hostile';"
        " document.getElementById('hold').click(); document.getElementById('strike').requestSubmit(); })()"
    )
    at_rest(page, "without=every+eu+hostile&a=1")
    assert page.run("shown.answers.find(one => one.name === 'package_days.eu').value") == 0
    page.run("document.getElementById('tell').click()")
    page.wait("document.querySelectorAll('#told h2').length === 2")
    assert "They part on" in page.run("document.getElementById('told').textContent")


def test_many_quick_moves_end_in_one_right_picture(page: Browser, server: Server) -> None:
    asked = len(page.requested)
    each(page, 200, "0.55 + 0.002 * (n % 170)", pause="n % 5 === 0")
    turn(page, 0.764)
    at_rest(page, f"set={SET}=0.764")
    right = get(server, f"/answer.json?set={SET}=0.764&n=1000&R=1").json
    assert page.run("shown") == right
    assert {one["text"] for one in right["answers"]} <= set(texts(page))
    assert len(page.requested) - asked < 200


def test_memory_stays_flat_over_a_thousand_moves(page: Browser, server: Server) -> None:
    def moved(count: int) -> tuple[int, int]:
        each(page, count, "0.53 + 0.002 * (n * 7 % 220)")
        page.wait("!dragging")
        page.call("HeapProfiler.collectGarbage")
        return page.call("Memory.getDOMCounters")["nodes"], page.call("Runtime.getHeapUsage")["usedSize"]

    nodes, heap = moved(200)
    later_nodes, later_heap = moved(1000)
    assert later_nodes < 1.1 * nodes + 200
    assert later_heap < 1.3 * heap + 2_000_000
    live = server.live
    assert len(live._answers) <= 200
    assert len(live.explorer._recent) <= 12


@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_every_width_in_light_and_dark(page: Browser, width: int) -> None:
    for dark in (False, True):
        page.look(width, dark=dark)
        page.wait(f"document.documentElement.clientWidth === {width}")
        page.run("new Promise(requestAnimationFrame)")
        assert page.run("document.documentElement.scrollWidth") == width
        outside = page.run(
            "[...document.querySelectorAll('#pictures svg text')].filter(one => {"
            " const box = one.closest('svg').getBoundingClientRect(), place = one.getBoundingClientRect();"
            " return place.left < box.left - 2 || place.right > box.right + 2; }).map(one => one.textContent)"
        )
        assert outside == []
        ground = page.run("getComputedStyle(document.body).backgroundColor")
        assert (ground == "rgb(20, 24, 29)") is dark


def test_on_paper_are_what_was_changed_and_the_figures_and_no_controls(page: Browser) -> None:
    page.run("document.getElementById('hold').click()")
    turn(page, 0.9)
    at_rest(page, f"set={SET}=0.9&a=1")
    page.call("Emulation.setEmulatedMedia", media="print")
    seen = "(of => [...document.querySelectorAll(of)].some(one => one.checkVisibility()))"
    for of in ("#turn", "button", "#story", "#along a"):
        assert not page.run(f"{seen}({json.dumps(of)})"), of
    for of in ("#question", "#names dd", "#pictures svg", "#differs-words li", "#commands code"):
        assert page.run(f"{seen}({json.dumps(of)})"), of
    page.call("Emulation.setEmulatedMedia", media="")


def test_no_other_host_is_ever_asked(page: Browser, server: Server) -> None:
    own = (f"http://{server.authority}/", "data:", "blob:", "about:")
    assert [url for url in page.requested if not url.startswith(own)] == []


HOSTILE = """\
extends: shipped:minimal
title: "<img src=x onerror=alert(1)></title><script>alert(2)</script>"
question: "</p><script>document.title = 'taken'</script> {{7*7}}"
actors:
  eu: {name: "<svg onload=alert(3)>"}
instruments:
  listing: {label: "\\"><script>alert(4)</script>"}
shocks:
  secret_inauguration: {label: "javascript:alert(5)"}
"""


def test_a_hostile_scenario_is_never_markup(shared: Browser, tmp_path: Path) -> None:
    file = tmp_path / "hostile.yaml"
    file.write_text(HOSTILE)
    with served(file) as server:
        opened(shared, server.first_url)
        assert shared.run("document.getElementById('title').textContent").startswith("<img src=x")
        assert shared.run("document.title").startswith("<img src=x")
        shared.run("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        shared.run("document.getElementById('tell').click()")
        shared.wait("!!document.querySelector('#told h2')")
        assert shared.run("document.querySelectorAll('img').length") == 0
        assert shared.run("document.scripts.length") == 1
        assert any("<svg onload=alert(3)>" in one for one in texts(shared))
        drawing = shared.run("standalone(PICTURES[0]).markup")
        assert "<svg onload" not in drawing
        assert "&lt;svg onload" in drawing
        assert "var(--" not in drawing
    assert shared.console == []


def test_the_pictures_are_saved_as_files(page: Browser) -> None:
    saved: list[Any] = page.run(
        "(async () => { const kept = [], before = save;"
        " save = (blob, name) => kept.push([name, blob.type, blob.size]);"
        " for (const one of PICTURES) { saveSvg(one); savePng(one); }"
        " while (kept.length < 2 * PICTURES.length) await new Promise(next => setTimeout(next, 10));"
        " save = before; return kept; })()"
    )
    assert {kind for _, kind, _ in saved} == {"image/svg+xml", "image/png"}
    assert all(size > 1000 for _, _, size in saved)
