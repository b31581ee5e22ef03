"""`--set PATH=VALUE` and `--until DATE`: small changes from outside, checked like the file itself."""

from datetime import date

import pytest

from escalation.errors import ScenarioError
from escalation.scenario.load import load_text
from tests.scenario.texts import VALID


def changed(*sets, until=None):
    return load_text(VALID, sets=sets, until=until)


def problems(*sets, until=None):
    with pytest.raises(ScenarioError) as caught:
        changed(*sets, until=until)
    return [str(problem) for problem in caught.value.problems]


def test_setting_a_number_keeps_its_unit_and_credits_the_option_with_the_value():
    number = changed("actors.eu.policy.reciprocity=0.9").actors["eu"].policy.reciprocity
    assert (number.value, number.unit, number.source) == (0.9, "severity per grievance", "--set")


def test_setting_a_distribution_replaces_the_value():
    for text in ("={uniform: [0, 1]}", ".uniform=[0, 1]"):
        number = changed(f"actors.eu.policy.reciprocity{text}").actors["eu"].policy.reciprocity
        assert (number.value, number.uniform, number.source) == (None, (0, 1), "--set")


def test_setting_a_number_that_the_file_does_not_mention_works_on_the_default():
    poland = changed("actors.poland.sensitivities.half_life=90").actors["poland"]
    assert poland.sensitivities.half_life.value == 90


def test_setting_a_parameter_of_a_policy_in_one_line_keeps_the_others():
    assert changed("actors.belarus.policy.fear=2").actors["belarus"].policy.canonical() == (
        "graduated(reciprocity=0.8, fear=2)"
    )


def test_setting_a_policy_in_one_line_replaces_it_and_a_later_override_builds_on_it():
    scenario = changed("actors.belarus.policy=hardline", "actors.belarus.policy.fear=2")
    assert scenario.actors["belarus"].policy.canonical() == "hardline(fear=2)"


def test_the_later_override_wins():
    assert changed("title=One", "title=Two").title == "Two"


def test_null_removes_an_entry():
    assert "crackdown" not in changed("shocks.crackdown=null").shocks


def test_a_dyad_that_the_file_leaves_out_can_be_set():
    dyads = changed("dyads.poland.belarus.exposure=0.3").dyads
    assert dyads["poland"]["belarus"].exposure.nominal == 0.3


def test_a_whole_entry_can_be_added():
    shock = "{label: x, date: 2021-05-23, blamed: belarus, magnitude: 6, salience: {eu: 1}}"
    assert changed(f"shocks.landing={shock}").shocks["landing"].date == date(2021, 5, 23)


def test_the_catalogue_can_be_chosen():
    assert len(changed("catalogue=standard").instruments) > 20


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            "actors.ue.policy.fear=1",
            ", character 8: actors.ue: unknown name 'ue'; one of eu, poland, belarus, russia",
        ),
        (
            "actors.eu.polcy.fear=1",
            ", character 11: actors.eu.polcy: unknown name 'polcy'; one of name, members",
        ),
        ("actors.eu.policy.feer=1", ", character 18: actors.eu.policy.feer: unknown name 'feer'; "),
        (
            "actors.eu.policy.fear.x.y=1",
            ", character 23: actors.eu.policy.fear.x: unknown name 'x'; one of value",
        ),
        ("actors.eu.name.x=1", ", character 16: actors.eu.name.x: actors.eu.name has nothing inside"),
        (
            "actors.eu.policy.fear=much",
            ", character 23: actors.eu.policy.fear: the text 'much'; a number, 0 to 1,",
        ),
        (
            "actors.eu.policy.more=2",
            ", character 23: actors.eu.policy.more: 2 is out of range; allowed is 0 to 1",
        ),
        ("actors.eu.policy=hardlin", ", character 18: actors.eu.policy.preset: unknown value 'hardlin'"),
        ("actors.eu.policy=hardline(feer=1)", ", character 27: actors.eu.policy.feer: unknown key"),
        ("actors.eu.members.polnd=0.5", ": actors.eu.members.polnd: no actor of the name 'polnd'"),
        ("actors.eu.policy.fear=.nan", ", character 23: actors.eu.policy.fear: .nan is not a finite number"),
        ("actors.eu.policy.fear=[1", ", character 25: actors.eu.policy.fear: YAML syntax"),
        ("actors.uk=null", ", character 11: actors.uk: nothing; a mapping"),
        ("actors.eu.policy.fear", ": this is not PATH=VALUE; as in"),
        ("actors..fear=1", ": this is not PATH=VALUE; as in"),
        ("=1", ": this is not PATH=VALUE; as in"),
        ("actors.eu.policy.fear=", ": actors.eu.policy.fear: no value"),
        ("extends=shipped:minimal", ": extends: what a file extends cannot be overridden"),
        ("catalogue=standart", ", character 11: catalogue: no catalogue of the name 'standart'"),
        ("end=2020-02-31", ", character 5: end: 2020-02-31 is not a day of the calendar"),
        ("catalogue=[standard]", ", character 11: catalogue: this is no name"),
    ],
)
def test_a_wrong_override_is_refused_with_its_own_text_as_the_place(text, error):
    first = problems(text)[0]
    assert first.startswith(f"--set {text}{error}")


def test_in_a_value_of_several_lines_characters_are_counted_through():
    text = "actors.eu={name: x,\nfoo: 1}"
    assert problems(text)[0].startswith(f"--set {text}, character 21: actors.eu.foo: unknown key")


def test_a_wrong_name_gets_the_nearest_right_one():
    assert "(did you mean belarus?)" in problems("actors.belaurs.policy.fear=1")[0]
    assert "(did you mean fear?)" in problems("actors.eu.policy.feer=1")[0]


def test_mistakes_in_several_overrides_and_the_file_come_together():
    with pytest.raises(ScenarioError) as caught:
        load_text(VALID.replace("rate: 2.0", "rate: -2"), sets=["title=", "actors.x.y=1"])
    files = [problem.file for problem in caught.value.problems]
    assert files == ["<text>", "--set actors.x.y=1", "--set title="]


def test_until_moves_the_end_and_drops_what_lies_beyond():
    scenario = changed(until=date(2020, 12, 1))
    assert scenario.end == date(2020, 12, 1)
    assert scenario.outcomes.tension_at == ()
    assert scenario.outcomes.answer == ("package_days.eu", "first.eu.trade_ban")
    assert list(scenario.shocks) == ["election", "crackdown"]


def test_until_drops_shocks_on_or_after_the_new_end():
    shock = "shocks.landing={label: x, date: 2020-12-01, blamed: belarus, magnitude: 6, salience: {eu: 1}}"
    assert "landing" in changed(shock, until=date(2020, 12, 2)).shocks
    assert "landing" not in changed(shock, until=date(2020, 12, 1)).shocks


def test_until_drops_late_scripted_acts_of_their_own_actor_alone():
    act = "{{date: {}, target: {}, instrument: protest}}"
    late = "actors.eu.policy={kind: scripted, acts: {same: " + act.format("2020-12-20", "belarus") + "}}"
    early = "actors.belarus.policy={kind: scripted, acts: {same: " + act.format("2020-11-01", "eu") + "}}"
    actors = changed(late, early, until=date(2020, 12, 1)).actors
    assert (list(actors["eu"].policy.acts), list(actors["belarus"].policy.acts)) == ([], ["same"])


def test_until_may_lie_beyond_the_end():
    assert changed(until=date(2022, 1, 1)).end == date(2022, 1, 1)


def test_until_before_the_model_takes_over_is_refused_with_the_option_and_the_day_it_must_follow():
    said = "end: {} is not after simulate_from, the first day that is simulated; "
    said += "allowed are days after 2020-10-03"
    for day in date(2020, 9, 1), date(2020, 10, 3):
        assert problems(until=day) == [f"--until {day}: {said.format(day)}"]
    assert problems("end=2020-09-01") == [f"--set end=2020-09-01, character 5: {said.format('2020-09-01')}"]


def test_until_before_the_start_names_the_option():
    first = problems(until=date(2020, 1, 1))[0]
    assert first.startswith("--until 2020-01-01: end: 2020-01-01 is not after simulate_from")
