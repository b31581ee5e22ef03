"""A real Dask scheduler and its workers on loopback, as subprocesses that are gone when the test is."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from distributed import Client

from tests.ensemble.conftest import until

ROOT = Path(__file__).resolve().parents[2]
LOOPBACK = ["--host", "127.0.0.1", "--no-dashboard", "--dashboard-address", "127.0.0.1:0"]


class Farm:
    """A scheduler on a free port; its workers are added by the tests, one thread each."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        place = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", *LOOPBACK, "--port", "0", "--scheduler-file", str(place))
        self.address = until(lambda: self._address(place))

    def another_scheduler(self) -> None:
        """Kill the scheduler, and start one at the same address that knows nothing of it."""
        self.scheduler.kill()
        self.scheduler.wait()
        self.scheduler = self._start("scheduler", *LOOPBACK, "--port", self.address.rpartition(":")[2])

    @property
    def engine(self) -> str:
        return f"dask://{self.address}"

    def worker(self, *options: str, code: Path = ROOT) -> subprocess.Popen[bytes]:
        """Start a worker, which imports the package from `code`, and return once the scheduler has it."""
        before = len(self.workers())
        words = ["--nthreads", "1", "--local-directory", str(self.folder), *(options or ["--no-nanny"])]
        started = self._start("worker", self.address, *LOOPBACK, *words, code=code)
        until(lambda: len(self.workers()) > before)
        return started

    def workers(self) -> dict[str, Any]:
        """Return which tasks each worker has, by its address."""
        with Client(self.address, set_as_default=False) as client:
            return dict(client.processing())

    def close(self) -> None:
        for process in reversed(self.processes):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _start(self, *words: str, code: Path = ROOT) -> subprocess.Popen[bytes]:
        surroundings = {
            **os.environ, "PYTHONPATH": str(code), "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"
        }  # fmt: skip
        with (self.folder / f"{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *words], cwd=self.folder, env=surroundings, stdout=log,
                stderr=log, start_new_session=True,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def _address(self, place: Path) -> str:
        try:
            return str(json.loads(place.read_text())["address"]).removeprefix("tcp://")
        except (OSError, ValueError):
            return ""
