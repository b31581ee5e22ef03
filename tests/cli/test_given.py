"""Given that: the futures in which a condition holds, beside the others."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from escalation import api
from escalation.ensemble.read import Run
from escalation.errors import InputError
from escalation.study.condition import futures_given
from tests.cli.conftest import Escalation

LISTED = "first.eu.listing"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("runs") / "minimal"
    sets = ["outcomes.first_use={eu: [listing, protest, trade_ban], belarus: [listing, protest]}"]
    api.run("minimal", 200, seed=3, sets=sets, out=folder)
    return api.open_run(folder)


def test_both_kinds_of_futures_add_up_and_their_means_are_those_of_the_outcomes(run: Run) -> None:
    result = futures_given(run, f"{LISTED} <= 2021-01-31")
    values = run.columns([LISTED])[LISTED]
    mask = values < (date(2021, 1, 31) - run.header.start).days + 1
    assert result.holding == mask.sum()
    acts = run.columns(["acts.belarus"])["acts.belarus"]
    (row,) = [one for one in result.outcomes if one.name == "acts.belarus"]
    assert row.holds.value == pytest.approx(acts[mask].mean())
    assert row.other.value == pytest.approx(acts[~mask].mean())
    assert LISTED not in [one.name for one in (*result.outcomes, *result.signs)]


def test_a_condition_and_its_contrary_change_places(run: Run) -> None:
    one, other = futures_given(run, LISTED), futures_given(run, f"not {LISTED}")
    assert one.holding + other.holding == one.replications
    for a, b in zip(
        sorted(one.outcomes, key=lambda row: row.name), sorted(other.outcomes, key=lambda row: row.name),
        strict=True,
    ):  # fmt: skip
        assert a.holds == b.other
        assert a.difference.value == pytest.approx(-(b.difference.value or 0.0))


@pytest.mark.parametrize(
    ("strict", "weak"),
    [("acts.belarus > 2", "acts.belarus >= 3"), ("acts.belarus < 3", "acts.belarus <= 2"),
     (f"{LISTED} > 2021-01-31", f"{LISTED} >= 2021-02-01"),
     (f"{LISTED} < 2021-02-01", f"{LISTED} <= 2021-01-31")],
)  # fmt: skip
def test_a_strict_comparison_of_whole_numbers_and_days_is_one_with_the_next(
    run: Run, strict: str, weak: str
) -> None:
    assert futures_given(run, strict).outcomes == futures_given(run, weak).outcomes


def test_early_signs_are_of_the_first_days_alone(run: Run) -> None:
    result = futures_given(run, f"{LISTED}", days=30)
    assert (result.by - run.header.takeover).days == 30
    for sign in result.signs:
        early = run.columns([sign.name])[sign.name] < (result.by - run.header.start).days + 1
        mask = ~np.isnan(run.columns([LISTED])[LISTED])
        assert sign.holds.value == pytest.approx(early[mask].mean())
    assert result.signs == tuple(sorted(result.signs, key=lambda one: -one.strength))


@pytest.mark.parametrize(
    ("condition", "error"),
    [
        ("first.eu.listin", "did you mean first.eu.listing"),
        ("acts.eu", "is a count; write acts.eu >= NUMBER"),
        (f"{LISTED} <= soon", "is a date, such as 2020-11-30"),
        ("acts.eu >= many", "allowed is a number"),
        ("acts.eu = 3", "cannot be read"),
        ("acts.eu >= 10000", "holds in 0 of 200 futures"),
    ],
)
def test_a_condition_that_cannot_be_used_is_refused(run: Run, condition: str, error: str) -> None:
    with pytest.raises(InputError, match=error):
        futures_given(run, condition)


def test_the_command_shows_them_beside_each_other(escalation: Escalation, run: Run) -> None:
    done = escalation(f"summary {run.folder} --given", LISTED)
    assert done.exit_code == 0, done.output
    assert f"Given {LISTED}: " in done.stdout
    assert "where it holds" in done.stdout
    assert done.stdout.splitlines()[-1].endswith(f"--given {LISTED} --full")
    document = json.loads(escalation(f"summary {run.folder} --format json --given", LISTED).stdout)
    assert document["kind"] == "given"
    wrong = escalation(f"summary {run.folder} --given", "no such thing")
    assert wrong.exit_code == 2
    assert not list(Path().iterdir())


def test_an_empty_condition_is_refused_and_not_left_out(escalation: Escalation, run: Run) -> None:
    done = escalation(f"summary {run.folder} --given", "")
    assert done.exit_code == 2
    assert "cannot be read; a condition is" in done.stderr
