"""The whole command: `escalation run scenarios/belarus_2020.yaml -n 1000`, and where its time goes.

The command is started as a user starts it, a few times, with whatever was compiled before still on disk; what
remains of its time after Python's own start is then taken apart in this process: imports, reading the
scenario, loading the compiled clock, simulating, summing up, storing. Every part is the first of its kind in
a process of its own, as in the command.

    python benchmarks/command.py --replications 1000
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import options, spread

ROOT = Path(__file__).resolve().parents[1]

PARTS = """
import json, sys, time
marks = [("start of Python", time.perf_counter())]
def mark(name):
    marks.append((name, time.perf_counter()))
source, replications, folder, workers = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
import escalation.cli.app
mark("importing the command line")
from escalation import api
mark("importing the functions")
scenario = api.load(source)
mark("reading the scenario")
from escalation.model.compile import compile_scenario
from escalation.clocks import compiled_clock
compiled_clock.prepare(lambda: None)
mark("loading the compiled clock")
finished = api.run(scenario, replications, 1, workers=workers)
mark("simulating and summing up")
finished = api.run(scenario, replications, 1, workers=workers, out=folder)
mark("the same and storing")
api.summarise(api.open_run(folder))
mark("of it, summing up from the files")
print(json.dumps([(name, after - before) for (_, before), (name, after) in zip(marks, marks[1:])]))
"""


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT)}


def seconds_of(*command: str) -> float:
    began = time.perf_counter()
    done = subprocess.run(command, check=False, cwd=ROOT, env=environment(), capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return time.perf_counter() - began


def parts(scenario: str, replications: int, folder: Path, workers: int) -> list[tuple[str, float]]:
    command = [sys.executable, "-c", PARTS, scenario, str(replications), str(folder), str(workers)]
    done = subprocess.run(command, check=True, cwd=ROOT, env=environment(), capture_output=True, text=True)
    found: list[tuple[str, float]] = json.loads(done.stdout)
    return found


def main() -> None:
    chosen = options(__doc__, scenario="scenarios/belarus_2020.yaml", replications=1000, workers=2, rounds=7)
    count = str(chosen.replications)
    run = [sys.executable, "-m", "escalation", "run", chosen.scenario, "-n", count, "--quiet"]
    seconds: dict[str, list[float]] = {"the command": [], "Python's own start": []}
    taken: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as place:
        seconds_of(*run, "--out", f"{place}/first")
        for n in range(chosen.rounds):
            seconds["the command"].append(seconds_of(*run, "--out", f"{place}/command-{n}"))
            seconds["Python's own start"].append(seconds_of(sys.executable, "-c", "pass"))
            folder = Path(place) / f"parts-{n}"
            for name, part in parts(chosen.scenario, chosen.replications, folder, chosen.workers):
                taken.setdefault(name, []).append(part)
    for name, whole in seconds.items():
        print(f"{name:32} {spread(whole)} s")
    show(taken)


def show(taken: dict[str, list[float]]) -> None:
    """Print the parts; storing is what a run with a folder takes beyond one without."""
    both, alone = taken.pop("the same and storing"), taken["simulating and summing up"]
    taken["storing"] = [max(0.0, b - a) for b, a in zip(both, alone, strict=True)]
    for name, part in taken.items():
        print(f"  {name:30} {spread(part)} s")


if __name__ == "__main__":
    main()
