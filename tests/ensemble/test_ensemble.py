from __future__ import annotations

import multiprocessing
from pathlib import Path

import numpy as np
import pytest

from escalation.clocks.simpy_clock import simulate
from escalation.ensemble.executors import InProcess, processes
from escalation.ensemble.result import SHARD, Ensemble
from escalation.ensemble.run import chunks
from escalation.ensemble.work import Job, Task
from escalation.model.world import DONE, FAILED, TRUNCATED
from tests.ensemble import clocks
from tests.ensemble.conftest import Backwards, Case, Shards, play, until


def same(one: Ensemble, other: Ensemble) -> None:
    np.testing.assert_array_equal(one.replications, other.replications)
    np.testing.assert_array_equal(one.statuses, other.statuses)
    assert one.outcomes.tobytes() == other.outcomes.tobytes()
    assert one.failures == other.failures
    for mine, theirs in ((one.acts, other.acts), (one.causes, other.causes)):
        assert mine.keys() == theirs.keys()
        assert all(mine[name].tobytes() == theirs[name].tobytes() for name in mine)


def test_two_workers_give_what_one_gives(minimal: Case) -> None:
    alone = play(minimal, seed=3, replications=27, workers=1, acts="all")
    shared = play(minimal, seed=3, replications=27, workers=2, acts="all")
    assert len(alone.acts["act"]) > 27
    same(alone, shared)


def test_a_replication_alone_is_the_replication_of_an_ensemble(minimal: Case) -> None:
    whole = play(minimal, seed=3, replications=20, workers=1)
    alone = simulate(minimal.world, 3, 17)
    np.testing.assert_array_equal(whole.outcomes[17], alone.outcomes)


def test_a_longer_ensemble_begins_with_the_shorter_one(minimal: Case) -> None:
    short = play(minimal, seed=3, replications=5)
    long = play(minimal, seed=3, replications=20)
    np.testing.assert_array_equal(short.outcomes, long.outcomes[:5])


def test_another_seed_gives_other_outcomes(minimal: Case) -> None:
    one = play(minimal, seed=1, replications=10)
    other = play(minimal, seed=2, replications=10)
    assert not np.array_equal(one.outcomes, other.outcomes)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failing_replication_is_a_record_and_the_rest_goes_on(minimal: Case, workers: int) -> None:
    done = play(minimal, 1, 25, workers=workers, simulate=clocks.failing_each_third)
    failed = done.replications % 3 == 0
    np.testing.assert_array_equal(done.statuses == FAILED, failed)
    assert set(done.failures) == set(range(0, 25, 3))
    assert done.failures[3] == "ZeroDivisionError: nothing to divide by in 3"
    assert np.isnan(done.outcomes[failed]).all()
    assert not np.isnan(done.outcomes[~failed]).any()


def test_a_failure_that_the_clock_reports_itself_is_a_record_too(minimal: Case) -> None:
    done = play(minimal, 1, 3, simulate=clocks.always_failing)
    assert done.failures == dict.fromkeys(range(3), "it says so itself")


def test_a_truncated_replication_keeps_its_outcomes(minimal: Case) -> None:
    done = play(minimal, 1, 3, simulate=clocks.truncating_the_first)
    assert list(done.statuses) == [TRUNCATED, DONE, DONE]
    assert not np.isnan(done.outcomes).any()


def test_a_worker_that_dies_costs_its_own_chunk_only(minimal: Case) -> None:
    done = play(minimal, 1, 40, workers=2, simulate=clocks.killed_at_five)
    assert set(done.failures) == set(range(8))
    assert done.failures[5] == "its worker process died"
    assert not np.isnan(done.outcomes[8:]).any()
    assert not done.interrupted


def test_an_interrupt_keeps_the_chunks_that_were_finished(minimal: Case) -> None:
    done = play(minimal, 1, 100, simulate=clocks.interrupted_at_twenty)
    assert done.interrupted
    assert list(done.replications) == list(range(16))
    assert len(done.outcomes) == 16


@pytest.mark.parametrize(("keep", "kept"), [("none", 0), ("sample", 20), ("all", 30)])
def test_acts_are_kept_as_asked(minimal: Case, keep: str, kept: int) -> None:
    done = play(minimal, 1, 30, acts=keep, simulate=clocks.counting)  # type: ignore[arg-type]
    assert sorted(set(done.acts.get("replication", []))) == list(range(kept))
    assert sorted(set(done.causes.get("replication", []))) == list(range(kept))


def test_progress_counts_every_replication(minimal: Case) -> None:
    told: list[int] = []
    play(minimal, 1, 50, simulate=clocks.counting, on_progress=told.append)
    assert sum(told) == 50
    assert len(told) > 1


def test_chunks_may_arrive_in_any_order(minimal: Case) -> None:
    forwards = play(minimal, 1, 50, acts="all", simulate=clocks.counting)
    backwards = play(minimal, 1, 50, acts="all", simulate=clocks.counting, executor=Backwards())
    same(forwards, backwards)


@pytest.mark.parametrize("executor", [InProcess(), Backwards()])
def test_shards_come_in_order_and_acts_leave_with_them(
    minimal: Case, executor: InProcess | Backwards
) -> None:
    store = Shards()
    done = play(
        minimal, 1, SHARD + 10, acts="all", simulate=clocks.counting, store=store, executor=executor
    )  # fmt: skip
    shards = store.shards
    assert [shard.number for shard in shards] == [0, 1]
    assert [len(shard.replications) for shard in shards] == [SHARD, 10]
    assert len(shards[0].acts["act"]) == 2 * SHARD
    assert done.acts == {}
    np.testing.assert_array_equal(done.replications, np.arange(SHARD + 10))


@pytest.mark.parametrize(("replications", "workers"), [(1, 1), (7, 4), (200, 2), (5000, 8)])
def test_chunks_cover_every_replication_once_and_stay_within_a_shard(replications: int, workers: int) -> None:
    tasks = chunks(range(replications), workers)
    covered = [number for task in tasks for number in range(task.first, task.first + task.count)]
    assert covered == list(range(replications))
    assert all(task.first // SHARD == (task.first + task.count - 1) // SHARD for task in tasks)


def test_workers_are_gone_when_the_work_is(minimal: Case) -> None:
    arriving = processes(2).run(
        Job(minimal.world, 1, "none", clocks.slow), [Task(first, 8) for first in range(0, 800, 8)]
    )
    assert len(next(arriving).statuses) == 8
    arriving.close()
    assert multiprocessing.active_children() == []


def test_a_worker_that_does_not_end_in_time_is_ended_by_force(minimal: Case, tmp_path: Path) -> None:
    stuck = clocks.Stuck(tmp_path / "begun")
    arriving = processes(2, grace=0.01).run(Job(minimal.world, 1, "none", stuck), [Task(0, 1), Task(1, 1)])
    assert next(arriving).statuses.tolist() == [DONE]
    until(stuck.sign.exists)
    arriving.close()
    assert multiprocessing.active_children() == []
