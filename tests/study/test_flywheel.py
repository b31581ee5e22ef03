"""The flywheel against branching processes whose matrix is known, and against its own definition."""

from __future__ import annotations

import json
import math
import pickle
from datetime import timedelta

import numpy as np
import pytest

from escalation.model.world import FAILED, SHOCK, Replication
from escalation.present.flywheel import sentence
from escalation.study.flywheel.estimate import estimate
from escalation.study.flywheel.log import batch_of, sums_by_batch
from escalation.study.flywheel.model import SOURCES, Flywheel, Span, SpanReading, reading
from escalation.study.flywheel.plan import Plan
from escalation.study.flywheel.sums import summed
from escalation.study.values import Estimate
from tests.model.worlds import START, duel, instrument
from tests.study.hazards import SYMMETRIC, ensemble, flywheel, hazards, matrix, places

WEEKS = Plan(20.0)
"""Long enough for every answer of these worlds: a lag of 20 days is six deviations out."""


def span(label, first, last):
    return Span(label=label, first=first, last=last)


def ends(of):
    return of.R.value, of.R.low, of.R.high


def known(acts, R, low, high, late=False):
    return reading(acts, Estimate(value=R, low=low, high=high), late=late)


def changed(wheel, **fields):
    return wheel.model_copy(update=fields)


DUEL = {"a": {"a": 0.5}, "b": {"b": 0.6}}
TRIANGLE = {
    "a": {"a": 0.3, "b": 0.2, "c": 0.1},
    "b": {"a": 0.25, "b": 0.4},
    "c": {"a": 0.15, "b": 0.35, "c": 0.2},
}


@pytest.mark.parametrize("answers", [DUEL, TRIANGLE])
def test_it_recovers_the_matrix_of_hazard_policies(answers):
    built, replications = ensemble(hazards(answers, shocks=40), 80)
    wheel = flywheel(built, replications, WEEKS)
    at = places(built, wheel)
    known = matrix(built, answers)[np.ix_(at, at)]
    error = np.sqrt(known * (1 - known) / np.maximum(np.array(wheel.followed)[:, None], 1))
    assert min(wheel.followed) > 40
    assert (np.abs(wheel.K - known) <= 4 * error).all()
    assert (wheel.K[known == 0] == 0).all()
    true_R = np.abs(np.linalg.eigvals(matrix(built, answers))).max()
    assert wheel.counted.R.low < true_R < wheel.counted.R.high
    assert wheel.counted.R.high - wheel.counted.R.low < 0.15
    assert wheel.counted.verdict == "does not feed itself"


@pytest.mark.parametrize("answers", [DUEL, TRIANGLE])
def test_below_one_the_acts_per_shock_follow_from_the_matrix(answers):
    salience, shocks, n = 0.8, 20, 150
    built, replications = ensemble(hazards(answers, shocks=shocks, salience=salience), n)
    K = matrix(built, answers)
    names = built.names.actors
    first = np.zeros(len(K))
    first[names.index("b") * len(names) + names.index("a")] = salience
    expected = np.linalg.inv(np.eye(len(K)) - K.T) @ first
    counts = np.zeros((n, len(K)))
    for row, one in enumerate(replications):
        acts = one.acts["origin"] != SHOCK
        np.add.at(counts[row], one.acts["actor"][acts] * len(names) + one.acts["target"][acts], 1 / shocks)
    error = counts.std(axis=0, ddof=1) / math.sqrt(n)
    assert (np.abs(counts.mean(axis=0) - expected) <= 4 * error).all()
    wheel = flywheel(built, replications, WEEKS)
    at = places(built, wheel)
    assert wheel.acts_per_shock == pytest.approx(expected[at], abs=4 * error.max())
    assert wheel.acts_per_outside_act == pytest.approx(expected.sum() / salience, rel=0.1)
    assert wheel.endogenous == pytest.approx(1 - salience / expected.sum(), abs=0.03)


@pytest.fixture(scope="module")
def growing():
    """An ensemble of true R = 1.2 that the end cuts off in full growth."""
    return ensemble(hazards(SYMMETRIC, days=60, lag=6), 60)


def test_above_one_it_is_recovered_from_a_short_horizon(growing):
    wheel = flywheel(*growing, WEEKS)
    assert wheel.counted.R.low < 1.2 < wheel.counted.R.high
    assert wheel.counted.R.high - wheel.counted.R.low < 0.1
    assert wheel.counted.verdict == "feeds itself"
    assert wheel.acts_per_shock is None
    assert wheel.acts_per_outside_act is None


def naive(replications, last_answer, last_parent):
    """Answers per act, pooled over dyads (all rows of the true matrix have one sum, which is R)."""
    answers = parents = 0
    for one in replications:
        acts = one.acts["origin"] != SHOCK
        parents += np.sum(acts & (one.acts["time"] < last_parent))
        caused = acts[one.causes["cause"]]
        answers += one.causes["share"][caused & (one.acts["time"][one.causes["cause"]] < last_answer)].sum()
    return answers / parents


def test_without_trimming_or_with_half_of_it_the_same_ensemble_reads_far_off(growing):
    built, replications = growing
    wheel = flywheel(built, replications, WEEKS)
    assert naive(replications, 60, 60) < 1.0 < wheel.counted.R.low
    assert naive(replications, 60, 60 - WEEKS.window) > 1.5 > wheel.counted.R.high
    assert naive(replications, 40, 40) == pytest.approx(wheel.counted.R.value, abs=0.03)


def test_replications_cut_off_at_the_act_limit_still_give_R():
    data = hazards(SYMMETRIC, days=400, lag=6, model={"act_limit": 500})
    built, replications = ensemble(data, 40)
    wheel = flywheel(built, replications, WEEKS)
    assert wheel.truncated == 40
    assert wheel.counted.R.low < 1.2 < wheel.counted.R.high
    assert wheel.counted.verdict == "feeds itself"


def test_a_runaway_cut_off_too_early_to_be_seen_is_not_said_to_die_out():
    data = hazards(SYMMETRIC, days=400, lag=6, shocks=1, model={"act_limit": 8})
    built, replications = ensemble(data, 200)
    wheel = flywheel(built, replications, WEEKS)
    assert wheel.counted.R.high < 1
    assert wheel.counted.verdict == "cannot be told"
    assert f"{wheel.truncated} of 200 replications were cut off" in sentence(wheel)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    answers = {"a": {"a": 0.7}, "b": {"b": 0.7}}
    built, replications = ensemble(hazards(answers, shocks=4), 1600)
    readings = [
        flywheel(built, replications[first : first + 40], WEEKS).counted for first in range(0, 1600, 40)
    ]
    covered = np.mean([one.R.low <= 0.7 <= one.R.high for one in readings])
    assert 0.95 - 4 * math.sqrt(0.95 * 0.05 / 40) < covered


def ping_pong(**more):
    """One shock; from then on each act is answered after exactly 5 days."""
    return hazards({"a": {"a": 1}, "b": {"b": 1}}, shocks=1, lag=5, spread=0, **more)


def test_a_certain_answer_to_each_act_is_exactly_one():
    wheel = flywheel(*ensemble(ping_pong(), 1), WEEKS)
    assert wheel.K.tolist() == [[0, 1], [1, 0]]
    assert abs(wheel.counted.R.value - 1) < 1e-12
    # acts at 5.25, 10.25, ... of which those before 345 are followed
    assert wheel.followed == (34, 34)
    assert [(loop.dyads, loop.gain) for loop in wheel.loops] == [(("a.b", "b.a"), pytest.approx(1))]
    assert {(link.parent, link.child, round(link.carries, 9)) for link in wheel.links} == {
        ("a.b", "b.a", 0.5),
        ("b.a", "a.b", 0.5),
    }


def test_one_story_has_no_interval_and_no_verdict():
    wheel = flywheel(*ensemble(ping_pong(), 1), WEEKS)
    assert wheel.counted.R.low is None
    assert wheel.counted.verdict == "cannot be told"


def test_an_answer_on_the_last_day_of_the_window_counts_and_a_later_one_is_late():
    built, replications = ensemble(ping_pong(), 1)
    on_time, late = (flywheel(built, replications, Plan(window)) for window in (5.0, 4.99))
    assert (on_time.counted.R.value, on_time.late) == (pytest.approx(1), 0)
    assert (late.counted.R.value, late.late) == (0, 1)


def test_a_span_holds_the_parents_in_it_wherever_their_answers_fall():
    built, replications = ensemble(ping_pong(days=100), 1)
    spans = (span("one act", 10, 15), span("none", 15.3, 20), span("the rest", 30, 100))
    wheel = flywheel(built, replications, Plan(20.0, spans))
    assert [one.counted.acts for one in wheel.spans] == [1, 0, 10]
    assert [one.counted.R.value for one in wheel.spans] == [0, None, pytest.approx(1)]


def test_weighting_by_severity_changes_the_links_and_not_the_loop():
    data = hazards(DUEL)
    data["actors"]["a"]["policy"]["instrument"] = "embargo"
    wheel = flywheel(*ensemble(data, 40), WEEKS)
    # embargo 7, listing 3; dyads a.b and b.a
    assert wheel.K_weighted[1, 0] == pytest.approx(wheel.K[1, 0] * 7 / 3)
    assert wheel.K_weighted[0, 1] == pytest.approx(wheel.K[0, 1] * 3 / 7)
    assert abs(wheel.weighted.R.value - wheel.counted.R.value) < 1e-12


@pytest.mark.parametrize("family", ["verbal", "threat", "conciliatory"])
def test_words_threats_and_concessions_do_not_turn_it(family):
    data = ping_pong(days=100)
    data["instruments"]["other"] = instrument(family, -2 if family == "conciliatory" else 2)
    data["actors"]["a"]["policy"]["instrument"] = "other"
    wheel = flywheel(*ensemble(data, 1), WEEKS)
    assert [dyad.name for dyad in wheel.dyads] == ["b.a"]
    assert wheel.counted.R.value == 0
    assert "stands still" in sentence(wheel)
    assert wheel.sources["other"] > 0.8
    assert wheel.endogenous == 0


def test_history_is_no_parent_and_what_answers_it_is_told_apart():
    data = ping_pong(days=100, simulate_from=START + timedelta(days=8))
    data["shocks"] = {}
    hit = {"date": START + timedelta(days=5), "actor": "a", "target": "b", "instrument": "listing"}
    data["history"] = {"hit": hit}
    wheel = flywheel(*ensemble(data, 1), WEEKS)
    acts = 18
    assert wheel.sources["history"] == pytest.approx(1 / acts)
    assert wheel.sources["acts"] == pytest.approx((acts - 1) / acts)
    assert wheel.endogenous == pytest.approx(1)
    assert sum(wheel.followed) == acts - 4


def test_shares_of_every_source_add_up_to_one_in_a_world_of_grievances():
    data = duel()
    data["actors"]["target"]["policy"]["reciprocity"] = 0.8
    for one in data["actors"].values():
        one["policy"]["outspoken"] = 1
    built, replications = ensemble(data, 20)
    counts = built.tables.instrument["counted"]
    acts = [counts[one.acts["instrument"][one.acts["origin"] != SHOCK]] for one in replications]
    sums = batch_sums(built, replications, WEEKS)
    assert sums.sources.values[:, 0].sum() == pytest.approx(np.sum(np.concatenate(acts)), abs=1e-3)
    wheel = flywheel(built, replications, WEEKS)
    assert set(wheel.sources) == set(SOURCES)
    assert sum(wheel.sources.values()) == pytest.approx(1)
    assert min(wheel.sources[name] for name in ("acts", "shocks", "other")) > 0


def test_an_act_on_a_member_is_a_dyad_of_its_own_that_the_bloc_answers():
    data = hazards({"bloc": {"member": 1}, "member": {}, "other": {}}, shocks=0, days=100)
    data["actors"]["bloc"]["members"] = {"member": 1}
    hit = {"date": START + timedelta(days=3), "target": "member", "instrument": "listing"}
    data["actors"]["other"]["policy"] = {"kind": "scripted", "acts": {"hit": hit}}
    wheel = flywheel(*ensemble(data, 1), WEEKS)
    assert [dyad.name for dyad in wheel.dyads] == ["bloc.other", "other.member"]
    assert wheel.K.tolist() == [[0, 0], [1, 0]]
    assert wheel.sources["unknown"] == 0.5


def batch_sums(built, replications, plan):
    """Return the sums over some replications: those of 32,000, of which 32 in a row are one batch."""
    return summed([*sums_by_batch(built, 0, replications, 32_000, plan).batches.values()])


def same(one, other):
    return all(
        np.array_equal(mine, yours)
        for name in ("parents", "answers", "sources")
        for mine, yours in zip(getattr(one, name), getattr(other, name), strict=True)
    )


def test_sums_add_to_the_same_bits_however_the_replications_are_divided():
    data = duel()
    data["actors"]["target"]["policy"]["reciprocity"] = 0.8
    data["instruments"]["listing"]["severity"] = 3.1
    built, replications = ensemble(data, 24)
    plan = Plan(60.0, (span("a half", 0, 180),))
    whole = batch_sums(built, replications, plan)
    alone = [batch_sums(built, [one], plan) for one in replications]
    backwards = alone[-1]
    for one in alone[-2::-1]:
        backwards = pickle.loads(pickle.dumps(backwards)) + one
    assert same(whole, backwards)
    assert same(whole, batch_sums(built, replications[:7], plan) + batch_sums(built, replications[7:], plan))
    for name in ("replications", "late", "late_shocks", "acts", "outside", "pairs", "pairs_outside"):
        assert getattr(whole, name) == getattr(backwards, name)
    with pytest.raises(ValueError, match="different plans"):
        whole + batch_sums(built, replications, WEEKS)


def test_batches_depend_on_the_number_of_replications_alone_and_are_a_thousand_at_most():
    assert [batch_of(r, 1000) for r in (0, 1, 999)] == [0, 1, 999]
    batches = [batch_of(r, 4096) for r in range(4096)]
    assert batches == sorted(batches)
    assert len(set(batches)) <= 1000
    assert set(np.bincount(batches)[:-1]) == {5}


def test_chunks_of_any_size_give_the_same_batches_and_the_same_interval():
    built, replications = ensemble(hazards(DUEL, shocks=4), 60)

    def gathered(size):
        chunks = [
            sums_by_batch(built, first, replications[first : first + size], 1500, WEEKS)
            for first in reversed(range(0, 60, size))
        ]
        for more in chunks[1:]:
            chunks[0].add(more)
        return chunks[0]

    small, large = gathered(7), gathered(32)
    assert [batch.replications for batch in small.values()] == [2] * 30
    assert all(same(small[number], large[number]) for number in small)
    assert estimate(small, built).model_dump(mode="json") == estimate(large, built).model_dump(mode="json")


def test_failed_replications_are_left_out():
    built, replications = ensemble(ping_pong(), 1)
    failed = Replication(FAILED, "no", np.array([]), {}, {})
    assert same(batch_sums(built, [failed, *replications], WEEKS), batch_sums(built, replications, WEEKS))
    assert batch_sums(built, [failed], WEEKS).replications == 0


def test_an_ensemble_without_acts_says_so_and_is_one_document():
    built, replications = ensemble(hazards(DUEL, shocks=0), 30)
    wheel = flywheel(built, replications, WEEKS)
    assert wheel.counted.R.value is None
    assert sentence(wheel).startswith("No hostile act")
    assert wheel.counted == reading(0)
    assert wheel.counted.verdict == "cannot be told"
    assert wheel.endogenous is None
    assert Flywheel.model_validate_json(wheel.model_dump_json()) == wheel


def test_the_sentence_names_the_number_its_interval_and_the_window(growing):
    wheel = flywheel(*growing, WEEKS)
    R, low, high = (f"{value:.2f}" for value in ends(wheel.counted))
    assert sentence(wheel) == (
        f"To each hostile act, {R} [{low}, {high}]* further ones are attributed within 20 days:"
        " the flywheel feeds itself."
    )
    quiet = flywheel(*ensemble(hazards(DUEL, shocks=40), 40), WEEKS)
    assert sentence(quiet).endswith(": the flywheel turns, but does not feed itself.")


def test_the_verdict_counts_the_answers_that_come_after_the_window(growing):
    """True R 1.2; lags of exp(0.3 z) * 6 days: at 7 days about 30% come later."""
    wheel = flywheel(*growing, Plan(7.0))
    assert wheel.late > 0.1
    assert wheel.counted.R.high < 1
    assert wheel.counted.eventual.low < 1.2 < wheel.counted.eventual.high
    assert (wheel.counted.verdict, wheel.weighted.verdict) == ("feeds itself", "feeds itself")
    near, far = (
        f"{of.value:.2f} [{of.low:.2f}, {of.high:.2f}]*" for of in (wheel.counted.R, wheel.counted.eventual)
    )
    assert sentence(wheel) == (
        f"To each hostile act, at least {near} further ones are attributed within 7 days, {far} with the"
        " answers that come later: the flywheel feeds itself."
    )


def test_where_many_answers_come_after_the_window_it_is_not_said_not_to_feed_itself():
    wheel = flywheel(*ensemble(hazards(DUEL, shocks=40), 40), Plan(3.0))
    assert wheel.late > 0.1
    assert wheel.counted.eventual.high < 1
    assert wheel.counted.verdict == "cannot be told"
    said = f"{wheel.late:.0%} of the answers to acts come later than that, so whether the flywheel"
    assert sentence(wheel).endswith(f"{said} feeds itself cannot be told.")


def test_answers_to_shocks_that_come_late_are_not_among_the_answers_to_acts():
    data = hazards({"a": {"a": 0.5}, "b": {"b": 0.0}}, shocks=60, lag=5, spread=0)
    data["actors"]["b"]["institution"] = data["actors"]["b"].get("institution", {})
    wheel = flywheel(*ensemble(data, 40), Plan(4.99))
    # no act is answered twice here: b answers shocks, a answers b, each after five days
    assert wheel.late == 1
    assert wheel.acts_per_shock is None
    on_time = flywheel(*ensemble(data, 40), Plan(5.0))
    assert on_time.late == 0
    assert on_time.acts_per_outside_act == pytest.approx(1.5, abs=0.1)


def test_where_few_answers_come_after_the_window_the_verdict_stands():
    built, replications = ensemble(hazards(DUEL, shocks=40), 40)
    # 3 days * exp(0.3 * 1.7)
    wheel = flywheel(built, replications, Plan(5.0))
    assert 0.01 < wheel.late < 0.1
    assert wheel.counted.verdict == "does not feed itself"
    cut = flywheel(built, replications, Plan(5.0, cut=True))
    assert cut.counted.R == wheel.counted.R
    assert cut.counted.verdict == "cannot be told"
    assert "answers may come later than that, which the run is too short to follow, so" in sentence(cut)


def test_what_feeds_itself_even_without_the_late_answers_is_said_to(growing):
    wheel = flywheel(*growing, Plan(WEEKS.window, cut=True))
    assert sentence(wheel).endswith(": the flywheel feeds itself.")
    assert sentence(wheel).startswith("To each hostile act, at least 1.")


def test_answers_that_all_come_late_are_no_standstill():
    wheel = flywheel(*ensemble(ping_pong(), 1), Plan(4.99))
    assert sentence(wheel) == (
        "To each hostile act, at least 0.00 further ones are attributed within 4.99 days: 100% of the answers"
        " to acts come later than that, so whether the flywheel feeds itself cannot be told."
    )


def test_a_part_of_the_time_in_which_it_fed_itself_is_named(growing):
    spans = (span("2021-01-01 to 2021-03-31", 0, 30), span("2021-10-01 to 2022-02-28", 30, 400))
    wheel = flywheel(*growing, Plan(WEEKS.window, spans))
    first, other = known(500, 1.24, 1.204, 1.29), known(500, 1.24, 0.99, 1.29)
    calm = changed(
        wheel,
        counted=known(1000, 0.8, 0.7, 0.9),
        spans=(
            SpanReading(span=spans[0], counted=first, weighted=first),
            SpanReading(span=spans[1], counted=other, weighted=first),
        ),
    )
    said = " on the whole; in Jan–Mar 2021 it did: 1.24 [1.20, 1.29]."
    assert sentence(calm).endswith(": the flywheel turns, but does not feed itself" + said)
    unsure = changed(calm, counted=known(1000, 1.02, 0.98, 1.06))
    said = ": whether the flywheel feeds itself on the whole cannot be told; in Jan–Mar 2021 it did: 1.24"
    assert said in sentence(unsure)
    cut = changed(calm, counted=known(1000, 1.02, 0.98, 1.06, late=True), window_cut=True)
    assert sentence(cut).endswith("so whether the flywheel feeds itself cannot be told.")
    both = changed(calm, spans=tuple(SpanReading(span=one, counted=first, weighted=first) for one in spans))
    assert "it did: 1.24 [1.20, 1.29], in Oct 2021 – Feb 2022: 1.24" in sentence(both)
    assert "it did" not in sentence(wheel)


def test_as_plain_values_it_keeps_the_matrix_under_the_names_of_the_dyads(growing):
    wheel = flywheel(*growing, WEEKS)
    document = json.loads(wheel.model_dump_json())
    assert document["schema_version"] == 3
    assert [dyad["name"] for dyad in document["dyads"]] == ["a.b", "a.c", "b.a", "b.c", "c.a", "c.b"]
    assert np.array_equal(document["answers"], wheel.K)
    assert document["window"] == 20
    assert Flywheel.model_validate_json(wheel.model_dump_json()) == wheel
    cut = flywheel(*growing, Plan(7.0, cut=True))
    again = Flywheel.model_validate_json(cut.model_dump_json())
    assert (again, again.window_cut, again.counted) == (cut, True, cut.counted)
    assert sum(link["carries"] for link in document["links"]) <= 1 + 1e-9
