"""Limit 1 of the model: hazard policies are a branching process, which dies out unless its R exceeds 1."""

from __future__ import annotations

import math

from escalation.model.world import TRUNCATED
from tests.model.worlds import replications, world
from tests.study.hazards import hazards


def symmetric(victim, third):
    """Three actors: every act is answered with these odds by its victim and by the third."""
    return {me: {you: victim if you == me else third for you in "abc"} for me in "abc"}


def runs(answers, count, **more):
    built = world(hazards(answers, shocks=1, lag=1, **more))
    return built, replications(built, 7, count)


def alive(built, one):
    """Return whether acts were still being done in the last 20 lags, or the limit was hit."""
    return one.status == TRUNCATED or one.acts["time"].max(initial=0) > built.tables.end - 20


def test_at_and_below_a_radius_of_one_acts_die_out():
    for victim, third in ((0.3, 0.3), (0.5, 0.4)):
        built, below = runs(symmetric(victim, third), 200, days=400)
        assert not any(alive(built, one) for one in below)
    limits = {"act_limit": 10_000, "event_limit": 100_000}
    built, critical = runs(symmetric(0.6, 0.4), 100, days=400, model=limits)
    # of a critical process 2 / (variance * generations) are left, here 2 / (0.48 * 363) = 1.1%
    assert sum(alive(built, one) for one in critical) <= 6


def test_above_one_they_die_out_as_often_as_the_generating_function_says():
    # f(s) = (0.3 + 0.7 s)(0.5 + 0.5 s) = s at s = 3/7
    built, above = runs(symmetric(0.7, 0.5), 300, days=400, model={"act_limit": 120})
    died = sum(not alive(built, one) for one in above) / 300
    assert abs(died - 3 / 7) < 4 * math.sqrt(3 / 7 * 4 / 7 / 300)
