from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import Escalation, Process

PLAYED = "minimal -n 6 --workers 1 -q"


@pytest.fixture
def run(escalation: Escalation) -> str:
    assert escalation("run minimal -n 6 --workers 1 --seed 3 -o first").exit_code == 0
    return "first"


def test_a_picture_of_a_run_is_written_and_its_finding_said(escalation: Escalation, run: str) -> None:
    done = escalation(f"plot {run} --workers 1")
    assert done.exit_code == 0, done.output
    assert re.fullmatch(r"first-fan\.svg written: Tension [^\n]+\.\n", done.stdout)
    assert ElementTree.parse("first-fan.svg").getroot().tag.endswith("svg")


def test_a_run_and_the_scenario_it_was_made_of_give_the_same_picture(
    escalation: Escalation, run: str
) -> None:
    assert escalation(f"plot {run} --what ladder -o run.svg --workers 1").exit_code == 0
    assert escalation("plot minimal -n 6 --seed 3 --what ladder -o scenario.svg --workers 1").exit_code == 0
    assert Path("run.svg").read_text() == Path("scenario.svg").read_text()


@pytest.mark.parametrize("what", ["fan", "timeline", "ladder", "flywheel", "tree"])
def test_each_picture_can_be_an_image(escalation: Escalation, what: str) -> None:
    done = escalation(f"plot {PLAYED} --what {what} -o out.png")
    assert done.exit_code == 0, done.output
    assert Path("out.png").read_bytes().startswith(b"\x89PNG")


def test_by_when_each_act_has_come_is_a_picture(escalation: Escalation) -> None:
    words = "plot minimal -n 20 --workers 1 --what when -o when.svg"
    done = escalation(words, "--set", "outcomes.first_use={eu: [protest, trade_ban]}")
    assert done.exit_code == 0, done.output
    assert "when.svg written: By when: European Union: " in done.stdout
    drawn = Path("when.svg").read_text()
    assert "100%" in drawn
    assert "European Union: " in drawn
    none = escalation("plot minimal -n 2 --workers 1 --what when -o none.svg", "--set", "shocks=null")
    assert none.exit_code == 2


def test_a_forest_plot_takes_several_runs(escalation: Escalation, run: str) -> None:
    done = escalation(f"run minimal -n 6 --workers 1 --seed 3 -o second --set {HARD}")
    assert done.exit_code == 0
    done = escalation(f"plot {run} second --what forest -o forest.svg")
    assert done.exit_code == 0, done.output
    assert "second" in done.stdout or "instead of" in done.stdout
    assert Path("forest.svg").is_file()


HARD = "actors.belarus.policy=hardline"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("plot first --what forest", "--what forest: found one run; give two or more"),
        ("plot first -o x.jpg", "found the ending .jpg; allowed are .svg, .png (did you mean x.png?)"),
        ("plot first -o x", "found the ending none; allowed are .svg, .png"),
        ("plot first -o nowhere/x.svg", "nowhere/x.svg: there is no folder nowhere"),
        ("plot first --seed 4", "seed: first is a run and has its own; give it only with a scenario"),
        ("plot first -n 4", "replications: first is a run and has its own"),
        ("plot minimall", "did you mean minimal?"),
        ("report first -o x.pdf", "found the ending .pdf; allowed are .html"),
        ("report first -o first", "found the ending none; allowed are .html"),
        ("report first --until 2021-01-01", "until: first is a run and has its own"),
    ],
)
def test_what_is_asked_wrongly_is_answered_before_anything_is_drawn(
    escalation: Escalation, run: str, words: str, said: str
) -> None:
    done = escalation(words)
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert sorted(path.name for path in Path().iterdir()) == ["first"]


@pytest.mark.parametrize(("command", "name"), [("plot", "x.svg"), ("report", "x.html")])
def test_a_file_is_overwritten_only_when_that_is_asked_for(
    escalation: Escalation, command: str, name: str
) -> None:
    Path(name).write_text("mine")
    done = escalation(f"{command} {PLAYED} -o {name}")
    assert done.exit_code == 2
    assert f"{name}: exists already; name another file, or give --overwrite" in done.stderr
    assert Path(name).read_text() == "mine"
    assert escalation(f"{command} {PLAYED} -o {name} --overwrite").exit_code == 0
    assert Path(name).read_text() != "mine"


def test_a_report_is_one_file_and_nothing_else_is_said(process: Process) -> None:
    done = process("report minimal -n 6 --workers 1")
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"report\.html written, \d\.\d MB: open it in a browser\n", done.stdout)
    assert done.stderr == ""
    assert [path.name for path in Path().iterdir()] == ["report.html"]
    page = Path("report.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "<title>A small flywheel</title>" in page


def test_a_report_about_two_runs_names_them_apart(escalation: Escalation, run: str) -> None:
    assert escalation(f"run minimal -n 6 --workers 1 --seed 3 -o second --set {HARD}").exit_code == 0
    done = escalation(f"report {run} second -o both.html --workers 1")
    assert done.exit_code == 0, done.output
    page = Path("both.html").read_text(encoding="utf-8")
    assert "second compared with first" in page
    assert f"With: {HARD}" in page


def test_a_run_of_which_every_replication_fails_has_nothing_to_draw(
    escalation: Escalation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("by a test")

    monkeypatch.setattr("escalation.clocks.simpy_clock.simulate", fails)
    done = escalation(f"plot {PLAYED}")
    assert done.exit_code == 2, done.output
    assert (
        "minimal: all replications failed, there is nothing to show: ZeroDivisionError: by a test"
        in done.stderr
    )


def test_a_picture_of_replications_that_were_cut_off_gives_status_3(escalation: Escalation) -> None:
    done = escalation("plot minimal -n 4 --set model.act_limit=3 --what timeline -o x.svg")
    assert done.exit_code == 3, done.stderr
    assert Path("x.svg").exists()


@pytest.fixture
def sweep(escalation: Escalation) -> str:
    lever = "actors.eu.policy.reciprocity=0.2:1.4:2"
    done = escalation(f"sweep minimal --vary {lever} -n 6 --workers 1 --clock simpy -q -o sweep")
    assert done.exit_code == 0, done.output
    return "sweep"


def test_a_study_has_its_pictures_a_report_and_a_table_like_a_run(escalation: Escalation, sweep: str) -> None:
    done = escalation(f"plot {sweep}")
    assert done.exit_code == 0, done.output
    assert ElementTree.parse("sweep-sweep.svg").getroot().tag.endswith("svg")
    assert Path("sweep-sweep.svg").read_text() == Path("sweep/sweep.svg").read_text()
    assert escalation(f"report {sweep} -o sweep.html").exit_code == 0
    page, shown = Path("sweep.html").read_text(encoding="utf-8"), escalation(f"summary {sweep} --full").stdout
    assert "<figure " in page
    sentence = next(line for line in shown.splitlines() if line.startswith("1. ")).removeprefix("1. ")
    assert sentence in page
    assert escalation(f"export {sweep} -q").stdout == escalation(f"summary {sweep} --format csv").stdout
    refused = escalation(f"plot {sweep} --what ladder -o x.svg")
    assert (refused.exit_code, refused.stderr) == (
        2,
        "--what ladder: sweep is a sweep; leave it out, all is drawn\n",
    )
    refused = escalation(f"export {sweep} --what acts")
    assert refused.exit_code == 2
    assert "sweep: has one table" in refused.stderr


@pytest.mark.parametrize(("command", "ending"), [("plot", "svg"), ("report", "html")])
def test_a_name_longer_than_the_disk_allows_is_a_mistake_in_the_input(
    escalation: Escalation, command: str, ending: str
) -> None:
    done = escalation(f"{command} {PLAYED} -o {'n' * 9_990}.{ending}")
    assert done.exit_code == 2
    assert "the name is longer than this disk allows" in done.stderr
    assert len(done.stderr) < 400
    assert list(Path().iterdir()) == []
