"""One replication without an act or with one more, and the average effect over many."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escalation import api
from escalation.clocks.choice import clock_for
from escalation.errors import InputError
from escalation.model.compile import compile_scenario
from escalation.model.intervene import ANY, EVERY, Strike, intervened
from escalation.present.page import as_markdown
from escalation.present.whatif import page
from escalation.scenario.base import FAMILIES
from escalation.scenario.load import load
from escalation.study.execution import Request
from escalation.study.finished import Finished
from escalation.study.story.causes import attributed, attributed_acts
from escalation.study.story.model import FORCED, SHOCK, SIMULATED, Act
from escalation.study.story.replay import explain
from escalation.study.whatif.average import AverageEffect, direct_effects
from escalation.study.whatif.intervention import compiled
from escalation.study.whatif.replication import Counterfactual, counterfactual, paired
from tests.cli.conftest import lively

SHORT = Request(until=date(2021, 3, 1))
SCENARIO = load("belarus_2020", until=date(2021, 3, 1))
WORLD = compile_scenario(SCENARIO)
ACTORS, INSTRUMENTS = WORLD.names.actors, WORLD.names.instruments
MINIMAL = load("minimal", ["actors.us.policy=hardline"])


def strike(text: str) -> Strike:
    return compiled(SCENARIO, WORLD, [text], []).strikes[0]


def wrong(text: str, option: str = "without") -> str:
    with pytest.raises(InputError) as caught:
        compiled(SCENARIO, WORLD, *([[text], []] if option == "without" else [[], [text]]))
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("first eu head_of_state_listing", (1, "eu", None, "head_of_state_listing", None)),
        ("the second act by belarus against poland", (2, "belarus", "poland", None, None)),
        ("3rd us", (3, "us", None, None, None)),
        ("EVERY belarus diplomatic", (EVERY, "belarus", None, None, "diplomatic")),
        ("belarus diplomatic eu", (EVERY, "belarus", "eu", None, "diplomatic")),
        ("12th any hostile", (12, None, None, None, "hostile")),
    ],
)
def test_an_act_is_named_by_a_pattern(text: str, meant: tuple[int, str, str, str, str]) -> None:
    ordinal, actor, target, instrument, family = meant
    families = (*FAMILIES, "hostile")
    assert strike(text) == Strike(
        ordinal,
        ACTORS.index(actor) if actor else ANY,
        ACTORS.index(target) if target else ANY,
        INSTRUMENTS.index(instrument) if instrument else ANY,
        families.index(family) if family else ANY,
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("first eu hed_of_state_listing", "did you mean head_of_state_listing?"),
        ("first euu", "euu: is no actor"),
        ("first", "names no actor"),
        ("", "names no actor"),
        ("last eu", "not known before the end"),
        ("first eu hostile belarus now", "now: is one word too many"),
        ("first eu hostile nobody", "nobody: is no actor; allowed are belarus, "),
        ("first belarus head_of_state_listing", "belarus has no such instrument; it has "),
        ("37", "say which with --replication"),
        ("crackdwn", "did you mean crackdown?"),
        ("crackdown", "came on 2020-08-12 and is history; what comes from 2020-10-03 on can be taken out"),
        ("new_crackdown belarus", "belarus: is one word too many; after a shock stands nothing"),
    ],
)
def test_a_pattern_that_says_nothing_is_answered_with_what_is_allowed(text: str, words: str) -> None:
    message = wrong(text)
    assert message.startswith(f"without {text!r}" if text != "37" else "without 37")
    assert words in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2020-11-02 eu", "has 2 words; write DATE ACTOR INSTRUMENT TARGET [SIZE]"),
        ("soon eu head_of_state_listing belarus", "soon: is not a date"),
        ("2019-11-02 eu head_of_state_listing belarus", "allowed is 2020-10-03 to the day before 2021-03-01"),
        ("2021-03-01 eu head_of_state_listing belarus", "lies outside the simulated time"),
        ("2020-11-02 eu head_of_stat_listing belarus", "did you mean head_of_state_listing?"),
        ("2020-11-02 eu head_of_state_listing eu", "acts against itself"),
        ("2020-11-02 eu entity_listing belarus many", "many: is not a size"),
        ("2020-11-02 eu entity_listing belarus 0", "0: is not a size"),
        ("2020-11-02 eu head_of_state_listing belarus 7", "head_of_state_listing has no size"),
    ],
)
def test_a_forced_act_that_cannot_be_is_answered_too(text: str, words: str) -> None:
    assert words in wrong(text, "force")


def test_saying_nothing_at_all_is_an_error() -> None:
    with pytest.raises(InputError, match="neither without nor force"):
        compiled(SCENARIO, WORLD, [], [])


def test_every_act_of_one_replication_can_be_taken_out_by_its_number() -> None:
    story = lively()
    for act in story.simulated[:6]:
        found = counterfactual("minimal", story.origin.replication, [str(act.row)], [])
        assert found.struck == (act.row,)
        (taken,) = found.after.struck
        assert (taken.time, taken.actor, taken.instrument) == (act.time, act.actor, act.instrument)
        assert [one.row for one in found.before.acts if one.time < act.time] == [
            one.row for one in found.after.acts if one.time < act.time
        ]


@pytest.mark.parametrize("row", ["0", "99999"])
def test_what_is_no_decided_act_cannot_be_taken_out(row: str) -> None:
    with pytest.raises(
        InputError,
        match=f"without {row}: is no act decided in this replication, and no shock of it; allowed are",
    ):
        counterfactual("minimal", 0, [row], [])


def test_a_shock_is_taken_out_by_its_name_its_label_or_its_number_and_what_answers_it_parts() -> None:
    label = SCENARIO.shocks["new_crackdown"].label
    assert strike("new_crackdown") == strike(f"every {label}") == Strike(EVERY, shock=3)
    stories = (explain("belarus_2020", number, SHORT) for number in range(30))
    story, shock = next(
        (story, act) for story in stories for act in story.acts
        if act.origin == SHOCK and act.instrument == "new_crackdown"
    )  # fmt: skip
    number = story.origin.replication
    change = counterfactual("belarus_2020", number, [str(shock.row)], [], SHORT)
    assert change.struck == (shock.row,)
    assert change.intervention.without[0].shock == "new_crackdown"
    assert change.attributed > 0
    assert "Taken out: “" in as_markdown(page(change))


def test_without_a_shock_the_world_is_that_of_a_scenario_that_has_not_got_it() -> None:
    never = compile_scenario(load("belarus_2020", ["shocks.new_crackdown=null"], until=date(2021, 3, 1)))
    struck = compiled(SCENARIO, WORLD, ["new_crackdown"], []).alter(WORLD)
    for number in range(6):
        one, two = (clock_for(each, "simpy", 1)[1](each, 1, number) for each in (struck, never))
        assert np.array_equal(one.outcomes, two.outcomes, equal_nan=True)


def test_every_act_of_both_stories_has_one_fate() -> None:
    found = counterfactual("belarus_2020", 3, ["first eu head_of_state_listing"], [], SHORT)
    before = [change.before.row for change in found.changes if change.before]
    after = [change.after.row for change in found.changes if change.after]
    assert sorted(before) == [act.row for act in found.before.simulated]
    assert sorted(after) == [act.row for act in found.after.simulated]
    assert len(found.of("struck")) == 1
    for change in found.of("stays"):
        assert change.before
        assert change.after
        assert (change.before.time, change.before.size) == (change.after.time, change.after.size)
    gone = sum(one.act.counted for one in found.of("gone"))
    new = sum(one.act.counted for one in found.of("new"))
    hostile = [sum(act.counted for act in story.simulated) for story in (found.before, found.after)]
    assert hostile[0] - hostile[1] == gone - new + 1
    assert found.vanished == gone - new


def solved(rows: int, links: list[tuple[int, int, float]], roots: set[int]) -> np.ndarray:
    """Return the attribution as the solution of linear equations, float64[rows]."""
    shares = np.zeros((rows, rows))
    for row, cause, share in links:
        shares[row, cause] += 0.0 if row in roots else share
    return np.linalg.solve(np.eye(rows) - shares, [float(row in roots) for row in range(rows)])


@st.composite
def logs(draw: st.DrawFn) -> tuple[int, list[tuple[int, int, float]], set[int]]:
    rows = draw(st.integers(2, 12))
    links = [
        (row, cause, draw(st.floats(0, 1)) / row) for row in range(rows) for cause in range(row)
        if draw(st.booleans())
    ]  # fmt: skip
    return rows, links, draw(st.sets(st.integers(0, rows - 1), min_size=1, max_size=3))


@given(logs())
@settings(deadline=None)
def test_attribution_solves_the_equations_of_the_shares(log) -> None:
    rows, links, roots = log
    parts = attributed(rows, links, roots)
    assert parts == pytest.approx(solved(rows, links, roots), abs=1e-12)
    hostile = np.arange(rows) % 2 == 0
    through = [one for one in links if one[1] in roots or hostile[one[1]]]
    assert attributed(rows, links, roots, hostile) == pytest.approx(solved(rows, through, roots), abs=1e-12)


@pytest.mark.parametrize("row", range(6))
def test_whatif_and_the_tree_attribute_the_same_to_one_act(row: int) -> None:
    story = explain("belarus_2020", 3, SHORT)
    act = [act for act in story.simulated if act.counted][row]
    found = counterfactual("belarus_2020", 3, [str(act.row)], [], SHORT)
    links = [(one.row, share.cause, share.share) for one in story.acts for share in one.shares]
    parts = solved(len(story.acts), links, {act.row})
    whole = sum(parts[one.row] for one in story.simulated if one.counted and one != act)
    assert found.attributed == pytest.approx(whole, abs=1e-12)
    assert found.attributed == attributed_acts(story, {act.row})
    for change in found.changes:
        if change.before:
            assert change.attributed == pytest.approx(parts[change.before.row], abs=1e-12)


def test_nothing_is_taken_out_where_there_was_no_such_act() -> None:
    found = counterfactual("minimal", 0, ["500th us"], [])
    assert found.nothing
    assert found.before.outcomes == found.after.outcomes
    assert all(change.fate == "stays" for change in found.changes)
    assert found.outcomes == ()


def test_a_forced_act_stands_in_the_other_story_with_what_answers_it() -> None:
    found = counterfactual("minimal", 2, [], ["2020-10-20 eu trade_ban belarus"])
    (put,) = found.of("forced")
    assert put.after
    assert put.after.origin == FORCED
    assert put.after.day == date(2020, 10, 20)
    assert not found.nothing
    answers = [change for change in found.of("new") if change.attributed > 0]
    assert answers
    assert found.after.simulated
    assert all(act.origin == SIMULATED for act in found.after.simulated)


def test_what_was_decided_and_struck_is_still_a_decision() -> None:
    found = counterfactual("belarus_2020", 3, ["every eu"], [], SHORT)
    assert len(found.after.struck) > 2
    decided = [one for one in found.after.decisions if one.actor == "eu" and not one.refrained]
    told = [one for decision in decided for one in decision.struck]
    assert sorted(told, key=lambda one: one.time) == sorted(found.after.struck, key=lambda one: one.time)
    assert all(decision.choices or decision.spoken for decision in decided)


def test_the_document_of_one_replication_is_plain_json() -> None:
    found = counterfactual("minimal", lively().origin.replication, ["first us"], [])
    document = json.loads(found.model_dump_json())
    assert (document["kind"], document["schema_version"]) == ("counterfactual", Counterfactual.version)
    assert document["intervention"]["without"] == [
        {"ordinal": 1, "actor": "us", "target": None, "instrument": None, "family": None, "shock": None}
    ]
    assert Counterfactual.model_validate_json(found.model_dump_json()) == found
    assert {change["fate"] for change in document["changes"]} >= {"struck"}


def _act(row: int, time: float, instrument: str) -> Act:
    return Act(
        row=row, origin=SIMULATED, time=time, day=date(2021, 1, 1), actor="a", target="b",
        instrument=instrument, label=instrument, family="economic", severity=1.0, counted=True, size=None,
        unit=None, package=None, parent=None, shares=(), probability=None, in_force=None, lapsed=None,
    )  # fmt: skip


LOGS = st.lists(st.tuples(st.integers(0, 200), st.sampled_from("xyz")), max_size=12)


@given(LOGS, LOGS)
@settings(max_examples=200, deadline=None)
def test_pairing_two_logs_uses_every_act_once_and_never_pairs_what_is_unlike(one, other) -> None:
    mine, theirs = (
        [_act(row, float(time), what) for row, (time, what) in enumerate(sorted(log))] for log in (one, other)
    )
    pairs = paired(mine, theirs)
    assert sorted(act.row for act, _ in pairs if act) == list(range(len(mine)))
    assert sorted(act.row for _, act in pairs if act) == list(range(len(theirs)))
    for first, second in pairs:
        if first and second:
            assert first.instrument == second.instrument
            assert abs(first.time - second.time) <= 60
    assert [pair for pair in paired(mine, mine) if None in pair] == []


@pytest.fixture(scope="module")
def plain() -> Finished:
    return api.run(MINIMAL, 120, clock="simpy")


@pytest.fixture(scope="module")
def found() -> AverageEffect:
    return api.average_whatif(MINIMAL, ["first us hostile"], replications=120, clock="simpy")


def altered(text: str, replications: int) -> tuple[np.ndarray, np.ndarray]:
    """Return hostile acts of the US in a world with an act struck, and how many were, by replication."""
    world = compile_scenario(MINIMAL)
    strikes = compiled(MINIMAL, world, [text], []).strikes
    clock = clock_for(world, "simpy", replications)[1]
    played = [clock(intervened(world, strikes), 1, number) for number in range(replications)]
    column = [outcome.name for outcome in world.outcomes].index("acts.us")
    return np.array([one.outcomes[column] for one in played]), np.array([one.struck for one in played])


def test_the_average_effect_is_the_mean_difference_of_replications_with_themselves(
    found: AverageEffect, plain: Finished
) -> None:
    after, struck = altered("first us hostile", 120)
    before = plain.columns(["acts.us"])["acts.us"]
    us = found.contrast.find("acts.us")
    assert us.difference.value == pytest.approx((after - before).mean())
    assert (us.baseline.value, us.n) == (pytest.approx(before.mean()), 120)
    assert us.sure
    assert (found.unaffected, found.struck) == ((struck == 0).sum(), struck.sum())
    assert 0 < found.unaffected < 120
    assert np.array_equal(before[struck == 0], after[struck == 0])
    assert us.p_exceeds.value + us.p_equal <= 1
    assert us.p_equal == pytest.approx((before == after).mean())


def test_the_two_are_compared_in_pairs_as_any_two_runs_are(found: AverageEffect, plain: Finished) -> None:
    assert found.contrast.paired
    assert (found.pairs, found.contrast.dropped) == (120, 0)
    R = found.contrast.find("flywheel.R")
    assert plain.summary.flywheel
    assert R.baseline.value == pytest.approx(plain.summary.flywheel.counted.R.value)
    assert R.difference.low < R.difference.value < R.difference.high
    assert found.comparison.adjustment == "holm"
    assert [side.name for side in found.comparison.sides] == ["as it is", "altered"]


def test_the_acts_taken_out_are_missing_touched_outcomes(found: AverageEffect) -> None:
    assert found.direct.hostile_acts == {"us": -found.struck / 120}
    assert found.direct.first_uses == ()


@pytest.mark.parametrize(
    ("without", "force", "uses", "acts"),
    [
        (["first eu head_of_state_listing"], [], ["eu.head_of_state_listing"], {"eu"}),
        (["second eu head_of_state_listing"], [], [], {"eu"}),
        (["first any airspace_ban"], [], ["eu.airspace_ban", "uk.airspace_ban"], set()),
        (["first eu verbal"], [], [], set()),
        (["every eu head_of_state_listing"], [], ["eu.head_of_state_listing"], set()),
        (["first eu hostile", "first us hostile"], [], [], set()),
        (
            [],
            ["2020-11-02 eu airspace_ban belarus", "2020-11-03 eu airspace_ban belarus"],
            ["eu.airspace_ban"],
            {"eu"},
        ),
        (["first us hostile"], ["2020-11-02 eu airspace_ban belarus"], ["eu.airspace_ban"], set()),
    ],
)
def test_what_differs_by_construction_is_said_where_it_can_be(
    without: list[str], force: list[str], uses: list[str], acts: set[str]
) -> None:
    found = api.average_whatif("belarus_2020", without, force, 6, until=date(2021, 3, 1), clock="simpy")
    assert list(found.direct.first_uses) == [f"first.{use}" for use in uses]
    assert set(found.direct.hostile_acts) == acts
    if not without:
        assert found.direct.hostile_acts == {"eu": 2.0}


def test_what_can_happen_no_longer_is_by_construction_and_is_exactly_nought() -> None:
    found = api.average_whatif("belarus_2020", ["every eu hostile"], [], 12, clock="simpy")
    rows = {(one.name, one.statistic): one for one in found.contrast.differences}
    gone = {name for name, measure in rows if name in found.direct.impossible}
    assert {"acts.eu", "package_days.eu", "names_listed.eu", "first.eu.head_of_state_listing"} <= gone
    assert gone < set(found.direct.outcomes)
    assert {name.split(".")[1] for name in found.direct.outcomes} == {"eu"}
    for (name, measure), one in rows.items():
        if name in gone and measure != "restricted_mean":
            assert one.other.value == 0.0
    assert "peak_rung.eu.belarus" in found.direct.outcomes
    assert "peak_rung.eu.belarus" not in gone


@pytest.mark.parametrize(
    ("without", "force", "own", "gone"),
    [
        (["every eu hostile poland"], [], [], ["acts.eu"]),
        (["every eu entity_listing"], [], ["acts.eu.individual", "acts.eu"], ["acts.eu.economic"]),
        (["every eu individual"], [], ["acts.eu"], []),
        (["first eu individual"], [], ["acts.eu.individual", "names_listed.eu"], []),
        ([], ["2020-11-02 eu swift_cut belarus"], ["acts.eu.financial", "peak_rung.eu.belarus"], []),
        (["every belarus conciliatory"], [], ["concession.belarus", "acts.belarus.conciliatory"], []),
    ],
)
def test_outcomes_that_count_what_is_taken_out_or_put_in_differ_touched_outcomes(
    without: list[str], force: list[str], own: list[str], gone: list[str]
) -> None:
    found = direct_effects(compiled(SCENARIO, WORLD, without, force), WORLD, struck=0.0)
    assert set(own) <= set(found.outcomes)
    assert not set(gone) & set(found.impossible)
    assert not [name for name in found.outcomes if name.startswith(("tension", "pressure", "cost"))]


def test_every_question_about_acts_is_adjusted_with_those_of_the_scenario(found: AverageEffect) -> None:
    rows = [one for one in found.contrast.differences if not one.equal]
    assert {"acts.us", "acts.belarus", "package_days.us"} <= {one.name for one in rows if one.question}
    assert found.comparison.questions == sum(one.question for one in rows)


def test_an_act_that_its_actor_never_has_is_put_in_and_remarked() -> None:
    force = ["2020-11-02 canada swift_cut poland", "2020-11-02 eu head_of_state_listing belarus"]
    usual = [False, True]
    assert [act.usual for act in compiled(SCENARIO, WORLD, [], force).part.force] == usual
    assert [act.usual for act in counterfactual("belarus_2020", 0, [], force).intervention.force] == usual
    average = api.average_whatif("belarus_2020", [], force[:1], 2, clock="simpy", until=date(2021, 1, 1))
    assert [act.usual for act in average.intervention.force] == [False]


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("first European Union head_of_state_listing", "first eu head_of_state_listing"),
        ("every european union Head of State Listed Belarus", "every eu head_of_state_listing belarus"),
        ("United Kingdom hostile", "uk hostile"),
        ("every eu trade ban on whole sectors", "every eu sectoral_trade_ban"),
    ],
)
def test_labels_are_understood_like_names(label: str, name: str) -> None:
    assert strike(label) == strike(name)


@pytest.mark.parametrize(
    ("text", "option", "said"),
    [
        ("frist eu hostile", "without", "did you mean first?"),
        ("2020-11-02 eu trade_ban belarus", "force", "did you mean sectoral_trade_ban?"),
        ("2020-11-02 eu trade_ban belarus", "force", "of 54 instruments the nearest: sectoral_trade_ban, "),
        ("2020-11-02 eu zzz belarus", "force", "allowed are 54 instruments, such as "),
        ("2020-11-02 eu entity_listing belarus 1e9", "force", "above 0 and below 1,000,000"),
        ("2020-11-02 eu entity_listing belarus 1000000", "force", "above 0 and below 1,000,000"),
    ],
)
def test_a_wrong_name_is_answered_with_a_few_near_ones(text: str, option: str, said: str) -> None:
    message = wrong(text, option)
    assert said in message
    assert len(message) < 300


@pytest.mark.parametrize("text", ["bananas", "first bananas", "eu bananas", "eu hostile bananas"])
def test_nonsense_is_answered_without_a_guess(text: str) -> None:
    assert "did you mean" not in wrong(text)


def test_where_nobody_does_it_all_differences_are_exactly_zero() -> None:
    found = api.average_whatif("minimal", ["900th us"], replications=12, clock="simpy")
    assert (found.unaffected, found.struck, found.contrast.identical) == (12, 0, True)
    assert {one.difference.value for one in found.contrast.differences if one.statistic != "R"} == {0.0}
    assert {(one.difference.low, one.difference.high) for one in found.contrast.differences} == {(0.0, 0.0)}
    R = found.contrast.find("flywheel.R")
    assert R.equal
    assert R.difference.value in (None, 0.0)


def test_a_stored_run_is_played_again_as_it_was_and_otherwise_it_is_said(tmp_path: Path) -> None:
    api.run("minimal", 9, seed=4, out=tmp_path / "run")
    again = api.average_whatif(tmp_path / "run", ["first us"], clock="simpy")
    assert (again.pairs, again.comparison.baseline.seed, again.matches) == (9, 4, True)
    stored = tmp_path / "run" / "scenario.yaml"
    stored.write_text(stored.read_text().replace("magnitude: 5", "magnitude: 9"))
    with pytest.raises(InputError, match=r"scenario\.yaml: was changed since the run was stored"):
        api.average_whatif(tmp_path / "run", ["first us"], clock="simpy")
    with pytest.raises(InputError, match=r"seed: .* has its own"):
        api.average_whatif(tmp_path / "run", ["first us"], seed=3)


def test_the_average_effect_is_its_document(found: AverageEffect) -> None:
    document = json.loads(found.model_dump_json())
    assert (document["kind"], document["schema_version"]) == ("whatif", AverageEffect.version)
    assert document["unaffected"] == found.unaffected
    assert AverageEffect.model_validate_json(found.model_dump_json()) == found
    direct = document["direct"]
    assert (direct["first_uses"], direct["impossible"]) == ([], [])
    assert direct["hostile_acts"] == {"us": -found.struck / 120}
    assert {"acts.us", "acts.us.individual", "package_days.us"} <= set(direct["outcomes"])


def test_the_document_says_what_of_the_scenario_was_changed() -> None:
    found = api.average_whatif(
        "minimal", ["first us"], replications=2, sets=["actors.us.policy=hardline"], until=date(2020, 12, 1)
    )
    for side in found.comparison.sides:
        assert side.overrides == ("actors.us.policy=hardline", "until=2020-12-01")
        assert side.source == "minimal"


def test_both_clocks_and_any_number_of_workers_give_one_average() -> None:
    asked = ("minimal", ["first us hostile"], ["2020-12-01 eu trade_ban belarus"], 24)
    one, other = (
        api.average_whatif(*asked, workers=workers, clock=clock)
        for workers, clock in ((1, "simpy"), (2, "compiled"))
    )
    assert one.model_dump(exclude={"run"}) == other.model_dump(exclude={"run"})
