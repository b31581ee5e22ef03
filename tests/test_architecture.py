"""The rooms of the package, and what each may import."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "escalation"
ROOMS = ("scenario", "model", "clocks", "ensemble", "study", "present", "cli")


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            found.add(node.module or "")
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_from_those_before_it(room):
    later = {f"escalation.{name}" for name in ROOMS[ROOMS.index(room) + 1 :]}
    for path in (PACKAGE / room).rglob("*.py"):
        wrong = {name for name in imports(path) for one in later if f"{name}.".startswith(f"{one}.")}
        assert not wrong, f"{path.name} imports {wrong}"


def test_the_model_knows_no_files_and_no_clock():
    for path in (PACKAGE / "model").rglob("*.py"):
        assert not imports(path) & {"simpy", "pathlib", "yaml", "rich", "typer", "json"}, path.name


def test_importing_the_package_loads_nothing_heavy():
    code = (
        "import sys, escalation; print(sorted({'numpy', 'simpy', 'pydantic', 'duckdb'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
