from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from pkgutil import resolve_name

import pytest

import escalation as package
from escalation.cli.app import COMMANDS as TABLE
from escalation.clocks import simpy_clock
from escalation.ensemble.folder import Lock
from escalation.scenario.policy import KINDS, PARAMETERS, PRESETS
from tests.cli.conftest import Escalation, Process, environment
from tests.ensemble import clocks

COMMANDS = {name: function for name, at in TABLE.items()
            if callable(function := resolve_name(f"escalation.cli.{at}")) and name != "record"}  # fmt: skip
ENDLESS = {"serve"}
"""Commands that end with Ctrl-C alone; their example is played elsewhere (tests/web)."""
HEAVY = ("numpy", "simpy", "pydantic", "duckdb", "yaml", "rich", "numba")
FAST = "--replications 8 --workers 1"


@pytest.mark.parametrize(
    ("words", "heavy"),
    [
        ("--help", HEAVY),
        ("--version", HEAVY),
        ("run --help", tuple(name for name in HEAVY if name != "pydantic")),  # Typer's own import
    ],
)
def test_help_loads_nothing_heavy(words: str, heavy: tuple[str, ...]) -> None:
    code = (
        f"import sys\nsys.argv[1:] = {words.split()!r}\nfrom escalation.cli import main\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code\n"
        f"print('LOADED', [name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True
    )
    assert done.stdout.splitlines()[-1] == "LOADED []"


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = f"import sys, escalation; print([name for name in {(*HEAVY, 'typer')} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True
    )
    assert done.stdout == "[]\n"


def examples() -> list[tuple[str, str]]:
    """Every command of the examples in the help, continued lines joined, as they build on each other."""
    found = []
    for name, command in COMMANDS.items():
        text = (command.__doc__ or "").split("Example:")[1].split("\b")[0]
        lines = text.replace("\\\n", " ").splitlines()
        found += [(name, line.strip()) for line in lines if line.strip()]
    return found


def test_every_command_has_an_example_and_each_works_as_printed(
    escalation: Escalation, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("here").mkdir()  # an example looks at what is stored in the folder above
    monkeypatch.chdir("here")
    monkeypatch.setattr("escalation.clocks.choice.pays", lambda world, replications: replications > 1)
    lines = examples()
    assert {command for command, line in lines if line.startswith(f"escalation {command}")} == set(COMMANDS)
    Path("events.tsv").touch()
    for _, line in lines:
        words, _, file = line.partition(" > ")
        program, *rest = shlex.split(words)
        assert program == "escalation"
        if rest[0] not in ENDLESS:
            done = escalation("", *rest)
            assert done.exit_code == 0, (line, done.stderr)
            if file:
                Path(file).write_text(done.stdout)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_the_example(escalation: Escalation, command: str) -> None:
    done = escalation(f"{command} --help")
    assert done.exit_code == 0
    assert f"escalation {command}" in done.stdout.split("Example:")[1]


def test_the_version_is_the_one_of_the_project(escalation: Escalation) -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert escalation("--version").stdout == f"escalation {project['version']}\n"
    assert package.__version__ == project["version"]


def test_a_command_that_does_not_exist_gives_status_2(escalation: Escalation) -> None:
    assert escalation("rnu minimal").exit_code == 2


def test_a_summary_shows_what_the_run_showed(escalation: Escalation) -> None:
    shown = escalation(f"run minimal {FAST} -o first")
    assert escalation("summary first").stdout == shown.stdout
    for form in ("json", "csv", "md"):
        assert escalation(f"summary first --format {form}").exit_code == 0


def test_a_summary_of_no_run_gives_status_2_and_the_nearest(escalation: Escalation) -> None:
    done = escalation("summary nowhere")
    assert done.exit_code == 2
    assert done.stderr.startswith("nowhere: no such folder")
    escalation(f"run minimal {FAST} -o results/mine")
    assert "did you mean results/mine?" in escalation("summary result/mine").stderr


@pytest.mark.parametrize("name", ["minimal", "shipped:minimal"])
def test_a_summary_of_a_scenario_says_how_to_run_it_or_which_runs_it_has(
    escalation: Escalation, name: str
) -> None:
    done = escalation(f"summary {name}")
    assert done.exit_code == 2
    assert done.stderr == f"{name}: is a scenario, not a run; `escalation run {name}` makes one\n"
    for number in range(4):
        escalation(f"run minimal {FAST} -o results/minimal/{number}")
    said = "its runs: results/minimal/3, results/minimal/2, results/minimal/1 and 1 more\n"
    assert escalation(f"summary {name}").stderr == f"{name}: is a scenario, not a run; {said}"


def test_what_else_is_no_run_is_said_with_the_way_to_one(escalation: Escalation) -> None:
    escalation("new mine")
    escalation(f"run mine.yaml {FAST} -o results/mine/a")
    Path("results/mine/.b.unfinished").mkdir()
    for place, said in {
        "mine.yaml": "mine.yaml: is a scenario, not a run; its runs: results/mine/a",
        "results/mine": "results/mine: is not the folder of a run: it has no manifest.json; "
        "runs in it: results/mine/a",
        "results/mine/a/summary.json": "results/mine/a/summary.json: is a file; a run is a folder, "
        "here results/mine/a",
        "results/mine/b": "results/mine/b: is not finished; `escalation resume results/mine/b` resumes it",
    }.items():
        done = escalation(f"summary {place}")
        assert (done.exit_code, done.stderr) == (2, said + "\n")


def test_runs_lists_what_is_stored_and_what_is_damaged(escalation: Escalation) -> None:
    assert "no runs below results" in escalation("runs").stderr
    escalation(f"run minimal {FAST} --seed 9 -o results/minimal/a")
    escalation(f"run minimal {FAST} -o results/minimal/b")
    Path("results/minimal/b/manifest.json").write_text("{")
    rows = json.loads(escalation("runs --format json").stdout)
    by_folder = {row["run"]: row for row in rows}
    good = by_folder["results/minimal/a"]
    assert (good["scenario"], good["n"], good["seed"], good["status"]) == ("minimal", 8, 9, "complete")
    assert by_folder["results/minimal/b"]["status"] == "damaged"


def test_runs_lists_what_was_cut_short_and_how_to_go_on_with_it(
    escalation: Escalation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as changed:
        changed.setattr(simpy_clock, "simulate", clocks.interrupted_at_twenty)
        escalation("run minimal -n 30 --workers 1 --seed 4 -o results/cut")
    done = escalation("runs")
    assert re.search(r"^results/cut +interrupted +16 +4 +\S+ \S+ +minimal", done.stdout, re.MULTILINE)
    assert "What is not finished is resumed by `escalation resume results/cut`" in done.stdout
    assert escalation("resume results/cut --workers 1").exit_code == 0
    assert "resume" not in escalation("runs").stdout


def test_runs_lists_what_was_killed_and_what_is_under_way(escalation: Escalation) -> None:
    code = (
        "import os\nfrom escalation.ensemble import result\n"
        "from escalation.ensemble.journal import RunJournal\n"
        "result.SHARD = 16\ncommit = RunJournal.commit\n"
        "def killed(journal, *more):\n    commit(journal, *more)\n    os._exit(9)\n"
        "RunJournal.commit = killed\nimport escalation\n"
        "escalation.run('minimal', replications=40, seed=3, sets=['title=T'], out='results/dead')\n"
    )
    killed = subprocess.run([sys.executable, "-c", code], env=environment(), check=False)
    assert killed.returncode == 9
    (row,) = json.loads(escalation("runs --format json").stdout)
    assert (row["run"], row["scenario"], row["seed"]) == ("results/dead", "minimal", 3)
    assert (row["status"], row["with"]) == ("unfinished", "title=T")
    assert "`escalation resume results/dead`" in escalation("runs").stdout
    lock = Lock(Path("results/.dead.unfinished/lock"))
    done = escalation("runs")
    assert "under way" in done.stdout
    assert "resume" not in done.stdout
    lock.release()
    Path("results/.dead.unfinished/progress/run.json").write_text("{")
    assert "unfinished, nothing kept" in escalation("runs").stdout


def test_runs_lists_work_of_another_version_by_its_kind(escalation: Escalation) -> None:
    kind = "forecast"
    about = {"kind": kind, "scenario": {"name": "minimal", "title": "T"}, "started": "2026-01-01", "seed": 7}
    Path("results/done").mkdir(parents=True)
    Path("results/done/manifest.json").write_text(json.dumps(about | {"status": "complete"}))
    Path("results/.cut.unfinished").mkdir()
    Path("results/.cut.unfinished/asked.json").write_text(json.dumps(about))
    rows = {row["run"]: row for row in json.loads(escalation("runs --format json").stdout)}
    assert (rows["results/done"]["status"], rows["results/done"]["n"]) == (f"{kind}, complete", None)
    assert (rows["results/cut"]["status"], rows["results/cut"]["seed"]) == (f"{kind}, unfinished", 7)
    assert "`escalation resume results/cut`" in escalation("runs").stdout
    refused = escalation("summary results/done")
    said = f"results/done: is a {kind}, not a run; `escalation summary results/done` shows it\n"
    assert (refused.exit_code, refused.stderr) == (2, said)


def test_list_shows_every_shipped_scenario_with_its_question_and_answer(escalation: Escalation) -> None:
    done = escalation("list")
    assert re.search(r"^minimal$", done.stdout, re.MULTILINE)
    listed = json.loads(escalation("list --format json").stdout)
    assert {"belarus_2020", "minimal"} <= {entry["name"] for entry in listed}
    assert all(entry["question"] in done.stdout and entry["answer"] in done.stdout for entry in listed)
    assert "Forecasts against its record" in next(
        one["record"] for one in listed if one["name"] == "iran_2018"
    )
    assert "### minimal" in escalation("list --format md").stdout


def test_validate_passes_what_is_right_and_shows_every_mistake(escalation: Escalation) -> None:
    escalation("new wrong")
    text = Path("wrong.yaml").read_text()
    Path("wrong.yaml").write_text(text + "\nquestoin: nothing\nstrat: 2020-01-01\n")
    done = escalation("validate minimal wrong.yaml")
    assert done.exit_code == 2
    assert done.stdout == "ok minimal: A small flywheel\n"
    assert len([line for line in done.stderr.splitlines() if line.startswith("wrong.yaml:")]) == 2
    assert escalation("validate minimal").exit_code == 0


def test_validate_in_json_has_one_entry_per_file_with_places(escalation: Escalation) -> None:
    escalation("new wrong")
    text = Path("wrong.yaml").read_text()
    Path("wrong.yaml").write_text(text + "\nquestoin: nothing\n")
    done = escalation("validate minimal wrong.yaml missing.yaml --format json")
    assert done.exit_code == 2
    good, wrong, missing = json.loads(done.stdout)
    (said,) = good.pop("remarks")
    assert said["path"] == "instruments.trade_ban"
    assert good == {"source": "minimal", "ok": True, "title": "A small flywheel", "problems": []}
    (problem,) = wrong["problems"]
    assert (problem["path"], problem["nearest"], problem["column"]) == ("questoin", "question", 1)
    assert not missing["ok"]
    assert done.stderr == ""


def test_new_writes_a_scenario_that_runs_and_never_overwrites(escalation: Escalation) -> None:
    assert escalation("new my_case", "--title", "My case").exit_code == 0
    text = Path("my_case.yaml").read_text()
    assert escalation("validate my_case.yaml").stdout == "ok my_case.yaml: My case\n"
    again = escalation("new my_case")
    assert again.exit_code == 2
    assert "exists already" in again.stderr
    assert Path("my_case.yaml").read_text() == text


def test_a_scenario_written_here_is_meant_without_its_ending_too(escalation: Escalation) -> None:
    escalation("new my_case")
    assert escalation("run my_case -n 4 --workers 1 -o results/a").exit_code == 0
    assert json.loads(escalation("runs --format json").stdout)[0]["scenario"] == "my_case"
    assert escalation("explain my_case").exit_code == 0
    assert "my_cas: no such file" in escalation("run my_cas").stderr


@pytest.mark.parametrize("name", ["../up", "/etc/x", "a b", ".hidden", "a/b"])
def test_new_writes_in_the_current_folder_only(escalation: Escalation, name: str) -> None:
    done = escalation("new", name)
    assert done.exit_code == 2
    assert list(Path().iterdir()) == []


def test_the_schema_is_one_json_document(process: Process) -> None:
    schema = json.loads(process("schema").stdout)
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert "actors" in schema["properties"]


def test_policies_lists_every_preset_with_its_source(escalation: Escalation) -> None:
    done = escalation("policies")
    for name, preset in PRESETS.items():
        assert name in done.stdout
        assert preset.meaning in done.stdout
        assert preset.citation in done.stdout


@pytest.mark.parametrize("name", [*PRESETS, *KINDS])
def test_every_policy_and_every_kind_can_be_looked_up(escalation: Escalation, name: str) -> None:
    assert re.search(rf"^{name} ", escalation("policies").stdout, re.MULTILINE)
    done = escalation(f"policies {name}")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(f"{name}: ")


def test_a_policy_shows_every_parameter_with_value_range_and_meaning(escalation: Escalation) -> None:
    shown = json.loads(escalation("policies graduated --format json").stdout)
    rows = {row["parameter"]: row for row in shown["parameters"]}
    assert set(rows) == {*PARAMETERS, "last_resort"}
    assert rows["gradualism"]["value"] == "1"
    assert rows["more"]["range"] == "0 to 1"
    assert all(row["meaning"] for row in rows.values())
    assert "gradualism" in escalation("policies graduated").stdout


def test_a_policy_that_does_not_exist_gives_status_2_and_the_nearest(escalation: Escalation) -> None:
    done = escalation("policies gradual")
    assert done.exit_code == 2
    assert "did you mean graduated?" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        "run {}", "run minimal -n 2 -o {}", "summary {}", "runs --under {}", "resume {}", "explain {}",
        "whatif {}", "compare {} minimal", "validate {}", "export {}", "plot {}", "report {}",
        "report minimal -o {}.html", "new {}",
    ],
)  # fmt: skip
@pytest.mark.parametrize("length", [300, 10_000])
def test_a_name_that_no_file_can_have_is_a_mistake_of_the_input(
    escalation: Escalation, words: str, length: int
) -> None:
    done = escalation(words.format("x" * length))
    assert done.exit_code == 2, done.output
    assert "This is a bug" not in done.stderr


def a_shard_missing(run: Path, _: Path) -> None:
    next((run / "outcomes").iterdir()).unlink()


def a_foreign_shard(run: Path, other: Path) -> None:
    shard = next((run / "outcomes").iterdir())
    shard.write_bytes((other / "outcomes" / shard.name).read_bytes())


def a_foreign_summary(run: Path, other: Path) -> None:
    (run / "summary.json").write_bytes((other / "summary.json").read_bytes())


@pytest.mark.parametrize("fault", [a_shard_missing, a_foreign_shard, a_foreign_summary])
def test_runs_says_damaged_of_what_is_not_as_it_was_stored(
    escalation: Escalation, fault: Callable[[Path, Path], None]
) -> None:
    for seed in (1, 2):
        made = escalation(f"run minimal -n 4 --seed {seed} --workers 1 --clock simpy -q -o results/{seed}")
        assert made.exit_code == 0, made.output
    fault(Path("results/1"), Path("results/2"))
    listed = {row["run"]: row["status"] for row in json.loads(escalation("runs --format json").stdout)}
    assert listed == {"results/1": "damaged", "results/2": "complete"}
    refused = escalation("summary results/1")
    assert refused.exit_code == 2, refused.output
    assert "results/1/" in refused.stderr


HOMELESS = """
import os, pwd
def nobody(uid):
    raise KeyError(uid)
pwd.getpwuid = nobody
for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "ESCALATION_CACHE", "NUMBA_CACHE_DIR"):
    os.environ.pop(name, None)
from pathlib import Path
try:
    Path.home()
except RuntimeError:
    pass
else:
    raise AssertionError("there is a home directory")
from escalation.cli import main
main()
"""


def test_runs_made_elsewhere_are_listed_six_folders_deep(
    escalation: Escalation,
) -> None:
    assert escalation("run minimal -n 2 --workers 1 -q -o far/off/first").exit_code == 0
    (listed,) = json.loads(escalation("runs --under far --format json").stdout)
    assert (listed["run"], listed["status"], listed["n"]) == ("far/off/first", "complete", 2)
    Path("far/off/round").symlink_to(Path.cwd() / "far", target_is_directory=True)
    Path("far/off/gone").symlink_to("nowhere")
    assert json.loads(escalation("runs --under far --format json").stdout) == [listed]
    for depth, expected in ((6, 1), (7, 0)):
        below = Path("deep", *"abcdefg"[: depth - 1])
        below.mkdir(parents=True)
        Path("far/off/first").rename(below / "first")
        assert len(json.loads(escalation("runs --under deep --format json").stdout)) == expected
        (below / "first").rename("far/off/first")
    done = escalation("runs --under nowhere")
    assert (done.exit_code, done.stderr) == (2, "--under nowhere: there is no such folder\n")


def test_a_user_without_a_home_directory_runs_and_reads(escalation: Escalation) -> None:
    pytest.importorskip("pwd")
    for words in ("run minimal -n 4 --workers 1 -q -o first", "summary first", "plot first -o first.svg"):
        done = subprocess.run(
            [sys.executable, "-c", HOMELESS, *words.split()],
            capture_output=True, text=True, env=environment(), timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
    assert escalation("runs --under .").stdout.splitlines()[1].startswith("first")
