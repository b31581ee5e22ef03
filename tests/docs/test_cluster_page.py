"""The page on clusters: its commands work as printed, on another port."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from escalation import api
from tests.docs.pages import ROOT, blocks, page, section

PAGE = page("cluster.md")
MESSAGES = section(PAGE, "## What it says when it cannot")


def started(words: list[str], folder: Path) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__DASHBOARD__LINK": ""}
    return subprocess.Popen(
        [sys.executable, "-m", *words], cwd=folder, env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_the_commands_of_the_page_give_the_run_of_this_machine(tmp_path):
    pytest.importorskip("distributed", reason="needs the extra cluster")
    (commands,) = blocks(PAGE, "sh")
    quiet = {"dask": ["--no-dashboard", "--dashboard-address", "127.0.0.1:0"], "escalation": []}
    port = str(free_port())
    lines = [shlex.split(line.replace("8786", port)) for line in commands.splitlines()]
    processes = [started([*words, *quiet[words[0]]], tmp_path) for words in lines]
    run = processes.pop()
    try:
        printed, said = run.communicate(timeout=120)
        assert run.returncode == 0, said
    finally:
        for process in processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    api.run("minimal", 200, out=tmp_path / "here")
    for table in ("outcomes", "acts", "causes"):
        file = Path(table) / "00000.parquet"
        there = tmp_path / "results" / "on-a-cluster" / file
        assert there.read_bytes() == (tmp_path / "here" / file).read_bytes(), printed


@pytest.mark.parametrize(
    "message", [line.split("`")[1] for line in MESSAGES.splitlines() if line[:3] == "| `"]
)
def test_every_message_of_the_page_is_one_of_the_code(message):
    files = ("ensemble/cluster", "ensemble/engine", "errors")
    code = "".join((ROOT / "escalation" / f"{name}.py").read_text() for name in files)
    assert message in code
