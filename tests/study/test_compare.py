"""Comparing runs in common random numbers, through the Python face."""

from __future__ import annotations

import json
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import escalation
from escalation import api
from escalation.clocks import simpy_clock
from escalation.errors import InputError
from escalation.study.compare.model import Comparison, Difference, Note
from escalation.study.finished import Finished
from escalation.study.runner import Interrupted
from escalation.study.stats import wilson
from escalation.study.values import DATE
from tests.ensemble import clocks

N = 80
HARD = ("actors.us.policy=hardline",)


def run(*sets: str, **options: Any) -> Finished:
    return escalation.run("shipped:minimal", sets=sets, **{"replications": N, **options})


@pytest.fixture(scope="module")
def plain() -> Finished:
    return run()


@pytest.fixture(scope="module")
def hard() -> Finished:
    return run(*HARD)


@pytest.fixture(scope="module")
def compared(plain: Finished, hard: Finished) -> Comparison:
    return api.compare([plain, hard])


def differences(comparison: Comparison) -> tuple[Difference, ...]:
    return comparison.contrasts[0].differences


def test_identical_policies_differ_by_exactly_nought_in_every_outcome(plain: Finished) -> None:
    comparison = api.compare([plain, run()])
    contrast = comparison.contrasts[0]
    assert contrast.identical
    assert contrast.pairs == N
    assert comparison.tests == 0
    for one in contrast.differences:
        assert one.difference.value in (0.0, None)
        assert (one.difference.low, one.difference.high) == (0.0, 0.0)
        assert one.p == one.p_adjusted == 1.0
        assert not one.sure
        assert one.p_exceeds is None or one.p_exceeds.value == 0.0


@pytest.mark.parametrize("replications", [3, 12, 30])
def test_identical_policies_are_identical_in_few_and_unequal_numbers_too(
    plain: Finished, replications: int
) -> None:
    contrast = api.compare([plain, run(replications=replications)]).contrasts[0]
    assert contrast.identical
    assert contrast.pairs == replications
    assert {one.difference.value for one in contrast.differences} <= {0.0, None}


def test_a_difference_is_the_mean_of_the_differences_of_pairs(
    plain: Finished, hard: Finished, compared: Comparison
) -> None:
    for name in ("acts.belarus", "tension.peak", "package_days.us"):
        one = compared.contrasts[0].find(name)
        x, y = (np.array(run.columns([name])[name]) for run in (plain, hard))
        assert one.difference.value == pytest.approx(np.mean(y - x), abs=1e-12)
        assert one.baseline.value == pytest.approx(x.mean())
        assert one.other.value == pytest.approx(y.mean())
        assert one.p_exceeds
        assert one.p_exceeds.value == np.mean(y > x)
        assert (one.p_exceeds.low, one.p_exceeds.high) == wilson(int((y > x).sum()), N)
        assert one.p_equal == pytest.approx(np.mean(y == x))
        saved = (x.var(ddof=1) + y.var(ddof=1)) / (y - x).var(ddof=1)
        assert one.variance_ratio == pytest.approx(saved)
        spread = np.sqrt((x.var(ddof=1) + y.var(ddof=1)) / 2)
        assert one.standardised == pytest.approx(np.mean(y - x) / spread)
        assert one.difference.low <= np.mean(y - x) <= one.difference.high


def test_a_date_is_compared_by_whether_it_comes_and_by_its_restricted_mean() -> None:
    dated = "outcomes.first_use={us: [listing, trade_ban]}"
    plain, hard = run(dated), run(dated, *HARD)
    compared = api.compare([plain, hard])
    name = next(one.name for one in differences(compared) if one.outcome.kind == "date" and not one.equal)
    horizon = (plain.header.end - plain.header.start).days
    x, y = (np.array(run.columns([name])[name]) for run in (plain, hard))
    share = compared.contrasts[0].find(name, "probability")
    assert share.difference.value == pytest.approx(np.mean(~np.isnan(y)) - np.mean(~np.isnan(x)))
    mean = compared.contrasts[0].find(name, "restricted_mean")
    assert mean.other.value == pytest.approx(np.where(np.isnan(y), horizon, y).mean())
    assert mean.difference.unit == DATE


def test_what_differs_surely_is_said_first_and_by_importance(compared: Comparison) -> None:
    found = differences(compared)
    assert found[0].name == "flywheel.R"
    sizes = [one.importance for one in found[1:]]
    assert sizes == sorted(sizes, reverse=True)
    days = compared.contrasts[0].find("package_days.us")
    assert days.headline
    assert days.sure
    assert days.difference.value > 0


def test_holm_counts_every_outcome_that_differs_anywhere(plain: Finished, hard: Finished) -> None:
    one = api.compare([plain, hard])
    other = api.compare([plain, hard], adjust="none")
    assert one.tests == other.tests == sum(not row.equal for row in differences(one))
    for asked, tests in ((True, one.questions), (False, one.tests - one.questions)):
        family = [row for row in differences(one) if row.question == asked and not row.equal]
        assert tests == len(family) > 0
        assert {row.tests for row in family} == {tests}
        least = min(family, key=lambda row: row.p)
        assert least.p_adjusted == pytest.approx(min(1.0, least.p * tests))
    assert {row.name for row in differences(one) if row.sure} <= {
        row.name for row in differences(other) if row.sure
    }
    assert all(row.p_adjusted in (row.p, 1.0) for row in differences(other))


def test_the_questions_of_a_scenario_are_a_family_of_their_own(plain: Finished, hard: Finished) -> None:
    found = [row for row in differences(api.compare([plain, hard])) if not row.equal]
    asked = {row.name for row in found if row.question}
    assert asked == {"flywheel.R"} | {row.name for row in found if row.name in plain.header.answer}
    for family in (True, False):
        rows = sorted((row for row in found if row.question == family), key=lambda row: row.p)
        scaled = [row.p * (len(rows) - place) for place, row in enumerate(rows)]
        worst = np.minimum(1.0, np.maximum.accumulate(scaled))
        assert [row.p_adjusted for row in rows] == pytest.approx(list(worst))


def test_what_only_the_interval_leaves_no_doubt_of_is_nearly_sure() -> None:
    found = [
        api.compare([run(seed=seed, replications=60), run(*HARD, seed=seed, replications=60)])
        for seed in range(1, 5)
    ]
    nearly = [row for one in found for row in differences(one) if row.nearly]
    assert nearly
    for row in nearly:
        assert row.difference.low > 0 or row.difference.high < 0
        assert row.p_adjusted >= 0.05


def test_without_any_effect_nothing_is_sure(plain: Finished) -> None:
    for seed in (2, 3, 4):
        comparison = api.compare([plain, run(seed=seed)])
        assert not [one.name for one in differences(comparison) if one.sure]


def test_swapping_the_runs_turns_the_signs(plain: Finished, hard: Finished, compared: Comparison) -> None:
    back = api.compare([hard, plain]).contrasts[0]
    for one in differences(compared):
        other = back.find(one.name, one.statistic)
        assert other.difference.value == pytest.approx(-one.difference.value, abs=1e-12)
        assert other.sure == one.sure
        assert other.variance_ratio == pytest.approx(one.variance_ratio)


def test_several_runs_are_each_compared_with_the_first(plain: Finished, hard: Finished) -> None:
    comparison = api.compare([plain, hard, plain])
    assert [contrast.other for contrast in comparison.contrasts] == [1, 2]
    assert len({side.name for side in comparison.sides}) == 3
    assert comparison.contrasts[1].identical
    assert not comparison.contrasts[0].identical


# the flywheel


def test_the_difference_of_flywheels_is_paired_and_agrees_with_both(compared: Comparison) -> None:
    wheels = differences(compared)[0]
    assert wheels.statistic == "R"
    assert wheels.n == N
    assert wheels.variance_ratio is not None
    for side, level in ((0, wheels.baseline), (1, wheels.other)):
        assert compared.sides[side].verdict
        assert level.half_width is not None
    assert wheels.difference.value == pytest.approx(wheels.other.value - wheels.baseline.value)


def test_the_levels_of_r_are_those_of_the_runs(plain: Finished, hard: Finished, compared: Comparison) -> None:
    wheels = differences(compared)[0]
    for run_, level in ((plain, wheels.baseline), (hard, wheels.other)):
        R = run_.summary.flywheel.counted.R
        assert level.value == pytest.approx(R.value, abs=1e-9)
        assert (level.low, level.high) == pytest.approx((R.low, R.high), abs=1e-5)


def test_stored_runs_keep_what_r_rests_on(tmp_path: Path, compared: Comparison) -> None:
    run(out=tmp_path / "a")
    run(*HARD, out=tmp_path / "b")
    again = api.compare([tmp_path / "a", tmp_path / "b"])
    assert [side.folder for side in again.sides] == [str(tmp_path / "a"), str(tmp_path / "b")]
    assert again.contrasts == compared.contrasts


def test_a_run_without_its_batches_is_compared_by_its_interval(tmp_path: Path, hard: Finished) -> None:
    run(out=tmp_path / "a")
    path = tmp_path / "a" / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["files"]["flywheel.npz"]
    path.write_text(json.dumps(manifest))
    contrast = api.compare([tmp_path / "a", hard]).contrasts[0]
    assert contrast.paired
    assert contrast.differences[0].variance_ratio is None
    assert contrast.notes == (Note(code="no_batches", runs=("minimal",)),)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 torn", b"middle", None])
def test_damaged_batches_are_said_to_be(tmp_path: Path, hard: Finished, damage: bytes | None) -> None:
    run(out=tmp_path / "a")
    path = tmp_path / "a" / "flywheel.npz"
    if damage is None:
        arrays = dict(np.load(path))
        np.savez_compressed(path, **{**arrays, "answers": arrays["answers"][:-1]})
    elif damage == b"middle":
        whole = bytearray(path.read_bytes())
        whole[len(whole) // 2] ^= 255
        path.write_bytes(whole)
    else:
        path.write_bytes(damage)
    with pytest.raises(InputError, match=r"flywheel\.npz: was changed since the run was stored"):
        api.compare([tmp_path / "a", hard])


def test_any_number_of_workers_keeps_the_same_bytes(tmp_path: Path) -> None:
    run(out=tmp_path / "one")
    run(out=tmp_path / "two", workers=2, clock="simpy")
    one, two = ((tmp_path / name / "flywheel.npz").read_bytes() for name in ("one", "two"))
    assert one == two


# what cannot be paired


def reasons(comparison: Comparison) -> list[tuple[Any, ...]]:
    contrast = comparison.contrasts[0]
    assert not contrast.paired
    assert contrast.pairs == 0
    assert all(one.variance_ratio is None for one in contrast.differences)
    return [(reason.code, reason.baseline, reason.other) for reason in contrast.reasons]


def test_runs_of_other_seeds_are_compared_unpaired(plain: Finished) -> None:
    assert reasons(api.compare([plain, run(seed=2)])) == [("seed", 1, 2)]


def test_runs_of_another_horizon_are_compared_unpaired_and_dates_over_the_shorter(plain: Finished) -> None:
    shorter = run(until=date(2021, 3, 1))
    comparison = api.compare([plain, shorter])
    assert reasons(comparison) == [("end", date(2021, 10, 3), date(2021, 3, 1))]
    horizon = (shorter.header.end - shorter.header.start).days
    assert Note(code="horizon", value=horizon) in comparison.contrasts[0].notes
    for one in differences(comparison):
        if one.statistic == "restricted_mean":
            assert max(one.baseline.value, one.other.value) <= horizon


def test_runs_of_another_model_are_compared_unpaired(tmp_path: Path, plain: Finished) -> None:
    run(out=tmp_path / "old")
    path = tmp_path / "old" / "manifest.json"
    manifest = json.loads(path.read_text())
    assert manifest["model"]
    path.write_text(json.dumps({**manifest, "model": "0123"}))
    assert reasons(api.compare([plain, tmp_path / "old"])) == [("model", None, None)]


def test_flywheels_without_a_batch_in_common_are_compared_as_independent_ones() -> None:
    contrast = api.compare([run(replications=1000), run(*HARD, replications=1001)]).contrasts[0]
    assert contrast.pairs == 1000
    R = contrast.find("flywheel.R")
    assert not R.equal
    assert R.sure
    assert R.difference.low < R.difference.value < R.difference.high
    assert contrast.notes == (Note(code="other_batches"),)


def test_what_history_tells_is_known_of_a_run_that_kept_no_acts(tmp_path: Path) -> None:
    asked = {"until": date(2020, 10, 20), "replications": 12}
    kept = escalation.run("shipped:belarus_2020", out=tmp_path / "kept", **asked)
    escalation.run("shipped:belarus_2020", acts="none", out=tmp_path / "none", **asked)
    for other in (kept, tmp_path / "kept"):
        contrast = api.compare([tmp_path / "none", other]).contrasts[0]
        assert contrast.past_uses == ()
        assert contrast.identical


def test_of_different_numbers_of_replications_the_common_ones_are_paired(hard: Finished) -> None:
    contrast = api.compare([run(replications=50), hard]).contrasts[0]
    assert contrast.paired
    assert contrast.pairs == 50
    assert contrast.differences[0].n == 50
    few = api.compare([run(replications=50), run(*HARD, replications=50)]).contrasts[0]
    assert contrast.find("acts.belarus") == few.find("acts.belarus")
    assert contrast.differences[0].difference.value == few.differences[0].difference.value


def test_failed_replications_are_dropped_with_their_pair(
    monkeypatch: pytest.MonkeyPatch, hard: Finished
) -> None:
    monkeypatch.setattr(simpy_clock, "simulate", clocks.failing_each_third_of_the_real)
    comparison = api.compare([run(), hard])
    contrast = comparison.contrasts[0]
    assert contrast.dropped == 27
    assert contrast.pairs == N - 27
    assert not comparison.clean
    assert all(one.n == N - 27 for one in contrast.differences[1:])


def test_with_nothing_but_failures_there_is_no_difference(
    monkeypatch: pytest.MonkeyPatch, plain: Finished
) -> None:
    monkeypatch.setattr(simpy_clock, "simulate", clocks.always_failing)
    contrast = api.compare([plain, run(replications=30)]).contrasts[0]
    assert contrast.dropped == 30
    assert [one.statistic for one in contrast.differences] == ["R"]
    assert contrast.differences[0].difference.value is None


def test_too_few_pairs_have_no_interval_of_a_mean_and_nothing_is_sure_of_it() -> None:
    comparison = api.compare([run(replications=5), run(*HARD, replications=5)])
    days = comparison.contrasts[0].find("package_days.us")
    assert days.difference.value
    assert days.difference.half_width is None
    assert days.difference.too_few
    assert not days.sure
    assert Note(code="few", value=10) in comparison.contrasts[0].notes


def test_outcomes_that_only_one_has_are_named_and_not_compared(plain: Finished) -> None:
    other = run("outcomes.first_use.belarus=[trade_ban]")
    contrast = api.compare([plain, other]).contrasts[0]
    names = {one.name for one in contrast.differences}
    assert contrast.only_other == ("first.belarus.trade_ban",)
    assert contrast.only_baseline == ()
    assert set(plain.header.columns) == names - {"flywheel.R"}


def test_a_first_use_that_one_scenario_tells_as_history_is_not_compared(tmp_path: Path) -> None:
    run("outcomes.first_use.us=[listing]", "history.us_list=null", out=tmp_path / "a")
    told = run("outcomes.first_use.us=[listing]", out=tmp_path / "b")
    for sources in ([tmp_path / "a", told], [tmp_path / "a", tmp_path / "b"]):
        contrast = api.compare(sources).contrasts[0]
        assert [use.outcome.name for use in contrast.past_uses] == ["first.us.listing"]
        with pytest.raises(KeyError):
            contrast.find("first.us.listing")


# from scenarios


def test_a_scenario_is_run_with_the_seed_and_replications_of_the_run_it_is_compared_with(
    tmp_path: Path,
) -> None:
    run(replications=30, seed=9, out=tmp_path / "a")
    comparison = api.compare([tmp_path / "a", "minimal"])
    assert comparison.sides[1].seed == 9
    assert comparison.contrasts[0].identical
    assert comparison.contrasts[0].pairs == 30


def test_one_source_is_compared_with_itself_as_changed(tmp_path: Path, compared: Comparison) -> None:
    alone = api.compare(["minimal"], N, 1, sets=HARD)
    assert alone.contrasts == compared.contrasts
    assert [side.overrides for side in alone.sides] == [(), HARD]
    run(out=tmp_path / "a")
    assert api.compare([tmp_path / "a"], sets=HARD).contrasts == compared.contrasts


def test_runs_made_for_it_are_stored_where_that_is_asked(tmp_path: Path) -> None:
    comparison = api.compare(["minimal", "minimal"], 12, out=tmp_path)
    assert [side.folder for side in comparison.sides] == [
        str(tmp_path / "minimal"),
        str(tmp_path / "minimal-2"),
    ]
    assert api.compare([tmp_path / "minimal", tmp_path / "minimal-2"]).contrasts == comparison.contrasts


@pytest.mark.parametrize(
    ("sources", "options", "said"),
    [
        ([], {}, "found no run"),
        (["minimal"], {}, "found 1 run"),
        (["minimal", "minimul"], {}, "did you mean minimal"),
        (["minimal", "minimal"], {"sets": ["actors.us.polcy=x"]}, "did you mean policy"),
        (["minimal", "minimal"], {"replications": 0}, "allowed is 1 to"),
        (["minimal", "minimal"], {"adjust": "bonferroni"}, "allowed are holm, none"),
        (["minimal", "minimal"], {"workers": 0}, "workers"),
    ],
)
def test_what_is_asked_wrongly_is_refused_before_anything_is_run(
    monkeypatch: pytest.MonkeyPatch, sources: list[str], options: dict[str, Any], said: str
) -> None:
    monkeypatch.setattr(simpy_clock, "simulate", None)
    with pytest.raises(InputError, match=said):
        api.compare(sources, **options)


def test_what_is_for_scenarios_only_is_refused_for_runs(plain: Finished, hard: Finished) -> None:
    with pytest.raises(InputError, match="set: what is named are runs and have their own"):
        api.compare([plain, hard], sets=HARD)


def test_ctrl_c_while_a_scenario_is_run_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simpy_clock, "simulate", clocks.interrupted_at_twenty)
    with pytest.raises(Interrupted):
        api.compare(["minimal", "minimal"], 40)


def test_a_resumed_comparison_of_scenarios_without_a_name_is_as_if_played_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    loaded = [escalation.load("minimal"), escalation.load("minimal", ["actors.us.policy=hardline"])]
    whole = api.compare(loaded, 12)
    played, calls = simpy_clock.simulate, count()

    def simulate(*args: Any) -> Any:
        if next(calls) == 16:
            raise KeyboardInterrupt
        return played(*args)

    monkeypatch.setattr(simpy_clock, "simulate", simulate)
    with pytest.raises(Interrupted):
        api.compare(loaded, 12, out=tmp_path / "both", clock="simpy")
    resumed = api.resume(tmp_path / "both", clock="simpy")
    assert isinstance(resumed, Comparison)
    assert [side.scenario for side in resumed.sides] == [side.scenario for side in whole.sides]


def test_a_comparison_is_its_document(compared: Comparison) -> None:
    text = compared.model_dump_json()
    document = json.loads(text)
    assert (document["kind"], document["schema_version"]) == ("compare", Comparison.version)
    assert Comparison.model_validate_json(text) == compared
    assert [side["name"] for side in document["sides"]] == [side.name for side in compared.sides]
    rows = document["contrasts"][0]["differences"]
    assert len(rows) == len(differences(compared))
    assert rows[0]["difference"]["low"] == differences(compared)[0].difference.low


def test_loaded_scenarios_are_compared_like_their_files() -> None:
    names = ("minimal", "minimal")
    loaded = [escalation.load("minimal"), escalation.load("minimal", ["actors.us.policy=hardline"])]
    found = api.compare(loaded, replications=12)
    (contrast,) = found.contrasts
    assert contrast.paired
    assert contrast.pairs == 12
    (same,) = api.compare([loaded[0], *names[:1]], replications=12).contrasts
    assert all(one.equal for one in same.differences)
