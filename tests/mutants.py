"""Mutants of the rules: small random changes of `model/` and `clocks/` that some test must notice.

    python -m tests.mutants --count 100 --seed 1

Each mutant is one change in a copy of the package: the edge of a comparison, a sign, a constant, an operator.
The tests that should notice run on it, the quickest first, until one fails. Survivors are printed with file,
line and change: each is either equivalent (nobody can tell) or wants a test.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
ROOMS = ("model", "clocks")
NOTICING = (
    "tests/golden",
    "tests/model",
    "tests/clocks/test_equality.py",
    "tests/clocks/test_extremes.py",
    "tests/study/test_story.py",
    "tests/clocks/test_memory.py",
    "tests/clocks/test_compiling.py",
)
COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
}  # fmt: skip
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
}  # fmt: skip
NAMED = {"min": "max", "max": "min"}


class Mutant(NamedTuple):
    """One change: the file, the line, what stood there and what stands there now, and the file's new text."""

    path: Path
    line: int
    before: str
    after: str
    text: str


def replacements(node: ast.expr) -> Iterator[ast.expr]:
    """Yield what an expression can be changed to."""
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            if type(operator) in COMPARED:
                ops = [*node.ops[:place], COMPARED[type(operator)](), *node.ops[place + 1 :]]
                yield ast.Compare(node.left, ops, node.comparators)
    elif isinstance(node, ast.BinOp) and type(node.op) in COMPUTED:
        yield ast.BinOp(node.left, COMPUTED[type(node.op)](), node.right)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.And() if isinstance(node.op, ast.Or) else ast.Or(), node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        yield node.operand
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield ast.Constant(node.value + 1)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMED:
        yield ast.Call(ast.Name(NAMED[node.func.id]), node.args, node.keywords)


def expressions(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield the expressions inside functions, without annotations, defaults and decorators."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for statement in function.body:
                yield from (node for node in ast.walk(statement) if isinstance(node, ast.expr))


def mutants(path: Path) -> Iterator[Mutant]:
    """Yield every mutant of a file."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines(keepends=True)
    for node in expressions(ast.parse(source)):
        if node.end_lineno != node.lineno:
            continue
        line = lines[node.lineno - 1].encode()
        before = line[node.col_offset : node.end_col_offset].decode()
        for changed in replacements(node):
            after = f"({ast.unparse(changed)})"
            mutated = line[: node.col_offset] + after.encode() + line[node.end_col_offset :]
            text = "".join([*lines[: node.lineno - 1], mutated.decode(), *lines[node.lineno :]])
            yield Mutant(path, node.lineno, before, after, text)


def notices(mutant: Mutant, tests: tuple[str, ...], seconds: float) -> str | None:
    """Return the first of `tests` that fails on a mutant, None where all pass."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in ("escalation", "tests", "scenarios", "docs"):
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        (copy / mutant.path.relative_to(ROOT)).write_text(mutant.text, encoding="utf-8")
        places = os.pathsep.join([folder, *(place for place in sys.path if place != str(ROOT))])
        known = os.environ | {"PYTHONPATH": places, "ESCALATION_CACHE": str(copy / "cache")}
        for test in tests:
            command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", test]
            try:
                done = subprocess.run(
                    command, cwd=copy, env=known, capture_output=True, timeout=seconds, check=False
                )
            except subprocess.TimeoutExpired:
                return f"{test} (no end)"
            if done.returncode:
                return test
    return None


def main() -> None:
    options = argparse.ArgumentParser(description="Change the rules at random and run what should notice.")
    options.add_argument("--count", type=int, default=100)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--seconds", type=float, default=300.0, help="for one file of tests")
    options.add_argument("--only", default="", help="part of a file's name")
    chosen = options.parse_args()
    files = [path for room in ROOMS for path in sorted((ROOT / "escalation" / room).glob("*.py"))]
    every = [mutant for path in files if chosen.only in path.name for mutant in mutants(path)]
    drawn = random.Random(chosen.seed).sample(every, min(chosen.count, len(every)))
    survivors = 0
    for mutant in drawn:
        noticed = notices(mutant, NOTICING, chosen.seconds)
        survivors += noticed is None
        where = f"{mutant.path.relative_to(ROOT)}:{mutant.line}"
        print(f"{noticed or 'SURVIVES'}: {where}: {mutant.before} -> {mutant.after}", flush=True)
    print(f"{len(drawn) - survivors} of {len(drawn)} noticed, out of {len(every)} possible")


if __name__ == "__main__":
    main()
