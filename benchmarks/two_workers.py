"""Two workers against one, relative to what the machine gives two processes that have nothing in common.

A busy or shared machine rarely gives two processes twice the work of one. So three things are measured in
turn: how much faster two threads of one process are than one; the same for two bare processes that each play
half the replications, started before the clock runs and never exchanging anything; and the quotient.

    python benchmarks/two_workers.py --scenario belarus_2020
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from common import options, ratio, spread, world_of

from escalation.clocks import compiled_clock
from escalation.model.world import World


def played(world: World, first: int, count: int) -> None:
    for number in range(first, first + count):
        compiled_clock.play(world, 1, number)


def serve(name: str, pipe: Any) -> None:
    """Play what is asked for until nothing more is."""
    world = world_of(name)
    compiled_clock.play(world, 1, 0)
    pipe.send("ready")
    while (asked := pipe.recv()) is not None:
        played(world, *asked)
        pipe.send("done")


@contextmanager
def bare_processes(name: str, count: int) -> Iterator[list[Any]]:
    """Start processes that wait for work; yield a pipe to each."""
    context = multiprocessing.get_context("spawn")
    pairs = [context.Pipe() for _ in range(count)]
    workers = [context.Process(target=serve, args=(name, theirs)) for _, theirs in pairs]
    for worker in workers:
        worker.start()
    pipes = [ours for ours, _ in pairs]
    for pipe in pipes:
        pipe.recv()
    yield pipes
    for pipe, worker in zip(pipes, workers, strict=True):
        pipe.send(None)
        worker.join()


def seconds_of_processes(pipes: list[Any], replications: int) -> float:
    began, share = time.perf_counter(), replications // len(pipes)
    for n, pipe in enumerate(pipes):
        pipe.send((n * share, share))
    for pipe in pipes:
        pipe.recv()
    return time.perf_counter() - began


def seconds_of_threads(pool: ThreadPoolExecutor, world: World, replications: int, chunk: int) -> float:
    began = time.perf_counter()
    list(pool.map(lambda first: played(world, first, chunk), range(0, replications, chunk)))
    return time.perf_counter() - began


def main() -> None:
    chosen = options(__doc__, scenario="belarus_2020", replications=960, chunk=16, rounds=41)
    world = world_of(chosen.scenario)
    compiled_clock.prepare(lambda: print("compiling once ..."))
    seconds: dict[str, list[float]] = {"1 thread": [], "2 threads": [], "1 process": [], "2 processes": []}
    with (
        ThreadPoolExecutor(1) as one,
        ThreadPoolExecutor(2) as two,
        bare_processes(chosen.scenario, 2) as pipes,
    ):
        for _ in range(chosen.rounds):
            for name, pool in (("1 thread", one), ("2 threads", two)):
                seconds[name].append(seconds_of_threads(pool, world, chosen.replications, chosen.chunk))
            seconds["1 process"].append(seconds_of_processes(pipes[:1], chosen.replications))
            seconds["2 processes"].append(seconds_of_processes(pipes, chosen.replications))
    for name, taken in seconds.items():
        print(f"{name:12} {spread(taken)} s for {chosen.replications:,} replications")
    threads = ratio(seconds["1 thread"], seconds["2 threads"])
    processes = ratio(seconds["1 process"], seconds["2 processes"])
    print(f"two threads ÷ one: {spread(threads)}; two bare processes ÷ one: {spread(processes)}")
    print(f"the first relative to the second: {spread(ratio(threads, processes))}")
    least = {name: min(taken) for name, taken in seconds.items()}
    best = least["1 thread"] / least["2 threads"], least["1 process"] / least["2 processes"]
    print(f"the same of each one's best round: {best[0]:.3g}, {best[1]:.3g}, {best[0] / best[1]:.3g}")


if __name__ == "__main__":
    main()
