from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from escalation import api
from escalation.clocks.simpy_clock import simulate
from escalation.model.compile import compile_scenario
from escalation.model.world import SIMULATED
from escalation.scenario.document import Scenario
from escalation.study.calendar import MOST_POINTS, MOST_STRETCHES, grid, stretch_name, stretches
from escalation.study.execution import Execution
from escalation.study.finished import Finished
from escalation.study.paths import Paths, paths_of

FEW = 12


def played(*sets: str) -> tuple[Paths, Finished, Scenario]:
    scenario = api.load("minimal", sets)
    run = api.run(scenario, FEW, seed=5)
    return paths_of(scenario, run, Execution()), run, scenario


def test_the_last_point_of_a_path_is_the_outcome_of_its_replication():
    paths, run, _ = played()
    stored = run.columns(["tension.end", *(f"acts.{actor}" for actor in paths.actors)])
    assert np.allclose(paths.tension[:, -1], stored["tension.end"])
    for actor, acts in paths.acts.items():
        assert np.array_equal(acts[:, -1], stored[f"acts.{actor}"])


def test_tension_between_is_what_the_scenario_would_measure_there():
    asked = "outcomes.tension_at=[2021-01-02, 2021-05-15]"
    paths, run, _ = played(asked)
    stored = run.columns(["tension.2021-01-02", "tension.2021-05-15"])
    for day, column in ((date(2021, 1, 2), "tension.2021-01-02"), (date(2021, 5, 15), "tension.2021-05-15")):
        place = paths.dates.index(day)
        assert np.allclose(paths.tension[:, place], stored[column])
    assert paths.tension[:, 0].min() > 0


def test_acts_add_up_and_are_those_adopted_before_the_day():
    paths, _, scenario = played()
    world = compile_scenario(scenario)
    for replication in range(FEW):
        log = simulate(world, 5, replication).acts
        counted = np.array([bool(world.tables.instrument["counted"][k]) for k in log["instrument"]])
        for n, actor in enumerate(world.names.actors):
            mine = (log["origin"] == SIMULATED) & counted & (log["actor"] == n)
            for place, day in enumerate(paths.days):
                assert paths.acts[actor][replication, place] == np.count_nonzero(log["time"][mine] < day)
        assert (np.diff(paths.acts["belarus"][replication]) >= 0).all()


def test_the_ladder_counts_a_run_once_for_each_rung_and_month_on_which_something_hostile_is_done():
    paths, _, scenario = played()
    world = compile_scenario(scenario)
    names = world.names.instruments
    rung = {name: int(scenario.instruments[name].rung.nominal) for name in names}
    expected = np.zeros_like(paths.ladder)
    tops = {actor: np.full(FEW, -1) for actor in paths.actors}
    for replication in range(FEW):
        log, hits = simulate(world, 5, replication).acts, set()
        for origin, k, actor, time in zip(
            *(log[name] for name in ("origin", "instrument", "actor", "time")), strict=True
        ):
            hostile = scenario.instruments[names[k]].severity.nominal > 0
            if origin == SIMULATED and hostile:
                month = sum(world.day(time) >= first for first in paths.stretches) - 1
                hits.add((actor, rung[names[k]], month))
                top = tops[world.names.actors[actor]]
                top[replication] = max(top[replication], rung[names[k]])
        for hit in hits:
            expected[hit] += 1 / FEW
    assert np.allclose(paths.ladder, expected)
    assert expected.any()
    assert all(np.array_equal(paths.peaks[actor], tops[actor]) for actor in tops)


def test_measuring_on_more_dates_changes_no_outcome():
    paths, _, _ = played()
    assert paths.differing == 0


def test_a_replication_that_came_out_otherwise_is_counted():
    scenario, other = api.load("minimal"), api.load("minimal", ["actors.belarus.policy=passive"])
    stored, again = api.run(scenario, FEW, seed=5), api.run(other, FEW, seed=5)
    names = ["acts.belarus", "acts.eu", "acts.us", "tension.end", "tension.peak"]
    before, after = stored.columns(names), again.columns(names)
    differ = np.any([~np.isclose(before[name], after[name]) for name in names], axis=0)
    assert paths_of(other, stored, Execution()).differing == np.count_nonzero(differ) > 6


def test_failed_replications_are_left_out(monkeypatch):
    scenario = api.load("minimal")
    run = api.run(scenario, FEW, seed=5)

    def fails(world, seed, replication):
        if replication == 3:
            raise ZeroDivisionError
        return simulate(world, seed, replication)

    monkeypatch.setattr("escalation.study.run.clock_for", lambda *_: ("simpy", fails))
    paths = paths_of(scenario, run, Execution())
    assert paths.replications == FEW - 1
    assert len(paths.tension) == FEW - 1


days = st.dates(date(2000, 1, 1), date(2040, 1, 1))
lengths = st.integers(1, 20 * 366)


@given(days, lengths)
def test_a_grid_goes_from_the_first_day_to_the_end_in_equal_steps_of_weeks(first, length):
    end = first + timedelta(days=length)
    points = grid(first, end)
    assert points[0] == first
    assert points[-1] == end
    assert len(points) <= MOST_POINTS + 1
    steps = {(after - before).days for before, after in pairwise(points[:-1])}
    assert len(steps) <= 1
    assert all(step % 7 == 0 for step in steps)


@given(days, lengths)
@settings(max_examples=200)
def test_stretches_cover_the_time_once_and_begin_with_a_month(first, length):
    end = first + timedelta(days=length)
    bounds = stretches(first, end)
    assert bounds[0] == first
    assert all(day.day == 1 for day in bounds[1:])
    assert bounds == sorted(set(bounds))
    assert bounds[-1] < end
    assert len(bounds) <= MOST_STRETCHES
    names = [stretch_name(*pair) for pair in zip(bounds, [*bounds[1:], end], strict=True)]
    assert len(set(names)) == len(names)
