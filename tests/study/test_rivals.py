"""Rivals of a backtest, on simulated pasts of which the parameters are known."""

import numpy as np
import pytest

from escalation.study.backtest.rivals import PULSE, RIVALS, Exciting, History, fit_exciting

YEARS = 3650


def simulated(model: Exciting, days: int, shocks: np.ndarray, seed: int) -> History:
    generator = np.random.default_rng(seed)
    age = np.arange(days)[:, None] - shocks[None, :]
    pulses = np.where(age >= 0, np.exp(-np.maximum(age, 0) / PULSE), 0.0).sum(axis=1)
    (own, other) = model.rates(np.zeros(2), pulses, 1, generator)
    return History({"sender": own[0], "target": other[0]}, days, "target", shocks)


def test_the_fit_finds_gains_and_decay_of_a_known_process_again() -> None:
    truth = Exciting(np.array([0.02, 0.01]), np.array([[0.1, 0.3], [0.6, 0.0]]), np.zeros(2), 1 / 10)
    past = simulated(truth, 4 * YEARS, np.array([], np.int64), 1)
    fit = fit_exciting(past, with_pulse=False, with_excitation=True)
    assert fit.decay == pytest.approx(1 / 10)
    assert fit.gain == pytest.approx(truth.gain, abs=0.12)
    assert fit.base == pytest.approx(truth.base, rel=0.35)


def test_the_fit_finds_a_pulse_after_shocks_again() -> None:
    truth = Exciting(np.array([0.01, 0.01]), np.zeros((2, 2)), np.array([0.1, 0.0]), 1 / 5)
    shocks = np.arange(100, 2 * YEARS, 300)
    fit = fit_exciting(simulated(truth, 2 * YEARS, shocks, 2), with_pulse=True, with_excitation=False)
    assert fit.pulse == pytest.approx([0.1, 0.0], abs=0.03)
    assert not fit.gain.any()


@pytest.mark.parametrize("name", ["poisson", "negative_binomial", "bootstrap", "hawkes", "base_rate"])
def test_forecasts_keep_the_mean_rate_of_a_quiet_past(name: str) -> None:
    generator = np.random.default_rng(3)
    days = {name: np.flatnonzero(generator.random(2000) < 0.02) for name in ("sender", "target")}
    past = History(days, 2000, "target", np.array([], np.int64))
    futures = RIVALS[name](past, 90, 800, generator)
    for actor, draws in futures.items():
        mean = np.mean([len(draw) for draw in draws])
        assert mean == pytest.approx(90 * len(days[actor]) / 2000, rel=0.25), actor


@pytest.mark.parametrize("name", sorted(RIVALS))
def test_every_rival_gives_days_within_the_horizon_and_repeats_itself_for_a_seed(name: str) -> None:
    past = History(
        {"eu": np.array([3, 50, 80]), "belarus": np.array([5, 55])}, 90, "belarus", np.array([0], np.int64)
    )
    first, again = (RIVALS[name](past, 60, 40, np.random.default_rng(4)) for _ in range(2))
    for actor in past.actors:
        assert len(first[actor]) == 40
        for one, other in zip(first[actor], again[actor], strict=True):
            assert np.array_equal(one, other)
            assert np.array_equal(one, np.unique(one))
            assert not len(one) or (one[0] >= 0 and one[-1] < 60)


@pytest.mark.parametrize("name", sorted(RIVALS))
def test_a_past_without_any_package_gives_a_quiet_future(name: str) -> None:
    empty = np.array([], np.int64)
    futures = RIVALS[name](
        History({"a": empty, "b": empty}, 60, "b", empty), 90, 50, np.random.default_rng(5)
    )
    assert np.mean([len(draw) for draws in futures.values() for draw in draws]) < 0.5


def test_always_mirror_answers_a_week_later() -> None:
    past = History(
        {"eu": np.array([88]), "belarus": np.array([], np.int64)}, 90, "belarus", np.array([], np.int64)
    )
    futures = RIVALS["always_mirror"](past, 30, 20, np.random.default_rng(6))
    for imposed, answers in zip(futures["eu"], futures["belarus"], strict=True):
        assert set(answers) == {5, *(int(day) + 7 for day in imposed if day + 7 < 30)}
