"""Calibration: right where the answer is known, silent where the record is, and blind to what came later."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from escalation.clocks import simpy_clock
from escalation.errors import InputError
from escalation.model.compile import compile_scenario
from escalation.model.world import HISTORY, SHOCK
from escalation.scenario.base import Number
from escalation.scenario.document import Scenario
from escalation.scenario.load import load
from escalation.study import runner
from escalation.study.calibrate.asked import CalibrateAsked, calibrate_of
from escalation.study.calibrate.parameters import FREE, Freed, scores_of, values_at
from escalation.study.calibrate.posterior import Posterior, Projected, contraction, projected
from escalation.study.calibrate.result import Calibration
from escalation.study.calibrate.study import CALIBRATE
from escalation.study.calibrate.summaries import acts_of, counts_of, summaries_of
from escalation.study.execution import Execution, Request
from escalation.study.points.uncertain import Uncertainty, play_dialled
from escalation.study.source import open_scenario

SHOCKS = (
    "shocks.arrests={label: arrests, rate: 8, blamed: belarus, magnitude: 6, salience: {eu: 1.0, us: 0.8}}"
)
LONG = ["end=2022-10-03", SHOCKS]
FREED = ("senders.policy.reciprocity", "target.policy.reciprocity", "shocks.rate")
QUICK = Execution(clock="compiled")


def record_of(scenario: Scenario, values: dict[str, float], path: Path, replication: int = 3) -> Path:
    """Write what one replication does with some numbers at given values as a record."""
    sets = [f"{name}={value!r}" for name, value in values.items()]
    world = compile_scenario(open_scenario(scenario, Request(sets=sets)).scenario)
    done = simpy_clock.simulate(world, 1, replication)
    lines = ["date,actor,target,instrument,size,package,kind"]
    names = world.names
    for n in range(len(done.acts["time"])):
        day = world.start + timedelta(int(done.acts["time"][n]))
        actor, target, kind = (int(done.acts[name][n]) for name in ("actor", "target", "instrument"))
        if done.acts["origin"][n] == SHOCK:
            lines.append(f"{day},belarus,,{names.shocks[kind]},6,shock-{n},shock")
        elif done.acts["origin"][n] != HISTORY:
            size = "" if np.isnan(done.acts["size"][n]) else f"{done.acts['size'][n]:.0f}"
            size = size if scenario.instruments[names.instruments[kind]].size else ""
            what = f"{names.instruments[kind]},{size},{names.actors[actor]}-{day}-{n}"
            lines.append(f"{day},{names.actors[actor]},{names.actors[target]},{what},act")
    path.write_text("\n".join([*lines, ""]))
    return path


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("minimal", LONG)


@pytest.fixture(scope="module")
def record(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record_of(scenario, {}, tmp_path_factory.mktemp("records") / "small.csv")


def asked_of(record: Path, *, draws: int = 1000, until: date | None = None, **more: object) -> CalibrateAsked:
    source = open_scenario("minimal", Request(seed=2, sets=LONG))
    return calibrate_of(source, [str(record)], until, draws, FREED, **more)  # type: ignore[arg-type]


def calibrated(asked: CalibrateAsked, folder: Path | None = None) -> Calibration:
    return runner.begin(CALIBRATE, asked, QUICK, folder).model_copy(update={"run": None})


# ---- the posterior, where it is known


def gaussian(n: int, noise: float, parameters: int = 2, seed: int = 0) -> Projected:
    rng = np.random.default_rng(seed)
    scores = rng.standard_normal((n, parameters))
    useless = rng.standard_normal((n, 5))
    return projected(
        scores, np.concatenate([scores + noise * rng.standard_normal(scores.shape), useless], axis=1)
    )


@settings(max_examples=20)
@given(st.floats(0.3, 2.0), st.floats(-1.0, 1.0))
def test_the_posterior_of_a_normal_mean_is_the_known_one(noise: float, seen: float) -> None:
    table = gaussian(20_000, noise)
    found = table.posterior(table.at(np.array([seen, 0.0, *np.zeros(5)])))
    mean, covariance = found.moments()
    share = 1 / (1 + noise**2)
    assert mean[0] == pytest.approx(share * seen, abs=0.12)
    assert covariance[0, 0] == pytest.approx(1 - share, abs=0.12)
    assert abs(covariance[0, 1]) < 0.12


@pytest.mark.parametrize("noise", [0.3, 1.0, 5.0])
def test_truths_lie_at_uniform_ranks_whatever_the_records_say(noise: float) -> None:
    ranks = gaussian(5000, noise, seed=4).ranks(400, 1)
    for column in ranks.T:
        assert stats.kstest(column, "uniform").pvalue > 0.001


def test_weights_do_not_collapse_and_summaries_that_say_nothing_teach_nothing() -> None:
    rng = np.random.default_rng(2)
    table = projected(rng.standard_normal((4000, 3)), rng.standard_normal((4000, 30)))
    found = table.posterior(table.at(rng.standard_normal(30)))
    assert found.effective > 100
    assert contraction(found).max() < 0.3


def test_draws_as_few_as_summaries_teach_nothing_of_what_these_say_nothing_about() -> None:
    rng = np.random.default_rng(1)
    scores, summaries = rng.standard_normal((1000, 2)), rng.standard_normal((1000, 900))
    summaries[:, 0] += 2 * scores[:, 0]
    table = projected(scores, summaries)
    learned = contraction(table.posterior(table.at(summaries[7])))
    assert learned[1] < 0.2 < learned[0]


def test_a_record_far_from_all_draws_moves_them_no_farther_than_the_prior_reaches() -> None:
    table = gaussian(2000, 0.3)
    found = table.posterior(table.at(np.array([40.0, 0.0, *np.zeros(5)])))
    assert np.abs(found.scores).max() <= 3.0


def test_equally_likely_draws_have_the_moments_of_the_weighted_ones() -> None:
    table = gaussian(5000, 0.5)
    found = table.posterior(table.at(np.array([0.5, -0.5, *np.zeros(5)])))
    assert np.allclose(found.sample(2000).mean(axis=0), found.moments()[0], atol=0.06)
    one = Posterior(np.array([4]), np.array([[0.3, 0.2]]), np.array([1.0]))
    assert (one.sample(3) == [[0.3, 0.2]] * 3).all()


# ---- priors


@given(st.floats(-4, 4), st.floats(0.01, 0.99), st.floats(0.1, 1.5))
def test_a_share_stays_one_and_rises_with_its_score(score: float, value: float, spread: float) -> None:
    moved = Uncertainty("p", Number(value=value), 0.0, 1.0)
    low, middle, high = values_at(moved, np.array([score - 0.1, 0.0, score + 0.1]), spread)
    assert 0.0 < low < high < 1.0
    assert middle == pytest.approx(value)


def test_a_number_with_a_distribution_keeps_to_it_and_one_without_gets_a_log_normal() -> None:
    stated = Uncertainty("p", Number(uniform=(0.5, 1.0)), 0.0, 10.0)
    assert values_at(stated, np.array([-8.0, 0.0, 8.0]), 0.5) == pytest.approx([0.5, 0.75, 1.0], abs=0.001)
    plain = Uncertainty("p", Number(value=2.0), 0.0, 100.0)
    assert values_at(plain, np.array([-1.0, 0.0, 1.0, 30.0]), 0.5) == pytest.approx(
        [2 * np.exp(-0.5), 2.0, 2 * np.exp(0.5), 100.0]
    )


def test_one_parameter_moves_all_senders_together_and_nothing_else(scenario: Scenario) -> None:
    freed = Freed(scenario, "belarus", ("senders.policy.reciprocity",), 0.5)
    world = compile_scenario(freed.scenario)
    table = freed.settings(world, ("senders.policy.reciprocity",), np.array([[-1.0], [1.0]]), 1)
    columns = dict(zip([cell.path for cell in world.cells], table.T, strict=True))
    ratios = [columns[f"actors.{name}.policy.reciprocity"] for name in ("eu", "us")]
    assert all(after / before == pytest.approx(np.e) for before, after in ratios)
    again = freed.settings(world, ("senders.policy.reciprocity",), np.array([[2.0], [3.0]]), 1)
    place = [cell.path for cell in world.cells].index("actors.belarus.policy.reciprocity")
    assert (again[:, place] == table[:, place]).all()


@pytest.mark.parametrize("name", ["sender.policy.reciprocity", "target", "reciprocity", ""])
def test_a_parameter_that_is_none_is_refused(scenario: Scenario, name: str) -> None:
    with pytest.raises(InputError, match=f"--free {name}: no such parameter; write target.PATH"):
        Freed(scenario, "belarus", (name,), 0.5)


def test_numbers_that_are_drawn_together_have_one_key() -> None:
    drawn = "{choice: [0.2, 0.9], together: both}"
    paths = ("actors.eu.policy.reciprocity", "actors.us.policy.reciprocity")
    world = compile_scenario(load("minimal", [f"{path}={drawn}" for path in paths]))
    keys = {cell.path: key for cell, key in zip(world.cells, world.tables.cell["key"], strict=True)}
    assert keys[paths[0]] == keys[paths[1]] != keys["actors.belarus.policy.reciprocity"]


# ---- what is held against a record


def test_a_record_is_summed_up_like_a_replication_that_did_the_same(
    scenario: Scenario, tmp_path: Path
) -> None:
    path = record_of(scenario, {"actors.belarus.policy.reciprocity": 0.8}, tmp_path / "one.csv")
    asked = asked_of(path, until=date(2021, 7, 1))
    window = asked.held[0].windows[0]
    world = compile_scenario(
        open_scenario(scenario, Request(sets=["actors.belarus.policy.reciprocity=0.8"])).scenario
    )
    done = simpy_clock.simulate(world, 1, 3)
    whole = acts_of(world, done)
    assert whole is not None
    first = (window.start - world.takeover).days
    inside = (whole.day >= first) & (whole.day < first + window.days)
    days = set(zip(whole.actor[inside].tolist(), (whole.day[inside] - first).tolist(), strict=True))
    assert days == set(zip(window.seen.actor.tolist(), window.seen.day.tolist(), strict=True))
    assert counts_of(window, [window.seen]).sum() == len(days)


def test_windows_cover_the_record_without_a_gap_and_the_last_ends_where_it_is_cut(record: Path) -> None:
    windows = asked_of(record, until=date(2021, 11, 20)).held[0].windows
    ends = [window.start + timedelta(window.days) for window in windows]
    assert ends == [date(2021, 11, 20), *(window.start for window in windows[:-1])]
    assert all(28 <= window.days <= 92 for window in windows)
    assert all(window.world.takeover == window.start for window in windows)


def test_nothing_that_a_record_holds_from_the_day_on_is_looked_at(record: Path, tmp_path: Path) -> None:
    until = date(2021, 7, 1)
    lines = record.read_text().splitlines()
    kept = [line for line in lines[1:] if line < f"{until}"]
    other = tmp_path / "small.csv"
    later = [f"2021-07-0{n},us,belarus,trade_ban,,us-{n},act" for n in range(1, 9)]
    other.write_text("\n".join([lines[0], *kept, *later, ""]))
    results = [calibrated(asked_of(path, until=until)) for path in (record, other)]
    assert results[0] == results[1]


def test_silence_counts(record: Path, tmp_path: Path) -> None:
    lines = record.read_text().splitlines()
    end = date.fromisoformat(lines[-1][:10])
    silent = tmp_path / "silent.csv"
    far = f"{end + timedelta(400)},eu,belarus,protest,,late,act"
    silent.write_text("\n".join([*lines, far, ""]))
    before = calibrated(asked_of(record, until=end))
    after = calibrated(asked_of(silent, until=end + timedelta(270)))
    means = [next(one.mean for one in found.parameters if one.name == FREED[2]) for found in (before, after)]
    assert means[1] < means[0]


# ---- the whole


def test_ranks_are_uniform_through_the_model(record: Path) -> None:
    asked = asked_of(record, draws=2000, until=date(2021, 7, 1))
    blocks = []
    for held in asked.held:
        for window in held.windows:
            values = held.freed.settings(window.world, asked.names, asked.scores, asked.seed)
            acts = play_dialled(
                window.world, 1, values, np.arange(2000), partial(acts_of, window.world), QUICK
            )
            blocks.append(summaries_of(window, [one for one in acts if one]))
    ranks = projected(asked.scores, np.concatenate(blocks, axis=1)).ranks(300, 1)
    for column in ranks.T:
        assert stats.kstest(column, "uniform").pvalue > 0.001


@pytest.mark.parametrize("score", [-1.3, 1.3])
def test_known_parameters_are_recovered(scenario: Scenario, tmp_path: Path, score: float) -> None:
    freed = Freed(scenario, "belarus", ("senders.policy.reciprocity",), 0.5)
    truth = freed.values(("senders.policy.reciprocity",), np.array([[score]]))
    path = record_of(
        scenario, {name: float(value[0]) for name, value in truth.items()}, tmp_path / "known.csv"
    )
    found = calibrated(asked_of(path, draws=2000))
    learned = next(one for one in found.parameters if one.name == "senders.policy.reciprocity")
    assert learned.contraction > 0.5
    assert learned.mean * score > 0
    for one in learned.numbers:
        assert one.posterior.low <= float(truth[one.path][0]) <= one.posterior.high  # type: ignore[operator]
        assert one.posterior.high - one.posterior.low < one.prior.high - one.prior.low  # type: ignore[operator]


def test_the_posterior_is_a_scenario_that_another_extends(record: Path, tmp_path: Path) -> None:
    folder = tmp_path / "calibrated"
    found = calibrated(asked_of(record), folder)
    posterior = load(folder / "posterior.yaml")
    own = posterior.actors["eu"].policy.reciprocity  # type: ignore[union-attr]
    assert own.choice == found.sample["actors.eu.policy.reciprocity"]
    assert own.together == posterior.actors["us"].policy.reciprocity.together  # type: ignore[union-attr]
    (folder / "mine.yaml").write_text("extends: posterior.yaml\ntitle: mine\n")
    assert load(folder / "mine.yaml").title == "mine"


def test_what_is_finished_is_not_simulated_again(record: Path, tmp_path: Path) -> None:
    asked, counted = asked_of(record), [0]

    def stop(done: int) -> None:
        counted[0] += done
        if counted[0] > 1500:
            raise KeyboardInterrupt

    with pytest.raises(runner.Interrupted):
        runner.begin(CALIBRATE, asked, Execution(clock="compiled", on_progress=stop), tmp_path / "cut")
    resumed = runner.resume(CALIBRATE, tmp_path / "cut", QUICK)
    assert resumed.model_copy(update={"run": None}) == calibrated(asked)


def test_the_same_scores_are_drawn_for_a_parameter_whatever_others_are_free() -> None:
    assert (scores_of(FREE, 50, 1)[:, 5] == scores_of(FREE[5:6], 50, 1)[:, 0]).all()
