from __future__ import annotations

import contextlib
import csv
import json
import os
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

FAST = "--replications 8 --workers 1"


def test_the_first_lines_answer_the_question(escalation: Escalation) -> None:
    done = escalation(f"run minimal {FAST}")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == "A small flywheel"
    assert lines[1].endswith("?")
    first, verdict, asked, *answers = [line for line in lines[2:] if line][:7]
    assert first.startswith("Belarus: answers to each act against it: ")
    assert verdict.startswith("To each hostile act, ")
    assert asked.startswith("What was asked")
    names = "Belarus", "European Union", "United States"
    for name, line in zip(names, answers[:3], strict=True):
        assert line.startswith(f"{name}: answers to each act against it ")
    assert answers[3].startswith("Flywheel: ")


def test_the_end_says_how_many_and_where(escalation: Escalation) -> None:
    done = escalation(f"run minimal {FAST} --seed 5")
    *_, count, place, more = done.stdout.splitlines()
    assert count.startswith("8 replications, seed 5, 3 Oct 2020 to 3 Oct 2021, in ")
    assert place.startswith("Saved in results/minimal/")
    folder = place.removeprefix("Saved in ")
    assert (Path(folder) / "manifest.json").is_file()
    assert more == f"All of it: escalation summary {folder} --full"


def test_the_command_at_the_end_shows_every_section_and_full_shows_them_at_once(
    escalation: Escalation,
) -> None:
    short = escalation(f"run minimal {FAST} -o a").stdout
    full = escalation(f"run minimal {FAST} -o b --full").stdout
    again = escalation(short.splitlines()[-1].removeprefix("All of it: escalation "))
    assert re.sub(r"in [\d.]+ s\.|Saved in .", "", again.stdout) == re.sub(
        r"in [\d.]+ s\.|Saved in .", "", full
    )
    assert "All of it" not in full
    for heading in ("Acts and package days", "Tension, pressure and cost", "The flywheel"):
        assert re.search(f"^{heading}", full, re.MULTILINE)
    assert "Tension, pressure and cost" not in short
    assert len(short.splitlines()) < 30 < len(full.splitlines())


def test_two_runs_of_one_second_do_not_overwrite_each_other(escalation: Escalation) -> None:
    for _ in range(3):
        assert escalation(f"run minimal {FAST} --fresh").exit_code == 0
    assert len(list(Path("results/minimal").iterdir())) == 3


def test_a_scenario_file_gives_its_name_to_the_folder(escalation: Escalation) -> None:
    assert escalation("new my_case").exit_code == 0
    assert escalation(f"run my_case.yaml {FAST}").exit_code == 0
    assert len(list(Path("results/my_case").iterdir())) == 1


def test_json_is_one_document_and_nothing_else(process: Process) -> None:
    done = process(f"run minimal {FAST} --format json")
    document = json.loads(done.stdout)
    assert done.stderr == ""
    assert document["replications"]["finished"] == 8
    assert document["run"]["folder"].startswith("results/minimal/")
    stored = json.loads((Path(document["run"]["folder"]) / "summary.json").read_text())
    assert {**stored, "run": document["run"]} == document


def test_csv_has_one_row_per_outcome(escalation: Escalation) -> None:
    rows = list(csv.DictReader(escalation(f"run minimal {FAST} --format csv").stdout.splitlines()))
    assert {row["outcome"] for row in rows} >= {"package_days.eu", "runaway", "truncated"}
    assert float(next(row for row in rows if row["outcome"] == "truncated")["probability"]) == 0


def test_the_flywheel_follows_in_every_format(escalation: Escalation) -> None:
    document = json.loads(escalation(f"run minimal {FAST} --format json -o one").stdout)
    reading = f"{document['flywheel']['counted']['R']['value']:.2f}"
    shown = escalation("summary one --full").stdout
    assert re.search(rf"^All that was followed +\d+ +{reading} ", shown, re.MULTILINE)
    assert "further ones are attributed within" in shown
    assert "## The flywheel" in escalation("summary one --format md --full").stdout
    assert "## The flywheel" not in escalation("summary one --format md").stdout
    values = csv.DictReader(escalation("summary one --format csv").stdout.splitlines())
    rows = {row["outcome"]: row for row in values}
    assert float(rows["flywheel.R"]["estimate"]) == document["flywheel"]["counted"]["R"]["value"]


def test_markdown_starts_with_the_title(escalation: Escalation) -> None:
    assert escalation(f"run minimal {FAST} --format md").stdout.startswith(
        "# A small flywheel\n\n- Do the three"
    )


def test_a_pipe_gets_no_escape_codes_no_padding_and_no_wrapped_line(process: Process) -> None:
    done = process(f"run belarus_2020 {FAST} --until 2020-11-01", FORCE_COLOR="1", COLUMNS="40")
    assert done.returncode in (0, 3), done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[2].endswith("?")
    assert len(lines[2]) > 80
    assert not [line for line in lines if line != line.rstrip()]


def test_quiet_says_nothing_beside_the_result(process: Process) -> None:
    done = process(f"run minimal {FAST} -q")
    assert done.stderr == ""
    assert done.stdout.startswith("A small flywheel")


def test_an_output_that_cannot_show_a_sign_does_not_end_the_run(process: Process) -> None:
    done = process(f"run minimal {FAST}", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0, done.stderr
    assert " +- " in done.stdout


def test_a_failing_replication_is_counted_and_gives_status_3(
    escalation: Escalation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simpy_clock, "simulate", clocks.failing_each_third)
    done = escalation("run minimal -n 30 --workers 1")
    assert done.exit_code == 3
    assert "Failed: 10 replications, left out of all figures." in done.stdout
    assert "replication 3: ZeroDivisionError: nothing to divide by in 3" in done.stdout


def test_debug_shows_where_the_first_failing_replication_fails(
    escalation: Escalation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simpy_clock, "simulate", clocks.failing_each_third)
    done = escalation("--debug run minimal -n 5 --workers 1")
    assert done.exit_code == 3
    assert done.stderr.startswith("Traceback (most recent call last):")
    assert "in failing_each_third" in done.stderr
    assert done.stderr.rstrip().endswith("ZeroDivisionError: nothing to divide by in 0")
    assert escalation("run minimal -n 5 --workers 1").stderr == ""


def test_a_precision_ends_the_run_and_every_format_says_so(
    escalation: Escalation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simpy_clock, "simulate", clocks.coin)
    words = "--precision 0.05 --outcome prob(concession.belarus) --workers 1"
    done = escalation(f"run minimal {words} -o one")
    assert done.exit_code == 0, done.output
    said = "Stopped by the precision: prob(concession.belarus) is known to "
    assert said in done.stdout
    assert said in escalation("summary one").stdout
    document = json.loads(escalation(f"run minimal {words} -n 300 --format json").stdout)
    assert document["precision"]["stopped_by"] == "limit"
    assert document["replications"]["finished"] == 300


def test_a_truncated_replication_is_counted_and_gives_status_3(escalation: Escalation) -> None:
    done = escalation(f"run minimal {FAST}", "--set", "model.event_limit=3")
    assert done.exit_code == 3, done.output
    assert "Truncated: 8 replications hit a limit" in done.stdout


def test_nothing_but_failures_is_still_a_summary(
    escalation: Escalation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simpy_clock, "simulate", clocks.always_failing)
    done = escalation(f"run minimal {FAST}")
    assert done.exit_code == 3
    assert "no replication to tell from" in done.stdout
    assert "replication 0: it says so itself" in done.stdout


def test_a_mistake_in_the_scenario_gives_status_2_and_its_place(escalation: Escalation) -> None:
    escalation("new wrong")
    text = Path("wrong.yaml").read_text()
    Path("wrong.yaml").write_text(text + "\nquestoin: nothing\n")
    done = escalation(f"run wrong.yaml {FAST}")
    assert done.exit_code == 2
    line = len(text.splitlines()) + 2
    assert done.stderr.splitlines()[0].startswith(f"wrong.yaml:{line}:1: questoin: ")
    assert "did you mean question?" in done.stderr
    assert done.stdout == ""
    assert not Path("results").exists()


def test_a_name_that_is_no_scenario_gives_status_2_and_the_nearest(escalation: Escalation) -> None:
    done = escalation(f"run minmal {FAST}")
    assert done.exit_code == 2
    assert "minimal" in done.stderr
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--engine dask://host", "engine dask://host: is not dask://HOST:PORT"),
        ("--engine dask://host:123456", "engine dask://host:123456: is not dask://HOST:PORT"),
        ("--engine cloud", "engine cloud: no such engine; allowed are local and dask://HOST:PORT"),
        ("--until 2020-13-01", "--until 2020-13-01: is not a date"),
        ("--replications 0", "--replications"),
        ("--seed -1", "--seed"),
        ("--precision 0.1", "--precision and outcome: found one of them"),
        ("--precision 0.1 --outcome concesion.belarus", "did you mean concession.belarus?"),
        ("--precision -1 --outcome runaway", "precision: found -1"),
        ("--workers 0", "--workers"),
        ("--format xml", "--format"),
        ("--acts some", "--acts"),
        ("--set actors.eu.polcy.reciprocity=1", "did you mean policy"),
        ("--set actors/eu/policy/fear=1", "slashes in the path; names are parted by dots"),
        ("--set actors/eu/policy/fear=1", "did you mean actors.eu.policy.fear?"),
        ("--repetitions 5", "--repetitions"),
    ],
)
def test_what_is_asked_wrongly_gives_status_2_and_is_named(
    escalation: Escalation, words: str, said: str
) -> None:
    done = escalation(f"run minimal {words}")
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stdout == ""
    assert not Path("results").exists()


def test_an_out_folder_that_holds_anything_gives_status_2(escalation: Escalation) -> None:
    Path("mine").mkdir()
    Path("mine/file").write_text("mine")
    done = escalation(f"run minimal {FAST} -o mine")
    assert done.exit_code == 2
    assert done.stderr == "mine: is not empty, and a run never overwrites; name another folder\n"


@pytest.mark.parametrize("out", ["file/run", "file/deeper/run"])
def test_an_out_folder_under_a_file_gives_status_2_at_once(escalation: Escalation, out: str) -> None:
    Path("file").write_text("")
    done = escalation(f"run minimal -n 1000000 -o {out}")
    assert done.exit_code == 2
    said = f"{out}: {Path('file').absolute()} is a file, and no folder can be in it; name another folder\n"
    assert done.stderr == said
    assert done.stdout == ""


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="a folder in which even root can make nothing")
def test_an_out_folder_that_cannot_be_made_gives_status_1_at_once(escalation: Escalation) -> None:
    done = escalation("run minimal -n 1000000 -o /proc/run")
    assert done.exit_code == 1
    assert done.stderr.startswith("/proc/run: cannot be written: ")
    assert done.stdout == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_gives_status_1(escalation: Escalation) -> None:
    Path("locked").mkdir(mode=0o500)
    done = escalation(f"run minimal {FAST} -o locked/run")
    assert done.exit_code == 1
    assert "Permission denied" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="a limit on the size of files stands for a full disk")
def test_a_disk_that_takes_nothing_still_shows_the_summary() -> None:
    limited = (
        "import resource, sys\n"
        "from escalation.cli import main\n"
        "from escalation.ensemble import run\n"
        "add = run.Assembly.add\n"
        "def full(*words):\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))\n"
        "    return add(*words)\n"
        "run.Assembly.add = full\n"
        f"sys.argv[1:] = 'run minimal {FAST} -o there/run'.split()\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", limited], capture_output=True, text=True, env=environment(), check=False
    )
    assert done.returncode == 1
    assert done.stdout.startswith("A small flywheel")
    assert "there/run: cannot be written: File too large" in done.stderr
    assert "The run was not stored" in done.stderr
    assert list(Path("there").iterdir()) == []


def interrupted(workers: int) -> subprocess.CompletedProcess[str]:
    """Press Ctrl-C once the first chunk has come in."""
    words = f"run minimal -n 1000000 --workers {workers} -o cut --format json"
    telling = (
        "import sys\n"
        "from escalation.cli import main\n"
        "from escalation.ensemble import run\n"
        "add = run.Assembly.add\n"
        "def told(assembly, chunk):\n"
        "    add(assembly, chunk)\n"
        "    if chunk.first == 0:\n"
        "        print('one chunk', file=sys.stderr, flush=True)\n"
        "run.Assembly.add = told\n"
        f"sys.argv[1:] = {words.split()!r}\n"
        "main()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", telling],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(), start_new_session=True,
    ) as running:  # fmt: skip
        assert running.stderr is not None
        assert running.stderr.readline() == "one chunk\n"
        os.killpg(running.pid, signal.SIGINT)
        output, errors = running.communicate(timeout=120)
    return subprocess.CompletedProcess(words, running.returncode, output, errors)


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_keeps_what_is_finished_and_gives_status_130(workers: int, escalation: Escalation) -> None:
    done = interrupted(workers)
    assert done.returncode == 130, done.stderr
    assert "Traceback" not in done.stderr
    document = json.loads(done.stdout)
    assert 0 < document["replications"]["finished"] < 1_000_000
    assert document["run"]["status"] == "interrupted"
    assert document["flywheel"]["replications"] == document["replications"]["finished"]
    again = escalation("summary cut --format json")
    assert json.loads(again.stdout)["replications"] == document["replications"]
    assert "Interrupted: " in escalation("summary cut").stdout


def living(group: int) -> list[str]:
    """Return the processes of a group that have not ended."""
    states = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            number, _, rest = file.read_text(errors="replace").rpartition(")")
            state, _, its_group = rest.split()[:3]
            if int(its_group) == group and state not in "ZX":
                states.append(number)
    return states


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_whatever_ends_a_run_its_workers_end_too(number: signal.Signals, escalation: Escalation) -> None:
    code = (
        "import os, sys\n"
        "from escalation.cli import main\n"
        "from escalation.ensemble import run\n"
        "add = run.Assembly.add\n"
        "def told(assembly, chunk):\n"
        "    add(assembly, chunk)\n"
        "    os.write(2, b'.')\n"
        "run.Assembly.add = told\n"
        "sys.argv[1:] = 'run minimal -n 100000 --workers 2 --clock simpy -o cut -q'.split()\n"
        "if __name__ == '__main__':\n    main()\n"
    )
    Path("script.py").write_text(code)
    with subprocess.Popen(
        [sys.executable, "script.py"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment(),
        start_new_session=True,
    ) as running:  # fmt: skip
        assert running.stderr is not None
        assert running.stderr.read(1) == b"."
        assert len(living(running.pid)) >= 3
        running.send_signal(number)
        said = running.stderr.read()
    assert running.returncode == (-number if number == signal.SIGKILL else 130)
    assert b"Traceback" not in said
    while living(running.pid):
        time.sleep(0.02)
    if number != signal.SIGKILL:
        assert "Interrupted: " in escalation("summary cut").stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("module", ["escalation.cli.app", "escalation.study.run"])
def test_an_interrupt_while_modules_are_imported_leaves_no_traceback(
    number: signal.Signals, module: str
) -> None:
    code = (
        "import signal, sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == {module!r}:\n"
        f"            signal.raise_signal({int(number)})\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "from escalation.cli import main\n"
        "sys.argv[1:] = ['run', 'minimal']\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=False
    )
    assert done.returncode == 130
    assert "Traceback" not in done.stderr


def test_a_reader_that_goes_away_causes_no_traceback() -> None:
    command = f"{sys.executable} -m escalation list | head -c 1 > /dev/null"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, env=environment(), check=False)
    assert "Traceback" not in done.stderr


def test_a_bug_says_how_to_report_it_and_debug_shows_where(
    escalation: Escalation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("wrong inside")

    monkeypatch.setattr("escalation.study.run.run_ensemble", broken)
    done = escalation(f"run minimal {FAST}")
    assert done.exit_code == 1
    assert done.stderr.startswith("RuntimeError: wrong inside\nThis is a bug")
    assert "Traceback" not in done.stderr
    assert "Traceback" in escalation(f"--debug run minimal {FAST}").stderr


def test_text_of_a_scenario_is_not_read_as_markup(escalation: Escalation) -> None:
    done = escalation(f"run minimal {FAST}", "--set", "title='[bold]Not bold[/bold] :smile: [link=x]'")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("[bold]Not bold[/bold] :smile: [link=x]\n")
