from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pytest

from escalation.model.world import Replication, World
from tests.ensemble import clocks
from tests.ensemble.conftest import Backwards, Case, play


class Seen(NamedTuple):
    """Notes the number, status and acts of every replication that it is shown."""

    mark: str

    def __call__(
        self, world: World, first: int, replications: Sequence[Replication]
    ) -> dict[int, tuple[int, int]]:
        assert self.mark == "handed over"
        numbered = enumerate(replications, first)
        return {number: (one.status, len(one.acts.get("act", []))) for number, one in numbered}

    def add(
        self, total: dict[int, tuple[int, int]] | None, part: dict[int, tuple[int, int]]
    ) -> dict[int, tuple[int, int]]:
        assert not (total or {}).keys() & part.keys()
        return (total or {}) | part


SEEN = Seen("handed over")


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("acts", ["none", "sample"])
def test_it_sees_the_acts_of_every_replication_kept_or_not(minimal: Case, workers: int, acts: str) -> None:
    done = play(
        minimal, 1, 30, workers, acts, simulate=clocks.counting, reducer=SEEN  # type: ignore[arg-type]
    )  # fmt: skip
    assert done.reduced == dict.fromkeys(range(30), (0, 2))
    assert sorted(set(done.acts.get("replication", []))) == list(range(20 if acts == "sample" else 0))


def test_parts_may_arrive_in_any_order(minimal: Case) -> None:
    done = play(minimal, 1, 30, simulate=clocks.counting, executor=Backwards(), reducer=SEEN)
    assert done.reduced == dict.fromkeys(range(30), (0, 2))


def test_it_sees_failures_in_their_places(minimal: Case) -> None:
    done = play(minimal, 1, 20, simulate=clocks.failing_each_third, reducer=SEEN)
    assert [number for number, (status, _) in done.reduced.items() if status == 2] == list(range(0, 20, 3))


def test_the_part_of_a_worker_that_dies_is_missing_and_the_rest_is_there(minimal: Case) -> None:
    done = play(minimal, 1, 40, workers=2, simulate=clocks.killed_at_five, reducer=SEEN)
    assert set(done.reduced) == set(range(8, 40))


def test_an_interrupt_keeps_the_total_of_what_was_finished(minimal: Case) -> None:
    done = play(minimal, 1, 100, simulate=clocks.interrupted_at_twenty, reducer=SEEN)
    assert sorted(done.reduced) == list(done.replications)


def test_without_one_nothing_is_reduced_and_the_result_is_the_same(minimal: Case) -> None:
    plain = play(minimal, 1, 12)
    reduced = play(minimal, 1, 12, reducer=SEEN)
    assert plain.reduced is None
    np.testing.assert_array_equal(plain.outcomes, reduced.outcomes)
