from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from escalation.ensemble.executors import Executor, InProcess, processes
from escalation.ensemble.result import SHARD
from escalation.ensemble.run import checks
from tests.ensemble import clocks
from tests.ensemble.conftest import Backwards, Case, Shards, play


class Enough:
    """Content with so many replications; notes what it was shown."""

    outcomes = ("tension.end", "runaway")

    def __init__(self, enough: int):
        self.enough = enough
        self.shown: list[int] = []

    def __call__(
        self, statuses: npt.NDArray[np.int8], columns: Mapping[str, npt.NDArray[np.float64]]
    ) -> bool:
        assert tuple(columns) == self.outcomes
        assert (statuses == 0).all()
        steps = columns["tension.end"] - columns["tension.end"][0]
        np.testing.assert_array_equal(steps, np.arange(len(statuses)))
        self.shown.append(len(statuses))
        return len(statuses) >= self.enough


def test_a_rule_is_asked_at_counts_that_double_and_then_after_every_file() -> None:
    assert list(checks(SHARD * 3 + 5)) == [256, 512, 1024, 2048, 4096, 8192, 12288, 12293]
    assert list(checks(100)) == [100]
    assert list(checks(512)) == [256, 512]


@pytest.mark.parametrize("executor", [InProcess(), processes(2), Backwards()])
def test_an_ensemble_ends_at_the_first_count_that_is_enough(minimal: Case, executor: Executor) -> None:
    rule = Enough(300)
    done = play(minimal, 1, 2000, simulate=clocks.counting, executor=executor, rule=rule, acts="all")
    assert rule.shown == [256, 512]
    assert (done.asked, done.interrupted) == (512, False)
    np.testing.assert_array_equal(done.replications, np.arange(512))
    assert set(done.acts["replication"]) == set(range(512))


def test_it_is_the_ensemble_of_so_many_replications(minimal: Case) -> None:
    stopped = play(minimal, 1, 2000, simulate=clocks.counting, rule=Enough(300))
    plain = play(minimal, 1, 512, simulate=clocks.counting)
    assert stopped.outcomes.tobytes() == plain.outcomes.tobytes()
    assert {name: column.tobytes() for name, column in stopped.acts.items()} == {
        name: column.tobytes() for name, column in plain.acts.items()
    }


def test_the_limit_ends_what_is_never_enough(minimal: Case) -> None:
    rule = Enough(10**9)
    done = play(minimal, 1, 300, simulate=clocks.counting, rule=rule)
    assert rule.shown == [256, 300]
    assert (done.asked, len(done.statuses), done.interrupted) == (300, 300, False)


def test_only_files_that_are_whole_are_said_to_be(minimal: Case) -> None:
    store = Shards()
    options: dict[str, Any] = {"simulate": clocks.counting, "store": store, "acts": "none"}
    play(minimal, 1, 10_000, rule=Enough(5000), **options)
    play(minimal, 1, 10_000, rule=Enough(500), **options)
    assert [(len(shard.statuses), shard.whole) for shard in store.shards] == [
        (4096, True),
        (4096, True),
        (512, False),
    ]
