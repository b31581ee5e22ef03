"""Seconds and peak memory of the whole command as the ensemble grows, all outcomes kept.

Every size is a process of its own, whose peak memory the system reports when it ends. The slope is the
exponent of the time beyond that of the smallest run between two sizes: 1 is linear.

    python benchmarks/million.py --largest 1000000
"""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from common import options

ROOT = Path(__file__).resolve().parents[1]
KIBIBYTE = 1024 if sys.platform == "linux" else 1


class Measured(NamedTuple):
    """Seconds by the clock on the wall and of processor time, peak memory and size on disk (MiB)."""

    wall: float
    processor: float
    memory: float
    disk: float


def measured(scenario: str, replications: int, folder: Path, workers: int) -> Measured:
    """Run the command in a process of its own; the folder is gone afterwards."""
    command = [sys.executable, "-m", "escalation", "run", scenario, "-n", str(replications), "--quiet"]
    command += ["--acts", "none", "--workers", str(workers), "--out", str(folder)]
    environment, began = os.environ | {"PYTHONPATH": str(ROOT)}, time.perf_counter()
    child = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    if child.returncode not in (0, 3):
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    shutil.rmtree(folder)
    return Measured(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * KIBIBYTE / 2**20, size / 2**20)


def main() -> None:
    chosen = options(
        __doc__, scenario="scenarios/belarus_2020.yaml", smallest=1000, largest=100_000, workers=2
    )
    sizes = [chosen.smallest]
    while sizes[-1] * 10 <= chosen.largest:
        sizes.append(sizes[-1] * 10)
    found: dict[int, Measured] = {}
    with tempfile.TemporaryDirectory() as place:
        measured(chosen.scenario, chosen.smallest, Path(place) / "warm", chosen.workers)
        for size in sizes:
            one = found[size] = measured(chosen.scenario, size, Path(place) / f"{size}", chosen.workers)
            print(
                f"{size:9,} replications: {one.wall:7.1f} s ({one.processor:.1f} s of processor time), "
                f"peak memory {one.memory:.0f} MiB, {one.disk:.0f} MiB on disk",
                flush=True,
            )
    base = found[sizes[0]]
    for low, high in pairwise(sizes[1:]):
        slope = math.log10((found[high].processor - base.processor) / (found[low].processor - base.processor))
        slope /= math.log10(high / low)
        print(
            f"{low:,} to {high:,}: the processor time beyond the smallest run grows with exponent {slope:.2f}"
        )


if __name__ == "__main__":
    main()
