"""The flywheel of a run, from the simulation to the folder and back."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import escalation
from escalation.clocks import simpy_clock
from escalation.model.compile import compile_scenario
from escalation.present.flywheel import sentence, window
from escalation.study.flywheel.estimate import estimate
from escalation.study.flywheel.log import sums_by_batch
from escalation.study.flywheel.model import Flywheel
from escalation.study.flywheel.plan import plan_for
from tests.ensemble import clocks

NOTHING = ("shocks.secret_inauguration=null", "history.eu_list=null", "history.us_list=null")


def wheel_of(*sets: str, **options: Any) -> Flywheel:
    wheel = escalation.run("shipped:minimal", sets=sets, **{"replications": 40, **options}).summary.flywheel
    assert wheel is not None
    return wheel


def by_hand(numbers: list[int]) -> Flywheel:
    world = compile_scenario(escalation.load("shipped:minimal"))
    plan = plan_for(world)
    total, *more = (
        sums_by_batch(world, number, [clocks.REAL(world, 1, number)], 1000, plan) for number in numbers
    )
    for one in more:
        total.add(one)
    return estimate(total, world)


def test_it_is_what_the_replications_give_one_by_one() -> None:
    wheel = wheel_of()
    assert wheel.counted.R.low is not None
    assert wheel == by_hand(list(range(40)))
    assert wheel != by_hand(list(range(39)))


@pytest.mark.parametrize("acts", ["none", "all"])
def test_it_is_the_same_for_any_number_of_workers_and_whatever_is_kept(acts: Any) -> None:
    one, two = wheel_of(workers=1), wheel_of(workers=2, acts=acts)
    assert one.model_dump_json() == two.model_dump_json()


def test_failing_replications_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simpy_clock, "simulate", clocks.failing_each_third_of_the_real)
    wheel = wheel_of()
    assert wheel.replications == 26
    assert wheel == by_hand([number for number in range(40) if number % 3])


def test_with_nothing_but_failures_there_is_no_replication_to_tell_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(simpy_clock, "simulate", clocks.always_failing)
    wheel = wheel_of(replications=3)
    assert sentence(wheel).startswith("There is no replication to tell from")
    assert wheel.replications == 0


def interrupting(after: int) -> Any:
    def simulate(world: Any, seed: int, replication: int) -> Any:
        if replication == after:
            raise KeyboardInterrupt
        return clocks.REAL(world, seed, replication)

    return simulate


@pytest.mark.parametrize(("after", "finished"), [(30, 24), (3, 0)])
def test_an_interrupted_run_tells_from_what_was_finished(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, after: int, finished: int
) -> None:
    monkeypatch.setattr(simpy_clock, "simulate", interrupting(after))
    done = escalation.run("shipped:minimal", replications=60, out=tmp_path / "cut")
    assert done.ensemble.interrupted
    wheel = done.summary.flywheel
    assert wheel is not None
    assert wheel.replications == finished
    if finished:
        assert wheel == by_hand(list(range(finished)))
    assert escalation.summarise(escalation.open_run(tmp_path / "cut")) == done.summary


def test_a_large_run_that_is_cut_short_early_still_has_an_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simpy_clock, "simulate", interrupting(700))
    done = escalation.run("shipped:minimal", replications=1_000_000, clock="simpy")
    wheel = done.summary.flywheel
    assert wheel is not None
    assert wheel.replications == 672
    assert wheel.counted.R.low is not None


@pytest.mark.parametrize("sets", [(), NOTHING])
def test_the_stored_one_is_the_same_and_stands_in_the_summary(tmp_path: Path, sets: tuple[str, ...]) -> None:
    done = escalation.run("shipped:minimal", replications=30, sets=sets, out=tmp_path / "run")
    document = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert done.summary.flywheel is not None
    assert document["schema_version"] == 3
    assert document["flywheel"] == done.summary.flywheel.model_dump(mode="json")
    again = escalation.summarise(escalation.open_run(tmp_path / "run")).flywheel
    assert again == done.summary.flywheel
    assert again.K.shape == (len(again.dyads), len(again.dyads))
    np.testing.assert_array_equal(again.K, done.summary.flywheel.K)


def test_the_plan_stands_in_the_manifest_and_is_the_one_that_was_used(tmp_path: Path) -> None:
    escalation.run("shipped:minimal", replications=2, out=tmp_path / "run")
    plan = json.loads((tmp_path / "run" / "manifest.json").read_text())["plan"]
    used = json.loads((tmp_path / "run" / "summary.json").read_text())["flywheel"]
    assert plan["window"] == used["window"] == plan_for(
        compile_scenario(escalation.load("shipped:minimal"))
    ).window  # fmt: skip
    assert plan["spans"] == [one["span"] for one in used["spans"]]
    assert len(plan["spans"]) > 1


def test_where_nothing_happens_it_says_so_and_nothing_breaks() -> None:
    wheel = wheel_of(*NOTHING)
    assert wheel.counted.R.value is None
    assert sentence(wheel) == "No hostile act was followed long enough to tell whether the flywheel turns."


def test_where_nobody_answers_it_stands_still() -> None:
    wheel = wheel_of("actors.belarus.policy.preset=passive", replications=30)
    assert 0 < wheel.counted.acts < 50
    assert sentence(wheel) == (
        f"No hostile acts answered one another in a circle within {window(wheel)}: the flywheel stands still,"
        f" as far as {wheel.counted.acts} acts can tell."
    )


def test_a_horizon_of_two_days_has_a_window_of_one() -> None:
    assert window(wheel_of(until=date(2020, 10, 5))) == "1 day"
    assert window(wheel_of(until=date(2020, 10, 4))) == "0.5 days"
