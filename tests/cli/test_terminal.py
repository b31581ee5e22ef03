"""What a person at a terminal sees; a pseudo-terminal stands for the screen."""

from __future__ import annotations

import os
import re
import sys

import pytest

from tests.cli.conftest import Escalation, environment

pty = pytest.importorskip("pty")
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def at_a_terminal(words: str, columns: int = 80, **changes: str) -> str:
    """Return what so many columns of terminal show, escape codes included."""
    child, screen = pty.fork()
    if child == 0:
        os.execve(
            sys.executable,
            [sys.executable, "-m", "escalation", *words.split()],
            environment(TERM="xterm-256color", COLUMNS=str(columns), **changes),
        )
    seen = b""
    while True:
        try:
            part = os.read(screen, 65536)
        except OSError:
            break
        if not part:
            break
        seen += part
    os.waitpid(child, 0)
    os.close(screen)
    return seen.decode().replace("\r\n", "\n")


def test_no_line_is_wider_than_the_terminal(escalation: Escalation) -> None:
    escalation("run belarus_2020 -n 8 --workers 1 --until 2020-12-01 -o first")
    shown = ESCAPE.sub("", at_a_terminal("summary first --full"))
    assert "First use" in shown
    assert [line for line in shown.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("columns", [40, 60])
def test_a_narrow_terminal_shows_fewer_columns_and_never_a_letter_a_line(
    escalation: Escalation, columns: int
) -> None:
    escalation("run belarus_2020 -n 40 --workers 1 --until 2020-12-01 -o first")
    lines = ESCAPE.sub("", at_a_terminal("summary first --full", columns)).splitlines()
    assert [line for line in lines if len(line) > columns] == []
    assert [line for line in lines if len(line.strip()) == 1] == []
    heading = next(line for line in lines if line.startswith("Acts and package days"))
    assert ("days" in heading.split()[4:]) == (columns == 60)
    assert heading.count("50%") == (2 if columns == 60 else 1)
    assert "95%" not in heading
    assert [line for line in lines if line.startswith("European Union ")]
    assert "Too narrow here for the columns:" in " ".join(line.strip() for line in lines)


def test_eighty_columns_leave_nothing_out(escalation: Escalation) -> None:
    escalation("run minimal -n 8 --workers 1 -o first")
    assert "Too narrow" not in at_a_terminal("summary first --full")


def test_the_summary_of_many_actors_is_one_screen(escalation: Escalation) -> None:
    escalation("run belarus_2020 -n 40 --workers 1 --until 2021-04-01 -o first")
    lines = ESCAPE.sub("", at_a_terminal("summary first")).splitlines()
    assert [line for line in lines if len(line) > 80] == []
    assert lines[-1] == "All of it: escalation summary first --full"
    assert len(lines) < 55


def test_no_color_takes_all_escape_codes_from_the_result(escalation: Escalation) -> None:
    escalation("run minimal -n 8 --workers 1 -o first")
    assert "\x1b" in at_a_terminal("summary first")
    assert "\x1b" not in at_a_terminal("summary first", NO_COLOR="1")


def test_progress_is_shown_unless_quiet() -> None:
    assert "200/200" in at_a_terminal("run minimal -n 200 --workers 1 -o one")
    assert "/200" not in at_a_terminal("run minimal -n 200 --workers 1 -o two --quiet")


def test_an_error_is_not_wrapped() -> None:
    shown = at_a_terminal(f"run {'very_' * 30}long_name.yaml")
    assert len(shown.splitlines()[0]) > 150
