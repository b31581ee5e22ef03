"""What the standing rates of shipped scenarios do over years: they tire, and no day stands out."""

from __future__ import annotations

from collections import Counter

import numpy as np

from escalation.clocks.compiled_clock import simulate
from escalation.model.compile import compile_scenario
from escalation.model.world import SIMULATED
from escalation.scenario.load import load

YEAR = 365
QUIET = ["shocks.new_crackdown=null", "shocks.anniversary=null", "end=2023-10-03"]
SENDERS = ("eu", "us", "uk", "canada")


def hostile_acts(sets, replications):
    """Return actor names and, for each replication, days since the takeover and actors of hostile acts."""
    world = compile_scenario(load("belarus_2020", sets))
    counted = np.asarray(world.tables.instrument["counted"])
    acts = []
    for number in range(replications):
        log = simulate(world, 1, number).acts
        hostile = (log["origin"] == SIMULATED) & (counted[log["instrument"]] == 1)
        days = np.floor(log["time"][hostile] - world.tables.takeover).astype(int)
        acts.append((days, log["actor"][hostile]))
    return world.names.actors, acts


def test_in_years_without_news_each_sender_does_less_and_less():
    names, acts = hostile_acts(QUIET, 60)
    for sender in SENDERS:
        days = [np.unique(when[who == names.index(sender)]) for when, who in acts]
        within = [
            [((one >= year) & (one < year + YEAR)).sum() for one in days] for year in (0, YEAR, 2 * YEAR)
        ]
        first, second, third = np.mean(within, axis=1)
        assert first > second > third, sender


def test_no_day_after_the_takeover_stands_out_and_none_is_at_a_weekend():
    _, acts = hostile_acts((), 200)
    per_day = Counter(np.concatenate([when for when, _ in acts]).tolist())
    saturday = 0  # the takeover is a Saturday, 3 October 2020
    for day in range(20, 120):
        if (day - saturday) % 7 in (0, 1):
            assert per_day[day] == 0
        else:
            near = np.mean([per_day[day + shift] for shift in (-14, -7, 7, 14)])
            assert per_day[day] <= 3 * max(near, 10), day
