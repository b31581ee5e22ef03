"""What is attributed to an act, held against what vanishes without it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from escalation import api
from escalation.scenario.document import Scenario
from escalation.study.execution import Execution, Request
from escalation.study.run import plan
from escalation.study.runner import begin
from escalation.study.source import open_source
from escalation.study.whatif.average import ReplayedAsked
from escalation.study.whatif.check import ATTRIBUTION, AttributionCheck
from tests.study.hazards import hazards, matrix

ODDS = {me: {you: 0.3 if you == me else 0.2 for you in "abc"} for me in "abc"}
REPLICATIONS = 1500


@pytest.fixture(scope="module")
def check() -> AttributionCheck:
    data = hazards(ODDS, days=365, shocks=4, lag=1)
    source = open_source(Scenario.model_validate(data), Request(replications=REPLICATIONS))
    return begin(ATTRIBUTION, ReplayedAsked.of(source), Execution(workers=2, clock="compiled"))


def test_with_hazard_policies_what_vanishes_is_what_theory_says(
    check: AttributionCheck,
) -> None:
    built = plan(Scenario.model_validate(hazards(ODDS)), 1, 1, "none").world
    K = matrix(built, ODDS)
    below = np.linalg.inv(np.eye(len(K)) - K) - np.eye(len(K))
    assert check.deleted > 0.7 * REPLICATIONS
    for mean, theory in (
        (check.children, (np.array(check.weights) @ K).sum()),
        (check.descendants, (np.array(check.weights) @ below).sum()),
        (check.vanished, (np.array(check.weights) @ below).sum()),
    ):
        error = mean.error
        assert mean.high == pytest.approx(mean.value + 1.96 * error, rel=1e-3)
        assert abs(mean.value - theory) < 3.5 * error
        assert error < 0.1 * theory + 0.02


def test_with_hazard_policies_attributed_and_vanished_do_not_differ(check: AttributionCheck) -> None:
    assert abs(check.excess.value) < 3.5 * check.excess.error
    assert check.excess.error < 0.05


def test_an_act_takes_with_it_only_acts_that_can_answer_it(check: AttributionCheck) -> None:
    built = plan(Scenario.model_validate(hazards(ODDS)), 1, 1, "none").world
    reachable = np.linalg.matrix_power(np.eye(9) + (matrix(built, ODDS) > 0), 9) > 0
    for dyad in np.flatnonzero(check.weights):
        assert not np.array(check.vanished_by[dyad])[~reachable[dyad]].any()


def test_acts_in_all_weigh_one(check: AttributionCheck) -> None:
    assert sum(check.weights) == pytest.approx(1)
    total = sum(row.vanished.value for row in check.dyads)
    assert total == pytest.approx(check.vanished.value)


def test_the_check_of_a_scenario_is_the_same_however_it_is_run() -> None:
    one, other = (
        api.check_attribution("minimal", 24, workers=workers, clock=clock)
        for workers, clock in ((1, "simpy"), (2, "compiled"))
    )
    assert one.model_dump(exclude={"run"}) == other.model_dump(exclude={"run"})
    assert json.loads(one.model_dump_json())["deleted"] == one.deleted > 10
    assert AttributionCheck.model_validate_json(one.model_dump_json()) == one


def test_where_no_act_can_be_followed_nothing_is_deleted() -> None:
    quiet = api.check_attribution("minimal", 3, sets=["shocks=null", "history=null"], clock="simpy")
    assert (quiet.deleted, quiet.vanished.value, quiet.dyads) == (0, 0.0, ())
