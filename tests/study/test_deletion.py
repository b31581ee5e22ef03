"""What is attributed to an act, held against what vanishes without it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from escalation import api
from escalation.scenario.document import Scenario
from escalation.study.perform import Means, plan
from escalation.study.whatif.deletion import Deletion, deletion
from escalation.study.whatif.noting import Replayed
from tests.study.hazards import hazards, matrix

ODDS = {me: {you: 0.3 if you == me else 0.2 for you in "abc"} for me in "abc"}
REPLICATIONS = 1500


@pytest.fixture(scope="module")
def check() -> Deletion:
    data = hazards(ODDS, days=365, shocks=4, lag=1)
    what = plan(Scenario.model_validate(data), 1, REPLICATIONS, "none")
    return deletion(Replayed(what, None), Means(workers=2, clock="compiled"))


def test_with_hazard_policies_what_vanishes_is_what_the_branching_process_says(check: Deletion) -> None:
    built = plan(Scenario.model_validate(hazards(ODDS)), 1, 1, "none").world
    K = matrix(built, ODDS)
    below = np.linalg.inv(np.eye(len(K)) - K) - np.eye(len(K))
    assert check.deleted > 0.7 * REPLICATIONS
    for mean, theory in (
        (check.children, (check.weights @ K).sum()),
        (check.descendants, (check.weights @ below).sum()),
        (check.vanished, (check.weights @ below).sum()),
    ):
        assert mean.interval is not None
        error = (mean.interval.high - mean.mean) / 1.96
        assert abs(mean.mean - theory) < 3.5 * error
        assert error < 0.1 * theory + 0.02


def test_with_hazard_policies_attributed_and_vanished_do_not_differ(check: Deletion) -> None:
    assert check.excess.interval is not None
    error = (check.excess.interval.high - check.excess.mean) / 1.96
    assert abs(check.excess.mean) < 3.5 * error
    assert error < 0.05


def test_an_act_takes_with_it_only_acts_that_can_answer_it(check: Deletion) -> None:
    built = plan(Scenario.model_validate(hazards(ODDS)), 1, 1, "none").world
    reachable = np.linalg.matrix_power(np.eye(9) + (matrix(built, ODDS) > 0), 9) > 0
    for dyad in np.flatnonzero(check.weights):
        assert not check.vanished_by[dyad][~reachable[dyad]].any()


def test_acts_in_all_weigh_one(check: Deletion) -> None:
    assert check.weights.sum() == pytest.approx(1)
    total = sum(row.vanished.mean for row in check.rows)
    assert total == pytest.approx(check.vanished.mean)


def test_the_check_of_a_scenario_is_the_same_however_it_is_run() -> None:
    one, other = (
        api.check_attribution("minimal", 24, workers=workers, clock=clock)
        for workers, clock in ((1, "simpy"), (2, "compiled"))
    )
    assert one.to_json() == other.to_json()
    assert json.loads(json.dumps(one.to_json(), allow_nan=False))["deleted"] == one.deleted > 10


def test_where_no_act_can_be_followed_nothing_is_deleted() -> None:
    quiet = api.check_attribution("minimal", 3, sets=["shocks=null", "history=null"], clock="simpy")
    assert (quiet.deleted, quiet.vanished.mean, quiet.rows) == (0, 0.0, ())
