from __future__ import annotations

import csv
import io
import json
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from escalation import api
from escalation.ensemble.folder import Lock
from escalation.scenario.load import load
from escalation.study.tune.tuner import Tuner
from tests.cli.conftest import Escalation, environment

TUNE = (
    "tune minimal --actor eu --vary policy.reciprocity=0.1:1.5 --vary policy.gradualism=0:2"
    " --minimize mean(package_days.belarus) --trials 8 -n 20 --held-out 30"
    " --workers 1 --clock simpy --until 2020-12-15"
)
FILES = {"manifest.json", "scenario.yaml", "tune.json", "chosen.yaml"}

KILLED = """
from escalation.study.journal import Journal
append = Journal.append
def killed(journal, name, piece):
    append(journal, name, piece)
    if piece["number"] == 4:
        os.kill(os.getpid(), signal.SIGKILL)
Journal.append = killed
"""
KILLED_AT_THE_END = """
from escalation.study.tune import study
def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)
study.play_final = killed
"""
INTERRUPTED = """
from escalation.study.tune.tuner import Tuner
real = Tuner._try
def pressed(tuner, number, point):
    if number == 5:
        signal.raise_signal(signal.SIGINT)
    return real(tuner, number, point)
Tuner._try = pressed
"""


def command(words: str, what_happens: str = "") -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, to which something happens."""
    code = (
        f"import os, signal, sys\n{what_happens}\nfrom escalation.cli import main\n"
        f"sys.argv[1:] = {words.split()!r}\nmain()\n"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, env=environment(), timeout=120, check=False,
    )  # fmt: skip


def finding(folder: str) -> dict[str, object]:
    return dict(json.loads(Path(folder, "tune.json").read_text()))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tuning that nothing happened to."""
    folder = tmp_path_factory.mktemp("whole") / "t"
    done = command(f"{TUNE} -o {folder}")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return folder


def test_a_tuning_leaves_a_folder_with_a_policy_that_runs_at_once(
    escalation: Escalation, whole: Path
) -> None:
    assert {path.name for path in whole.iterdir()} >= FILES
    document = json.loads((whole / "tune.json").read_text())
    assert document["schema_version"] == 2
    done = escalation(f"run {whole}/chosen.yaml -n 30 --seed {document['held_out_seed']} -q")
    assert done.exit_code == 0, done.output
    run = api.run(whole / "chosen.yaml", 30, document["held_out_seed"])
    assert run.summary.figures["package_days.belarus"].mean.value == pytest.approx(
        document["chosen"]["goals"][0]["value"], abs=1e-12
    )


def test_the_chosen_file_says_the_levers_and_where_they_come_from(whole: Path) -> None:
    chosen = json.loads((whole / "tune.json").read_text())["chosen"]
    policy = load(whole / "chosen.yaml").actors["eu"].policy
    reciprocity = policy.reciprocity  # type: ignore[union-attr]
    assert reciprocity.value == chosen["point"]["actors.eu.policy.reciprocity"]
    assert reciprocity.source == f"escalation tune, trial {chosen['trial']}"
    assert load(whole / "chosen.yaml").title == "A small flywheel, tuned"


def test_every_finalist_is_a_scenario(escalation: Escalation, whole: Path) -> None:
    files = sorted(str(path) for path in whole.glob("policy-*.yaml"))
    assert len(files) == len(json.loads((whole / "tune.json").read_text())["finalists"])
    assert escalation("validate", *files).exit_code == 0


@pytest.mark.parametrize("how", [KILLED, KILLED_AT_THE_END])
def test_a_tuning_that_was_killed_ends_as_if_it_had_not_been(
    escalation: Escalation, whole: Path, how: str
) -> None:
    assert command(f"{TUNE} -o t", how).returncode == -signal.SIGKILL
    assert {path.name for path in Path().iterdir()} == {".t.unfinished"}
    done = escalation("resume t --workers 1 --clock simpy")
    assert done.exit_code == 0, done.output
    assert finding("t") == finding(str(whole))
    assert {path.name for path in Path().iterdir()} == {"t"}


@pytest.mark.parametrize("cut", [1, 40])
def test_a_torn_last_line_is_done_again(escalation: Escalation, whole: Path, cut: int) -> None:
    command(f"{TUNE} -o t", KILLED)
    file = Path(".t.unfinished/progress/trials.jsonl")
    file.write_bytes(file.read_bytes()[:-cut])
    assert escalation("resume t --workers 1 --clock simpy").exit_code == 0
    assert finding("t") == finding(str(whole))


def test_ctrl_c_keeps_the_trials(escalation: Escalation, whole: Path) -> None:
    done = command(f"{TUNE} -o t", INTERRUPTED)
    assert done.returncode == 130
    assert done.stdout == ""
    assert re.fullmatch(r"interrupted at \d+%; `escalation resume t` resumes it\n", done.stderr)
    assert escalation("resume t --workers 1 --clock simpy").exit_code == 0
    assert finding("t") == finding(str(whole))


def test_what_is_finished_is_not_played_again(
    escalation: Escalation, monkeypatch: pytest.MonkeyPatch
) -> None:
    command(f"{TUNE} -o t", KILLED)
    played: list[int] = []
    real = Tuner._try
    monkeypatch.setattr(
        Tuner, "_try", lambda tuner, number, point: played.append(number) or real(tuner, number, point)
    )
    assert escalation("resume t --workers 1 --clock simpy").exit_code == 0
    assert played == [5, 6, 7]


def test_a_complete_tuning_is_shown_as_it_is(escalation: Escalation, whole: Path) -> None:
    done = escalation(f"resume {whole}")
    assert done.exit_code == 0
    assert "is complete; there is nothing to resume" in done.stderr
    assert "Best found: reciprocity" in done.stdout


def refused(escalation: Escalation, words: str, said: str, *more: str) -> None:
    done = escalation(words, *more)
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert done.stdout == ""


def test_a_tuning_at_work_or_of_another_model_is_not_gone_on_with(escalation: Escalation) -> None:
    command(f"{TUNE} -o t", KILLED)
    held = Lock(Path(".t.unfinished/lock"))
    refused(escalation, "resume t", "is at work there")
    held.release()
    asked = Path(".t.unfinished/asked.json")
    sound = asked.read_text()
    asked.write_text(sound.replace("optuna ", "optuna 0."))
    refused(escalation, "resume t", "was begun by other code and cannot be resumed")
    asked.write_text(sound[:300])
    refused(escalation, "resume t", "asked.json: damaged")
    asked.write_text(sound)
    lines = Path(".t.unfinished/progress/trials.jsonl")
    lines.write_text(
        lines.read_text().replace('"actors.eu.policy.gradualism": 1.2', '"actors.eu.policy.gradualism": 1.3')
    )
    refused(escalation, "resume t", "was of another point than this version asks for")


def test_what_is_found_stands_in_every_format(escalation: Escalation, whole: Path) -> None:
    table = escalation(f"resume {whole} -q").stdout
    for words in ("Tuned: reciprocity, gradualism of eu, to minimise mean(package_days.belarus).",
                  "on 30 held-out replications.", "Untuned it is", "optimism", "To deviate", "Finalists",
                  "Compared with the untuned policy", "chosen.yaml --seed"):  # fmt: skip
        assert words in table
    document = json.loads(escalation(f"resume {whole} -q --format json").stdout)
    assert document["run"]["folder"] == str(whole)
    rows = list(csv.DictReader(io.StringIO(escalation(f"resume {whole} -q --format csv").stdout)))
    assert rows[0]["policy"] == "untuned"
    assert [row["chosen"] for row in rows].count("yes") == 1
    assert float(rows[1]["mean(package_days.belarus) low"]) < float(
        rows[1]["mean(package_days.belarus) high"]
    )
    assert escalation(f"resume {whole} -q --format md").stdout.startswith("# A small flywheel\n")


def test_the_picture_is_drawn_where_it_can_be(whole: Path) -> None:
    pytest.importorskip("vl_convert")
    assert (whole / "tune.svg").read_text().startswith("<svg")


def test_the_example_of_the_help_works(escalation: Escalation) -> None:
    done = escalation(
        "tune minimal --actor eu --vary policy.reciprocity=0.1:1.5 --vary policy.gradualism=0:2"
        " --trials 4 -n 20 --workers 1 --until 2020-12-15 --minimize", "mean(package_days.belarus)"
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "Saved in results/minimal-tune/" in done.stdout
    assert '--minimize "mean(package_days.belarus)"' in escalation("tune --help").stdout


def test_limits_and_opponents_are_reported(escalation: Escalation) -> None:
    done = escalation(
        "tune minimal --vary actors.eu.policy=restrained|hardline --maximize prob(concession.belarus)"
        " --minimize mean(cost.eu) --against belarus=own,hardline --robust worst -n 30 --workers 1"
        " --clock simpy --until 2020-12-15 -o t --subject-to",
        "prob(runaway) <= 0.5",
    )
    assert done.exit_code == 0, done.output
    assert "In 2 cases (worst): belarus own; belarus hardline." in done.stdout
    assert "It does worst with belarus" in done.stdout
    assert "prob(runaway) <= 0.5 (worst of 2 cases): " in done.stdout
    assert load("t/chosen.yaml").actors["eu"].policy.preset in ("restrained", "hardline")  # type: ignore[union-attr]


def test_where_no_policy_keeps_the_limits_that_is_said_first(escalation: Escalation) -> None:
    done = escalation(f"{TUNE} -o t --subject-to", "mean(package_days.belarus) <= 0.01")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[1] == "No policy of the 8 trials keeps mean(package_days.belarus) <= 0.01."
    assert "← is nearest.yaml, chosen on other replications than these" in done.stdout
    assert lines[-1].startswith("The nearest policy: escalation run t/nearest.yaml --seed")
    assert Path("t/nearest.yaml").is_file()
    assert not Path("t/chosen.yaml").exists()
    assert "No policy that was tried keeps the limits" in Path("t/nearest.yaml").read_text()


def test_average_days_are_dates_as_compare_has_them(
    escalation: Escalation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("escalation.clocks.choice.pays", lambda world, replications: replications > 1)
    words = "tune belarus_2020 --actor eu --vary policy.reciprocity=0.2|1.4 --minimize mean(cost.eu) -n 50"
    done = escalation(f"{words} -o t -q")
    assert done.exit_code == 0, done.output
    row = next(line for line in done.stdout.splitlines() if "head of state listed, average day" in line)
    assert len(re.findall(r"\d+ [A-Z][a-z]{2} 202[01]", row)) == 2
    assert re.search(r"[+−]\d+ days \[", row)
    document = json.loads(Path("t/tune.json").read_text())
    kept = escalation(
        f"compare t/scenario.yaml t/chosen.yaml --seed {document['held_out_seed']} -n 100 --all"
    )
    other = next(line for line in kept.stdout.splitlines() if "head of state listed, average day" in line)
    assert re.findall(r"\d+ [A-Z][a-z]{2} \d{4}", other) == re.findall(r"\d+ [A-Z][a-z]{2} \d{4}", row)


def test_a_newcomers_mistakes_are_answered(escalation: Escalation) -> None:
    refused(escalation, "tune minimal", "nothing to vary")
    refused(escalation, "tune minimal --vary policy.reciprocity=0:1 --minimize runaway", "policy")
    refused(escalation, TUNE.replace("reciprocity=0.1:1.5", "reciprocty=0:1"), "did you mean reciprocity")
    refused(escalation, TUNE.replace("--actor eu", "--actor ue"), "no actor 'ue'")
    refused(escalation, TUNE.replace("mean(package", "mean(pakage"), "did you mean package_days.belarus")
    refused(escalation, f"{TUNE} --robust best", "--robust")
    refused(escalation, f"{TUNE} --robust worst", "--against or --uncertain")
    Path("full").mkdir()
    Path("full/file").touch()
    refused(escalation, f"{TUNE} -o full", "is not empty")


def test_an_unfinished_tuning_is_listed(escalation: Escalation) -> None:
    command(f"{TUNE} -o results/t", KILLED)
    listed = escalation("runs").stdout
    assert "results/t" in listed
    assert "tune, unfinished" in listed


PAGE = Path(__file__).resolve().parents[2] / "docs" / "tuning.md"
COMMANDS = re.findall(r"```sh\n(escalation tune .*?)\n```", PAGE.read_text(encoding="utf-8"), re.S)


@pytest.mark.parametrize("text", COMMANDS)
def test_every_command_of_the_page_asks_for_something_that_there_is(
    escalation: Escalation, text: str
) -> None:
    """All but the number of replications is right, and that is looked at last."""
    words = shlex.split(text.replace("\\\n", " "))[1:]
    refused(escalation, "tune", "--replications: found 3", *words[1:], "--replications", "3")
