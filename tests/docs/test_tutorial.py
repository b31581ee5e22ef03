"""The tutorial's commands work one after another, and begin with what the page shows below them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from escalation.cli.app import app
from tests.docs.pages import blocks, page

PAGE = page("tutorial.md")
FEW = {"run": "4", "compare": "4", "whatif": "4"}
"""Replications that make a command quick; what is compared with a stored run has as many as that."""


def test_the_commands_work_one_after_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (text,) = blocks(PAGE, "yaml")
    Path("at_once.yaml").write_text(text, encoding="utf-8")
    steps = re.findall(r"```sh\n(.*?)\n```\n(?:```text\n(.*?)\n```)?", PAGE, re.S)
    assert len(steps) == 6
    for commands, shown in steps:
        said = []
        for command in commands.splitlines():
            words = shlex.split(command)[1:]
            few = ["--replications", FEW[words[0]]] if words[0] in FEW else []
            done = CliRunner().invoke(app, [*words, *few], prog_name="escalation")
            assert done.exit_code == 0, f"{command}: {done.output}"
            said += done.stdout.splitlines()
        assert not shown or shown.splitlines()[0] == said[0]


def test_the_tutorial_is_short() -> None:
    assert len(PAGE.splitlines()) <= 150
