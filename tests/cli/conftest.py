from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from escalation.cli.app import app
from escalation.study.story.model import Story
from escalation.study.story.replay import explain

Escalation = Callable[..., Result]
Process = Callable[..., "subprocess.CompletedProcess[str]"]


@cache
def lively(number: int = 0) -> Story:
    """Return a story of the small flywheel in which much happens, from replication `number` on."""
    story = explain("minimal", number)
    by_us = any(act.counted and act.actor == "us" for act in story.simulated)
    return story if by_us and len(story.simulated) > 8 else lively(number + 1)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test runs in an empty folder, with one worker unless it says more."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    monkeypatch.delenv("NO_COLOR", raising=False)


def invoke(words: str, *more: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(app, [*words.split(), *more], prog_name="escalation")


@pytest.fixture
def escalation() -> Escalation:
    """The command, run in this process: `escalation("run minimal", "--set", "…")`."""
    return invoke


def environment(**changes: str) -> dict[str, str]:
    source = str(Path(__file__).resolve().parents[2])
    return os.environ | {"PYTHONPATH": source, "PYTHONWARNINGS": "error"} | changes


@pytest.fixture
def process() -> Process:
    """The command, run in a process of its own, as from a shell with its output in pipes."""

    def invoke(words: str, **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "escalation", *words.split()],
            capture_output=True, encoding="utf-8", env=environment(**changes), timeout=120, check=False,
        )  # fmt: skip

    return invoke


def as_if_by_another_version(run: Path) -> None:
    """Change the scenario of a stored run unnoticed, so that it comes out differently now."""
    file = run / "scenario.yaml"
    before = file.stat()
    file.write_text(re.sub(r"magnitude: 5\b", "magnitude: 9", file.read_text()))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
