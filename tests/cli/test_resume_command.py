from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from escalation import api
from escalation.clocks import simpy_clock
from escalation.ensemble import result
from escalation.ensemble.folder import Lock
from escalation.model.world import Replication, World
from tests.cli.conftest import Escalation, environment
from tests.ensemble import clocks

SHARD = 16
"""Replications in a file, here: many files of little work."""
RUN = "run minimal -n 56 --seed 3 --acts all --clock simpy -q"

FAILING = """
from escalation import api
from escalation.clocks import simpy_clock
from tests.ensemble import clocks
simpy_clock.simulate = clocks.failing_each_third_of_the_real
"""
KILLED_BETWEEN_FILES = """
from escalation.ensemble.journal import RunJournal
commit = RunJournal.commit
def killed(journal, *more):
    commit(journal, *more)
    if len(journal.records) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
RunJournal.commit = killed
"""
KILLED_IN_A_FILE = """
from escalation.ensemble import store
write_acts = store.write_acts
def killed(acts, header, path):
    write_acts(acts, header, path)
    if path.stem == "00002":
        path.with_name(f".{path.name}.part").write_bytes(path.read_bytes()[:99])
        path.unlink()
        os.kill(os.getpid(), signal.SIGKILL)
store.write_acts = killed
"""
KILLED_WHILE_REPLACING = """
from escalation.ensemble import folder
rename = os.rename
def killed(source, target):
    rename(source, target)
    if str(target).endswith(folder.REPLACED):
        os.kill(os.getpid(), signal.SIGKILL)
os.rename = killed
"""
INTERRUPTED = """
from escalation.ensemble import run
add = run.Assembly.add
def pressed(assembly, chunk):
    add(assembly, chunk)
    if chunk.first == 40:
        signal.raise_signal(signal.SIGINT)
run.Assembly.add = pressed
"""


def command(words: str, what_happens: str = "") -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, with small files, to which something happens."""
    code = (
        "import os, signal, sys\n"
        "from escalation.ensemble import result\n"
        f"result.SHARD = {SHARD}\n"
        f"{what_happens}\n"
        "from escalation.cli import main\n"
        f"sys.argv[1:] = {words.split()!r}\n"
        "main()\n"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, env=environment(), timeout=120, check=False,
    )  # fmt: skip


def killed(words: str, what_happens: str) -> None:
    done = command(words, what_happens)
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.fixture(autouse=True)
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(result, "SHARD", SHARD)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The checksums of a run that nothing happened to."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    assert command(f"{RUN} -o {folder} --workers 1").returncode == 0
    return checksums(folder)


def checksums(folder: Path) -> dict[str, str]:
    files = [
        *folder.rglob("*.parquet"),
        folder / "summary.json",
        folder / "scenario.yaml",
        folder / "flywheel.npz",
    ]
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


COMPLETE = {
    "manifest.json", "ro-crate-metadata.json", "summary.json", "scenario.yaml", "flywheel.npz",
    "outcomes", "acts", "causes",
}  # fmt: skip


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_that_was_killed_ends_as_if_it_had_not_been(
    escalation: Escalation, whole: dict[str, str], workers: int
) -> None:
    killed(f"{RUN} -o run --workers {workers}", KILLED_BETWEEN_FILES)
    assert names(Path()) == {".run.unfinished"}
    done = escalation(f"resume run --workers {3 - workers}")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-2] == "Saved in run"
    assert names(Path()) == {"run"}
    assert names(Path("run")) == COMPLETE
    assert checksums(Path("run")) == whole


def test_a_file_that_was_under_way_when_the_run_was_killed_does_not_count(
    escalation: Escalation, whole: dict[str, str]
) -> None:
    killed(f"{RUN} -o run --workers 1", KILLED_IN_A_FILE)
    assert Path(".run.unfinished/outcomes/00002.parquet").is_file()
    assert Path(".run.unfinished/acts/.00002.parquet.part").is_file()
    assert escalation("resume .run.unfinished --workers 1").exit_code == 0
    assert names(Path("run/acts")) == {f"0000{number}.parquet" for number in range(4)}
    assert checksums(Path("run")) == whole


def test_what_is_finished_is_not_simulated_again(
    escalation: Escalation, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(f"{RUN} -o run --workers 1", KILLED_BETWEEN_FILES)
    seen = simulated(monkeypatch)
    assert escalation("resume run --workers 1").exit_code == 0
    assert seen == list(range(2 * SHARD, 56))


def test_a_run_that_was_interrupted_is_completed_in_its_place(
    escalation: Escalation, whole: dict[str, str]
) -> None:
    done = command(f"{RUN.removesuffix('-q')} -o run --workers 1", INTERRUPTED)
    assert done.returncode == 130
    assert done.stderr == "`escalation resume run` resumes it\n"
    assert "Interrupted: 48 of 56 replications finished." in done.stdout
    assert names(Path("run")) == {*COMPLETE, "progress"}
    assert escalation("resume run --workers 1").exit_code == 0
    assert names(Path()) == {"run"}
    assert names(Path("run")) == COMPLETE
    assert checksums(Path("run")) == whole
    assert json.loads(Path("run/manifest.json").read_text())["status"] == "complete"


@pytest.mark.parametrize("how", [KILLED_BETWEEN_FILES.replace("== 2", "== 4"), KILLED_WHILE_REPLACING])
def test_going_on_can_be_killed_and_gone_on_with(
    escalation: Escalation, whole: dict[str, str], how: str
) -> None:
    assert command(f"{RUN} -o run --workers 1", INTERRUPTED).returncode == 130
    killed("resume run --workers 1 --clock simpy", how)
    assert escalation("resume run --workers 1").exit_code == 0
    assert names(Path()) == {"run"}
    assert checksums(Path("run")) == whole


def test_the_messages_of_failed_replications_are_kept(escalation: Escalation) -> None:
    assert command(f"{RUN} -o whole --workers 1", FAILING).returncode == 3
    killed(f"{RUN} -o run --workers 1", FAILING + KILLED_BETWEEN_FILES)
    assert command("resume run --workers 1 --clock simpy", FAILING).returncode == 3
    assert checksums(Path("run")) == checksums(Path("whole"))
    manifest, other = (json.loads(Path(name, "manifest.json").read_text()) for name in ("run", "whole"))
    assert len(manifest["failures"]) == 19
    assert manifest["failures"] == other["failures"]


def test_a_run_with_a_precision_goes_on_to_where_it_would_have_stopped(escalation: Escalation) -> None:
    peaks = api.run("minimal", 96, seed=3, clock="simpy").columns(["tension.peak"])["tension.peak"]
    even = f"--outcome runaway --set outcomes.runaway={float(np.median(peaks))}"  # in half of futures
    words = f"run minimal -n 96 --seed 3 --clock simpy --precision 0.14 {even}"
    assert command(f"{words} -o whole --workers 1").returncode == 0
    stopped = json.loads(Path("whole/manifest.json").read_text())
    assert stopped["precision"]["stopped_by"] == "precision"
    assert 2 * SHARD < stopped["replications"]["finished"] < 96
    killed(f"{words} -o run --workers 1", KILLED_BETWEEN_FILES)
    assert escalation("resume run --workers 1").exit_code == 0
    assert checksums(Path("run")) == checksums(Path("whole"))
    assert json.loads(Path("run/manifest.json").read_text())["precision"] == stopped["precision"]


@pytest.fixture
def unfinished(tmp_path: Path) -> Iterator[Path]:
    killed(f"{RUN} -o run --workers 1", KILLED_BETWEEN_FILES)
    yield Path(".run.unfinished")
    assert Path(".run.unfinished").is_dir()


def refused(escalation: Escalation, words: str, said: str) -> None:
    done = escalation(words)
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert done.stdout == ""


def test_another_process_at_work_there_is_said_by_its_number(
    escalation: Escalation, unfinished: Path
) -> None:
    held = Lock(unfinished / "lock")
    refused(escalation, "resume run", f"another escalation (process {os.getpid()}) is at work there")
    refused(escalation, f"{RUN} -o run", f"another escalation (process {os.getpid()}) is at work there")
    held.release()
    refused(escalation, f"{RUN} -o run", "`escalation resume run` resumes it")


def test_a_run_of_other_code_is_not_gone_on_with(escalation: Escalation, unfinished: Path) -> None:
    journal = unfinished / "progress" / "run.json"
    document = json.loads(journal.read_text())
    journal.write_text(json.dumps({**document, "code": "escalation 0.0.1"}))
    refused(escalation, "resume run", "was begun by other code and cannot be resumed")


def test_a_run_whose_scenario_was_changed_is_not_gone_on_with(
    escalation: Escalation, unfinished: Path
) -> None:
    scenario = unfinished / "scenario.yaml"
    scenario.write_text(scenario.read_text().replace("end: 202", "end: 203"))
    refused(escalation, "resume run", "scenario.yaml: was changed since the run began")


def test_a_request_that_is_damaged_is_said_to_be_and_nothing_is_lost(
    escalation: Escalation, unfinished: Path
) -> None:
    file = unfinished / "progress" / "run.json"
    sound = file.read_bytes()
    file.write_bytes(sound[: len(sound) // 2])
    refused(escalation, "resume run", "run.json: damaged")
    file.write_bytes(sound)
    shutil.copytree(unfinished, "copy/.run.unfinished")
    assert escalation("resume copy/run --workers 1 -q").exit_code == 0


def halved(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def flipped(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 255
    file.write_bytes(content)


@pytest.mark.parametrize("damage", [halved, flipped, Path.unlink])
@pytest.mark.parametrize(
    "file",
    ["outcomes/00000.parquet", "acts/00000.parquet", "causes/00000.parquet", "progress/00000.json",
     "progress/00000.npz"],
)  # fmt: skip
def test_a_damaged_piece_is_simulated_again_and_no_other(
    escalation: Escalation, whole: dict[str, str], file: str, damage: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    killed(f"{RUN} -o run --workers 1", KILLED_BETWEEN_FILES)
    damage(Path(".run.unfinished") / file)
    seen = simulated(monkeypatch)
    done = escalation("resume run --workers 1")
    assert done.exit_code == 0, done.output
    assert seen == [*range(SHARD), *range(2 * SHARD, 56)]
    assert checksums(Path("run")) == whole


def simulated(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the list to which the number of every replication is added that is simulated from now on."""
    seen: list[int] = []

    def noted(world: World, seed: int, replication: int) -> Replication:
        seen.append(replication)
        return clocks.REAL(world, seed, replication)

    monkeypatch.setattr(simpy_clock, "simulate", noted)
    return seen


@pytest.mark.parametrize("shard", [4096, 32])
def test_an_interrupted_run_is_resumed_from_its_last_chunk(
    escalation: Escalation, shard: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(result, "SHARD", shard)
    assert escalation(f"{RUN} -o whole --workers 1").exit_code == 0
    done = command(f"{RUN} -o run --workers 1", f"result.SHARD = {shard}" + INTERRUPTED)
    assert "48 of 56 replications finished" in done.stdout
    seen = simulated(monkeypatch)
    assert escalation("resume run --workers 1").exit_code == 0
    assert seen == list(range(48, 56))
    assert checksums(Path("run")) == checksums(Path("whole"))
    assert names(Path("run")) == COMPLETE


def test_chunks_out_of_order_and_failures_are_resumed_too(escalation: Escalation) -> None:
    backwards = FAILING + (
        "from escalation.study import run\n"
        "from tests.ensemble.conftest import Backwards\n"
        "run.processes = lambda workers: Backwards()\n"
    )
    words, big = f"{RUN} --workers 1 -o", "result.SHARD = 4096\n"
    assert command(f"{words} whole", big + FAILING).returncode == 3
    assert command(f"{words} run", big + backwards + INTERRUPTED).returncode == 130
    assert command("resume run --workers 1 --clock simpy", big + FAILING).returncode == 3
    assert checksums(Path("run")) == checksums(Path("whole"))
    failures = [json.loads(Path(name, "manifest.json").read_text())["failures"] for name in ("run", "whole")]
    assert failures[0] == failures[1]
    assert len(failures[0]) == 19


def test_a_complete_run_is_shown_as_it_is(escalation: Escalation) -> None:
    assert escalation("run minimal -n 8 --workers 1 -o run").exit_code == 0
    done = escalation("resume run")
    assert done.exit_code == 0
    assert done.stderr == "run: is complete; there is nothing to resume\n"
    assert done.stdout.startswith("A small flywheel")


def test_no_run_is_told_from_none_interrupted(escalation: Escalation) -> None:
    refused(escalation, "resume nowhere", "nowhere: no such folder")
    Path("empty").mkdir()
    refused(escalation, "resume empty", "empty: is not the folder of a run")


def test_two_runs_into_one_folder_at_once_leave_the_first_alone(escalation: Escalation) -> None:
    waiting = (
        "from escalation.ensemble import run\n"
        "add = run.Assembly.add\n"
        "def told(assembly, chunk):\n"
        "    add(assembly, chunk)\n"
        "    if chunk.first == 0:\n"
        "        print('at work', flush=True)\n"
        "        sys.stdin.readline()\n"
        "run.Assembly.add = told\n"
    )
    code = (
        "import sys\n"
        "from escalation.ensemble import result\n"
        f"result.SHARD = {SHARD}\n"
        f"{waiting}"
        "from escalation.cli import main\n"
        "sys.argv[1:] = 'run minimal -n 24 --workers 1 --clock simpy -o run -q'.split()\n"
        "main()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(),
    ) as first:  # fmt: skip
        assert first.stdout is not None
        assert first.stdout.readline() == "at work\n"
        refused(escalation, f"{RUN} -o run", f"another escalation (process {first.pid}) is at work there")
        refused(escalation, "resume run", "(process")
        first.communicate("go on\n", timeout=120)
    assert first.returncode == 0
    assert names(Path()) == {"run"}
