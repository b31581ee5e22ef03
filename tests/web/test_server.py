"""The live page over HTTP: who may ask, how much, and that its figures are those of the command line."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import escalation
from escalation.errors import InputError
from escalation.present.format import difference
from escalation.present.summary import answer_row
from escalation.scenario.load import load
from escalation.study.execution import Execution, Request
from escalation.study.live.futures import Contrasted, Explorer, Settings
from escalation.study.source import open_scenario
from escalation.web.live import MOST_SETTINGS
from escalation.web.server import Server, opened
from tests.web.served import get, served

SET = "actors.eu.policy.reciprocity=1.2"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served("minimal") as one:
        yield one


def answer(server: Server, query: str, n: int = 100) -> dict:  # type: ignore[type-arg]
    reply = get(server, f"/answer.json?{query}&n={n}")
    assert reply.status == 200, reply.body
    return reply.json  # type: ignore[no-any-return]


# ---- who may ask


@pytest.mark.parametrize("host", ["example.org", "127.0.0.1", "127.0.0.1:1", "", None])
def test_another_name_of_the_host_is_refused(server: Server, host: str | None) -> None:
    assert get(server, "/", Host=host).status in (400, 421)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_is_refused(server: Server, site: str) -> None:
    assert get(server, "/controls.json", Sec_Fetch_Site=site).status == 403


@pytest.mark.parametrize("cookie", [None, "", "escalation=1", 'a="; ;', "escalation-8800=x"])
def test_without_the_token_nothing_is_told(server: Server, cookie: str | None) -> None:
    for path in ("/", "/controls.json", "/answer.json", "/script.js", "/?token=wrong", "/?token="):
        reply = get(server, path, Cookie=cookie)
        assert reply.status == 403
        assert b"escalation serve" in reply.body


def test_the_first_address_gives_a_cookie_and_leads_to_the_page(server: Server) -> None:
    token = server.first_url.partition("=")[2]
    reply = get(server, f"/?token={token}&set={quote(SET)}", Cookie=None)
    assert reply.status == 303
    assert token not in reply.headers["Location"]
    assert reply.headers["Location"].startswith("/?set=")
    assert re.search(rf"={token}; HttpOnly; SameSite=Strict; Path=/$", reply.headers["Set-Cookie"])


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "HEAD"])
def test_only_reading_is_answered(server: Server, method: str) -> None:
    assert get(server, "/", method).status == 501


def test_the_page_may_run_its_own_script_alone(server: Server) -> None:
    policies = [get(server, "/").headers["Content-Security-Policy"] for _ in range(2)]
    assert policies[0] != policies[1]
    for policy in policies:
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
    reply = get(server, "/")
    nonce = re.search(r"script-src 'nonce-([^']+)'", reply.headers["Content-Security-Policy"])
    assert nonce
    assert reply.body.count(nonce[1].encode()) == 2
    assert b"NONCE" not in reply.body


@pytest.mark.parametrize(
    "path", ["/..%2f..%2fpyproject.toml", "/../pyproject.toml", "/page.html", "/style.css/", "/answer"]
)
def test_no_other_path_is_known(server: Server, path: str) -> None:
    assert get(server, path).status == 404


# ---- how much


def test_what_is_asked_is_bounded(server: Server) -> None:
    too_many = "&".join(f"set=end=2021-0{n % 9 + 1}-01" for n in range(MOST_SETTINGS + 1))
    for query, status in (
        ("n=1000000", 422), (f"set={'a' * 401}=1", 422), (too_many, 422), ("set=a%00=1", 422),
        ("&".join(["x=1"] * 300), 400), (f"set={'a' * 17_000}", 414), ("set=%ff", 400),
    ):  # fmt: skip
        assert get(server, f"/answer.json?{query}").status == status, query[:50]


def test_a_wrong_setting_gets_the_message_of_the_loader(server: Server) -> None:
    wrong = "actors.eu.policy.reciprocty=1"
    with pytest.raises(InputError) as raised:
        load("minimal", [wrong])
    reply = get(server, f"/answer.json?set={wrong}")
    assert reply.status == 422
    assert reply.json["error"] == str(raised.value)
    assert "did you mean reciprocity?" in reply.json["error"]


def test_an_older_request_of_the_same_page_gives_way(server: Server) -> None:
    assert get(server, "/answer.json?n=100&page=one&ask=7").status == 200
    assert get(server, f"/answer.json?n=100&page=one&ask=6&set={SET}1").status == 204
    assert get(server, f"/answer.json?n=100&page=two&ask=6&set={SET}1").status == 200


def test_what_is_no_longer_wanted_stops_and_stays() -> None:
    with Explorer(open_scenario("minimal", Request()), Execution()) as explorer:
        futures = explorer.futures(Settings())
        assert not futures.extend(1000, lambda: False)
        stopped = futures.count
        assert 0 < stopped < 1000
        assert futures.extend(1000, lambda: True)
        assert futures.count == 1000


# ---- the figures


@pytest.mark.parametrize("n", [100, 300, 1000])
def test_the_figures_are_those_of_the_command_line(server: Server, n: int) -> None:
    run = escalation.run("minimal", replications=n, sets=[SET])
    seen = answer(server, f"set={SET}&R=1", n)
    rows = [answer_row(one, run.summary)[:2] for one in run.summary.answers if one.expression != "R"]
    assert [(one["label"], one["text"]) for one in seen["answers"]] == rows
    assert run.summary.flywheel
    R = run.summary.flywheel.counted.R
    assert [seen["R"][end] for end in ("value", "low", "high")] == [
        float(f"{end:.5g}") for end in (R.value, R.low, R.high) if end is not None
    ]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("minimal", {"assumptions": 0.4}),
        ("belarus_from_election", {"record": "belarus", "since": "2020-12-01", "until": "2021-03-01"}),
    ],
)
def test_what_the_page_was_opened_with_holds_in_figures_command_and_file(
    name: str, options: dict[str, Any], tmp_path: Path
) -> None:
    setting = "actors.eu.policy.reciprocity=0.7"
    run = escalation.run(name, replications=100, sets=[setting], **options)
    with served(name, **options) as server:
        seen = answer(server, f"set={setting}&R=1")
        text = get(server, f"/scenario.yaml?set={setting}").body.decode()
    rows = [answer_row(one, run.summary)[1] for one in run.summary.answers if one.expression != "R"]
    spread = options.get("assumptions")
    assert [one["text"] for one in seen["answers"]] == rows
    assert "extends: " in text
    for line in (seen["commands"][0]["line"], text):
        assert (f"--assumptions {spread}" in line) == (spread is not None)
    (tmp_path / "changed.yaml").write_text(text, encoding="utf-8")
    again = escalation.run(tmp_path / "changed.yaml", replications=100, assumptions=spread)
    assert [one.estimate for one in again.summary.answers] == [one.estimate for one in run.summary.answers]


def test_more_futures_go_on_from_fewer(server: Server) -> None:
    setting = "actors.us.policy.reciprocity=0.7"
    answer(server, f"set={setting}", 100)
    after = answer(server, f"set={setting}", 300)
    with served("minimal") as fresh:
        at_once = answer(fresh, f"set={setting}", 300)
    assert after == at_once


def test_a_difference_is_that_of_compare(server: Server) -> None:
    of = escalation.compare(["minimal"], replications=300, sets=[SET])
    found = answer(server, f"set={SET}&a=1&R=1", 300)["against"]["differences"]
    for name in ("package_days.eu", "package_days.us", "package_days.belarus", "flywheel.R"):
        one = of.contrasts[0].find(name)
        assert found[name]["text"] == (
            "no difference in any future" if one.equal else difference(one.difference)
        )
        assert found[name]["sure"] == one.sure


def test_the_same_under_a_and_b_differs_in_nothing(server: Server) -> None:
    against = answer(server, f"set={SET}&a=1&a-set={SET}")["against"]
    assert {one["verdict"] for one in against["differences"].values()} == {"the same"}
    assert set(against["tension"]["value"]) == {0.0}
    assert {value for line in against["acts"].values() for value in line["high"]} == {0.0}


def test_an_act_can_be_struck_out_and_forced(server: Server) -> None:
    without = answer(server, "without=every+eu+hostile&a=1")
    values = {one["name"]: one["value"] for one in without["answers"]}
    assert values["package_days.eu"] == 0.0
    forced = answer(server, "force=2020-11-02+eu+trade_ban+belarus&a=1")
    assert forced["against"]["differences"]["package_days.eu"]["value"] > 0
    assert get(server, "/answer.json?without=every+nobody").status == 422


def test_other_ends_are_compared_unpaired(server: Server) -> None:
    against = answer(server, "set=end=2021-04-01&a=1")["against"]
    assert not against["paired"]
    assert against["reasons"]


def test_every_control_can_be_turned(server: Server) -> None:
    for one in get(server, "/controls.json").json["controls"]:
        values = {
            "number": [one["low"], one["high"]], "choice": [each["value"] for each in one["choices"]],
            "switch": ["null"], "date": [one["first"], one["last"]],
        }[one["kind"]]  # fmt: skip
        for value in values:
            assert get(server, f"/answer.json?n=100&set={one['path']}={value}").status == 200, (one, value)


@pytest.mark.parametrize("words", ["eu reciprocity", "talks", "sworn in", "exposure"])
def test_a_search_finds_every_kind_of_control(server: Server, words: str) -> None:
    found = get(server, f"/search.json?words={quote(words)}").json["found"]
    assert found
    path = quote(found[0]["path"])
    assert get(server, f"/search.json?path={path}").json["named"] == [found[0]]
    assert get(server, "/search.json?words=nothing-has-this").json["found"] == []


# ---- to take along


@pytest.mark.parametrize(
    "sets",
    [(), (SET,), ("actors.eu.policy=hardline", "actors.eu.policy.reciprocity=1.3", "instruments.talks=null"),
     ("actors.eu.policy=graduated(reciprocity=0.8)", "end=2021-03-01"), ("shocks.secret_inauguration=null",)],
)  # fmt: skip
def test_the_scenario_file_gives_the_same_figures(
    server: Server, sets: tuple[str, ...], tmp_path: Path
) -> None:
    query = "&".join(f"set={quote(one)}" for one in sets)
    reply = get(server, f"/scenario.yaml?{query}")
    assert reply.headers["Content-Disposition"] == 'attachment; filename="changed.yaml"'
    (tmp_path / "changed.yaml").write_bytes(reply.body)
    run, same = escalation.run(str(tmp_path / "changed.yaml"), replications=20), answer(server, query)
    other = escalation.run("minimal", replications=20, sets=sets)
    assert [run.summary.figures[n] for n in run.summary.answer] == [
        other.summary.figures[n] for n in run.summary.answer
    ]
    assert same["commands"][0]["line"].startswith("escalation run minimal ")


def test_a_file_of_ones_own_is_extended_by_its_name(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("extends: shipped:minimal\ntitle: My own\n")
    with served(own, sets=("actors.us.policy.reciprocity=0.9",), until="2021-06-01") as server:
        reply = get(server, f"/scenario.yaml?set={SET}")
        assert b"extends: own.yaml" in reply.body
        (tmp_path / "changed.yaml").write_bytes(reply.body)
        scenario = load(tmp_path / "changed.yaml")
        assert str(scenario.end) == "2021-06-01"
        line = answer(server, f"set={SET}")["commands"][0]["line"]
        assert "--set actors.us.policy.reciprocity=0.9 --set end=2021-06-01 --set actors.eu" in line


def test_a_story_is_told_and_where_two_part(server: Server) -> None:
    pages = get(server, f"/story.json?set={SET}&a=1&n=100").json["pages"]
    assert [one["title"] for one in pages] == ["A and B", "A small flywheel"]
    assert len(get(server, "/story.json?n=100").json["pages"]) == 1


def test_the_report_is_the_offline_one(server: Server) -> None:
    pytest.importorskip("altair")
    reply = get(server, f"/report.html?set={SET}")
    assert reply.status == 200
    assert reply.headers["Content-Disposition"] == 'attachment; filename="report.html"'
    assert f"With: {SET}".encode() in reply.body
    assert get(server, "/report.html?without=every+eu+hostile").status == 422


# ---- the process


def test_a_taken_port_is_passed_over(server: Server) -> None:
    with opened(server.live, port=server.server_port) as other:
        assert other.server_port > server.server_port


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "localhost", "nowhere"])
def test_only_one_address_is_listened_on(server: Server, host: str) -> None:
    with pytest.raises(InputError):
        opened(server.live, host)


def test_the_command_says_its_address_and_ends_on_ctrl_c() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "escalation", "serve", "minimal", "--port", str(port)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout
        line = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, remarks = process.communicate(timeout=60)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=\S+\n", line)
    assert f"port {port} is taken" in remarks
    assert "Traceback" not in remarks
    assert process.returncode == 0


def test_the_files_of_the_page_are_part_of_the_package() -> None:
    for name in ("page.html", "style.css", "script.js"):
        assert files("escalation.web").joinpath(name).is_file()


# ---- the look


def test_text_can_be_read_on_every_ground() -> None:
    style = files("escalation.present.report").joinpath("style.css").read_text()
    for scheme in style.split("@media (prefers-color-scheme: dark)", 1):
        colours = dict(re.findall(r"--(\w+): (#\w{6})", scheme.split("* {")[0]))
        for text in ("ink", "muted", "main"):
            for ground in ("paper", "soft"):
                assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_a_chance_by_a_date_is_compared_in_pairs() -> None:
    request, settings = Request(seed=1), Settings(sets=("actors.eu.policy.reciprocity=1",))
    with Explorer(open_scenario("belarus_2020", request), Execution(workers=1)) as explorer:
        sides = []
        for one in (Settings(), settings):
            futures = explorer.futures(one)
            futures.extend(100, lambda: True)
            sides.append(futures.snapshot(100))
        (name, found), *_ = Contrasted(*sides).by_dates().items()
    levels = [
        next(one.estimate.value for one in side.finished.summary.answers if one.expression == name)
        for side in sides
    ]
    assert name == "prob(first.eu.head_of_state_listing, 2020-11-30)"
    assert [found.baseline.value, found.other.value] == levels
    assert found.difference.value == pytest.approx((levels[1] or 0.0) - (levels[0] or 0.0))
    assert found.tests == len(sides[0].finished.summary.answers)
