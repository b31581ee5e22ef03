from __future__ import annotations

import pytest

from escalation.clocks import simpy_clock
from tests.ensemble import clocks
from tests.ensemble.conftest import Case, play


def test_a_clock_that_gives_no_reason_is_replayed_on_the_simpy_clock_for_it(
    minimal: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simpy_clock, "simulate", clocks.failing_each_third)
    done = play(minimal, 1, 4, simulate=clocks.failing_silently)
    assert done.failures[0] == "ZeroDivisionError: nothing to divide by in 0"
    assert done.failures[3] == "ZeroDivisionError: nothing to divide by in 3"
    assert done.failures[1] == "failed on its clock, and does not fail on the SimPy clock"


def test_an_error_is_told_in_the_words_of_the_simpy_clock(
    minimal: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simpy_clock, "simulate", clocks.failing_each_third)
    done = play(minimal, 1, 2, simulate=clocks.failing_in_other_words)
    assert done.failures == {
        0: "ZeroDivisionError: nothing to divide by in 0",
        1: "RuntimeError: in other words",
    }


def test_a_reason_that_is_given_is_kept(minimal: Case) -> None:
    done = play(minimal, 1, 2, simulate=clocks.always_failing)
    assert done.failures == {0: "it says so itself", 1: "it says so itself"}
