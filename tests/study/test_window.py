from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from escalation.study.flywheel.plan import calendar_spans, default_window, plan_for
from tests.model.worlds import START, duel, world

REVIEW = 25


def slow(**stages):
    """Two years in which only the sender can answer, after these stages (median, spread)."""
    data = duel(end=START + timedelta(days=730))
    data["actors"]["sender"]["institution"] = {
        "stages": {name: {"median": median, "spread": spread} for name, (median, spread) in stages.items()},
        "review": REVIEW,
    }
    return data


def test_it_covers_95_percent_of_one_log_normal_lag_and_then_the_review():
    # 40 exp(1.6449 * 0.5) = 91.04
    assert default_window(world(slow(one=(40, 0.5)))) == 92 + REVIEW


def test_it_covers_95_percent_of_stages_that_add_up():
    draws = np.random.default_rng(1).normal(size=(3, 400_000))
    lags = 20 * np.exp(0.8 * draws[0]) + 30 * np.exp(0.4 * draws[1]) + 5 * np.exp(draws[2])
    window = default_window(world(slow(one=(20, 0.8), two=(30, 0.4), three=(5, 1)))) - REVIEW
    assert window == pytest.approx(np.quantile(lags, 0.95), rel=0.02)


def test_the_longest_wait_for_a_meeting_comes_on_top_twice_instead_of_the_review():
    data = slow(one=(40, 0))
    # third Mondays without August: the longest wait is from 19 July to 20 September 2021, 63 days
    data["actors"]["sender"]["institution"]["meetings"] = {"skip_months": [8]}
    assert default_window(world(data)) == 40 + 63 + 63


def test_it_is_at_least_30_days_and_at_most_half_of_the_simulated_time():
    assert default_window(world(slow(one=(2, 0)))) == 30
    assert default_window(world(slow(one=(6, 0)))) == 6 + REVIEW
    assert default_window(world(slow(one=(900, 0)))) == 365
    late = slow(one=(900, 0)) | {"simulate_from": START + timedelta(days=630)}
    assert default_window(world(late)) == 50


def test_the_plan_says_when_the_end_cut_the_window():
    assert not plan_for(world(slow(one=(365 - REVIEW, 0)))).cut
    assert plan_for(world(slow(one=(366 - REVIEW, 0)))).cut


@pytest.mark.parametrize(
    ("policy", "window"),
    [
        ({"preset": "passive"}, 30),
        ({"kind": "scripted"}, 30),
        ({"kind": "hazard", "answers": 0}, 30),
        ({"kind": "hazard", "answers": 0, "answers_for": {"target": 0.1}}, 100),
        ({"kind": "ladder"}, 100 + REVIEW),
        ({"preset": "grit"}, 100 + REVIEW),
    ],
)
def test_actors_that_never_answer_have_no_say_and_a_hazard_does_not_come_back(policy, window):
    data = slow(one=(100, 0))
    data["actors"]["sender"]["policy"] = policy
    assert default_window(world(data)) == window


def test_spans_are_calendar_quarters_of_the_time_in_which_acts_are_followed():
    data = duel(start=date(2021, 1, 1), simulate_from=date(2021, 2, 10), end=date(2022, 1, 1))
    spans = calendar_spans(world(data), 61)
    assert [span.label for span in spans] == [
        "2021-02-10 to 2021-03-31",
        "2021-04-01 to 2021-06-30",
        "2021-07-01 to 2021-09-30",
        "2021-10-01 to 2021-10-31",
    ]
    assert (spans[0].first, spans[0].last, spans[-1].last) == (40, 90, 365 - 61)


def test_a_short_end_belongs_to_its_neighbour_and_long_times_have_longer_spans():
    data = duel(start=date(2021, 1, 1), end=date(2021, 10, 10))
    assert [span.label for span in calendar_spans(world(data), 0)][1:] == [
        "2021-04-01 to 2021-06-30",
        "2021-07-01 to 2021-10-09",
    ]
    for years, months in ((2, 3), (4, 6), (8, 12)):
        spans = calendar_spans(world(duel(end=date(2021 + years, 1, 1))), 0)
        assert len(spans) == 8
        assert spans[1].first - spans[0].first == pytest.approx(months * 30.4, abs=3)
