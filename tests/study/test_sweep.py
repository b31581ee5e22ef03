"""Sweeps: planned, played, interrupted, gone on with; and what they are found to show."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from escalation import api
from escalation.errors import InputError, ScenarioError
from escalation.present.sweep.words import sentence, unshared
from escalation.scenario.expression import parse
from escalation.scenario.load import load, load_text
from escalation.study.points.levers import levers_of
from escalation.study.sweep import sweep as sweeps
from escalation.study.sweep.finding import finding
from escalation.study.sweep.store import manifest_of
from escalation.study.sweep.sweep import Sweep, SweepPlan, Swept
from escalation.study.values import Estimate

RECIPROCITY = "actors.eu.policy.reciprocity"
OUTCOMES = ("mean(package_days.eu)", "prob(concession.belarus) >= 0.5", "R")


def plan(*vary: str, **options: Any) -> SweepPlan:
    options = {"replications": 20, "outcomes": OUTCOMES} | options
    return api.plan_sweep("shipped:minimal", vary or (f"{RECIPROCITY}=0.2:1.4:3",), **options)


def same(one: Sweep, other: Sweep) -> bool:
    """Return whether two sweeps have the same points with the same numbers, to the bit."""
    return replace(one.plan, scenario=other.plan.scenario) == other.plan and one.done == other.done


def test_a_point_gives_what_a_run_with_the_same_settings_gives() -> None:
    swept = api.sweep(plan(seed=4))
    run = api.run("shipped:minimal", 20, 4, sets=[f"{RECIPROCITY}=0.8"], acts="none")
    days, concession, wheel = swept.done[1].estimates
    assert swept.done[1].point == {RECIPROCITY: 0.8}
    assert days.value == run.summary.figures["package_days.eu"].mean
    assert concession.value == run.summary.figures["concession.belarus"].probability
    assert wheel.value == run.summary.flywheel.counted.R


def test_without_outcomes_it_looks_at_what_answers_the_question_or_at_the_objectives() -> None:
    assert [str(one) for one in plan(outcomes=()).expressions] == [
        "mean(package_days.eu)", "mean(package_days.us)", "mean(package_days.belarus)", "R",
    ]  # fmt: skip
    text = "extends: shipped:minimal\noutcomes: {objectives: {calm: prob(runaway) <= 0.05}}"
    own = api.plan_sweep(load_text(text), ["actors.eu.policy=grit|hardline"])
    assert [str(one) for one in own.expressions] == ["prob(runaway) <= 0.05"]
    named = api.plan_sweep(load_text(text), ["actors.eu.policy=grit|hardline"], ["R", "calm"])
    assert [str(one) for one in named.expressions] == ["R", "prob(runaway) <= 0.05"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"vary": []}, "nothing to vary"),
        ({"vary": ["actors.eu.policy.recip=0:1"]}, "did you mean reciprocity"),
        ({"vary": [f"{RECIPROCITY}=-1:1"]}, "-1 is out of range"),
        ({"outcomes": ["mean(cots.eu)"]}, "did you mean cost.eu"),
        ({"design": "lattice"}, "allowed are grid, lhs, sobol"),
        ({"replications": 0}, "replications: found 0"),
    ],
)
def test_what_cannot_be_swept_is_refused_before_anything_is_played(
    options: dict[str, Any], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "Evaluator", None)
    with pytest.raises(InputError, match=said):
        api.plan_sweep(**{"scenario": "shipped:minimal", "vary": [f"{RECIPROCITY}=0:1"]} | options)


def test_a_stored_sweep_is_read_back_as_it_was(tmp_path: Path) -> None:
    what = plan("actors.eu.policy=grit|hardline", "actors.us.policy.reciprocity=0.5:1:2", until=None)
    done = api.sweep(what, tmp_path / "x", "shipped:minimal")
    assert done.folder == tmp_path / "x"
    assert sorted(path.name for path in done.folder.iterdir()) == [
        "batches.npz", "manifest.json", "scenario.yaml", "sweep.parquet",
    ]  # fmt: skip
    assert same(api.open_sweep(tmp_path / "x"), done)
    manifest = manifest_of(tmp_path / "x")
    assert manifest["levers"] == ["actors.eu.policy=grit|hardline", "actors.us.policy.reciprocity=0.5:1:2"]
    assert (manifest["points"], manifest["status"], manifest["seed"]) == (4, "complete", 1)


def test_the_table_is_tidy(tmp_path: Path) -> None:
    done = api.sweep(plan(), tmp_path / "x")
    rows = duckdb.sql(f"SELECT * FROM '{tmp_path / 'x' / 'sweep.parquet'}'")
    assert rows.columns == [
        "point", RECIPROCITY, "expression", "value", "low", "high", "error", "holds", "replications",
        "failed", "truncated",
    ]  # fmt: skip
    found = rows.fetchall()
    assert len(found) == 3 * len(OUTCOMES)
    point, place, expression, value, *_, holds, count, _failed, _truncated = found[4]
    estimate = done.done[1].estimates[1]
    assert (point, place, expression, value, count) == (
        1, 0.8, "prob(concession.belarus) >= 0.5", estimate.value, 20,
    )  # fmt: skip
    assert holds is (estimate.value >= 0.5)
    assert found[0][7] is None


class Interrupted:
    """An evaluator that is interrupted, as by Ctrl-C, at its n-th point."""

    def __init__(self, real: Any, after: int):
        self.real, self.left = real, after

    def __enter__(self) -> Any:
        self.real.__enter__()
        return self.play

    def __exit__(self, *raised: Any) -> None:
        self.real.__exit__(*raised)

    def play(self, *asked: Any) -> Any:
        if self.left == 0:
            raise KeyboardInterrupt
        self.left -= 1
        return self.real(*asked)


def interrupt(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    real = sweeps._evaluator
    monkeypatch.setattr(sweeps, "_evaluator", lambda *asked: Interrupted(real(*asked), after))


def test_an_interrupted_sweep_goes_on_to_what_it_would_have_been(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = api.sweep(plan())
    with monkeypatch.context() as patched:
        interrupt(patched, 2)
        cut = api.sweep(plan(), tmp_path / "x")
    assert not cut.complete
    assert cut.done == whole.done[:2]
    assert not (tmp_path / "x").exists()
    assert api.is_sweep(tmp_path / "x")
    assert api.asked_of_sweep(tmp_path / "x") == 60
    with pytest.raises(InputError, match="a run that was not finished is kept"):
        api.sweep(plan(), tmp_path / "x")
    told: list[int] = []
    resumed = api.resume_sweep(tmp_path / "x", on_progress=told.append)
    assert told == [0, 40, 20]
    assert same(resumed, replace(whole, folder=tmp_path / "x"))
    assert same(api.open_sweep(tmp_path / "x"), whole)
    assert api.asked_of_sweep(tmp_path / "x") is None


def test_a_line_cut_short_by_a_crash_is_played_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = api.sweep(plan())
    with monkeypatch.context() as patched:
        interrupt(patched, 2)
        api.sweep(plan(), tmp_path / "x")
    lines = tmp_path / ".x.unfinished" / "progress" / "points.jsonl"
    lines.write_bytes(lines.read_bytes()[:-30])
    assert same(api.resume_sweep(tmp_path / "x"), whole)


def test_a_sweep_interrupted_before_its_first_point_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(monkeypatch, 0)
    assert api.sweep(plan(), tmp_path / "x").folder is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("progress/run.json", ('"code": "', '"code": "another '), "was begun by other code"),
        ("scenario.yaml", ("title: ", "title: Another "), "was changed since the sweep began"),
        ("progress/run.json", ('"kind"', '"kin"'), "damaged|no such folder"),
    ],
)
def test_a_sweep_that_is_no_longer_the_same_is_not_gone_on_with(
    name: str, change: tuple[str, str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(monkeypatch, 1)
    api.sweep(plan(), tmp_path / "x")
    path = tmp_path / ".x.unfinished" / name
    path.write_text(path.read_text().replace(*change))
    with pytest.raises(InputError, match=said):
        api.resume_sweep(tmp_path / "x")


def test_a_damaged_sweep_is_said_to_be_one(tmp_path: Path) -> None:
    api.sweep(plan(outcomes=["R"]), tmp_path / "x")
    (tmp_path / "x" / "sweep.parquet").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"x: damaged: "):
        api.open_sweep(tmp_path / "x")
    (tmp_path / "x" / "manifest.json").write_text(json.dumps({"kind": "sweep", "schema_version": 1}))
    with pytest.raises(InputError, match="it has no scenario, overrides"):
        api.open_sweep(tmp_path / "x")
    with pytest.raises(InputError, match="is a sweep, not a run"):
        api.open_run(tmp_path / "x")


def test_levers_that_do_not_go_together_are_refused_at_their_point(tmp_path: Path) -> None:
    what = plan(
        "end=2020-12-01|2021-10-03", "shocks.secret_inauguration.date=2020-09-23|2020-09-25", outcomes=["R"]
    )
    assert len(api.sweep(what, tmp_path / "x").done) == 4
    bad = plan("start=2020-09-23|2020-09-01", "shocks.secret_inauguration.date=2020-09-23|2020-09-25")
    bad = replace(bad, points=({"shocks.secret_inauguration.date": "2022-01-01"},))
    with pytest.raises(ScenarioError, match="2022-01-01 is outside the scenario"):
        api.sweep(bad, tmp_path / "y")
    assert not (tmp_path / "y").exists()


def invented(
    values: list[float],
    text: str = "prob(concession.belarus)",
    error: float = 0.01,
    vary: str = "a.b=0.2:1.4:7",
) -> Sweep:
    """Return a sweep with these values at the points of a lever."""
    levers = levers_of([vary])
    points = tuple({levers[0].path: value} for value in levers[0].values())
    done = tuple(
        Swept(n, point, (Estimate(value=value, low=value - 2 * error, high=value + 2 * error, error=error),))
        for n, (point, value) in enumerate(zip(points, values, strict=True))
    )
    scenario = load("shipped:minimal")
    return Sweep(SweepPlan(scenario, levers, (parse(text),), "grid", points, 1, 100), done, 1.0)


@pytest.mark.parametrize(
    ("values", "text", "said"),
    [
        (
            [0.12, 0.2, 0.3, 0.45, 0.5, 0.55, 0.61], "prob(concession.belarus)",
            "prob(concession.belarus) rises from 12% to 61% as b goes from 0.2 to 1.4.",
        ),
        (
            [0.12, 0.2, 0.3, 0.75, 0.7, 0.65, 0.61], "prob(concession.belarus)",
            "prob(concession.belarus) goes from 12% to 61% as b goes from 0.2 to 1.4;"
            " it is highest at 0.8 (75%).",
        ),
        (
            [0.74, 0.8, 0.91, 0.90, 1.0, 1.1, 1.23], "R",
            "R goes from 0.74 to 1.23 as b goes from 0.2 to 1.4.",
        ),
        (
            [5.0, 4, 3, 2, 1, 1, 1], "mean(cost.eu)",
            "mean(cost.eu) falls from 5.00 to 1.00 as b goes from 0.2 to 1.4.",
        ),
        (
            [0.5, 0.4, 0.3, 0.2, 0.3, 0.4, 0.5], "R",
            "R begins at 0.50 and ends at 0.50 as b goes from 0.2 to 1.4; it is lowest at 0.8 (0.20).",
        ),
        (
            [0.5, 0.51, 0.5, 0.49, 0.5, 0.51, 0.5], "R",
            "R shows no sure change (0.49 to 0.51) as b goes from 0.2 to 1.4.",
        ),
        ([0.0] * 7, "prob(runaway)", "prob(runaway) stays at 0% as b goes from 0.2 to 1.4."),
        (
            [0.01, 0.02, 0.03, 0.04, 0.15, 0.26, 0.37], "prob(runaway) <= 0.05",
            "prob(runaway) rises from 1% to 37% as b goes from 0.2 to 1.4."
            " It is <= 0.05 at 4 of 7 points, up to b 0.8.",
        ),
        (
            [0.01, 0.02, 0.03, 0.04, 0.15, 0.26, 0.37], "prob(runaway) >= 0.9",
            "prob(runaway) rises from 1% to 37% as b goes from 0.2 to 1.4. It is >= 0.9 nowhere.",
        ),
    ],
)  # fmt: skip
def test_the_finding_is_one_sentence(values: list[float], text: str, said: str) -> None:
    assert sentence(invented(values, text), 0) == said


def test_choices_have_no_order() -> None:
    swept = invented([0.5, 0.9, 0.2], "R", vary="actors.eu.policy=restrained|hardline|grit")
    assert sentence(swept, 0) == "R goes from 0.20 (policy grit) to 0.90 (policy hardline)."
    backwards = invented([0.9, 0.5, 0.1], "R", vary="a.b=3,2,1")
    assert sentence(backwards, 0) == "R rises from 0.10 to 0.90 as b goes from 1 to 3."


def test_pairs_tell_apart_what_two_intervals_cannot() -> None:
    """The noise of worlds is the same at both points: 0.1 more in each of them is a sure difference."""
    swept = invented([1.0, 1.1], "mean(cost.eu)", error=0.2, vary="a.b=0:1:2")
    assert finding(swept, 0).trend == "flat"
    noise = np.random.default_rng(1).normal(size=100)
    done = [replace(one, batches=(tuple(one.estimates[0].value + noise),)) for one in swept.done]
    assert finding(replace(swept, done=tuple(done)), 0).trend == "rises"
    apart = [
        replace(one, batches=(tuple(np.random.default_rng(n).normal(size=100)),))
        for n, one in enumerate(done)
    ]
    assert finding(replace(swept, done=tuple(apart)), 0).trend == "flat"


def test_of_many_points_that_are_alike_none_is_said_to_stand_out() -> None:
    """In 200 sweeps of 13 points without any effect, at most about 5 in 100 find one."""
    draws = np.random.default_rng(2).normal(1.0, 0.01, size=(200, 13))
    found = [finding(invented(list(row), "R", vary="a.b=0:1:13"), 0).trend for row in draws]
    assert sum(trend != "flat" for trend in found) <= 16


def test_on_a_grid_what_levers_explain_adds_up() -> None:
    levers = levers_of(["a=0:1:3", "b=0:1:4"])
    what = plan("actors.eu.policy.reciprocity=0:1:3", "actors.us.policy.reciprocity=0:1:4", outcomes=["R"])
    what = replace(
        what, levers=levers, points=tuple({"a": x, "b": y} for x in (0, 0.5, 1) for y in (0, 1, 2, 3))
    )
    done = tuple(
        Swept(n, point, (Estimate(value=3 * point["a"] + 0.1 * point["b"], error=0.001),))
        for n, point in enumerate(what.points)
    )
    swept = Sweep(what, done, 1.0)
    first, second = finding(swept, 0).explains
    assert first + second == pytest.approx(1.0)
    assert first > 0.9
    assert sentence(swept, 0).startswith(
        "R goes from 0.00 (a 0, b 0) to 3.30 (a 1, b 3); a alone explains 99% of"
    )


def scattered(count: int, together: bool = False) -> Sweep:
    """Return a sweep of points scattered over two levers, of which `a` alone does anything."""
    levers = levers_of(["a=0:1", "b=0:1"])
    draws = np.random.default_rng(3).random((count, 2))
    points = tuple({"a": x, "b": x if together else y} for x, y in draws.tolist())
    done = tuple(
        Swept(n, point, (Estimate(value=point["a"], error=0.001),)) for n, point in enumerate(points)
    )
    what = SweepPlan(load("shipped:minimal"), levers, (parse("R"),), "lhs", points, 1, 100)
    return Sweep(what, done, 1.0)


def test_of_many_scattered_points_it_is_said_which_lever_explains_them() -> None:
    swept = scattered(200)
    assert sum(finding(swept, 0).explains) <= 1.0
    assert "; a alone explains 9" in sentence(swept, 0)
    assert unshared(swept) == []


def test_few_scattered_points_are_not_shared_out_between_levers() -> None:
    swept = scattered(8)
    assert "explains" not in sentence(swept, 0)
    assert unshared(swept) == [
        "Too few points to tell how much of it each lever explains (60 scattered ones would do)."
    ]


def test_levers_that_move_together_are_not_given_more_than_all() -> None:
    swept = scattered(200, together=True)
    assert sum(finding(swept, 0).explains) > 1.0
    assert "explains" not in sentence(swept, 0)
    assert unshared(swept)[0].startswith("Where no shares stand, the levers moved too much together")
