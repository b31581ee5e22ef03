from __future__ import annotations

import csv
import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from escalation.clocks import simpy_clock
from tests.cli.conftest import Escalation, Process, environment
from tests.ensemble import clocks

VARY = "--vary actors.eu.policy.reciprocity=0.2:1.4:3"
FAST = f"{VARY} --outcome mean(package_days.eu) -n 20 --workers 1"


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Drawing takes a second: only one test looks at it."""
    if "picture" not in request.node.name and "draw" not in request.node.name:
        monkeypatch.setattr("escalation.present.charts.pictures_of", lambda _: [])


def table_of(text: str) -> list[str]:
    """Return the lines below the sentences, which end with an empty line."""
    lines = text.splitlines()
    return lines[lines.index("") + 1 :]


def test_a_sweep_says_what_it_found_shows_its_points_and_where_it_is(escalation: Escalation) -> None:
    done = escalation(f"sweep minimal {FAST}")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == "A small flywheel"
    assert lines[1] == "Varied: reciprocity from 0.2 to 1.4 (actors.eu.policy.reciprocity)"
    assert re.fullmatch(
        r"Days with a hostile package by European Union: mean\(package_days.eu\) rises from [\d.]+ to [\d.]+"
        r" as reciprocity goes from 0.2 to 1.4\.",
        lines[2],
    )
    table = table_of(done.stdout)
    assert table[0].split() == ["reciprocity", "mean(package_days.eu)"]
    assert [line.split()[0] for line in table[1:4]] == ["0.2", "0.8", "1.4"]
    beside = table[table.index("") + 1 :]
    assert beside[0].split() == ["Beside", "that,", "by", "reciprocity", "0.2", "0.8", "1.4"]
    assert [line.split("  ")[0] for line in beside[1:4]] == [
        "Cost of its own measures to European Union",
        "Days with a hostile package by Belarus",
        "Diplomatic relation at the end, Belarus towards European Union",
    ]
    assert lines[-2].startswith("3 points of 20 replications, all in the same worlds, seed 1, in ")
    assert lines[-1].startswith("Saved in results/minimal-sweep/")


def test_two_levers_lie_across_each_other(escalation: Escalation) -> None:
    done = escalation(f"sweep minimal {FAST}", "--vary", "actors.us.policy=graduated|grit")
    table = table_of(done.stdout)
    assert table[0].split() == ["reciprocity", "↓", "policy", "→", "graduated", "grit"]
    assert [line.count(" ± ") for line in table[1:4]] == [2, 2, 2]
    assert table[4] == "Days with a hostile package by European Union, mean(package_days.eu)."
    (beside,) = (line for line in table if line.startswith("Beside that, by reciprocity, policy"))
    assert re.search(r"  [\d.]+, \w+  [\d.]+, \w+$", beside)  # where it is lowest and highest
    assert any(line.startswith("Cost of its own measures to United States") for line in table)


def test_where_intervals_have_no_room_it_is_said_how_wide_they_are(escalation: Escalation) -> None:
    done = escalation(f"sweep minimal {FAST}", "--vary", "actors.us.policy.reciprocity=0.2:1.4:5")
    table = table_of(done.stdout)
    assert [len(line.split()) for line in table[1:4]] == [6, 6, 6]
    assert re.search(r" 95% intervals reach at most ±[\d.]+ to either side\.$", table[4])


def test_several_outcomes_are_numbered(escalation: Escalation) -> None:
    done = escalation(f"sweep minimal {VARY} -n 20 --workers 1")
    lines = done.stdout.splitlines()
    assert [line.split()[:2] for line in lines[2:6]] == [
        ["1.", "Days"], ["2.", "Days"], ["3.", "Days"], ["4.", "Further"]
    ]  # fmt: skip
    assert ": mean(package_days.us) " in lines[3]
    assert lines[5].startswith("4. Further acts per hostile act: R ")
    table = table_of(done.stdout)
    assert table[0].split() == ["reciprocity", "1", "2", "3", "4"]
    assert table[1].count(" ± ") == 1
    assert re.match(r"95% intervals reach at most 2: ±[\d.]+, 3: ±[\d.]+, 4: ±[\d.]+ to", table[4])


def test_every_format_holds_every_point(escalation: Escalation) -> None:
    table = list(csv.DictReader(escalation(f"sweep minimal {FAST} --format csv").stdout.splitlines()))
    rows = [row for row in table if row["expression"] == "mean(package_days.eu)"]
    costs = [f"mean({name})" for name in ("cost.eu", "package_days.belarus", "relation.belarus.eu")]
    assert [row["expression"] for row in table[:4]] == ["mean(package_days.eu)", *costs]
    assert [row["actors.eu.policy.reciprocity"] for row in rows] == ["0.2", "0.8", "1.4"]
    document = json.loads(escalation(f"sweep minimal {FAST} --format json").stdout)
    assert [point["estimates"][0]["value"] for point in document["points"]] == [
        float(row["value"]) for row in rows
    ]  # fmt: skip
    assert document["findings"][0]["trend"] == "rises"
    assert [one["expression"] for one in document["costs"]] == costs
    shown = escalation(f"sweep minimal {FAST} --format md").stdout
    assert shown.startswith("# A small flywheel\n\n- Varied: reciprocity")
    assert "| 0.8 |" in shown


def test_settings_are_shown_above_what_they_led_to(escalation: Escalation) -> None:
    done = escalation(f"sweep minimal {FAST} --until 2021-03-01 --set actors.us.policy=grit")
    assert done.stdout.splitlines()[1] == "With: actors.us.policy=grit, until=2021-03-01"


def test_a_scattered_design_lists_its_points_from_the_highest_on(escalation: Escalation) -> None:
    done = escalation("sweep minimal --vary actors.eu.policy.reciprocity=0:1 --design sobol --points 8 -n 10"
                      " --outcome package_days.eu --workers 1")  # fmt: skip
    values = [float(line.split()[1]) for line in done.stdout.splitlines()[5:13]]
    assert values == sorted(values, reverse=True)
    assert "In the order of the first expression." in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("sweep minimal", "--vary: nothing to vary"),
        (f"sweep minimal {VARY} --design lhs --points 0", "--points"),
        ("sweep minimal --vary actors.eu.policy.recip=0:1", "(did you mean reciprocity?)"),
        ("sweep minimal --vary actors.eu.policy.reciprocity=1", "one value only"),
        (f"sweep minimal {VARY} --outcome maen(R)", "no function 'maen'"),
        (f"sweep minimal {VARY} --points 5", "a grid has the points that its levers make"),
        (f"sweep nowhere {VARY}", "no such file"),
    ],
)
def test_a_mistake_is_said_in_one_line_with_status_2(escalation: Escalation, words: str, said: str) -> None:
    done = escalation(words)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stdout == ""
    assert not Path("results").exists()


def test_a_folder_is_never_overwritten(escalation: Escalation) -> None:
    assert escalation(f"sweep minimal {FAST} -o one").exit_code == 0
    done = escalation(f"sweep minimal {FAST} -o one")
    assert done.exit_code == 2
    assert "is not empty, and a run never overwrites" in done.stderr


def test_failed_replications_are_counted_and_give_status_3(
    escalation: Escalation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simpy_clock, "simulate", clocks.failing_each_third)
    done = escalation(f"sweep minimal {FAST}")
    assert done.exit_code == 3
    assert "Failed: 21 replications, left out of all figures." in done.stdout


def test_a_complete_sweep_is_listed_and_shown(escalation: Escalation) -> None:
    first = escalation(f"sweep minimal {FAST} -o results/one").stdout.splitlines()
    again = escalation("resume results/one")
    assert "is complete; there is nothing to resume" in again.stderr
    assert again.stdout.splitlines()[:-2] == first[:-2]
    assert "sweep, complete" in escalation("runs").stdout
    assert escalation("summary results/one").stdout == again.stdout


@pytest.mark.skipif(not hasattr(signal, "SIGINT"), reason="the system knows no SIGINT")
def test_ctrl_c_keeps_the_finished_points_and_resume_goes_on(process: Process) -> None:
    words = (
        f"sweep minimal {VARY}0 --outcome R --outcome package_days.eu -n 30 --workers 1 --clock simpy -o cut"
    )
    telling = (
        "import signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored below a shell's &\n"
        f"sys.argv = ['escalation', *{words.split()!r}]\n"
        "from escalation.cli import main\n"
        "main()\n"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", telling], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    lines = Path(".cut.unfinished/progress/points.jsonl")
    while not (lines.is_file() and lines.stat().st_size):
        assert running.poll() is None
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=120)
    assert running.returncode == 130, err
    assert re.search(r"^Interrupted: \d+ of 30 points finished\.$", out, re.MULTILINE)
    assert "`escalation resume cut` resumes it" in err
    resumed = process("resume cut --clock simpy --workers 1")
    assert resumed.returncode == 0, resumed.stderr
    assert "30 points of 30 replications" in resumed.stdout
    assert Path("cut/sweep.parquet").is_file()


def test_the_picture_lies_in_the_folder(escalation: Escalation) -> None:
    pytest.importorskip("altair")
    pytest.importorskip("vl_convert")
    done = escalation(f"sweep minimal {FAST} --outcome R -o one")
    assert done.stdout.splitlines()[-1] == "Saved in one, with pictures in sweep.svg"
    picture = Path("one/sweep.svg").read_text()
    assert picture.startswith("<svg")
    assert "rises from" in picture


def test_without_the_means_to_draw_all_else_is_there(
    escalation: Escalation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "altair", None)
    done = escalation(f"sweep minimal {FAST} -o one")
    assert done.exit_code == 0
    assert "no picture was drawn: pictures need altair" in done.stderr


def test_a_sweep_killed_before_its_picture_gets_it_on_resume(escalation: Escalation) -> None:
    pytest.importorskip("altair")
    pytest.importorskip("vl_convert")
    escalation(f"sweep minimal {FAST} --outcome R -o one")
    picture = Path("one/sweep.svg").read_bytes()
    Path("one/sweep.svg").unlink()
    assert escalation("resume one").stdout.splitlines()[-1] == "Saved in one, with pictures in sweep.svg"
    assert Path("one/sweep.svg").read_bytes() == picture
