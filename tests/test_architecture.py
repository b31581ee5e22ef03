"""The house: rooms import to the left only, files and functions are short, one name stands for one thing."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "escalation"
ROOMS = ("scenario", "model", "clocks", "ensemble", "study", "present", "api", "web", "cli")
FILES = sorted(PACKAGE.rglob("*.py"))
LONGEST_FUNCTION, LONGEST_FILE, SMALL_FILE = 60, 400, 100
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", [path for path in FILES if room(path) in ROOMS], ids=name)
def test_a_room_imports_only_from_those_to_its_left(path: Path) -> None:
    right = {f"escalation.{one}" for one in ROOMS[ROOMS.index(room(path)) + 1 :]}
    wrong = {found for found in imports(path) for one in right if f"{found}.".startswith(f"{one}.")}
    assert not wrong


def test_the_model_knows_no_files_and_no_clock() -> None:
    for path in (PACKAGE / "model").rglob("*.py"):
        assert not imports(path) & {"simpy", "pathlib", "yaml", "rich", "typer", "json"}, path.name


def test_a_class_name_occurs_once() -> None:
    where = defaultdict(list)
    for path in FILES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                where[node.name].append(name(path))
    repeated = {one: files for one, files in where.items() if len(files) > 1}
    assert not repeated, repeated


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, Function))


def code_lines(node: Function) -> int:
    """Return the lines of a function from its name to its end, its docstring left out."""
    text = node.body[0]
    is_text = isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
    return (node.end_lineno or 0) - node.lineno + 1 - ((text.end_lineno or 0) - text.lineno + 1) * is_text


def test_no_function_is_longer_than_a_screen() -> None:
    long = {f"{name(path)}: {one.name}" for path in FILES for one in functions(path)
            if code_lines(one) > LONGEST_FUNCTION}  # fmt: skip
    assert long == set()


def test_no_file_holds_two_ideas() -> None:
    sizes = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {path: lines for path, lines in sizes.items() if lines > LONGEST_FILE} == {}


def test_a_small_file_that_only_one_other_imports_stands_in_that_other() -> None:
    users = defaultdict(set)
    for path in FILES:
        for imported in imports(path):
            users[imported].add(path)
    small = [path for path in FILES if 1 < len(path.read_text(encoding="utf-8").splitlines()) < SMALL_FILE]
    modules = {
        ".".join(("escalation", *path.relative_to(PACKAGE).with_suffix("").parts)): path for path in small
    }
    assert [module for module in modules if len(users[module]) == 1] == []


def test_imports_stand_at_the_top_but_for_those_of_commands_and_those_that_say_why() -> None:
    unmarked = []
    for path in FILES:
        if name(path).startswith("cli/"):
            continue  # what computes is imported where it is called: docs/architecture.md
        lines = path.read_text(encoding="utf-8").splitlines()
        inside = (node for function in functions(path) for node in ast.walk(function))
        found = {node.lineno for node in inside if isinstance(node, ast.Import | ast.ImportFrom)}
        unmarked += [f"{name(path)}:{n}" for n in sorted(found) if "PLC0415" not in lines[n - 1]]
    assert unmarked == []


@pytest.mark.parametrize(
    ("code", "heavy"),
    [
        ("import escalation", {"numpy", "simpy", "pydantic", "duckdb", "typer"}),
        (
            "from typer.testing import CliRunner; from escalation.cli.app import app;"
            " assert CliRunner().invoke(app, ['run', '--help']).exit_code == 0",
            {"numpy", "scipy", "numba", "duckdb", "simpy", "altair", "optuna", "distributed"},
        ),
        (
            "from typer.testing import CliRunner; from escalation.cli.app import app;"
            " assert CliRunner().invoke(app, ['validate', 'minimal']).exit_code == 0",
            {"scipy", "numba", "duckdb", "altair", "optuna", "distributed"},
        ),
        ("from escalation import api", {"altair", "optuna", "distributed", "vl_convert", "jinja2"}),
    ],
    ids=["the package", "--help", "validate", "the Python face"],
)
def test_what_is_not_used_is_not_loaded(code: str, heavy: set[str]) -> None:
    script = f"import sys\n{code}\nprint(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
