"""Standard output on any console, in a pipe that closes, on a full device, and closed."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Escalation, environment

CONSOLES = ("ascii", "cp1251", "cp1252", "cp866", "cp932")
NAMES = {"eu": "Größe, „Łuk“", "us": "Ελλάδα 中国", "belarus": "Беларусь"}


@pytest.fixture
def run(escalation: Escalation) -> str:
    """A run whose actors have names in many alphabets."""
    actors = "".join(f"  {name}: {{name: '{label}'}}\n" for name, label in NAMES.items())
    Path("names.yaml").write_text(f"schema_version: 1\nextends: minimal\nactors:\n{actors}", encoding="utf-8")
    assert escalation("run names.yaml -n 12 --workers 1 --clock simpy -q -o run").exit_code == 0
    return "run"


def printed(words: str, console: str) -> bytes:
    """Return what a command writes on standard output where the console has another alphabet."""
    done = subprocess.run(
        [sys.executable, "-m", "escalation", *words.split()],
        capture_output=True, env=environment(PYTHONIOENCODING=console), timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("console", CONSOLES)
def test_machine_formats_are_utf_8_and_tables_are_approximated(run: str, console: str) -> None:
    document = json.loads(printed(f"summary {run} --format json", console).decode())
    assert all(label in json.dumps(document, ensure_ascii=False) for label in NAMES.values())
    acts = printed(f"export {run} --what acts", console).decode()
    assert {row["actor_label"] for row in csv.DictReader(io.StringIO(acts))} >= {NAMES["eu"], NAMES["us"]}
    table = printed(f"summary {run}", console).decode(console)
    assert ("±" in table) == (console in ("cp1251", "cp1252", "cp932"))
    assert ("+-" in table) == (console not in ("cp1251", "cp1252", "cp932"))
    assert "\\u" not in table


@pytest.mark.parametrize(
    "words", ["list --format json", "policies --format json", "runs --format json", "schema"]
)
def test_every_list_as_json_is_utf_8(run: str, words: str) -> None:
    json.loads(printed(words, "cp932").decode())


@pytest.mark.parametrize("words", ["list", "schema", "summary run", "summary run --format csv", "export run"])
def test_a_pipe_that_closes_early_is_no_mistake(run: str, words: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "escalation", *words.split()],
            stdout=closed, stderr=subprocess.PIPE, env=environment(), timeout=120, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("words", ["list", "schema", "summary run --format json", "export run", "--help"])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_device_is_said_to_be(run: str, words: str) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "escalation", *words.split()],
            stdout=full, stderr=subprocess.PIPE, text=True, env=environment(), timeout=120, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert "no space left on" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(os.name != "posix", reason="a shell closes it")
@pytest.mark.parametrize("words", ["list", "schema", "summary run --format json", "export run", "--version"])
def test_a_closed_standard_output_is_no_bug(run: str, words: str) -> None:
    command = f'"{sys.executable}" -m escalation {words} >&-'
    done = subprocess.run(
        ["sh", "-c", command], stderr=subprocess.PIPE, env=environment(), timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
