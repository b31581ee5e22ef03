"""Threads over the compiled clock give what one process gives over the SimPy clock."""

from __future__ import annotations

import numpy as np
import pytest

from escalation.clocks import compiled_clock, simpy_clock
from escalation.ensemble.executors import InProcess, threads
from tests.ensemble.conftest import play


def columns(ensemble):
    outcomes = ensemble.columns([outcome.name for outcome in ensemble.header.outcomes])
    return {name: np.asarray(values).tobytes() for name, values in outcomes.items()}


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_any_number_of_threads_gives_the_bytes_of_the_simpy_clock(workers, minimal):
    reference = play(minimal, 7, 90, acts="all", simulate=simpy_clock.simulate, executor=InProcess())
    threaded = play(minimal, 7, 90, acts="all", simulate=compiled_clock.simulate, executor=threads(workers))
    assert columns(threaded) == columns(reference)
    for table in ("acts", "causes"):
        mine, theirs = getattr(threaded, table), getattr(reference, table)
        assert {k: v.tobytes() for k, v in mine.items()} == {k: v.tobytes() for k, v in theirs.items()}


def test_a_failing_replication_is_a_record_and_the_other_threads_go_on(minimal):

    def sometimes(world, seed, replication):
        if replication == 5:
            raise ValueError("five")
        return simpy_clock.simulate(world, seed, replication)

    done = play(minimal, 1, 40, simulate=sometimes, executor=threads(2))
    assert (np.asarray(done.statuses) == 2).sum() == 1
    assert list(done.failures) == [5]
