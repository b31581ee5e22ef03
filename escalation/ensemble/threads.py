"""Several threads of this process: for a clock that lets go of the interpreter's lock while it runs."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice

from escalation.ensemble.executors import AHEAD, Job, Task
from escalation.ensemble.result import Chunk


class Threads:
    """As many tasks at once as there are workers, in threads that share the compiled code."""

    def __init__(self, workers: int):
        self.workers = workers

    def run(self, job: Job, tasks: Iterable[Task]) -> Generator[Chunk, None, None]:
        """Yield the chunks as they are finished; on closing, tasks that have not begun are given up."""
        waiting = iter(tasks)
        under_way: set[Future[Chunk]] = set()
        with ThreadPoolExecutor(self.workers) as pool:
            try:
                while True:
                    for task in islice(waiting, self.workers * AHEAD - len(under_way)):
                        under_way.add(pool.submit(job.do, task))
                    if not under_way:
                        return
                    done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                    for future in done:
                        yield future.result()
            finally:
                pool.shutdown(cancel_futures=True)
