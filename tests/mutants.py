"""Mutants of the rules: small random changes of `model/` and `clocks/` that some test must notice.

    python -m tests.mutants --count 100 --seed 1 --out mutants.tsv

Each mutant is one change: the edge of a comparison, a sign, a constant, an operator. The tests that should
notice it run in a fork of this process, one mutant at a time, until one fails: first golden traces and small
worlds, the quickest first, for which nothing is compiled; then what plays many replications. A mutant that
takes too much time of the processor is noticed too. Results are appended to a file as they come; what stands
there is not run again. Each survivor either is equivalent, and then stands in `mutants.md` with the reason,
or wants a test.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import hypothesis  # noqa: F401
import pytest
import simpy  # noqa: F401

import escalation.scenario.load  # noqa: F401

ROOT = Path(__file__).parent.parent
VERDICTS = Path(__file__).parent / "mutants.md"
INTERPRETED = ("tests/golden", "tests/model", "--ignore=tests/model/test_richardson.py")
NOTICING = {
    "model": (INTERPRETED, ("tests/model", "tests/clocks/test_extremes.py", "tests/study/test_story.py")),
    "clocks": (("tests/golden", "tests/model/test_policies.py", "tests/clocks"), ("tests/model",)),
}
"""What should notice a mutant of a room, in two rounds: the second is for those that survive the first."""
IGNORED = "-Wignore::pytest.PytestAssertRewriteWarning"  # what a fork need not import again
FEW = 10
MEMORY = 6 * 2**30
COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
}  # fmt: skip
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
}  # fmt: skip
NAMED = {"min": "max", "max": "min"}


class Mutant(NamedTuple):
    """One change of a file: its function, its line, what becomes what, and the new text."""

    path: Path
    function: str
    line: int
    change: str
    place: int
    text: str

    @property
    def name(self) -> str:
        """What stays the same when lines move: file, function, change, and which of several such changes."""
        which = f" ({self.place})" if self.place > 1 else ""
        return f"{self.path.name}:{self.function}: {self.change}{which}"


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


def expressions(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield the expressions inside functions, without annotations, defaults and decorators."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for statement in function.body:
                yield from (
                    (function.name, node) for node in ast.walk(statement) if isinstance(node, ast.expr)
                )


def mutants(path: Path) -> Iterator[Mutant]:
    """Yield every mutant of a file."""
    source = path.read_text(encoding="utf-8")
    lines, places = source.splitlines(keepends=True), Counter[tuple[str, str]]()
    for function, node in expressions(ast.parse(source)):
        if node.end_lineno != node.lineno:
            continue
        line = lines[node.lineno - 1].encode()
        before = line[node.col_offset : node.end_col_offset].decode()
        for changed in replacements(node):
            after = ast.unparse(changed)
            mutated = line[: node.col_offset] + f"({after})".encode() + line[node.end_col_offset :]
            text = "".join([*lines[: node.lineno - 1], mutated.decode(), *lines[node.lineno :]])
            change = f"{before} -> {after}"
            places[function, change] += 1
            yield Mutant(path, function, node.lineno, change, places[function, change], text)


class Changed(MetaPathFinder, SourceFileLoader):
    """Imports one module from a mutant's text instead of its file."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        names = mutant.path.relative_to(ROOT).with_suffix("").parts
        super().__init__(".".join(names), str(mutant.path))

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        return spec_from_file_location(fullname, self.path, loader=self) if fullname == self.name else None

    def get_code(self, fullname: str) -> Any:
        return compile(self.mutant.text, self.path, "exec")


class Watch:
    """Runs the quickest tests first, and writes down which one fails and how long each takes."""

    def __init__(self, file: int, seconds: dict[str, float]) -> None:
        self.file, self.seconds, self.since = file, seconds, time.process_time()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(
            key=lambda one: (not one.nodeid.startswith("tests/golden"), self.seconds.get(one.nodeid, 1.0))
        )

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed or report.when == "call":
            now = time.process_time()
            os.write(self.file, f"{report.outcome}\t{now - self.since}\t{report.nodeid}\n".encode())
            self.since = now


def stand_in() -> ModuleType:
    """Return a compiled clock that plays the first replications of a world as the reference clock does."""
    from escalation.clocks import simpy_clock  # noqa: PLC0415 - the mutant is imported in the fork only

    def simulate(world: Any, seed: int, replication: int) -> Any:
        if replication >= FEW:
            pytest.skip("only the compiled clock plays so many")
        return simpy_clock.simulate(world, seed, replication)

    clock = ModuleType("compiled_clock")
    clock.simulate = simulate
    return clock


def run_tests(mutant: Mutant | None, tests: tuple[str, ...], watch: Watch, seconds: int, folder: str) -> None:
    """Run tests on a mutant in this process, which is a fork, and end it."""
    status = 1
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        os.environ |= {"ESCALATION_CACHE": folder, "HYPOTHESIS_STORAGE_DIRECTORY": folder}
        if mutant:
            sys.meta_path.insert(0, Changed(mutant))
        if tests == INTERPRETED:
            sys.modules["escalation.clocks.compiled_clock"] = stand_in()
        options = ["-x", "-q", "-n", "0", "-p", "no:cacheprovider", "--hypothesis-seed=0", IGNORED]
        status = int(pytest.main([*options, *tests], plugins=[watch]))
    except Exception:  # noqa: BLE001 - this process ends here
        traceback.print_exc()
    os._exit(status)


def reports(
    mutant: Mutant | None, tests: tuple[str, ...], known: dict[str, float], seconds: int
) -> tuple[int, list[list[str]]]:
    """Return how tests ended on a mutant, 0 where all passed, and what each of them reported."""
    reading, writing = os.pipe()
    with tempfile.TemporaryDirectory() as folder:
        process = os.fork()
        if process == 0:
            run_tests(mutant, tests, Watch(writing, known), seconds, folder)
        os.close(writing)
        with os.fdopen(reading) as report:
            lines = [line.rstrip("\n").split("\t") for line in report]
        return os.waitpid(process, 0)[1], lines


def notices(mutant: Mutant, known: dict[str, float], seconds: int) -> str | None:
    """Return the first test that fails on a mutant, None where all pass."""
    for tests in NOTICING[mutant.path.parent.name]:
        status, lines = reports(mutant, tests, known, seconds)
        if os.WIFSIGNALED(status):
            return "no end"
        if status:
            return next((test for outcome, _, test in lines if outcome == "failed"), "import")
    return None


def baseline(seconds: int) -> dict[str, float]:
    """Return how many seconds each test takes on the rules as they are, where all of them must pass."""
    status, lines = reports(None, INTERPRETED, {}, 10 * seconds)
    if status:
        sys.exit(f"without any mutant: {lines[-1:]}")
    return {test: float(duration) for _, duration, test in lines}


def main() -> None:
    """Draw mutants, run what should notice each, and say how many do."""
    options = argparse.ArgumentParser(description="Change the rules at random and run what should notice.")
    options.add_argument("--count", type=int, default=100)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--seconds", type=int, default=120, help="of the processor, for one round of tests")
    options.add_argument("--only", default="", help="part of a mutant's name, such as `wake.py:lag`")
    options.add_argument("--out", type=Path, default=Path("mutants.tsv"), help="results, appended to")
    chosen = options.parse_args()
    files = [path for room in NOTICING for path in sorted((ROOT / "escalation" / room).glob("*.py"))]
    every = [one for path in files for one in mutants(path) if chosen.only in one.name]
    sample = random.Random(chosen.seed).sample(every, min(chosen.count, len(every)))
    known = baseline(chosen.seconds)
    before = chosen.out.read_text(encoding="utf-8").splitlines() if chosen.out.exists() else []
    results = dict(line.split("\t") for line in before)
    with chosen.out.open("a", encoding="utf-8") as out:
        for mutant in sample:
            if mutant.name not in results:
                results[mutant.name] = notices(mutant, known, chosen.seconds) or "SURVIVES"
                print(f"{mutant.name}\t{results[mutant.name]}", file=out, flush=True)
    survivors = [one for one in sample if results[one.name] == "SURVIVES"]
    verdicts = VERDICTS.read_text(encoding="utf-8") if VERDICTS.exists() else ""
    equivalent = [one for one in survivors if f"| `{one.name}` | equivalent" in verdicts]
    for one in survivors:
        print(f"{'equivalent' if one in equivalent else 'SURVIVES'}: {one.path.name}:{one.line} {one.name}")
    noticed, able = len(sample) - len(survivors), len(sample) - len(equivalent)
    print(f"{noticed} of {able} noticed, {len(equivalent)} equivalent, out of {len(every)} possible")


if __name__ == "__main__":
    main()
