"""Sweeps: planned, played, interrupted, resumed; and what they are found to show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from escalation import api
from escalation.errors import InputError, ScenarioError
from escalation.present.sweep import at_edges, sentence, unshared
from escalation.scenario.expression import parse
from escalation.scenario.load import load, load_text
from escalation.study import runner
from escalation.study.execution import Execution
from escalation.study.points.evaluate import Evaluator
from escalation.study.points.levers import Lever, levers_of
from escalation.study.points.variants import PointResult
from escalation.study.sweep import sweep as sweeps
from escalation.study.sweep.findings import Played, Points, finding
from escalation.study.sweep.sweep import SWEEP, Sweep, SweepAsked, sweep_of
from escalation.study.values import Estimate
from tests.study.asked import plan_sweep

RECIPROCITY = "actors.eu.policy.reciprocity"
OUTCOMES = ("mean(package_days.eu)", "prob(concession.belarus) >= 0.5", "R")


def asked(*vary: str, **options: Any) -> SweepAsked:
    options = {"replications": 20, "outcomes": OUTCOMES} | options
    return plan_sweep("shipped:minimal", vary or (f"{RECIPROCITY}=0.2:1.4:3",), **options)


def play(what: SweepAsked, folder: Path | None = None, **work: Any) -> Sweep:
    return runner.begin(SWEEP, what, Execution(**work), folder)


def numbers(sweep: Sweep) -> dict[str, Any]:
    """Return all of a sweep but where and how long."""
    return sweep.model_dump(exclude={"run"})


def test_a_point_gives_what_a_run_with_the_same_settings_gives() -> None:
    swept = play(asked(seed=4))
    run = api.run("shipped:minimal", 20, 4, sets=[f"{RECIPROCITY}=0.8"], acts="none")
    days, concession, flywheel = swept.points[1].estimates
    assert swept.points[1].point == {RECIPROCITY: 0.8}
    assert days.value == run.summary.figures["package_days.eu"].mean.value
    assert concession.value == run.summary.figures["concession.belarus"].probability.value
    assert flywheel.value == run.summary.flywheel.counted.R.value
    assert (days.unit, concession.unit) == ("days", "share")


def test_changes_of_a_loaded_scenario_are_not_dropped() -> None:
    loaded = api.load("minimal")
    vary = [f"{RECIPROCITY}=0.2:1.4:3"]
    changes = {"sets": ["actors.us.policy=grit"], "until": date(2020, 12, 15)}
    from_object, from_name = (
        plan_sweep(source, vary, OUTCOMES, replications=20, **changes) for source in (loaded, "minimal")
    )
    assert from_object.overrides == ("actors.us.policy=grit", "until=2020-12-15")
    assert play(from_object).points == play(from_name).points


def test_a_preset_after_a_parameter_leaves_the_parameter() -> None:
    """A preset replaces all that is below it; so it is set first, whatever the order on the command line."""
    vary = [f"{RECIPROCITY}=0.2|1.4", "actors.eu.policy.preset=graduated|grit"]
    what = asked(*vary)
    assert [lever.path for lever in what.levers] == ["actors.eu.policy.preset", RECIPROCITY]
    for point in what.designed:
        policy = what.variants.scenario(point).actors["eu"].policy
        assert policy.reciprocity.value == point[RECIPROCITY]  # type: ignore[union-attr]
    assert what.designed == asked(*reversed(vary)).designed


def test_without_outcomes_it_looks_at_what_answers_the_question_or_at_the_objectives() -> None:
    assert [str(one) for one in asked(outcomes=()).expressions] == [
        "mean(package_days.eu)", "mean(package_days.us)", "mean(package_days.belarus)", "R",
    ]  # fmt: skip
    text = "extends: shipped:minimal\noutcomes: {objectives: {calm: prob(runaway) <= 0.05}}"
    own = plan_sweep(load_text(text), ["actors.eu.policy=grit|hardline"])
    assert [str(one) for one in own.expressions] == ["prob(runaway) <= 0.05"]
    named = plan_sweep(load_text(text), ["actors.eu.policy=grit|hardline"], ["R", "calm"])
    assert [str(one) for one in named.expressions] == ["R", "prob(runaway) <= 0.05"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"vary": []}, "nothing to vary"),
        ({"vary": ["actors.eu.policy.recip=0:1"]}, "did you mean reciprocity"),
        ({"vary": [f"{RECIPROCITY}=-1:1"]}, "-1 is out of range"),
        ({"outcomes": ["mean(cots.eu)"]}, "did you mean cost.eu"),
        ({"design": "lattice"}, "allowed are grid, lhs, sobol"),
        ({"design": "lhs", "points": 0}, "--points: found 0; allowed is 1 to 100,000"),
        ({"replications": 0}, "replications: found 0"),
        ({"seed": -1}, "seed: found -1"),
    ],
)
def test_what_cannot_be_swept_is_refused_before_anything_is_played(
    options: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "Evaluator", None)
    with pytest.raises(InputError, match=message):
        plan_sweep(**{"scenario": "shipped:minimal", "vary": [f"{RECIPROCITY}=0:1"]} | options)


def test_a_stored_sweep_is_read_back_as_it_was(tmp_path: Path) -> None:
    what = asked("actors.eu.policy=grit|hardline", "actors.us.policy.reciprocity=0.5:1:2")
    done = play(what, tmp_path / "x")
    assert sorted(path.name for path in (tmp_path / "x").iterdir()) == [
        "manifest.json", "scenario.yaml", "sweep.json", "sweep.parquet",
    ]  # fmt: skip
    assert api.open(tmp_path / "x") == done


def test_the_table_is_tidy(tmp_path: Path) -> None:
    done = play(asked(), tmp_path / "x")
    rows = duckdb.sql(f"SELECT * FROM '{tmp_path / 'x' / 'sweep.parquet'}'")
    assert rows.columns == [
        "point", RECIPROCITY, "expression", "value", "low", "high", "error", "holds", "replications",
        "failed", "truncated",
    ]  # fmt: skip
    found = rows.fetchall()
    each = len(OUTCOMES) + len(done.costs)
    assert len(found) == 3 * each
    point, place, expression, value, *_, holds, count, _failed, _truncated = found[each + 1]
    estimate = done.points[1].estimates[1]
    assert (point, place, expression, value, count) == (
        1, 0.8, "prob(concession.belarus) >= 0.5", estimate.value, 20,
    )  # fmt: skip
    assert holds is (estimate.value >= 0.5)
    assert found[0][7] is None


def interrupt(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Press Ctrl-C at the point after so many."""
    real, left = Evaluator.__call__, [after]

    def pressed(*arguments: Any) -> Any:
        if left[0] == 0:
            raise KeyboardInterrupt
        left[0] -= 1
        return real(*arguments)

    monkeypatch.setattr(Evaluator, "__call__", pressed)


def test_an_interrupted_sweep_is_resumed_to_what_it_would_have_been(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = play(asked())
    with monkeypatch.context() as patched:
        interrupt(patched, 2)
        cut = play(asked(), tmp_path / "x")
    assert not cut.complete
    assert cut.run is not None
    assert (cut.run.status, cut.run.folder) == ("interrupted", tmp_path / "x")
    assert cut.points == whole.points[:2]
    assert not (tmp_path / "x").exists()
    with pytest.raises(InputError, match="a run that was not finished is kept"):
        play(asked(), tmp_path / "x")
    done: list[int] = []
    resumed = api.resume(tmp_path / "x", on_progress=done.append)
    assert done == [40, 20]
    assert numbers(resumed) == numbers(whole)
    assert api.open(tmp_path / "x") == resumed


@pytest.mark.parametrize("damage", [lambda text: text[:-30], lambda text: "[" + text])
def test_a_damaged_line_is_played_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: Any) -> None:
    whole = play(asked())
    with monkeypatch.context() as patched:
        interrupt(patched, 2)
        play(asked(), tmp_path / "x")
    lines = tmp_path / ".x.unfinished" / "progress" / "points.jsonl"
    lines.write_text(damage(lines.read_text()))
    assert numbers(api.resume(tmp_path / "x")) == numbers(whole)


def test_a_sweep_interrupted_before_its_first_point_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(monkeypatch, 0)
    run = play(asked(), tmp_path / "x").run
    assert run is not None
    assert run.folder is None
    assert list(tmp_path.iterdir()) == []


def test_levers_that_do_not_go_together_are_refused_at_their_point(tmp_path: Path) -> None:
    what = asked(
        "end=2020-12-01|2021-10-03", "shocks.secret_inauguration.date=2020-09-23|2020-09-25", outcomes=["R"]
    )
    assert len(play(what).points) == 4
    bad = asked("start=2020-09-23|2020-09-01", "shocks.secret_inauguration.date=2020-09-23|2020-09-25")
    bad.__dict__["designed"] = ({"shocks.secret_inauguration.date": "2022-01-01"},)
    with pytest.raises(ScenarioError, match="2022-01-01 is outside the scenario"):
        play(bad, tmp_path / "y")
    assert not (tmp_path / "y").exists()


def made_up(
    levers: Sequence[Lever], points: Sequence[dict[str, Any]], text: str, estimates: Sequence[Estimate],
    batches: Sequence[tuple[float, ...]] = (), design: str = "grid",
) -> Sweep:  # fmt: skip
    """Return the sweep of which points came to these estimates."""
    what = SweepAsked(scenario=load("shipped:minimal"), vary=(f"{RECIPROCITY}=0:1:2",), outcomes=(text,),
                      replications=100)  # fmt: skip
    what = what.model_copy(update={"design": design})
    what.__dict__ |= {"levers": tuple(levers), "designed": tuple(points), "costs": ()}
    played = [
        Played(
            result=PointResult(
                number=n, point=point, estimates=(what.measures[0].of(estimate),), replications=100
            ),
            batches=(batches[n] if batches else (),),
        )
        for n, (point, estimate) in enumerate(zip(points, estimates, strict=True))
    ]
    return sweep_of(what, played)


def invented(
    values: list[float],
    text: str = "prob(concession.belarus)",
    error: float = 0.012,
    vary: str = "a.b=0.2:1.4:7",
    batches: Sequence[tuple[float, ...]] = (),
) -> Sweep:
    """Return a sweep with these values at the points of a lever."""
    levers = levers_of([vary])
    points = [{levers[0].path: value} for value in levers[0].values()]
    estimates = [
        Estimate(value=value, low=value - 2 * error, high=value + 2 * error, error=error) for value in values
    ]
    return made_up(levers, points, text, estimates, batches)


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

    def trend(*batches: np.ndarray) -> str:
        rows = [tuple(one.tolist()) for one in batches]
        return invented([1.0, 1.1], "mean(cost.eu)", 0.2, "a.b=0:1:2", rows).findings[0].trend

    assert trend() == "flat"
    noise = np.random.default_rng(1).normal(size=100)
    assert trend(1.0 + noise, 1.1 + noise) == "rises"
    assert trend(*(np.random.default_rng(n).normal(size=100) for n in range(2))) == "flat"


def test_of_many_points_that_are_alike_none_is_said_to_stand_out() -> None:
    """In 200 sweeps of 13 points without any effect, at most about 5 in 100 find one."""
    draws = np.random.default_rng(2).normal(1.0, 0.01, size=(200, 13))
    levers = levers_of(["a.b=0:1:13"])
    points = Points(levers, [], balanced=True)
    found = []
    for row in draws:
        played = [
            Played(result=PointResult(number=n, point={"a.b": place}, replications=100,
                                      estimates=(Estimate(value=value, error=0.01),)), batches=((),))
            for n, (place, value) in enumerate(zip(levers[0].values(), row.tolist(), strict=True))
        ]  # fmt: skip
        found.append(finding(points._replace(played=played), 0, parse("R")))
    assert sum(one.trend != "flat" for one in found) <= 16


def test_on_a_grid_what_levers_explain_adds_up() -> None:
    levers = levers_of(["a=0:1:3", "b=0:3:4"])
    points = [{"a": x, "b": float(y)} for x in (0.0, 0.5, 1.0) for y in (0, 1, 2, 3)]
    estimates = [Estimate(value=3 * point["a"] + 0.1 * point["b"], error=0.001) for point in points]
    swept = made_up(levers, points, "R", estimates)
    first, second = swept.findings[0].explains
    assert first + second == pytest.approx(1.0)
    assert first > 0.9
    assert sentence(swept, 0).startswith(
        "R goes from 0 (a 0, b 0) to 3.3 (a 1, b 3); a alone explains 99% of"
    )


def scattered(count: int, together: bool = False) -> Sweep:
    """Return a sweep of points scattered over two levers, of which `a` alone does anything."""
    draws = np.random.default_rng(3).random((count, 2))
    points = [{"a": x, "b": x if together else y} for x, y in draws.tolist()]
    estimates = [Estimate(value=point["a"], error=0.001) for point in points]
    return made_up(levers_of(["a=0:1", "b=0:1"]), points, "R", estimates, design="lhs")


def test_of_many_scattered_points_it_is_said_which_lever_explains_them() -> None:
    swept = scattered(200)
    assert sum(swept.findings[0].explains) <= 1.0
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
    assert sum(swept.findings[0].explains) > 1.0
    assert "explains" not in sentence(swept, 0)
    assert unshared(swept)[0].startswith("Where no shares stand, the levers moved too much together")


def test_a_highest_value_at_the_edge_of_what_was_varied_is_said() -> None:
    swept = play(asked(replications=60, outcomes=("mean(acts.eu)",)))
    (found,) = swept.findings
    assert found is not None
    at_edge = {swept.points[one].point[RECIPROCITY] in (0.2, 1.4) for one in (found.highest, found.lowest)}
    assert at_edge == {True}
    (line,) = at_edges(swept)
    assert line.startswith("At the edge of what was varied, mean(acts.eu) is highest at reciprocity ")
    assert line.endswith("(0.2 to 1.4): see beyond it.")
