"""A real Dask cluster on loopback gives the bytes of this machine, whatever becomes of its workers."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from escalation import api
from escalation.errors import EnvironmentFault
from escalation.model.world import FAILED
from tests.ensemble import clocks
from tests.ensemble.conftest import Case, play
from tests.ensemble.test_ensemble import same

pytest.importorskip("distributed", reason="needs the extra cluster")

from escalation.ensemble import cluster as cluster_module
from escalation.ensemble.cluster import Cluster
from escalation.ensemble.run import LARGEST
from escalation.study.flywheel.gather import reducer_for
from tests.ensemble.conftest import until
from tests.ensemble.farm import ROOT, Farm

WHOLE = 96
"""Replications of a run long enough to lose a worker in its middle."""


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """A scheduler with one worker that stays."""
    farm = Farm(tmp_path_factory.mktemp("farm"))
    try:
        farm.worker()
        yield farm
    finally:
        farm.close()


@pytest.fixture
def short_lived(tmp_path: Path) -> Iterator[Farm]:
    """A scheduler without workers, for one test."""
    farm = Farm(tmp_path)
    try:
        yield farm
    finally:
        farm.close()


def test_a_worker_killed_in_the_middle_costs_nothing(minimal: Case, farm: Farm) -> None:
    reducer = reducer_for(minimal.world, WHOLE)
    local = play(minimal, 3, WHOLE, acts="all", reducer=reducer)
    stays = set(farm.workers())
    victim = farm.worker()
    (address,) = set(farm.workers()) - stays
    under_way = []

    def kill(finished: int) -> None:
        if finished and not under_way and (work := farm.workers().get(address)):
            under_way.extend(work)
            victim.kill()

    done = play(
        minimal, 3, WHOLE, workers=2, acts="all", simulate=clocks.slow_and_real, reducer=reducer,
        executor=Cluster(farm.address), on_progress=kill,
    )  # fmt: skip
    assert under_way, "the victim had work when it was killed"
    assert set(farm.workers()) == stays
    assert len(local.acts["act"]) > WHOLE
    same(local, done)
    assert reducer.flywheel(minimal.world, local.reduced) == reducer.flywheel(minimal.world, done.reduced)


def test_a_run_on_a_cluster_stores_the_files_of_a_local_run(farm: Farm, tmp_path: Path) -> None:
    here, there = (
        api.run("minimal", 60, seed=5, acts="all", out=tmp_path / name, engine=engine)
        for name, engine in (("here", "local"), ("there", farm.engine))
    )
    assert here.summary == there.summary
    files = sorted(path.relative_to(tmp_path / "here") for path in (tmp_path / "here").rglob("*.parquet"))
    assert len(files) == 3
    for file in files:
        assert (tmp_path / "here" / file).read_bytes() == (tmp_path / "there" / file).read_bytes()
    manifest = api.open_run(tmp_path / "there").manifest
    assert manifest.engine == farm.engine
    assert manifest.workers == 1


def test_much_short_work_is_handed_over_in_bundles_and_none_is_missed(minimal: Case, farm: Farm) -> None:
    done = play(minimal, 1, 5000, simulate=clocks.counting, executor=Cluster(farm.address))
    assert list(done.replications) == list(range(5000))
    same(play(minimal, 1, 5000, simulate=clocks.counting), done)


def test_a_replication_that_fails_on_a_cluster_is_a_record(minimal: Case, farm: Farm) -> None:
    done = play(
        minimal, 1, 25, simulate=clocks.failing_each_third, executor=Cluster(farm.address)
    )  # fmt: skip
    assert set(done.failures) == set(range(0, 25, 3))
    assert done.failures[3] == "ZeroDivisionError: nothing to divide by in 3"


def test_an_error_of_the_program_on_a_worker_is_raised_here_as_it_is(minimal: Case, farm: Farm) -> None:
    with pytest.raises(LookupError, match="no such sum") as raised:
        play(minimal, 1, 8, reducer=clocks.Unreducible(), executor=Cluster(farm.address))
    assert "in __call__" in raised.value.__notes__[0]


def test_an_interrupted_run_keeps_what_is_finished_and_leaves_no_work_behind(
    minimal: Case, farm: Farm
) -> None:
    def interrupt(finished: int) -> None:
        if finished:
            raise KeyboardInterrupt

    done = play(
        minimal, 1, 800, simulate=clocks.slow, executor=Cluster(farm.address), on_progress=interrupt
    )  # fmt: skip
    assert done.interrupted
    assert 0 < len(done.replications) <= LARGEST  # the chunk at which it was interrupted
    until(lambda: not any(farm.workers().values()))


def test_a_chunk_that_kills_its_workers_fails_alone(minimal: Case, short_lived: Farm) -> None:
    short_lived.worker("--nanny")
    done = play(
        minimal, 1, 40, simulate=clocks.killed_at_five, executor=Cluster(short_lived.address)
    )  # fmt: skip
    assert done.failures == dict.fromkeys(range(8), "its worker process died")
    assert list(done.statuses[:8]) == [FAILED] * 8
    assert not np.isnan(done.outcomes[8:]).any()


def test_without_a_worker_the_error_says_how_to_start_one(short_lived: Farm) -> None:
    with pytest.raises(EnvironmentFault, match=f"no worker .*: dask worker {short_lived.address}$"):
        Cluster(short_lived.address, patience=0.5)


def test_a_run_whose_last_worker_is_lost_waits_for_another(minimal: Case, short_lived: Farm) -> None:
    only = short_lived.worker()
    cluster = Cluster(short_lived.address)

    def replace(finished: int) -> None:
        if finished and only.poll() is None:
            only.kill()
            only.wait()
            until(lambda: not short_lived.workers())
            short_lived.worker()

    done = play(minimal, 3, 40, simulate=clocks.slow_and_real, executor=cluster, on_progress=replace)
    same(play(minimal, 3, 40), done)


def test_a_run_whose_workers_are_all_lost_ends_with_an_error(minimal: Case, short_lived: Farm) -> None:
    only = short_lived.worker()
    cluster = Cluster(short_lived.address, patience=1)
    with pytest.raises(EnvironmentFault, match="has had no worker for 1 seconds"):
        play(
            minimal, 1, 80, simulate=clocks.slow, executor=cluster,
            on_progress=lambda finished: only.kill() if finished else None,
        )  # fmt: skip


def test_a_run_whose_scheduler_is_lost_ends_with_an_error_and_nothing_else(
    minimal: Case, short_lived: Farm, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(cluster_module, "CONNECT", 0.5)
    short_lived.worker()
    cluster = Cluster(short_lived.address)

    def lose(finished: int) -> None:
        if finished:
            short_lived.scheduler.kill()
            short_lived.scheduler.wait()

    with pytest.raises(EnvironmentFault, match="no Dask scheduler answers there"):
        play(minimal, 1, 80, simulate=clocks.slow, executor=cluster, on_progress=lose)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_run_whose_scheduler_is_lost_keeps_what_is_finished_and_is_resumed_to_the_same_bytes(
    short_lived: Farm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(cluster_module, "CONNECT", 0.5)
    monkeypatch.setattr("escalation.clocks.simpy_clock.simulate", clocks.slow_and_real)
    short_lived.worker()

    def lose(finished: int) -> None:
        if finished:
            short_lived.scheduler.kill()
            short_lived.scheduler.wait()

    options = {"seed": 3, "acts": "all", "clock": "simpy"}
    with pytest.raises(EnvironmentFault, match=r"no Dask scheduler answers(.|\n)*`escalation resume .*run`"):
        api.run("minimal", 80, out=tmp_path / "run", engine=short_lived.engine, on_progress=lose, **options)
    resumed = api.resume(tmp_path / "run", clock="simpy")
    whole = api.run("minimal", 80, out=tmp_path / "whole", **options)
    assert resumed.summary == whole.summary
    for table in ("outcomes", "acts", "causes"):
        file = f"{table}/00000.parquet"
        assert (tmp_path / "run" / file).read_bytes() == (tmp_path / "whole" / file).read_bytes()


def test_a_run_goes_on_where_a_scheduler_comes_back(minimal: Case, short_lived: Farm) -> None:
    short_lived.worker()
    first = short_lived.scheduler

    def replace(finished: int) -> None:
        if finished and short_lived.scheduler is first:
            short_lived.another_scheduler()
            short_lived.worker()

    done = play(
        minimal, 3, WHOLE, simulate=clocks.slow_and_real, executor=Cluster(short_lived.address),
        on_progress=replace,
    )  # fmt: skip
    assert short_lived.scheduler is not first
    same(play(minimal, 3, WHOLE), done)


def test_a_worker_with_other_code_is_refused(minimal: Case, short_lived: Farm, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(ROOT / "escalation", other / "escalation", ignore=shutil.ignore_patterns("__pycache__"))
    with (other / "escalation" / "model" / "act.py").open("a") as file:
        file.write("# changed\n")
    short_lived.worker(code=other)
    with pytest.raises(EnvironmentFault, match=r"OtherCode: the worker at .* has escalation .*same escal"):
        play(minimal, 1, 8, executor=Cluster(short_lived.address))


def test_a_worker_without_the_package_is_refused(minimal: Case, short_lived: Farm, tmp_path: Path) -> None:
    missing = "raise ModuleNotFoundError(\"No module named 'escalation'\", name='escalation')\n"
    (tmp_path / "escalation.py").write_text(missing)  # hides the package, wherever it is installed
    short_lived.worker(code=tmp_path)
    with pytest.raises(EnvironmentFault, match="must have the same escalation installed"):
        play(minimal, 1, 8, executor=Cluster(short_lived.address))
