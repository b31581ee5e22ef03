"""Every command and every block of the README does what the README says."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from docs.write import rewritten

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.S)
COMMANDS = [
    line.split("#")[0].strip().removeprefix(".venv/bin/")
    for kind, text in BLOCKS
    if kind == "sh"
    for line in text.splitlines()
    if line.startswith(".venv/bin/escalation")
]


FEW = {
    "run": ["--replications", "4"],
    "compare": ["--replications", "20"],
    "whatif": ["--replications", "20"],
    "sweep": ["--replications", "10"],
    "tune": ["--replications", "20", "--trials", "4"],
}
"""What makes a command quick without changing what it does; the last of two options counts."""


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    words = shlex.split(command)
    assert words[0] == "escalation"
    few = FEW.get(words[1], [])
    return subprocess.run(
        [sys.executable, "-m", *words, *few],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )


def test_the_commands_of_the_readme_work_one_after_another(tmp_path):
    assert len(COMMANDS) > 5
    for command in COMMANDS:
        done = run(command, tmp_path)
        assert done.returncode == 0, f"{command}: {done.stderr}"
        assert done.stdout or (command.endswith("-o acts.csv") and (tmp_path / "acts.csv").stat().st_size), (
            command
        )


@pytest.mark.parametrize("code", [text for kind, text in BLOCKS if kind == "python"])
def test_the_python_of_the_readme_works(code, capsys):
    exec(compile(code, "README.md", "exec"), {})
    assert float(capsys.readouterr().out) > 0


def test_the_summary_in_the_readme_is_what_the_command_prints(tmp_path):
    assert rewritten("README.md", tmp_path, ["summary"]) == README, "python docs/write.py README.md writes it"


def test_ci_runs_the_readmes_own_test_command():
    script = (ROOT / ".ci" / "run").read_text()
    assert "<!-- tests -->" in script
    tests = re.search(r"<!-- tests -->\n```sh\n(.*?)\n```", README, re.S)
    assert tests is not None
    assert tests[1].endswith(".venv/bin/pytest")
